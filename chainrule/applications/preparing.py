"""`preprocess_input` and `decode_predictions`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops, utils
from ..config import floatx, image_data_format
from ..errors import ArgumentError, FileError, ShapeError
from ..files import read_bytes

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of red, green and blue in ImageNet, 1 the largest
_BLUE_FIRST = (103.939, 116.779, 123.68)  # the means of blue, green and red, 255 the largest


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Images with numbers from 0 to 255 in the form that a network was trained on.

    Args:
        x: array or tensor, (batch, rows, columns, 3) or one image.
        data_format: default `image_data_format()`.
        mode: 'caffe' (default): blue first, the means of ImageNet taken away; 'tf': from -1 to 1; 'torch': from 0 to 1,
            then mean 0 and deviation 1 as in ImageNet.

    Raises: ArgumentError: another mode.

    >>> preprocess_input(np.full((1, 1, 3), 255.0), mode="tf").tolist()
    [[[1.0, 1.0, 1.0]]]
    """
    if mode not in ("caffe", "tf", "torch"):
        raise ArgumentError(f"preprocess_input: expected mode 'caffe', 'tf' or 'torch'; got {mode!r}.")
    if isinstance(x, np.ndarray):
        x = x if x.dtype.kind == "f" else x.astype(floatx())
        return np.asarray(_prepared(x, data_format, mode)).astype(x.dtype)
    return _prepared(x if hasattr(x, "shape") else ops.convert_to_tensor(x), data_format, mode)


def _prepared(x: Any, data_format: str | None, mode: str) -> Any:
    if mode == "tf":
        return x / 127.5 - 1.0
    first = (data_format or image_data_format()) == "channels_first"
    axis = len(x.shape) - 3 if first else len(x.shape) - 1
    shape = [1] * len(x.shape)
    shape[axis] = 3
    if mode == "torch":
        return (x / 255.0 - _constant(_MEAN, shape)) / _constant(_DEVIATION, shape)
    return ops.flip(x, axis) - _constant(_BLUE_FIRST, shape)


def _constant(values: tuple[float, ...], shape: list[int]) -> np.ndarray:
    return np.reshape(np.array(values, "float32"), shape)


def in_mode(mode: str | None) -> Callable[..., Any]:
    """The `preprocess_input` of a family; None: images stay as they are."""

    def preprocess_input(x: Any, data_format: str | None = None) -> Any:
        """Images in the form that the network was trained on."""
        return x if mode is None else globals()["preprocess_input"](x, data_format, mode)

    return preprocess_input


caffe, tf, torch, nothing = in_mode("caffe"), in_mode("tf"), in_mode("torch"), in_mode(None)


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """The names of the most probable classes of ImageNet: (number, name, probability), for each row.

    Args: preds: (n, 1000); top: how many (default 5).
    Raises: ShapeError: another shape; FileError: the file of the names is not on this machine.
    """
    rows = np.asarray(preds)
    if rows.ndim != 2 or rows.shape[1] != 1000:
        raise ShapeError(f"decode_predictions: expected predictions of shape (n, 1000); got {rows.shape}.")
    try:
        path = utils.get_file("imagenet_class_index.json", cache_subdir="models")
    except FileError:
        raise FileError(
            "decode_predictions: the names of the classes are read from imagenet_class_index.json in ~/.keras/models, "
            "and it is not there; nothing is downloaded. Use np.argsort(preds) for the numbers of the classes."
        ) from None
    names = json.loads(read_bytes(path))
    best = np.argsort(-rows, axis=1)[:, :top]
    return [[(*names[str(k)], float(row[k])) for k in order] for row, order in zip(rows, best, strict=True)]


__all__ = ["caffe", "decode_predictions", "in_mode", "nothing", "preprocess_input", "tf", "torch"]
