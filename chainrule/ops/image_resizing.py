"""Images in other sizes: resampled by products with matrices that the sizes alone decide, cropped, padded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import primitives as P
from ..errors import ArgumentError, ShapeError
from ..ir import FLOAT, Tensor
from ..primitives.arithmetic import as_operand, cast
from .indexing import take
from .math import clip, round
from .resampling import KERNELS
from .shaping import moveaxis, pad
from .symbolic import op
from .windows import is_channels_last, per_axis

METHODS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


def space_axes(name: str, images: Tensor, data_format: str | None) -> tuple[int, int]:
    """The axes of rows and columns of one image (3 axes) or a batch of them (4)."""
    if images.ndim not in (3, 4):
        raise ShapeError(
            f"{name}: expected an image (rows, columns, channels) or a batch of them; got shape {images.shape}."
        )
    return (-3, -2) if is_channels_last(data_format) else (-2, -1)


def as_dtype(x: Tensor, dtype: str) -> Tensor:
    """Numbers in a dtype; for whole numbers rounded and cut to what the dtype holds."""
    if dtype in FLOAT or x.type.dtype == dtype:
        return cast(x, dtype)
    if dtype == "bool":
        return cast(x, dtype)
    limits = np.iinfo(dtype)
    return cast(clip(round(x), float(limits.min), float(limits.max)), dtype)


def _floats(x: Tensor) -> Tensor:
    return x if x.type.dtype in ("float32", "float64") else cast(x, "float32")


def along(x: Tensor, axis: int, matrix: np.ndarray) -> Tensor:
    """The product of a matrix (new size, old size) with an axis."""
    axis %= x.ndim
    y = P.dot_general(x, P.constant(value=matrix.astype(x.dtype)), contract=((axis,), (1,)))
    return P.transpose(y, axes=(*range(axis), y.ndim - 1, *range(axis, y.ndim - 1)))


def matrix_of(
    old: int, new: int, method: str, antialias: bool, scale: float | None = None, shift: float = 0.0
) -> np.ndarray:
    """(new, old): what each old pixel gives to each new one; the rows sum to 1.

    The middle of new pixel i lies at (i + 1/2 - shift) / scale - 1/2 among the old ones. With `antialias` the kernel of
    a smaller image is as wide as a new pixel.

    >>> matrix_of(4, 2, "bilinear", True).round(3).tolist()
    [[0.429, 0.429, 0.143, 0.0], [0.0, 0.143, 0.429, 0.429]]
    """
    factor = new / old if scale is None else scale
    places = (np.arange(new) + 0.5 - shift) / factor - 0.5
    width = max(1 / factor, 1.0) if antialias else 1.0
    found = KERNELS[method]((places[:, None] - np.arange(old)) / width)
    total = found.sum(1, keepdims=True)
    inside = (places >= -0.5) & (places <= old - 0.5)
    return np.where(inside[:, None] & (total != 0), found / np.where(total == 0, 1, total), 0.0)


def nearest_of(old: int, new: int) -> np.ndarray:
    """For each new pixel the old one in which its middle lies.

    >>> nearest_of(4, 2).tolist()
    [1, 3]
    """
    return np.minimum(((np.arange(new) + 0.5) * (old / new)).astype(np.int64), old - 1)


@op
def resize(
    images: Any, size: Any, interpolation: str = "bilinear", antialias: bool = False,
    crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False, fill_mode: str = "constant",
    fill_value: float = 0.0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images in another size.

    Args:
        images: (rows, columns, channels), or a batch of them.
        size: (rows, columns) of the result.
        interpolation: 'nearest', 'bilinear' (default), 'bicubic', 'lanczos3' or 'lanczos5'.
        antialias: take all the pixels that lie below a new one when the image gets smaller (default False).
        crop_to_aspect_ratio: cut the image to the new proportions first (default False: it is stretched).
        pad_to_aspect_ratio: add `fill_value` around it instead (default False).
        fill_mode: 'constant'; data_format: 'channels_last' or 'channels_first' (default `image_data_format()`).

    Raises: ArgumentError: an unknown interpolation, or both ways to keep the proportions.
    Source: Keys 1981 (bicubic), Duchon 1979 (Lanczos).

    >>> resize(np.arange(4.0).reshape(1, 4, 1), (1, 2)).ravel().tolist()
    [0.5, 2.5]
    """
    images = as_operand(images)
    rows, columns = space_axes("resize", images, data_format)
    height, width = per_axis("size", size, 2)
    _check_resize(interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode)
    if crop_to_aspect_ratio or pad_to_aspect_ratio:
        images = fitted(images, (rows, columns), (height, width), pad_to_aspect_ratio, fill_value)
    if interpolation == "nearest":
        for axis, new in ((rows, height), (columns, width)):
            if images.shape[axis] != new:
                images = take(images, nearest_of(images.shape[axis], new), axis)
        return images
    x = _floats(images)
    for axis, new in ((rows, height), (columns, width)):
        if x.shape[axis] != new:
            x = along(x, axis, matrix_of(x.shape[axis], new, interpolation, antialias))
    return as_dtype(x, images.type.dtype)


def _check_resize(interpolation: str, crop: bool, padded: bool, fill_mode: str) -> None:
    if interpolation not in METHODS:
        raise ArgumentError(f"resize: expected interpolation to be one of {', '.join(METHODS)}; got {interpolation!r}.")
    if crop and padded:
        raise ArgumentError("resize: expected crop_to_aspect_ratio or pad_to_aspect_ratio; got both.")
    if padded and fill_mode != "constant":
        raise ArgumentError(f"resize: expected fill_mode='constant'; got {fill_mode!r}.")


def fitted(x: Tensor, axes: tuple[int, int], size: tuple[int, int], padded: bool, fill: float) -> Tensor:
    """Images in the proportions of `size`: cut around the middle, or padded."""
    height, width = (x.shape[a] for a in axes)
    limit = max if padded else min
    wanted = limit(height, int(width * size[0] / size[1])), limit(width, int(height * size[1] / size[0]))
    for axis, new in zip(axes, wanted, strict=True):
        old, new = x.shape[axis], max(new, 1)
        before = abs(old - new) // 2  # the same on both sides: a last odd row of padding is left out, as in Keras
        x = widened(x, axis, before, before, fill) if padded else kept(x, axis, before, before + new)
    return x


def kept(x: Tensor, axis: int, start: int, stop: int) -> Tensor:
    """The part of an axis from start to before stop."""
    axis %= x.ndim
    low = [start if a == axis else 0 for a in range(x.ndim)]
    high = [stop if a == axis else n for a, n in enumerate(x.shape)]
    return P.slice(x, start=low, stop=high)


def widened(x: Tensor, axis: int, before: int, after: int, fill: float = 0) -> Tensor:
    """An axis with `fill` before and after it."""
    pairs = [(before, after) if a == axis % x.ndim else (0, 0) for a in range(x.ndim)]
    return pad(x, pairs, constant_values=fill)


@op
def crop_images(
    images: Any, top_cropping: int | None = None, left_cropping: int | None = None, bottom_cropping: int | None = None,
    right_cropping: int | None = None, target_height: int | None = None, target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images without some rows and columns at their edges.

    Args: images: (rows, columns, channels), or a batch of them; of top_cropping, bottom_cropping and target_height two,
        of left_cropping, right_cropping and target_width two; data_format: default `image_data_format()`.
    Raises: ArgumentError: not two of three; ShapeError: nothing would be left.

    >>> crop_images(np.arange(4.0).reshape(1, 4, 1), 0, 1, 0, target_width=2).ravel().tolist()
    [1.0, 2.0]
    """
    images = as_operand(images)
    axes = space_axes("crop_images", images, data_format)
    given = ((top_cropping, bottom_cropping, target_height), (left_cropping, right_cropping, target_width))
    names = (("top_cropping", "bottom_cropping", "target_height"), ("left_cropping", "right_cropping", "target_width"))
    for axis, three, named in zip(axes, given, names, strict=True):
        size = images.shape[axis]
        first, last, wanted = _third("crop_images", three, named, size, -1)
        if first < 0 or last < 0 or wanted < 1:
            raise ShapeError(f"crop_images: expected to keep 1 to {size} of {size}; got {first}, {wanted}, {last}.")
        images = kept(images, axis, first, first + wanted)
    return images


@op
def pad_images(
    images: Any, top_padding: int | None = None, left_padding: int | None = None, bottom_padding: int | None = None,
    right_padding: int | None = None, target_height: int | None = None, target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images with rows and columns of zeros at their edges.

    Args: images: (rows, columns, channels), or a batch of them; of top_padding, bottom_padding and target_height two,
        of left_padding, right_padding and target_width two; data_format: default `image_data_format()`.
    Raises: ArgumentError: not two of three; ShapeError: the target is smaller.

    >>> pad_images(np.ones((1, 2, 1)), 0, 1, 0, target_width=4).ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    images = as_operand(images)
    axes = space_axes("pad_images", images, data_format)
    given = ((top_padding, bottom_padding, target_height), (left_padding, right_padding, target_width))
    names = (("top_padding", "bottom_padding", "target_height"), ("left_padding", "right_padding", "target_width"))
    for axis, three, named in zip(axes, given, names, strict=True):
        size = images.shape[axis]
        first, last, wanted = _third("pad_images", three, named, size, 1)
        if first < 0 or last < 0:
            raise ShapeError(f"pad_images: expected a target of at least {size}; got {wanted}.")
        images = widened(images, axis, first, last)
    return images


def _third(
    name: str, three: Sequence[int | None], named: Sequence[str], size: int, sign: int
) -> tuple[int, int, int]:
    """(before, after, size of the result), one of which was left out."""
    before, after, target = three
    if sum(v is None for v in three) != 1:
        got = ", ".join(f"{n}={v}" for n, v in zip(named, three, strict=True))
        raise ArgumentError(f"{name}: expected exactly two of {', '.join(named)}; got {got}.")
    if target is None:
        assert before is not None and after is not None
        return before, after, size + sign * (before + after)
    change = sign * (target - size)
    if before is None:
        assert after is not None
        return change - after, after, target
    return before, change - before, target


@op
def scale_and_translate(
    images: Any, output_shape: Any, scale: Any, translation: Any, spatial_dims: Any, method: str, antialias: bool = True
) -> Tensor:
    """Images scaled and moved: pixel x of the input lies at `scale x + translation` in the result.

    Args: images: tensor; output_shape: sizes of the result; scale, translation: a number for each of `spatial_dims`,
        the axes that change; method: 'linear', 'bilinear', 'cubic', 'bicubic', 'lanczos3' or 'lanczos5'; antialias: as
        for `resize` (default True).
    Raises: ArgumentError: an unknown method.

    >>> scale_and_translate(np.arange(4.0), (2,), [0.5], [0.0], (0,), "linear", False).tolist()
    [0.5, 2.5]
    """
    images = as_operand(images)
    known = {**{name: name for name in METHODS[1:]}, "linear": "bilinear", "cubic": "bicubic"}
    if method not in known:
        raise ArgumentError(f"scale_and_translate: expected method to be one of {', '.join(known)}; got {method!r}.")
    x = _floats(images)
    factors, shifts = np.asarray(scale, np.float64).ravel(), np.asarray(translation, np.float64).ravel()
    for axis, factor, shift in zip(spatial_dims, factors, shifts, strict=True):
        new = output_shape[axis]
        x = along(x, axis, matrix_of(x.shape[axis], new, known[method], antialias, factor, shift))
    return as_dtype(x, images.type.dtype)


def channels_to_end(images: Tensor, data_format: str | None) -> Tensor:
    """Images with the channels as the last axis."""
    return images if is_channels_last(data_format) else moveaxis(images, -3, -1)


def channels_back(images: Tensor, data_format: str | None) -> Tensor:
    """What `channels_to_end` did, undone."""
    return images if is_channels_last(data_format) else moveaxis(images, -1, -3)
