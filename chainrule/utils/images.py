"""Pictures in files, as arrays and back. Reading and writing files needs Pillow (the extra `images`)."""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np

from .. import config
from ..errors import ArgumentError, FileError, MissingFileError, ShapeError, UnsupportedError, listed

MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_METHODS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
_GREY = ("L", "I;16", "I")  # grey pictures of any depth stay as they are


def pillow(why: str) -> Any:
    """Pillow's module `Image`.

    Raises: UnsupportedError: it is not installed.
    """
    try:
        from PIL import Image
    except ImportError:
        raise UnsupportedError(f"{why} needs Pillow: pip install 'chainrule[images]'.") from None
    return Image


def load_img(
    path: Any, color_mode: str = "rgb", target_size: Any = None, interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:  # fmt: skip
    """A picture from a file, as Pillow has it.

    Args:
        path: a file's name, or its bytes as `io.BytesIO`; color_mode: 'rgb' (default), 'grayscale' or 'rgba'.
        target_size: (height, width) to bring it to (default None: as it is).
        interpolation: 'nearest' (default), 'bilinear', 'bicubic', 'hamming', 'box' or 'lanczos'.
        keep_aspect_ratio: cut off what sticks out instead of changing the proportions (default False).

    Raises: FileError: it cannot be read; ArgumentError: an argument; UnsupportedError: Pillow is missing.
    """
    image_of = pillow("load_img")
    if color_mode not in MODES:
        raise ArgumentError(f"load_img: expected color_mode to be one of {listed(MODES)}; got {color_mode!r}.")
    try:
        image = image_of.open(path if isinstance(path, io.BytesIO) else os.fspath(path))
        image.load()
    except (OSError, ValueError) as error:
        kind = MissingFileError if isinstance(error, FileNotFoundError) else FileError
        raise kind(f"load_img: cannot read {path}: {error}.") from None
    if image.mode != MODES[color_mode] and not (color_mode == "grayscale" and image.mode in _GREY):
        image = image.convert(MODES[color_mode])
    return image if target_size is None else _resized(image, target_size, interpolation, keep_aspect_ratio)


def _resized(image: Any, target_size: Any, interpolation: str, keep: bool) -> Any:
    if interpolation not in _METHODS:
        raise ArgumentError(f"load_img: expected interpolation to be one of {listed(_METHODS)}; got {interpolation!r}.")
    height, width = (int(n) for n in target_size)
    if image.size == (width, height):
        return image
    method = getattr(pillow("load_img").Resampling, interpolation.upper())
    if not keep:
        return image.resize((width, height), method)
    return image.resize((width, height), method, box=central_box(image.width, image.height, width, height))


def central_box(width: int, height: int, new_width: int, new_height: int) -> tuple[int, int, int, int]:
    """The largest part in the middle with other proportions: (left, top, right, bottom).

    >>> central_box(100, 50, 10, 10)
    (25, 0, 75, 50)
    """
    inner_width = min(width, height * new_width // new_height)
    inner_height = min(height, width * new_height // new_width)
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    return left, top, left + inner_width, top + inner_height


def _format(data_format: str | None) -> str:
    chosen = data_format or config.image_data_format()
    if chosen not in ("channels_last", "channels_first"):
        raise ArgumentError(f"expected data_format 'channels_last' or 'channels_first'; got {data_format!r}.")
    return chosen


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """A picture as an array of three axes.

    Args: img: of Pillow's, or an array; data_format: 'channels_last' (default of the configuration) or
        'channels_first'; dtype: default `floatx`.

    >>> img_to_array(np.zeros((2, 3))).shape
    (2, 3, 1)
    """
    first = _format(data_format) == "channels_first"
    x = np.asarray(img, dtype=dtype or config.floatx())
    if x.ndim == 2:
        return x[None] if first else x[..., None]
    if x.ndim != 3:
        raise ShapeError(f"img_to_array: expected two or three axes; got shape {x.shape}.")
    return x.transpose(2, 0, 1) if first else x


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """An array of three axes as a picture of Pillow's.

    Args: x: with 1, 3 or 4 channels; data_format: as for `img_to_array`; scale: bring the smallest number to 0 and the
        largest to 255 (default True); dtype: to compute in (default `floatx`).
    Raises: ShapeError: the shape; UnsupportedError: Pillow is missing.
    """
    x = np.asarray(x, dtype=dtype or config.floatx())
    if x.ndim != 3:
        raise ShapeError(f"array_to_img: expected three axes; got shape {x.shape}.")
    if _format(data_format) == "channels_first":
        x = x.transpose(1, 2, 0)
    if scale:
        x = x - x.min()
        top = x.max()
        x = x / top * 255 if top else x
    if x.shape[2] not in (1, 3, 4):
        raise ShapeError(f"array_to_img: expected 1, 3 or 4 channels; got {x.shape[2]}.")
    image_of = pillow("array_to_img")
    if x.shape[2] > 1:
        return image_of.fromarray(x.astype("uint8"), "RGBA" if x.shape[2] == 4 else "RGB")
    if x.max() > 255:  # a grey picture of 32 bits
        return image_of.fromarray(x[:, :, 0].astype("int32"), "I")
    return image_of.fromarray(x[:, :, 0].astype("uint8"), "L")


def save_img(
    path: Any, x: Any, data_format: str | None = None, file_format: str | None = None, scale: bool = True, **kwargs: Any
) -> None:
    """Write an array to a file as a picture.

    Args: path; x, data_format, scale: as for `array_to_img`; file_format: default by the ending of the name; further
        arguments go to Pillow's `save`.
    """
    image = array_to_img(x, data_format, scale)
    written = (file_format or os.path.splitext(os.fspath(path))[1][1:]).lower() if not hasattr(path, "write") else ""
    if image.mode == "RGBA" and written in ("jpg", "jpeg"):  # that format has no transparency
        image = image.convert("RGB")
    image.save(path, format="JPEG" if file_format and file_format.lower() == "jpg" else file_format, **kwargs)
