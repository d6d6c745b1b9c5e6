"""Elementwise work on the tiles of a product before they are stored: a bias, an activation, a mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .emit import Function, Value
from .vectors import Vectors


class Finish(NamedTuple):
    """What is done with C = A B. Buffers are (pointer, dtype).

    `reads`: the operands beside C; the loops of the product say, behind the stride of C, how each of them moves. Each
    of `writes` lies in memory as C does. `compute` makes the vectors that are written of a vector of C and those of
    the operands; it is called for every vector of a tile.
    """

    reads: Sequence[tuple[str, str]]
    writes: Sequence[tuple[str, str]]
    compute: Callable[[Value, Sequence[Value]], Sequence[Value]]

    def at(self, f: Function, offsets: Sequence[str], steps: Sequence[int]) -> FinishedTile:
        """A tile that begins at these offsets, `steps` from one lane to the next: in C and in each operand."""
        return FinishedTile(self, f, offsets, steps)


class FinishedTile:
    """Finishes vectors of a tile one by one; what several of them read, such as a bias, is read once."""

    def __init__(self, finish: Finish, f: Function, offsets: Sequence[str], steps: Sequence[int]) -> None:
        self.finish, self.f, self.steps = finish, f, steps
        self.reads = [f.address(p, dtype, at) for (p, dtype), at in zip(finish.reads, offsets[1:], strict=True)]
        self.writes = [f.address(p, dtype, offsets[0]) for p, dtype in finish.writes]
        self.known: dict[tuple[int, int, int], Value] = {}

    def emit(self, value: Value, offsets: Sequence[int], live: int) -> None:
        """Read, compute, write. Offsets are from the beginning of the tile."""
        operands = [self._read(i, offset, live, value.lanes) for i, offset in enumerate(offsets[1:])]
        results = self.finish.compute(value, operands)
        for where, (_, dtype), result in zip(self.writes, self.finish.writes, results, strict=True):
            v = Vectors(self.f, dtype, value.lanes)
            v.write(v.lowered(result), where, offsets[0], self.steps[0], live)

    def _read(self, i: int, offset: int, live: int, lanes: int) -> Value:
        key = (i, offset, live)
        if key not in self.known:
            v = Vectors(self.f, self.finish.reads[i][1], lanes)
            self.known[key] = v.raised(v.read(self.reads[i], offset, self.steps[1 + i], live))
        return self.known[key]
