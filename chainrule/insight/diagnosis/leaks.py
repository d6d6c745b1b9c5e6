"""What makes scores too good: rows on both sides of a split, columns that give the target away, identifiers."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np

from ...data import Table, find_target, inspect_columns
from ...data.profile import Finding as Known
from ...data.profile import leaks
from ..finding import Finding, Picture, Remedy, Series
from .subject import CLASSIFICATION

_COPIES = 0.2  # the share of test rows that is more than repetition
_ROWS = 50  # fewer rows prove nothing
_COLUMNS = 1000  # more are not looked at one by one


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


def leaking_columns(found: Sequence[Known]) -> list[Finding]:
    """The findings for columns that know the target too well.

    Args:
        found: sequence of Finding of `chainrule.data.profile`: what its `leaks` found.
    """
    made = []
    for known in found:
        name, beside = known.columns[0], known.evidence.get("columns", {})
        series = [Series("share known", list(beside), list(beside.values()))] if beside else []
        made.append(Finding(
            known.code, "error" if known.code == "target-copy" else "warning", {"column": name, "said": known.message},
            picture=Picture("bars", "column", "share known", series) if series else None,
            evidence={key: value for key, value in known.evidence.items() if isinstance(value, float)},
            remedies=[_without(name)],
        ))  # fmt: skip
    return made


def leaking_inputs(columns: Sequence[tuple[str, np.ndarray]], task: str, values: np.ndarray) -> list[Finding]:
    """The same for arrays that are no table.

    Args:
        columns: (name, numbers), one a column.
        task: str.
        values: class numbers, or values.
    """
    values = values.reshape(len(values), -1)[:, 0] if values.ndim > 1 else values
    if not len(values) >= _ROWS or len(np.unique(values)) < 2 or len(columns) > _COLUMNS:
        return []
    target = "y" if all(name != "y" for name, _ in columns) else "the target"
    table = Table.from_columns({**dict(columns), target: values})
    kinds = inspect_columns(table, target, dict.fromkeys((name for name, _ in columns), "number"))
    whole = "classification" if task in CLASSIFICATION else "regression"
    return leaking_columns(leaks(table, find_target(table, target, whole), kinds))


def _without(name: str) -> Remedy:
    return Remedy("drop-column", f"--drop {shlex.quote(name)}", {"drop": name})


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
