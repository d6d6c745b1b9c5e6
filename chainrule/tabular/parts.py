"""The rows of a table with what is known of each, and how they are cut: at random, by groups, by time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..data import Table, Target, fold_groups, fold_in_order, fold_rows, resolve_target, split_groups, split_in_order
from ..data import split_rows as split_at_random
from ..data.date_code import days_of
from ..data.splitting import Split
from ..errors import ArgumentError, DataError
from .options import Options


@dataclass(frozen=True)
class Part:
    """Some rows, and their targets.

    Args:
        table: Table of n rows.
        values: (n,) int64 class numbers or float64 values.
        weights: float64 (n,) or None. How much each row counts in training; 1 on average.
        groups: int array (n,) or None. The group of each row: groups are held out whole.
        times: float64 (n,) or None. When each row was: later rows are held out.
    """

    table: Table
    values: np.ndarray
    weights: np.ndarray | None = None
    groups: np.ndarray | None = None
    times: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: np.ndarray) -> Part:
        """The given rows."""
        beside = (None if a is None else a[rows] for a in (self.weights, self.groups, self.times))
        return Part(self.table.take(rows), self.values[rows], *beside)

    def split(self, target: Target, test_size: float, seed: int) -> Split:
        """Rows that train and rows that test: by groups, by time, or at random and stratified for classes.

        Args:
            target: Target.
            test_size: float.
            seed: int.
        """
        if self.groups is not None:
            return split_groups(self.groups, test_size, seed)
        if self.times is not None:
            return split_in_order(self.times, test_size)
        labels = self.values if target.is_classification else None
        return split_at_random(len(self), test_size=test_size, labels=labels, seed=seed)

    def folds(self, target: Target, count: int, seed: int) -> list[np.ndarray]:
        """Parts to be held out in turns: whole groups, stretches of time (the latest first), or at random.

        Args:
            target: Target.
            count: int. How many at most.
            seed: int.
        """
        if self.groups is not None:
            return fold_groups(self.groups, count, seed)
        if self.times is not None:
            return fold_in_order(self.times, count)
        labels = self.values if target.is_classification else None
        return fold_rows(len(self), count, labels=labels, seed=seed)


def with_columns_of_rows(part: Part, options: Options) -> Part:
    """The part with weights, groups and times from the columns that the options name.

    Args:
        part: Part.
        options: Options.

    Raises:
        DataError: a column is not there, or holds what it must not.
    """
    table = part.table
    if options.weights is not None:
        part = replace(part, weights=_weights(table, resolve_target(table, options.weights)))
    if options.group is not None:
        part = replace(part, groups=_groups(table, resolve_target(table, options.group)))
    if options.time is not None:
        part = replace(part, times=times_of(table, resolve_target(table, options.time)))
    return part


def balanced(part: Part, target: Target) -> Part:
    """The part with weights that make every class count the same: n / (k n_c), times the weights it had.

    Args:
        part: Part.
        target: Target.

    Raises:
        ArgumentError: the target has no classes.

    >>> table = Table.from_columns({"y": list("aaab")})
    >>> balanced(Part(table, np.array([0, 0, 0, 1])), Target("y", "binary", ("a", "b"))).weights.round(3)
    array([0.667, 0.667, 0.667, 2.   ])
    """
    if not target.is_classification:
        raise ArgumentError(f"--balance: the target {target.name!r} is a value and has no classes to balance.")
    given = np.ones(len(part)) if part.weights is None else part.weights
    sums = np.bincount(part.values, given, minlength=len(target.labels))
    by_class = given.sum() / (np.count_nonzero(sums) * np.where(sums > 0, sums, 1.0))
    return replace(part, weights=given * by_class[part.values])


def columns_of_rows(table: Table, options: Options, target: str) -> dict[str, str]:
    """The columns that are no features, and why: weights and groups.

    Args:
        table: Table.
        options: Options.
        target: str.

    Raises:
        ArgumentError: one of them is the target.
    """
    found: dict[str, str] = {}
    for option, wanted in (("--weights", options.weights), ("--group", options.group), ("--time", options.time)):
        if wanted is None:
            continue
        name = resolve_target(table, wanted)
        if name == target:
            raise ArgumentError(f"{option}: {name!r} is the target.")
        if option != "--time":
            found[name] = "weighs the rows" if option == "--weights" else "names the groups of rows"
    return found


def _weights(table: Table, name: str) -> np.ndarray:
    values = table.column(name).numbers()
    wrong = np.flatnonzero(~(values >= 0))
    if len(wrong):
        raise DataError(
            f"{table.place(int(wrong[0]), name)}: expected a weight, a number from 0; got "
            f"{table.column(name).text(int(wrong[0]))!r} ({len(wrong)} such cells)."
        )
    if not values.sum() > 0:
        raise DataError(f"{table.source or 'Table'}, column {name!r}: expected a weight above 0; all are 0.")
    return values / values.mean()


def _groups(table: Table, name: str) -> np.ndarray:
    """Rows without a group are each a group of its own."""
    codes, _ = table.column(name).factor()
    gone = codes < 0
    return np.where(gone, codes.max() + np.cumsum(gone), codes).astype(np.int64)


def times_of(table: Table, name: str) -> np.ndarray:
    """When each row was: the numbers of a column, or its dates as days.

    Args:
        table: Table.
        name: str. The column.

    Raises:
        DataError: a cell is neither.
    """
    column = table.column(name)
    values = column.numbers()
    if np.isnan(values).all():
        values = days_of(column)
    wrong = np.flatnonzero(np.isnan(values))
    if len(wrong):
        raise DataError(
            f"{table.place(int(wrong[0]), name)}: expected a time, a number or a date like 2024-05-31; got "
            f"{column.text(int(wrong[0]))!r} ({len(wrong)} such cells)."
        )
    return values
