"""Effect curves: what the network says when one column is set to a value and all others stay as they are.

Sources: Friedman 2001, Greedy function approximation, section 8.2 (partial dependence); Goldstein, Kapelner, Bleich and
Pitkin 2015, arXiv:1309.6392 (the curve of each row, ICE).
"""

from __future__ import annotations

import numpy as np

from .importance import drawn
from .results import Z95, EffectCurve
from .subject import Subject

_MOST_CATEGORIES = 12


def effect_curve(
    about: Subject, column: str, *, points: int = 20, most_rows: int = 300, individual: int = 30, seed: int = 0
) -> EffectCurve:
    """Set a column to one value after another in many rows.

    The values are cells of the background: all of few, quantiles of many numbers, the commonest categories. The
    interval of the mean is that for other rows of the same kind, at each value.

    Args:
        about: Subject.
        column: str.
        points: int, default 20. At most so many numbers.
        most_rows: int, default 300. Rows of the background that the mean is of.
        individual: int, default 30. Rows whose own curves are kept.
        seed: int, default 0.

    Raises:
        ArgumentError: there is no such column.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> net = Sequential([layers.Input((2,)), layers.Dense(1)])
    >>> net.set_weights([np.array([[3.0], [-1.0]]), np.array([0.0])])
    >>> found = effect_curve(subject(net, np.array([[0, 1], [1, 2], [2, 3]], "float32")), "x0")
    >>> found.values, found.mean[:, 0].tolist()
    (('0', '1', '2'), [-2.0, 1.0, 4.0])
    """
    j = about.column(column)
    values, is_number = representatives(about, j, points)
    rows = drawn(about.background, most_rows, seed)
    cells = np.tile(about.whole(rows), (len(values), 1))
    cells[:, j] = np.repeat(values, len(rows))
    asked = about.ask(cells).reshape(len(values), len(rows), -1)
    mean = asked.mean(1)
    error = asked.std(1, ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else np.zeros_like(mean)
    numbers = about.numbers(j) if is_number else None
    shown = drawn(np.arange(len(rows)), individual, seed)
    return EffectCurve(
        column, is_number, tuple(about.cell(int(row), j) for row in values),
        np.arange(len(values), dtype=np.float64) if numbers is None else numbers[values], tuple(about.outputs),
        mean, mean - Z95 * error, mean + Z95 * error, asked[:, shown].transpose(1, 0, 2), len(rows),
    )  # fmt: skip


def representatives(about: Subject, j: int, most: int) -> tuple[np.ndarray, bool]:
    """Rows of the background whose cells stand for the values of a column, and whether these have an order.

    Args:
        about: Subject.
        j: int. The column.
        most: int. At most so many numbers; of categories the 12 commonest.

    Returns:
        int array of rows: ascending numbers, or categories, the commonest first.
    """
    numbers = about.numbers(j)
    if numbers is not None and (known := about.background[~np.isnan(numbers[about.background])]).size:
        distinct, first = np.unique(numbers[known], return_index=True)
        if len(distinct) <= most:
            return known[first], True
        ends = np.quantile(numbers[known], np.linspace(0, 1, most), method="nearest")
        return known[first[np.searchsorted(distinct, np.unique(ends))]], True
    _, first, counts = np.unique(about.levels(j)[about.background], return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:_MOST_CATEGORIES]
    return about.background[first[order]], False
