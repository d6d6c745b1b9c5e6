"""Text tables through pyarrow's CSV reader, where it keeps exactly the meaning of `reading.py`.

pyarrow only cuts the text into cells, many times faster than Python's csv module. Every cell stays text, and what it
means is decided by the same code as always. It is used where the two cannot differ; where anything is unusual, the file
is read by the slower one, whose errors name the line:

- pyarrow is there, and the text is long enough for loading it to pay;
- UTF-8, a separator of one character, decimal points;
- every quote begins or ends a cell, with no quote and no line break inside;
- lines end with \\n or \\r\\n, none is blank or longer than csv's limit; no NUL;
- every line has as many cells as the first.
"""

from __future__ import annotations

import codecs
import csv
from typing import Any

import numpy as np

from ..errors import ChainruleError
from .collecting import ColumnCollector
from .dialect import WHITESPACE, Dialect
from .sources import open_unpacked

_SHORTEST, _LONGEST = 1 << 20, 1 << 29  # bytes of text
_BLOCK = 1 << 22
_NEWLINE, _RETURN = 10, 13


def read_fast(path: str, dialect: Dialect, names: list[str], named: bool, at_once: int) -> list[ColumnCollector] | None:
    """The columns of a file, or None where only the slower reader can be trusted.

    Args:
        path: str.
        dialect: Dialect.
        names: list of str, one a column.
        named: bool. Whether the first line holds names.
        at_once: int. Rows that are handed over together.
    """
    if dialect.delimiter == WHITESPACE or dialect.decimal != "." or len(dialect.delimiter.encode()) != 1:
        return None
    text = _plain_text(path, dialect)
    return None if text is None else _cut(text, dialect, names, named, at_once)


def _plain_text(path: str, dialect: Dialect) -> bytes | None:
    """The bytes of the file, if nothing in them can be understood in two ways."""
    try:
        with open_unpacked(path) as file:
            text = _read(file)
    except (ChainruleError, OSError, EOFError, RuntimeError, ValueError):
        return None
    text = text.removeprefix(codecs.BOM_UTF8)
    if not _SHORTEST <= len(text) <= _LONGEST or text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    if b"\0" in text or text.count(b"\r") != text.count(b"\r\n"):
        return None
    bytes_ = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(bytes_ == _NEWLINE)
    lengths = np.diff(ends, prepend=-1)
    shortest = 3 if b"\r\n" in text else 2  # a line of its ending alone is blank
    if not len(ends) or lengths.min() < shortest or lengths.max() > csv.field_size_limit():
        return None
    return text if _clean_quotes(bytes_, ends, ord(dialect.delimiter), ord(dialect.quote)) else None


def _read(file: Any) -> bytes:
    """All bytes, or a few more than are allowed."""
    blocks, size = [], 0
    while size <= _LONGEST and (block := file.read(_BLOCK)):
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)


def _clean_quotes(text: np.ndarray, ends: np.ndarray, delimiter: int, quote: int) -> bool:
    """Whether quotes only begin and end cells, and no line ends between the two."""
    at = np.flatnonzero(text == quote)
    if not len(at):
        return True
    if len(at) % 2:
        return False
    opening, closing = at[0::2], at[1::2]
    before = np.where(opening > 0, text[opening - 1], _NEWLINE)
    after = np.where(closing + 1 < len(text), text[np.minimum(closing + 1, len(text) - 1)], _NEWLINE)
    on_one_line = np.searchsorted(ends, opening) == np.searchsorted(ends, closing)
    return bool(
        np.isin(before, (delimiter, _NEWLINE)).all() and np.isin(after, (delimiter, _NEWLINE, _RETURN)).all()
        and on_one_line.all()
    )  # fmt: skip


def _cut(text: bytes, dialect: Dialect, names: list[str], named: bool, at_once: int) -> list[ColumnCollector] | None:
    try:
        import pyarrow
        import pyarrow.csv
    except ImportError:
        return None
    places = [f"f{i}" for i in range(len(names))]
    try:
        table = pyarrow.csv.read_csv(
            pyarrow.BufferReader(text),
            pyarrow.csv.ReadOptions(column_names=places, skip_rows=int(named), block_size=_BLOCK),
            pyarrow.csv.ParseOptions(delimiter=dialect.delimiter, quote_char=dialect.quote, ignore_empty_lines=False),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(places, pyarrow.string()), strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )  # fmt: skip
    except pyarrow.ArrowException:  # uneven rows, bytes of another encoding
        return None
    columns = [ColumnCollector(name) for name in names]
    for start in range(0, table.num_rows, at_once):
        part: Any = table.slice(start, at_once)
        for i, column in enumerate(columns):
            column.append_arrow(part.column(i))
    return columns
