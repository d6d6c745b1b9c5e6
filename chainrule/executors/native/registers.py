"""A tile of C in registers, summed over k."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .vectors import Vectors

Sums = Sequence[tuple[int | str, tuple[int, int]]]  # loops over k: rounds, strides of the two operands


class Piece(NamedTuple):
    """A vector of a tile: its first column, and how many of its lanes are columns."""

    at: int
    live: int


def pieces_of(columns: int, lanes: int) -> list[Piece]:
    """The vectors that cover some columns."""
    return [Piece(at, min(lanes, columns - at)) for at in range(0, columns, lanes)]


class Tile:
    """Rows times vectors of registers. `rows`: the offset of each row in the operand read number by number."""

    def __init__(self, v: Vectors, rows: Sequence[int], pieces: Sequence[Piece]) -> None:
        self.v, self.f, self.rows, self.pieces = v, v.f, rows, pieces

    def sum(self, pointers: tuple[str, str], loops: Sums, offsets: Sequence[str]) -> list[str]:
        """The registers after all k, row by row."""
        start = ["zeroinitializer"] * (len(self.rows) * len(self.pieces))
        return self._level(pointers, loops, start, offsets)

    def _level(self, pointers: tuple[str, str], loops: Sums, tile: list[str], offsets: Sequence[str]) -> list[str]:
        if not loops:
            single, vector = (self.v.pointer(p, o) for p, o in zip(pointers, offsets, strict=True))
            return self._multiply(tile, single, vector)
        (n, steps), *rest = loops
        with self.f.loop(n, [(self.v.type, value) for value in tile]) as loop:
            inner = [self.f.index(0, [(o, 1), (loop.index, s)]) for o, s in zip(offsets, steps, strict=True)]
            loop.next = self._level(pointers, rest, loop.values, inner)
        return loop.next

    def _multiply(self, tile: list[str], single: str, vector: str) -> list[str]:
        """One k: every row of the tile gets its number times the vectors."""
        vectors = [self.v.load(vector, at, live) for at, live in self.pieces]
        result = []
        for r, offset in enumerate(self.rows):
            number = self.v.spread(self.v.one(single, offset))
            for p, factor in enumerate(vectors):
                result.append(self.v.fma(number, factor, tile[r * len(vectors) + p]))
        return result


class Dots(Tile):
    """Rows times columns of sums of products of vectors along k; each ends as one number."""

    def __init__(self, v: Vectors, rows: Sequence[int], columns: Sequence[int]) -> None:
        super().__init__(v, rows, [Piece(0, len(columns))])
        self.columns = columns

    def sum(self, pointers: tuple[str, str], loops: Sums, offsets: Sequence[str]) -> list[str]:
        """A vector for each row: the sums of its columns."""
        start = ["zeroinitializer"] * (len(self.rows) * len(self.columns))
        tile, width = self._level(pointers, loops, start, offsets), len(self.columns)
        return [self.v.sums(tile[r * width : (r + 1) * width]) for r in range(len(self.rows))]

    def _level(self, pointers: tuple[str, str], loops: Sums, tile: list[str], offsets: Sequence[str]) -> list[str]:
        if len(loops) > 1:
            return super()._level(pointers, loops, tile, offsets)
        whole, live = divmod(int(loops[0][0]), self.v.lanes)
        if whole:
            with self.f.loop(whole, [(self.v.type, value) for value in tile]) as loop:
                inner = [self.f.index(0, [(o, 1), (loop.index, self.v.lanes)]) for o in offsets]
                loop.next = self._add(loop.values, pointers, inner, self.v.lanes)
            tile = loop.next
        if live:
            final = [self.f.index(whole * self.v.lanes, [(o, 1)]) for o in offsets]
            tile = self._add(tile, pointers, final, live)
        return tile

    def _add(self, tile: list[str], pointers: tuple[str, str], offsets: Sequence[str], live: int) -> list[str]:
        """As many k as a vector holds."""
        single, vector = (self.v.pointer(p, o) for p, o in zip(pointers, offsets, strict=True))
        left = [self.v.load(single, offset, live) for offset in self.rows]
        right = [self.v.load(vector, offset, live) for offset in self.columns]
        pairs = [(a, b) for a in left for b in right]
        return [self.v.fma(a, b, old) for (a, b), old in zip(pairs, tile, strict=True)]
