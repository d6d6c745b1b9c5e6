"""`tf.io`: files, and pictures in them (with Pillow, the extra `images`)."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from ... import ops
from ...errors import ArgumentError, FileError
from ...files import read_bytes, write_atomically
from ...utils.images import pillow

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def read_file(filename: Any, name: str | None = None) -> bytes:
    """What is in a file.

    Raises: FileError: it cannot be read.
    """
    return read_bytes(_text(filename))


def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Write bytes, or text, to a file; one of that name is replaced."""
    raw = contents if isinstance(contents, bytes) else _text(contents).encode("utf-8", "surrogateescape")
    write_atomically(_text(filename), raw)


def _text(value: Any) -> str:
    return str(np.asarray(value).item()) if np.ndim(value) == 0 else str(value)


def decode_image(contents: bytes, channels: int = 0, dtype: Any = "uint8", name: str | None = None,
                 expand_animations: bool = True) -> Any:  # fmt: skip
    """A picture as (rows, columns, channels), of whole numbers or of floats up to 1.

    Args:
        contents: the bytes of a file; channels: 1, 3, 4, or 0 (default) for as many as it has.
        dtype: 'uint8' (default) or a float dtype; expand_animations: accepted: the first picture is given.

    Raises: FileError: they are no picture.
    """
    if channels and channels not in _MODES:
        raise ArgumentError(f"decode_image: expected channels 0, 1, 3 or 4; got {channels}.")
    image_module = pillow("tf.io.decode_image")
    try:
        with image_module.open(io.BytesIO(_bytes(contents))) as picture:
            mode = _MODES[channels] if channels else picture.mode if picture.mode in _MODES.values() else "RGB"
            pixels = np.asarray(picture.convert(mode))
    except (OSError, ValueError, SyntaxError) as error:
        raise FileError(f"decode_image: the bytes are no picture that can be read ({error}).") from None
    tensor = ops.convert_to_tensor(pixels if pixels.ndim == 3 else pixels[..., None])
    kind = getattr(dtype, "name", dtype)
    return tensor if kind == "uint8" else ops.cast(tensor, kind) / 255.0


def _bytes(contents: Any) -> bytes:
    """The bytes themselves, or those that a text stands for."""
    if isinstance(contents, bytes):
        return contents
    value = np.asarray(contents, object).item()
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def decode_jpeg(contents: bytes, channels: int = 0, name: str | None = None, **kwargs: Any) -> Any:
    """A picture as (rows, columns, channels), uint8; see `decode_image`."""
    return decode_image(contents, channels)


def decode_png(contents: bytes, channels: int = 0, dtype: Any = "uint8", name: str | None = None) -> Any:
    """A picture as (rows, columns, channels); see `decode_image`."""
    return decode_image(contents, channels, dtype)


decode_bmp = decode_gif = decode_image
__all__ = ["decode_bmp", "decode_gif", "decode_image", "decode_jpeg", "decode_png", "read_file", "write_file"]
