"""Colours of images in other terms: grey, and hue, saturation, value."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DTypeError, ShapeError
from ..ir import FLOAT, Tensor
from ..primitives.arithmetic import as_operand, cast
from .image_resizing import as_dtype, channels_back, channels_to_end, space_axes
from .math import abs, clip, max, min, sum, where
from .shaping import concatenate, split, stack
from .symbolic import op

LUMA = (0.2989, 0.587, 0.114)  # ITU-R BT.601, as TensorFlow rounds it


def _three_channels(name: str, images: Any, data_format: str | None, floats: bool) -> Tensor:
    images = as_operand(images)
    space_axes(name, images, data_format)
    x = channels_to_end(images, data_format)
    if x.shape[-1] != 3:
        raise ShapeError(f"{name}: expected images of 3 channels; got shape {images.shape}.")
    if floats and images.type.dtype not in FLOAT:
        raise DTypeError(f"{name}: expected floats; got {images.dtype}. Divide by 255 first.")
    return x


@op
def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Tensor:
    """Red, green and blue as one channel of brightness: 0.2989 red + 0.587 green + 0.114 blue.

    Args: images: (rows, columns, 3), or a batch of them; data_format: default `image_data_format()`.
    Source: ITU-R BT.601.

    >>> rgb_to_grayscale(np.ones((1, 1, 3), "float32")).numpy().round(3).tolist()
    [[[1.0]]]
    """
    x = _three_channels("rgb_to_grayscale", images, data_format, floats=False)
    floats = x if x.type.dtype in FLOAT else cast(x, "float32")
    grey = sum(floats * np.asarray(LUMA, floats.dtype), -1, keepdims=True)
    if x.type.dtype not in FLOAT:
        grey = cast(grey, x.dtype)  # towards zero
    return channels_back(grey, data_format)


@op
def rgb_to_hsv(images: Any, data_format: str | None = None) -> Tensor:
    """Red, green and blue as hue, saturation and value, all from 0 to 1.

    Args: images: floats from 0 to 1, (rows, columns, 3) or a batch of them; data_format: default `image_data_format()`.
    Source: Smith 1978, "Color gamut transform pairs".

    >>> rgb_to_hsv(np.array([[[0.0, 1.0, 0.0]]])).numpy().round(4).tolist()
    [[[0.3333, 1.0, 1.0]]]
    """
    x = _three_channels("rgb_to_hsv", images, data_format, floats=True)
    red, green, blue = (c[..., 0] for c in split(x, 3, -1))
    value = max(x, -1)
    span = value - min(x, -1)
    divisor = where(span > 0, span, 1.0)
    saturation = where(value > 0, span / where(value > 0, value, 1.0), 0.0)
    sixths = where(
        red == value, (green - blue) / divisor,
        where(green == value, (blue - red) / divisor + 2.0, (red - green) / divisor + 4.0),
    )  # fmt: skip
    hue = where(span > 0, sixths / 6.0, 0.0)
    hue = where(hue < 0, hue + 1.0, hue)
    return channels_back(as_dtype(stack([hue, saturation, value], -1), x.type.dtype), data_format)


@op
def hsv_to_rgb(images: Any, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value as red, green and blue, all from 0 to 1.

    Args: images: floats from 0 to 1, (rows, columns, 3) or a batch of them; data_format: default `image_data_format()`.
    Source: Smith 1978, "Color gamut transform pairs".

    >>> hsv_to_rgb(np.array([[[0.0, 1.0, 0.5]]])).tolist()
    [[[0.5, 0.0, 0.0]]]
    """
    x = _three_channels("hsv_to_rgb", images, data_format, floats=True)
    hue, saturation, value = split(x, 3, -1)
    sixths = hue * 6.0
    pure = concatenate([
        clip(abs(sixths - 3.0) - 1.0, 0.0, 1.0),
        clip(2.0 - abs(sixths - 2.0), 0.0, 1.0),
        clip(2.0 - abs(sixths - 4.0), 0.0, 1.0),
    ], -1)  # fmt: skip
    return channels_back((1.0 - saturation + saturation * pure) * value, data_format)
