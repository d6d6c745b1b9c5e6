"""Callbacks that watch one number of the logs and act on it."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, NonFiniteError, UnknownNameError, did_you_mean, listed
from ..serialization import builtin
from .callback import Callback
from .direction import grows


def optimizers_of(model: Any) -> dict[str, Any]:
    """The optimizers of a model whose learning rates can be set, by what the logs call their rates."""
    parts = getattr(model.optimizer, "optimizers", None)
    return {"learning_rate": model.optimizer} if parts is None else {f"learning_rate_{o.name}": o for o in parts}


def _rates(model: Any) -> dict[str, float]:
    return {name: float(optimizer.learning_rate) for name, optimizer in optimizers_of(model).items()}


class Monitor(Callback):
    """Base of callbacks that follow one number: knows whether smaller or larger is better.

    Args: monitor: its name in the logs; mode: 'min', 'max' or 'auto' (by the kind of metric);
        min_delta: a change smaller than this is none; best: the value to start from.
    """

    def __init__(self, monitor: str, mode: str, min_delta: float = 0.0, best: float | None = None) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"{type(self).__name__}: mode {mode!r} is not known; 'auto' is taken.", stacklevel=3)
            mode = "auto"
        self.monitor, self.mode, self.min_delta = monitor, mode, abs(min_delta)
        self.best: Any = best

    def value(self, logs: dict[str, Any] | None) -> float | None:
        """The number now; None (and a warning) when the logs do not have it.

        Raises: ArgumentError: it is no number, or with mode 'auto' no metric has such a name.
        """
        found = (logs or {}).get(self.monitor)
        if found is None:
            hint = " It needs validation_data or validation_split." if self.monitor.startswith("val_") else ""
            missing = (
                f"{type(self).__name__}: {self.monitor!r} is not among {listed(logs or {})}.{hint}"
                f"{did_you_mean(self.monitor, logs or {})}"
            )
            if self.mode == "auto" and grows(self.model, self.monitor) is None:
                raise ArgumentError(missing)
            warnings.warn(missing, stacklevel=2)
        elif np.size(found) != 1:
            raise ArgumentError(
                f"{type(self).__name__}: expected {self.monitor!r} to be one number; got {np.size(found)} of them."
            )
        return None if found is None else float(np.asarray(found).item())

    def improved(self, now: float, best: Any = None) -> bool:
        """Whether `now` is better than the best so far (or than `best`)."""
        best = self.best if best is None else best
        if best is None or math.isnan(best):
            return True
        return self._sign() * (now - best) < -self.min_delta

    @property
    def monitor_op(self) -> Any:
        """How two values are compared: `ops.less` where smaller is better, else `ops.greater`."""
        return ops.less if self._sign() > 0 else ops.greater

    def _sign(self) -> float:
        """1 where smaller is better, -1 where larger is."""
        larger = grows(self.model, self.monitor) if self.mode == "auto" else self.mode == "max"
        if larger is None:
            raise ArgumentError(
                f"{type(self).__name__}: whether a larger {self.monitor!r} is better cannot be told from the metric. "
                "Pass mode='max' or mode='min'."
            )
        return -1.0 if larger else 1.0


@builtin
class EarlyStopping(Monitor):
    """Stop when a number no longer improves.

    Args:
        monitor: its name in the logs (default 'val_loss').
        min_delta: a change smaller than this is none (default 0).
        patience: how many epochs without improvement are borne (default 0).
        verbose: 1 says why it stopped.
        mode: 'min', 'max' or 'auto'.
        baseline: the number must first get better than this.
        restore_best_weights: go back to the weights of the best epoch at the end (default False).
        start_from_epoch: epochs before this one do not count.

    Source: Prechelt 1998, Early stopping - but when?
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best_weights: list[np.ndarray] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        now = self.value(logs)
        if now is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self.improved(now):
            self.best, self.best_epoch = now, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.improved(now, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


@builtin
class ReduceLROnPlateau(Monitor):
    """Multiply the learning rate by `factor` when a number no longer improves.

    Args: monitor (default 'val_loss'); factor: below 1 (default 0.1); patience: epochs without improvement (10);
        verbose; mode; min_delta (1e-4); cooldown: epochs of rest after a reduction; min_lr: the lower bound.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if factor >= 1.0:
            raise ArgumentError(f"ReduceLROnPlateau: expected a factor below 1; got {factor}.")
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self.wait = self.cooldown_counter = 0

    def on_train_begin(self, logs: Any = None) -> None:
        self.wait = self.cooldown_counter = 0
        self.best = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs.update(_rates(self.model))
        now = self.value(logs)
        if now is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improved(now):
            self.best, self.wait = now, 0
        elif self.cooldown_counter <= 0:
            self.wait += 1
            large = [o for o in optimizers_of(self.model).values() if float(o.learning_rate) > np.float32(self.min_lr)]
            if self.wait >= self.patience and large:
                self._reduce(large, epoch)

    def _reduce(self, optimizers: list[Any], epoch: int) -> None:
        for optimizer in optimizers:
            new = max(float(optimizer.learning_rate) * self.factor, self.min_lr)
            optimizer.learning_rate = new
            if self.verbose:
                print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
        self.cooldown_counter, self.wait = self.cooldown, 0


@builtin
class ModelCheckpoint(Monitor):
    """Save the model (or its weights) as training goes on.

    Args:
        filepath: may hold names of the logs, like 'model-{epoch:02d}-{val_loss:.3f}.keras'; a whole model ends in
            '.keras', weights in '.weights.h5' (safetensors all the same where h5py is missing).
        monitor: what decides which epoch is best (default 'val_loss').
        verbose, mode; save_best_only: only when the number improved (default False).
        save_weights_only: weights instead of the whole model (default False).
        save_freq: 'epoch', or a number of batches; initial_value_threshold: a best value to start from.
    """

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, best=initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose, self.save_best_only, self.save_weights_only = verbose, save_best_only, save_weights_only
        if save_freq != "epoch" and (not isinstance(save_freq, int) or save_freq < 1):
            raise ArgumentError(f"ModelCheckpoint: expected save_freq 'epoch' or a positive integer; got {save_freq}.")
        if not save_weights_only and not self.filepath.endswith((".keras", ".h5")):
            raise ArgumentError(f"ModelCheckpoint: expected a filepath that ends in .keras; got {self.filepath!r}.")
        self.save_freq = save_freq
        self._epoch, self._last_batch, self._unsaved = 0, -1, 0

    def _watches_batches(self, kind: str) -> bool:
        return kind == "train" and self.save_freq != "epoch"

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Remember which epoch it is; the batches are counted from 0 again."""
        self._epoch, self._last_batch = epoch, -1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save when `save_freq` batches have passed since the last time."""
        if self.save_freq == "epoch":
            return
        self._unsaved += batch - self._last_batch
        self._last_batch = batch
        if self._unsaved >= self.save_freq:
            self._unsaved = 0
            self._save(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save after each epoch."""
        if self.save_freq == "epoch":
            self._save(epoch, None, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> None:
        path = self._path(epoch, batch, logs)
        if not self._is_due(epoch, path, logs):
            return
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        self._say(epoch, f"finished saving model to {path}")

    def _is_due(self, epoch: int, path: str, logs: dict[str, Any]) -> bool:
        """Whether to save now; without the number that decides, yes."""
        now = self.value(logs) if self.save_best_only else None
        if now is None:
            self._say(epoch, f"saving model to {path}")
            return True
        before = "None" if self.best is None else f"{self.best:.5f}"
        if not self.improved(now):
            self._say(epoch, f"{self.monitor} did not improve from {before}")
            return False
        self._say(epoch, f"{self.monitor} improved from {before} to {now:.5f}, saving model to {path}")
        self.best = now
        return True

    def _say(self, epoch: int, text: str) -> None:
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: {text}")

    def _path(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> str:
        values = {"epoch": epoch + 1, **({} if batch is None else {"batch": batch + 1}), **logs}
        try:
            return self.filepath.format(**values)
        except (KeyError, IndexError) as error:
            raise UnknownNameError(
                f"ModelCheckpoint: filepath {self.filepath!r} names {error}, which is not among {listed(values)}."
            ) from None


@builtin
class TerminateOnNaN(Callback):
    """Stop at the first batch whose loss is NaN or infinite; the weights are those after that batch.

    Args: raise_error: raise `NonFiniteError` instead of stopping quietly (default False).

    It costs nothing while the numbers are finite: `fit` goes back over an epoch that went wrong, batch by batch, and
    names the first bad equation in a warning.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def _watches_batches(self, kind: str) -> bool:
        return False

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop if the loss is no longer finite."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise NonFiniteError(f"the loss is {loss} at batch {batch}; TerminateOnNaN ends the training.")
        print(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True


@builtin
class LearningRateScheduler(Callback):
    """Set the learning rate at the start of each epoch.

    Args: schedule: a function `(epoch, learning_rate) -> learning_rate` (or of the epoch alone); verbose.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        for optimizer in optimizers_of(self.model).values():
            self._set(optimizer, epoch)

    def _set(self, optimizer: Any, epoch: int) -> None:
        try:
            new = self.schedule(epoch, float(optimizer.learning_rate))
        except TypeError:
            new = self.schedule(epoch)
        if not isinstance(new, (float, int, np.generic)) and not hasattr(new, "__float__"):
            raise ArgumentError(f"LearningRateScheduler: expected the schedule to return a number; got {new!r}.")
        optimizer.learning_rate = float(new)
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {float(new)}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs.update(_rates(self.model))
