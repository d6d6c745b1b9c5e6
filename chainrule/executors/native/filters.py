"""Minimal filters: so many results of a filter with so many taps, from a tile of six numbers, by six multiplications.

    results = result ((kernel taps) * (image tile))        three small constant matrices around one product

Taps and tile are taken for polynomials, which are multiplied by what they are at six points: 0, 3/4, -3/4, 3/2, -3/2
and infinity. Of the points that were tried these leave the smallest errors of rounding; the matrices `image` and
`result` are exact in float32. Points that differ in sign alone share their work: every matrix is two factors, one of
which only adds and subtracts.

Source: Winograd 1980, Arithmetic complexity of computations; Lavin and Gray 2016, Fast algorithms for convolutional
neural networks (arXiv:1509.09308); Barabasz et al. 2020, Error analysis and improving the accuracy of Winograd
convolution (arXiv:1803.10986).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from .emit import Value

_FINITE = tuple(Fraction(n, 4) for n in (0, 3, -3, 6, -6))
POINTS = len(_FINITE) + 1  # with infinity; the numbers of a tile are as many

Matrix = tuple[tuple[Fraction, ...], ...]
Factors = tuple[Matrix, ...]  # applied one after the other


class Filter(NamedTuple):
    """The matrices of one kind of filter."""

    results: int
    taps: int
    image: Factors
    kernel: Factors
    result: Factors


@functools.cache
def filter_with(results: int = 0, taps: int = 0) -> Filter:
    """The filter with so many results, or so many taps: together they are one more than the points.

    >>> filter_with(taps=3)[:2]
    (4, 3)
    """
    results, taps = results or POINTS + 1 - taps, taps or POINTS + 1 - results
    ends = [tuple(Fraction(i == n - 1) for i in range(n)) for n in (results, taps)]
    powers = [[p**i for p in _FINITE] + [ends[0][i]] for i in range(results)]
    kernel = [tuple(p**j / _apart(p) for j in range(taps)) for p in _FINITE]
    image = [_polynomial([q for q in _FINITE if q != p]) for p in _FINITE]
    return Filter(
        results, taps,
        (_product(_parts(), (*image, _polynomial(_FINITE))), _signs()),
        (_product(_parts(), (*kernel, ends[1])), _signs()),
        (_signs(), _product(powers, _parts())),
    )  # fmt: skip


def combined(factors: Factors, values: Sequence[Value | None]) -> list[Value | None]:
    """Matrices times a vector of values; None is zero."""
    for matrix in factors:
        values = [_sum(row, values) for row in matrix]
    return list(values)


def _sum(row: Sequence[Fraction], values: Sequence[Value | None]) -> Value | None:
    terms = [(c, v) for c, v in zip(row, values, strict=True) if c and v is not None]
    terms.sort(key=lambda term: abs(term[0]) != 1 or term[0] < 0)  # begin with a plain 1, if there is one
    total: Value | None = None
    for c, v in terms:
        if total is None:
            total = v if c == 1 else v * float(c)
        elif abs(c) == 1:
            total = total + v if c > 0 else total - v
        else:
            total = v.fma(float(c), total)
    return total


def _apart(point: Fraction) -> Fraction:
    """The product of the distances to the other points."""
    distance = Fraction(1)
    for q in _FINITE:
        distance *= point - q if q != point else 1
    return distance


def _polynomial(roots: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The coefficients of the product of (x - root), those of no power first."""
    found = [Fraction(1)]
    for root in roots:
        found = [low - root * high for low, high in zip([Fraction(0), *found], [*found, Fraction(0)], strict=True)]
    return tuple(found + [Fraction(0)] * (POINTS - len(found)))


def _signs() -> Matrix:
    """The values at a point and at its negative, from the parts with even and with odd powers."""
    rows = [[Fraction(i == j) for j in range(POINTS)] for i in range(POINTS)]
    for i in range(1, POINTS - 1, 2):
        rows[i][i + 1], rows[i + 1][i], rows[i + 1][i + 1] = Fraction(1), Fraction(1), Fraction(-1)
    return tuple(map(tuple, rows))


def _parts() -> Matrix:
    """The inverse of `_signs`."""
    return tuple(tuple(x / 2 if 0 < i < POINTS - 1 else x for x in row) for i, row in enumerate(_signs()))


def _product(a: Sequence[Sequence[Fraction]], b: Sequence[Sequence[Fraction]]) -> Matrix:
    return tuple(tuple(sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0))
                       for column in zip(*b, strict=True)) for row in a)  # fmt: skip
