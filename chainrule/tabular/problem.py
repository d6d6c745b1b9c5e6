"""What is to be learnt: the rows of a table, cut into those that train and those that test, and what is unusual."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..data import (
    ColumnReport,
    Table,
    Target,
    count_duplicates,
    count_shared,
    find_target,
    inspect_columns,
    read_table,
    split_rows,
)
from ..data.duplicates import row_hashes
from ..errors import ArgumentError, DataError
from .network import Training
from .words import count

_KINDS = {"number": "number", "boolean": "yes-or-no column", "category": "category", "date": "date"}


@dataclass(frozen=True)
class Options:
    """What the user may choose; the defaults are those of `chainrule fit`.

    Args:
        target: str. Name or position of the target column.
        task: None (found out), "classification" or "regression".
        test: str or None. A file of its own to evaluate on; then no row of the table is held out for it.
        test_size: float, default 0.2. Else the share of rows held out; 0 for none.
        seed: int from 0, default 0. Splits, weights and orders of rows follow from it.
        training: Training. Sizes and rates.
        header, delimiter, encoding: how the files are read, see `read_table`.
        drop: tuple of str. Columns to leave out.
    """

    target: str
    task: str | None = None
    test: str | None = None
    test_size: float = 0.2
    seed: int = 0
    training: Training = field(default_factory=Training)
    header: Any = "auto"
    delimiter: str | None = None
    encoding: str = "utf-8"
    drop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """Some rows, and their targets.

    Args:
        table: Table of n rows.
        values: (n,) int64 class numbers or float64 values.
    """

    table: Table
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: np.ndarray) -> Part:
        """The given rows."""
        return Part(self.table.take(rows), self.values[rows])


@dataclass(frozen=True)
class Problem:
    """A table, ready to be learnt from.

    Args:
        target: Target.
        reports: list of ColumnReport, one a feature column.
        train: Part. Rows that train or decide when to stop.
        test: Part. Rows that nothing is learnt from; may be empty.
        summary: tuple of str. What was found, in sentences.
        notes: tuple of str. What was unusual.
    """

    target: Target
    reports: list[ColumnReport]
    train: Part
    test: Part
    summary: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def prior(self) -> list[float]:
        """What is known without looking at a row: the share of each class, or mean and deviation of the values.

        They are learnt from all training rows. Rows held out see the same affine change, so they tell nothing by it.
        """
        values = self.train.values
        if self.target.is_classification:
            return (np.bincount(values, minlength=len(self.target.labels)) / len(values)).tolist()
        deviation = float(values.std())
        return [float(values.mean()), deviation if deviation > 0 else 1.0]


def read_problem(path: str, options: Options) -> Problem:
    """Read a table, find the target and the kinds of columns, and split the rows.

    Args:
        path: str.
        options: Options.

    Raises:
        FileError, DataError: a file or its contents cannot be used.
        ArgumentError: an option is out of range.
    """
    _check(options)
    table = _read(path, options, None)
    target = find_target(table, options.target, options.task)
    if target.name in options.drop:
        raise ArgumentError(f"--drop: {target.name!r} is the target and cannot be left out.")
    encoded = target.encode(table)
    known = Part(table.take(encoded.rows), encoded.values)
    reports = inspect_columns(known.table, target.name, dict.fromkeys(options.drop, "unused"))
    train, test, notes = _with_file(known, target, options) if options.test else _split(known, target, options)
    summary = (
        f"{path}: {count(len(table), 'row')}, {count(len(table.names) - 1, 'column')} and the target {target.name!r}",
        f"task: {_TASK_WORDS[target.task]} ({target.reason})",
        _columns_line(reports),
        f"split: {count(len(train), 'row')} to train on, {len(test):,} to test on",
    )
    found = [note for report in reports for note in ((() if report.used else (report.reason,)) + report.notes)]
    return Problem(target, reports, train, test, summary, (*encoded.notes, *found, *notes))


_TASK_WORDS = {"binary": "two classes", "multiclass": "classes", "regression": "a value"}


def _check(options: Options) -> None:
    if not 0 <= options.test_size < 1:
        raise ArgumentError(
            f"--test-size: expected a share from 0 up to, not including, 1; got {options.test_size}. "
            "For 20 % of the rows write 0.2."
        )
    if options.seed < 0:
        raise ArgumentError(f"--seed: expected a whole number from 0; got {options.seed}.")


def _read(path: str, options: Options, names: Any) -> Table:
    return read_table(
        path, header=options.header, delimiter=options.delimiter, encoding=options.encoding, known_names=names
    )


def _split(known: Part, target: Target, options: Options) -> tuple[Part, Part, list[str]]:
    """Some rows to train on, the others to test on."""
    labels = known.values if target.is_classification else None
    split = split_rows(len(known), test_size=options.test_size, labels=labels, seed=options.seed)
    hashes = row_hashes(known.table)
    train, test = hashes[split.train], hashes[split.test]
    notes = _duplicates(len(train) - len(np.unique(train)), int(np.isin(test, train).sum()), len(test))
    return known.take(split.train), known.take(split.test), notes


def _with_file(known: Part, target: Target, options: Options) -> tuple[Part, Part, list[str]]:
    """All rows to train on; those of the file named by the user to test on."""
    table = _read(str(options.test), options, known.table.names)
    if not table.header and not known.table.header and len(table.names) != len(known.table.names):
        raise DataError(
            f"{options.test}: expected {len(known.table.names)} columns, as in {known.table.source}; got "
            f"{len(table.names)}. The test file must have the same columns, the target among them."
        )
    encoded = target.encode(table)
    test = Part(table.take(encoded.rows), encoded.values)
    notes = [f"{options.test}: {note}" for note in encoded.notes]
    shared = count_shared(known.table, test.table)
    return known, test, [*notes, *_duplicates(count_duplicates(known.table), shared, len(test))]


def _duplicates(copies: int, shared: int, tested: int) -> list[str]:
    notes = []
    if copies == 1:
        notes.append("1 training row is an exact copy of another one; it is kept")
    elif copies:
        notes.append(f"{copies} training rows are exact copies of others; they are kept")
    if shared:
        verb = "occurs" if shared == 1 else "occur"
        notes.append(f"{shared} of {tested} test rows also {verb} among the training rows: "
                     "the test scores are that much too good")  # fmt: skip
    return notes


def _columns_line(reports: list[ColumnReport]) -> str:
    kinds = Counter(report.kind for report in reports if report.used)
    used = ", ".join(count(kinds[kind], word) for kind, word in _KINDS.items() if kinds[kind])
    dropped = sum(not report.used for report in reports)
    return f"columns: {used}" + (f"; {dropped} dropped" if dropped else "")
