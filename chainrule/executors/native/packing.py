"""Packing: a piece of an operand copied so that a tile reads it front to back.

A panel holds the rows (or columns) of one piece: all of them for the first k, then for the next k, `slots` apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .vectors import Vectors

_SLICE = 16  # k

Sum = tuple[int | str, int]  # rounds of a loop over k, and how far the operand moves in one


class Packer:
    """Copies panels of an operand. `least`: what the innermost loop over k has at least."""

    def __init__(self, v: Vectors, pointer: str, target: str, slots: int, least: int) -> None:
        self.v, self.f, self.pointer, self.target, self.slots, self.least = v, v.f, pointer, target, slots, least

    @contextmanager
    def slices(self, sums: Sequence[Sum]) -> Iterator[tuple[Sequence[Sum], str]]:
        """The loops over k, a few k at a time, and the first of them.

        Where an operand is contiguous across k, panel after panel then reads its lines to their ends before they are
        forgotten.
        """
        if len(sums) > 1 or sums[0][1] == 1:
            yield sums, "0"
            return
        f, (n, step) = self.f, sums[0]
        count = f.op(f"udiv i64 {f.op(f'add nuw i64 {n}, {_SLICE - 1}')}, {_SLICE}")
        with f.loop(count) as loop:
            first = f.index(0, [(loop.index, _SLICE)])
            left = f.op(f"sub nsw i64 {n}, {first}")
            yield [(f.call("i64", "llvm.smin.i64", f"i64 {left}", f"i64 {_SLICE}"), step)], first

    def panel(self, members: Sequence[int], sums: Sequence[Sum], source: str, place: str) -> None:
        """`members` are the offsets of the rows from the first one; `source` and `place` are offsets."""
        (n, step), *inner = sums
        v = self.v
        if inner:
            width = self.slots * math.prod(int(m) for m, _ in inner)
            with self.f.loop(n) as loop:
                self.panel(members, inner, self._at(source, loop.index, step), self._at(place, loop.index, width))
        elif step == 1 and len(members) > 1 and self.least >= self.v.lanes:
            self._turned(members, n, source, place)
        elif step == 1 and len(members) > 1 and isinstance(n, int):
            self._squares(members, v.pointer(self.pointer, source), v.pointer(self.target, place), n)
        else:
            with self.f.loop(n) as loop:
                self._row(members, self._at(source, loop.index, step), self._at(place, loop.index, self.slots))

    def _at(self, offset: str, index: str, step: int) -> str:
        return self.f.index(0, [(offset, int(offset != "0")), (index, step)])

    def _row(self, members: Sequence[int], source: str, place: str) -> None:
        """The numbers of one k."""
        v = self.v
        pointer, target = v.pointer(self.pointer, source), v.pointer(self.target, place)
        if list(members) == list(range(len(members))):
            for at in range(0, len(members), v.lanes):
                live = min(v.lanes, len(members) - at)
                v.store(v.load(pointer, at, live), target, at, live)
            return
        for i, offset in enumerate(members):
            number = v.one(pointer, offset)
            self.f.line(f"store {v.number} {number}, ptr {v.pointer(target, str(i))}")

    def _turned(self, members: Sequence[int], n: int | str, source: str, place: str) -> None:
        """As many k as a vector holds: read along k, transposed in registers. The last ones may be packed twice."""
        f, lanes = self.f, self.v.lanes
        final = f.op(f"sub nsw i64 {n}, {lanes}")
        count = f.op(f"udiv i64 {f.op(f'add nuw i64 {n}, {lanes - 1}')}, {lanes}")
        with f.loop(count) as loop:
            begin = f.call("i64", "llvm.smin.i64", f"i64 {f.index(0, [(loop.index, lanes)])}", f"i64 {final}")
            pointer = self.v.pointer(self.pointer, self._at(source, begin, 1))
            target = self.v.pointer(self.target, self._at(place, begin, self.slots))
            self._squares(members, pointer, target, lanes)

    def _squares(self, members: Sequence[int], pointer: str, target: str, n: int) -> None:
        """The first n k, no more than a vector holds; as many rows at a time."""
        lanes, step = self.v.lanes, members[1] - members[0]
        whole = len(members) // lanes
        if whole > 1 and list(members) == [i * step for i in range(len(members))]:
            with self.f.loop(whole) as loop:
                source, place = self._at("0", loop.index, lanes * step), self._at("0", loop.index, lanes)
                self._square(members[:lanes], self.v.pointer(pointer, source), self.v.pointer(target, place), n)
        else:
            whole = 0
        for first in range(whole * lanes, len(members), lanes):
            self._square(members[first : first + lanes], pointer, self.v.pointer(target, str(first)), n)

    def _square(self, members: Sequence[int], pointer: str, target: str, n: int) -> None:
        rows = self.v.transpose([self.v.load(pointer, offset, n) for offset in members])
        for i, row in enumerate(rows[:n]):
            self.v.store(row, target, i * self.slots, len(members))
