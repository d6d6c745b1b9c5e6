"""What a report needs besides the training, found out within a budget: a second for all of it, by counting, not by a
clock, so that the same training gives the same report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...data import Table
from ...data.profile import TableProfile, profile_table
from ...data.table import TextColumn
from ..explain import (
    Attribution,
    EffectCurve,
    Importance,
    effect_curve,
    permutation_importance,
    shapley_values,
    subject,
)

_ANSWERS = 30_000  # rows that single networks are asked about for the importance of columns
_REPEATS, _MOST_ROWS, _FEWEST_ROWS = 2, 400, 40
_CURVES, _POINTS = 4, 9
_BACKGROUND = 8  # rows that an example is compared with
_BLOCK = 256  # rows that are asked about at once: one size, so that each network is compiled once
_CELLS = 200_000  # more of them are profiled by a part of the rows


@dataclass(frozen=True)
class Example:
    """A row that is shown.

    Args:
        number: int. Its place in its part of the table, from 1.
        truth: str. The true answer.
    """

    number: int
    truth: str


@dataclass(frozen=True)
class Explanations:
    """What the answers depend on.

    Args:
        importance: Importance.
        curves: tuple of EffectCurve.
        examples: tuple of (which: "sure", "unsure" or "mistake", Example, Attribution).
    """

    importance: Importance
    curves: tuple[EffectCurve, ...]
    examples: tuple[tuple[str, Example, Attribution], ...]


def explain(fitted: Any) -> Explanations | None:
    """Explain a training by rows that were not trained on, where there are some.

    Args:
        fitted: Fitted, from `chainrule.tabular`.

    Returns:
        None where there are so many columns that it would take long; `chainrule explain` does it then.
    """
    part = fitted.problem.test if len(fitted.problem.test) else fitted.problem.train
    networks, columns = len(fitted.model.networks), len(fitted.model.encoders[0].columns)
    rows = min(_MOST_ROWS, _ANSWERS // (_REPEATS * columns * networks))
    if rows < _FEWEST_ROWS:
        return None
    chosen = _examples(fitted) if fitted.metrics["measured_on"] in ("test", "train") else ()
    shown = [row for _, row in chosen]
    some = part.take(np.array([*shown, *np.setdiff1d(spread(len(part), rows), shown)], int))
    about = subject(fitted.model, compact(some.table), some.values.astype(np.float64))
    about.largest_block = _BLOCK
    importance = permutation_importance(about, repeats=_REPEATS, most_rows=rows)
    examples = []
    for place, (kind, row) in enumerate(chosen):
        found = shapley_values(about, place, background=_BACKGROUND, orders=2 * _BACKGROUND, exact=False)
        examples.append((kind, Example(row + 1, about.truth_text(place) or ""), found))
    first = [c.column for c in importance.columns[:_CURVES] if c.increase.low > 0]
    most = min(rows, max(20, _ANSWERS // (2 * _CURVES * _POINTS * networks)))
    curves = tuple(effect_curve(about, name, points=_POINTS, most_rows=most, individual=0) for name in first)
    return Explanations(importance, curves, tuple(examples))


def _examples(fitted: Any) -> tuple[tuple[str, int], ...]:
    """A row that the network is sure of and right, the one it is least sure of, and its worst mistake."""
    truth, outputs = fitted.truth, fitted.outputs
    if outputs.ndim == 1:
        error = np.abs(outputs - truth)
        return (("close", int(error.argmin())), ("far", int(error.argmax())))
    sure, right = outputs.max(1), outputs.argmax(1) == truth
    found = [("unsure", int(sure.argmin()))]
    if right.any():
        found.insert(0, ("sure", int(np.where(right, sure, -1).argmax())))
    if not right.all():
        found.append(("mistake", int(np.where(right, -1, sure).argmax())))
    return tuple(found)


def profile(fitted: Any) -> TableProfile:
    """What is in the training rows, and what is wrong with it.

    Args:
        fitted: Fitted, from `chainrule.tabular`.
    """
    table, target = fitted.problem.train.table, fitted.problem.target
    task = "classification" if target.is_classification else "regression"
    return profile_table(some_rows(table), target.name, task=task)


def some_rows(table: Table) -> Table:
    """The rows of a table that are profiled: all, or evenly spread ones where there are very many cells."""
    most = max(1000, _CELLS // max(1, len(table.names)))
    if len(table) <= most:
        return table
    return compact(table.take(spread(len(table), most)))


def spread(count: int, most: int) -> np.ndarray:
    """Numbers of rows: all of them, or so many, evenly spread.

    >>> spread(3, 9), spread(9, 3)
    (array([0, 1, 2]), array([0, 4, 8]))
    """
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def compact(table: Table) -> Table:
    """The same table; texts that no row holds any more are forgotten, so that they are not read again and again.

    >>> table = Table.from_columns({"x": ["a", "b", "c"]}).take(np.array([2, 2]))
    >>> compact(table).columns[0].levels
    ['c']
    """
    columns = []
    for column in table.columns:
        if isinstance(column, TextColumn):
            there, codes = np.unique(column.codes, return_inverse=True)
            levels = [column.levels[code] for code in there if code >= 0]
            codes = codes - (len(there) - len(levels))  # code -1, a null, is the first one where it occurs
            column = TextColumn(column.name, codes.astype(np.int32), levels)
        columns.append(column)
    return replace(table, columns=tuple(columns))
