"""Tables of databases: SQLite through the standard library, others through SQLAlchemy (an optional package)."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import unquote

from ..errors import ArgumentError, DataError, DependencyError, FileError, did_you_mean, listed
from .table import Table, check_names, column_of, opaque_note

_URL = re.compile(r"([a-z][a-z0-9]*)(?:\+[a-z0-9_]+)?://", re.IGNORECASE)
_ROWS_AT_ONCE = 50_000
SQLITE = b"SQLite format 3"


def is_database(path: str) -> bool:
    """Whether a name is the URL of a database: `sqlite:///pets.db#visits`, `postgresql://...`.

    Args:
        path: str.

    >>> is_database("sqlite:///pets.db"), is_database("pets.csv"), is_database("C:/pets.csv")
    (True, False, False)
    """
    return _URL.match(path) is not None


def read_database(url: str, query: str | None = None) -> Table:
    """Read a table, a view, or what a query yields. Nothing is written.

    Args:
        url: str. `sqlite:///relative/path.db` or `sqlite:////absolute/path.db`, or any URL that SQLAlchemy knows; the
            table may be named after `#`.
        query: str or None, default None. A SELECT, in place of a table.

    Raises:
        FileError: there is no such database file.
        DataError: no such table, several and none is named, no rows, a query that fails.
        DependencyError: SQLAlchemy is needed and not installed.
    """
    with _rows(url, query, _ROWS_AT_ONCE) as (names, rows):
        cells: list[list[Any]] = [[] for _ in names]
        for chunk in rows:
            for column, values in zip(cells, zip(*chunk, strict=True), strict=True):
                column.extend(values)
    if not cells or not cells[0]:
        raise DataError(f"{url}: the table has {len(names)} columns and no rows.")
    return _table(url, names, cells)


def database_chunks(url: str, query: str | None, rows: int) -> Iterator[Table]:
    """The same piece by piece.

    Args:
        url, query: as in `read_database`.
        rows: int. Rows of a piece.

    Raises: as `read_database`.
    """
    with _rows(url, query, rows) as (names, found):
        pieces = 0
        for chunk in found:
            pieces += 1
            yield _table(url, names, [list(values) for values in zip(*chunk, strict=True)])
    if not pieces:
        raise DataError(f"{url}: the table has {len(names)} columns and no rows.")


def _table(url: str, names: list[str], cells: list[list[Any]]) -> Table:
    columns = tuple(column_of(name, _plain(values)) for name, values in zip(names, cells, strict=True))
    binary = [name for name, values in zip(names, cells, strict=True) if any(map(_is_binary, values))]
    return Table(columns, url, True, None, ("read from a database", *(opaque_note(name, "bytes") for name in binary)))


def _is_binary(value: Any) -> bool:
    return isinstance(value, (bytes, memoryview))


def _plain(values: list[Any]) -> list[Any]:
    if any(map(_is_binary, values)):
        values = [None if _is_binary(v) else v for v in values]
    if any(type(v).__name__ == "Decimal" for v in values):
        values = [float(v) if type(v).__name__ == "Decimal" else v for v in values]
    return values


Rows = tuple[list[str], Iterator[list[Any]]]


@contextmanager
def _rows(url: str, query: str | None, at_once: int) -> Iterator[Rows]:
    """The names of the columns, and the rows in chunks."""
    address, _, fragment = url.partition("#")
    name = unquote(fragment)
    if name and query:
        raise ArgumentError(f"{_hidden(url)}: give a table after # or --query, not both.")
    open_rows = _sqlite_rows if address.lower().startswith("sqlite:") else _alchemy_rows
    with open_rows(address, name, query, at_once) as found:
        check_names(found[0], url)
        yield found


@contextmanager
def _sqlite_rows(address: str, name: str, query: str | None, at_once: int) -> Iterator[Rows]:
    path = unquote(address.partition("://")[2]).removeprefix("/")
    if not os.path.isfile(path):
        folder = os.path.dirname(path) or "."
        hint = did_you_mean(os.path.basename(path), os.listdir(folder)) if os.path.isdir(folder) else ""
        raise FileError(f"{path}: no such database file.{hint} A URL is sqlite:///relative.db or sqlite:////absolute.db.")
    try:
        with closing(sqlite3.connect(f"file:{os.path.abspath(path)}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
            tables = [row[0] for row in found if not row[0].startswith("sqlite_")]
            cursor = connection.execute(query or _select_all(address, name, tables))
            yield [column[0] for column in cursor.description or ()], iter(lambda: cursor.fetchmany(at_once), [])
    except sqlite3.Error as error:
        raise DataError(f"{address}: SQLite says: {error}.") from None


@contextmanager
def _alchemy_rows(address: str, name: str, query: str | None, at_once: int) -> Iterator[Rows]:
    try:
        import sqlalchemy
    except ImportError as error:
        raise DependencyError(
            f"{_hidden(address)}: reading this database needs SQLAlchemy and its driver: pip install chainrule[sql]."
        ) from error
    try:
        engine = sqlalchemy.create_engine(address)
        with engine.connect().execution_options(stream_results=True) as connection:
            inspector = sqlalchemy.inspect(connection)
            tables = [*inspector.get_table_names(), *inspector.get_view_names()]
            found = connection.execute(sqlalchemy.text(query or _select_all(address, name, tables)))
            yield list(found.keys()), iter(lambda: [tuple(row) for row in found.fetchmany(at_once)], [])
    except ImportError as error:
        raise DependencyError(
            f"{_hidden(address)}: the driver of this database is not installed ({error}). Install it with pip."
        ) from None
    except sqlalchemy.exc.SQLAlchemyError as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{_hidden(address)}: the database says: {reason}.") from None


def _select_all(address: str, name: str, tables: list[str]) -> str:
    if not name and len(tables) == 1:
        name = tables[0]
    if name not in tables:
        hint = did_you_mean(name, tables) if name else ""
        what = f"no table {name!r}" if name else "several tables" if tables else "no tables"
        raise DataError(
            f"{_hidden(address)}: {what}.{hint} It holds {listed(tables)}. Name one after #, as in "
            f"{_hidden(address)}#{tables[0] if tables else 'TABLE'}, or give --query."
        )
    quoted = name.replace('"', '""')
    return f'SELECT * FROM "{quoted}"'


def _hidden(address: str) -> str:
    """The URL without a password."""
    return re.sub(r"(://[^:/@]+):[^@/]*@", r"\1:***@", address)
