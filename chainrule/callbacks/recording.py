"""Callbacks that write down or call back."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from typing import Any, TextIO

from ..serialization import builtin
from .callback import Callback


@builtin
class CSVLogger(Callback):
    """Write the numbers of each epoch as a line of a CSV file.

    Args: filename; separator (default ','); append: go on with an existing file (default False).
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename, self.separator, self.append = os.fspath(filename), separator, append
        self._file: TextIO | None = None
        self._names: list[str] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        exists = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        self._file = open(self.filename, "a" if self.append else "w", newline="", encoding="utf-8")  # noqa: SIM115
        self._names = None
        self._header = not exists

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        assert self._file is not None
        writer = csv.writer(self._file, delimiter=self.separator)
        if self._names is None:
            self._names = sorted(logs or {})
            if self._header:
                writer.writerow(["epoch", *self._names])
        writer.writerow([epoch, *((logs or {}).get(name, "NA") for name in self._names)])
        self._file.flush()

    def on_train_end(self, logs: Any = None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


@builtin
class LambdaCallback(Callback):
    """A callback from functions.

    Args: on_epoch_begin, on_epoch_end: (epoch, logs); on_train_begin, on_train_end: (logs);
        on_train_batch_begin, on_train_batch_end: (batch, logs); any other method of `Callback` by name.
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end, "on_train_begin": on_train_begin,
            "on_train_end": on_train_end, "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end, **kwargs,
        }  # fmt: skip
        self._given = {name: function for name, function in given.items() if function is not None}
        for name, function in self._given.items():
            setattr(self, name, function)

    def _watches_batches(self, kind: str) -> bool:
        return any(name in self._given for name in (f"on_{kind}_batch_begin", f"on_{kind}_batch_end"))


@builtin
class ProgbarLogger(Callback):
    """Kept for Keras scripts: `verbose` of fit decides about the display."""
