"""`ChainruleClassifier` and `ChainruleRegressor`: networks for tables as scikit-learn's estimators.

They work in its pipelines, grid searches and cross-validation. Needs `pip install chainrule[sklearn]`: this module is
the only one that imports scikit-learn, and is imported when one of the two names is first used.
"""

from __future__ import annotations

import os
import tempfile
import time
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ..data import ColumnReport, Table, Target, inspect_columns
from ..data.table import Column, NumberColumn
from .fitting import Silent, fit_problem
from .model import NETWORK, PREPARATION, TableModel
from .network import Training
from .options import Options
from .parts import Part
from .problem import Problem

_BLOCK = 256  # rows that are answered together: always as many, so that one Program serves all
_TARGET = "the target"


class _Networks(BaseEstimator):  # type: ignore[misc]
    """What both estimators do."""

    def __init__(
        self, preset: str = "auto", time: float = 60.0, layers: tuple[int, ...] | None = None,
        networks: int | None = None, epochs: int | None = None, patience: int | None = None,
        batch_size: int | None = None, learning_rate: float | None = None, weight_decay: float | None = None,
        dropout: float | None = None, random_state: Any = 0,
    ) -> None:  # fmt: skip
        self.preset, self.time, self.layers, self.networks, self.epochs = preset, time, layers, networks, epochs
        self.patience, self.batch_size, self.learning_rate = patience, batch_size, learning_rate
        self.weight_decay, self.dropout, self.random_state = weight_decay, dropout, random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def _fit(self, X: Any, values: np.ndarray, target: Target) -> None:
        table, reports = self._table, self._reports
        part = Part(table, values)
        nothing = part.take(np.zeros(0, np.int64))
        problem = Problem(target, reports, part, nothing, (), ())
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        fitted = fit_problem(problem, Options(_TARGET, seed=seed, training=self._training()), Silent(), "", _now())
        self.model_, self.metrics_ = fitted.model, fitted.metrics
        self.n_iter_ = max(row["epoch"] for row in fitted.log)

    def _training(self) -> Training:
        """What `fit` was asked for; layers without a preset of their own are those of dense layers."""
        preset = "mlp" if self.preset == "auto" and self.layers is not None else self.preset
        return Training(
            preset=preset, seconds=float(self.time), layers=None if self.layers is None else tuple(self.layers),
            networks=self.networks, epochs=self.epochs, patience=self.patience, batch_size=self.batch_size,
            learning_rate=self.learning_rate, weight_decay=self.weight_decay, dropout=self.dropout,
        )  # fmt: skip

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self, "model_")
        table = self._read(X, reset=False)
        found = []
        for start in range(0, len(table), _BLOCK):
            rows = np.arange(start, start + _BLOCK)
            block = table.take(np.minimum(rows, len(table) - 1))
            found.append(self.model_.outputs(block, [])[: len(table) - start])
        return np.concatenate(found)

    def _read(self, X: Any, reset: bool) -> Table:
        """Arrays and frames as a table: columns of numbers, or what the cells say."""
        if hasattr(X, "columns") and not _is_numeric(X):
            validate_data(self, X, reset=reset, skip_check_array=True)
            columns = {str(name): [None if _is_missing(v) else v for v in np.asarray(X[name], object)] for name in X}
            return Table.from_columns(columns)
        X = validate_data(self, X, reset=reset, dtype="numeric", ensure_all_finite="allow-nan", ensure_min_samples=1)
        X = np.asarray(X, np.float64)
        if np.isinf(X).any():
            raise ValueError("Input X contains infinity.")
        names = [f"x{k}" for k in range(X.shape[1])]
        return Table(tuple(_column(name, X[:, k]) for k, name in enumerate(names)))

    def _learn_columns(self, X: Any) -> None:
        table = self._read(X, reset=True)
        self._table = table
        if all(isinstance(column, NumberColumn) for column in table.columns):
            self._reports = [ColumnReport(c.name, "number", "numbers") for c in table.columns]
        else:
            self._reports = inspect_columns(table)

    def _forget_rows(self) -> None:
        del self._table, self._reports

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "model_" in state:
            state["model_"] = _as_bytes(state["model_"])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        model = state.get("model_")
        super().__setstate__({**state, "model_": _from_bytes(model)} if isinstance(model, dict) else state)


class ChainruleClassifier(ClassifierMixin, _Networks):  # type: ignore[misc]
    """Networks that tell classes apart, as an estimator of scikit-learn.

    Args:
        preset: str, default "auto". What kind of network, see `chainrule fit --preset`.
        time: float, default 60. Seconds that training may take, turned into a plan by counting; 0: as long as it takes.
        layers: tuple of int or None. Units of each hidden layer.
        networks, epochs, patience, batch_size: int or None, default None: chosen from the rows.
        learning_rate, weight_decay, dropout: float or None, default None: chosen from the rows.
        random_state: int, RandomState or None, default 0. The same int gives the same bits.

    After `fit`: `classes_`, `n_features_in_`, `model_` (a `TableModel`), `metrics_`.

    Raises:
        ValueError: as scikit-learn expects; `ArgumentError` (a ValueError) for options out of range.

    Example:
    >>> x = np.random.default_rng(0).normal(size=(60, 2))
    >>> y = np.where(x[:, 0] > 0, "right", "left")
    >>> found = ChainruleClassifier(layers=(8,), networks=1, learning_rate=0.05).fit(x, y)
    >>> found.predict([[2.0, 0.0], [-2.0, 0.0]]).tolist()
    ['right', 'left']
    """

    def fit(self, X: Any, y: Any) -> ChainruleClassifier:
        """Train.

        Args:
            X: array or frame (n, columns); NaN is missing; frames may hold text and dates.
            y: (n,) labels.
        """
        y = _checked_target(X, y)
        check_classification_targets(y)
        self._learn_columns(X)
        _check_rows(self._table, y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present: expected at least two classes.")
        task = "binary" if len(self.classes_) == 2 else "multiclass"
        target = Target(_TARGET, task, tuple(str(label) for label in self.classes_))
        self._fit(X, numbers.astype(np.int64), target)
        self._forget_rows()
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each of `classes_`, (n, classes)."""
        return self._outputs(X)

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest label of each row."""
        outputs = self._outputs(X)
        return np.asarray(self.classes_[outputs.argmax(1)])


class ChainruleRegressor(RegressorMixin, _Networks):  # type: ignore[misc]
    """Networks that tell a value, as an estimator of scikit-learn.

    Args: as of `ChainruleClassifier`.

    Example:
    >>> x = np.random.default_rng(0).normal(size=(60, 2))
    >>> found = ChainruleRegressor(layers=(8,), networks=1, learning_rate=0.05).fit(x, x[:, 0])
    >>> found.score(x, x[:, 0]) > 0.5
    True
    """

    def fit(self, X: Any, y: Any) -> ChainruleRegressor:
        """Train.

        Args:
            X: array or frame (n, columns); NaN is missing; frames may hold text and dates.
            y: (n,) values.
        """
        y = _checked_target(X, y, numeric=True)
        self._learn_columns(X)
        _check_rows(self._table, y)
        self._fit(X, y, Target(_TARGET, "regression"))
        self._forget_rows()
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The value of each row."""
        return self._outputs(X)


def _checked_target(X: Any, y: Any, numeric: bool = False) -> np.ndarray:
    from sklearn.utils.validation import column_or_1d

    if y is None:
        raise ValueError("requires y to be passed, but the target y is None.")
    y = column_or_1d(y, warn=True)
    if numeric:
        y = np.asarray(y, np.float64)
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise ValueError("Input y contains NaN or infinity.")
    return y


def _check_rows(table: Table, y: np.ndarray) -> None:
    if len(table) != len(y):
        raise ValueError(f"Found input variables with inconsistent numbers of samples: {[len(table), len(y)]}")
    if len(table) < 2:
        raise ValueError("Found array with n_samples=1 while a minimum of 2 is required.")


def _is_numeric(frame: Any) -> bool:
    return all(getattr(dtype, "kind", "O") in "fiub" for dtype in getattr(frame, "dtypes", ["O"]))


def _is_missing(value: Any) -> bool:
    return value is None or value != value or str(value) in ("<NA>", "NaT")


def _column(name: str, values: np.ndarray) -> Column:
    return NumberColumn(name, np.array(values))


def _now() -> float:
    return time.monotonic()


def _as_bytes(model: TableModel) -> dict[str, bytes]:
    """A model as the files that it is saved in."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(folder)
        return {name: _contents(os.path.join(folder, name)) for name in (NETWORK, PREPARATION)}


def _contents(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _from_bytes(files: dict[str, bytes]) -> TableModel:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        return TableModel.load(folder)
