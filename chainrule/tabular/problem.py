"""What is to be learnt: the rows of a table, cut into those that train and those that test, and what is unusual."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..data import (
    ColumnReport,
    Table,
    Target,
    blank_table,
    blanks_of,
    count_duplicates,
    count_shared,
    find_target,
    inspect_columns,
    read_table,
    resolve_target,
)
from ..data.duplicates import row_hashes
from ..data.frames import table_of
from ..data.profile import Finding, leaks, leaks_in_time
from ..errors import ArgumentError, DataError
from .options import Options, check_options
from .parts import Part, balanced, columns_of_rows, with_columns_of_rows
from .words import count

_MOST_COLUMNS, _ROWS_TO_LOOK_AT = 1000, 20_000
Blanks = dict[str, tuple[str, ...]]
_KINDS = {"number": "number", "boolean": "yes-or-no column", "category": "category", "date": "date", "text": "text"}


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
        leaks: tuple of Finding of `chainrule.data.profile`, default (). Columns that know the target too well; they
            are among the notes.
        shared: int, default 0. How many test rows also occur among the training rows.
    """

    target: Target
    reports: list[ColumnReport]
    train: Part
    test: Part
    summary: tuple[str, ...]
    notes: tuple[str, ...]
    leaks: tuple[Finding, ...] = ()
    shared: int = 0

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

    def folds(self, count: int, seed: int) -> list[np.ndarray]:
        """Training rows to be held out in turns: at random, by groups or by time, as the test rows were.

        Args:
            count: int. How many parts.
            seed: int.
        """
        return self.train.folds(self.target, count, seed)


def read_problem(path: Any, options: Options) -> Problem:
    """Read a table, find the target and the kinds of columns, and split the rows.

    Args:
        path: str, or a data frame (`table_of`).
        options: Options.

    Raises:
        FileError, DataError: a file or its contents cannot be used.
        ArgumentError: an option is out of range.
    """
    check_options(options)
    named = isinstance(path, (str, os.PathLike))
    return make_problem(_read(os.fspath(path), options, None) if named else table_of(path), options)


def make_problem(table: Table, options: Options) -> Problem:
    """The same for a table that is in memory.

    Args:
        table: Table.
        options: Options.

    Raises:
        FileError, DataError, ArgumentError: as `read_problem`.
    """
    check_options(options)
    blanks = blanks_of(table, options.missing, resolve_target(table, options.target))
    table = blank_table(table, blanks)
    target = find_target(table, options.target, options.task)
    if target.name in options.drop:
        raise ArgumentError(f"--drop: {target.name!r} is the target and cannot be left out.")
    encoded = target.encode(table)
    others = columns_of_rows(table, options, target.name)
    known = with_columns_of_rows(Part(table.take(encoded.rows), encoded.values), options)
    reports = _reports(known.table, target.name, options.drop, others, blanks)
    part_off = _with_file if options.test else _split
    train, test, notes, shared = part_off(known, target, options, blanks)
    train = balanced(train, target) if options.balance else train
    where = table.source or "the table"
    summary = (
        f"{where}: {count(len(table), 'row')}, {count(len(table.names) - 1, 'column')} and the target {target.name!r}",
        f"task: {_TASK_WORDS[target.task]} ({target.reason})",
        _columns_line(reports),
        f"split: {count(len(train), 'row')} to train on, {len(test):,} to test on{_split_words(known, options)}",
    )
    leaking = _leaks(known, train, target, reports, options)
    notes += [f"{finding.message} ({finding.remedy})" for finding in leaking]
    found = [note for report in reports for note in ((() if report.used else (report.reason,)) + report.notes)]
    said = (*table.notes[1:], *encoded.notes, *found, *notes)
    return Problem(target, reports, train, test, summary, said, tuple(leaking), shared)


def _leaks(known: Part, train: Part, target: Target, reports: list[ColumnReport], options: Options) -> list[Finding]:
    """Columns that know the target too well, found on some of the training rows; in order of time on all rows."""
    if len(reports) > _MOST_COLUMNS:
        return []
    rows = np.arange(0, len(train), max(1, len(train) // _ROWS_TO_LOOK_AT))
    order = None if options.time is None else resolve_target(known.table, options.time)
    return [*leaks(train.take(rows).table, target, reports), *leaks_in_time(known.table, target, reports, order)]


def _reports(
    table: Table, target: str, drop: Sequence[str], others: dict[str, str], blanks: Blanks
) -> list[ColumnReport]:
    """What each column is; those that the options name for something else are no features."""
    found = inspect_columns(table, target, dict.fromkeys([*drop, *others], "unused"))
    found = [replace(r, reason=f"not learnt from: {r.name!r} {others[r.name]}") if r.name in others else r
             for r in found]  # fmt: skip
    return [replace(report, blanks=blanks.get(report.name, ())) for report in found]


def _split_words(known: Part, options: Options) -> str:
    if known.groups is not None:
        return f", by {len(np.unique(known.groups)):,} whole groups of {options.group!r}"
    return f", the latest by {options.time!r}" if known.times is not None else ""


_TASK_WORDS = {"binary": "two classes", "multiclass": "classes", "regression": "a value"}


def _read(path: str, options: Options, names: Any) -> Table:
    return read_table(
        path, header=options.header, delimiter=options.delimiter, encoding=options.encoding, known_names=names,
        query=options.query if names is None else None,
    )  # fmt: skip


def _split(known: Part, target: Target, options: Options, blanks: Blanks) -> tuple[Part, Part, list[str], int]:
    """Some rows to train on, the others to test on."""
    split = known.split(target, options.test_size, options.seed)
    _check_classes(known, target, split.train)
    hashes = row_hashes(known.table)
    train, test = hashes[split.train], hashes[split.test]
    shared = int(np.isin(test, train).sum())
    notes = duplicates_notes(len(train) - len(np.unique(train)), shared, len(test))
    return known.take(split.train), known.take(split.test), notes, shared


def _check_classes(known: Part, target: Target, rows: np.ndarray) -> None:
    classes = np.unique(known.values[rows])
    if target.is_classification and len(classes) == 1:
        raise DataError(
            f"{known.table.source or 'Table'}: all {len(rows)} rows to train on have one value in the target column "
            f"{target.name!r}, {target.labels[classes[0]]!r}, so there is nothing to tell apart. Hold other rows out: "
            "without --time or --group, or with another --test-size."
        )


def _with_file(known: Part, target: Target, options: Options, blanks: Blanks) -> tuple[Part, Part, list[str], int]:
    """All rows to train on; those of the file named by the user to test on."""
    table = blank_table(_read(str(options.test), options, known.table.names), blanks)
    if not table.header and not known.table.header and len(table.names) != len(known.table.names):
        raise DataError(
            f"{options.test}: expected {len(known.table.names)} columns, as in {known.table.source}; got "
            f"{len(table.names)}. The test file must have the same columns, the target among them."
        )
    encoded = target.encode(table)
    test = Part(table.take(encoded.rows), encoded.values)
    notes = [f"{options.test}: {note}" for note in encoded.notes]
    shared = count_shared(known.table, test.table)
    return known, test, [*notes, *duplicates_notes(count_duplicates(known.table), shared, len(test))], shared


def duplicates_notes(copies: int, shared: int, tested: int) -> list[str]:
    """What is said of rows that occur several times.

    Args:
        copies: int. Training rows that are copies of others.
        shared: int. Test rows that occur among the training rows.
        tested: int. Test rows.
    """
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
