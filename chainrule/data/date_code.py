"""Dates and times: how long ago, and where in the year, the week and the day."""

from __future__ import annotations

from typing import Any

import numpy as np

from .codes import ColumnCode
from .moments import FORMATS, find_format, seconds
from .number_code import NumberCode
from .table import Column, Table

_DAY = 86400.0
#: part -> its length in days, and the offset in days of its beginning (1970-01-01 was a Thursday).
_CYCLES = {"year": (365.2425, 0.0), "week": (7.0, 3.0), "day": (1.0, 0.0)}


class DateCode(ColumnCode):
    """Days since 1970 as a number, and sine and cosine of each cycle that the training data pass through.

    Args:
        column: str.
        days: NumberCode (or its config) of the days since 1970.
        cycles: list of "year", "week", "day".
        form: str, default "iso". How the dates are written: a key of `moments.FORMATS`.

    >>> column = Table.from_columns({"when": ["2024-01-01", "2024-02-10", "2024-03-05"]}).column("when")
    >>> DateCode.fit(column, pieces=0).outputs
    ['when', 'when sin(year)', 'when cos(year)', 'when sin(week)', 'when cos(week)']
    """

    kind = "date"

    def __init__(
        self, column: str, days: NumberCode | dict[str, Any], cycles: list[str], form: str = "iso"
    ) -> None:
        if isinstance(days, dict):
            days = NumberCode(**{key: value for key, value in days.items() if key != "kind"})
        self.column, self.days, self.cycles, self.form = column, days, cycles, form

    @classmethod
    def fit(cls, column: Column, pieces: int) -> DateCode:
        """Learn from training rows; at most `pieces` pieces for the days."""
        form = format_of(column)
        days = days_of(column, form)
        code = NumberCode.fit_values(column.name, days, pieces)
        return cls(column.name, code, _cycles(days[~np.isnan(days)]), form)

    @property
    def outputs(self) -> list[str]:
        waves = [f"{self.column} {wave}({cycle})" for cycle in self.cycles for wave in ("sin", "cos")]
        return [*self.days.outputs, *waves]

    def write(self, table: Table, column: Column, out: np.ndarray, notes: list[str]) -> None:
        days = days_of(column, self.form)
        strange = np.flatnonzero(np.isnan(days) & (column.factor()[0] >= 0))
        if len(strange):
            place = table.place(strange[0], self.column)
            notes.append(
                f"{place}: {column.text(strange[0])!r} is no date like {FORMATS[self.form][0]} ({len(strange)} such "
                "cells); missing"
            )
        width = len(self.days.outputs)
        self.days.write_values(days, out[:, :width])
        for i, cycle in enumerate(self.cycles):
            length, offset = _CYCLES[cycle]
            angle = 2 * np.pi * (days + offset) / length
            out[:, width + 2 * i] = np.nan_to_num(np.sin(angle))
            out[:, width + 2 * i + 1] = np.nan_to_num(np.cos(angle))

    def to_config(self) -> dict[str, Any]:
        return {"kind": self.kind, **vars(self), "days": self.days.to_config()}


def format_of(column: Column) -> str:
    """How the dates of a column are written; "iso" where that is not clear."""
    codes, texts = column.factor()
    return find_format([texts[code] for code in np.unique(codes[codes >= 0])]) or "iso"


def days_of(column: Column, form: str | None = None) -> np.ndarray:
    """Days since 1970 of each cell, float64 (n,); NaN where it is no date.

    Args:
        column: Column.
        form: str or None, default None (found out). A key of `moments.FORMATS`.
    """
    codes, texts = column.factor()
    form = form or format_of(column)
    moments = [seconds(text, form) for text in texts]
    return np.array([*(np.nan if s is None else s / _DAY for s in moments), np.nan])[codes]


def _cycles(days: np.ndarray) -> list[str]:
    """Those that the data vary in: months apart, not always the first of a month, not always midnight."""
    if not len(days):
        return []
    whole = np.floor(days)
    months = whole.astype("datetime64[D]").astype("datetime64[M]")
    first_of_month = whole == months.astype("datetime64[D]").astype(np.float64)
    if whole.max() == whole.min():  # one day, or times without a day
        return ["day"]
    found = {"year": np.ptp(days) > 60, "week": not first_of_month.all(), "day": (days != whole).any()}
    return [cycle for cycle, there in found.items() if there]
