"""LLVM IR as text: a function in the making, and values with operators.

A `Function` collects lines. A `Value` is a number of one dtype in it; `x * y + 1.0` appends the instructions. bool
lives in registers as `i1` and in memory as one byte; float16 and bfloat16 live as `half` and
`bfloat` and are computed in float32.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...ir import Var
from .machine import repeated

LLVM = {
    "bool": "i1", "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64", "uint8": "i8", "uint16": "i16",
    "uint32": "i32", "uint64": "i64", "float16": "half", "bfloat16": "bfloat",
    "float32": "float", "float64": "double",
}  # fmt: skip
BITS = {"float16": "uint16", "bfloat16": "uint16", "float32": "uint32", "float64": "uint64"}
SIZE = {"bfloat16": 2} | {dtype: np.dtype(dtype).itemsize for dtype in LLVM if dtype != "bfloat16"}
_COMPARE = {"eq": "oeq", "ne": "une", "lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "uno": "uno"}


def aligned(size: int) -> int:
    """The next multiple of 64 bytes."""
    return -(-size // 64) * 64


def bytes_of(v: Var) -> int:
    """The size of a value in bytes."""
    return v.type.size * SIZE[v.type.dtype]


def memory_type(dtype: str) -> str:
    """The LLVM type of an element in memory."""
    return "i8" if dtype == "bool" else LLVM[dtype]


def register_type(dtype: str, lanes: int = 1) -> str:
    """The LLVM type of a number, or of a vector of numbers."""
    return LLVM[dtype] if lanes == 1 else f"<{lanes} x {LLVM[dtype]}>"


def literal(dtype: str, value: Any) -> str:
    """A number of a dtype as LLVM writes it, exact."""
    if dtype == "bool":
        return "true" if value else "false"
    if dtype == "float16":
        return f"0xH{np.asarray(value, np.float16).view(np.uint16):04X}"
    if dtype == "bfloat16":
        return f"0xR{np.asarray(value, dtype).view(np.uint16):04X}"
    if dtype.startswith("float"):
        with np.errstate(over="ignore"):
            number = float(np.asarray(value, dtype))
        return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}"
    number = int(value)
    return str(number - (1 << 64) if number >= 1 << 63 else number)


class Function:
    """The body of an LLVM function, line by line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.block = "entry"
        self.declarations: dict[str, None] = {}
        self._count = 0

    def fresh(self, stem: str = "v") -> str:
        self._count += 1
        return f"%{stem}{self._count}"

    def line(self, text: str) -> None:
        self.lines.append("  " + text)

    def op(self, text: str) -> str:
        """Append an instruction; the name of its result."""
        name = self.fresh()
        self.line(f"{name} = {text}")
        return name

    def call(self, result: str, name: str, *arguments: str) -> str:
        """Call a function that is declared elsewhere; arguments are written with their types."""
        types = ", ".join(a.partition("> ")[0] + ">" if a[0] == "<" else a.partition(" ")[0] for a in arguments)
        self.declarations[f"declare {result} @{name}({types})"] = None
        text = f"call {result} @{name}({', '.join(arguments)})"
        if result == "void":
            self.line(text)
            return ""
        return self.op(text)

    def start(self, block: str) -> None:
        self.lines.append(f"{block}:")
        self.block = block

    def jump(self, block: str) -> None:
        self.line(f"br label %{block}")

    @contextmanager
    def loop(self, count: int | str, carried: Sequence[tuple[str, str]] = (), start: str = "0") -> Iterator[Loop]:
        """for i = start .. count-1 (at least one round). `carried` are (type, first value) of phis."""
        label = self.fresh("loop")[1:]
        loop = Loop(f"%{label}.i", [self.fresh("c") for _ in carried])
        before, place = self.block, len(self.lines) + 2
        self.jump(f"{label}.head")
        self.start(f"{label}.head")
        yield loop
        self.line(f"{loop.index}.next = add nuw nsw i64 {loop.index}, 1")
        more = f"{loop.index}.more"
        self.line(f"{more} = icmp ult i64 {loop.index}.next, {count}")
        if loop.stop:
            more = self.op(f"select i1 {loop.stop}, i1 false, i1 {more}")
        self.line(f"br i1 {more}, label %{label}.head, label %{label}.done")
        phis = [("i64", loop.index, start, f"{loop.index}.next")]
        phis += [(t, v, first, n) for (t, first), v, n in zip(carried, loop.values, loop.next, strict=True)]
        text = [f"  {v} = phi {t} [{a}, %{before}], [{b}, %{self.block}]" for t, v, a, b in phis]
        self.lines[place:place] = text
        self.start(f"{label}.done")

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """if condition: ..."""
        label = self.fresh("if")[1:]
        self.line(f"br i1 {condition}, label %{label}.yes, label %{label}.no")
        self.start(f"{label}.yes")
        yield
        self.jump(f"{label}.no")
        self.start(f"{label}.no")

    # numbers

    def const(self, dtype: str, value: Any, lanes: int = 1) -> Value:
        """A number; with lanes, a vector of it."""
        text = literal(dtype, value)
        if lanes > 1:
            text = repeated(f"{LLVM[dtype]} {text}", lanes)
        return Value(self, dtype, text, lanes)

    def index(self, offset: int, terms: Sequence[tuple[str, int]]) -> str:
        """offset + the sum of (name times factor), an i64."""
        total = ""
        for name, factor in terms:
            if factor:
                term = name if factor == 1 else self.op(f"mul nsw i64 {name}, {factor}")
                total = self.op(f"add nsw i64 {total}, {term}") if total else term
        if not total:
            return str(offset)
        return self.op(f"add nsw i64 {total}, {offset}") if offset else total

    def digits(self, index: str, sizes: Sequence[int]) -> list[str]:
        """The index along each axis of element `index` of a row-major shape."""
        found: list[str] = []
        for i, n in reversed(list(enumerate(sizes))):
            outer = math.prod(sizes[:i])
            found.append("0" if n == 1 else index if outer == 1 else self.op(f"urem i64 {index}, {n}"))
            if n > 1 and outer > 1:
                index = self.op(f"udiv i64 {index}, {n}")
        return found[::-1]

    def address(self, pointer: str, dtype: str, index: str) -> str:
        if index == "0":
            return pointer
        return self.op(f"getelementptr inbounds {memory_type(dtype)}, ptr {pointer}, i64 {index}")

    def load(self, pointer: str, dtype: str, index: str = "0") -> Value:
        raw = self.op(f"load {memory_type(dtype)}, ptr {self.address(pointer, dtype, index)}, align {SIZE[dtype]}")
        return Value(self, dtype, self.op(f"icmp ne i8 {raw}, 0") if dtype == "bool" else raw)

    def store(self, value: Value, pointer: str, index: str = "0") -> None:
        raw, dtype = value.name, value.dtype
        if dtype == "bool":
            raw = self.op(f"zext i1 {raw} to i8")
        where = self.address(pointer, dtype, index)
        self.line(f"store {memory_type(dtype)} {raw}, ptr {where}, align {SIZE[dtype]}")


class Loop:
    """A loop in the making: set `next` to what the carried values become, `stop` to a bool that ends it early."""

    def __init__(self, index: str, values: list[str]) -> None:
        self.index, self.values, self.next, self.stop = index, values, list[str](), ""


class Value:
    """A number in a register, or (lanes > 1) a vector of them, on which everything is done number by number.

    Operators follow the dtype; plain Python numbers become constants of it.
    """

    __slots__ = ("dtype", "f", "lanes", "name")

    def __init__(self, f: Function, dtype: str, name: str, lanes: int = 1) -> None:
        self.f, self.dtype, self.name, self.lanes = f, dtype, name, lanes

    def like(self, dtype: str, name: str) -> Value:
        """Another value, of as many numbers."""
        return Value(self.f, dtype, name, self.lanes)

    @property
    def typed(self) -> str:
        """`float %v7`: the name with its LLVM type."""
        return f"{register_type(self.dtype, self.lanes)} {self.name}"

    @property
    def is_float(self) -> bool:
        return self.dtype in BITS

    @property
    def signed(self) -> bool:
        return self.dtype.startswith("int")

    def lift(self, other: Any) -> Value:
        return other if isinstance(other, Value) else self.f.const(self.dtype, other, self.lanes)

    def binary(self, float_op: str, integer_op: str, other: Any) -> Value:
        op = float_op if self.is_float else integer_op
        return self.like(self.dtype, self.f.op(f"{op} {self.typed}, {self.lift(other).name}"))

    def __add__(self, other: Any) -> Value:
        return self.binary("fadd", "add", other)

    def __sub__(self, other: Any) -> Value:
        return self.binary("fsub", "sub", other)

    def __rsub__(self, other: Any) -> Value:
        return self.lift(other) - self

    def __mul__(self, other: Any) -> Value:
        return self.binary("fmul", "mul", other)

    def __truediv__(self, other: Any) -> Value:
        return self.binary("fdiv", "", other)

    def __rtruediv__(self, other: Any) -> Value:
        return self.lift(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __and__(self, other: Any) -> Value:
        return self.binary("", "and", other)

    def __or__(self, other: Any) -> Value:
        return self.binary("", "or", other)

    def __xor__(self, other: Any) -> Value:
        return self.binary("", "xor", other)

    def __lshift__(self, other: Any) -> Value:
        return self.binary("", "shl", other)

    def __rshift__(self, other: Any) -> Value:
        return self.binary("", "ashr" if self.signed else "lshr", other)

    def __neg__(self) -> Value:
        if self.is_float:
            return self.like(self.dtype, self.f.op(f"fneg {self.typed}"))
        return self.lift(0) - self

    def compare(self, relation: str, other: Any) -> Value:
        """A bool: relation is eq, ne, lt, le, gt, ge, or uno (either is NaN)."""
        other = self.lift(other)
        if self.is_float:
            text = f"fcmp {_COMPARE[relation]} {self.typed}, {other.name}"
        else:
            sign = "" if relation in ("eq", "ne") else "s" if self.signed else "u"
            text = f"icmp {sign}{relation} {self.typed}, {other.name}"
        return self.like("bool", self.f.op(text))

    def is_nan(self) -> Value:
        return self.compare("uno", self)

    def where(self, yes: Any, no: Any, dtype: str = "") -> Value:
        """yes if this bool is true, no otherwise."""
        if not isinstance(yes, Value):
            yes = no.lift(yes) if isinstance(no, Value) else self.f.const(dtype, yes, self.lanes)
        no = yes.lift(no)
        return self.like(yes.dtype, self.f.op(f"select {self.typed}, {yes.typed}, {no.typed}"))

    def bits(self) -> Value:
        """The bits of a float as an unsigned integer."""
        return self._bitcast(BITS[self.dtype])

    def as_float(self, dtype: str) -> Value:
        """The float that has these bits."""
        return self._bitcast(dtype)

    def _bitcast(self, dtype: str) -> Value:
        return self.like(dtype, self.f.op(f"bitcast {self.typed} to {register_type(dtype, self.lanes)}"))

    def intrinsic(self, name: str, *others: Any) -> Value:
        """`llvm.<name>` of this and other values of the dtype."""
        values = [self, *map(self.lift, others)]
        kind = {"half": "f16", "float": "f32", "double": "f64"}.get(LLVM[self.dtype], LLVM[self.dtype])
        if self.lanes > 1:
            kind = f"v{self.lanes}{kind}"
        result = register_type(self.dtype, self.lanes)
        return self.like(self.dtype, self.f.call(result, f"llvm.{name}.{kind}", *[v.typed for v in values]))

    def each_lane(self, compute: Callable[..., str], *others: Value) -> Value:
        """A number of this dtype from the numbers (names) of this and other values, for each number of a vector."""
        if self.lanes == 1:
            return self.like(self.dtype, compute(self.name, *(v.name for v in others)))
        vector, kind = "poison", register_type(self.dtype, self.lanes)
        for i in range(self.lanes):
            numbers = [self.f.op(f"extractelement {v.typed}, i64 {i}") for v in (self, *others)]
            vector = self.f.op(f"insertelement {kind} {vector}, {LLVM[self.dtype]} {compute(*numbers)}, i64 {i}")
        return self.like(self.dtype, vector)

    def fma(self, factor: Any, summand: Any) -> Value:
        return self.intrinsic("fma", factor, summand)

    def abs(self) -> Value:
        return self.intrinsic("fabs")

    def to(self, dtype: str) -> Value:
        """This number in another dtype, as `convert` defines it."""
        from .convert import convert

        return convert(self, dtype)
