"""A guess at the cycles that a scheme takes, from counts of instructions and of lines that miss a cache.

It only has to put schemes in order. A core is thought to do two multiplications of vectors and two loads in a cycle.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .cuts import Cut
from .vectors import lanes_in

if TYPE_CHECKING:
    from .scheme import Scheme

_LATENCY = 4  # cycles until the result of a multiplication can be added to
_KIND = 0.01  # what each kind of tile that has to be compiled may cost, of the whole
_CODE = 1.5  # cycles that it is worth not to compile the code for another register
_LINE = 64
_FIRST = 40 << 10  # bytes that stay in the first-level cache
_SPLIT = 0.1  # cycles of a vector that lies across two lines
_SHARED = 1.5  # lines that a row of numbers lies in
_CREW = 8  # threads that should have something to do
_LARGE = 1 << 20  # multiplications that threads share
_CACHES = (  # bytes after which lines fall into the same set again, lines of a set that are safe, cycles of a miss
    (1 << 12, 8, 0.4),
    (1 << 17, 8, 4.0),
)


def cycles(s: Scheme) -> float:
    """Of all threads together."""
    lanes = lanes_in(s.size)
    tile = _dots if s.dots else _tile
    total = _packing(s, lanes) + sum(
        m * n * tile(s, rounds * s.rows.inside, width, lanes)
        for rounds, m in _pieces(s.rows) for width, n in _pieces(s.columns)
    )  # fmt: skip
    outside, kinds = math.prod(n for n, _ in s.outside), len(s.rows.kinds) * len(s.columns.kinds)
    return outside * total * (1 + _KIND * kinds + _idle(s, outside)) + _CODE * _registers(s, lanes)


def _registers(s: Scheme, lanes: int) -> int:
    """Of all kinds of tiles."""
    width = sum(s.columns.kinds if s.dots else (-(-n // lanes) for n in s.columns.kinds))
    return sum(s.rows.kinds) * s.rows.inside * width


def _idle(s: Scheme, outside: int) -> float:
    """A little for threads that have nothing to do."""
    units = outside * s.rows.count * s.columns.count
    work = outside * s.k * math.prod(n for cut in (s.rows, s.columns) for n, _ in cut.loops)
    return 0.05 * (-(-units // _CREW) * _CREW / units - 1) if work > _LARGE else 0.0


def _pieces(cut: Cut) -> list[tuple[int, int]]:
    """(rounds, how many such pieces)."""
    outer, n = math.prod(cut.sizes[:-1]), cut.loops[cut.at][0]
    return [(rounds, outer * (n // cut.size if rounds == cut.size else 1)) for rounds in cut.kinds]


def _step(height: int, vectors: int) -> float:
    """Cycles of one k."""
    return max(height * vectors / 2, (height + vectors) / 1.8, _LATENCY)


def _tile(s: Scheme, height: int, width: int, lanes: int) -> float:
    vectors, blocks = -(-width // lanes), s.sums.count
    around = 15 + height * vectors * (3 if blocks > 1 else 1.5)
    if s.turned:
        around += vectors * -(-height // lanes) * lanes * (math.log2(lanes) + 1.5)
    elif s.columns.loops[-1][1][2] != 1 and width > 1:
        around += 2 * height * width
    step = _step(height, vectors)
    if s.rows.count > 1 and s.depth * width * s.size > _FIRST:
        step = max(step, 2.5 * vectors) + 0.25 * vectors  # the panel comes from the second-level cache
    return s.k * (step + _misses(s, height, vectors)) + blocks * around


def _misses(s: Scheme, height: int, vectors: int) -> float:
    """Cycles of one k, for operands read where they lie more than once."""
    total, (single, vector) = 0.0, s.sums.loops[-1][1]
    if not s.pack_vector and s.rows.count > 1:
        split = _SPLIT if vector * s.size % _LINE else 0.0
        total += vectors * (split + _miss(vector * s.size, vectors, s.depth))
    if s.pack_single:
        return total
    if single != 1:
        return total + _SHARED * _miss(single * s.size, 1, s.depth) * (s.rows.count > 1)
    if s.columns.count > 1:
        step, line = s.rows.loops[-1][1][0] * s.size, _LINE // s.size
        total += height * _miss(step, 1, height)
        total += height / line / 2 * _miss(step, -(-s.depth // line), s.group * s.height)  # fetched in time, mostly
    return total


def _miss(stride: int, lines: int, rows: int) -> float:
    """Cycles for a line that is read again after `rows` rows, each of some lines, `stride` bytes apart."""
    cost, stride = 0.0, abs(stride)
    for period, ways, penalty in _CACHES:
        places = min(period // math.gcd(stride, period), max(1, period // _LINE // lines))
        if stride and rows > ways * places * max(1, _LINE // stride):
            cost = penalty
    return cost


def _dots(s: Scheme, height: int, width: int, lanes: int) -> float:
    around = 10 + height * (2 * width + 6)
    if s.columns.loops[-1][1][2] != 1 and width > 1:
        around += 2 * height * width
    step = _step(height, width)
    again = s.k * s.size * max(width * (s.rows.count > 1), s.height * s.rows.count * (s.columns.count > 1))
    if again > _FIRST:
        step = max(step, (height + width) * (2 if again < _CACHES[1][0] * _CACHES[1][1] else 4))
    return -(-s.k // lanes) * step + around


def _packing(s: Scheme, lanes: int) -> float:
    total, (single, vector) = 0.0, s.sums.loops[-1][1]
    rows, columns = (math.prod(n for n, _ in cut.loops) for cut in (s.rows, s.columns))
    if s.pack_vector:
        total += s.groups * s.k * columns * _element(s, s.columns.loops[-1][1][1], vector, lanes, lanes)
    if s.pack_single:
        total += s.k * rows * _element(s, s.rows.loops[-1][1][0], single, lanes, s.height)
    return total


def _element(s: Scheme, step: int, sums: int, lanes: int, rows: int) -> float:
    """Cycles to pack one number of a panel of some rows. Turned, it takes as long as if it were a full square."""
    if step == 1:
        return 3 / lanes
    full = min(lanes, s.sums.loops[-1][0]) * min(lanes, rows) / lanes
    return (math.log2(lanes) + 2) / full if sums == 1 else 1.5
