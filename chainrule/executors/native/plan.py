"""Where every value lies and what runs when: a Program as a list of steps over one arena.

A frame is a piece of the arena. Values get 64-byte aligned offsets in it, and give them back after their last reader.
The frame of a sub-program lies within that of the step that runs it. What a kernel needs while it runs is no part of
the arena: each thread has a workspace of its own. Values that leave the Program lie where the caller
says; a carry of a loop is computed in place if nobody reads the old value afterwards.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from ...ir import Equation, Program, Var
from ...primitives import loop_parts
from .blocks import Blocks, blocks_of
from .clusters import Cluster, clusters_of
from .emit import aligned, bytes_of
from .endings import end_products, ending_of
from .kernels import CONTROL, LOWER
from .nests import buffers_of, cut_clusters
from .nodes import Graph, graph_of, roots_read
from .rounds import ROUNDS, in_rounds
from .rows import join_rows
from .sources import is_whole
from .work import Work, control_work, work_of

_FRAME = 1 << 22  # bytes of a round that every thread may have for itself
_LONG_ROUND = 4e-6  # seconds of a round of a loop: in shorter ones little is shared


@dataclass(eq=False)
class Step:
    """A cluster that runs: what it writes, and the sub-programs it holds."""

    cluster: Cluster
    stored: set[Var]
    subs: list[Plan]
    work: Work
    workspace: int = 0  # bytes that each thread needs
    frame: int = 0  # bytes of the sub-programs
    place: int = 0  # where they lie
    blocks: Blocks | None = None  # a loop whose rows go their own ways: each block has a frame of its own
    apart: bool = False  # a loop without carries, each round of which one thread does: its frame is in the workspace

    @property
    def equation(self) -> Equation:
        """The equation that the step stands for (the first of a cluster)."""
        return self.cluster.nodes[0].equation

    @property
    def is_spread(self) -> bool:
        """Whether it is a loop of which each thread does blocks of rows, or rounds, of its own."""
        return self.blocks is not None or self.apart

    @property
    def control(self) -> bool:
        """Whether it is a loop or a branch."""
        return self.cluster.nodes[0].name in CONTROL


@dataclass(eq=False)
class Plan:
    """Steps, offsets into the frame, and which results replace which inputs."""

    program: Program
    graph: Graph
    steps: list[Step] = field(default_factory=list)
    offsets: dict[Var, int] = field(default_factory=dict)
    in_place: dict[Var, Var] = field(default_factory=dict)
    size: int = 0

    def kernels(self, times: float = 1.0) -> Iterator[tuple[float, Work]]:
        """How often each kernel runs, as far as that is known, and its work."""
        for step in self.steps:
            if not step.control or step.is_spread:
                yield times, step.work
            if step.is_spread:
                continue
            rounds = step.equation.params.length if step.equation.primitive.name == "loop" else 1
            for sub in step.subs:
                yield from sub.kernels(times * rounds)

    @property
    def rounds_are_long(self) -> bool:
        """Whether a round, of a loop of which this is the body, takes as long as barriers do."""
        return sum(step.work.seconds for step in self.steps) > _LONG_ROUND

    @property
    def workspace(self) -> int:
        """Bytes of the largest workspace."""
        return max((max(s.workspace, *(sub.workspace for sub in s.subs), 0) for s in self.steps), default=0)


def plan_program(
    program: Program, carries: Sequence[Var] = (), outside: Collection[int] | None = None, watched: str = ""
) -> Plan:
    """Lay a Program out.

    `carries`: the inputs that the first outputs replace in the next round. `outside`: the numbers of the outputs that
    the caller has a place for (default all that are not carried). `watched`: the name of the body of a loop whose
    rounds are counted: threads do each of them together.
    """
    graph = graph_of(in_rounds(program))
    plan = Plan(program, graph)
    replaced = list(zip(carries, graph.outputs, strict=False))
    clusters = cut_clusters(join_rows(end_products(clusters_of(graph), graph.outputs, replaced)))
    wanted = _wanted(clusters, graph.outputs)
    plan.steps = [_step(c, wanted, watched) for c in clusters]
    plan.in_place = _replaceable(plan, dict(replaced))
    external = range(len(carries), len(graph.outputs)) if outside is None else outside
    _allocate(plan, {graph.outputs[i] for i in external} | set(plan.in_place))
    return plan


def _wanted(clusters: Sequence[Cluster], outputs: Sequence[Var]) -> set[Var]:
    """What must lie in memory: what another cluster reads, and the outputs."""
    wanted = set(outputs)
    for c in clusters:
        wanted.update(set(roots_read(c.nodes)) - set(c.made()))
    return wanted


def _step(cluster: Cluster, wanted: set[Var], watched: str) -> Step:
    node, ending = cluster.nodes[0], ending_of(cluster)
    stored = {v for v in cluster.made() if v in wanted or not (cluster.fused or ending)}
    if node.name in CONTROL:
        subs = _subs(node.equation)
        may_spread = node.name == "loop" and not (watched and node.equation.params.body.name == watched)
        if may_spread and subs[0].rounds_are_long and (blocks := blocks_of(node.equation)):
            return _in_blocks(cluster, stored, blocks)
        work = control_work(node.equation, [[s.work for s in sub.steps] for sub in subs])
        if may_spread and _rounds_apart(node.equation, subs[0]):
            return Step(cluster, stored, subs, work, aligned(subs[0].size) + subs[0].workspace, apart=True)
        return Step(cluster, stored, subs, work, frame=max((s.size for s in subs), default=0))
    if cluster.fused:
        workspace = buffers_of(cluster, stored)[1]
    else:
        reads = ending.reads.values() if ending else ()
        workspace = LOWER[node.name].workspace(node.equation, [*node.sources, *reads])
    return Step(cluster, stored, [], work_of(cluster, stored), workspace)


def _rounds_apart(e: Equation, body: Plan) -> bool:
    """Whether each round of a loop is done by one thread: they do not wait for one another, and are enough."""
    return e.params.carries == 0 and e.params.length >= ROUNDS and body.size <= _FRAME


def _in_blocks(cluster: Cluster, stored: set[Var], blocks: Blocks) -> Step:
    """A loop done block of rows by block of rows."""
    e, body = cluster.nodes[0].equation, blocks.body
    sub = plan_program(body, loop_parts(e.params, body.inputs)[1])
    work = control_work(e, [[s.work for s in sub.steps] * blocks.number])
    return Step(cluster, stored, [sub], work, frame=blocks.number * aligned(sub.size), blocks=blocks)


def _subs(e: Equation) -> list[Plan]:
    p = e.params
    if e.primitive.name == "loop":
        return [plan_program(p.body, loop_parts(p, p.body.inputs)[1])]
    if e.primitive.name == "while_loop":
        return [plan_program(p.test, outside=()), plan_program(p.body, p.body.inputs)]
    return [plan_program(branch) for branch in p.branches]


def _replaceable(plan: Plan, carries: dict[Var, Var]) -> dict[Var, Var]:
    """Which results may be written over the carries that they follow: result -> carry."""
    writers = {v: i for i, step in enumerate(plan.steps) for v in step.stored}
    readers: dict[Var, dict[int, list]] = {old: {} for old in carries}  # carry -> number of a step -> its reads
    for i, step in enumerate(plan.steps):
        for node in step.cluster.nodes:
            for k, s in enumerate(node.sources):
                if s.root in readers:
                    readers[s.root].setdefault(i, []).append((node, k, s))
    return {new: old for old, new in carries.items() if _can_replace(plan, readers[old], writers[new], new)}


def _can_replace(plan: Plan, reads: dict[int, list], writer: int, new: Var) -> bool:
    """Whether nobody reads the carry after `new` is written, or at another index meanwhile."""
    if any(i > writer for i in reads):
        return False
    return writer not in reads or _at_same_index(plan.steps[writer], reads[writer], new)


def _at_same_index(step: Step, reads: list, new: Var) -> bool:
    if not step.cluster.fused:
        return len(step.cluster.nodes) == 1 and len(reads) == 1 and reads[0][1] == 0 and LOWER[reads[0][0].name].inplace
    stage = {node: i for i, nodes in enumerate(step.cluster.stages) for node in nodes}
    writer = next(node for node in step.cluster.nodes if new in node.outputs)
    elementwise = new.type.size == math.prod(writer.domain)
    return elementwise and all(is_whole(s) and stage[node] <= stage[writer] for node, _, s in reads)


def _allocate(plan: Plan, elsewhere: set[Var]) -> None:
    """First fit, step by step."""
    last: dict[Var, int] = {}
    for i, step in enumerate(plan.steps):
        last.update(dict.fromkeys((*roots_read(step.cluster.nodes), *step.stored), i))
    last.update(dict.fromkeys(plan.graph.outputs, len(plan.steps)))
    ending: dict[int, list[Var]] = {}
    for v, i in last.items():
        ending.setdefault(i, []).append(v)
    arena = _Arena()
    for i, step in enumerate(plan.steps):
        here = [v for v in step.cluster.made() if v in step.stored and v not in elsewhere]
        for v in sorted(here, key=lambda v: -bytes_of(v)):
            plan.offsets[v] = arena.take(bytes_of(v))
        if step.frame:
            step.place = arena.take(step.frame)
            arena.give(step.place)
        for v in ending.get(i, ()):
            if v in plan.offsets:
                arena.give(plan.offsets[v])
    plan.size = arena.size


class _Arena:
    """Offsets handed out and given back."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []  # (offset, bytes) in order
        self.size = 0

    def take(self, size: int) -> int:
        """The lowest free offset with room for `size` bytes."""
        size, at = aligned(max(size, 1)), 0
        for offset, length in self.taken:
            if offset - at >= size:
                break
            at = offset + length
        insort(self.taken, (at, size))
        self.size = max(self.size, at + size)
        return at

    def give(self, offset: int) -> None:
        """Free what was taken at an offset."""
        del self.taken[bisect_left(self.taken, (offset, 0))]
