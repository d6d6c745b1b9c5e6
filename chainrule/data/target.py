"""The target: which column it is, what task it sets, and its cells as class numbers or values.

The rule, in this order, on the cells that are there:

1. text or booleans: classes, one a label;
2. exactly two different numbers: two classes;
3. whole numbers, at most 20 different ones, at least 5 rows each on average: classes;
4. codes: whole numbers that count from 0 or 1 to at most 100 without a gap, at least 100 rows each on average, whose
   frequencies leap from one to the next as those of a quantity do not: classes;
5. other numbers: regression.

So wine quality (7 whole numbers on 4,898 rows) is classification and the rings of abalone (28 different) are
regression. `task=` overrides it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, did_you_mean, listed
from .cells import SURELY_MISSING, number, plain, says_missing
from .columns import odd_cells_note
from .table import Column, Table

TASKS = ("binary", "multiclass", "regression")
_MOST_CLASSES, _ROWS_PER_CLASS = 20, 5
_MOST_CODES, _ROWS_PER_CODE, _LEAPS = 100, 100, 0.75
_FEW_ODD, _LARGEST = 0.02, 1e100
_FALSE_LABELS = ("no", "false", "n", "f", "off", "-", "negative", "neg")


@dataclass(frozen=True)
class Target:
    """What is to be predicted.

    Args:
        name: str. The column.
        task: str. "binary", "multiclass" or "regression".
        labels: tuple of str. The classes as they stand in the data; class k is `labels[k]`. Numbers in ascending order,
            texts alphabetically; of yes/no, true/false, +/- the negative one first. Empty for regression.
        reason: str. Why this task, for the user.
        threshold: float or None. Of two classes: the probability from which on the second is the answer; None: a half.

    >>> target = find_target(Table.from_columns({"x": [1, 2, 3], "y": ["no", "yes", "no"]}), "y")
    >>> target.task, target.labels
    ('binary', ('no', 'yes'))
    """

    name: str
    task: str
    labels: tuple[str, ...] = ()
    reason: str = ""
    threshold: float | None = None

    @property
    def is_classification(self) -> bool:
        """Whether the target is a class."""
        return self.task != "regression"

    def encode(self, table: Table) -> EncodedTarget:
        """The target of a table's rows; rows without one are left out and counted.

        Args:
            table: Table, of training rows or of a file of its own.

        Returns:
            EncodedTarget: `rows` (m,), `values` (m,): int64 class numbers, or float64 for regression; `notes`.

        Raises:
            DataError: the column is not there, no row has a target, or a label is unknown.
        """
        column = table.column(self.name)
        encoded = _classes(self, column, table) if self.is_classification else _values(column, table)
        if not len(encoded.rows):
            raise DataError(f"{table.source or 'Table'}: no row has a value in the target column {self.name!r}.")
        gone = len(table) - len(encoded.rows)
        if not gone:
            return encoded
        rows = "1 row has" if gone == 1 else f"{gone} rows have"
        return replace(encoded, notes=(f"{rows} no target ({self.name!r}) and cannot be used", *encoded.notes))

    def to_config(self) -> dict[str, Any]:
        """Of JSON's types only."""
        return {**vars(self), "labels": list(self.labels)}

    @staticmethod
    def from_config(config: dict[str, Any]) -> Target:
        """The target of a config."""
        known = ("name", "task", "reason")
        return Target(
            **{key: config[key] for key in known}, labels=tuple(config["labels"]), threshold=config.get("threshold")
        )


@dataclass(frozen=True)
class EncodedTarget:
    """The target of the rows that have one.

    Args:
        rows: int array (m,), ascending: rows of the table that have a target.
        values: (m,) int64 class numbers or float64 values.
        notes: tuple of str. What was unusual.
    """

    rows: np.ndarray
    values: np.ndarray
    notes: tuple[str, ...] = ()


def resolve_target(table: Table, target: str | int) -> str:
    """The name of the target column.

    Args:
        table: Table.
        target: str or int. A name; or a position from 1, or from the end with -1, as int or text; or "first", "last".
            A column of exactly that name comes first.

    Raises:
        DataError: there is no such column; the message names the closest.

    >>> table = Table.from_columns({"a": [1], "b": [2], "c": [3]})
    >>> resolve_target(table, "b"), resolve_target(table, "3"), resolve_target(table, -1)
    ('b', 'c', 'c')
    """
    names = table.names
    text = str(target)
    if text in names:
        return text
    position = {"first": 1, "last": -1}.get(text.casefold(), int(text) if text.lstrip("+-").isdecimal() else 0)
    if 1 <= abs(position) <= len(names):
        return names[position - 1 if position > 0 else position]
    hint = did_you_mean(text, names)
    named = "" if table.header else " The file has no header: name the target by its position, such as 1 or last."
    where = table.source or "Table"
    raise DataError(f"{where}: no column {text!r} for the target.{hint}{named} Its columns are {listed(names)}.")


def find_target(table: Table, target: str | int, task: str | None = None) -> Target:
    """Find the target column and the task it sets.

    Args:
        table: Table, all rows.
        target: str or int. As in `resolve_target`.
        task: str or None, default None (found out). "binary", "multiclass", "classification" or "regression".

    Raises:
        DataError: no such column; every cell missing; one class only; text that differs in (nearly) every row; a task
            that the column does not allow.
        ArgumentError: an unknown task.
    """
    if task not in (None, "classification", *TASKS):
        expected = (*TASKS, "classification")
        hint = did_you_mean(str(task), expected)
        raise ArgumentError(f"task: expected one of {listed(expected)}; got {task!r}.{hint}")
    name = resolve_target(table, target)
    column = table.column(name)
    codes, texts = column.factor(SURELY_MISSING)
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    if not counts.sum():
        raise DataError(f"{table.source or 'Table'}: every cell of the target column {name!r} is missing.")
    used = {text: int(count) for text, count in zip(texts, counts, strict=True) if count}
    chosen, reason = (task, "you said so") if task else _task_of(used)
    if chosen == "regression":
        _check_regression(table, column, used)
        return Target(name, "regression", (), reason)
    labels = _labels(used)
    _check_classes(table, name, labels, used, chosen)
    return Target(name, "binary" if len(labels) == 2 else "multiclass", labels, reason)


def _task_of(used: dict[str, int]) -> tuple[str, str]:
    values = {text: number(text) for text in used}
    rows, spellings = sum(used.values()), _alike(used)
    odd = sum(count for text, count in used.items() if values[text] is None and not says_missing(text))
    distinct = {v for v in values.values() if v is not None and np.isfinite(v)}
    if odd > _FEW_ODD * rows or (odd and len(distinct) <= _MOST_CLASSES) or not distinct:
        return "classification", f"text, {len(set(spellings.values()))} different labels"
    if len(distinct) <= 2:
        return "classification", f"{len(distinct)} different numbers"
    whole = all(v == int(v) for v in distinct)
    if whole and len(distinct) <= _MOST_CLASSES and rows >= _ROWS_PER_CLASS * len(distinct):
        return "classification", f"{len(distinct)} different whole numbers on {rows} rows"
    if whole and _are_codes(used, values):
        return "classification", f"{len(distinct)} whole numbers without order in how often they occur, on {rows} rows"
    doubt = "; if they are classes: --task classification" if whole and len(distinct) <= 5 * _MOST_CLASSES else ""
    return "regression", f"{len(distinct)} different {'whole ' if whole else ''}numbers on {rows} rows{doubt}"


def _are_codes(used: dict[str, int], values: dict[str, float | None]) -> bool:
    """Whether numbers look like codes: 0 or 1, 2, 3, ... of which neighbours differ in frequency without rule."""
    counts: dict[int, int] = {}
    for text, count in used.items():
        if (value := values[text]) is not None and np.isfinite(value):
            counts[int(value)] = counts.get(int(value), 0) + count
    numbers = sorted(counts)
    if numbers[0] not in (0, 1) or numbers[-1] - numbers[0] + 1 != len(numbers):
        return False
    sizes = np.array([counts[n] for n in numbers], np.float64)
    if len(sizes) > _MOST_CODES or sizes.sum() < _ROWS_PER_CODE * len(sizes):
        return False
    leaps = np.abs(sizes[1:-1] - (sizes[:-2] + sizes[2:]) / 2).sum()
    return bool(leaps > _LEAPS * sizes[1:-1].sum())


def _labels(used: dict[str, int]) -> tuple[str, ...]:
    """One label a class: of several spellings of one number ('1', '1.0') the commonest."""
    if all(number(text) is not None for text in used):
        by_value: dict[str, str] = {}
        for text in sorted(used, key=lambda t: used[t]):
            by_value[plain(text)] = text
        return tuple(sorted(by_value.values(), key=float))
    labels = set(_alike(used).values())
    if len(labels) == 2:
        return tuple(sorted(labels, key=lambda text: (text.casefold() not in _FALSE_LABELS, text)))
    return tuple(sorted(labels))


def _alike(used: dict[str, int]) -> dict[str, str]:
    """text -> label: of words that differ in capitals or spaces only, the commonest; single letters may differ.

    >>> _alike({"yes": 5, "Yes": 2, "a": 1, "A": 1})
    {'yes': 'yes', 'Yes': 'yes', 'a': 'a', 'A': 'A'}
    """
    first: dict[str, str] = {}
    for text in sorted(used, key=lambda t: -used[t]):
        first.setdefault(_loose(text), text)
    return {text: first[_loose(text)] if len(_loose(text)) > 1 else text for text in used}


def _check_classes(table: Table, name: str, labels: tuple[str, ...], used: dict[str, int], task: str) -> None:
    where, rows = table.source or "Table", sum(used.values())
    if len(labels) == 1:
        raise DataError(
            f"{where}: the target column {name!r} holds one value only ({labels[0]!r}, {rows} rows), so there is "
            "nothing to tell apart. Choose another target."
        )
    if len(labels) > 0.5 * rows and rows > 4:
        share = "in every row" if len(labels) == rows else f"in {rows} rows"
        raise DataError(
            f"{where}: the target column {name!r} holds {len(labels)} different values {share} "
            f"({listed(labels, 3)}): no class repeats enough to be learnt. Choose another target"
            f"{', or --task regression' if all(number(label) is not None for label in labels) else ''}."
        )
    if task == "binary" and len(labels) != 2:
        raise DataError(f"{where}: task 'binary' needs two labels; {name!r} has {len(labels)}: {listed(labels)}.")


def _check_regression(table: Table, column: Column, used: dict[str, int]) -> None:
    where = table.source or "Table"
    values = column.numbers()
    odd = column.odd_rows()
    if len(odd) > 0.5 * sum(used.values()):
        raise DataError(
            f"{table.place(int(odd[0]), column.name)}: regression needs numbers; got {column.text(int(odd[0]))!r} "
            f"({len(odd)} such cells). Use --task classification, or choose another target."
        )
    known = values[~np.isnan(values)]
    size = float(np.abs(known).max())
    if size > _LARGEST or 0 < size < 1 / _LARGEST:
        raise DataError(
            f"{where}: the target column {column.name!r} holds numbers of the size of {size:.3g}, whose squares a "
            "computer cannot hold. Give it in another unit, or its logarithm."
        )
    if np.ptp(known) == 0:
        raise DataError(
            f"{where}: the target column {column.name!r} holds one value only ({known[0]:g}, {len(known)} rows), so "
            "there is nothing to predict. Choose another target."
        )


def _values(column: Column, table: Table) -> EncodedTarget:
    values, odd = column.numbers(), column.odd_rows()
    rows = np.flatnonzero(~np.isnan(values))
    return EncodedTarget(rows, values[rows], (odd_cells_note(table, column, odd),) if len(odd) else ())


def _classes(target: Target, column: Column, table: Table) -> EncodedTarget:
    codes, texts = column.factor(SURELY_MISSING)
    used = np.bincount(codes[codes >= 0], minlength=len(texts)) > 0
    found = [text for text, there in zip(texts, used, strict=True) if there]
    known, notes = _match_labels(target, found, table)
    class_of = np.array([known.get(text, -1) for text in texts] + [-1], np.int64)[codes]
    rows = np.flatnonzero(class_of >= 0)
    return EncodedTarget(rows, class_of[rows], notes)


def _match_labels(target: Target, found: list[str], table: Table) -> tuple[dict[str, int], tuple[str, ...]]:
    """text -> class. Labels spelt differently in another file are accepted when that explains all unknown ones."""
    known = {label: i for i, label in enumerate(target.labels)}
    numbers = {plain(label): i for i, label in enumerate(target.labels)}
    matched = {text: known.get(text, numbers.get(plain(text), -1)) for text in found}
    unknown = [text for text, i in matched.items() if i < 0]
    if not unknown:
        return matched, ()
    loose = {_loose(label): i for i, label in enumerate(target.labels)}
    if len(loose) == len(known) and all(_loose(text) in loose for text in unknown):
        matched.update({text: loose[_loose(text)] for text in unknown})
        pairs = ", ".join(f"{text!r} as {target.labels[matched[text]]!r}" for text in unknown[:4])
        return matched, (f"target {target.name!r}: labels spelt differently were taken for known ones: {pairs}",)
    strange = [text for text in unknown if _loose(text) not in loose] or unknown
    raise DataError(
        f"{table.source or 'Table'}, column {target.name!r}: expected the labels {listed(target.labels)} of the "
        f"training data; got {listed(strange)} as well.{did_you_mean(strange[0], target.labels)}"
    )


def _loose(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".").rstrip()
