"""Training one network until its validation loss no longer falls, and keeping its best weights."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import callbacks
from ..data import Target
from ..variables import SeedGenerator
from .network import Plan
from .words import count

_WORTH = 1e-3  # a fall of the loss by less than this share (or this much of 0.001) does not prolong the training


class Watch(callbacks.Callback):
    """Keeps the best weights as training goes on, and why it ended.

    Training stops when the watched loss has not fallen for `patience` epochs; the learning rate is halved after each
    third of that. An interruption (Ctrl-C) keeps the best weights too.

    Args:
        number: int. Which network this is, from 1.
        chosen: Plan.
        target: Target.
        unit: float. What 1 in a standardised target is in the data.
        validated: bool. Whether there are validation rows; if not, the training loss is watched.
        show: called with the Watch after each epoch.
        total: int or None, default None (the plan's). How many networks there are.
        until: float or None, default None. When `time.monotonic()` is so late, training stops.
        look: function or None, default None. Called several times a second, also inside an epoch; it may raise
            KeyboardInterrupt.
    """

    def __init__(
        self, number: int, chosen: Plan, target: Target, unit: float, validated: bool, show: Callable[[Watch], None],
        total: int | None = None, until: float | None = None, look: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.look = look
        self.number, self.chosen, self.target, self.unit, self.show = number, chosen, target, unit, show
        self.total, self.until, self.was_late = total or chosen.networks, until, False
        self.monitor = "val_loss" if validated else "loss"
        self.best, self.best_epoch, self.epochs = np.inf, 0, 0
        self.log: list[dict[str, Any]] = []
        self.reason = ""
        self.interrupted = False
        self._weights: list[np.ndarray] | None = None
        self._mark, self._marked = np.inf, 0  # the last loss that was worth going on for, and its epoch

    def _on_progress(self, kind: str, done: int, inside: bool = False) -> None:
        if self.look is not None:
            self.look()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Judge an epoch."""
        self.epochs = epoch + 1
        rate = float(self.model.optimizer.learning_rate)
        self.log.append({"network": self.number, "epoch": epoch + 1, "learning_rate": rate, **self._in_units(logs)})
        loss = logs[self.monitor]
        if loss < self.best:
            self._weights = self.model.get_weights()
            self.best, self.best_epoch = loss, epoch + 1
        if loss < self._mark - _WORTH * max(self._mark if np.isfinite(self._mark) else 0.0, 0.001):
            self._mark, self._marked = loss, epoch + 1
        self._decide(logs["loss"], rate)
        self.show(self)

    def _decide(self, loss: float, rate: float) -> None:
        waited, patience = self.epochs - self._marked, self.chosen.patience
        if not np.isfinite(loss):
            self.reason = "the loss is no longer a finite number"
        elif waited >= patience:
            self.reason = self._no_better
        elif self.epochs == self.chosen.epochs:
            self.reason = "no more were allowed"
        elif self.until is not None and time.monotonic() > self.until:
            self.reason, self.was_late = "the time was up", True
        elif self.chosen.schedule == "plateau" and waited and waited % max(1, patience // 3) == 0:
            self.model.optimizer.learning_rate = rate / 2
        self.model.stop_training = bool(self.reason)

    def _in_units(self, logs: dict[str, Any]) -> dict[str, Any]:
        """The numbers of an epoch; errors of a standardised target also in the units of the data."""
        if self.target.is_classification:
            return dict(logs)
        found: dict[str, Any] = {}
        for part in ("", "val_"):
            if f"{part}loss" in logs:
                found |= {f"{part}loss": logs[f"{part}loss"], f"{part}rmse": self.unit * logs[f"{part}loss"] ** 0.5,
                          f"{part}mae": self.unit * logs[f"{part}mae"]}  # fmt: skip
        return found

    @property
    def _no_better(self) -> str:
        word = "validation" if self.monitor == "val_loss" else "training"
        return f"no better {word} loss for {self.chosen.patience} epochs"

    @property
    def usable(self) -> bool:
        """Whether at least one epoch gave a finite loss."""
        return self._weights is not None

    def restore(self) -> None:
        """Put the best weights back."""
        if self._weights is not None:
            self.model.set_weights(self._weights)

    def report(self) -> dict[str, Any]:
        """What `metrics.json` says of this network."""
        stopped = "interrupted" if self.interrupted else self.reason
        return {"epochs": self.epochs, "best_epoch": self.best_epoch, "stopped": stopped}

    def summary(self) -> str:
        """How it went, in one line."""
        patient = self.reason == self._no_better and not self.interrupted
        why = "" if patient else f" ({'interrupted' if self.interrupted else self.reason})"
        return f"{self.title}: stopped after {count(self.epochs, 'epoch')}{why}, kept {self.describe(self.best_epoch)}"

    @property
    def title(self) -> str:
        """`network 2 of 5`."""
        return "network" if self.total == 1 else f"network {self.number} of {self.total}"

    def describe(self, epoch: int) -> str:
        """`epoch 9: validation log loss 0.4312, accuracy 81.1%`."""
        row = self.log[epoch - 1]
        part, word = ("val_", "validation") if self.monitor == "val_loss" else ("", "training")
        if self.target.is_classification:
            return f"epoch {epoch}: {word} log loss {row[part + 'loss']:.4f}, accuracy {row[part + 'accuracy']:.1%}"
        return f"epoch {epoch}: {word} RMSE {row[part + 'rmse']:.5g}, MAE {row[part + 'mae']:.5g}"


def train(
    network: Any, watch: Watch, x: np.ndarray, y: np.ndarray, held: tuple[Any, Any, Any] | None,
    seed: int, weights: np.ndarray | None = None,
) -> None:  # fmt: skip
    """Train until the watched loss no longer falls; the network then has its best weights.

    Args:
        network: Model, from `build`.
        watch: Watch.
        x, y: float32 (n, width) and (n, 1).
        held: (x, y, weights or None) of the validation rows, or None.
        seed: int. Of the order of the rows.
        weights: (n,) or None, default None. How much each row counts.
    """
    network._shuffle_seed = SeedGenerator(seed, name="shuffle")
    try:
        network.fit(
            x, y, sample_weight=weights, batch_size=watch.chosen.batch_size, epochs=watch.chosen.epochs, verbose=0,
            validation_data=held, validation_batch_size=4096, callbacks=[watch],
        )  # fmt: skip
    except KeyboardInterrupt:
        watch.interrupted = True
    watch.restore()
