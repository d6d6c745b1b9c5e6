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

    def emit(self, f: Function, value: Value, offsets: Sequence[str], steps: Sequence[int], live: int) -> None:
        """Read, compute, write. Offsets and steps from one lane to the next: of C and of each operand."""
        operands = []
        for (pointer, dtype), offset, step in zip(self.reads, offsets[1:], steps[1:], strict=True):
            v = Vectors(f, dtype, value.lanes)
            operands.append(v.raised(v.read(v.pointer(pointer, offset), 0, step, live)))
        results = self.compute(value, operands)
        for (pointer, dtype), result in zip(self.writes, results, strict=True):
            v = Vectors(f, dtype, value.lanes)
            v.write(v.lowered(result), v.pointer(pointer, offsets[0]), 0, steps[0], live)
