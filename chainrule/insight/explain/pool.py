"""Tables brought together: the columns that a model reads, under the names that it knows, from one table or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...data import Column, NumberColumn, Table, TableEncoder, TextColumn
from ...data.date_code import days_of


def aligned(table: Table, encoder: TableEncoder) -> Table:
    """The table under the names of the training table: without a header, columns are matched by position.

    Args:
        table: Table.
        encoder: TableEncoder.

    Raises:
        DataError: a column is missing; the message names all that are.
    """
    encoder.transform(table.take(np.zeros(0, np.intp)), [])  # says what is missing
    if table.header and (encoder.header or set(encoder.columns) <= set(table.names)):
        return table
    without = [name for name in encoder.names if name != encoder.target]
    names = encoder.names if len(encoder.names) == len(table.names) else without
    columns = (column.renamed(name) for name, column in zip(names, table.columns, strict=True))
    return replace(table, columns=tuple(columns), header=True)


def joined(tables: Sequence[Table], names: Sequence[str]) -> Table:
    """The rows of several tables, one below the other.

    Args:
        tables: sequence of Table.
        names: sequence of str. The columns that are kept.

    >>> a, b = Table.from_columns({"x": [1, None], "y": [0, 1]}), Table.from_columns({"x": ["?", "2.50"]})
    >>> both = joined([a, b], ["x"]).column("x")
    >>> both.numbers(), both.text(3)
    (array([1. , nan, nan, 2.5]), '2.50')
    """
    columns = [_joined_column([table.column(name) for table in tables]) for name in names]
    return Table(tuple(columns), source=tables[0].source)


def _joined_column(parts: Sequence[Column]) -> Column:
    numbers = [part for part in parts if isinstance(part, NumberColumn)]
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *map(len, parts)])
    if len(numbers) == len(parts):
        odd = {int(start) + row: text for start, part in zip(starts, numbers, strict=False)
               for row, text in part.odd.items()}  # fmt: skip
        return NumberColumn(parts[0].name, np.concatenate([part.values for part in numbers]), odd)
    index: dict[str, int] = {}
    codes = []
    for part in parts:
        found, levels = part.factor(())
        places = [index.setdefault(level, len(index)) for level in levels]
        codes.append(np.array([*places, -1], np.int32)[found])
    return TextColumn(parts[0].name, np.concatenate(codes), list(index))


def days(column: Column) -> np.ndarray:
    """Days since 1970 of each cell of dates, NaN where there is none.

    Args:
        column: Column.

    >>> days(Table.from_columns({"when": ["1970-01-03", None]}).column("when"))
    array([ 2., nan])
    """
    return days_of(column)
