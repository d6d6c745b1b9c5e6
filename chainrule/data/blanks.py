"""What the user says stands for a missing value: `-999` everywhere, `0` in one column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..errors import ArgumentError
from .cells import number, plain
from .table import Column, NumberColumn, Table, TextColumn


def blanks_of(table: Table, wanted: Sequence[str], target: str | None = None) -> dict[str, tuple[str, ...]]:
    """Which texts stand for a missing value in which column.

    Args:
        table: Table.
        wanted: sequence of "COLUMN=TEXT", or "TEXT" for every column but the target.
        target: str or None, default None. The target.

    Raises:
        ArgumentError: a text occurs nowhere, or not in the column that was named.

    >>> table = Table.from_columns({"age": [20, 0, 30], "kind": ["a", "unknown", "0"]})
    >>> blanks_of(table, ["age=0", "unknown"])
    {'age': ('0',), 'kind': ('unknown',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for word in wanted:
        name, equals, text = word.partition("=")
        named = bool(equals) and name in table.names
        text = text if named else word
        columns = [table.column(name)] if named else [c for c in table.columns if c.name != target]
        holding = [column.name for column in columns if _holds(column, text)]
        if not holding:
            where = f"column {name!r} holds" if named else "the table holds"
            names = f" No column is named {name!r}." if equals and not named else ""
            raise ArgumentError(f"--missing: {where} no cell {text!r}.{names} Write COLUMN=VALUE, as it stands there.")
        for column_name in holding:
            found[column_name] = (*found.get(column_name, ()), text)
    return found


def blank_table(table: Table, blanks: dict[str, tuple[str, ...]]) -> Table:
    """The table with these cells missing.

    Args:
        table: Table.
        blanks: dict column -> texts, from `blanks_of`.

    >>> table = Table.from_columns({"age": [20, 0, 30]})
    >>> blank_table(table, {"age": ("0",)}).column("age").numbers()
    array([20., nan, 30.])
    """
    if not blanks:
        return table
    return replace(table, columns=tuple(blank_column(c, blanks.get(c.name, ())) for c in table.columns))


def blank_column(column: Column, texts: Sequence[str]) -> Column:
    """The column with cells of these texts missing; numbers are compared by value.

    Args:
        column: Column.
        texts: sequence of str.
    """
    if not texts:
        return column
    if isinstance(column, NumberColumn):
        numbers = [value for value in map(number, texts) if value is not None]
        odd = {row: text for row, text in column.odd.items() if text not in texts}
        return replace(column, values=np.where(np.isin(column.values, numbers), np.nan, column.values), odd=odd)
    if isinstance(column, TextColumn):
        forms = {plain(text) for text in texts}
        gone = np.array([plain(level) in forms for level in column.levels] + [True], bool)
        return replace(column, codes=np.where(gone[column.codes], -1, column.codes).astype(np.int32))
    return column


def _holds(column: Column, text: str) -> bool:
    return int((column.factor()[0] < 0).sum()) < int((blank_column(column, (text,)).factor()[0] < 0).sum())
