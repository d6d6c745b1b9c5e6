"""The numbers of a column: quartiles, tails, outliers, a histogram."""

from __future__ import annotations

import numpy as np

from .structure import Numbers

_BARS = 20
_FAR = 3.0  # interquartile ranges
_SKEWED = 2.0


def summarize(values: np.ndarray) -> Numbers | None:
    """Quartiles, tails and outliers of a column.

    Args:
        values: float64 (n,), NaN for missing.

    Returns:
        Numbers; None where no cell holds a number.

    >>> found = summarize(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, np.nan, 500]))
    >>> found.median, found.outliers, found.extremes
    (5.0, 1, ((9, 500.0),))
    """
    rows = np.flatnonzero(~np.isnan(values))
    if not len(rows):
        return None
    known = values[rows]
    minimum, low, median, high, maximum = (float(v) for v in np.quantile(known, [0, 0.25, 0.5, 0.75, 1]))
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(known.mean()), float(known.std())
        away = (known - mean) / (deviation or 1.0)
        skewness = float((away * away * away).mean())
    far = _far_out(known, skewness)
    furthest = np.argsort(-np.abs(known - median) * far, kind="stable")[: min(3, int(far.sum()))]
    edges, counts = _histogram(known[~far] if not far.all() else known)
    return Numbers(
        mean, deviation, minimum, low, median, high, maximum, skewness, int((known == 0).sum()), int((known < 0).sum()),
        int(far.sum()), tuple((int(rows[i]), float(known[i])) for i in furthest), edges, counts,
    )  # fmt: skip


def _far_out(known: np.ndarray, skewness: float) -> np.ndarray:
    """Which numbers lie further than 3 interquartile ranges outside the quartiles."""
    values = known
    if abs(skewness) > _SKEWED:
        median = np.median(known)
        scale = _range(known) / 1.349 or float(np.abs(known - median).mean()) or 1.0
        values = np.arcsinh((known - median) / scale)
    low, high = np.quantile(values, [0.25, 0.75])
    reach = _FAR * (high - low)
    if reach == 0:  # half of the cells hold one value: the others are not outliers for that
        return np.zeros(len(known), bool)
    far: np.ndarray = (values < low - reach) | (values > high + reach)
    return far


def _range(known: np.ndarray) -> float:
    low, high = np.quantile(known, [0.25, 0.75])
    return float(high - low)


def _histogram(known: np.ndarray) -> tuple[tuple[float, ...], tuple[int, ...]]:
    with np.errstate(over="ignore", invalid="ignore"):
        span = float(np.ptp(known))
    if not 0 < span < np.inf:
        return (float(known.min()), float(known.max())), (len(known),)
    try:
        counts, edges = np.histogram(known, bins=_BARS)
    except ValueError:  # the numbers differ by less than can be cut into bars
        return (float(known.min()), float(known.max())), (len(known),)
    return tuple(float(e) for e in edges), tuple(int(c) for c in counts)
