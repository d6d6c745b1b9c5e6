"""The display of progress: Keras's bar on a terminal, one line an epoch elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

from ..serialization import builtin
from .callback import Callback

_WIDTH = 20
_INTERVAL = 0.1  # seconds between two redrawings
_CLEAR = "\r\033[K"


@builtin
class ProgbarLogger(Callback):
    """What `fit`, `evaluate` and `predict` print while they run; they make one unless `verbose` is 0.

    With `verbose` 1 a bar that moves on a terminal (elsewhere one finished line), with 2 a line without a bar.
    """

    def __init__(self) -> None:
        super().__init__()
        self.verbose, self.epochs = 1, 1
        self.target: int | None = None  # batches of a pass, if known
        self.seen = 0
        self._started = self._drawn = 0.0
        self._kind = ""

    def set_params(self, params: Mapping[str, Any]) -> None:
        """How much to print, and how many epochs and batches there will be."""
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose in ("auto", True) else int(verbose)
        self.epochs, self.target = params.get("epochs") or 1, params.get("steps")

    def on_train_begin(self, logs: Any = None) -> None:
        """From now on only training is shown; validation is silent."""
        self._kind = "train"

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """`Epoch 1/10`."""
        self._begin()
        if self.verbose and self.epochs > 1:
            self._print(f"Epoch {epoch + 1}/{self.epochs}\n")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """The numbers of the epoch."""
        self._finish(logs)

    def on_train_end(self, logs: Any = None) -> None:
        """The next evaluation may be shown again."""
        self._kind = ""

    def on_test_begin(self, logs: Any = None) -> None:
        """An evaluation begins, unless it is the validation of a training."""
        if self._kind != "train":
            self._kind = "test"
            self._begin()

    def on_test_end(self, logs: Any = None) -> None:
        """Its numbers."""
        if self._kind == "test":
            self._finish(logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        """A prediction begins."""
        self._kind = "predict"
        self._begin()

    def on_predict_end(self, logs: Any = None) -> None:
        """How long it took."""
        self._finish(None)

    def _begin(self) -> None:
        self.seen, self._drawn, self._started = 0, 0.0, time.perf_counter()

    def _on_progress(self, kind: str, done: int, inside: bool = False) -> None:
        if kind != self._kind:
            return
        self.seen = done
        now = time.perf_counter()
        if self._moving() and now - self._drawn >= _INTERVAL and done != self.target:
            self._drawn = now
            logs = {} if inside or kind == "predict" else self.model._logs()
            self._print(_CLEAR + self._line(logs, last=False))

    def _moving(self) -> bool:
        return self.verbose == 1 and sys.stdout.isatty()

    def _finish(self, logs: Any) -> None:
        if self.target is None:
            self.target = self.seen
        if self.verbose:
            self._print((_CLEAR if self._moving() else "") + self._line(logs or {}, last=True) + "\n")

    def _line(self, logs: Mapping[str, Any], last: bool) -> str:
        total, done = self.target, (self.target or self.seen) if last else self.seen
        count = f"{done:>{len(str(total))}}/{total}" if total else f"{done:7d}/Unknown"
        elapsed = time.perf_counter() - self._started
        pace = f"{duration(elapsed / max(1, self.seen))}/step"
        numbers = "".join(f" - {name}: {number(value)}" for name, value in sorted(logs.items(), key=_place))
        if self.verbose == 2:
            return f"{count} - {elapsed:.0f}s - {pace}{numbers}"
        filled = _WIDTH if last or not total else _WIDTH * done // total
        left = f"{elapsed:.0f}s" if last or not total else f"{elapsed / max(1, done) * (total - done):.0f}s"
        return f"{count} {'━' * filled}{' ' * (_WIDTH - filled)} {left} {pace}{numbers}"

    def _print(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _place(item: tuple[str, Any]) -> int:
    """Numbers of validation after those of training, the learning rate last, else as they come."""
    return 2 if item[0].startswith("learning_rate") else int(item[0].startswith("val_"))


def number(value: Any) -> str:
    """A number as Keras shows it: four digits, small ones with an exponent.

    >>> number(0.25), number(0.00025), number(0)
    ('0.2500', '2.5000e-04', '0.0000e+00')
    """
    try:
        mean = sum(value.ravel().tolist()) / value.size if getattr(value, "ndim", 0) else float(value)
    except (TypeError, ValueError):
        return str(value)
    return f"{mean:.4f}" if abs(mean) > 1e-3 else f"{mean:.4e}"


def duration(seconds: float) -> str:
    """`12s`, `3ms`, `45us`.

    >>> duration(0.0032)
    '3ms'
    """
    if seconds >= 1:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"
