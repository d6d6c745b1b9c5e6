"""Packing: an operand of a product copied into panels, so that a tile reads it front to back.

A panel holds some rows (or columns) of the operand: all of them for the first k, then for the next k. `Panels` says
which; the same code packs both operands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .emit import LLVM, SIZE, Function

Group = tuple[int, int, int]  # first row (or column), how many in a panel, how many panels


def widths(n: int, most: int, lanes: int) -> Iterator[tuple[int, int, int]]:
    """(first column, columns of a block, how many blocks) that cover n columns: full blocks, then powers of two.

    >>> list(widths(75, 32, 16))
    [(0, 32, 2), (64, 8, 1), (72, 2, 1), (74, 1, 1)]
    """
    done = n // most * most
    if done:
        yield 0, most, n // most
    while done < n:
        rest = n - done
        size = rest // lanes * lanes or 1 << (rest.bit_length() - 1)
        yield done, size, 1
        done += size


def heights(n: int, most: int) -> Iterator[tuple[int, int, int]]:
    """(first row, rows of a block, how many blocks): blocks as equal as can be.

    >>> list(heights(32, 14))
    [(0, 11, 2), (22, 10, 1)]
    """
    count = -(-n // most)
    size = -(-n // count)
    yield 0, size, n // size
    if n % size:
        yield n // size * size, n % size, 1


class Operand(NamedTuple):
    """A block of an operand: rows (or columns) `step` apart, and loops of k as (size, stride)."""

    pointer: str
    offset: str
    step: int
    sums: list[tuple[int, int]]

    @property
    def depth(self) -> int:
        """How many k there are."""
        count = 1
        for n, _ in self.sums:
            count *= n
        return count


def pack(f: Function, dtype: str, operand: Operand, groups: Sequence[Group], target: str, lanes: int) -> None:
    """Copy a block into panels; panel p of a group lies at (first + p size) depth of the target."""
    packer = _Packer(f, dtype, operand, target, lanes)
    for first, size, blocks in groups:
        with f.loop(blocks) as loop:
            source = f.index(first * operand.step, [(operand.offset, 1), (loop.index, size * operand.step)])
            place = f.index(first * operand.depth, [(loop.index, size * operand.depth)])
            packer.panel(size, source, place)


class _Packer:
    def __init__(self, f: Function, dtype: str, operand: Operand, target: str, lanes: int) -> None:
        self.f, self.dtype, self.operand, self.target, self.lanes = f, dtype, operand, target, lanes
        self.type = LLVM[dtype]

    def panel(self, size: int, source: str, place: str) -> None:
        """All k of one panel."""
        *outer, (n, step) = self.operand.sums
        self._outer(outer, n, size, source, place, n * size, step)

    def _outer(self, outer: list, n: int, size: int, source: str, place: str, run: int, step: int) -> None:
        if outer:
            (count, stride), *rest = outer
            length = run
            for m, _ in rest:
                length *= m
            with self.f.loop(count) as loop:
                inner = self.f.index(0, [(source, 1), (loop.index, stride)])
                self._outer(rest, n, size, inner, self.f.index(0, [(place, 1), (loop.index, length)]), run, step)
            return
        done = n // self.lanes * self.lanes if step == 1 and self.operand.step != 1 and size > 1 else 0
        if done:
            with self.f.loop(n // self.lanes) as loop:
                there = self._at(place, loop.index, self.lanes * size)
                self._turn(size, self._at(source, loop.index, self.lanes), there)
        if n > done:
            with self.f.loop(n, start=str(done)) as loop:
                self._row(size, self._at(source, loop.index, step), self._at(place, loop.index, size))

    def _at(self, offset: str, index: str, step: int) -> str:
        return self.f.index(0, [(offset, 1), (index, step)])

    def _row(self, size: int, source: str, place: str) -> None:
        """The elements of one k."""
        if self.operand.step == 1:
            for first, n, blocks in widths(size, self.lanes, self.lanes):
                for b in range(blocks):
                    self._put(self._get(source, first + b * n, n), n, place, first + b * n)
            return
        for i in range(size):
            value = self.f.load(self.operand.pointer, self.dtype, self.f.index(i * self.operand.step, [(source, 1)]))
            self.f.store(value, self.target, self.f.index(i, [(place, 1)]))

    def _turn(self, size: int, source: str, place: str) -> None:
        """As many k as a vector holds: read along k, transposed in registers, written along the panel."""
        for first in range(0, size, self.lanes):
            n = min(self.lanes, size - first)
            rows = [self._get(source, (first + i) * self.operand.step, self.lanes) for i in range(n)]
            for i, row in enumerate(transpose(self.f, rows, self.type, self.lanes)):
                self._put(self._part(row, n), n, place, i * size + first)

    def _part(self, row: str, n: int) -> str:
        """The first n numbers of a vector."""
        if n == self.lanes:
            return row
        kind, mask = f"<{self.lanes} x {self.type}>", ", ".join(f"i32 {i}" for i in range(n))
        return self.f.op(f"shufflevector {kind} {row}, {kind} poison, <{n} x i32> <{mask}>")

    def _get(self, offset: str, shift: int, n: int) -> str:
        where = self.f.address(self.operand.pointer, self.dtype, self.f.index(shift, [(offset, 1)]))
        return self.f.op(f"load <{n} x {self.type}>, ptr {where}, align {SIZE[self.dtype]}")

    def _put(self, value: str, n: int, offset: str, shift: int) -> None:
        where = self.f.address(self.target, self.dtype, self.f.index(shift, [(offset, 1)]))
        self.f.line(f"store <{n} x {self.type}> {value}, ptr {where}, align {SIZE[self.dtype]}")


def transpose(f: Function, rows: Sequence[str], number: str, lanes: int) -> list[str]:
    """The transpose of a square of registers: in step d, blocks of d by d change places. Missing rows hold anything."""
    kind = f"<{lanes} x {number}>"
    rows = [*rows, *["poison"] * (lanes - len(rows))]
    d = 1
    while d < lanes:
        low = ", ".join(f"i32 {lane if not lane & d else lanes + lane - d}" for lane in range(lanes))
        high = ", ".join(f"i32 {lane + d if not lane & d else lanes + lane}" for lane in range(lanes))
        for i in range(lanes):
            if not i & d:
                a, b = rows[i], rows[i | d]
                if a == b == "poison":
                    continue
                rows[i] = f.op(f"shufflevector {kind} {a}, {kind} {b}, <{lanes} x i32> <{low}>")
                rows[i | d] = f.op(f"shufflevector {kind} {a}, {kind} {b}, <{lanes} x i32> <{high}>")
        d *= 2
    return rows
