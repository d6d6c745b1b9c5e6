"""What makes scores too good: rows on both sides of a split, columns that give the target away, identifiers."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np

from ..finding import Finding, Picture, Remedy, Series
from .subject import CLASSIFICATION

_COPIES = 0.2  # the share of test rows that is more than repetition
_BINS = 64
_GIVEN_AWAY = 0.999  # of the rows held out, or of their variance
_ROWS = 50  # fewer rows prove nothing


def shared_rows(x: np.ndarray, other: np.ndarray) -> int:
    """How many rows of `other` occur in `x`.

    >>> shared_rows(np.array([[1.0, 2.0]]), np.array([[1.0, 2.0], [1.0, 2.5]]))
    1
    """
    known = {row.tobytes() for row in np.ascontiguousarray(x.reshape(len(x), -1) + 0.0)}
    same = np.ascontiguousarray(other.reshape(len(other), -1).astype(x.dtype) + 0.0)
    return sum(row.tobytes() in known for row in same)


def duplicates_across(count: int, rows: int) -> list[Finding]:
    """The finding for test rows that occur among the training rows.

    Args:
        count: int. How many do.
        rows: int. How many test rows there are.
    """
    if not count:
        return []
    severity = "warning" if count > _COPIES * rows else "info"
    return [Finding("duplicates-across", severity, {"count": count, "rows": rows}, evidence={"share": count / rows},
                    remedies=[Remedy("new-split")])]  # fmt: skip


def target_copies(columns: Sequence[tuple[str, np.ndarray]], task: str, values: np.ndarray) -> list[Finding]:
    """Columns that alone predict the target.

    Args:
        columns: (name, array), one a column: floats are numbers, integers the codes of categories.
        task: str.
        values: class numbers, or values.
    """
    values = values.reshape(len(values), -1)[:, 0] if values.ndim > 1 else values
    if len(values) < _ROWS or len(np.unique(values)) < 2:
        return []
    scores = [(name, *_alone(column, task, values)) for name, column in columns]
    found = []
    for name, score, blind in scores:
        if score >= _GIVEN_AWAY and blind < 0.99:
            picture = Picture("bars", name, "accuracy", [Series("accuracy", [n for n, _, _ in scores],
                                                               [s for _, s, _ in scores])])  # fmt: skip
            found.append(Finding("target-copy", "error", {"column": name, "score": score}, picture=picture,
                                 evidence={"score": score, "without it": blind},
                                 remedies=[_without(name)]))  # fmt: skip
    return found


def _without(name: str) -> Remedy:
    return Remedy("drop-column", f"--drop {shlex.quote(name)}", {"drop": name})


def _alone(column: np.ndarray, task: str, values: np.ndarray) -> tuple[float, float]:
    """(how much of the odd rows a column alone explains when it was learnt on the even ones, how much nothing does)."""
    known = np.arange(len(values)) % 2 == 0
    numbers = np.unique(column)
    if column.dtype.kind == "f" and len(numbers) > _BINS:
        numbers = np.unique(np.quantile(column[known], np.linspace(0, 1, _BINS + 1)))
    bins = np.clip(np.searchsorted(numbers, column, side="right") - 1, 0, len(numbers) - 1)
    if task in CLASSIFICATION:
        counts = np.zeros((len(numbers), int(values.max()) + 1))
        np.add.at(counts, (bins[known], values[known]), 1)
        usual = int(np.bincount(values[known]).argmax())
        answer = np.where(counts.sum(1) > 0, counts.argmax(1), usual)
        return float((answer[bins[~known]] == values[~known]).mean()), float((usual == values[~known]).mean())
    a, b = column - column.mean(), values - values.mean()
    length = float((a @ a) * (b @ b))
    return (float((a @ b) ** 2) / length if length > 0 else 0.0), 0.0


def identifiers(columns: Sequence[tuple[str, np.ndarray]]) -> list[Finding]:
    """Columns of whole numbers that count the rows.

    Args:
        columns: (name, numbers), one a column.
    """
    found = []
    for name, column in columns:
        whole = len(column) >= _ROWS and np.all(column == np.round(column))
        steps = np.diff(column) if whole else np.array([0.0])
        if np.all(steps > 0) and np.median(steps) == 1 and np.mean(steps == 1) > 0.9:
            values = {"column": name, "distinct": len(column), "rows": len(column)}
            found.append(Finding("identifier", "warning", values,
                                 remedies=[_without(name)]))  # fmt: skip
    return found
