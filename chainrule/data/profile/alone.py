"""How much one column tells of the target, and whether it knows what comes later."""

from __future__ import annotations

import numpy as np

from ..table import Column

_BINS, _FEW, _ROWS_A_BIN = 64, 256, 20


def cells_as_bins(column: Column, kind: str) -> tuple[np.ndarray, int]:
    """A column cut into groups: each category, each of few numbers, else up to 64 groups of equally many numbers.

    Args:
        column: Column.
        kind: str. "number" or "date" for quantiles, anything else for the texts as they stand.

    Returns:
        int64 (n,) from 0, and the number of groups; missing cells are the last group.
    """
    if kind != "number":
        codes, levels = column.factor()
        return np.where(codes < 0, len(levels), codes).astype(np.int64), len(levels) + 1
    values = column.numbers()
    gone = np.isnan(values)
    known = values[~gone]
    ends = np.unique(known) if len(known) else np.zeros(1)
    if len(ends) > min(_FEW, max(2, len(known) // _ROWS_A_BIN)):
        groups = min(_BINS, max(2, len(known) // _ROWS_A_BIN))
        ends = np.unique(np.quantile(known, np.linspace(0, 1, groups + 1)[1:]))
    bins = np.searchsorted(ends, np.where(gone, ends[0], values))
    bins = np.minimum(bins, len(ends) - 1)
    return np.where(gone, len(ends), bins).astype(np.int64), len(ends) + 1


def tells_classes(bins: np.ndarray, size: int, classes: np.ndarray, labels: int) -> tuple[float, float]:
    """What is known of a class once the group is: learnt on one half of the rows, measured on the other, both ways.

    Args:
        bins: int array (n,), from 0.
        size: int. How many groups.
        classes: int array (n,), from 0.
        labels: int. How many classes.

    Returns:
        the share of the entropy that is gone (0 to 1; 1 - H(class | group) / H(class)), and the accuracy.

    Source: Theil's uncertainty coefficient (1970), here out of fold.

    >>> bins = np.tile([0, 1], 200)
    >>> share, accuracy = tells_classes(bins, 2, bins, 2)
    >>> share > 0.9, accuracy
    (True, 1.0)
    """
    prior = np.bincount(classes, minlength=labels) / len(classes)
    entropy = float(-(prior[prior > 0] * np.log(prior[prior > 0])).sum())
    half = _halves(len(classes))
    loss, right = 0.0, 0
    for held in (half, ~half):
        cells = bins[~held] * labels + classes[~held]
        counts = np.bincount(cells, minlength=size * labels).reshape(size, labels)
        total = counts.sum(1, keepdims=True)
        chances = (counts + prior) / (total + 1)
        loss -= float(np.log(chances[bins[held], classes[held]]).sum())
        right += int((chances.argmax(1)[bins[held]] == classes[held]).sum())
    share = 1 - loss / len(classes) / entropy if entropy > 0 else 0.0
    return max(0.0, share), right / len(classes)


def right_by_the_nearest(numbers: np.ndarray, classes: np.ndarray) -> float:
    """How often the class of the nearest number is right: looked up in one half of the rows, measured on the other.

    Args:
        numbers: float64 (n,), NaN for missing, which is a number like any other here.
        classes: int array (n,).

    >>> x = np.random.default_rng(0).uniform(size=400)
    >>> right_by_the_nearest(x, (x > 0.3).astype(int)) > 0.98
    True
    """
    gone = np.isnan(numbers)
    x = np.where(gone, (np.nanmax(numbers) if not gone.all() else 0.0) + 1.0, numbers)
    half = _halves(len(x))
    right = 0
    for held in (half, ~half):
        order = np.argsort(x[~held], kind="stable")
        known, answers = x[~held][order], classes[~held][order]
        after = np.clip(np.searchsorted(known, x[held]), 1, len(known) - 1)
        nearer = after - (x[held] - known[after - 1] <= known[after] - x[held])
        right += int((answers[nearer] == classes[held]).sum())
    return right / len(x)


def tells_values(bins: np.ndarray, size: int, values: np.ndarray, numbers: np.ndarray | None) -> float:
    """The share of the variance that is gone once the group is known, or the number by a straight line.

    Args:
        bins, size: as in `tells_classes`.
        values: float64 (n,): the target.
        numbers: float64 (n,) or None. The column's numbers, NaN for missing.
    """
    spread = float(((values - values.mean()) ** 2).sum())
    half = _halves(len(values))
    error = 0.0
    for held in (half, ~half):
        counts = np.bincount(bins[~held], minlength=size)
        sums = np.bincount(bins[~held], values[~held], minlength=size)
        means = (sums + values[~held].mean()) / (counts + 1)
        error += float(((values[held] - means[bins[held]]) ** 2).sum())
    share = 1 - error / spread if spread > 0 else 0.0
    return max(0.0, share, _line(numbers, values))


def _line(numbers: np.ndarray | None, values: np.ndarray) -> float:
    if numbers is None:
        return 0.0
    known = ~np.isnan(numbers)
    if known.sum() < max(3, 0.5 * len(values)):
        return 0.0
    return squared_correlation(numbers[known], values[known])


def _halves(rows: int) -> np.ndarray:
    half = np.zeros(rows, bool)
    half[np.random.Generator(np.random.PCG64(0)).permutation(rows)[: rows // 2]] = True
    return half


def squared_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """The square of Pearson's correlation; 0 where one of the two does not vary."""
    with np.errstate(over="ignore", invalid="ignore"):
        x, y = x - x.mean(), y - y.mean()
        scale = float((x**2).sum() * (y**2).sum())
        return float((x * y).sum()) ** 2 / scale if 0 < scale < np.inf else 0.0


def knows_the_next(x: np.ndarray, y: np.ndarray) -> float:
    """What a column tells of the next row's target beyond what the targets so far tell, 0 to 1.

    The share of the variance of y(t+1) left by a straight-line forecast from y(t) and y(t-1) that x(t) takes away.

    Args:
        x, y: float64 (n,), in order of time, no NaN.

    >>> y = np.random.default_rng(0).normal(size=300)
    >>> bool(knows_the_next(np.roll(y, -1), y) > 0.99), bool(knows_the_next(y, y) < 0.05)
    (True, True)
    """
    if len(y) < 30:
        return 0.0
    known = np.stack([np.ones(len(y) - 2), y[1:-1], y[:-2]], 1)
    later, extra = y[2:], x[1:-1]
    left = later - known @ np.linalg.lstsq(known, later, rcond=None)[0]
    new = extra - known @ np.linalg.lstsq(known, extra, rcond=None)[0]
    if new.std() <= 1e-9 * max(extra.std(), 1e-300):
        return 0.0
    return squared_correlation(new, left)


def counts_up_the_target(x: np.ndarray, y: np.ndarray) -> float:
    """How well the step from the row before to this one equals this row's target: a running total that includes it.

    Args:
        x, y: float64 (n,), in order of time, no NaN.

    >>> y = np.random.default_rng(0).normal(size=300)
    >>> round(counts_up_the_target(np.cumsum(y), y), 6)
    1.0
    """
    return squared_correlation(np.diff(x), y[1:]) if len(y) >= 30 else 0.0
