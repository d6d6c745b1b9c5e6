"""Permutation importance: how much worse the answers become when a column tells nothing about its row any more.

Source: Breiman 2001, Random forests, section 10; Fisher, Rudin and Dominici 2019, arXiv:1801.01489 (model reliance).
"""

from __future__ import annotations

import numpy as np

from ...errors import ArgumentError
from .results import ColumnImportance, Estimate, Importance
from .subject import Subject

_TWIN = 0.8


def permutation_importance(about: Subject, *, repeats: int = 5, most_rows: int = 2000, seed: int = 0) -> Importance:
    """Shuffle one column after another and measure the loss.

    The measure is the log loss of classes and the RMSE of values; without true answers it is how far the outputs move
    (total variation of probabilities, or distance of values). The intervals hold for other rows of the same kind and
    other shuffles: a row counts where it receives a cell and where it gives its own,

        SE^2 = var(increase with a received cell + increase of the rows that got its cell) / rows,

    each the mean of the repeats; for the RMSE the same by the delta method.

    Args:
        about: Subject.
        repeats: int from 2, default 5.
        most_rows: int, default 2000. Of more rows so many are drawn.
        seed: int, default 0.

    Raises:
        ArgumentError: fewer than 2 rows or repeats.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> x = np.random.default_rng(0).normal(size=(200, 2)).astype("float32")
    >>> net = Sequential([layers.Input((2,)), layers.Dense(1)])
    >>> net.set_weights([np.array([[3.0], [0.0]]), np.array([0.0])])
    >>> found = permutation_importance(subject(net, x, 3 * x[:, 0], names=["a", "b"]))
    >>> [column.column for column in found.columns], found.columns[1].increase.value
    (['a', 'b'], 0.0)
    """
    rows = _rows(about, most_rows, seed)
    if repeats < 2 or len(rows) < 2:
        raise ArgumentError(f"permutation_importance: expected 2 rows and repeats or more; got {len(rows)}, {repeats}.")
    generator = np.random.Generator(np.random.PCG64((seed, 1)))
    cells, truth = about.whole(rows), None if about.truth is None else about.truth[rows]
    before = about.ask(cells)
    start = np.zeros(len(rows)) if truth is None else about.losses(before, truth)
    orders = np.stack([generator.permutation(len(rows)) for _ in range(repeats)])
    found, twins = [], _twins(about, rows)
    for j, name in enumerate(about.names):
        asked = np.tile(cells, (repeats, 1))
        asked[:, j] = rows[orders].reshape(-1)
        after = about.ask(asked).reshape(repeats, len(rows), -1)
        loss = np.stack([_moved(about, before, a) if truth is None else about.losses(a, truth) for a in after])
        found.append(ColumnImportance(name, _increase(start, loss, orders, _is_squared(about)), twins[j]))
    found.sort(key=lambda column: -column.increase.value)
    intact = float(start.mean())
    measure = "movement" if truth is None else "log loss" if about.is_classification else "RMSE"
    return Importance(measure, np.sqrt(intact) if _is_squared(about) else intact, len(rows), repeats, tuple(found))


def _rows(about: Subject, most: int, seed: int) -> np.ndarray:
    """The rows that are used: those with a true answer, if there are any."""
    rows = np.arange(about.rows)
    if about.truth is not None and not np.isnan(about.truth[: about.rows]).all():
        rows = np.flatnonzero(~np.isnan(about.truth[: about.rows]))
    return drawn(rows, most, seed)


def drawn(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """At most so many of the rows, drawn without replacement, in ascending order.

    >>> drawn(np.arange(4), 9, 0).tolist(), len(drawn(np.arange(99), 9, 0))
    ([0, 1, 2, 3], 9)
    """
    if len(rows) <= most:
        return rows
    return np.sort(np.random.Generator(np.random.PCG64((seed, 2))).choice(rows, most, replace=False))


def _is_squared(about: Subject) -> bool:
    return not about.is_classification and about.truth is not None


def _moved(about: Subject, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How far each row's outputs moved: half the sum over the classes, or the distance of the values."""
    distance = np.abs(after - before).sum(1)
    return distance / 2 if about.is_classification else distance


def _increase(start: np.ndarray, loss: np.ndarray, orders: np.ndarray, is_squared: bool) -> Estimate:
    """`start` (rows,); `loss` and `orders` (repeats, rows): in repeat r row i has the cell of row orders[r, i]."""
    before, after = float(start.mean()), float(loss.mean())
    value, slope_before, slope_after = after - before, 1.0, 1.0
    if is_squared:  # d sqrt(m) = dm / (2 sqrt(m))
        value = np.sqrt(after) - np.sqrt(before)
        slope_before, slope_after = (0.5 / np.sqrt(m) if m > 0 else 0.0 for m in (before, after))
    given = np.empty_like(loss)
    np.put_along_axis(given, orders, loss - start, 1)
    influence = slope_after * (loss.mean(0) + given.mean(0)) - slope_before * start
    return Estimate.normal(value, float(influence.std(ddof=1) / np.sqrt(len(start))))


def _twins(about: Subject, rows: np.ndarray) -> list[tuple[str, ...]]:
    """For each column the other number columns of nearly the same order (rank correlation, Spearman 1904)."""
    standard = np.zeros((len(rows), len(about.names)))
    for j in range(len(about.names)):
        numbers = about.numbers(j)
        if numbers is not None:
            standard[:, j] = _standard_ranks(numbers[rows])
    alike = np.abs(standard.T @ standard) >= _TWIN
    np.fill_diagonal(alike, False)
    return [tuple(name for name, twin in zip(about.names, line, strict=True) if twin) for line in alike]


def _standard_ranks(x: np.ndarray) -> np.ndarray:
    """Ranks, ties sharing their mean, brought to mean 0 and length 1; what is missing gets the mean."""
    known = ~np.isnan(x)
    ranks = np.zeros(len(x))
    if known.sum() < 10:
        return ranks
    _, index, counts = np.unique(x[known], return_inverse=True, return_counts=True)
    own = (np.cumsum(counts) - (counts - 1) / 2)[index]
    ranks[known] = own - own.mean()
    length = np.sqrt((ranks**2).sum())
    return ranks / length if length > 0 else ranks
