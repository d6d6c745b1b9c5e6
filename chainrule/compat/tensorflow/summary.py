"""`tf.summary`: numbers, histograms, pictures and texts for TensorBoard, written by scripts themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from ...callbacks.events import EventWriter, histogram_summary, image_summary, scalar_summary, text_summary
from ...errors import ArgumentError

_writers: list[Any] = []
_step: list[Any] = [None]


class Writer:
    """A file of events, the default one inside of `as_default()`.

    Args: logdir: the folder.
    """

    def __init__(self, logdir: str) -> None:
        self._events = EventWriter(logdir)
        self._open: list[Any] = []

    @contextmanager
    def as_default(self, step: Any = None) -> Iterator[Self]:
        """Inside of `with`, this file is written to; `step` is the number of the step."""
        before = _step[0]
        _writers.append(self)
        _step[0] = before if step is None else step
        try:
            yield self
        finally:
            _writers.pop()
            _step[0] = before
            self.flush()

    def set_as_default(self, step: Any = None) -> None:
        """From now on, this file is written to."""
        _writers[:] = [self]
        _step[0] = step

    def add(self, step: int, summary: bytes) -> None:
        """Write an event."""
        self._events.write(step, [summary])

    def flush(self) -> None:
        """Let readers see what was written."""
        self._events.flush()

    def close(self) -> None:
        """No more events."""
        self._events.close()


def create_file_writer(logdir: Any, max_queue: Any = None, flush_millis: Any = None, filename_suffix: Any = None,
                       name: Any = None) -> Writer:  # fmt: skip
    """A file of events in a folder, which is made if it does not exist."""
    return Writer(str(logdir))


def _write(step: Any, make: Any) -> bool:
    """Write what `make` gives, if there is a file to write to."""
    if not _writers:
        return False
    number = _step[0] if step is None else step
    if number is None:
        raise ArgumentError("tf.summary: no step is set. Give step=..., or use tf.summary.experimental.set_step.")
    _writers[-1].add(int(number), make())
    return True


def scalar(name: str, data: Any, step: Any = None, description: Any = None) -> bool:
    """Write a number; True if there is a file to write to."""
    return _write(step, lambda: scalar_summary(name, float(data)))


def histogram(name: str, data: Any, step: Any = None, buckets: int | None = None, description: Any = None) -> bool:
    """Write how many elements lie in which range."""
    return _write(step, lambda: histogram_summary(name, np.asarray(data), 30 if buckets is None else buckets))


def text(name: str, data: Any, step: Any = None, description: Any = None) -> bool:
    """Write a text."""
    return _write(step, lambda: text_summary(name, str(np.asarray(data).item())))


def image(name: str, data: Any, step: Any = None, max_outputs: int = 3, description: Any = None) -> bool:
    """Write pictures (n, rows, columns, channels): whole numbers, or floats from 0 to 1."""

    def make() -> bytes:
        pixels = np.asarray(data)[:max_outputs]
        pixels = pixels if pixels.dtype == np.uint8 else (np.clip(pixels, 0, 1) * 255).astype(np.uint8)
        from .io_text import encode_png

        return image_summary(name, pixels.shape[1:3], [encode_png(one) for one in pixels])

    return _write(step, make)


def set_step(step: Any) -> None:
    """The number of the step from now on."""
    _step[0] = step


def get_step() -> Any:
    """The number of the step."""
    return _step[0]


def trace_on(*args: Any, **kwargs: Any) -> None:
    """Accepted: nothing is traced."""


trace_off = trace_export = start = stop = flush = trace_on
__all__ = [
    "create_file_writer", "flush", "get_step", "histogram", "image", "scalar", "set_step", "start", "stop", "text",
    "trace_export", "trace_off", "trace_on",
]  # fmt: skip
