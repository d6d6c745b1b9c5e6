"""A table as points in a plane: two columns, and the target as a colour."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...data import Column, Table, Target, find_target, inspect_columns
from ...errors import DataError, did_you_mean, listed

MOST_ROWS = 2000  # a larger table is sampled: what nobody can see need not be trained on
HELD = 0.25  # of the rows, for the validation loss


@dataclass(frozen=True)
class Points:
    """Numbers of all columns that can be an axis, and the target.

    Args:
        table: Table. The rows that have a target, at most 2000 of them.
        target: Target.
        values: (n,) class numbers, or values.
        axes: list of str. The columns to choose from.
        notes: list of str.
    """

    table: Table
    target: Target
    values: np.ndarray
    axes: list[str]
    notes: list[str] = field(default_factory=list)

    @cached_property
    def held(self) -> np.ndarray:
        """Which rows are for validation: always the same."""
        order = np.random.default_rng(0).permutation(len(self.values))
        return order < HELD * len(self.values)

    @property
    def is_classification(self) -> bool:
        """Whether the target is a class."""
        return self.target.is_classification

    def plane(self, first: str, second: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Two columns, standardised with the training rows.

        Args: first, second: str. Names among `axes`.
        Returns: points (n, 2), mean (2,), deviation (2,); NaN where a cell is missing.
        Raises: DataError: there is no such column.
        """
        for name in (first, second):
            if name not in self.axes:
                raise DataError(f"play: there is no column {name!r} to draw.{did_you_mean(name, self.axes)}")
        raw = np.stack([numbers_of(self.table.column(name)) for name in (first, second)], axis=1)
        learnt = raw[~self.held]
        mean, deviation = np.nanmean(learnt, axis=0), np.nanstd(learnt, axis=0)
        deviation = np.where(deviation > 0, deviation, 1.0)
        return (raw - mean) / deviation, mean, deviation


def numbers_of(column: Column) -> np.ndarray:
    """A column as numbers; of texts the number of each, in the order in which they appear."""
    numbers = column.numbers()
    if np.isfinite(numbers).mean() > 0.5:
        return numbers
    codes, _ = column.factor()
    return np.where(codes < 0, np.nan, codes).astype(np.float64)


def read_points(table: Table, target: str | int = "last", seed: int = 0) -> Points:
    """Prepare a table.

    Args:
        table: Table.
        target: name or position of the target, 'last' (the default).
        seed: int. Which rows are taken of a large table.

    Raises: DataError: there is no such column, or fewer than two others that can be drawn.
    """
    found = find_target(table, target)
    encoded = found.encode(table)
    rows, values, notes = encoded.rows, encoded.values, list(encoded.notes)
    if len(rows) > MOST_ROWS:
        picked = np.sort(np.random.default_rng(seed).choice(len(rows), MOST_ROWS, replace=False))
        notes.append(f"{MOST_ROWS:,} of {len(rows):,} rows, picked at random")
        rows, values = rows[picked], values[picked]
    part = table.take(rows)
    used = {report.name for report in inspect_columns(part, found.name) if report.used}
    axes = [c.name for c in part.columns if c.name != found.name and c.name in used and _varies(c)]
    if len(axes) < 2:
        raise DataError(f"play: expected two columns besides the target {found.name!r} that can be drawn; got "
                        f"{listed(axes) if axes else 'none'}.")  # fmt: skip
    axes.sort(key=lambda name: not np.isfinite(part.column(name).numbers()).mean() > 0.5)  # numbers first
    return Points(part, found, values, axes, notes)


def _varies(column: Column) -> bool:
    numbers = numbers_of(column)
    return bool(np.isfinite(numbers).sum() > 1 and np.nanstd(numbers) > 0)
