"""Short fused loops in vectors that we write ourselves.

LLVM's vectoriser makes the best of a loop of any length, and takes its time for it: the loop in vectors, several at
once, and what is left over at the end once more. A loop of some thousand rounds over neighbours in memory needs no more
than the first of these, which is quickly written and then only has to become instructions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...ir import Var
from .emit import Value
from .kernel import Kernel
from .machine import machine
from .nests import Read, Stage
from .nodes import Node
from .reductions import combine, start_of
from .scalars import lower_element
from .vectors import Vectors, lanes_in

_DTYPES = frozenset(("float32", "int32", "uint32", "bool"))
_CALLS = frozenset(("sin", "cos", "atan2", "mod", "floordiv", "pow", "erf_inv"))  # one number at a time, or in float64
_DEPTH = 2  # loops
_LONGEST, _LONGEST_SUM = 4096, 512  # rounds: above them several vectors at once are worth their code
_TABLE = 1 << 15  # elements of rows and columns
_SIDE_BY_SIDE = 4  # vectors of a row, whose sums do not wait for one another
_MASKS = 64  # bytes of a machine's vectors from which on loads and stores of some of the lanes cost no more
_SIZE = 4  # bytes of a number: the lanes of all of them are as many


def suits(kernel: Kernel, stages: Sequence[Stage], stored: set[Var]) -> bool:
    """Whether a cluster without pieces and buffers is one short loop over neighbours, or such loops row by row."""
    if kernel.sharing or len(stages) > 1 or not 1 <= len(stages[0].loops) <= _DEPTH or 0 in stages[0].domain:
        return False
    stage, dtypes = stages[0], {r.dtype for r in stages[0].reads} | {v.type.dtype for v in stages[0].made}
    if not dtypes <= _DTYPES or any(node.name in _CALLS for node in stage.nodes):
        return False
    kept = {v for v in stored if v in stage.made} - {node.outputs[0] for node in stage.sums}
    reads = [(read, stage.steps(1 + i)[-1]) for i, read in enumerate(stage.reads)]
    return (
        _fits(stage) and all(_is_readable(read, step) for read, step in reads)
        and all(v.type.size == math.prod(stage.domain) for v in kept)
    )  # fmt: skip


def _fits(stage: Stage) -> bool:
    """Whether the loops are as long as they should be, and sums go along the first of them alone."""
    *rows, (columns, _) = stage.loops
    if columns % lanes_in(_SIZE) and machine().vector_bytes < _MASKS:
        return False
    apart = [tuple(map(bool, stage.steps_of_sum(node))) for node in stage.sums]
    if rows:
        return rows[0][0] * columns <= _TABLE and all(a == (False, True) for a in apart)
    return columns <= (_LONGEST_SUM if apart else _LONGEST) and not any(map(any, apart))


def _is_readable(read: Read, step: int) -> bool:
    if read.root is None and read.literal is None:
        return read.dtype != "bool" and not read.dtype.startswith("float")  # the index itself
    return step in (0, 1)


Known = dict[Read, Value]


class Lanes:
    """The loop of a stage, a vector a round; the last one may be live in its first lanes only.

    Of two loops the outer one goes over rows. Then some vectors that lie side by side are done for all rows before the
    next ones, so that sums of columns stay in registers.
    """

    def __init__(self, kernel: Kernel, stage: Stage, stored: set[Var]) -> None:
        self.kernel, self.f, self.stage, self.stored = kernel, kernel.f, stage, stored
        self.lanes, (*self.rows, (self.columns, _)) = lanes_in(_SIZE), stage.loops
        self.steps = {read: stage.steps(1 + i) for i, read in enumerate(stage.reads)}
        self.row = ""  # the index of the row, inside the loop over rows
        self.mask = ""  # the lanes that are live, if that is not all of them
        kernel.passes = "registers"

    def emit(self) -> None:
        """All of it."""
        f, vectors = self.f, -(-self.columns // self.lanes)
        length = self.kernel.number(self.columns) if self.columns % self.lanes else ""
        fixed = {r: self._spread(r) for r, steps in self.steps.items() if not any(steps) and r.root is not None}
        if self.rows:
            side_by_side = max(n for n in range(1, _SIDE_BY_SIDE + 1) if vectors % n == 0)
            with f.loop(self.kernel.number(vectors // side_by_side)) as loop:
                first, width = loop.index, side_by_side * self.lanes
                places = [f.index(i * self.lanes, [(first, width)]) for i in range(side_by_side)]
                self._all_rows(fixed, [(at, self._live(length, at)) for at in places])
            return
        totals = self._totals()
        with f.loop(self.kernel.number(vectors)) as loop:
            at = f.index(0, [(loop.index, self.lanes)])
            self.mask = self._live(length, at)
            self._element({**fixed, **self._read(at, fixed)}, totals, at)
        for node, total in totals.items():
            f.store(self._across(node, self._loaded(node, total)), self.kernel.pointer(node.outputs[0]))

    def _all_rows(self, fixed: Known, vectors: Sequence[tuple[str, str]]) -> None:
        """Some vectors (place, mask) that lie side by side, row after row."""
        known, totals = [], [self._totals() for _ in vectors]
        for at, self.mask in vectors:
            known.append({**fixed, **self._read(at, fixed, [r for r, (outer, _) in self.steps.items() if not outer])})
        with self.f.loop(self.kernel.number(self.rows[0][0])) as loop:
            self.row = loop.index
            for (at, self.mask), have, total in zip(vectors, known, totals, strict=True):
                self._element({**have, **self._read(at, have)}, total, at)
        self.row = ""
        for (at, self.mask), total in zip(vectors, totals, strict=True):
            for node, name in total.items():
                self._store(self._loaded(node, name), at, node.outputs[0])

    def _live(self, length: str, at: str) -> str:
        """Which lanes are live from element `at` on, if a length says that the last are not."""
        return Vectors(self.f, "int32", self.lanes).below(length, at) if length else ""

    # reading and writing

    def _buffer(self, read: Read) -> str:
        assert read.root is not None
        return self.kernel.pointer(read.root)

    def _spread(self, read: Read) -> Value:
        """A single number (of this row) in every lane."""
        v, place = Vectors(self.f, read.dtype, self.lanes), self._place(read.offset, self.steps[read], "0")
        return v.raised(v.spread(v.one(v.pointer(self._buffer(read), place))))

    def _read(self, at: str, known: Known, some: Sequence[Read] | None = None) -> Known:
        """What is not known yet, from column `at` on: all of it, or some."""
        found = {}
        for read in self.steps if some is None else some:
            if read in known:
                continue
            if read.literal is not None:
                found[read] = self.f.const(read.dtype, read.literal, self.lanes)
            elif read.root is None:
                found[read] = self._index(read, at)
            elif self.steps[read][-1]:
                found[read] = self._load(read, at)
            else:
                found[read] = self._spread(read)
        return found

    def _place(self, offset: int, steps: Sequence[int], at: str) -> str:
        """Of column `at` of this row."""
        terms = [(self.row, steps[0])] if self.row else []
        return self.f.index(offset, [*terms, (at, steps[-1])])

    def _index(self, read: Read, at: str) -> Value:
        f, v, steps = self.f, Vectors(self.f, "int32", self.lanes), self.steps[read]
        first = f.op(f"trunc i64 {self._place(read.offset, steps, at)} to i32")
        return Value(f, read.dtype, f.op(f"add {v.type} {v.spread(first)}, {v.counting(steps[-1])}"), self.lanes)

    def _load(self, read: Read, at: str) -> Value:
        v = Vectors(self.f, read.dtype, self.lanes)
        where = v.pointer(self._buffer(read), self._place(read.offset, self.steps[read], at))
        return v.raised(v.load_masked(where, self.mask) if self.mask else v.load(where))

    def _store(self, value: Value, at: str, root: Var) -> None:
        v = Vectors(self.f, value.dtype, self.lanes)
        where = v.pointer(self.kernel.pointer(root), self._place(0, self.stage.steps(0), at))
        if self.mask:
            v.store_masked(v.lowered(value), where, self.mask)
        else:
            v.store(v.lowered(value), where)

    # computing

    def _element(self, known: Known, totals: dict[Node, str], at: str) -> None:
        values: dict[Var, Value] = {}
        for node, operands in self.stage.operands(values, known):
            if node in totals:
                self._reduce(node, totals[node], operands[0])
            else:
                values[node.outputs[0]] = operands[0] if node.name == "copy" else lower_element(node.equation, operands)
        for v, value in values.items():  # last: a result may replace an operand
            if v in self.stored:
                self._store(value, at, v)

    # reductions

    def _type(self, node: Node) -> str:
        return self._value(node, "").typed.strip()

    def _value(self, node: Node, name: str) -> Value:
        return Value(self.f, node.outputs[0].type.dtype, name, self.lanes)

    def _start(self, node: Node) -> Value:
        dtype = node.outputs[0].type.dtype
        return self.f.const(dtype, start_of(node.name, dtype), self.lanes)

    def _loaded(self, node: Node, name: str) -> Value:
        return self._value(node, self.f.op(f"load {self._type(node)}, ptr {name}"))

    def _totals(self) -> dict[Node, str]:
        """A vector that changes for each sum, one part of the result (or one result) in each lane."""
        found = {node: self.f.fresh("x") for node in self.stage.sums}
        for node, name in found.items():
            self.kernel.allocas.append(f"  {name} = alloca {self._type(node)}")
            self.f.line(f"store {self._start(node).typed}, ptr {name}")
        return found

    def _reduce(self, node: Node, total: str, x: Value) -> None:
        if self.mask and not self.row:
            x = Value(self.f, "bool", self.mask, self.lanes).where(x, self._start(node))
        self.f.line(f"store {combine(node.name, self._loaded(node, total), x).typed}, ptr {total}")

    def _across(self, node: Node, total: Value) -> Value:
        """The lanes of a vector put together, halves of it at a time."""
        v, width = Vectors(self.f, total.dtype, self.lanes), self.lanes // 2
        kind = self._type(node)
        while width:
            lanes = ", ".join(f"i32 {(lane + width) % self.lanes}" for lane in range(self.lanes))
            other = self.f.op(f"shufflevector {kind} {total.name}, {kind} poison, <{v.lanes} x i32> <{lanes}>")
            total, width = combine(node.name, total, self._value(node, other)), width // 2
        return Value(self.f, total.dtype, self.f.op(f"extractelement {kind} {total.name}, i64 0"))
