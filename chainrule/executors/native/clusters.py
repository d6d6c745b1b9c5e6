"""Which nodes share a loop.

Elementwise nodes and reductions over the same domain become one cluster when every value that passes between them is
read at the very index at which it is made. The clusters stay in an order in which everything is made before it is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...ir import Var
from .nodes import Graph, Node, roots_read
from .sources import contiguous

_MOST = 64  # nodes of a cluster: more would only run out of registers


@dataclass(eq=False)
class Cluster:
    """Nodes that are computed together; one node alone if it is no fused one."""

    nodes: list[Node]
    depends: set[Cluster] = field(default_factory=set)

    @property
    def fused(self) -> bool:
        return self.nodes[0].fused

    @property
    def domain(self) -> tuple[int, ...]:
        return self.nodes[0].domain

    def made(self) -> Iterable[Var]:
        return (v for node in self.nodes for v in node.outputs)


def clusters_of(graph: Graph) -> list[Cluster]:
    """The clusters in an order in which they can run."""
    return _Clusters().run(graph)


class _Clusters:
    def __init__(self) -> None:
        self.order: list[Cluster] = []
        self.maker: dict[Var, Cluster] = {}
        self.readers: dict[Var, list[Cluster]] = {}

    def run(self, graph: Graph) -> list[Cluster]:
        for node in graph.nodes:
            self.add(node)
        return self.order

    def add(self, node: Node) -> None:
        roots = roots_read([node])
        new = Cluster([node], {self.maker[r] for r in roots if r in self.maker})
        self.order.append(new)
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
        if first is second or first not in self.order:
            return None
        if self.order.index(first) > self.order.index(second):
            first, second = second, first
        if not self.alike(first, second):
            return None
        at, then = self.order.index(first), self.order.index(second)
        if not any(first in c.depends for c in self.order[at + 1 : then]):
            self.order.pop(at)  # the first can wait
        elif not any(c in second.depends for c in self.order[at + 1 : then]):
            self.order.pop(then)  # the second can come earlier
            self.order[at] = second
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
        second.nodes = first.nodes + second.nodes
        second.depends = (first.depends | second.depends) - {first, second}
        for c in self.order:
            if first in c.depends:
                c.depends.remove(first)
                c.depends.add(second)
        self.maker.update(dict.fromkeys(first.made(), second))
        for root in roots_read(first.nodes):
            readers = self.readers[root]
            self.readers[root] = list(dict.fromkeys(second if c is first else c for c in readers))
        return second
