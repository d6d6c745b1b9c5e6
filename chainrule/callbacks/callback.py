"""`Callback`: what users subclass; `CallbackList`: what training calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..serialization import builtin


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

    def __init__(self) -> None:
        self.model: Any = None
        self.params: dict[str, Any] = {}
        self.validation_data = None

    def set_params(self, params: dict[str, Any]) -> None:
        """Training says how long it will be."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Training says which model it trains."""
        self.model = model

    def on_train_begin(self, logs: Any = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Any = None) -> None:
        """After the last epoch, also when training was interrupted."""

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
        """After a batch of a prediction."""

    def _watches_batches(self, kind: str) -> bool:
        """Whether a batch method of this kind is overridden."""
        names = [f"on_{kind}_batch_begin", f"on_{kind}_batch_end"]
        names += ["on_batch_begin", "on_batch_end"] if kind == "train" else []
        return any(getattr(type(self), name) is not getattr(Callback, name) for name in names)


@builtin
class History(Callback):
    """What happened: `history["loss"]` and so on, one number an epoch; `epoch` the numbers of the epochs."""

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self


class CallbackList:
    """Several callbacks called as one, with the history and the progress display among them."""

    def __init__(self, callbacks: Sequence[Any], display: Any = None) -> None:
        self.callbacks, self.display = list(callbacks), display
        self.history = next((c for c in self.callbacks if isinstance(c, History)), History())

    @classmethod
    def of(
        cls, callbacks: Any, model: Any, verbose: int, epochs: int, steps: int | None, mode: str = "train"
    ) -> CallbackList:
        """The callbacks of one call of fit, evaluate or predict."""
        from .progress import Progress

        if isinstance(callbacks, CallbackList):
            return callbacks
        given = [] if callbacks is None else callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
        chosen = list(given)
        if mode == "train":
            chosen = [*given, *([] if any(isinstance(c, History) for c in given) else [History()])]
        display = Progress(mode, verbose, epochs, steps) if verbose else None
        result = cls(chosen, display)
        for callback in chosen:
            callback.set_model(model)
            callback.set_params({"verbose": verbose, "epochs": epochs, "steps": steps})
        if mode == "train":
            model.history = result.history
        return result

    def silent(self) -> CallbackList:
        """The same callbacks without a display and without `on_test_begin` and `on_test_end`."""
        return CallbackList(self.callbacks)

    def wants_batches(self, kind: str) -> bool:
        """Whether somebody must be called for each batch."""
        return any(getattr(c, "_watches_batches", lambda k: True)(kind) for c in self.callbacks)

    @property
    def watches_numbers(self) -> bool:
        """Whether the state before each epoch is kept, so that the first NaN can be found: always, it is only held."""
        return True

    def progress(self, kind: str, done: int, model: Any) -> None:
        """Some batches are done."""
        if self.display is not None and kind == self.display.mode:
            self.display.update(done, model)

    def on_batch_begin(self, kind: str, number: int) -> None:
        """A batch begins."""
        for callback in self.callbacks:
            getattr(callback, f"on_{kind}_batch_begin")(number, {})

    def on_batch_end(self, kind: str, number: int, logs: Any) -> None:
        """A batch is over."""
        for callback in self.callbacks:
            getattr(callback, f"on_{kind}_batch_end")(number, dict(logs or {}))

    def on_epoch_begin(self, epoch: int) -> None:
        """An epoch begins."""
        if self.display is not None:
            self.display.begin_epoch(epoch)
        self._all("on_epoch_begin", epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        """An epoch and its validation are over; callbacks may add to `logs`."""
        if self.display is not None:
            self.display.end_epoch(logs)
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def on_train_begin(self) -> None:
        """Training begins."""
        self._all("on_train_begin")

    def on_train_end(self) -> None:
        """Training is over, or was interrupted."""
        self._all("on_train_end")

    def on_test_begin(self) -> None:
        """An evaluation or validation begins."""
        self._all("on_test_begin")
        if self.display is not None and self.display.mode == "test":
            self.display.begin_epoch(0)

    def on_test_end(self, logs: dict[str, Any]) -> None:
        """An evaluation or validation is over."""
        if self.display is not None and self.display.mode == "test":
            self.display.end_epoch(logs)
        for callback in self.callbacks:
            callback.on_test_end(logs)

    def on_predict_begin(self) -> None:
        """A prediction begins."""
        if self.display is not None:
            self.display.begin_epoch(0)
        self._all("on_predict_begin")

    def on_predict_end(self) -> None:
        """A prediction is over."""
        if self.display is not None:
            self.display.end_epoch({})
        self._all("on_predict_end")

    def _all(self, name: str, *arguments: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, name)(*arguments)
