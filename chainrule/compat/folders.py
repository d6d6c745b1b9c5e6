"""`keras.utils` functions whose data sets scripts go on with as `tf.data.Dataset`s: `.map`, `.cache`, `.prefetch`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from .. import utils
from .tensorflow.data import Dataset


def _as_dataset(found: utils.PyDataset) -> Dataset:
    """The same batches as a `Dataset` that knows the names of the classes and the files."""
    data: Any = Dataset(found.arrays, len(found))  # type: ignore[attr-defined]
    data.class_names, data.file_paths = found.class_names, found.file_paths  # type: ignore[attr-defined]
    return data


def _wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        return tuple(map(_as_dataset, found)) if isinstance(found, tuple) else _as_dataset(found)

    return wrapper


audio_dataset_from_directory = _wrapped(utils.audio_dataset_from_directory)
image_dataset_from_directory = _wrapped(utils.image_dataset_from_directory)
split_dataset = _wrapped(utils.split_dataset)
text_dataset_from_directory = _wrapped(utils.text_dataset_from_directory)
timeseries_dataset_from_array = _wrapped(utils.timeseries_dataset_from_array)

__all__ = [
    "audio_dataset_from_directory",
    "image_dataset_from_directory",
    "split_dataset",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]
