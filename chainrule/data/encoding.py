"""`TableEncoder`: everything between the columns of a table and the input of a network, learnt from training rows."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, NotBuiltError, did_you_mean, listed
from .blanks import blank_column
from .category_code import BooleanCode, CategoryCode
from .codes import ColumnCode
from .columns import ColumnReport
from .date_code import DateCode
from .number_code import NumberCode
from .table import Column, Table
from .text_code import TextCode

_CODES: dict[str, type[ColumnCode]] = {c.kind: c for c in (NumberCode, BooleanCode, CategoryCode, DateCode, TextCode)}
_MOST_LEVELS, _MOST_LEVELS_IN_ALL = 64, 4096
_FEWEST_PIECES, _MOST_PIECES, _MOST_PIECES_IN_ALL = 12, 96, 1024
_MOST_VALUES, _MOST_WORDS = 2**27, 512


class DataWarning(UserWarning):
    """Something in the data was unusual and was dealt with as the message says."""


def pieces_for(rows: int, number_columns: int) -> int:
    """How many pieces each number column gets: 12, with more rows up to 96; fewer for few rows or very many columns.

    Args:
        rows: int. Training rows.
        number_columns: int.

    >>> pieces_for(600, 8), pieces_for(16_000, 8), pieces_for(30, 8), pieces_for(600, 7000)
    (12, 80, 0, 0)
    """
    wanted = min(_MOST_PIECES, max(_FEWEST_PIECES, rows // 200), rows // 20)
    affordable = min(_MOST_PIECES_IN_ALL, _MOST_VALUES // max(rows, 1)) // max(number_columns, 1)
    pieces = min(wanted, affordable)
    return pieces if pieces > 1 else 0


class TableEncoder:
    """Learns from training rows how to turn a table into a float32 matrix, and does it to any table of that kind.

    Numbers: median imputation with an indicator, asinh for skewed columns, standardisation (population deviation), cut
    at 5 deviations, piecewise linear pieces. Categories: one-hot with "other" and "missing". Yes or no: 0 and 1. Dates:
    days and cycles. Free text: words. `codes.py` gives the formulas and the measurements behind them.

    Args:
        pieces: "auto" or int, default "auto" (`pieces_for`). Pieces of each number column; 0 for standardised numbers
            only.

    >>> table = Table.from_columns({"age": [20, 25, 30, None], "sex": list("mfff"), "y": [0, 1, 1, 0]})
    >>> from chainrule.data.columns import inspect_columns
    >>> encoder = TableEncoder().fit(table, inspect_columns(table, "y"), "y")
    >>> encoder.feature_names
    ['age', 'age is missing', 'sex=f', 'sex=m']
    >>> encoder.transform(Table.from_columns({"sex": ["f"], "age": [25]}))
    array([[0., 0., 1., 0.]], dtype=float32)
    """

    def __init__(self, pieces: str | int = "auto") -> None:
        if pieces != "auto" and not (isinstance(pieces, int) and pieces >= 0):
            raise ArgumentError(f"TableEncoder: expected pieces to be 'auto' or an int from 0; got {pieces!r}.")
        self.pieces = pieces
        self.codes: list[ColumnCode] = []
        self.names: list[str] = []
        self.header = True
        self.target: str | None = None
        self.blanks: dict[str, list[str]] = {}

    def fit(self, table: Table, columns: Sequence[ColumnReport], target: str | None = None) -> TableEncoder:
        """Learn from training rows, and from nothing else.

        Args:
            table: Table of the training rows.
            columns: the reports of `inspect_columns`; those with `used` are encoded, in the order of the table.
            target: str or None, default None. The target column: for tables without header, positions are counted with
                and without it.

        Raises:
            DataError: a column of a report is not in the table, or the table has no rows.
        """
        if not len(table):
            raise DataError(f"{table.source or 'Table'}: no training rows to learn the encoding from.")
        used = [report for report in columns if report.used]
        numeric = sum(report.kind in ("number", "date") for report in used)
        pieces = pieces_for(len(table), numeric) if self.pieces == "auto" else int(self.pieces)
        categories = max(1, sum(report.kind == "category" for report in used))
        most = max(4, min(_MOST_LEVELS, _MOST_LEVELS_IN_ALL // categories))
        words = most_words(len(table), max(1, sum(report.kind == "text" for report in used)))
        self.codes = [_fit_code(report.kind, table.column(report.name), pieces, most, words) for report in used]
        self.names, self.header, self.target = table.names, table.header, target
        self.blanks = {report.name: list(report.blanks) for report in used if report.blanks}
        return self

    @property
    def columns(self) -> list[str]:
        """The user's columns that are encoded."""
        return [code.column for code in self.codes]

    @property
    def feature_names(self) -> list[str]:
        """One name an output, such as `'sex=male'` or `'age is missing'`."""
        return [name for code in self.codes for name in code.outputs]

    @property
    def feature_columns(self) -> list[str]:
        """The user's column behind each output."""
        return [code.column for code in self.codes for _ in code.outputs]

    @property
    def width(self) -> int:
        """The number of outputs."""
        return len(self.feature_names)

    def transform(self, table: Table, notes: list[str] | None = None) -> np.ndarray:
        """Encode a table: training rows, test rows, new rows.

        Columns are matched by name, in any order, extra ones ignored; in files without header by position, with or
        without the target.

        Args:
            table: Table of n rows.
            notes: list or None, default None. Sentences about unusual cells are appended to it; without a list each is
                issued as a `DataWarning`.

        Returns:
            float32 array (n, width), all finite.

        Raises:
            DataError: a column is missing; the message names all that are.
            NotBuiltError: `fit` was not called.
        """
        if not self.names:
            raise NotBuiltError("TableEncoder.transform: call fit first.")
        said: list[str] = []
        matched = self._match(table, said)
        out = np.zeros((len(table), self.width), np.float32)
        start = 0
        for code, column in zip(self.codes, matched, strict=True):
            end = start + len(code.outputs)
            code.write(table, blank_column(column, self.blanks.get(code.column, ())), out[:, start:end], said)
            start = end
        if notes is not None:
            notes.extend(said)
        else:
            for sentence in said:
                warnings.warn(sentence, DataWarning, stacklevel=2)
        return out

    def to_config(self) -> dict[str, Any]:
        """Everything learnt, of JSON's types only."""
        codes = [code.to_config() for code in self.codes]
        source = {"names": self.names, "header": self.header, "target": self.target}
        return {"pieces": self.pieces, **source, "blanks": self.blanks, "codes": codes}

    @staticmethod
    def from_config(config: dict[str, Any]) -> TableEncoder:
        """The encoder of a config.

        Raises:
            DataError: the config is not one of `to_config`.
        """
        try:
            encoder = TableEncoder(config["pieces"])
            encoder.names, encoder.header, encoder.target = list(config["names"]), config["header"], config["target"]
            encoder.blanks = {name: list(texts) for name, texts in config.get("blanks", {}).items()}
            encoder.codes = [_make_code(code) for code in config["codes"]]
        except (KeyError, TypeError) as error:
            raise DataError(f"TableEncoder.from_config: not the config of a TableEncoder ({error!r}).") from error
        return encoder

    def _match(self, table: Table, notes: list[str]) -> list[Column]:
        """The table's column for each encoded one."""
        names = set(table.names)
        by_name = set(self.columns) <= names
        if not table.header or (not self.header and not by_name):
            by_position = self._names_by_position(table)
            if table.header:
                notes.append("the training table had no header: its columns were matched by position")
            return [by_position[name] for name in self.columns]
        if not by_name:
            raise self._missing(table)
        return [table.column(name) for name in self.columns]

    def _names_by_position(self, table: Table) -> dict[str, Column]:
        without = [name for name in self.names if name != self.target]
        for names in (self.names, without):
            if len(names) == len(table.names):
                return {name: column.renamed(name) for name, column in zip(names, table.columns, strict=True)}
        allowed = " or ".join(str(n) for n in sorted({len(self.names), len(without)}))
        raise DataError(
            f"{table.source or 'Table'}: without a header in both files columns are matched by position, and training "
            f"had {allowed} (with or without the target); got {len(table.names)}. Give the same columns in the same "
            "order, or a first line with their names."
        )

    def _missing(self, table: Table) -> DataError:
        there, wanted = set(table.names), set(self.columns)
        gone = [name for name in self.columns if name not in there]
        free = [name for name in table.names if name not in wanted]
        found = {name: did_you_mean(name, free) for name in gone[:3]}
        hints = "".join(hint.replace(" Did", f" For {name!r}: did", 1) for name, hint in found.items())
        what = "column" if len(gone) == 1 else "columns"
        return DataError(
            f"{table.source or 'Table'}: the {what} {listed(gone)}, which the model was trained on, "
            f"{'is' if len(gone) == 1 else 'are'} missing.{hints} The table has {listed(table.names)}."
        )


def most_words(rows: int, text_columns: int) -> int:
    """How many words each column of text gets: one for 25 rows, from 2,000 rows on one for 4, 16 to 512.

    Args:
        rows: int. Training rows.
        text_columns: int.

    >>> most_words(40, 1), most_words(900, 1), most_words(10_000, 1), most_words(10**6, 1)
    (16, 36, 512, 134)
    """
    return max(16, min(_MOST_WORDS, rows // (25 if rows < 2000 else 4), 2**27 // max(1, rows)) // text_columns)


def _fit_code(kind: str, column: Column, pieces: int, most: int, words: int) -> ColumnCode:
    if kind == "number":
        return NumberCode.fit(column, pieces)
    if kind == "date":
        return DateCode.fit(column, pieces)
    if kind == "text":
        return TextCode.fit(column, words)
    return BooleanCode.fit(column) if kind == "boolean" else CategoryCode.fit(column, most)


def _make_code(config: dict[str, Any]) -> ColumnCode:
    arguments = {key: value for key, value in config.items() if key != "kind"}
    return _CODES[config["kind"]](**arguments)
