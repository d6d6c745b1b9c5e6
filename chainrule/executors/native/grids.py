"""Rows cut into tiles, each at some points: from rows to grids of points, and back (see minimal.py)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import NamedTuple

from .emit import Value
from .filters import POINTS, Factors, combined
from .finish import Finish
from .kernel import Kernel
from .sources import Source, contiguous
from .vectors import Vectors

Starts = Sequence[str]  # where the rows of a grid begin along the axes in front of the row, "0" from their beginning
Terms = Sequence[tuple[str, int]]
Pads = Sequence[tuple[int, int]]


class Grid(NamedTuple):
    """Tiles in memory: an axis of points, those in front of the row, tiles, channels.

    `width`: of the row; `size`: numbers of a tile; `step`: from one tile to the next; `low`: what the first one has in
    front of the row.
    """

    front: tuple[int, ...]
    tiles: int
    channels: int
    width: int
    size: int
    step: int
    low: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return (POINTS, *self.front, self.tiles, self.channels)

    @property
    def elements(self) -> int:
        """All numbers."""
        return math.prod(self.shape)

    def runs(self) -> Iterator[tuple[int, int, list[int]]]:
        """Tiles that follow one another: the first, how many, and which of their numbers lie in the row."""
        inside = [[j for j in range(self.size) if 0 <= t * self.step - self.low + j < self.width]
                  for t in range(self.tiles)]  # fmt: skip
        for live, group in groupby(range(self.tiles), key=inside.__getitem__):
            found = list(group)
            yield found[0], len(found), live


class Walk:
    """A way over the rows of a grid, vector by vector. The grid lies at a pointer."""

    def __init__(self, k: Kernel, grid: Grid, pointer: str, dtype: str, starts: Starts = ()) -> None:
        self.k, self.f, self.grid, self.pointer = k, k.f, grid, pointer
        self.v, self.strides = Vectors(k.f, dtype), contiguous(grid.shape)
        self.starts = starts or ["0"] * len(grid.front)

    @contextmanager
    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """This thread's rows: where one lies in the grid, and its index."""
        f, front = self.f, self.grid.front
        count = math.prod(front)
        with self.k.part(count).loop(count) as loop:
            pairs = zip(self.starts, f.digits(loop.index, front), strict=True)
            index = [f.index(0, [(name, 1) for name in pair if name != "0"]) for pair in pairs]
            yield f.index(0, [(loop.index, self.grid.tiles * self.grid.channels)]), index

    @contextmanager
    def vectors(self, row: str, first: int, count: int) -> Iterator[tuple[str, Terms]]:
        """Vectors of the channels of some tiles: the address, and (tile, 1), (channel, 1)."""
        f, g = self.f, self.grid
        with f.loop(count) as tile, f.loop(g.channels // self.v.lanes) as loop:
            channel = f.index(0, [(loop.index, self.v.lanes)])
            place = f.index(first * g.channels, [(row, 1), (tile.index, g.channels), (channel, 1)])
            yield self.v.pointer(self.pointer, place), [(tile.index, 1), (channel, 1)]

    def offset(self, s: Source, index: Sequence[str], number: int, terms: Terms) -> str:
        """Where in a source a number of a row lies, some tiles and channels further on."""
        (tile, _), (channel, _) = terms
        along = [(tile, self.grid.step * s.strides[-2]), (channel, s.strides[-1])]
        return self.f.index(s.offset + number * s.strides[-2], [*zip(index, s.strides, strict=False), *along])


def split(walk: Walk, x: Source, pads: Pads, matrices: Factors) -> None:
    """Tiles of a source at each point; `pads`: rows of zeros beside it, along each axis in front of the row."""
    f = walk.f
    with walk.rows() as (row, index):
        index = [f.index(-low, [(i, 1)] if i != "0" else []) for i, (low, _) in zip(index, pads, strict=True)]
        inside = ""
        for n, i, pad in zip(x.type.shape, index, pads, strict=False):
            if any(pad):
                here = f.op(f"icmp ult i64 {i}, {n}")
                inside = f.op(f"and i1 {inside}, {here}") if inside else here
        if not inside:
            _split_row(walk, x, row, index, matrices)
            return
        with f.when(inside):
            _split_row(walk, x, row, index, matrices)
        with f.when(f.op(f"xor i1 {inside}, true")), walk.vectors(row, 0, walk.grid.tiles) as (pointer, _):
            _store(walk, pointer, [None] * POINTS)


def _split_row(walk: Walk, x: Source, row: str, index: Sequence[str], matrices: Factors) -> None:
    v, g = walk.v, walk.grid
    for first, count, live in g.runs():
        with walk.vectors(row, first, count) as (pointer, terms):
            values: list[Value | None] = [None] * g.size
            if live:
                number = first * g.step - g.low + live[0]
                source = v.pointer(walk.k.pointer(x.buffer), walk.offset(x, index, number, terms))
                for j in live:
                    values[j] = v.raised(v.load(source, (j - live[0]) * x.strides[-2]))
            _store(walk, pointer, combined(matrices, values))


def _store(walk: Walk, pointer: str, values: Sequence[Value | None]) -> None:
    for point, value in enumerate(values):
        walk.v.store(value.name if value else "zeroinitializer", pointer, point * walk.strides[0])


def join(walk: Walk, results: Sequence[Source], matrices: Factors, to: str, finish: Finish | None = None) -> None:
    """Rows from what all points say: stored at `to`, or finished. `results`: theirs, and what else `finish` reads."""
    f, v, g = walk.f, walk.v, walk.grid
    steps = [s.strides[-1] for s in results]
    with walk.rows() as (row, index):
        for first, count, live in g.runs():
            with walk.vectors(row, first, count) as (pointer, terms):
                points = [v.raised(v.load(pointer, point * walk.strides[0])) for point in range(POINTS)]
                values = combined(matrices, points)
                for j in live:
                    value, number = values[j], first * g.step + j
                    assert value
                    offsets = [walk.offset(s, index, number, terms) for s in results]
                    if finish:
                        finish.at(f, offsets, steps).emit(value, (0,) * len(steps), v.lanes)
                    else:
                        v.store(value.name, v.pointer(to, offsets[0]))
