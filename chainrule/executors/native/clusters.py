"""Which nodes share a loop.

Elementwise nodes and reductions over the same domain become one cluster when every value that passes between them is
read at the very index at which it is made. The clusters stay in an order in which everything is made before it is read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ...ir import Var
from .nodes import Graph, Node, roots_read
from .sources import contiguous

_MOST = 64  # nodes of a cluster: more would only run out of registers
GONE = -1  # the rank of a cluster that another one has taken


class CutLoop(NamedTuple):
    """One of the loops of a cluster (a number) cut into pieces of so many rounds; a loop over them goes around all."""

    loop: int
    rounds: int
    pieces: int


@dataclass(eq=False)
class Cluster:
    """Nodes that are computed together; one node alone if it is no fused one.

    The nodes of a stage share a loop. Where there are several stages, they follow one another in every round of the
    loops over `rows`, with which the domains of all of them begin.
    """

    nodes: list[Node]
    depends: set[Cluster] = field(default_factory=set, repr=False)  # each would print all others
    dependents: set[Cluster] = field(default_factory=set, repr=False)  # those that depend on it
    rank: int = 0  # they run in this order
    rows: tuple[int, ...] = ()
    starts: tuple[int, ...] = (0,)  # the numbers of the first nodes of the stages
    cut: CutLoop | None = None

    def __post_init__(self) -> None:
        self.fused, self.domain = self.nodes[0].fused, self.nodes[0].domain
        for c in self.depends:
            c.dependents.add(self)

    @property
    def stages(self) -> list[list[Node]]:
        """The nodes, stage by stage."""
        ends = (*self.starts[1:], len(self.nodes))
        return [self.nodes[first:end] for first, end in zip(self.starts, ends, strict=True)]

    def made(self) -> Iterable[Var]:
        """What it computes."""
        return (v for node in self.nodes for v in node.outputs)


def clusters_of(graph: Graph) -> list[Cluster]:
    """The clusters in an order in which they can run."""
    return _Clusters().run(graph)


def take(first: Cluster, second: Cluster) -> None:
    """The second takes the nodes of the first, and its place among the others."""
    second.nodes, first.rank = first.nodes + second.nodes, GONE
    for c in first.depends:
        c.dependents.remove(first)
    for c in first.dependents:
        c.depends.remove(first)
    second.depends |= first.depends - {second}
    second.dependents |= first.dependents - {second}
    for c in second.depends:
        c.dependents.add(second)
    for c in second.dependents:
        c.depends.add(second)


class _Clusters:
    def __init__(self) -> None:
        self.order: list[Cluster] = []
        self.ranks: list[int] = []  # of `order`
        self.count = 0
        self.maker: dict[Var, Cluster] = {}
        self.readers: dict[Var, list[Cluster]] = {}

    def run(self, graph: Graph) -> list[Cluster]:
        for node in graph.nodes:
            self.add(node)
        return self.order

    def add(self, node: Node) -> None:
        roots = roots_read([node])
        new = Cluster([node], {self.maker[r] for r in roots if r in self.maker}, rank=self.count)
        self.count += 1
        self.order.append(new)
        self.ranks.append(new.rank)
        self.maker.update(dict.fromkeys(node.outputs, new))
        others = self.candidates(node, roots) if new.fused else []
        for r in roots:
            self.readers.setdefault(r, []).append(new)
        for other in others:
            new = self.merge(other, new) or new

    def candidates(self, node: Node, roots: Iterable[Var]) -> list[Cluster]:
        """The clusters that make what the node reads, then those that read the same (for single numbers: the last)."""
        makers = [self.maker[r] for r in roots if r in self.maker]
        siblings = [c for r in roots for c in self.readers.get(r, ())[-4:]]
        numbers = [c for c in self.order[-40:-1] if c.fused and c.domain == ()] if node.domain == () else []
        return list(dict.fromkeys([*reversed(makers), *reversed(siblings), *reversed(numbers)]))

    def merge(self, first: Cluster, second: Cluster) -> Cluster | None:
        """One cluster of two, if nothing stands between them; None otherwise."""
        if first is second or first.rank == GONE:
            return None
        if first.rank > second.rank:
            first, second = second, first
        if not self.alike(first, second):
            return None
        at, then = (bisect_left(self.ranks, c.rank) for c in (first, second))
        if not any(first.rank < c.rank < second.rank for c in first.dependents):
            del self.order[at], self.ranks[at]  # the first can wait
        elif not any(first.rank < c.rank < second.rank for c in second.depends):
            del self.order[then], self.ranks[then]  # the second can come earlier
            self.order[at], second.rank = second, first.rank
        else:
            return None
        return self.unite(first, second)

    def alike(self, first: Cluster, second: Cluster) -> bool:
        if not (first.fused and second.fused) or first.domain != second.domain:
            return False
        if len(first.nodes) + len(second.nodes) > _MOST:
            return False
        made = set(first.made())
        step = contiguous(first.domain)
        for node in second.nodes:
            for s in node.sources:
                axes = [a for a, n in enumerate(s.type.shape) if n != 1]
                whole = s.root is not None and s.root.type.size == s.type.size
                if s.root in made and not (whole and s.along(axes) == step and not s.offset):
                    return False
        return True

    def unite(self, first: Cluster, second: Cluster) -> Cluster:
        """The second takes the nodes of the first."""
        take(first, second)
        self.maker.update(dict.fromkeys(first.made(), second))
        for root in roots_read(first.nodes):
            readers = self.readers[root]
            self.readers[root] = list(dict.fromkeys(second if c is first else c for c in readers))
        return second
