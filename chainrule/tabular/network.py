"""The network for a table and how it is trained: sizes, loss, patience, chosen from the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import callbacks, layers, losses, optimizers
from ..data import Target
from ..errors import ArgumentError
from ..models import Sequential


@dataclass(frozen=True)
class Training:
    """How a network is trained; None: chosen from the number of rows (`plan`).

    Args: layers: units of each hidden layer; epochs: at most; batch_size; learning_rate; dropout: the share of hidden
        units left out in each step; patience: epochs without a better validation loss that are borne.
    """

    layers: tuple[int, ...] | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    dropout: float | None = None
    patience: int | None = None


def plan(wanted: Training, rows: int) -> Training:
    """Every choice made, for a number of training rows.

    >>> plan(Training(), 600).batch_size, plan(Training(layers=(8,)), 20_000).layers
    (32, (8,))
    """
    small = rows < 5_000
    chosen = {
        "layers": (128, 64) if small else (256, 128),
        "epochs": 300 if small else 100,
        "batch_size": 32 if small else 128 if rows < 50_000 else 512,
        "learning_rate": 1e-3,
        "dropout": 0.2 if small else 0.1,
        "patience": 20 if small else 10,
    }
    given = {key: value for key, value in vars(wanted).items() if value is not None}
    result = Training(**{**chosen, **given})
    _check(result)
    return result


def _check(chosen: Training) -> None:
    for name in ("epochs", "batch_size", "patience"):
        if getattr(chosen, name) < 1:
            raise ArgumentError(f"{name}: expected a positive integer; got {getattr(chosen, name)}.")
    if any(units < 1 for units in chosen.layers or ()):
        raise ArgumentError(f"layers: expected positive numbers of units, like 64,32; got {chosen.layers}.")


def build(width: int, target: Target, training: Training, seed: int) -> Sequential:
    """Hidden layers of ReLU units with dropout, and the output that the task needs."""
    model = Sequential([layers.Input((width,))], name="network")
    seeds = iter(range(seed * 1000 + 1, seed * 1000 + 1000))
    for position, units in enumerate(training.layers or (), start=1):
        initializer = _he(next(seeds))
        model.add(layers.Dense(units, activation="relu", kernel_initializer=initializer, name=f"hidden_{position}"))
        if training.dropout:
            model.add(layers.Dropout(training.dropout, seed=next(seeds), name=f"dropout_{position}"))
    units, activation = {"binary": (1, "sigmoid"), "multiclass": (len(target.labels), "softmax")}.get(
        target.task, (1, None)
    )
    model.add(layers.Dense(units, activation=activation, kernel_initializer=_glorot(next(seeds)), name="output"))
    model.compile(
        optimizer=optimizers.AdamW(training.learning_rate, weight_decay=1e-4),
        loss={
            "binary": losses.BinaryCrossentropy(), "multiclass": losses.SparseCategoricalCrossentropy(),
        }.get(target.task, losses.MeanSquaredError()),
        metrics=["accuracy"] if target.is_classification else ["mae"],
    )  # fmt: skip
    return model


def _he(seed: int) -> Any:
    from .. import initializers

    return initializers.HeNormal(seed=seed)


def _glorot(seed: int) -> Any:
    from .. import initializers

    return initializers.GlorotUniform(seed=seed)


class Watch(callbacks.Callback):
    """Keeps the best weights as training goes on, and why it ended; calls `show(epoch, logs, best)` each epoch.

    Training stops when `monitor` was not better than before for `patience` epochs. The learning rate is halved after a
    third of that. An interruption (Ctrl-C) keeps the best weights too.
    """

    def __init__(self, monitor: str, patience: int, show: Callable[[int, dict[str, Any], bool], None]) -> None:
        super().__init__()
        self.monitor, self.patience, self.show = monitor, patience, show
        self.best, self.best_epoch, self.epochs = np.inf, 0, 0
        self.weights: list[np.ndarray] | None = None
        self.log: list[dict[str, Any]] = []
        self.reason = ""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epochs = epoch + 1
        self.log.append({"epoch": epoch + 1, **logs})
        better = logs[self.monitor] < self.best - 1e-5
        if better:
            self.best, self.best_epoch, self.weights = logs[self.monitor], epoch + 1, self.model.get_weights()
        self.show(epoch + 1, logs, better)
        waited = self.epochs - self.best_epoch
        if not np.isfinite(logs["loss"]):
            self.reason, self.model.stop_training = "the loss is no longer a finite number", True
        elif waited >= self.patience:
            word = "validation loss" if self.monitor.startswith("val_") else "training loss"
            self.reason = f"the {word} has not fallen for {self.patience} epochs"
            self.model.stop_training = True
        elif waited and waited % max(1, self.patience // 3) == 0:
            self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) * 0.5

    def restore(self) -> None:
        """Put the best weights back."""
        if self.weights is not None:
            self.model.set_weights(self.weights)


def train(
    model: Sequential,
    training: Training,
    x: np.ndarray,
    y: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray] | None,
    seed: int,
    show: Callable[[int, dict[str, Any], bool], None],
) -> tuple[Watch, bool]:
    """Train until the validation loss no longer falls; returns what was watched, and whether it was interrupted."""
    from ..variables import SeedGenerator

    monitor = "val_loss" if validation is not None else "loss"
    watch = Watch(monitor, int(training.patience or 1), show)
    object.__setattr__(model, "_shuffle_seed", SeedGenerator(seed, name="shuffle"))
    interrupted = False
    try:
        model.fit(
            x, y, batch_size=training.batch_size, epochs=int(training.epochs or 1), verbose=0,
            validation_data=validation, callbacks=[watch],
        )  # fmt: skip
    except KeyboardInterrupt:
        interrupted, watch.reason = True, "you interrupted it"
    watch.reason = watch.reason or f"the {training.epochs} epochs are over"
    watch.restore()
    return watch, interrupted


def parse_layers(text: str) -> tuple[int, ...]:
    """Units of hidden layers from text; "none" or "0" for none.

    >>> parse_layers("64,32")
    (64, 32)
    """
    if text.strip().lower() in ("", "0", "none"):
        return ()
    try:
        return tuple(int(part) for part in text.replace(" ", "").split(","))
    except ValueError:
        raise ArgumentError(f"--layers: expected numbers of units like 64,32; got {text!r}.") from None


def as_targets(values: np.ndarray, target: Target, scale: Sequence[float]) -> np.ndarray:
    """What the network is trained on: classes as they are, values standardised; shape (n, 1)."""
    if target.is_classification:
        return values.astype(np.int32)[:, None]
    return ((values - scale[0]) / scale[1]).astype(np.float32)[:, None]
