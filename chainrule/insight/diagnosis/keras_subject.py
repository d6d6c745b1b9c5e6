"""A Keras model as the subject of a diagnosis: copies of it are trained on some of the rows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...callbacks import EarlyStopping
from ...data import fold_rows
from ...errors import DataError, UnsupportedError
from ...training.data import ArrayData
from ..compiled import loss_of
from ..finding import Remedy
from .changes import (
    SQUASHING,
    activation_of,
    changed_model,
    changed_optimizer,
    is_clonable,
    learning_rate_of,
    seeded,
    weighted_layers,
)
from .subject import CLASSIFICATION, Trial

_CROSSENTROPIES = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
_ERRORS = ("mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "mean_squared_logarithmic_error",
           "mean_absolute_percentage_error")  # fmt: skip
_NUMBERS = ("learning_rate", "epochs", "batch_size", "early_stopping", "class_weight", "scale")  # not in the Program


class KerasSubject:
    """A compiled model and its training rows.

    Args:
        model: Model, compiled. It is not changed.
        data: ArrayData.
        epochs: int. How long it is trained.
        batch_size: int.
        seed: int.
        numbers: int array or None. Where each row stands in the data, counted from 1.

    Raises:
        UnsupportedError: several outputs, or a loss that is neither a cross-entropy nor a distance of values.
        DataError: the targets do not fit the loss.
    """

    word = "rows"

    def __init__(
        self, model: Any, data: ArrayData, epochs: int, batch_size: int, seed: int = 0,
        numbers: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        self.model, self.data, self.seed = model, data, seed
        self.numbers = np.arange(1, data.rows + 1) if numbers is None else numbers
        self._copies: dict[str, tuple[Any, list[tuple[Any, np.ndarray]]]] = {}
        self.loss, self.from_logits = loss_of(model)
        self.settings: dict[str, Any] = {"learning_rate": learning_rate_of(model), "epochs": epochs,
                                         "batch_size": batch_size}  # fmt: skip
        self.task, self.values = self._targets(data)
        self.labels = [str(c) for c in range(int(self.values.max()) + 1)] if self.task in CLASSIFICATION else []
        if self.task == "binary":
            self.labels = ["0", "1"]

    def _targets(self, data: ArrayData) -> tuple[str, np.ndarray]:
        y = data.y
        if not isinstance(y, np.ndarray):
            raise UnsupportedError("diagnose: expected one array of targets y for a model with one output.")
        width = int(np.prod(y.shape[1:]))
        if self.loss == "binary_crossentropy" and width == 1:
            return "binary", _class_numbers(y.reshape(len(y)), 2)
        if self.loss == "sparse_categorical_crossentropy" and width == 1:
            return "multiclass", _class_numbers(y.reshape(len(y)), None)
        if self.loss == "categorical_crossentropy" and y.ndim == 2:
            return "multiclass", y.argmax(1)
        if self.loss in _ERRORS:
            return "regression", y.reshape(len(y), -1).astype(np.float64)
        raise UnsupportedError(
            f"diagnose: expected a loss among {', '.join((*_CROSSENTROPIES, *_ERRORS))} with one target a row; "
            f"got {self.loss or 'another one'} and targets of shape {y.shape}."
        )

    # training

    def folds(self, count: int, seed: int) -> list[np.ndarray]:
        """Rows to be held out in turns; fewer where a class has fewer rows."""
        labels = self.values if self.labels else None
        least = len(self.values) // 2 if labels is None else int(np.bincount(labels)[np.unique(labels)].min())
        return fold_rows(len(self.values), max(2, min(count, least)), labels=labels, seed=seed)

    def train(
        self, change: Mapping[str, Any], learn: np.ndarray, held: np.ndarray, values: np.ndarray | None = None
    ) -> Trial:
        """Train a fresh copy; see `Subject`."""
        x, x_held = self._inputs(change, learn, held)
        y = self.data.y if values is None else self._as_targets(values)
        model = self._fresh(change)
        history = self._fit(model, change, (x, y[learn]), (x_held, y[held]))
        return Trial(self.outputs(model, x_held), self.outputs(model, x), history.history, len(history.epoch))

    def _fresh(self, change: Mapping[str, Any]) -> Any:
        """An untrained copy; the one of an earlier training, put back to its beginning, if only numbers differ."""
        key = repr(sorted((k, v) for k, v in change.items() if k not in _NUMBERS))
        if key not in self._copies:
            with seeded(self.seed):
                model = changed_model(self.model, change)
                self._compile(model, change)
                state = [*model.variables, *model.optimizer.variables, model._shuffling().state]
                self._copies[key] = model, [(v, v.numpy().copy()) for v in state]
        model, state = self._copies[key]
        for variable, value in state:
            variable.assign(value)
        if change.get("learning_rate", self.settings["learning_rate"]) is not None:
            model.optimizer.learning_rate = change.get("learning_rate", self.settings["learning_rate"])
        return model

    def _compile(self, model: Any, change: Mapping[str, Any]) -> None:
        arguments = self.model._compile_arguments
        model._prepare(self.data.take(slice(0, 2)).x)
        model.compile(
            optimizer=changed_optimizer(self.model.optimizer, change), loss=arguments["loss"],
            run_eagerly=arguments["run_eagerly"],
        )  # fmt: skip
        model.optimizer.build(model.trainable_variables)

    def _fit(self, model: Any, change: Mapping[str, Any], learn: Any, held: Any) -> Any:
        settings = {**self.settings, **change}
        (x, y), callbacks = learn, []
        if "early_stopping" in change:  # on rows of its own, not on those that judge it
            apart = np.arange(len(y)) % 5 == 4
            held = (_take(x, apart), y[apart])
            x, y = _take(x, ~apart), y[~apart]
            callbacks = [EarlyStopping(patience=int(change["early_stopping"]), restore_best_weights=True)]
        weights = _balanced(y, self.task) if change.get("class_weight") else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong with a trial is in its numbers
            return model.fit(x, y, epochs=settings["epochs"], batch_size=settings["batch_size"], verbose=0,
                             validation_data=held, callbacks=callbacks, sample_weight=weights)  # fmt: skip

    def _inputs(self, change: Mapping[str, Any], learn: np.ndarray, held: np.ndarray) -> tuple[Any, Any]:
        x, x_held = self.data.take(learn).x, self.data.take(held).x
        if not change.get("scale"):
            return x, x_held
        mean, deviation = x.mean(0, dtype=np.float64), x.std(0, dtype=np.float64)
        deviation = np.where(deviation > 0, deviation, 1.0)
        scaled = [((part - mean) / deviation).astype(np.float32) for part in (x, x_held)]
        return scaled[0], scaled[1]

    def _as_targets(self, values: np.ndarray) -> np.ndarray:
        y: np.ndarray = self.data.y
        if self.loss == "categorical_crossentropy":
            return np.eye(y.shape[1], dtype=y.dtype)[values]
        return values.reshape(y.shape).astype(y.dtype)

    def outputs(self, model: Any, x: Any) -> np.ndarray:
        """What a model says of inputs: probabilities (n, classes), or values (n, width)."""
        raw = np.asarray(model.predict(x, batch_size=1024, verbose=0), np.float64)
        raw = raw.reshape(len(raw), -1)
        if self.task == "binary":
            positive = 1 / (1 + np.exp(-np.clip(raw, -500, 500))) if self.from_logits else raw
            return np.concatenate([1 - positive, positive], axis=1)
        if self.task == "multiclass":
            if self.from_logits:
                raw = np.exp(raw - raw.max(1, keepdims=True))
            return raw / np.maximum(raw.sum(1, keepdims=True), 1e-12)
        return raw

    # remedies

    def remedies(self, kind: str) -> list[Remedy]:
        """What may be tried; see `Subject`."""
        made = {
            "rate-up": lambda: self._rates((3, 10, 30)),
            "rate-down": lambda: self._rates((1 / 3, 1 / 10, 1 / 100), self._usual_rate()),
            "epochs": self._more_epochs, "overfitting": self._against_overfitting, "larger": self._larger,
            "class-weight": lambda: [Remedy("class-weight", "class_weight='balanced'", {"class_weight": True})],
            "scale": self._scale, "activation": self._activation, "dead": self._against_dead,
            "exploding": self._against_exploding,
        }  # fmt: skip
        return made[kind]()

    def _rates(self, factors: tuple[float, ...], usual: float | None = None) -> list[Remedy]:
        rate = self.settings["learning_rate"]
        if rate is None:
            return []
        rates = {float(f"{rate * factor:.1g}") for factor in factors}
        if usual is not None and usual < rate / 3:
            rates.add(usual)
        rising = sorted(rates, reverse=factors[0] < 1)
        return [Remedy("learning-rate", f"learning_rate={r:g}", {"learning_rate": r}) for r in rising]

    def _usual_rate(self) -> float:
        """What the optimizer takes when nothing is said."""
        return float(type(self.model.optimizer)().get_config()["learning_rate"])

    def _more_epochs(self) -> list[Remedy]:
        epochs = 3 * self.settings["epochs"]
        return [Remedy("epochs", f"epochs={epochs}", {"epochs": epochs})]

    def _against_overfitting(self) -> list[Remedy]:
        patience = max(3, self.settings["epochs"] // 10)
        found = [Remedy("early-stopping", f"EarlyStopping(patience={patience}, restore_best_weights=True)",
                        {"early_stopping": patience})]  # fmt: skip
        if is_clonable(self.model) and weighted_layers(self.model):
            found += [Remedy("weight-decay", f"kernel_regularizer=L2({v:g})", {"l2": v}) for v in (1e-3, 1e-2)]
        if self._has_hidden():
            found += [Remedy("dropout", "Dropout(0.3)", {"dropout": 0.3}),
                      Remedy("smaller", "a quarter of the hidden units", {"width": 0.25})]  # fmt: skip
        return found

    def _larger(self) -> list[Remedy]:
        if not is_clonable(self.model) or not weighted_layers(self.model):
            return []
        stop = {"early_stopping": max(3, self.settings["epochs"] // 10)}  # lest it learns by heart
        layer = "another hidden layer, Dense(64, activation='relu'), with EarlyStopping"
        found = [Remedy("larger", layer, {"hidden": 64, **stop})]
        if self._has_hidden():
            found.append(Remedy("larger", "four times the hidden units, with EarlyStopping", {"width": 4.0, **stop}))
        return found

    def _scale(self) -> list[Remedy]:
        plain = isinstance(self.data.x, np.ndarray) and self.data.x.ndim == 2
        return [Remedy("scale", "Normalization() in front", {"scale": True})] if plain else []

    def _activation(self) -> list[Remedy]:
        found = self._initializer()
        if is_clonable(self.model) and any(activation_of(v) in SQUASHING for v in weighted_layers(self.model)[:-1]):
            option = "activation='relu', kernel_initializer='he_normal'"
            found.append(Remedy("activation", option, {"activation": "relu", "initializer": "he_normal"}))
        return found

    def _initializer(self) -> list[Remedy]:
        if not is_clonable(self.model):
            return []
        return [Remedy("initializer", "kernel_initializer='glorot_uniform'", {"initializer": "glorot_uniform"})]

    def _against_dead(self) -> list[Remedy]:
        return [*self._rates((1 / 10,), self._usual_rate()), *self._scale(), *self._initializer()]

    def _against_exploding(self) -> list[Remedy]:
        return [*self._initializer(), *self._scale(), Remedy("clip", "clipnorm=1.0", {"clipnorm": 1.0})]

    def _has_hidden(self) -> bool:
        return is_clonable(self.model) and len(weighted_layers(self.model)) > 1


def _class_numbers(y: np.ndarray, classes: int | None) -> np.ndarray:
    numbers = np.round(y).astype(np.int64)
    if np.any(numbers != y) or numbers.min() < 0 or (classes is not None and numbers.max() >= classes):
        what = "class numbers from 0" if classes is None else "targets 0 and 1"
        raise DataError(f"diagnose: expected {what}; got {y[numbers != y][:1] if np.any(numbers != y) else y.min()} "
                        f"to {y.max()}. `chainrule lint` says what fits.")  # fmt: skip
    return numbers


def _balanced(y: np.ndarray, task: str) -> np.ndarray:
    """A weight for each row so that all classes weigh the same; 1 on the average."""
    classes = y.argmax(1) if y.ndim > 1 and y.shape[1] > 1 else y.reshape(len(y)).astype(np.int64)
    counts = np.bincount(classes)
    return (len(classes) / (np.count_nonzero(counts) * counts[classes])).astype(np.float32)


def _take(x: Any, rows: np.ndarray) -> Any:
    from ...ir.tree import map_structure

    return map_structure(lambda a: a[rows], x)
