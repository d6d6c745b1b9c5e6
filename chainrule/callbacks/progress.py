"""The display of progress: Keras's bar on a terminal, one line an epoch elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

_WIDTH = 20
_INTERVAL = 0.1  # seconds between two redrawings


class Progress:
    """What fit, evaluate and predict print while they run.

    Args: mode: 'train', 'test' or 'predict'; verbose: 1 a bar, 2 a line an epoch; epochs; steps: batches an epoch,
        None if unknown.
    """

    def __init__(self, mode: str, verbose: int, epochs: int, steps: int | None) -> None:
        self.mode, self.verbose, self.epochs, self.steps = mode, verbose, epochs, steps
        self.moving = verbose == 1 and sys.stdout.isatty()
        self.started = self.drawn = 0.0
        self.done = 0

    def begin_epoch(self, epoch: int) -> None:
        """A pass over the data begins."""
        if self.mode == "train":
            self._print(f"Epoch {epoch + 1}/{self.epochs}\n")
        self.started, self.done, self.drawn = time.perf_counter(), 0, 0.0

    def update(self, done: int, model: Any) -> None:
        """So many batches are done."""
        self.done = done
        now = time.perf_counter()
        if self.moving and now - self.drawn >= _INTERVAL and done != self.steps:
            self.drawn = now
            self._print("\r\033[K" + self._line(model._logs() if self.mode != "predict" else {}))

    def end_epoch(self, logs: dict[str, Any]) -> None:
        """The pass is over; `logs` are its numbers."""
        self._print(("\r\033[K" if self.moving else "") + self._line(logs, last=True) + "\n")

    def _line(self, logs: dict[str, Any], last: bool = False) -> str:
        total = self.done if last else self.steps
        elapsed = time.perf_counter() - self.started
        numbers = "".join(f" - {name}: {_number(value)}" for name, value in logs.items())
        if self.verbose == 2:
            return f"{self.done}/{total} - {elapsed:.0f}s - {_duration(elapsed / max(1, self.done))}/step{numbers}"
        filled = _WIDTH if last or not total else _WIDTH * self.done // max(1, total)
        bar = "━" * filled + " " * (_WIDTH - filled)
        left = f"{elapsed:.0f}s {_duration(elapsed / max(1, self.done))}/step"
        if not last and total:
            left = f"{elapsed / max(1, self.done) * (total - self.done):.0f}s left"
        return f"{self.done}/{total or '?'} {bar} {left}{numbers}"

    def _print(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _number(value: Any) -> str:
    try:
        return f"{float(value):.4f}" if abs(float(value)) >= 1e-3 or value == 0 else f"{float(value):.4e}"
    except (TypeError, ValueError):
        return str(value)


def _duration(seconds: float) -> str:
    """`12s`, `3ms`, `45us`.

    >>> _duration(0.0032)
    '3ms'
    """
    if seconds >= 1:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"
