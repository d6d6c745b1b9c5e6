"""Drift: what differs between two tables, column by column."""

from __future__ import annotations

import math

import numpy as np

from ..table import Column, Table
from .structure import ColumnDrift

_DECILES = 10
_LEAST_SHARE = 1e-4  # an empty group counts as this in the stability index
_MOST_GROUPS = 50


def drift_between(table: Table, other: Table, kinds: dict[str, str]) -> tuple[ColumnDrift, ...]:
    """Compare the columns that both tables have.

    Args:
        table: Table, the reference.
        other: Table.
        kinds: dict name -> kind, of the reference.

    Returns:
        the columns that can be compared, the most different first. Empty columns and identifiers cannot.
    """
    shared = [name for name in table.names if name in set(other.names)]
    found = [_drift(table.column(n), other.column(n), kinds[n]) for n in shared if kinds[n] not in _INCOMPARABLE]
    return tuple(sorted(found, key=lambda d: (-d.psi, d.name)))


_INCOMPARABLE = ("empty", "identifier", "text", "unused")


def _drift(first: Column, second: Column, kind: str) -> ColumnDrift:
    if kind in ("number", "date"):
        return _number_drift(first, second, kind)
    return _category_drift(first, second, kind)


def _number_drift(first: Column, second: Column, kind: str) -> ColumnDrift:
    a, b = (_ordered(column, kind) for column in (first, second))
    known_a, known_b = np.sort(a[~np.isnan(a)]), np.sort(b[~np.isnan(b)])
    gone = (1 - len(known_a) / len(a), 1 - len(known_b) / len(b))
    if not len(known_a) or not len(known_b):
        return ColumnDrift(first.name, kind, 0.0, 0.0, "KS", 1.0, gone, 0.0)
    ends = np.unique(np.quantile(known_a, np.linspace(0, 1, _DECILES + 1)[1:-1]))
    groups = [np.bincount(np.searchsorted(ends, v), minlength=len(ends) + 1) / len(v) for v in (known_a, known_b)]
    shares = [np.append(g * (1 - m), m) for g, m in zip(groups, gone, strict=True)]
    distance = kolmogorov_smirnov(known_a, known_b)
    return ColumnDrift(
        first.name, kind, stability(*shares), distance, "KS",
        kolmogorov_p(distance, len(known_a), len(known_b)), gone, 0.0,
    )  # fmt: skip


def _ordered(column: Column, kind: str) -> np.ndarray:
    if kind == "number":
        return column.numbers()
    from ..date_code import days_of

    return days_of(column)


def _category_drift(first: Column, second: Column, kind: str) -> ColumnDrift:
    counts_a, counts_b = _counts(first), _counts(second)
    unseen = sum(n for text, n in counts_b.items() if text and text not in counts_a) / max(1, sum(counts_b.values()))
    by_size = sorted(counts_a, key=lambda t: (-counts_a[t], t))
    kept = [*dict.fromkeys(["", *by_size[:_MOST_GROUPS]])]
    a, b = (np.array([*(c.get(t, 0) for t in kept), sum(n for t, n in c.items() if t not in kept)], np.float64)
            for c in (counts_a, counts_b))  # fmt: skip
    there = a + b > 0
    a, b = a[there], b[there]
    shares = a / a.sum(), b / b.sum()
    return ColumnDrift(
        first.name, kind, stability(*shares), float(np.abs(shares[0] - shares[1]).sum() / 2), "TV", chi_square_p(a, b),
        (counts_a.get("", 0) / len(first), counts_b.get("", 0) / len(second)), unseen,
    )  # fmt: skip


def _counts(column: Column) -> dict[str, int]:
    """How often each text occurs; "" for missing."""
    from ..cells import plain

    codes, levels = column.factor()
    counts = np.bincount(np.where(codes < 0, len(levels), codes), minlength=len(levels) + 1).tolist()
    found = {"": counts[-1]} if counts[-1] else {}
    for level, n in zip(levels, counts[:-1], strict=True):
        if n:
            found[plain(level)] = found.get(plain(level), 0) + n
    return found


def stability(a: np.ndarray, b: np.ndarray) -> float:
    """The population stability index of two distributions over the same groups: sum of (b - a) ln(b / a).

    Args:
        a, b: float arrays, each of sum 1.

    Source: Siddiqi, Credit Risk Scorecards (2006). The sum of both Kullback-Leibler divergences.

    >>> round(stability(np.array([0.5, 0.5]), np.array([0.25, 0.75])), 4)
    0.2747
    """
    a, b = np.maximum(a, _LEAST_SHARE), np.maximum(b, _LEAST_SHARE)
    return float(((b - a) * np.log(b / a)).sum())


def kolmogorov_smirnov(a: np.ndarray, b: np.ndarray) -> float:
    """The greatest distance between two empirical distribution functions.

    Args:
        a, b: float64 arrays, ascending.

    >>> kolmogorov_smirnov(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    0.5
    """
    at = np.concatenate([a, b])
    below = [np.searchsorted(v, at, side="right") / len(v) for v in (a, b)]
    return float(np.abs(below[0] - below[1]).max())


def kolmogorov_p(distance: float, n: int, m: int) -> float:
    """The probability of such a distance between samples of one distribution (asymptotic).

    Source: Stephens (1970): Q(z) = 2 sum (-1)^(k-1) exp(-2 k^2 z^2) at z = (r + 0.12 + 0.11 / r) d, r = sqrt(nm/(n+m)).

    >>> round(kolmogorov_p(0.2, 100, 100), 4), kolmogorov_p(0.0, 5, 5)
    (0.0314, 1.0)
    """
    root = math.sqrt(n * m / (n + m))
    z = (root + 0.12 + 0.11 / root) * distance
    if z < 0.2:
        return 1.0
    return min(1.0, max(0.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * z * z) for k in range(1, 101))))


def chi_square_p(a: np.ndarray, b: np.ndarray) -> float:
    """The probability of counts as different as these if both come from one distribution.

    Args:
        a, b: float arrays of counts over the same groups, no group empty in both.

    Source: Pearson's chi-square; its tail in closed form (Abramowitz and Stegun 26.4.4 and 26.4.5).

    >>> chi_square_p(np.array([50.0, 50.0]), np.array([50.0, 50.0])) > 0.9
    True
    """
    groups = len(a)
    if groups < 2:
        return 1.0
    both, total = a + b, float(a.sum() + b.sum())
    square = sum(float(((c - both * c.sum() / total) ** 2 / (both * c.sum() / total)).sum()) for c in (a, b))
    return _tail(square / 2, groups - 1)


def _tail(half: float, free: int) -> float:
    """The probability that a chi-square of `free` degrees of freedom exceeds 2 `half`."""
    first = 0.0 if free % 2 == 0 else 0.5
    terms = (k + first for k in range(free // 2 if first == 0 else (free - 1) // 2))
    log_half = math.log(half) if half > 0 else -math.inf
    if half == 0:
        return 1.0
    total = sum(math.exp(t * log_half - half - math.lgamma(t + 1)) for t in terms)
    return min(1.0, total + (math.erfc(math.sqrt(half)) if first else 0.0))
