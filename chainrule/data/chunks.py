"""A table as a sequence of smaller tables, for files that do not fit into memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import DataError
from .arrow import arrow_chunks, arrow_kind
from .database import SQLITE, database_chunks, is_database
from .decorated import without_signs
from .reading import read_table, text_chunks
from .records import records_kind, slices
from .sources import check_file, magic
from .table import Column, NumberColumn, Table, TextColumn

ROWS = 50_000


def table_chunks(
    path: str, *, rows: int = ROWS, query: str | None = None, known_names: Sequence[str] | None = None, **reading: Any
) -> Iterator[Table]:
    """Read a table piece by piece; no more than one piece is held.

    Args:
        path: str. A file, or the URL of a database.
        rows: int, default 50,000. Rows of a piece.
        query: str or None, default None. Of a database: a SELECT.
        known_names: sequence of str or None, default None. As in `read_table`.
        **reading: `header`, `delimiter` and `encoding`, as in `read_table`.

    Raises:
        FileError, DataError, DependencyError: as `read_table`, when the piece at fault is reached.

    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "t.csv")
    >>> _ = open(path, "w").write("a,b\\n" + "1,x\\n" * 5)
    >>> [len(piece) for piece in table_chunks(path, rows=2)]
    [2, 2, 1]
    """
    yield from map(without_signs, _pieces(os.fspath(path), rows, query, known_names, reading))


def _pieces(
    path: str, rows: int, query: str | None, known_names: Sequence[str] | None, reading: dict[str, Any]
) -> Iterator[Table]:
    if not is_database(path):
        check_file(path)
        path = f"sqlite:///{path}" if magic(path).startswith(SQLITE) else path
    if is_database(path):
        yield from database_chunks(path, query, rows)
    elif kind := arrow_kind(path):
        yield from arrow_chunks(path, kind, rows)
    elif records_kind(path):  # neither can be read in pieces
        yield from slices(read_table(path, **reading), rows)
    else:
        yield from text_chunks(path, rows, known_names, **reading)


def joined(tables: Sequence[Table]) -> Table:
    """Tables of the same columns, one below the other.

    Args:
        tables: sequence of Table, at least one.

    >>> joined([Table.from_columns({"x": ["a"]}), Table.from_columns({"x": ["b", "a"]})]).column("x").factor()[0]
    array([0, 1, 0], dtype=int32)
    """
    first = tables[0]
    if len(tables) == 1:
        return first
    for table in tables:
        if table.names != first.names:
            raise DataError(f"{table.source}: its pieces have different columns: {first.names} and {table.names}.")
    columns = tuple(_joined([table.columns[i] for table in tables]) for i in range(len(first.columns)))
    lines = None if first.lines is None else np.concatenate([t.lines for t in tables if t.lines is not None])
    return Table(columns, first.source, first.header, lines, first.notes)


def _joined(columns: Sequence[Column]) -> Column:
    if any(isinstance(column, NumberColumn) for column in columns):
        return _joined_numbers(columns)
    index: dict[str, int] = {}
    codes = []
    for column in columns:
        assert isinstance(column, TextColumn)
        known = np.array([*(index.setdefault(level, len(index)) for level in column.levels), -1], np.int32)
        codes.append(known[column.codes])
    return TextColumn(columns[0].name, np.concatenate(codes), list(index))


def _joined_numbers(columns: Sequence[Column]) -> NumberColumn:
    """Where one piece has given up its texts, all are numbers."""
    odd: dict[int, str] = {}
    start = 0
    for column in columns:
        odd.update({start + int(row): column.text(int(row)) for row in column.odd_rows()})
        start += len(column)
    return NumberColumn(columns[0].name, np.concatenate([column.numbers() for column in columns]), odd)
