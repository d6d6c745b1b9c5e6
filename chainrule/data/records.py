"""Tables that are no text cut by separators: JSON (a list of objects, or one object a line) and sheets of Excel."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import numpy as np

from ..errors import DataError, DependencyError, FileError, listed
from .dialect import has_header
from .sources import DAMAGE, TextSource, is_packed, magic, open_unpacked
from .table import Table, check_names, column_of

_WORKBOOK = "xl/workbook.xml"
_EXCEL_START = b"PK\x03\x04"


def records_kind(path: str) -> str:
    """"JSON" or "Excel", by what the file begins with; an empty string if it is neither.

    Args:
        path: str. A file that exists.
    """
    if magic(path).startswith(_EXCEL_START) and _WORKBOOK in _members(path):
        return "Excel"
    start = _first_bytes(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    is_list = start.startswith(b"[") and start[1:].lstrip().startswith(b"{")
    opens = is_list or re.match(rb'\{\s*["}]', start) is not None
    return "JSON" if opens else ""


def _members(path: str) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except zipfile.BadZipFile:
        return []


def _first_bytes(path: str) -> bytes:
    if is_packed(path) and magic(path).startswith(_EXCEL_START):
        return b""
    try:
        with open_unpacked(path) as file:
            return file.read(256)
    except (DataError, *DAMAGE):
        return b""  # whoever reads it says what is wrong


def read_records(path: str, kind: str, encoding: str = "utf-8", header: str | bool = "auto") -> Table:
    """The table in a file of JSON or Excel.

    Args:
        path: str.
        kind: str. "JSON" or "Excel".
        encoding: str, default "utf-8". Of JSON.
        header: "auto", True or False. Whether the first row of a sheet holds names.

    Raises:
        DataError: it holds no rows, or something else than a table.
        FileError: the file is damaged.
        DependencyError: a sheet of Excel, and openpyxl is not installed.
    """
    return _read_json(path, encoding) if kind == "JSON" else _read_sheet(path, header)


def _read_json(path: str, encoding: str) -> Table:
    text = "".join(TextSource(path, encoding).lines())
    rows = [_flat(row) for row in _objects(text, path)]
    if not rows:
        raise DataError(f"{path}: the list holds no rows. A table with at least one row is needed.")
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = tuple(column_of(name, [row.get(name) for row in rows]) for name in names)
    return Table(columns, path, True, None, ("JSON: one object a row",))


def _objects(text: str, path: str) -> list[dict[str, Any]]:
    """The objects of a list, or of one a line."""
    if text.lstrip("\ufeff \t\r\n").startswith("["):
        found = _parsed(text, path, "")
    else:
        found = [_parsed(line, path, f", line {n}") for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    for position, row in enumerate(found, 1):
        if not isinstance(row, dict):
            shown = str(row)[:40]
            raise DataError(f"{path}: expected one object a row, like {{'age': 30}}; row {position} is {shown!r}.")
    return list(found)


def _parsed(text: str, path: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        hint = " Write one object a line, or a list of objects." if where in ("", ", line 1") else ""
        raise DataError(f"{path}{where}: this is no JSON ({error}).{hint}") from None


def _flat(row: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Objects in objects as columns `outer.inner`; lists as their text."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = json.dumps(value) if isinstance(value, list) else value
    return found


def _read_sheet(path: str, header: str | bool) -> Table:
    openpyxl = _import_openpyxl(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # whatever a damaged archive makes it say
        raise FileError(f"{path}: the Excel file is damaged or protected ({error}). Save it again.") from error
    try:
        names, sheet = book.sheetnames, book.worksheets[0]
        rows = _trimmed([[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)])
    finally:
        book.close()
    if not rows:
        raise DataError(f"{path}: the sheet {names[0]!r} is empty. Put the table on the first sheet.")
    others = f"; the sheets {listed(names[1:])} are not read" if len(names) > 1 else ""
    return _sheet_table(rows, path, header, f"Excel, sheet {names[0]!r}{others}")


def _sheet_table(rows: list[list[Any]], path: str, header: str | bool, note: str) -> Table:
    texts = [["" if value is None else str(value) for value in row] for row in rows[:1000]]
    named = has_header(texts) if header == "auto" else bool(header)
    cells = texts[0] if named else [""] * len(rows[0])
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(cells, 1)]
    check_names(names, path)
    rows = rows[1:] if named else rows
    if not rows:
        raise DataError(f"{path}: the sheet has a header ({len(names)} names) and no rows.")
    columns = tuple(column_of(name, cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True))
    return Table(columns, path, named, None, (note,))


def _trimmed(rows: list[list[Any]]) -> list[list[Any]]:
    """Without empty rows, and columns after the last that holds something."""
    rows = [row for row in rows if any(value is not None for value in row)]
    width = max((place for row in rows for place, value in enumerate(row, 1) if value is not None), default=0)
    return [[*row[:width], *[None] * (width - len(row))] for row in rows]


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return None if isinstance(value, str) and not value.strip() else value


def _import_openpyxl(path: str) -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise DependencyError(
            f"{path}: reading Excel needs openpyxl: pip install 'chainrule[excel]'. Or save the sheet as CSV."
        ) from error
    return openpyxl


def slices(table: Table, rows: int) -> Iterator[Table]:
    """A table in pieces of so many rows.

    >>> [len(part) for part in slices(Table.from_columns({"x": range(5)}), 2)]
    [2, 2, 1]
    """
    for start in range(0, len(table), rows):
        yield table.take(np.arange(start, min(start + rows, len(table))))
