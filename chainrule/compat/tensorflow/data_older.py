"""`tf.data.experimental`: methods of `Dataset` under the names that they had before, for `dataset.apply(...)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .data import Dataset
from .data_batches import as_arrays

Applied = Callable[[Dataset], Any]


def _applied(method: str) -> Callable[..., Applied]:
    def function(*args: Any, **kwargs: Any) -> Applied:
        return lambda data: getattr(data, method)(*args, **kwargs)

    function.__doc__ = f"For `apply`: `Dataset.{method}` with these arguments."
    return function


bucket_by_sequence_length = _applied("bucket_by_sequence_length")
dense_to_ragged_batch = _applied("ragged_batch")
enumerate_dataset = _applied("enumerate")
group_by_window = _applied("group_by_window")
ignore_errors = _applied("ignore_errors")
parallel_interleave = _applied("interleave")
rejection_resample = _applied("rejection_resample")
scan = _applied("scan")
snapshot = _applied("snapshot")
take_while = _applied("take_while")
unbatch = _applied("unbatch")
unique = _applied("unique")


def Counter(start: int = 0, step: int = 1, dtype: Any = "int64") -> Dataset:  # noqa: N802 - TensorFlow's name
    """The numbers start, start + step, ... without end."""
    return Dataset.counter(start, step, dtype)


def load(path: Any, element_spec: Any = None, compression: Any = None, reader_func: Any = None) -> Dataset:
    """The elements of a folder that `save` wrote."""
    return Dataset.load(path, element_spec, compression, reader_func)


def save(dataset: Dataset, path: Any, compression: Any = None, shard_func: Any = None) -> None:
    """Write the elements to a folder."""
    dataset.save(path)


def from_list(elements: list[Any], name: str | None = None) -> Dataset:
    """A data set of the elements of a list, all of one structure."""
    arrays = [as_arrays(element) for element in elements]
    return Dataset(lambda: iter(arrays), len(arrays))


def shuffle_and_repeat(buffer_size: int, count: int | None = None, seed: Any = None) -> Applied:
    """For `apply`: `shuffle`, then `repeat`."""
    return lambda data: data.shuffle(buffer_size, seed).repeat(count)


def map_and_batch(
    map_func: Callable[..., Any], batch_size: int, num_parallel_batches: Any = None, drop_remainder: bool = False,
    num_parallel_calls: Any = None,
) -> Applied:  # fmt: skip
    """For `apply`: `map`, then `batch`."""
    return lambda data: data.map(map_func).batch(batch_size, drop_remainder)


def prefetch_to_device(device: Any, buffer_size: Any = None) -> Applied:
    """For `apply`: the data set itself; there is one device."""
    return copy_to_device(device)


def copy_to_device(target_device: Any, source_device: Any = None) -> Applied:
    """For `apply`: the data set itself; there is one device."""
    return lambda data: data


__all__ = [
    "Counter", "bucket_by_sequence_length", "copy_to_device", "dense_to_ragged_batch", "enumerate_dataset", "from_list",
    "group_by_window", "ignore_errors", "load", "map_and_batch", "parallel_interleave", "prefetch_to_device",
    "rejection_resample", "save", "scan", "shuffle_and_repeat", "snapshot", "take_while", "unbatch", "unique",
]  # fmt: skip
