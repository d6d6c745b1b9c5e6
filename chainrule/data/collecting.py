"""Cells in, columns out: what keeps twenty million cells from becoming twenty million Python strings.

Rows arrive in chunks. Each column turns its part of a chunk into codes (one 4-byte index a cell into the distinct
texts). A column that turns out to hold very many different numbers switches to 8-byte floats and forgets the texts.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from .cells import MISSING, number
from .table import Column, NumberColumn, TextColumn

#: Above this many distinct texts, a column of numbers keeps the numbers only.
MOST_TEXTS = 10_000
_MOSTLY = 0.9


class _Index(dict[str, int]):
    """text -> code; a new text gets the next code, with and without spaces around it the same."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[str] = []

    def __missing__(self, raw: str) -> int:
        text = raw.strip()
        code = self.get(text)
        if code is None:
            code = self[text] = len(self.levels)
            self.levels.append(text)
        self[raw] = code
        return code


class ColumnCollector:
    """Collects the cells of one column, chunk by chunk.

    Args:
        name: str.
        most_texts: int, default `MOST_TEXTS`. When a column of numbers gives up its texts.

    >>> collector = ColumnCollector("x")
    >>> collector.append([" a", "b"])
    >>> collector.append(["a "])
    >>> collector.finish()
    TextColumn(name='x', codes=array([0, 1, 0], dtype=int32), levels=['a', 'b'])
    """

    def __init__(self, name: str, most_texts: int = MOST_TEXTS) -> None:
        self.name = name
        self._index = _Index()
        self._limit = most_texts
        self._numeric = False
        self._blocks: list[np.ndarray] = []
        self._odd: dict[int, str] = {}
        self._rows = 0

    def __len__(self) -> int:
        """How many cells there are so far."""
        return self._rows

    def append(self, cells: Sequence[str]) -> None:
        """Take the next cells."""
        if self._numeric:
            self._blocks.append(self._parse(cells))
        else:
            self._blocks.append(np.fromiter(map(self._index.__getitem__, cells), np.int32, len(cells)))
        self._rows += len(cells)
        if not self._numeric and len(self._index.levels) > self._limit:
            self._consider_numbers()

    def append_arrow(self, cells: Any) -> None:
        """Take the next cells, an Arrow array of strings: the same as `append(cells.to_pylist())`, and faster."""
        if self._numeric:
            values = _arrow_numbers(cells)
            self._blocks.append(self._parse(cells.to_pylist()) if values is None else values)
        else:
            encoded = cells.combine_chunks().dictionary_encode()
            if self._starts_with_numbers(cells, len(encoded.dictionary)):
                return
            codes = np.fromiter(map(self._index.__getitem__, encoded.dictionary.to_pylist()), np.int32)
            self._blocks.append(codes[_in_place(encoded.indices, np.int32)])
        self._rows += len(cells)
        if not self._numeric and len(self._index.levels) > self._limit:
            self._consider_numbers()

    def _starts_with_numbers(self, cells: Any, distinct: int) -> bool:
        """Whether the first cells are so many different numbers that their texts need not be kept."""
        if self._rows or distinct <= self._limit:
            return False
        values = _arrow_numbers(cells)
        if values is None:
            return False
        self._blocks, self._numeric, self._rows = [values], True, len(cells)
        return True

    def finish(self) -> Column:
        """The column; the collector is empty afterwards."""
        dtype = np.float64 if self._numeric else np.int32
        data = np.concatenate(self._blocks) if self._blocks else np.zeros(0, dtype)
        self._blocks = []
        if self._numeric:
            return NumberColumn(self.name, data, self._odd)
        return TextColumn(self.name, data, self._index.levels)

    def _consider_numbers(self) -> None:
        levels = self._index.levels
        if sum(number(level) is not None for level in levels) < _MOSTLY * len(levels):
            self._limit = 4 * len(levels)  # text, most likely: ask again much later
            return
        column = TextColumn(self.name, np.concatenate(self._blocks), levels)
        self._odd = {int(row): column.text(row) for row in column.odd_rows()}
        self._blocks = [column.numbers()]
        self._index = _Index()
        self._numeric = True

    def _parse(self, cells: Sequence[str]) -> np.ndarray:
        try:
            values = np.fromiter(map(float, cells), np.float64, len(cells))
            if not np.isinf(values).any() and "_" not in "".join(cells):
                return values
        except ValueError:
            pass
        return np.array([self._cell(self._rows + i, cell.strip()) for i, cell in enumerate(cells)], np.float64)

    def _cell(self, row: int, text: str) -> float:
        value = number(text)
        if value is not None and not np.isinf(value):
            return value
        if text not in MISSING:
            self._odd[row] = sys.intern(text)
        return float("nan")


def _arrow_numbers(cells: Any) -> np.ndarray | None:
    """The numbers of cells that are numbers or spell a missing value; None where one is anything else."""
    import pyarrow
    import pyarrow.compute

    words = [word.encode() for word in sorted(MISSING)]
    ends = np.cumsum([0, *map(len, words)], dtype=np.int32)
    missing = pyarrow.StringArray.from_buffers(len(words), pyarrow.py_buffer(ends), pyarrow.py_buffer(b"".join(words)))
    present = pyarrow.compute.invert(pyarrow.compute.is_in(cells.combine_chunks(), missing))
    try:
        numbers = cells.combine_chunks().filter(present).cast(pyarrow.float64())
    except pyarrow.ArrowException:
        return None
    values = np.full(len(cells), np.nan)
    values[_in_place(present, bool)] = _in_place(numbers, np.float64)
    return None if np.isinf(values).any() else values


def _in_place(array: Any, dtype: Any) -> np.ndarray:
    """An Arrow array without nulls as NumPy's. Arrow's own way would import pandas, where that is installed."""
    if dtype is bool:
        bits = np.unpackbits(np.frombuffer(array.buffers()[1], np.uint8), bitorder="little")
        return bits[array.offset : array.offset + len(array)].astype(bool)
    if not len(array):
        return np.zeros(0, dtype)
    return np.frombuffer(array.buffers()[1], dtype)[array.offset : array.offset + len(array)]
