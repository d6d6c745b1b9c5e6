"""Windows of a time series as a data set, and data cut in two."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError
from .folders import FolderDataset


def timeseries_dataset_from_array(
    data: Any, targets: Any, sequence_length: int, sequence_stride: int = 1, sampling_rate: int = 1,
    batch_size: int | None = 128, shuffle: bool = False, seed: int | None = None, start_index: int | None = None,
    end_index: int | None = None, format: str = "tf",
) -> FolderDataset:  # fmt: skip
    """Batches of windows of a series: (batch, sequence_length, ...), with the target at each window's beginning.

    Args:
        data: array, axis 0 is time; targets: array with one for each window's first step, or None.
        sequence_length: steps of a window; sequence_stride: between beginnings; sampling_rate: between steps inside.
        batch_size: default 128; None for single windows; shuffle, seed: of the windows, anew in each pass.
        start_index, end_index: only this part of the data; format: 'tf' or 'grain', without effect.

    >>> data = timeseries_dataset_from_array(np.arange(6), np.arange(6) * 10, 3, batch_size=2)
    >>> [(x.tolist(), y.tolist()) for x, y in data][0]
    ([[0, 1, 2], [1, 2, 3]], [0, 10])
    """
    series = np.asarray(data)
    if format not in ("tf", "grain"):
        raise ArgumentError(f"format: expected 'tf' or 'grain'; got {format!r}.")
    for name, value in (("sampling_rate", sampling_rate), ("sequence_stride", sequence_stride)):
        if not 0 < value < len(series):
            raise ArgumentError(f"{name}: expected a number from 1 to {len(series) - 1}; got {value!r}.")
    start, end = start_index or 0, len(series) if end_index is None else end_index
    if not 0 <= start < end <= len(series):
        raise ArgumentError(f"expected 0 <= start_index < end_index <= {len(series)}; got {start_index}, {end_index}.")
    series = series[start:end]
    labels = None if targets is None else np.asarray(targets)[start:end]
    count = len(series) - (sequence_length - 1) * sampling_rate
    count = count if targets is None else min(count, len(targets))
    if count < 1:
        raise DataError(f"expected at least {(sequence_length - 1) * sampling_rate + 1} steps; got {len(series)}.")
    first = np.arange(0, count, sequence_stride)
    if shuffle:
        seed = np.random.randint(1_000_000) if seed is None else seed
        np.random.RandomState(seed).shuffle(first)
    steps = np.arange(sequence_length) * sampling_rate
    return FolderDataset(
        lambda k: series[first[k] + steps], len(first), None if labels is None else labels[first], batch_size, shuffle,
        seed,
    )  # fmt: skip


def _sizes(count: int, left: Any, right: Any) -> tuple[int, int]:
    """How many go to the left and to the right; a float is a share."""
    if left is None and right is None:
        raise ArgumentError("split_dataset: expected left_size, right_size or both.")
    for name, value in (("left_size", left), ("right_size", right)):
        most = 1 if isinstance(value, float) else count
        if value is not None and (isinstance(value, bool) or not 0 < value <= most or (most == 1 and value >= 1)):
            raise ArgumentError(f"split_dataset: expected {name} to be a share or a number of rows; got {value!r}.")
    left_rows = round(left * count) if isinstance(left, float) else left
    right_rows = round(right * count) if isinstance(right, float) else right
    left_rows = count - right_rows if left_rows is None else left_rows
    right_rows = count - left_rows if right_rows is None else right_rows
    if left_rows + right_rows > count or min(left_rows, right_rows) < 1:
        raise ArgumentError(f"split_dataset: cannot take {left_rows} and {right_rows} of {count} rows.")
    return left_rows, right_rows


def split_dataset(
    dataset: Any, left_size: Any = None, right_size: Any = None, shuffle: bool = False, seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:  # fmt: skip
    """Rows cut in two, each part a data set of single rows.

    Args:
        dataset: an array, a tuple, list or dict of arrays, or something that yields rows.
        left_size, right_size: a share (float) or a number of rows; one of them suffices.
        shuffle, seed: put the rows in another order before; preferred_backend: accepted.

    >>> left, right = split_dataset(np.arange(10), left_size=0.8)
    >>> len(left), [int(x) for x in right]
    (8, [8, 9])
    """
    arrays, rebuild = _columns(dataset)
    count = len(arrays[0])
    left, right = _sizes(count, left_size, right_size)
    order = np.arange(count)
    if shuffle:
        np.random.RandomState(seed).shuffle(order)
    parts = (order[:left], order[left : left + right])
    return tuple(_RowDataset(arrays, rebuild, part) for part in parts)  # type: ignore[return-value]


class _RowDataset(FolderDataset):
    """Single rows of arrays, put together again as they came."""

    def __init__(self, arrays: list[np.ndarray], rebuild: Any, order: np.ndarray) -> None:
        super().__init__(lambda k: rebuild([a[order[k]] for a in arrays]), len(order), None, None)

    def __iter__(self) -> Any:
        return self.arrays()


def _columns(dataset: Any) -> tuple[list[np.ndarray], Any]:
    """Arrays of one length, and how a row of them is put together."""
    if isinstance(dataset, dict):
        keys = list(dataset)
        return _checked([np.asarray(v) for v in dataset.values()]), lambda row: dict(zip(keys, row, strict=True))
    if isinstance(dataset, np.ndarray) or hasattr(dataset, "__array__"):
        return [np.asarray(dataset)], lambda row: row[0]
    if isinstance(dataset, (list, tuple)) and dataset and np.ndim(dataset[0]):
        return _checked([np.asarray(a) for a in dataset]), tuple
    rows = list(dataset)
    if not rows:
        raise DataError("split_dataset: expected at least two rows; there are none.")
    if isinstance(rows[0], tuple):
        return [np.stack([np.asarray(part) for part in column]) for column in zip(*rows, strict=True)], tuple
    return [np.stack([np.asarray(row) for row in rows])], lambda row: row[0]


def _checked(arrays: list[np.ndarray]) -> list[np.ndarray]:
    if len({len(a) for a in arrays}) != 1:
        raise DataError(f"split_dataset: expected arrays of one length; got {[len(a) for a in arrays]}.")
    return arrays
