"""`Callback`: what users subclass; `CallbackList`: what training calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..ir.tree import flatten
from ..serialization import builtin

_BATCH_METHODS = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


@builtin
class Callback:
    """Base of callbacks: methods that training calls. Override those that you need.

    `self.model` is the model, `self.params` a dict with `epochs`, `steps` and `verbose`. `logs` are the numbers of
    the epoch (or batch) by name. Overriding a batch method has a price: the epoch, otherwise one compiled call, is
    cut into single steps.

    >>> class Stop(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.model.stop_training = logs["loss"] < 0.1
    """

    model: Any = None
    params: Mapping[str, Any] = {}

    def __init__(self) -> None:
        self.params = {}
        self.validation_data = None

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Training says how long it will be."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Training says which model it trains."""
        self.model = model

    def on_train_begin(self, logs: Any = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Any = None) -> None:
        """After the last epoch, also when Ctrl-C ended training."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Before an epoch (counted from 0)."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """After an epoch and its validation."""

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """The older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """The older name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a training step."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a training step."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Before an evaluation or validation."""

    def on_test_end(self, logs: Any = None) -> None:
        """After an evaluation or validation."""

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a batch of an evaluation."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Before a prediction."""

    def on_predict_end(self, logs: Any = None) -> None:
        """After a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a batch of a prediction; `logs["outputs"]` are its outputs."""

    def _watches_batches(self, kind: str) -> bool:
        """Whether a batch method of this kind does something."""
        names = _BATCH_METHODS[kind]
        return any(getattr(getattr(self, n), "__func__", None) is not getattr(Callback, n) for n in names)

    def _on_progress(self, kind: str, done: int, inside: bool = False) -> None:
        """So many batches are done; called now and then, never for a price.

        Args: inside: a compiled call is still running; what the model counts is from before it.
        """


@builtin
class History(Callback):
    """What happened: `history["loss"]` and so on, one number an epoch; `epoch` the numbers of the epochs."""

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """The epochs are counted anew; what an object given to a second fit has recorded stays."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the numbers down."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        if self.model.history is not self:
            self.model.history = self


class CallbackList(Callback):
    """Several callbacks called as one.

    Args:
        callbacks: callbacks, or nested lists of them (default none).
        add_history: append a `History` unless there is one (default False).
        add_progbar: append a `ProgbarLogger` unless there is one (default False).
        model: the model they belong to; params: what they find in `params` (epochs, steps, verbose).

    Each callback of a call gets the same dict of logs, its keys sorted: what one adds, the next one sees.
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks: list[Any] = [c for c in flatten(callbacks) if c is not None]
        if add_history and not any(isinstance(c, History) for c in self.callbacks):
            self.callbacks.append(History())
        if add_progbar:
            from .progress import ProgbarLogger

            if not any(isinstance(c, ProgbarLogger) for c in self.callbacks):
                self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    @property
    def history(self) -> Any:
        """The `History` among them, None if there is none."""
        return next((c for c in self.callbacks if isinstance(c, History)), None)

    def set_model(self, model: Any) -> None:
        """All of them belong to this model."""
        self.model = model
        if self.history is not None:
            model.history = self.history
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params: Mapping[str, Any]) -> None:
        """All of them get these, if there are any."""
        self.params = params
        for callback in self.callbacks if params else []:
            callback.set_params(params)

    def _watches_batches(self, kind: str) -> bool:
        return any(getattr(c, "_watches_batches", lambda _: True)(kind) for c in self.callbacks)

    def _on_progress(self, kind: str, done: int, inside: bool = False) -> None:
        for callback in self.callbacks:
            if isinstance(callback, Callback):
                callback._on_progress(kind, done, inside)

    def _call(self, name: str, *numbers: int, logs: Any = None) -> None:
        shared = plain_logs(logs)
        for callback in self.callbacks:
            getattr(callback, name)(*numbers, shared)


def _forwarding(name: str) -> Any:
    """The method that calls the one of that name of each."""

    def alone(self: CallbackList, logs: Any = None) -> None:
        self._call(name, logs=logs)

    def of_epoch(self: CallbackList, epoch: int, logs: Any = None) -> None:
        self._call(name, epoch, logs=logs)

    def of_batch(self: CallbackList, batch: int, logs: Any = None) -> None:
        self._call(name, batch, logs=logs)

    function = of_batch if "batch" in name else of_epoch if "epoch" in name else alone
    function.__name__, function.__doc__ = name, f"`{name}` of each."
    return function


for _name in [n for n in vars(Callback) if n.startswith("on_")]:
    setattr(CallbackList, _name, _forwarding(_name))


def plain_logs(logs: Any) -> dict[str, Any]:
    """Logs as Python numbers, keys sorted, dicts among the values taken apart.

    >>> plain_logs({"loss": 2, "all": {"b": 1}})
    {'b': 1.0, 'loss': 2.0}
    """
    found: dict[str, Any] = {}
    for key, value in (logs or {}).items():
        if isinstance(value, dict):
            found |= plain_logs(value)
        else:
            found[key] = value if type(value) is float else _plain(value)
    return dict(sorted(found.items()))


def _plain(value: Any) -> Any:
    """A single number as a float, anything else as it is."""
    array = value if type(value) is np.ndarray else np.asarray(value)
    return float(value) if array.ndim == 0 and array.dtype.kind in "fiub" else value
