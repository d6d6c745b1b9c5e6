"""`read_table`: a file becomes a `Table`, or an error that names file, line and column and says what to do.

Text tables are read with the standard library's csv module: it reports exact line numbers, needs nothing installed, and
reads about five million cells a second. Where pyarrow is installed, plain files are cut by it (`fast_csv.py`), with the
same result.
"""

from __future__ import annotations

import contextlib
import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, listed
from .arrow import arrow_kind, read_arrow
from .collecting import ColumnCollector
from .database import SQLITE, is_database, read_database
from .decorated import without_signs
from .dialect import Dialect, find_dialect, has_header, sample_rows
from .fast_csv import read_fast
from .records import read_records, records_kind
from .sources import TextSource, check_file, magic
from .table import Table

_CELLS_PER_CHUNK, _ROWS_PER_CHUNK = 500_000, 50_000
_MOSTLY, _MOST_ABOVE = 0.9, 10


def read_table(
    path: str | os.PathLike[str],
    *,
    header: str | bool = "auto",
    delimiter: str | None = None,
    encoding: str = "utf-8",
    known_names: Sequence[str] | None = None,
    query: str | None = None,
) -> Table:
    """Read a table from text cut by `,`, tab, `;`, `|` or spaces, packed or not, JSON, Excel, Parquet, Feather or SQL.

    Columns of numbers with separators, one unit, `%` or a currency sign become numbers (`decorated.py`); notes say it.

    Args:
        path: str or path. gzip, bzip2, xz and zip (one member), JSON (a list of objects, or one a line), Excel (the
            first sheet), Parquet, Feather (Arrow) and SQLite are recognised by their first bytes. Or the URL of a
            database: `sqlite:///pets.db#visits`, `postgresql://host/name#visits`.
        header: "auto", True or False, default "auto". Whether the first line holds names. Without names the columns
            are called `column_1`, `column_2`, ...; so is a column whose name is empty.
        delimiter: str or None, default None (found out). One character, or "tab", "space", "comma", "semicolon",
            "pipe".
        encoding: str, default "utf-8". Never guessed; only byte-order marks are obeyed.
        known_names: sequence of str or None, default None. Names that the columns are expected to have (those of the
            training data): they settle whether the first line is a header.
        query: str or None, default None. Of a database: a SELECT in place of a table.

    Raises:
        FileError: the file does not exist, cannot be read or is damaged.
        DataError: the file is empty, has a header only, rows of uneven length, duplicate names, bytes of another
            encoding, NUL bytes, or a quote that never closes.
        DependencyError: a Parquet or Feather file, and pyarrow is not installed; likewise databases.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "pets.csv")
    >>> _ = open(path, "w").write("name;legs\\nRex;4\\nTweety;2\\n")
    >>> table = read_table(path)
    >>> table.names, len(table), table.column("legs").numbers()
    (['name', 'legs'], 2, array([4., 2.]))
    """
    if header not in ("auto", True, False):
        raise ArgumentError(f"read_table: expected header to be 'auto', True or False; got {header!r}.")
    path = os.fspath(path)
    if not is_database(path):
        check_file(path)
        path = f"sqlite:///{path}" if magic(path).startswith(SQLITE) else path
    if is_database(path):
        return read_database(path, query)
    if query is not None:
        raise ArgumentError(f"{path}: --query is for databases; this is a file. Leave it out.")
    return without_signs(_read_file(path, header, delimiter, encoding, known_names))


def _read_file(path: str, header: Any, delimiter: str | None, encoding: str, known: Sequence[str] | None) -> Table:
    if kind := arrow_kind(path):
        return read_arrow(path, kind)
    if kind := records_kind(path):
        return read_records(path, kind, encoding, header)
    return _reader(TextSource(path, encoding), header, delimiter, known).read()


def text_chunks(
    path: str, rows: int, known_names: Sequence[str] | None = None, *, header: str | bool = "auto",
    delimiter: str | None = None, encoding: str = "utf-8",
) -> Iterator[Table]:  # fmt: skip
    """A text table piece by piece.

    Args:
        path: str.
        rows: int. Rows of a piece.
        known_names, header, delimiter, encoding: as in `read_table`.

    Raises:
        FileError, DataError: as `read_table`.
    """
    yield from _reader(TextSource(path, encoding), header, delimiter, known_names).chunks(rows)


def _reader(source: TextSource, header: str | bool, delimiter: str | None, known: Sequence[str] | None) -> _Reader:
    """What reads the file: how it is written is decided on its beginning."""
    sample, complete = source.sample()
    if not any(line.strip() for line in sample):
        raise DataError(f"{source.path}: the file is empty. A table with at least one row is needed.")
    dialect = find_dialect(sample, complete, delimiter)
    rows = sample_rows(sample, complete, dialect)
    above = _lines_above(rows)
    rows = rows[above:]
    named = has_header(rows, known) if header == "auto" else bool(header)
    if named:
        names, notes = distinct_names(column_names(_filled_up(rows), True))
    else:  # the first line may be the uneven one
        names = column_names([""] * Counter(len(row) for row in rows).most_common(1)[0][0], False)
        notes = []
    if above:
        lines = "the first line is" if above == 1 else f"the first {above} lines are"
        notes.append(f"{lines} taken for a title and not read")
    return _Reader(source, dialect, names, named, above, notes)


def _lines_above(rows: list[list[str]]) -> int:
    """How many records before a table are a title or comments: one cell each, while the table has several."""
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    above = next((n for n, row in enumerate(rows) if len(row) == width), 0)
    is_title = width > 1 and count >= _MOSTLY * (len(rows) - above) and above <= _MOST_ABOVE
    return above if is_title and all(len(row) == 1 for row in rows[:above]) else 0


def _filled_up(rows: list[list[str]]) -> list[str]:
    """The first row, with an empty name more where every other row ends in an empty cell more."""
    first, others = rows[0], rows[1:]
    is_short = bool(others) and all(len(row) == len(first) + 1 and not row[-1].strip() for row in others)
    return [*first, ""] if is_short else first


def distinct_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names of which each stands once: the others get a number. And a note, if there are any.

    >>> distinct_names(["call", "age", "call"])
    (['call', 'age', 'call_2'], ["column names that occur several times were numbered: 'call_2'"])
    """
    found: list[str] = []
    taken, renamed = set(names), []
    for name in names:
        new, number = name, 1
        while new in found or (number > 1 and new in taken):
            number += 1
            new = f"{name}_{number}"
        if new != name:
            renamed.append(new)
        found.append(new)
    return found, [f"column names that occur several times were numbered: {listed(renamed, 3)}"] if renamed else []


def column_names(first: Sequence[str], named: bool) -> list[str]:
    """The names in a first row, or `column_1`, `column_2`, ... where there are none.

    Args:
        first: sequence of str. The cells of the first row.
        named: bool. Whether they are names.

    >>> column_names(["age ", ""], True), column_names(["5", "7"], False)
    (['age', 'column_2'], ['column_1', 'column_2'])
    """
    return [(cell.strip() if named else "") or f"column_{i}" for i, cell in enumerate(first, 1)]


class _UnclosedError(DataError):
    """A quote opens on a line and does not close."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _Reader:
    """One pass over the records of a file."""

    def __init__(
        self, source: TextSource, dialect: Dialect, names: list[str], named: bool, above: int, notes: list[str]
    ) -> None:
        self.source, self.dialect, self.names, self.named = source, dialect, names, named
        self.above, self.notes = above, notes  # lines before the table; what its names needed
        self.columns = [ColumnCollector(name) for name in names]
        self.lines: np.ndarray = np.zeros(0, np.int64)
        self.spread: list[int] = []
        self.stray = 0  # the line of a quote that would join rows

    def read(self) -> Table:
        if not self._collect_fast():
            try:
                self._collect()
            except _UnclosedError as error:
                if not self._without_quotes(error.line):
                    raise
            if self.spread:
                self._without_quotes(self.spread[0])
        if not len(self.lines):
            raise self._no_rows()
        return self._table()

    def _without_quotes(self, line: int) -> bool:
        """Read again with quotes as ordinary signs: right where then every line has as many cells as it should."""
        if not self.dialect.quote:
            return False
        plain = _Reader(self.source, replace(self.dialect, quote=""), self.names, self.named, self.above, self.notes)
        try:
            plain._collect()
        except DataError:
            return False
        self.__dict__.update(vars(plain))
        self.stray = line
        return True

    def chunks(self, rows: int) -> Iterator[Table]:
        """The table in pieces of so many rows, through the csv module."""
        chunk: list[list[str]] = []
        lines: list[int] = []
        pieces = 0
        for line, row in self._records():
            chunk.append(row)
            lines.append(line)
            if len(chunk) == rows:
                yield self._piece(chunk, lines)
                chunk, lines, pieces = [], [], pieces + 1
        if chunk or not pieces:
            if not chunk:
                raise self._no_rows()
            yield self._piece(chunk, lines)

    def _piece(self, chunk: list[list[str]], lines: list[int]) -> Table:
        self.columns = [ColumnCollector(name) for name in self.names]
        self._flush(chunk)
        self.lines = np.array(lines, np.int64)
        return self._table()

    def _no_rows(self) -> DataError:
        return DataError(
            f"{self.source.path}: the file has a header ({len(self.names)} names) and no rows. "
            "If its only line holds data, read it with header=False (--no-header)."
        )

    def _table(self) -> Table:
        columns = tuple(column.finish() for column in self.columns)
        names = "names from the first line" if self.named else "no header: columns named column_1, column_2, ..."
        notes = [f"{self.dialect.describe()}; {names}", *self.notes]
        if self.stray:
            notes.append(
                f"quotes are taken for ordinary signs: the row of line {self.stray} would run over several lines, and "
                "without them every line has as many cells as it should"
            )
        if self.spread:
            notes.append(
                f"rows that run over several lines: {len(self.spread)}, the first from line {self.spread[0]}: quoted "
                "cells with line breaks in them, unless a stray quote has joined rows"
            )
        return Table(columns, self.source.path, self.named, self.lines, tuple(notes))

    @property
    def _at_once(self) -> int:
        return max(64, min(_ROWS_PER_CHUNK, _CELLS_PER_CHUNK // len(self.names)))

    def _collect_fast(self) -> bool:
        """The same through pyarrow, where the file is plain enough. There a row is a line."""
        if self.source.encoding != "utf-8" or self.above:
            return False
        found = read_fast(self.source.path, self.dialect, self.names, self.named, self._at_once)
        if found is None:
            return False
        self.columns = found
        self.lines = np.arange(len(found[0])) + 1 + self.named
        return True

    def _collect(self) -> None:
        """Every record of the file, in chunks, into the columns."""
        chunk: list[list[str]] = []
        lines: list[int] = []
        most = self._at_once
        for line, row in self._records():
            chunk.append(row)
            lines.append(line)
            if len(chunk) >= most:
                self._flush(chunk)
        self._flush(chunk)
        self.lines = np.array(lines, np.int64)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Every record of the file with the line on which it begins."""
        with contextlib.closing(self.source.lines()) as lines:
            yield from self._records_of(self.dialect.records(lines))

    def _records_of(self, reader: Any) -> Iterator[tuple[int, list[str]]]:
        width, skip, before = len(self.names), self.above + self.named, 0
        try:
            for row in reader:
                if self.source.finished:
                    raise self._unclosed(before + 1)
                if row and not skip:
                    if len(row) != width:
                        raise self._uneven(row, before + 1, reader.line_num)
                    if reader.line_num > before + 1:
                        self.spread.append(before + 1)
                    yield before + 1, row
                skip -= bool(skip and row)
                before = reader.line_num
        except csv.Error as error:
            raise self._unclosed(before + 1, str(error)) from None

    def _flush(self, chunk: list[list[str]]) -> None:
        for column, cells in zip(self.columns, zip(*chunk, strict=True), strict=False):
            column.append(self.dialect.plain_decimals(cells) if self.dialect.decimal == "," else cells)
        chunk.clear()

    def _uneven(self, row: list[str], line: int, last: int) -> DataError:
        span = "" if last == line else f" (the row runs on to line {last}: is a quote not closed?)"
        where = "the header names" if self.named else "most rows have"
        return DataError(
            f"{self.source.path}, line {line}: expected {len(self.names)} cells, as {where}; got {len(row)}{span}. "
            f"The row begins {self.dialect.delimiter.join(row)[:60]!r}. A cell that holds the separator must be "
            f"quoted; read as {self.dialect.describe()} (--delimiter sets another separator)."
        )

    def _unclosed(self, line: int, reason: str = "the file ends inside a quoted cell") -> _UnclosedError:
        return _UnclosedError(
            f"{self.source.path}, line {line}: a quote ({self.dialect.quote}) opens in this row and is not closed: "
            f"{reason}. Close it, or double it ({self.dialect.quote * 2}) where it is part of the text.",
            line,
        )
