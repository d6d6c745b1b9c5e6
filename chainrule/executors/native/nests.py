"""The loops of a fused cluster: which axes are one loop, what is read in them, and how threads share them.

A shared loop is one along which every reduction keeps its results apart. Where there is none, or it is too short, a
loop is cut into pieces, a fixed number whatever the number of threads: each reduces on its own, and another small
cluster puts the pieces together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...ir import Equation, Params, TensorType, Var
from .clusters import Cluster, CutLoop
from .emit import SIZE, aligned
from .movement import LINE
from .nodes import REDUCTIONS, Node, roots_read
from .reductions import wide_of
from .sources import Source, contiguous, merged, whole

_SMALL = 1 << 15  # elements of a cluster that one thread may keep
_PIECES = 32
_ENOUGH = 16  # rounds of a loop that threads can share well
_BLOCK = 2048  # elements of results that stay in the first-level cache
_CHEAP = 16  # results of pieces may be this part of the elements they are made of

Loop = tuple[int, tuple[int, ...]]  # rounds, the step of every access


class Read(NamedTuple):
    """Something that a stage reads: strides along the axes of its domain."""

    root: Var | None
    strides: tuple[int, ...]
    offset: int
    literal: Any
    dtype: str


def read_of(s: Source) -> Read:
    """What a source is in a loop over its axes longer than 1."""
    strides = s.along([a for a, n in enumerate(s.type.shape) if n != 1])
    return Read(s.root, strides, s.offset, s.literal, s.type.dtype)


def kept(node: Node) -> tuple[int, ...]:
    """The strides of a reduction's result along the domain: 0 where it reduces."""
    shape, axes = node.sources[0].type.shape, node.equation.params.axes
    steps = iter(contiguous([n for a, n in enumerate(shape) if a not in axes]))
    strides = [0 if a in axes else next(steps) for a in range(len(shape))]
    return tuple(s for s, n in zip(strides, shape, strict=True) if n != 1)


class Stage:
    """Nodes that share a loop. Access 0 is what they make, then come `reads`, then the results of `sums`."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes, self.domain = nodes, nodes[0].domain
        self.made = {v for node in nodes for v in node.outputs}
        sources = [s for node in nodes for s in node.sources if s.root not in self.made]
        self.reads = list(dict.fromkeys(map(read_of, sources)))
        self.sums = [node for node in nodes if node.name in REDUCTIONS]
        self.accesses = [contiguous(self.domain), *(r.strides for r in self.reads), *map(kept, self.sums)]
        self.loops: list[Loop] = []

    def operands(self, values: Mapping[Var, Any], known: Mapping[Read, Any]) -> Iterator[tuple[Node, list[Any]]]:
        """The nodes in order, each with what it reads: of `values`, which are made meanwhile, and of what is known."""
        for node in self.nodes:
            yield node, [values[s.root] if s.root in self.made else known[read_of(s)] for s in node.sources]

    def steps(self, access: int) -> tuple[int, ...]:
        """The steps of an access, a loop each."""
        return tuple(steps[access] for _, steps in self.loops)

    def steps_of_sum(self, node: Node) -> tuple[int, ...]:
        """The steps of a reduction's result."""
        return self.steps(1 + len(self.reads) + self.sums.index(node))


def stages_of(cluster: Cluster) -> tuple[int, list[Stage]]:
    """(how many loops go around all stages, the stages with all their loops)."""
    rank, stages = len(cluster.rows), [Stage(nodes) for nodes in cluster.stages]
    outer = merged(cluster.rows, [a[:rank] for stage in stages for a in stage.accesses])
    done = 0
    for stage in stages:
        count = len(stage.accesses)
        inner = merged(stage.domain[rank:], [a[rank:] for a in stage.accesses])
        stage.loops = [(n, steps[done : done + count]) for n, steps in outer] + inner
        done += count
    return len(outer), stages


def keeps(stages: Sequence[Stage], loop: int) -> bool:
    """Whether every reduction keeps its results along a loop apart."""
    return all(stage.steps_of_sum(node)[loop] for stage in stages for node in stage.sums)


def cut_of(cluster: Cluster) -> CutLoop | None:
    """How a cluster is cut; None if its first loop can be shared, or nothing is worth it. A matter of shapes alone."""
    outer, stages = stages_of(cluster)
    size = max(math.prod(stage.domain) for stage in stages)
    loops = [n for n, _ in stages[0].loops[: outer or None]]
    if size < _SMALL or not loops:
        return None
    common = [loop for loop in range(len(loops)) if keeps(stages, loop)]
    longest = max(common, key=lambda loop: loops[loop], default=None)
    innermost = len(loops) - 1 if not outer else -1
    if 0 in common and (loops[0] >= _ENOUGH or longest == 0):
        return None
    count = min(_PIECES, loops[0])
    if 0 not in common and loops[0] >= _ENOUGH and count * _lost(stages, 0) * _CHEAP <= size:
        return _pieces(0, loops[0], innermost, count)
    if longest is not None and loops[longest] >= _ENOUGH:
        most = -(-loops[longest] // _BLOCK) if longest == innermost else 1
        return _pieces(longest, loops[longest], innermost, max(most, _PIECES))
    longest = max(range(len(loops)), key=lambda loop: loops[loop])
    return _pieces(longest, loops[longest], innermost, _PIECES)


def _lost(stages: Sequence[Stage], loop: int) -> int:
    """Elements of the results that are not kept apart along a loop."""
    lost = [node for stage in stages for node in stage.sums if not stage.steps_of_sum(node)[loop]]
    return sum(node.outputs[0].type.size for node in lost)


def _pieces(loop: int, rounds: int, innermost: int, count: int) -> CutLoop | None:
    size = -(-rounds // count)
    size = -(-size // LINE) * LINE if loop == innermost else size
    pieces = -(-rounds // size)
    return CutLoop(loop, size, pieces) if pieces > 1 else None


def cut_clusters(clusters: Sequence[Cluster]) -> list[Cluster]:
    """The clusters, large ones cut, and those that put together what pieces leave: where somebody wants it."""
    found: list[Cluster] = []
    waiting: dict[Var, Cluster] = {}
    for cluster in clusters:
        needed = [waiting.pop(root) for root in roots_read(cluster.nodes) if root in waiting]
        found += [*needed, cluster]
        if cluster.fused:
            cluster.cut = cut_of(cluster)
            waiting.update((c.nodes[0].outputs[0], c) for c in (_split(cluster) if cluster.cut else ()))
    return [*found, *waiting.values()]


def _split(cluster: Cluster) -> list[Cluster]:
    """Reductions along the loop that is cut become partial ones; the clusters that finish them."""
    _, stages = stages_of(cluster)
    assert cluster.cut
    loop, _, pieces = cluster.cut
    added = []
    for stage in stages:
        for node in stage.sums:
            if stage.steps_of_sum(node)[loop]:
                continue
            (v,), e = node.outputs, node.equation
            part = Var(TensorType(wide_of(v.type.dtype), (pieces, *v.type.shape)))
            place = cluster.nodes.index(node)
            cluster.nodes[place] = Node(node.name, node.sources, (part,), e, partial=True)
            rest = Equation(e.primitive, (part,), Params(axes=(0,)), (v,), e.where)
            added.append(Cluster([Node(node.name, [whole(part)], (v,), rest)], {cluster}))
    return added


def buffers_of(cluster: Cluster, stored: set[Var]) -> tuple[dict[Var, int], int]:
    """Values that live for a row alone: where they lie in the workspace; and how many bytes they take."""
    if len(cluster.stages) == 1:
        return {}, 0
    rows, places, size, stages = math.prod(cluster.rows), dict[Var, int](), 0, cluster.stages
    for nodes in stages:
        made = {v for node in nodes for v in node.outputs}
        for v in roots_read([node for others in stages if others is not nodes for node in others]):
            if v in made and v not in stored:
                places[v] = size
                size += aligned(v.type.size // rows * SIZE[v.type.dtype])
    return places, size
