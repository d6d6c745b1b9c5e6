"""Batches that come one at a time, from generators, `PyDataset`s and other iterables."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from .. import ops
from ..errors import ArgumentError, DataError
from ..utils import pack_x_y_sample_weight
from .data import (
    ArrayData,
    BatchedData,
    array_data,
    batch_data,
    element_data,
    is_stream,
    refuse_parts_beside_stream,
    warn_missing_classes,
)

Read = Callable[[Any], Any]


class StreamData:
    """Batches `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Args:
        source: a generator or iterator (consumed across epochs; when it is exhausted, its first two batches come again,
            as in Keras), or something that can be gone through again.
        read: what is done to each batch, for text in it (default: nothing).

    Attributes:
        class_weight: `{class: weight}`.
        seed: a SeedGenerator: a new order of the batches of a `PyDataset` for each epoch; None keeps the order.
    """

    def __init__(self, source: Any, read: Read | None = None) -> None:
        self.source, self.read = source, read
        self.class_weight: Any = None
        self.seed: Any = None
        self.is_whole = False  # whether batches are handed over as they come, to a step of the user's
        self._pending: list[ArrayData] = []
        self._current: Iterator[Any] | None = None
        self._first: list[Any] | None = None  # batches of an iterator, which come again
        self._is_spent = False  # whether an iterator has no more

    @property
    def _is_iterator(self) -> bool:
        """Whether the batches come once: a PyDataset that answers to `next` too can begin again."""
        return isinstance(self.source, Iterator) and not hasattr(self.source, "__getitem__")

    def __len__(self) -> int:
        try:
            return len(self.source)
        except TypeError:
            return 0

    def epoch(self, steps: int | None) -> Iterator[ArrayData]:
        """The batches of one epoch: `steps` of them, going on where the last epoch ended; all if `steps` is None."""
        if steps is None and getattr(self.source, "is_infinite", False):
            raise ArgumentError("the data set has no end: say how many batches to take, with steps_per_epoch or steps.")
        self._notify("on_epoch_begin")
        if steps is None and not self._pending:
            self._current = None
        taken = 0
        while steps is None or taken < steps:
            batch = self._next()
            if batch is None and not taken and steps is not None:
                batch = self._next()  # the last epoch had taken all: it begins again
            if batch is None:
                break
            taken += 1
            yield batch
        self._notify("on_epoch_end")

    def restart(self) -> None:
        """Begin again at the first batch, if the batches do not go on and on."""
        if not self._is_iterator or self._is_spent:
            self._current, self._pending = None, []

    def peek(self) -> ArrayData:
        """The first batch, which is not lost."""
        if not self._pending:
            batch = self._next()
            if batch is None:
                raise DataError("expected at least one batch; the data has none.")
            self._pending.append(batch)
        return self._pending[0]

    def _notify(self, name: str) -> None:
        if hasattr(self.source, name):
            getattr(self.source, name)()

    def _next(self) -> ArrayData | None:
        if self._pending:
            return self._pending.pop(0)
        if self._current is None:
            self._current = self._items()
        item = next(self._current, None)
        if item is None:
            self._current, self._is_spent = None, self._is_iterator
            return None
        return self._batch(item if self.read is None else self.read(item))

    def _items(self) -> Iterator[Any]:
        if self._is_iterator:
            return self._once()
        has_numbers = hasattr(self.source, "__getitem__") and hasattr(self.source, "__len__")
        if not has_numbers or getattr(self.source, "is_infinite", False):
            return iter(self.source)
        count = len(self.source)
        order = range(count) if self.seed is None else ops.random.permutation(self.seed.next(), count).tolist()
        return (self.source[i] for i in order)

    def _once(self) -> Iterator[Any]:
        """The first two batches of an iterator, and those that it still has."""
        if self._is_spent:
            warnings.warn(
                "the generator is exhausted: its first two batches come again, as in Keras. It must yield "
                "steps_per_epoch * epochs batches.", stacklevel=7,
            )  # fmt: skip
        if self._first is None:
            self._first = list(itertools.islice(self.source, 2))
        return itertools.chain(self._first, self.source)

    def _batch(self, item: Any) -> ArrayData:
        if self.is_whole:
            return element_data(item)
        parts = tuple(item) if isinstance(item, (tuple, list)) else (item,)
        if not 1 <= len(parts) <= 3:
            raise DataError(f"expected batches (x,), (x, y) or (x, y, sample_weight); got {len(parts)} parts.")
        x, y, weight = (*parts, None, None)[:3]
        return batch_data(x, y, weight, self.class_weight)


def split_rows(data: ArrayData | StreamData, fraction: float) -> tuple[ArrayData, ArrayData]:
    """Rows for training and for validation, the last ones."""
    if isinstance(data, StreamData):
        raise ArgumentError("fit: validation_split needs arrays; pass validation_data for a generator.")
    first, last = data.split(fraction)
    warn_missing_classes(first, last)
    return first, last


def make_data(x: Any, y: Any, sample_weight: Any = None, read: Read | None = None) -> ArrayData | StreamData:
    """Arrays as `ArrayData`, anything that yields batches as `StreamData`.

    Args: x, y, sample_weight; read: what is done to `(x, y, sample_weight)`, for text in it (default: nothing).
    """
    if not is_stream(x):
        return array_data(*_read(read, x, y, sample_weight))
    refuse_parts_beside_stream(y, sample_weight)
    return _batched(x, read) or StreamData(x, read)


def _read(read: Read | None, x: Any, y: Any = None, weight: Any = None) -> tuple[Any, ...]:
    if read is None:
        return x, y, weight
    item = pack_x_y_sample_weight(x, y, weight)
    return tuple(read(item)) if isinstance(item, tuple) else (read(item),)


def _batched(source: Any, read: Read | None) -> BatchedData | None:
    """The rows behind a data set that knows them to lie in memory; None for any other source of batches."""
    found = source.in_memory() if hasattr(source, "in_memory") else None
    if found is None or (isinstance(found[0], tuple) and not 2 <= len(found[0]) <= 3):
        return None
    element, batch, keys = found
    data = array_data(*_read(read, *(element if isinstance(element, tuple) else (element,))))
    return BatchedData(*data.parts, batch=batch, order=keys or False)
