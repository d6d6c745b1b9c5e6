"""Fused clusters: one nest of loops that computes elementwise nodes and reductions together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...ir import Var
from .clusters import Cluster
from .emit import Value
from .kernel import Kernel
from .nodes import REDUCTIONS, Node
from .reductions import combine, start_of, wide_of
from .scalars import lower_element
from .sources import Source, contiguous, merged

_UNROLLED = 16  # elements of a map that LLVM may unroll; longer ones share their code whatever their length


class Reduction(NamedTuple):
    """A reduction in a nest: loops after `inside` sum into a register; `again`: also over loops outside."""

    node: Node
    strides: tuple[int, ...]  # of the result, a loop each
    inside: int
    again: bool
    register: str


class Nest:
    """The loops of a cluster."""

    def __init__(self, kernel: Kernel, cluster: Cluster, stored: set[Var]) -> None:
        self.kernel, self.f, self.stored = kernel, kernel.f, stored
        self.nodes = cluster.nodes
        self.domain = cluster.domain
        self.made = set(cluster.made())
        reads = [s for node in self.nodes for s in node.sources if s.root not in self.made]
        self.reads = list(dict.fromkeys((s.root, self._along(s), s.offset) for s in reads))
        self.sums = [node for node in self.nodes if node.name in REDUCTIONS]
        accesses = [contiguous(self.domain), *(a for _, a, _ in self.reads), *map(self._kept, self.sums)]
        self.loops = merged(self.domain, accesses)
        self.known: dict[object, Value] = {}

    def _along(self, s: Source) -> tuple[int, ...]:
        return s.along([a for a, n in enumerate(s.type.shape) if n != 1])

    def _kept(self, node: Node) -> tuple[int, ...]:
        """The strides of a reduction's result along the domain: 0 where it reduces."""
        kept = iter(contiguous(node.outputs[0].type.shape))
        shape, axes = node.sources[0].type.shape, node.equation.params.axes
        strides = [0 if a in axes else next(kept) for a in range(len(shape))]
        return tuple(s for s, n in zip(strides, shape, strict=True) if n != 1)

    def _access(self, which: int) -> tuple[int, ...]:
        return tuple(steps[which] for _, steps in self.loops)

    def emit(self) -> None:
        """All of it."""
        first = 1 + len(self.reads)
        reductions = [self._reduction(node, self._access(first + k)) for k, node in enumerate(self.sums)]
        empty = 0 in self.domain
        for r in reductions:
            if (r.again or empty) and r.node.outputs[0].type.size:
                self._fill(r)
        if not empty:
            self._level(0, (), reductions)

    def _reduction(self, node: Node, strides: tuple[int, ...]) -> Reduction:
        inside = max((k for k, s in enumerate(strides) if s), default=-1)
        dtype = node.outputs[0].type.dtype
        register = self.kernel.variable(wide_of(dtype)) if inside < len(strides) - 1 else ""
        return Reduction(node, strides, inside, 0 in strides[: inside + 1], register)

    def _fill(self, r: Reduction) -> None:
        t, pointer = r.node.outputs[0].type, self.kernel.pointer(r.node.outputs[0])
        with self.f.loop(t.size) as loop:
            self.f.store(self.f.const(t.dtype, start_of(r.node.name, t.dtype)), pointer, loop.index)

    def _level(self, depth: int, indices: tuple[str, ...], reductions: list[Reduction]) -> None:
        here = [r for r in reductions if r.inside == depth - 1 and r.register]
        for r in here:
            dtype = wide_of(r.node.outputs[0].type.dtype)
            self.kernel.set(r.register, self.f.const(dtype, start_of(r.node.name, dtype)))
        if depth < len(self.loops):
            size = self.loops[depth][0]
            shared = len(self.loops) == 1 and not reductions and size > _UNROLLED
            with self.f.loop(self.kernel.number(size) if shared else size) as loop:
                self._level(depth + 1, (*indices, loop.index), reductions)
        else:
            self._element(indices, reductions)
        for r in here:
            t = r.node.outputs[0].type
            value = self.kernel.get(r.register, wide_of(t.dtype))
            self._write(r, value, indices)

    def _write(self, r: Reduction, value: Value, indices: Sequence[str]) -> None:
        """Into the result, or together with what is there from rounds before."""
        v, pointer = r.node.outputs[0], self.kernel.pointer(r.node.outputs[0])
        where = self.f.index(0, list(zip(indices, r.strides, strict=False)))
        if r.again:
            value = combine(r.node.name, self.f.load(pointer, v.type.dtype, where).to(value.dtype), value)
        self.f.store(value.to(v.type.dtype), pointer, where)

    def _element(self, indices: tuple[str, ...], reductions: list[Reduction]) -> None:
        self.known.clear()
        values: dict[Var, Value] = {}
        of = {id(r.node): r for r in reductions}
        place = self.f.index(0, list(zip(indices, self._access(0), strict=True)))
        for node in self.nodes:
            operands = [values[s.root] if s.root in self.made else self._read(s, indices) for s in node.sources]
            if id(node) in of:
                self._reduce(of[id(node)], operands[0], indices)
                continue
            value = operands[0] if node.name == "copy" else lower_element(node.equation, operands)
            values[node.outputs[0]] = value
        for v, value in values.items():  # last: a result may replace an operand
            if v in self.stored:
                self.f.store(value, self.kernel.pointer(v), place)

    def _read(self, s: Source, indices: tuple[str, ...]) -> Value:
        key = (s.root, self._along(s), s.offset, s.literal, s.type.dtype)
        if s.literal is not None:
            return self.f.const(s.type.dtype, s.literal)
        if key not in self.known:
            steps = self._access(1 + self.reads.index(key[:3]))
            offset = self.f.index(s.offset, list(zip(indices, steps, strict=True)))
            self.known[key] = self.kernel.at(s, offset)
        return self.known[key]

    def _reduce(self, r: Reduction, x: Value, indices: Sequence[str]) -> None:
        if not r.register:
            self._write(r, x, indices)
            return
        wide = wide_of(x.dtype)
        self.kernel.set(r.register, combine(r.node.name, self.kernel.get(r.register, wide), x.to(wide)))


def lower_cluster(kernel: Kernel, cluster: Cluster, stored: set[Var]) -> None:
    """The body of the kernel of a fused cluster; `stored` are the values that others need."""
    Nest(kernel, cluster, stored).emit()
