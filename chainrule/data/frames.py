"""Data frames as tables: pandas, polars, Arrow, mappings of columns, arrays. No library of frames is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import DataError
from .decorated import without_signs
from .table import Column, NumberColumn, Table, check_names, column_of


def table_of(data: Any, source: str = "") -> Table:
    """A table of a data frame. Columns of floats are used where they lie, not copied.

    Args:
        data: Table, pandas or polars DataFrame, pyarrow Table, a mapping name -> values, or an array (n, columns) with
            columns called `column_1`, `column_2`, ...
        source: str, default "" (what kind of frame it is). A name for messages.

    Raises:
        DataError: it is nothing of these, has no rows, or two columns of one name.

    >>> table_of({"age": [20, 30], "sex": ["m", None]}).column("sex").text(0)
    'm'
    >>> table_of(np.array([[1.0, 2.0], [3.0, 4.0]])).column("column_2").numbers()
    array([2., 4.])
    """
    if isinstance(data, Table):
        return data
    kind = source or f"{type(data).__module__.partition('.')[0]}.{type(data).__name__}"
    columns = _columns(data, kind)
    check_names([column.name for column in columns], kind)
    table = Table(columns, kind if source or not isinstance(data, (Mapping, np.ndarray)) else "")
    if not len(table):
        raise DataError(f"{kind}: expected a table with at least one row; it has {len(columns)} columns and no rows.")
    return without_signs(table)


def _columns(data: Any, kind: str) -> tuple[Column, ...]:
    if isinstance(data, Mapping):
        return tuple(_column(str(name), values) for name, values in data.items())
    if isinstance(data, np.ndarray):
        if data.ndim != 2:
            raise DataError(f"{kind}: expected an array of rows and columns; got shape {data.shape}.")
        return tuple(_column(f"column_{i}", data[:, i - 1]) for i in range(1, data.shape[1] + 1))
    if hasattr(data, "column_names") and hasattr(data, "combine_chunks"):  # a pyarrow Table
        from .arrow import table_of_arrow

        return table_of_arrow(data, kind, "Arrow").columns
    if hasattr(data, "columns") and hasattr(data, "__getitem__"):
        if hasattr(data, "iloc"):  # pandas: by position, since names may repeat or be numbers
            return tuple(_column(str(name), data.iloc[:, i]) for i, name in enumerate(data.columns))
        return tuple(_column(str(name), data[name]) for name in data.columns)
    raise DataError(
        f"expected a path, a data frame (pandas, polars, Arrow), a mapping of columns or an array; got {kind}."
    )


def _column(name: str, values: Any) -> Column:
    array = values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values) if _is_flat(values) else None
    if array is None:
        return column_of(name, values)
    if array.dtype.kind in "fiu":
        return number_column(name, array)
    if array.dtype.kind == "M":
        text = np.datetime_as_string(array, unit="s")
        return column_of(name, [None if when == "NaT" else when for when in text.tolist()])
    if array.dtype.kind == "m":
        return number_column(name, array / np.timedelta64(1, "s"))
    return column_of(name, [None if _is_gone(cell) else cell for cell in array.tolist()])


def _is_flat(values: Any) -> bool:
    return isinstance(values, np.ndarray) and values.ndim == 1


def _is_gone(cell: Any) -> bool:
    """None, NaN, NaT, pandas.NA: whatever does not equal itself."""
    if cell is None:
        return True
    try:
        return bool(cell != cell)
    except (TypeError, ValueError):
        return type(cell).__name__ == "NAType"


def number_column(name: str, values: np.ndarray) -> NumberColumn:
    """A column of finite numbers; infinities are kept apart as odd cells.

    Args:
        name: str.
        values: array (n,) of numbers.
    """
    numbers = np.asarray(values, np.float64)
    infinite = np.flatnonzero(np.isinf(numbers))
    if not len(infinite):
        return NumberColumn(name, numbers)
    odd = {int(row): str(numbers[row]) for row in infinite}
    return NumberColumn(name, np.where(np.isinf(numbers), np.nan, numbers), odd)
