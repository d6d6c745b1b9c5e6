"""Callbacks that write down or call back."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TextIO

import numpy as np

from ..errors import ArgumentError, FileError, did_you_mean
from ..serialization import builtin
from .callback import Callback


@builtin
class CSVLogger(Callback):
    """Write the numbers of each epoch as a line of a CSV file.

    Args:
        filename: where; the folder must exist.
        separator: between the columns (default ',').
        append: go on with an existing file (default False).

    The columns are the names of the first epoch; if none of them is of a validation, columns for one are kept free.
    A name that is missing in an epoch is written as NA.
    Raises: FileError: the file cannot be written.
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename, self.separator, self.append = os.fspath(filename), separator, append
        self._file: TextIO | None = None
        self._names: list[str] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the file."""
        self._close()
        exists = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        try:
            self._file = open(self.filename, "a" if self.append else "w", newline="", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            raise FileError(f"CSVLogger: cannot write {self.filename}: {error.strerror or error}.") from None
        self._names, self._header = None, not exists

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write a line, and the names before the first."""
        import csv

        logs = logs or {}
        writer = csv.writer(self._file, delimiter=self.separator)  # type: ignore[arg-type]
        if self._names is None:
            names = sorted(logs)
            validated = any(name.startswith("val_") for name in names)
            self._names = names if validated else names + [f"val_{name}" for name in names]
            if self._header:
                writer.writerow(["epoch", *self._names])
        writer.writerow([epoch, *(_cell(logs.get(name, "NA")) for name in self._names)])
        self._file.flush()  # type: ignore[union-attr]

    def on_train_end(self, logs: Any = None) -> None:
        """Close the file."""
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _cell(value: Any) -> Any:
    """A number or text as it is, several numbers as a list in one cell."""
    return f"[{', '.join(map(str, np.ravel(value).tolist()))}]" if np.ndim(value) else value


@builtin
class LambdaCallback(Callback):
    """A callback from functions.

    Args: on_epoch_begin, on_epoch_end: (epoch, logs); on_train_begin, on_train_end: (logs);
        on_train_batch_begin, on_train_batch_end: (batch, logs); any other method of `Callback` by name, or
        attributes of other names.
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
        known = [name for name in dir(Callback) if name.startswith("on_")]
        for name, function in given.items():
            if name not in known and name.startswith("on_"):
                raise ArgumentError(f"LambdaCallback: callbacks have no method {name!r}.{did_you_mean(name, known)}")
            if function is not None:
                setattr(self, name, function)
