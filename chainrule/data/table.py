"""A table in memory: named columns of one length, each kept in a few bytes a cell.

A column keeps the cells as they stood, as long as that is cheap: `TextColumn` holds each distinct text once and a code
a row. A column of very many different numbers is kept as `NumberColumn`. What the cells *mean* (a number, a category,
an identifier) is decided later, by `columns.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real

import numpy as np

from ..errors import DataError, did_you_mean, listed
from .cells import MISSING, number, number_text


class Column(ABC):
    """The cells of one column. Rows count from 0. Final classes: `TextColumn`, `NumberColumn`."""

    name: str

    @abstractmethod
    def __len__(self) -> int:
        """The number of rows."""

    @abstractmethod
    def text(self, row: int) -> str:
        """The cell as it stood (stripped of spaces); an empty string where nothing stood."""

    @abstractmethod
    def factor(self, missing: Collection[str] = MISSING) -> tuple[np.ndarray, list[str]]:
        """`(codes, levels)`: each row's index in the list of distinct texts, int32 (n,), -1 where missing."""

    @abstractmethod
    def numbers(self) -> np.ndarray:
        """float64 (n,): the finite number of each cell, NaN where the cell is missing or no finite number."""

    @abstractmethod
    def odd_rows(self) -> np.ndarray:
        """Rows (ascending) whose cell is neither missing nor a finite number: text, infinities."""

    @abstractmethod
    def take(self, rows: np.ndarray) -> Column:
        """The column of the given rows, in their order."""

    @abstractmethod
    def renamed(self, name: str) -> Column:
        """The same cells under another name."""


@dataclass(frozen=True)
class TextColumn(Column):
    """Distinct texts and a code a row.

    Args:
        name: str.
        codes: int32 array (n,); -1 where there is no value at all (a null).
        levels: list of the distinct texts, stripped.

    >>> column = TextColumn("x", np.array([0, 1, 0, 2], np.int32), ["1.50", "?", "abc"])
    >>> column.text(2), column.numbers(), column.odd_rows()
    ('1.50', array([1.5, nan, 1.5, nan]), array([3]))
    >>> column.factor()
    (array([ 0, -1,  0,  1], dtype=int32), ['1.50', 'abc'])
    """

    name: str
    codes: np.ndarray
    levels: list[str]

    def __len__(self) -> int:
        return len(self.codes)

    def text(self, row: int) -> str:
        code = int(self.codes[row])
        return self.levels[code] if code >= 0 else ""

    def factor(self, missing: Collection[str] = MISSING) -> tuple[np.ndarray, list[str]]:
        gone = self._missing_levels(missing)
        kept = [level for level, out in zip(self.levels, gone, strict=True) if not out]
        new_code = np.where(gone, -1, np.cumsum(~gone) - 1).astype(np.int32)
        return self._spread(new_code, -1), kept

    def numbers(self) -> np.ndarray:
        return self._spread(self._level_numbers(), np.nan)

    def odd_rows(self) -> np.ndarray:
        odd = np.isnan(self._level_numbers()) & ~self._missing_levels(MISSING)
        return np.flatnonzero(self._spread(odd, False))

    def take(self, rows: np.ndarray) -> TextColumn:
        return replace(self, codes=self.codes[rows])

    def renamed(self, name: str) -> TextColumn:
        return replace(self, name=name)

    def _missing_levels(self, missing: Collection[str]) -> np.ndarray:
        gone = np.array([level in missing for level in self.levels], bool)
        if {"-", "+"} <= set(self.levels):  # then the two are values, as in UCI's class columns
            gone[self.levels.index("-")] = False
        return gone

    def _level_numbers(self) -> np.ndarray:
        parsed = (number(level) for level in self.levels)
        values = np.fromiter((np.nan if v is None else v for v in parsed), np.float64, len(self.levels))
        values[np.isinf(values)] = np.nan
        return values

    def _spread(self, by_level: np.ndarray, null: float) -> np.ndarray:
        """`by_level[codes]`, with `null` for code -1: the extra last element is what -1 indexes."""
        return np.append(by_level, np.array([null], by_level.dtype))[self.codes]


@dataclass(frozen=True)
class NumberColumn(Column):
    """Numbers, and the few cells among them that are something else.

    Args:
        name: str.
        values: float64 array (n,), NaN where missing or odd, never infinite.
        odd: dict row -> text of the cells that are neither missing nor a finite number.

    >>> column = NumberColumn("x", np.array([1.0, np.nan, 2.5, np.nan]), {3: "inf"})
    >>> column.text(0), column.text(3), column.factor()
    ('1', 'inf', (array([ 0, -1,  1,  2], dtype=int32), ['1', '2.5', 'inf']))
    """

    name: str
    values: np.ndarray
    odd: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def text(self, row: int) -> str:
        value = self.values[row]
        return self.odd.get(int(row), "") if np.isnan(value) else number_text(value)

    def factor(self, missing: Collection[str] = MISSING) -> tuple[np.ndarray, list[str]]:
        present = ~np.isnan(self.values)
        distinct, index = np.unique(self.values[present], return_inverse=True)
        codes = np.full(len(self.values), -1, np.int32)
        codes[present] = index
        levels = [number_text(v) for v in distinct]
        texts = sorted(set(self.odd.values()))
        for row, text in self.odd.items():
            codes[row] = len(levels) + texts.index(text)
        return codes, levels + texts

    def numbers(self) -> np.ndarray:
        return self.values

    def odd_rows(self) -> np.ndarray:
        return np.array(sorted(self.odd), np.intp)

    def take(self, rows: np.ndarray) -> NumberColumn:
        odd = {i: self.odd[int(row)] for i, row in enumerate(rows) if int(row) in self.odd} if self.odd else {}
        return replace(self, values=self.values[rows], odd=odd)

    def renamed(self, name: str) -> NumberColumn:
        return replace(self, name=name)


@dataclass(frozen=True)
class Table:
    """Columns of equal length with distinct names, and where they came from.

    Args:
        columns: tuple of `Column`.
        source: str, default "". The file, as the user named it.
        header: bool, default True. Whether the names stood in the file; otherwise they are `column_1`, `column_2`, ...
        lines: int64 array (n,) or None. The line of the file on which each row begins, for messages.
        notes: tuple of str. What reading found out or had to decide.

    Raises:
        DataError: two columns carry one name, or lengths differ.

    >>> table = Table.from_columns({"age": [22, None, 35], "sex": ["m", "f", "f"]})
    >>> len(table), table.names, table.column("sex").text(1)
    (3, ['age', 'sex'], 'f')
    >>> table.take(np.array([2, 0])).column("age").numbers()
    array([35., 22.])
    """

    columns: tuple[Column, ...]
    source: str = ""
    header: bool = True
    lines: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_names([column.name for column in self.columns], self.source)
        if len({len(column) for column in self.columns}) > 1:
            sizes = ", ".join(f"{c.name!r} {len(c)}" for c in self.columns[:12])
            raise DataError(f"{self.source or 'Table'}: expected columns of one length; got {sizes}.")

    @staticmethod
    def from_columns(columns: Mapping[str, Iterable[object]], source: str = "") -> Table:
        """A table of Python or NumPy values; None and NaN are missing.

        Args:
            columns: mapping name -> sequence of numbers, texts, booleans or None.
            source: str, default "". A name for messages.
        """
        return Table(tuple(column_of(name, values) for name, values in columns.items()), source)

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            DataError: there is none; the message names the closest.
        """
        if name in self._by_name:
            return self._by_name[name]
        hint = did_you_mean(name, self.names)
        raise DataError(f"{self.source or 'Table'}: no column {name!r}.{hint} Its columns are {listed(self.names)}.")

    def take(self, rows: np.ndarray) -> Table:
        """The table of the given rows, in their order."""
        lines = None if self.lines is None else self.lines[rows]
        return replace(self, columns=tuple(c.take(rows) for c in self.columns), lines=lines)

    def without(self, *names: str) -> Table:
        """The table without the named columns."""
        return replace(self, columns=tuple(c for c in self.columns if c.name not in names))

    def named_like(self, other: Table) -> Table:
        """This table under the names of `other`, where one of the two has no header and both have as many columns.

        >>> train = Table.from_columns({"age": [1], "y": [0]})
        >>> Table((column_of("column_1", [2]), column_of("column_2", [1])), header=False).named_like(train).names
        ['age', 'y']
        """
        if (self.header and other.header) or len(self.names) != len(other.names):
            return self
        columns = (column.renamed(name) for column, name in zip(self.columns, other.names, strict=True))
        return replace(self, columns=tuple(columns), header=other.header)

    def place(self, row: int, name: str | None = None) -> str:
        """Where a cell stands, for messages: `data.csv, line 17, column 'age'`."""
        at = f"row {row + 1}" if self.lines is None else f"line {self.lines[row]}"
        parts = [self.source, at, "" if name is None else f"column {name!r}"]
        return ", ".join(part for part in parts if part)


def column_of(name: str, values: Iterable[object]) -> Column:
    """A column of Python or NumPy values.

    Args:
        name: str.
        values: numbers give a `NumberColumn`, anything else a `TextColumn` of its texts.

    >>> column_of("x", [1, 2.5, None]).numbers()
    array([1. , 2.5, nan])
    """
    cells = values.tolist() if isinstance(values, np.ndarray) else list(values)
    if all(cell is None or (isinstance(cell, Real) and not isinstance(cell, bool)) for cell in cells):
        numbers = np.array([np.nan if cell is None else float(cell) for cell in cells], np.float64)  # type: ignore[arg-type]
        odd = {int(row): str(numbers[row]) for row in np.flatnonzero(np.isinf(numbers))}
        numbers[np.isinf(numbers)] = np.nan
        return NumberColumn(name, numbers, odd)
    index: dict[str, int] = {}
    gone = [cell is None or (isinstance(cell, float) and cell != cell) for cell in cells]
    texts = ["" if out else str(cell).strip() for cell, out in zip(cells, gone, strict=True)]
    codes = [index.setdefault(text, len(index)) for text in texts]
    return TextColumn(name, np.array(codes, np.int32), list(index))


def check_names(names: Sequence[str], source: str) -> None:
    """Every name once.

    Raises:
        DataError: a name occurs twice; the message names it and both positions.
    """
    first: dict[str, int] = {}
    for position, name in enumerate(names, 1):
        if name in first:
            raise DataError(
                f"{source or 'Table'}: the column name {name!r} occurs twice (columns {first[name]} and {position}). "
                "Rename one of them; if the first line holds data and no names, read with header=False (--no-header)."
            )
        first[name] = position


def opaque_note(name: str, what: str) -> str:
    """What is said of a column whose cells mean nothing to a table: it is there, and empty.

    >>> opaque_note("photo", "bytes")
    "column 'photo' holds bytes, which cannot be learnt from: read as empty"
    """
    return f"column {name!r} holds {what}, which cannot be learnt from: read as empty"
