"""Reductions of groups of rows, blocks of pixels in and out of channels, windows as rows, and their inverse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import primitives as P
from ..errors import ArgumentError, ShapeError
from ..ir import FLOAT, Tensor, finfo
from ..primitives.arithmetic import align, as_operand, cast, full
from .math import max, mean, min, prod, where
from .numbers import outside_recordings
from .shaping import arange, expand_dims, pad, reshape, transpose
from .symbolic import OPS, op
from .windows import is_channels_last, per_axis


def _groups(name: str, data: Any, segment_ids: Any, num_segments: int | None) -> tuple[Tensor, Tensor, int]:
    data, ids = as_operand(data), cast(as_operand(segment_ids), "int32")
    if ids.ndim != 1 or not data.ndim or ids.shape[0] != data.shape[0]:
        raise ShapeError(f"{name}: expected one segment id a row of data; got shapes {ids.shape} and {data.shape}.")
    if num_segments is None:
        num_segments = int(outside_recordings(f"{name} without num_segments", lambda a: a.max(initial=-1) + 1, ids))
    return data, ids, num_segments


@op
def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The sums of the rows of data with the same id: (num_segments, ...).

    Args:
        data: (n, ...); segment_ids: n integers; rows with an id out of range are left out.
        num_segments: how many (default: the largest id and 1, which must be known then).
        sorted: accepted for Keras scripts.

    >>> segment_sum([1, 2, 4], [0, 1, 0]).tolist()
    [5, 2]
    """
    data, ids, count = _groups("segment_sum", data, segment_ids, num_segments)
    places = where(P.bit_and(ids >= 0, ids < count), ids, count)
    empty = full((count + 1, *data.shape[1:]), 0, data.dtype)
    return P.scatter_add(empty, expand_dims(places, -1), data)[:count]


def _reduced(name: str, reduce: Any, neutral: Any, data: Any, segment_ids: Any, num_segments: int | None) -> Tensor:
    data, ids, count = _groups(name, data, segment_ids, num_segments)
    member = P.eq(*align(expand_dims(ids, 0), expand_dims(arange(count, dtype="int32"), 1)))
    member = reshape(member, (*member.shape, *(1,) * (data.ndim - 1)))
    return reduce(where(member, expand_dims(data, 0), neutral(data.type.dtype)), 1)


def _least(dtype: str) -> Any:
    return float(finfo(dtype).min) if dtype in FLOAT else int(np.iinfo(dtype).min)


def _most(dtype: str) -> Any:
    return float(finfo(dtype).max) if dtype in FLOAT else int(np.iinfo(dtype).max)


@op
def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The largest of the rows of data with the same id; the smallest number there is where there are none."""
    return _reduced("segment_max", max, _least, data, segment_ids, num_segments)


@op
def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The smallest of the rows of data with the same id; the largest number there is where there are none."""
    return _reduced("segment_min", min, _most, data, segment_ids, num_segments)


@op
def segment_prod(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The products of the rows of data with the same id; 1 where there are none."""
    return _reduced("segment_prod", prod, lambda dtype: 1, data, segment_ids, num_segments)


@op
def psnr(x1: Any, x2: Any, max_val: float) -> Tensor:
    """The ratio of peak signal to noise in decibels: 20 log10(max_val) - 10 log10(mean squared difference)."""
    a, b = (OPS["cast"](x, OPS["mean"](x).dtype) for x in (x1, x2))
    if a.shape != b.shape:
        raise ShapeError(f"psnr: expected one shape; got {a.shape} and {b.shape}.")
    gap = a - b
    return 20.0 * math.log10(max_val) - OPS["log10"](mean(gap * gap)) * 10.0


def _block(name: str, size: Any) -> int:
    if not isinstance(size, (int, np.integer)) or size < 2:
        raise ArgumentError(f"{name}: expected block_size to be an integer above 1; got {size!r}.")
    return int(size)


@op
def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Blocks of block_size x block_size pixels become channels: (b, h, w, c) -> (b, h / s, w / s, s s c)."""
    x = as_operand(x)
    last = is_channels_last(data_format)
    b, h, w, c = x.shape if last else (x.shape[0], *x.shape[2:], x.shape[1])
    s = _block("space_to_depth", block_size)
    if h % s or w % s:
        raise ShapeError(f"space_to_depth: expected sizes divisible by {s}; got {h} and {w}.")
    if last:
        parts = transpose(reshape(x, (b, h // s, s, w // s, s, c)), (0, 1, 3, 2, 4, 5))
        return reshape(parts, (b, h // s, w // s, s * s * c))
    parts = transpose(reshape(x, (b, c, h // s, s, w // s, s)), (0, 3, 5, 1, 2, 4))
    return reshape(parts, (b, s * s * c, h // s, w // s))


@op
def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Channels become blocks of block_size x block_size pixels: (b, h, w, s s c) -> (b, h s, w s, c)."""
    x = as_operand(x)
    last = is_channels_last(data_format)
    b, h, w, c = x.shape if last else (x.shape[0], *x.shape[2:], x.shape[1])
    s = _block("depth_to_space", block_size)
    if c % (s * s):
        raise ShapeError(f"depth_to_space: expected channels divisible by {s * s}; got {c}.")
    if last:
        parts = transpose(reshape(x, (b, h, w, s, s, c // (s * s))), (0, 1, 3, 2, 4, 5))
        return reshape(parts, (b, h * s, w * s, c // (s * s)))
    parts = transpose(reshape(x, (b, s, s, c // (s * s), h, w)), (0, 3, 4, 1, 5, 2))
    return reshape(parts, (b, c // (s * s), h * s, w * s))


def _places(size: int, kernel: int, dilation: int, padding: int, stride: int) -> np.ndarray:
    """(kernel, windows): where each element of each window lies along an axis that has been padded."""
    count = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    return np.arange(kernel)[:, None] * dilation + np.arange(count)[None, :] * stride


@op
def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The windows of images as columns: (b, c, h, w) -> (b, c k k, windows).

    Args: x: channels first; kernel_size, dilation, padding, stride: an integer, or one for each axis.
    """
    x = as_operand(x)
    if x.ndim != 4:
        raise ShapeError(f"unfold: expected images (batch, channels, height, width); got shape {x.shape}.")
    kernel, dilations, strides = (per_axis("unfold", v, 2) for v in (kernel_size, dilation, stride))
    pads = per_axis("padding", padding, 2, 0)
    rows, columns = (_places(*row) for row in zip(x.shape[2:], kernel, dilations, pads, strides, strict=True))
    wide = pad(x, ((0, 0), (0, 0), (pads[0],) * 2, (pads[1],) * 2))
    found = OPS["take"](OPS["take"](wide, rows.astype("int32"), 2), columns.astype("int32"), 4)
    found = transpose(found, (0, 1, 2, 4, 3, 5))  # (b, c, kernel, kernel, windows, windows)
    return reshape(found, (x.shape[0], x.shape[1] * kernel[0] * kernel[1], rows.shape[1] * columns.shape[1]))


@op
def fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The images of which columns are the windows, windows that overlap added: (b, c k k, windows) -> (b, c, h, w)."""
    x = as_operand(x)
    sizes = per_axis("output_size", output_size, 2)
    kernel, dilations, strides = (per_axis("fold", v, 2) for v in (kernel_size, dilation, stride))
    pads = per_axis("padding", padding, 2, 0)
    rows, columns = (_places(*row) for row in zip(sizes, kernel, dilations, pads, strides, strict=True))
    windows = rows.shape[1] * columns.shape[1]
    area = kernel[0] * kernel[1]
    if x.ndim != 3 or x.shape[1] % area or x.shape[2] != windows:
        raise ArgumentError(f"fold: expected shape (batch, channels * {area}, {windows}); got {x.shape}.")
    height, width = sizes[0] + 2 * pads[0], sizes[1] + 2 * pads[1]
    places = (rows[:, None, :, None] * width + columns[None, :, None, :]).reshape(area * windows, 1)
    parts = reshape(x, (x.shape[0] * (x.shape[1] // area), area * windows))
    images = P.scatter_add(
        full((height * width, parts.shape[0]), 0, x.dtype), as_operand(places.astype("int32")), transpose(parts)
    )
    whole = reshape(transpose(images), (x.shape[0], x.shape[1] // area, height, width))
    return whole[:, :, pads[0] : pads[0] + sizes[0], pads[1] : pads[1] + sizes[1]]
