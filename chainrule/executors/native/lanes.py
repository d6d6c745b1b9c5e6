"""Short fused loops in vectors that we write ourselves.

LLVM's vectoriser makes the best of a loop of any length, and takes its time for it: the loop in vectors, several at
once, and what is left over at the end once more. A loop of some thousand rounds over neighbours in memory needs no more
than the first of these, which is quickly written and then only has to become instructions.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import Var
from .emit import SIZE, Value
from .kernel import Kernel
from .machine import machine
from .nests import Read, Stage
from .nodes import Node
from .reductions import combine, start_of
from .scalars import lower_element
from .vectors import Vectors, lanes_in

_DTYPES = frozenset(("float32", "int32", "uint32", "bool"))
_CALLS = frozenset(("sin", "cos", "atan2", "mod", "floordiv", "pow", "erf_inv"))  # one number at a time, or in float64
_LONGEST, _LONGEST_SUM = 4096, 512  # rounds: above them several vectors at once are worth their code
_MASKS = 64  # bytes of a machine's vectors from which on loads and stores of some of the lanes cost no more
_SIZE = 4  # bytes of a number: the lanes of all of them are as many


def suits(kernel: Kernel, stages: Sequence[Stage], stored: set[Var]) -> bool:
    """Whether a cluster without pieces and buffers is one short loop over neighbours."""
    if kernel.sharing or len(stages) > 1 or len(stages[0].loops) != 1:
        return False
    stage, lanes = stages[0], lanes_in(_SIZE)
    rounds = stage.loops[0][0]
    if not lanes // 2 <= rounds <= (_LONGEST_SUM if stage.sums else _LONGEST):
        return False
    if rounds % lanes and machine().vector_bytes < _MASKS:
        return False
    dtypes = {r.dtype for r in stage.reads} | {v.type.dtype for v in stage.made}
    steps = [stage.steps(1 + i)[0] for i in range(len(stage.reads))]
    apart = [stage.steps_of_sum(node)[0] for node in stage.sums]
    return (
        dtypes <= _DTYPES and not any(node.name in _CALLS for node in stage.nodes) and not any(apart)
        and all(_is_readable(read, step) for read, step in zip(stage.reads, steps, strict=True))
        and all(v.type.size == rounds for v in stored if v in stage.made and v not in _results(stage))
    )  # fmt: skip


def _results(stage: Stage) -> set[Var]:
    return {node.outputs[0] for node in stage.sums}


def _is_readable(read: Read, step: int) -> bool:
    if read.root is None and read.literal is None:
        return read.dtype != "bool" and not read.dtype.startswith("float")  # the index itself
    return step in (0, 1)


class Lanes:
    """The loop of a stage, a vector a round. The last one may be live in its first lanes only."""

    def __init__(self, kernel: Kernel, stage: Stage, stored: set[Var]) -> None:
        self.kernel, self.f, self.stage, self.stored = kernel, kernel.f, stage, stored
        self.lanes, self.rounds = lanes_in(_SIZE), stage.loops[0][0]
        self.mask = ""  # the lanes that are live, if that is not all of them
        kernel.passes = "registers"

    def emit(self) -> None:
        """All of it."""
        f = self.f
        length = self.kernel.number(self.rounds) if self.rounds % self.lanes else ""
        fixed = {r: self._spread(r) for r, step in self._steps() if not step and r.root is not None}
        totals = {node: self._total(node) for node in self.stage.sums}
        with f.loop(self.kernel.number(-(-self.rounds // self.lanes))) as loop:
            at = f.op(f"mul nuw nsw i64 {loop.index}, {self.lanes}")
            self.mask = self._live(length, at) if length else ""
            self._element({**fixed, **self._read(at)}, totals, at)
        for node, total in totals.items():
            value = self._across(node, self._value(node, f.op(f"load {self._type(node)}, ptr {total}")))
            f.store(value, self.kernel.pointer(node.outputs[0]))

    def _steps(self) -> list[tuple[Read, int]]:
        return [(read, self.stage.steps(1 + i)[0]) for i, read in enumerate(self.stage.reads)]

    def _live(self, length: str, at: str) -> str:
        """Which lanes are live from element `at` on."""
        left = self.f.op(f"trunc i64 {self.f.op(f'sub nuw nsw i64 {length}, {at}')} to i32")
        v = Vectors(self.f, "int32", self.lanes)
        return self.f.op(f"icmp ult {v.type} {self._counting(1)}, {v.spread(left)}")

    def _counting(self, step: int) -> str:
        return f"<{', '.join(f'i32 {lane * step}' for lane in range(self.lanes))}>"

    # reading and writing

    def _buffer(self, read: Read) -> str:
        assert read.root is not None
        return self.kernel.pointer(read.root)

    def _spread(self, read: Read) -> Value:
        """A single number in every lane."""
        v = Vectors(self.f, read.dtype, self.lanes)
        return v.raised(v.spread(v.one(self._buffer(read), read.offset)))

    def _read(self, at: str) -> dict[Read, Value]:
        """What moves with the loop, from element `at` on; and literals."""
        found = {}
        for read, step in self._steps():
            if read.literal is not None:
                found[read] = self.f.const(read.dtype, read.literal, self.lanes)
            elif read.root is None:
                found[read] = self._index(read, step, at)
            elif step:
                found[read] = self._load(read, at)
        return found

    def _index(self, read: Read, step: int, at: str) -> Value:
        f, v = self.f, Vectors(self.f, "int32", self.lanes)
        first = f.op(f"trunc i64 {f.index(read.offset, [(at, step)])} to i32")
        return Value(f, read.dtype, f.op(f"add {v.type} {v.spread(first)}, {self._counting(step)}"), self.lanes)

    def _load(self, read: Read, at: str) -> Value:
        v = Vectors(self.f, read.dtype, self.lanes)
        where = v.pointer(self._buffer(read), self.f.index(read.offset, [(at, 1)]))
        if not self.mask:
            return v.raised(v.load(where))
        arguments = f"i32 {SIZE[read.dtype]}", self._masked(), f"{v.type} zeroinitializer"
        return v.raised(self.f.call(v.type, f"llvm.masked.load.{v.suffix}.p0", f"ptr {where}", *arguments))

    def _store(self, value: Value, at: str, root: Var) -> None:
        v = Vectors(self.f, value.dtype, self.lanes)
        where = v.pointer(self.kernel.pointer(root), at)
        if not self.mask:
            v.store(v.lowered(value), where)
            return
        vector, align = f"{v.type} {v.lowered(value)}", f"i32 {SIZE[value.dtype]}"
        self.f.call("void", f"llvm.masked.store.{v.suffix}.p0", vector, f"ptr {where}", align, self._masked())

    def _masked(self) -> str:
        return f"<{self.lanes} x i1> {self.mask}"

    # computing

    def _element(self, known: dict[Read, Value], totals: dict[Node, str], at: str) -> None:
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

    def _total(self, node: Node) -> str:
        """A vector that changes, one part of the result in each lane."""
        name = self.f.fresh("x")
        self.kernel.allocas.append(f"  {name} = alloca {self._type(node)}")
        self.f.line(f"store {self._start(node).typed}, ptr {name}")
        return name

    def _reduce(self, node: Node, total: str, x: Value) -> None:
        if self.mask:
            x = Value(self.f, "bool", self.mask, self.lanes).where(x, self._start(node))
        before = self._value(node, self.f.op(f"load {self._type(node)}, ptr {total}"))
        self.f.line(f"store {combine(node.name, before, x).typed}, ptr {total}")

    def _across(self, node: Node, total: Value) -> Value:
        """The lanes of a vector put together, halves of it at a time."""
        v, width = Vectors(self.f, total.dtype, self.lanes), self.lanes // 2
        kind = self._type(node)
        while width:
            lanes = ", ".join(f"i32 {(lane + width) % self.lanes}" for lane in range(self.lanes))
            other = self.f.op(f"shufflevector {kind} {total.name}, {kind} poison, <{v.lanes} x i32> <{lanes}>")
            total, width = combine(node.name, total, self._value(node, other)), width // 2
        return Value(self.f, total.dtype, self.f.op(f"extractelement {kind} {total.name}, i64 0"))
