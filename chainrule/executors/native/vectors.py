"""Vectors as wide as the machine's registers: loads, stores and arithmetic of them in a function.

A vector may be live in its first lanes only: the others hold anything, and loads and stores do not touch memory there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .emit import SIZE, Function, Value, memory_type
from .machine import machine

_BLOCK = 16  # bytes in which shuffles are cheapest
_MASKS, _SIZE = 64, 4  # bytes of a machine's vectors, and of a number, from which on masks cost nothing


def lanes_in(size: int) -> int:
    """How many numbers of so many bytes a register holds."""
    return machine().vector_bytes // size


def vector_registers() -> int:
    """How many vectors there is room for."""
    return machine().registers


class Vectors:
    """Appends vector instructions for one dtype, as it lies in memory, to a function; vectors are names of LLVM.

    `lanes`: of a vector, if it is to hold as many numbers as one of another dtype.
    """

    def __init__(self, f: Function, dtype: str, lanes: int = 0) -> None:
        self.f, self.dtype, self.lanes = f, dtype, lanes or lanes_in(SIZE[dtype])
        self.number = memory_type(dtype)
        self.type = f"<{self.lanes} x {self.number}>"
        self.suffix = f"v{self.lanes}{'f' if dtype.startswith('float') else 'i'}{8 * SIZE[dtype]}"
        self.masked = machine().vector_bytes > 16  # narrower machines cannot mask a load or a store
        self.masks_are_cheap = machine().vector_bytes >= _MASKS and SIZE[dtype] >= _SIZE

    def pointer(self, pointer: str, offset: str) -> str:
        """The address of an element."""
        return self.f.address(pointer, self.dtype, offset)

    def load(self, pointer: str, at: int = 0, live: int = 0) -> str:
        """The numbers `at` elements behind a pointer."""
        where, live = self.pointer(pointer, str(at)), live or self.lanes
        if live == self.lanes:
            return self.f.op(f"load {self.type}, ptr {where}, align {SIZE[self.dtype]}")
        if self.masked:
            return self.load_masked(where, self._mask(live))
        vector = "zeroinitializer"
        for i in range(live):
            vector = self.insert(vector, self.one(where, i), i)
        return vector

    def store(self, value: str, pointer: str, at: int = 0, live: int = 0) -> None:
        """Write the live numbers of a vector."""
        where, live = self.pointer(pointer, str(at)), live or self.lanes
        if live == self.lanes:
            self.f.line(f"store {self.type} {value}, ptr {where}, align {SIZE[self.dtype]}")
        elif self.masked:
            self.store_masked(value, where, self._mask(live))
        else:
            self.scatter(value, where, 1, live)

    def load_masked(self, where: str, mask: str) -> str:
        """The numbers at an address, 0 in the lanes that a mask leaves out."""
        align, zero = f"i32 {SIZE[self.dtype]}", f"{self.type} zeroinitializer"
        name, lanes = f"llvm.masked.load.{self.suffix}.p0", f"<{self.lanes} x i1> {mask}"
        return self.f.call(self.type, name, f"ptr {where}", align, lanes, zero)

    def store_masked(self, value: str, where: str, mask: str) -> None:
        """Write the lanes that a mask names."""
        align, vector, lanes = f"i32 {SIZE[self.dtype]}", f"{self.type} {value}", f"<{self.lanes} x i1> {mask}"
        self.f.call("void", f"llvm.masked.store.{self.suffix}.p0", vector, f"ptr {where}", align, lanes)

    def write(self, value: str, pointer: str, at: int, step: int, live: int) -> None:
        """Write the live numbers of a vector `step` elements apart."""
        if step == 1 or live == 1:
            self.store(value, pointer, at, live)
        else:
            self.scatter(value, self.pointer(pointer, str(at)), step, live)

    def read(self, pointer: str, at: int, step: int, live: int) -> str:
        """Live numbers of a vector, `step` elements apart."""
        if step == 0:
            return self.spread(self.one(pointer, at))
        if step == 1 or live == 1:
            return self.load(pointer, at, live)
        return self.collect(self.pointer(pointer, str(at)), step, live)

    def scatter(self, value: str, pointer: str, step: int, live: int) -> None:
        """Write the live numbers `step` elements apart."""
        for i in range(live):
            number = self.f.op(f"extractelement {self.type} {value}, i64 {i}")
            where = self.pointer(pointer, str(i * step))
            self.f.line(f"store {self.number} {number}, ptr {where}, align {SIZE[self.dtype]}")

    def collect(self, pointer: str, step: int, live: int) -> str:
        """The vector of `live` numbers `step` elements apart."""
        vector = "zeroinitializer"
        for i in range(live):
            vector = self.insert(vector, self.one(pointer, i * step), i)
        return vector

    def _mask(self, live: int) -> str:
        return f"<{', '.join(f'i1 {str(i < live).lower()}' for i in range(self.lanes))}>"

    def counting(self, step: int = 1) -> str:
        """0, step, 2 step, ... (of an integer dtype)."""
        return f"<{', '.join(f'{self.number} {lane * step}' for lane in range(self.lanes))}>"

    def below(self, length: str, at: str) -> str:
        """The mask of the lanes that are elements of `length` if the first one is element `at`. Of an int32."""
        left = self.f.op(f"trunc i64 {self.f.op(f'sub nuw nsw i64 {length}, {at}')} to i32")
        return self.f.op(f"icmp ult {self.type} {self.counting()}, {self.spread(left)}")

    def raised(self, vector: str) -> Value:
        """A vector from memory as a value to compute with."""
        if self.dtype == "bool":
            vector = self.f.op(f"icmp ne {self.type} {vector}, zeroinitializer")
        return Value(self.f, self.dtype, vector, self.lanes)

    def lowered(self, value: Value) -> str:
        """A value as it lies in memory."""
        return self.f.op(f"zext {value.typed} to {self.type}") if self.dtype == "bool" else value.name

    def prefetch(self, where: str) -> None:
        """Bring the line of an address near, to be written."""
        self.f.call("void", "llvm.prefetch.p0", f"ptr {where}", "i32 1", "i32 3", "i32 1")

    def one(self, pointer: str, at: int = 0) -> str:
        """A single number."""
        where = self.pointer(pointer, str(at))
        return self.f.op(f"load {self.number}, ptr {where}, align {SIZE[self.dtype]}")

    def insert(self, vector: str, number: str, lane: int) -> str:
        return self.f.op(f"insertelement {self.type} {vector}, {self.number} {number}, i64 {lane}")

    def spread(self, number: str) -> str:
        """A number in every lane."""
        first = self.insert("poison", number, 0)
        lanes = f"<{self.lanes} x i32> zeroinitializer"
        return self.f.op(f"shufflevector {self.type} {first}, {self.type} poison, {lanes}")

    def fma(self, a: str, b: str, c: str) -> str:
        """a b + c."""
        return self.f.call(self.type, f"llvm.fma.{self.suffix}", *(f"{self.type} {v}" for v in (a, b, c)))

    def add(self, a: str, b: str) -> str:
        return self.f.op(f"fadd {self.type} {a}, {b}")

    def shuffle(self, a: str, b: str, lanes: Sequence[int]) -> str:
        """Lanes of a, or (counted on from there) of b."""
        chosen = ", ".join(f"i32 {lane}" for lane in lanes)
        return self.f.op(f"shufflevector {self.type} {a}, {self.type} {b}, <{self.lanes} x i32> <{chosen}>")

    def transpose(self, rows: Sequence[str]) -> list[str]:
        """The transpose of a square of registers. Missing rows hold anything."""
        n, group = self.lanes, _BLOCK // SIZE[self.dtype]
        rows, d = [*rows, *["poison"] * (n - len(rows))], 1
        for low, high in self._stages():
            for i in range(n):
                if not i & d and not rows[i] == rows[i | d] == "poison":
                    a, b = rows[i], rows[i | d]
                    rows[i], rows[i | d] = self.shuffle(a, b, low), self.shuffle(a, b, high)
            d *= 2
        inside = [int(f"{i:0{group.bit_length() - 1}b}"[::-1], 2) for i in range(group)]  # bits in the other order
        return [rows[i - i % group + inside[i % group]] for i in range(n)]

    def sums(self, rows: Sequence[str]) -> str:
        """The sum of the lanes of each of some vectors (no more than there are lanes), in the first lanes of one."""
        left, d = dict(enumerate(rows)), 1
        for low, high in self._stages():
            for i in [i for i in left if not i & d]:
                a, b = left[i], left.pop(i | d, left[i])
                left[i] = self.add(self.shuffle(a, b, low), self.shuffle(a, b, high))
            d *= 2
        return left[0]

    def _stages(self) -> Iterator[tuple[list[int], list[int]]]:
        """Pairs of shuffles of two vectors that, one after the other, transpose; each is one instruction.

        First inside blocks of 16 bytes: the first halves of both, number by number (then two by two), and the second
        halves. Then the blocks: those with even and those with odd numbers, of both.
        """
        n, group, width = self.lanes, _BLOCK // SIZE[self.dtype], 1
        while width < group:
            turns = [v * n + at + w for at in range(0, group, width) for v in (0, 1) for w in range(width)]
            halves = turns[:group], turns[group:]
            yield tuple([block + lane for block in range(0, n, group) for lane in half] for half in halves)  # type: ignore
            width *= 2
        while width < n:
            yield tuple([lane for lane in range(2 * n) if lane // group % 2 == odd] for odd in (0, 1))  # type: ignore
            width *= 2


class Pairs(Vectors):
    """Vectors of float32 for sums; what is multiplied are pairs of bfloat16, in as many bits."""

    def fma(self, a: str, b: str, c: str) -> str:
        """c and the products of both halves."""
        halves = f"<{2 * self.lanes} x bfloat>"
        pairs = (f"{halves} {self.f.op(f'bitcast {self.type} {v} to {halves}')}" for v in (a, b))
        return self.f.call(self.type, f"llvm.x86.avx512bf16.dpbf16ps.{32 * self.lanes}", f"{self.type} {c}", *pairs)
