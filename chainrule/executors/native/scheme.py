"""How a product is cut up: a matter of its shape and the machine's registers and caches alone.

`scheme_of` forms the schemes that make sense, guesses the cycles that each takes (`cost.py`), and takes the best.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .cost import cycles
from .cuts import Cut, Loop
from .emit import SIZE, aligned
from .sources import merged
from .vectors import lanes_in, vector_registers

if TYPE_CHECKING:
    from .contraction import Product

_DEPTH = 384  # k of a block
_FIRST = 40 << 10  # bytes of a panel of B in a block: it stays in the first-level cache
_LONG = 1024  # k of a block when no panel is read twice
_STREAMED = 32  # k of a block when B is read only once: its rows are read from end to end
_NEAR = 1 << 19  # bytes that stay in the second-level cache
_FAR = 1 << 23  # bytes of a result that are far away when they are written
_WIDTHS = ((1,), (2, 1), (3, 2), (2, 4), (3, 2), (2, 3, 4))  # vectors of a tile, where C has one, two, ... of them
_TALL = 16  # rows of a tile
_DOTS = (  # rows and columns of a tile of dots
    (1, 1), (1, 2), (1, 4), (1, 8), (2, 4), (2, 8), (3, 3), (4, 4), (4, 5), (4, 1), (8, 1), (8, 2),
)  # fmt: skip


@dataclass(frozen=True)
class Scheme:
    """One way to compute a product. Strides are those of the single operand, the vector operand, C and what follows it.

    The single operand is read number by number, the vector operand in vectors along `columns`: those of C, or
    (swapped) its rows. `dots`: both are read in vectors along k.
    """

    swapped: bool
    dots: bool
    outside: tuple[Loop, ...]
    rows: Cut
    columns: Cut
    sums: Cut
    pack_single: bool
    pack_vector: bool
    group: int  # pieces of rows that are done one column piece after the other: their part of A stays in the cache
    size: int  # bytes of a number

    @property
    def turned(self) -> bool:
        """Whether C is contiguous across the vectors, so that tiles are transposed before they are stored."""
        along, across = self.columns.loops[-1], self.rows.loops[-1]
        return along[1][2] != 1 and across[1][2] == 1 and self.rows.at == len(self.rows.loops) - 1

    @property
    def groups(self) -> int:
        return -(-self.rows.count // self.group)

    @property
    def blocked(self) -> bool:
        """Whether C is summed in several blocks of k."""
        return self.sums.count > 1

    @property
    def is_far(self) -> bool:
        """Whether C is too large for the caches."""
        return self.size * math.prod(n for n, _ in (*self.outside, *self.rows.loops, *self.columns.loops)) >= _FAR

    @cached_property
    def k(self) -> int:
        """All k."""
        return math.prod(n for n, _ in self.sums.loops)

    @cached_property
    def depth(self) -> int:
        """k of a block."""
        return self.sums.size * self.sums.inside

    @property
    def height(self) -> int:
        """Rows of a tile."""
        return self.rows.size * self.rows.inside

    @property
    def vector_bytes(self) -> int:
        """Of a packed panel of the vector operand."""
        return aligned(self.depth * self.columns.size * self.size) if self.pack_vector else 0

    @property
    def bytes(self) -> int:
        """Of everything packed."""
        return self.vector_bytes + aligned(self.group * self.height * self.depth * self.size) * self.pack_single


def scheme_of(product: Product) -> Scheme:
    """The scheme that is thought to be fastest."""
    loops = (tuple(part) for part in (product.batch, product.rows, product.columns, product.sums))
    machine = (lanes_in(1), vector_registers())
    return _scheme_of(machine, SIZE[product.dtype], *loops, operands=1 + len(product.start))


@functools.lru_cache(maxsize=256)
def _scheme_of(machine: object, size: int, *loops: tuple[Loop, ...], operands: int) -> Scheme:
    return min(schemes_of(size, *loops, operands=operands), key=cycles)


def schemes_of(size: int, *loops: tuple[Loop, ...], operands: int = 3) -> Iterator[Scheme]:
    """All that make sense for numbers of some bytes, and the loops over batches, rows, columns and k.

    Args: operands: A, B, C and what else moves with the loops.
    """
    for swapped in (False, True):
        yield from _Sides(size, loops, swapped, operands).schemes()


def pieces_near(n: int, most: int) -> int:
    """The size of pieces of at most `most`, as equal as can be."""
    return -(-n // -(-n // most))


class _Sides:
    """A product with the roles of its operands decided."""

    def __init__(self, size: int, loops: Sequence[tuple[Loop, ...]], swapped: bool, operands: int) -> None:
        order = (1, 0) if swapped else (0, 1)
        batch, rows, columns, sums = (
            tuple((n, (s[order[0]], s[order[1]], *s[2:])) for n, s in part) for part in loops
        )  # fmt: skip
        if swapped:
            rows, columns = columns, rows
        self.swapped, self.size, self.lanes = swapped, size, lanes_in(size)
        one = ((1, (0,) * operands),)
        self.rows, columns = rows or one, columns or one
        self.columns, self.outside = columns[-1:], (*batch, *columns[:-1])
        self.sums = _sorted(sums) or ((1, (0, 0)),)
        self.n, self.k = (math.prod(n for n, _ in part) for part in (self.columns, self.sums))

    def schemes(self) -> Iterator[Scheme]:
        across = self.rows[-1]
        if self.swapped and self.columns[0][1][1] != 1 and across[1][0] == 1 and across[0] >= 2 * self.lanes:
            return  # vectors the other way round would be wide enough, and are there
        for vectors in _WIDTHS[min(-(-self.n // self.lanes), len(_WIDTHS)) - 1]:
            columns = Cut(self.columns, 0, vectors * self.lanes)
            for rows in self._cuts((vector_registers() - vectors - 1) // vectors):
                for single, vector in self._packed(rows, columns):
                    yield self._tiles(rows, columns, single, vector)
        if self.sums[-1][1] == (1, 1):
            for height, width in _DOTS:
                fits = height * width + min(height, width) < vector_registers() and height <= self.rows[-1][0]
                if fits and width <= min(self.n, self.lanes):
                    yield self._dots(height, width)

    def _cuts(self, most: int) -> Iterator[Cut]:
        """The pieces of rows that a tile may take: some rounds of one loop and all of those inside it."""
        most, inside = min(most, _TALL), 1
        for at in reversed(range(len(self.rows))):
            n = self.rows[at][0]
            limits = {max(1, limit // inside) for limit in (most, most * 3 // 4, most // 2 + 1)}
            for height in sorted({pieces_near(n, limit) for limit in limits}):
                yield Cut(self.rows, at, height)
            inside *= n
            if inside > most:
                return

    def _packed(self, rows: Cut, columns: Cut) -> Iterator[tuple[bool, bool]]:
        """Whether the single and the vector operand are packed. What is not contiguous is."""
        must = self.columns[0][1][1] != 1 and self.n > 1
        for vector in {must, must or rows.count > 2}:
            for single in {False, columns.count > 2}:
                yield single, vector

    def _tiles(self, rows: Cut, columns: Cut, single: bool, vector: bool) -> Scheme:
        limit = min(_DEPTH, _FIRST // (columns.size * self.size)) if rows.count > 1 else _LONG
        if rows.count == 1 and not vector and columns.count > 1:
            limit = _STREAMED if self.k * self.n * self.size > _NEAR // 8 else self.k
        return self._made(False, rows, columns, self._blocks(limit), single, vector)

    def _made(self, dots: bool, rows: Cut, columns: Cut, sums: Cut, single: bool, vector: bool) -> Scheme:
        near = max(1, _NEAR // (rows.size * rows.inside * sums.size * sums.inside * self.size))
        group = rows.count if columns.count == 1 else pieces_near(rows.count, near)
        return Scheme(self.swapped, dots, self.outside, rows, columns, sums, single, vector, group, self.size)

    def _dots(self, height: int, width: int) -> Scheme:
        rows = Cut(self.rows, len(self.rows) - 1, height)
        return self._made(True, rows, Cut(self.columns, 0, width), Cut(self.sums, 0, self.sums[0][0]), False, False)

    def _blocks(self, limit: int) -> Cut:
        """Blocks of at most about `limit` k."""
        at, inside = len(self.sums) - 1, 1
        while at > 0 and inside * self.sums[at][0] <= limit:
            inside *= self.sums[at][0]
            at -= 1
        return Cut(self.sums, at, pieces_near(self.sums[at][0], max(1, limit // inside)))


def _sorted(sums: Sequence[Loop]) -> tuple[Loop, ...]:
    """The loops over k, those with the longest strides first."""
    loops = sorted(((n, s[:2]) for n, s in sums), key=lambda loop: -max(map(abs, loop[1])))
    return tuple(merged([n for n, _ in loops], [[s[x] for _, s in loops] for x in (0, 1)]))
