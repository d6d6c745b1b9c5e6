"""Rows that occur more than once. They are counted and reported, never removed.

Rows are compared by a 64-bit hash of all their cells: numbers by value, other cells by text.
"""

from __future__ import annotations

import hashlib
import struct

import numpy as np

from .cells import number
from .table import Column, NumberColumn, Table

_ODD = np.uint64(0x9E3779B97F4A7C15)


def row_hashes(table: Table) -> np.ndarray:
    """uint64 (n,): equal for rows whose cells are equal, in any table with the same columns in the same order.

    Args:
        table: Table.

    >>> hashes = row_hashes(Table.from_columns({"x": ["1", "1.0", "2"], "y": ["a", "a", "a"]}))
    >>> bool(hashes[0] == hashes[1]), bool(hashes[0] == hashes[2])
    (True, False)
    """
    total = np.zeros(len(table), np.uint64)
    for column in table.columns:
        total = _mix(total * _ODD + _cell_hashes(column))
    return total


def count_duplicates(table: Table) -> int:
    """How many rows equal an earlier row in every cell.

    Args:
        table: Table.

    >>> count_duplicates(Table.from_columns({"x": [1, 2, 1, 1]}))
    2
    """
    return len(table) - len(np.unique(row_hashes(table)))


def count_shared(table: Table, other: Table) -> int:
    """How many rows of `other` occur in `table` as well.

    Args:
        table: Table, the training rows.
        other: Table, the test rows. Columns are matched by name where the names agree, else by position.

    >>> count_shared(Table.from_columns({"x": [1, 2]}), Table.from_columns({"x": [2, 2, 3]}))
    2
    """
    if set(table.names) == set(other.names):
        other = Table(tuple(other.column(name) for name in table.names))
    return int(np.isin(row_hashes(other), row_hashes(table)).sum())


def _cell_hashes(column: Column) -> np.ndarray:
    if isinstance(column, NumberColumn) and not column.odd:
        values = np.where(np.isnan(column.values), np.nan, column.values + 0.0)  # one NaN, and -0 as 0
        return _mix(values.view(np.uint64))
    codes, texts = column.factor()
    return _mix(np.array([*map(_text_bits, texts), _text_bits("nan")], np.uint64))[codes]


def _text_bits(text: str) -> int:
    """64 bits of a text; those of the value if it is a number, as in a `NumberColumn`."""
    value = number(text)
    if value is None:
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
    return int.from_bytes(struct.pack("<d", value + 0.0), "little")


def scrambled(numbers: np.ndarray) -> np.ndarray:
    """64 bits for each number that look random: the same for the same number.

    Args:
        numbers: uint64 array.

    >>> len(set(scrambled(np.arange(1000, dtype=np.uint64)).tolist()))
    1000
    """
    return _mix(numbers * _ODD + _ODD)


def _mix(bits: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every input bit reaches every bit of the result."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
