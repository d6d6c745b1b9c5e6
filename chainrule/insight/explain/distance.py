"""How different two rows are, in the user's columns; the rows nearest to one.

The distance of two rows is the mean over the columns of 0 to 1: for numbers and dates the difference over the span
between the 5 % and the 95 % quantile, at most 1; otherwise 0 if equal and 1 if not. One missing cell counts 1, two 0.
Source: Gower 1971, A general coefficient of similarity, with a span that single outliers do not stretch.
"""

from __future__ import annotations

import numpy as np

from .importance import drawn
from .results import Neighbour
from .subject import Subject


class Distance:
    """Distances between rows of a subject, scaled by its background.

    Args:
        about: Subject.
    """

    def __init__(self, about: Subject) -> None:
        self.about = about
        self.cells: list[tuple[np.ndarray, float]] = []  # one a column: its cells as numbers, and the span (0: codes)
        for j in range(len(about.names)):
            numbers = about.numbers(j)
            if numbers is None:
                self.cells.append((about.levels(j).astype(np.float64), 0.0))
            else:
                self.cells.append((numbers, _span(numbers[about.background])))

    def columns(self, cells: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Distances of one row from others, by column.

        Args:
            cells: int (columns,). From which row each cell of the one row comes.
            rows: int (n,). The others.

        Returns:
            float64 (n, columns), each from 0 to 1.
        """
        found = np.empty((len(rows), len(self.cells)))
        for j, (values, span) in enumerate(self.cells):
            found[:, j] = _apart(values[rows], values[cells[j]], span)
        return found

    def costs(self, cells: np.ndarray, row: int) -> np.ndarray:
        """Distances of rows that are put together, (n, columns), from one row, by column."""
        found = np.empty(cells.shape)
        for j, (values, span) in enumerate(self.cells):
            found[:, j] = _apart(values[cells[:, j]], values[row], span)
        return found

    def nearest(self, cells: np.ndarray, but: int | None = None) -> float:
        """The distance of a row (columns,) from the nearest one of the background, one of which may be left out."""
        others = self.about.background
        others = others if but is None else others[others != but]
        return float(self.columns(cells, others).mean(1).min()) if len(others) else 1.0

    def usual(self, seed: int = 0, most: int = 200) -> float:
        """How far rows of the background are from their nearest: 95 of 100 are nearer than that."""
        rows = drawn(self.about.background, most, seed)
        return float(np.quantile([self.nearest(np.full(len(self.cells), row), int(row)) for row in rows], 0.95))


def _span(numbers: np.ndarray) -> float:
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return 1.0
    low, high = np.quantile(known, [0.05, 0.95])
    span = float(high - low) or float(np.ptp(known))
    return span if span > 0 else 1.0


def _apart(values: np.ndarray, own: float, span: float) -> np.ndarray:
    if span == 0:
        return (values != own).astype(np.float64)
    if np.isnan(own):
        return (~np.isnan(values)).astype(np.float64)
    return np.nan_to_num(np.minimum(np.abs(values - own) / span, 1.0), nan=1.0)


def nearest_rows(about: Subject, row: int = 0, *, count: int = 5) -> tuple[Neighbour, ...]:
    """The rows of the background that are most like a row, the nearest first.

    Args:
        about: Subject. Give it the training rows (`train=`), else the other rows that are explained are searched.
        row: int from 0, default 0.
        count: int, default 5.

    Raises:
        ArgumentError: there is no such row.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> net = Sequential([layers.Input((1,)), layers.Dense(1)])
    >>> found = nearest_rows(subject(net, np.array([[1], [9], [2]], "float32")), 0, count=1)
    >>> found[0].row, found[0].different
    (3, {'x0': ('1', '2')})
    """
    about.check_row(row)
    distance = Distance(about)
    others = about.background[about.background != row]
    apart = distance.columns(np.full(len(about.names), row), others)
    order = np.argsort(apart.mean(1), kind="stable")[:count]
    answers = about.ask(about.whole(others[order])) if len(order) else np.zeros((0, 1))
    found = []
    for place, outputs in zip(order, answers, strict=True):
        other = int(others[place])
        columns = [j for j in np.argsort(-apart[place], kind="stable") if apart[place, j] > 0]
        different = {about.names[j]: (about.cell(row, j), about.cell(other, j)) for j in columns}
        number = other - int(about.background[0]) + 1
        found.append(Neighbour(number, float(apart[place].mean()), different, about.truth_text(other),
                               about.answer_text(outputs)))  # fmt: skip
    return tuple(found)
