"""What is explained: a model, rows to ask it about, and a background of rows to compare them with.

Every explanation asks the model about rows that are put together from cells of other rows: a shuffled column, a cell
set to another value, half of one row and half of another. Such a row is written as numbers of rows, one a column: from
which row the cell comes. So nothing here knows what a cell is, and no cell is ever asked about that did not occur.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...data import NumberColumn, Table
from ...data.cells import number_text
from ...data.frames import table_of
from ...errors import ArgumentError, DataError, did_you_mean, listed
from ...ir import Tensor
from ...tabular import TableModel
from .pool import aligned, days, joined
from .slope import foremost

_LARGEST_BLOCK, _SMALLEST_BLOCK = 32_768, 256  # rows; blocks are powers of two, so few shapes are compiled
_MOST_CELLS = 4_000_000  # of a block
_TINY = 1e-7


class Subject(ABC):
    """A model and its rows: first those that are explained, then those of the background.

    Of more than 100 columns the 100 that matter most are explained one by one (`foremost`), all others as if they were
    one column, the last.

    Final classes: `TableSubject`, `ArraySubject`. Made by `subject`.

    Args:
        names: list of str. The columns that the model reads.
        kept: int array. The positions of those that are explained one by one.
        outputs: list of str. The classes, or the one value.
        task: str. "binary", "multiclass" or "regression".
        rows: int. Rows that are explained.
        background: int array. The numbers of the rows of the background.
        truth: float64 array, one a row of the pool: class number or value, NaN where not known; or None.
    """

    target: str = "output"

    def __init__(
        self, names: list[str], kept: np.ndarray, outputs: list[str], task: str, rows: int, background: np.ndarray,
        truth: np.ndarray | None,
    ) -> None:  # fmt: skip
        self.kept, self.columns = kept, names
        self.place = np.full(len(names), len(kept))  # of each column among `names`
        self.place[kept] = np.arange(len(kept))
        others = len(names) - len(kept)
        self.names = [*(names[j] for j in kept), *([f"({others:,} other columns)"] if others else [])]
        self.outputs, self.task = outputs, task
        self.rows, self.background, self.truth = rows, background, truth
        self.has_training_rows = len(background) > 0 and int(background[0]) >= rows
        self.asked, self.largest_block = 0, _LARGEST_BLOCK
        self.watch: Callable[[int], None] | None = None  # told how many rows the model has been asked about
        if not rows:
            raise DataError("explain: there are no rows to explain.")

    @abstractmethod
    def _answer(self, cells: np.ndarray) -> np.ndarray:
        """Outputs (n, k) for rows put together from cells."""

    @abstractmethod
    def __len__(self) -> int:
        """How many rows the pool has."""

    @abstractmethod
    def _cell(self, row: int, column: int) -> str:
        """`cell` of one of all columns."""

    @abstractmethod
    def _numbers(self, column: int) -> np.ndarray | None:
        """`numbers` of one of all columns."""

    @abstractmethod
    def _levels(self, column: int) -> np.ndarray:
        """`levels` of one of all columns."""

    def is_rest(self, column: int) -> bool:
        """Whether it stands for all columns that are not explained one by one."""
        return column == len(self.kept)

    def cell(self, row: int, column: int) -> str:
        """What stands in a cell, as text."""
        return "..." if self.is_rest(column) else self._cell(row, int(self.kept[column]))

    def numbers(self, column: int) -> np.ndarray | None:
        """float64, one a row of the pool, NaN where missing (days, of dates); None if the column has no order."""
        return None if self.is_rest(column) else self._numbers(int(self.kept[column]))

    def levels(self, column: int) -> np.ndarray:
        """int64, one a row of the pool: equal cells have equal numbers; -1 where missing."""
        return np.arange(len(self)) if self.is_rest(column) else self._levels(int(self.kept[column]))

    def decide(self, outputs: np.ndarray) -> np.ndarray:
        """The class number of each row of outputs."""
        return outputs.argmax(1)

    @property
    def is_classification(self) -> bool:
        """Whether the outputs are probabilities of classes."""
        return self.task != "regression"

    def whole(self, rows: np.ndarray) -> np.ndarray:
        """The cells of rows as they are: int (n, columns)."""
        return np.repeat(np.asarray(rows, np.intp)[:, None], len(self.names), 1)

    def ask(self, cells: np.ndarray) -> np.ndarray:
        """What the model says.

        Args:
            cells: int (n, columns). From which row of the pool each cell comes.

        Returns:
            float64 (n, k): probabilities of the classes, or the value.
        """
        found = np.zeros((len(cells), len(self.outputs)))
        start, most = 0, max(_SMALLEST_BLOCK, min(self.largest_block, _MOST_CELLS // len(self.columns)))
        while start < len(cells):
            part = cells[start : start + most]
            size = max(_SMALLEST_BLOCK, 1 << (len(part) - 1).bit_length())
            padded = np.concatenate([part, np.repeat(part[-1:], size - len(part), 0)])
            found[start : start + len(part)] = self._answer(padded)[: len(part)]
            start += len(part)
            self.asked += len(part)
            if self.watch is not None:
                self.watch(self.asked)
        return found

    def scale(self, outputs: np.ndarray) -> np.ndarray:
        """Outputs on the scale on which effects add up: log odds of probabilities; values as they are."""
        if not self.is_classification:
            return outputs
        p = np.clip(outputs, _TINY, 1 - _TINY)
        return np.log(p) - np.log1p(-p)

    def losses(self, outputs: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """The loss of each row: -ln of the probability of the true class, or the squared error."""
        if not self.is_classification:
            return (outputs[:, 0] - truth) ** 2
        return -np.log(np.maximum(outputs[np.arange(len(truth)), truth.astype(np.intp)], 1e-15))

    def column(self, name: str) -> int:
        """The position of a column.

        Raises:
            ArgumentError: there is none of that name; the message names the closest.
        """
        if name not in self.names:
            hint = did_you_mean(name, self.names)
            raise ArgumentError(f"no column {name!r} that the model reads.{hint} It reads {listed(self.names)}.")
        return self.names.index(name)

    def output(self, wanted: str | int | None, likely: int = 0) -> int:
        """The position of an output, by name or number; `likely` for None.

        Raises:
            ArgumentError: there is none.
        """
        if wanted is None:
            return likely
        if isinstance(wanted, (int, np.integer)) and 0 <= wanted < len(self.outputs):
            return int(wanted)
        if str(wanted) not in self.outputs:
            hint = did_you_mean(str(wanted), self.outputs)
            raise ArgumentError(f"no output {wanted!r}.{hint} There are {listed(self.outputs)}.")
        return self.outputs.index(str(wanted))

    def check_row(self, row: int) -> int:
        """A row, counted from 0.

        Raises:
            ArgumentError: there are not so many.
        """
        if not 0 <= row < self.rows:
            raise ArgumentError(f"expected a row from 0 to {self.rows - 1} (the first row is 0); got {row}.")
        return row

    def truth_text(self, row: int) -> str | None:
        """The true answer of a row, as text; None where it is not known."""
        if self.truth is None or np.isnan(self.truth[row]):
            return None
        value = float(self.truth[row])
        return self.outputs[int(value)] if self.is_classification else number_text(float(f"{value:.6g}"))

    def answer_text(self, outputs: np.ndarray) -> str:
        """The decision on one row of outputs (k,), as text."""
        if self.is_classification:
            return self.outputs[int(self.decide(outputs[None])[0])]
        return number_text(float(f"{outputs[0]:.6g}"))


class TableSubject(Subject):
    """A `TableModel` and tables; see `subject`."""

    def __init__(self, model: TableModel, data: Table, train: Table | None) -> None:
        encoder = model.encoders[0]
        names = list(dict.fromkeys(name for e in model.encoders for name in e.columns))
        tables = [aligned(t, encoder) for t in ([data] if train is None else [data, train])]
        self.model, self.target = model, model.target.name
        self.data = tables[0]
        self.pool = joined(tables, names)
        truths = [_truth(model, table) for table in tables]
        known = [t if t is not None else np.full(len(a), np.nan) for t, a in zip(truths, tables, strict=True)]
        truth = np.concatenate(known) if any(t is not None for t in truths) else None
        outputs = list(model.target.labels) if model.target.is_classification else [model.target.name]
        start = len(data) if train is not None else 0
        kept = foremost(model, names, self.pool.take(np.arange(start, len(self.pool))))
        super().__init__(names, kept, outputs, model.target.task, len(data), np.arange(start, len(self.pool)), truth)

    def __len__(self) -> int:
        return len(self.pool)

    def _answer(self, cells: np.ndarray) -> np.ndarray:
        outputs = self.model.outputs(self.table(cells), [])
        return outputs if outputs.ndim == 2 else outputs[:, None]

    def table(self, cells: np.ndarray) -> Table:
        """The rows as a table."""
        columns = (column.take(cells[:, p]) for p, column in zip(self.place, self.pool.columns, strict=True))
        return replace(self.pool, columns=tuple(columns), lines=None)

    def decide(self, outputs: np.ndarray) -> np.ndarray:
        labels = {label: i for i, label in enumerate(self.outputs)}
        return np.array([labels[answer] for answer in self.model.answers(outputs)], np.intp)

    def _cell(self, row: int, column: int) -> str:
        return self.pool.columns[column].text(row) or "(missing)"

    def _numbers(self, column: int) -> np.ndarray | None:
        kinds = {code.kind for e in self.model.encoders for code in e.codes if code.column == self.columns[column]}
        if kinds == {"number"}:
            return self.pool.columns[column].numbers()
        return days(self.pool.columns[column]) if kinds == {"date"} else None

    def _levels(self, column: int) -> np.ndarray:
        return self.pool.columns[column].factor()[0].astype(np.int64)


class ArraySubject(Subject):
    """A Keras-style model and arrays; see `subject`."""

    def __init__(
        self, model: Any, x: np.ndarray, y: np.ndarray | None, train: np.ndarray | None, task: str | None,
        names: Sequence[str] | None, labels: Sequence[str] | None,
    ) -> None:  # fmt: skip
        self.model = model
        self.pool = np.concatenate([x, train]) if train is not None else x
        sample = self._raw(self.pool[:_SMALLEST_BLOCK])
        task = task or _task(sample, y)
        count = 2 if task == "binary" else sample.shape[1]
        outputs = list(labels or (map(str, range(count)) if task != "regression" else _value_names(count)))
        if len(outputs) != count:
            raise ArgumentError(f"subject: expected {count} labels, one an output; got {len(outputs)}.")
        columns = list(names or (f"x{j}" for j in range(x.shape[1])))
        if len(columns) != x.shape[1]:
            raise ArgumentError(f"subject: expected {x.shape[1]} names, one a column; got {len(columns)}.")
        start = len(x) if train is not None else 0
        truth = None if y is None else np.full(len(self.pool), np.nan)
        if truth is not None and y is not None:
            truth[: len(x)] = y
        kept = foremost(model, columns, self.pool[start:])
        super().__init__(columns, kept, outputs, task, len(x), np.arange(start, len(self.pool)), truth)

    def __len__(self) -> int:
        return len(self.pool)

    def _raw(self, x: np.ndarray) -> np.ndarray:
        raw = np.asarray(self.model.predict(x, batch_size=1024, verbose=0), np.float64)
        return raw if raw.ndim == 2 else raw.reshape(len(x), -1)

    def _answer(self, cells: np.ndarray) -> np.ndarray:
        raw = self._raw(self.pool[cells[:, self.place], np.arange(len(self.columns))])
        return np.concatenate([1 - raw, raw], 1) if self.task == "binary" and raw.shape[1] == 1 else raw

    def _cell(self, row: int, column: int) -> str:
        return number_text(float(f"{self.pool[row, column]:.6g}"))

    def _numbers(self, column: int) -> np.ndarray | None:
        return np.asarray(self.pool[:, column], np.float64)

    def _levels(self, column: int) -> np.ndarray:
        return np.unique(self.pool[:, column], return_inverse=True)[1].astype(np.int64)


def subject(
    model: Any, rows: Any, truth: Any = None, *, train: Any = None, task: str | None = None,
    names: Sequence[str] | None = None, labels: Sequence[str] | None = None,
) -> Subject:  # fmt: skip
    """A model and the rows that its explanations are about: what every function of this package is given.

    Args:
        model: TableModel, or anything with `predict(x, batch_size=, verbose=)` such as a Keras-style model.
        rows: Table or data frame with the columns of the training table; or array (n, columns).
        truth: None (of a Table the target column is taken, if it is there), or array (n,): class numbers or values.
        train: Table, data frame or array of the training rows, default None: then `rows` are compared with one another.
        task: None (found out), "binary", "multiclass" or "regression". Of arrays only.
        names, labels: sequences of str or None. The columns and the classes, of arrays only.

    Raises:
        DataError: a column is missing, or there are no rows.
        ArgumentError: shapes or numbers do not fit.

    >>> from chainrule import Sequential, layers
    >>> net = Sequential([layers.Input((3,)), layers.Dense(1)])
    >>> about = subject(net, np.eye(3, dtype="float32"), names=["a", "b", "c"])
    >>> about.task, about.outputs, about.ask(about.whole([0, 1])).shape
    ('regression', ['value'], (2, 1))
    """
    if isinstance(model, TableModel):
        return TableSubject(model, table_of(rows), None if train is None else table_of(train))
    x, y = _array(rows), None if truth is None else _truth_array(truth)
    others = None if train is None else _array(train)
    if others is not None and others.shape[1] != x.shape[1]:
        raise ArgumentError(f"subject: expected train with {x.shape[1]} columns; got shape {others.shape}.")
    if y is not None and len(y) != len(x):
        raise ArgumentError(f"subject: expected as many true answers as rows ({len(x)}); got {len(y)}.")
    if task not in (None, "binary", "multiclass", "regression"):
        raise ArgumentError(f"subject: expected task 'binary', 'multiclass' or 'regression'; got {task!r}.")
    return ArraySubject(model, x, y, others, task, names, labels)


def _array(value: Any) -> np.ndarray:
    x = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
    if x.ndim != 2 or not len(x):
        raise ArgumentError(f"subject: expected an array (rows, columns) with at least one row; got shape {x.shape}.")
    return x


def _truth_array(value: Any) -> np.ndarray:
    y = np.asarray(value)
    if y.ndim == 2 and y.shape[1] > 1:
        y = y.argmax(1)  # one-hot
    return y.reshape(-1).astype(np.float64)


def _task(sample: np.ndarray, y: np.ndarray | None) -> str:
    """Probabilities are told by their range and sums."""
    inside = bool(((sample >= 0) & (sample <= 1)).all())
    if sample.shape[1] > 1:
        return "multiclass" if inside and np.allclose(sample.sum(1), 1, atol=1e-3) else "regression"
    return "binary" if inside and y is not None and set(np.unique(y)) <= {0.0, 1.0} else "regression"


def _value_names(count: int) -> list[str]:
    return ["value"] if count == 1 else [f"value {k + 1}" for k in range(count)]


def _truth(model: TableModel, table: Table) -> np.ndarray | None:
    """One number a row, NaN where unknown; None without a target column, or where no cell of it holds anything."""
    if model.target.name not in table.names:
        return None
    column = table.column(model.target.name)
    empty = np.isnan(column.numbers()).all() if isinstance(column, NumberColumn) else (column.factor()[0] < 0).all()
    if empty:
        return None
    encoded = model.target.encode(table)
    truth = np.full(len(table), np.nan)
    truth[encoded.rows] = encoded.values
    return truth
