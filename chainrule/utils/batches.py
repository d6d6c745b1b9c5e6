"""Batches that a user's own code makes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..errors import ArgumentError, UnsupportedError


class PyDataset:
    """Base class of data sets that hand over one batch at a time; `fit`, `evaluate` and `predict` take them.

    A subclass defines `__len__` (the number of batches) and `__getitem__(index)` (a batch: `(x, y)` or
    `(x, y, sample_weight)`), and may define `on_epoch_begin()` and `on_epoch_end()`. Instead of `__len__` it may define
    the property `num_batches`: None is a data set without end, of which `steps_per_epoch` batches are taken.

    Args:
        workers: accepted for Keras scripts (default 1); batches are made one after the other.
        use_multiprocessing: likewise (default False).
        max_queue_size: likewise (default 10).

    Raises:
        UnsupportedError: when a batch or the length is asked for that the subclass does not define.

    Example:
    >>> class Squares(PyDataset):
    ...     def __len__(self): return 2
    ...     def __getitem__(self, index): return [[float(index)]], [[float(index**2)]]
    >>> Squares().num_batches
    2
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        raise UnsupportedError(f"{type(self).__name__} must define __getitem__(self, index): the batch of that number.")

    def __len__(self) -> int:
        if type(self).num_batches is PyDataset.num_batches:
            raise UnsupportedError(f"{type(self).__name__} must define __len__(self): the number of batches.")
        return self.num_batches or 0

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in (itertools.count() if self.is_infinite else range(len(self))))

    @property
    def num_batches(self) -> int | None:
        """The number of batches of an epoch; None: there is no end."""
        return len(self)

    @property
    def is_infinite(self) -> bool:
        """Whether there is no end."""
        return type(self).num_batches is not PyDataset.num_batches and self.num_batches is None

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch, the place to shuffle."""


Sequence = PyDataset


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """A batch as `fit` takes it: `x` alone or the tuple of what is given.

    >>> pack_x_y_sample_weight(1, 2)
    (1, 2)
    """
    if y is None and sample_weight is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """A batch as `(x, y, sample_weight)`, None where absent: for an overridden `train_step`.

    Raises:
        ArgumentError: for a tuple of more than three.

    >>> unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    parts = tuple(data) if isinstance(data, (tuple, list)) else (data,)
    if not 1 <= len(parts) <= 3:
        raise ArgumentError(f"expected a batch (x,), (x, y) or (x, y, sample_weight); got {len(parts)} parts.")
    return (*parts, None, None)[:3]  # type: ignore[return-value]
