"""Fused clusters: one nest of loops that computes elementwise nodes and reductions together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from ...ir import Var
from .clusters import Cluster
from .emit import Value
from .kernel import Kernel
from .lanes import Lanes, suits
from .movement import lines
from .nests import Read, Stage, buffers_of, keeps, stages_of
from .nodes import Node
from .reductions import combine, start_of, wide_of
from .scalars import lower_element

_UNROLLED = 16  # elements of a map that LLVM may unroll; longer ones share their code whatever their length

Indices = tuple[str, ...]


class Reduction(NamedTuple):
    """A reduction in a nest: the loops after `inside` reduce into a register, if there are any.

    Where a loop before reduces as well, the result is put together with what is there, which is first filled at the
    depth `filled`.
    """

    node: Node
    steps: tuple[int, ...]  # of the result, a loop each
    apart: tuple[bool, ...]  # whether the results of different rounds are different ones
    inside: int
    filled: int | None
    register: str

    @property
    def result(self) -> Var:
        """What it computes."""
        return self.node.outputs[0]

    @property
    def dtype(self) -> str:
        """That of the register."""
        return wide_of(self.result.type.dtype)


class Nest:
    """The loops of a cluster. `cut` clusters have one more loop around them, over the pieces."""

    def __init__(self, kernel: Kernel, cluster: Cluster, stored: set[Var]) -> None:
        self.kernel, self.f, self.cut, self.stored = kernel, kernel.f, cluster.cut, stored
        self.buffers = buffers_of(cluster, stored)[0]
        outer, self.stages = stages_of(cluster)
        self.shared = bool(self.stages[0].loops) and keeps(self.stages, 0)
        self.flat = len(self.stages[0].loops) == 1 and not outer
        if self.cut:
            for stage in self.stages:
                nothing = (0,) * len(stage.accesses)
                stage.loops.insert(0, (self.cut.pieces, nothing))
        self.outer = outer + bool(self.cut) * bool(outer)
        self.stage_of = {node: stage for stage in self.stages for node in stage.sums}
        self.reductions = {node: self._reduction(stage, node) for node, stage in self.stage_of.items()}
        self.known: dict[Read, Value] = {}

    def _reduction(self, stage: Stage, node: Node) -> Reduction:
        steps = stage.steps_of_sum(node)
        apart = tuple(map(bool, steps))
        if self.cut:
            size = node.outputs[0].type.size // self.cut.pieces if node.partial else 0
            steps, apart = (size, *steps[1:]), (True, *apart[1:])
        inside = max((k for k, a in enumerate(apart) if a), default=-1)
        filled = apart.index(False) if False in apart[: inside + 1] else None
        dtype = wide_of(node.outputs[0].type.dtype)
        register = self.kernel.variable(dtype) if inside < len(apart) - 1 else ""
        return Reduction(node, steps, apart, inside, filled, register)

    def emit(self) -> None:
        """All of it."""
        if not self.cut and suits(self.kernel, self.stages, self.stored):
            Lanes(self.kernel, self.stages[0], self.stored).emit()
            return
        if not any(stage.loops for stage in self.stages):
            self.kernel.passes = "registers"
        if 0 not in self.stages[0].domain:
            self._level((), self.stages)
            return
        for r in self.reductions.values():
            if r.result.type.size:
                with self.kernel.over([r.result.type.size]) as indices:
                    self._fill(r, indices[0])

    def _level(self, indices: Indices, stages: Sequence[Stage]) -> None:
        """The loops from a depth on, and what stands before and behind them."""
        depth = len(indices)
        if depth == self.outer and len(stages) > 1:
            for stage in stages:
                self.known.clear()
                self._level(indices, [stage])
            return
        reductions = [self.reductions[node] for stage in stages for node in stage.sums]
        if len(stages) == 1:
            self._load(stages[0], indices)
        for r in reductions:
            if r.filled == depth:
                self._clear(self.stage_of[r.node], r, indices)
            if r.register and r.inside == depth - 1:
                self.kernel.set(r.register, self.f.const(r.dtype, start_of(r.node.name, r.dtype)))
        if depth < len(stages[0].loops):
            with self._loop(stages[0], indices) as index:
                self._level((*indices, index), stages)
        else:
            self._element(stages[0], indices)
        for r in reductions:
            if r.register and r.inside == depth - 1:
                self._write(r, self.kernel.get(r.register, r.dtype), indices)

    @contextmanager
    def _loop(self, stage: Stage, indices: Indices) -> Iterator[str]:
        """The loop at a depth; gives its index."""
        depth, size = len(indices), stage.loops[len(indices)][0]
        if self.cut and depth == 0:
            with self.kernel.part(size).loop(size) as loop:
                yield loop.index
        elif self.cut and depth == self.cut.loop + 1:
            with self._piece(indices[0], self._count(size), self._count(self.cut.rounds)) as index:
                yield index
        elif self.shared and depth == 0:
            with self._shared(self._count(size), innermost=len(stage.loops) == 1) as index:
                yield index
        else:
            with self.f.loop(self._count(size)) as loop:
                yield loop.index

    def _count(self, rounds: int) -> int | str:
        """The rounds of a loop: passed by the caller where loops of any length are the same code."""
        return self.kernel.number(rounds) if self.flat and rounds > _UNROLLED else rounds

    @contextmanager
    def _shared(self, count: int | str, innermost: bool) -> Iterator[str]:
        """This thread's rounds."""
        if innermost:
            with lines(self.kernel, count) as index:
                yield index
        else:
            with self.kernel.part(count).loop(count) as loop:
                yield loop.index

    @contextmanager
    def _piece(self, piece: str, count: int | str, rounds: int | str) -> Iterator[str]:
        f = self.f
        start = f.op(f"mul nuw nsw i64 {piece}, {rounds}")
        stop = f.op(f"add nuw nsw i64 {start}, {rounds}")
        if isinstance(count, str) or isinstance(rounds, str) or count % rounds:
            stop = f.call("i64", "llvm.smin.i64", f"i64 {stop}", f"i64 {count}")
        with f.loop(stop, start=start) as loop:
            yield loop.index

    def _place(self, v: Var, steps: Sequence[int], indices: Indices) -> tuple[str, str]:
        """(pointer, offset) of an element of a value that is made here."""
        return self._at(v, 0, steps, indices)

    def _at(self, root: Var, offset: int, steps: Sequence[int], indices: Indices) -> tuple[str, str]:
        """(pointer, offset) of an element; of values that live for a row alone only the loops inside it count."""
        terms = list(zip(indices, steps, strict=False))
        if root in self.buffers:
            pointer = self.f.address(self.kernel.workspace, "uint8", str(self.buffers[root]))
            return pointer, self.f.index(offset, terms[self.outer :])
        return self.kernel.pointer(root), self.f.index(offset, terms)

    # reductions

    def _fill(self, r: Reduction, place: str, pointer: str = "") -> None:
        dtype = r.result.type.dtype
        value = self.f.const(dtype, start_of(r.node.name, dtype))
        self.f.store(value, pointer or self.kernel.pointer(r.result), place)

    def _clear(self, stage: Stage, r: Reduction, indices: Indices) -> None:
        """Fill the results that the loops from here on reach."""
        if len(indices) == len(r.apart):
            pointer, place = self._place(r.result, r.steps, indices)
            self._fill(r, place, pointer)
        elif r.apart[len(indices)]:
            with self._loop(stage, indices) as index:
                self._clear(stage, r, (*indices, index))
        else:
            self._clear(stage, r, (*indices, "0"))

    def _write(self, r: Reduction, value: Value, indices: Indices) -> None:
        """Into the result, or together with what is there from rounds before."""
        pointer, place = self._place(r.result, r.steps, indices)
        dtype = r.result.type.dtype
        if r.filled is not None:
            value = combine(r.node.name, self.f.load(pointer, dtype, place).to(value.dtype), value)
        self.f.store(value.to(dtype), pointer, place)

    def _reduce(self, r: Reduction, x: Value, indices: Indices) -> None:
        x = x.to(r.dtype)
        if r.register:
            self.kernel.set(r.register, combine(r.node.name, self.kernel.get(r.register, r.dtype), x))
        else:
            self._write(r, x, indices)

    # elements

    def _load(self, stage: Stage, indices: Indices) -> None:
        """Read what the loops from here on do not move, and the loops around this one do."""
        for k, read in enumerate(stage.reads):
            steps = stage.steps(1 + k)
            last = max((i for i, s in enumerate(steps) if s), default=-1) + 1
            if len(indices) == max(last, self.outer) and read not in self.known:
                self.known[read] = self._read(read, steps, indices)

    def _read(self, read: Read, steps: Sequence[int], indices: Indices) -> Value:
        if read.literal is not None:
            return self.f.const(read.dtype, read.literal)
        if read.root is None:
            offset = self.f.index(read.offset, list(zip(indices, steps, strict=False)))
            return Value(self.f, "int64", offset).to(read.dtype)
        pointer, offset = self._at(read.root, read.offset, steps, indices)
        return self.f.load(pointer, read.dtype, offset)

    def _element(self, stage: Stage, indices: Indices) -> None:
        values: dict[Var, Value] = {}
        for node, operands in stage.operands(values, self.known):
            if node in self.reductions:
                self._reduce(self.reductions[node], operands[0], indices)
                continue
            value = operands[0] if node.name == "copy" else lower_element(node.equation, operands)
            values[node.outputs[0]] = value
        for v, value in values.items():  # last: a result may replace an operand
            if v in self.stored or v in self.buffers:
                self.f.store(value, *self._place(v, stage.steps(0), indices))


def lower_cluster(kernel: Kernel, cluster: Cluster, stored: set[Var]) -> None:
    """The body of the kernel of a fused cluster; `stored` are the values that others need."""
    Nest(kernel, cluster, stored).emit()
