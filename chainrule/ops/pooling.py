"""Pooling under Keras's names: the largest or the mean element of windows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import primitives as P
from ..errors import ArgumentError
from ..ir import Tensor
from ..primitives.arithmetic import as_operand, broadcast_to
from .indexing import take
from .math import floating
from .shaping import concatenate
from .symbolic import op
from .windows import is_channels_last, padding_of, per_axis, space_of


@op
def max_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    """The largest element of each window, channel by channel.

    Args: inputs: tensor; pool_size: integer, or one an axis of space; strides: the same (default None: pool_size);
        padding: 'valid' (default) or 'same'; what is added never wins; data_format: 'channels_last' or
        'channels_first' (default `config.image_data_format()`).
    Shapes: (batch, *space, channels) -> (batch, *counts, channels), or 'channels_first'.
    Raises: ShapeError: no window fits; ArgumentError: an argument.
    Source: Riesenhuber and Poggio 1999, "Hierarchical models of object recognition in cortex".

    >>> max_pool([[[1.0], [3.0], [2.0], [0.0]]], 2).tolist()
    [[[3.0], [2.0]]]
    """
    x = as_operand(inputs)
    return P.window_max(x, **_windows("max_pool", x, pool_size, strides, padding, data_format))


@op
def average_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    """The mean of each window, channel by channel; what 'same' adds around does not count.

    Args: as for `max_pool`.
    Shapes: (batch, *space, channels) -> (batch, *counts, channels), or 'channels_first'.
    Raises: ShapeError: no window fits; ArgumentError: an argument.
    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition".

    >>> average_pool([[[1.0], [3.0], [2.0]]], 2, 2, "same").tolist()
    [[[2.0], [2.0]]]
    """
    x = floating(inputs)
    windows = _windows("average_pool", x, pool_size, strides, padding, data_format)
    y = P.window_sum(x, **windows)
    if not any(map(any, windows["padding"])):
        return y * (1.0 / math.prod(windows["window"]))
    return y / _counted(x.shape, y, windows)


@op
def adaptive_max_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Tensor:
    """The largest elements of windows that divide each axis of space into as many parts as asked for.

    Part i of m along an axis of size n goes from floor(i n / m) to ceil((i + 1) n / m): neighbours may overlap.

    Args: inputs: tensor; output_size: integer, or one an axis of space; data_format: as for `max_pool`.
    Shapes: (batch, *space, channels) -> (batch, *output_size, channels), or 'channels_first'.
    Raises: ArgumentError: an argument.
    Source: He et al. 2014, arXiv:1406.4729, section 2.2.

    >>> adaptive_max_pool([[[1.0], [3.0], [2.0]]], 2).tolist()
    [[[3.0], [3.0]]]
    """
    return _adaptive("adaptive_max_pool", as_operand(inputs), output_size, data_format, P.window_max)


@op
def adaptive_average_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Tensor:
    """The means of windows that divide each axis of space into as many parts as asked for.

    Args: as for `adaptive_max_pool`.
    Shapes: (batch, *space, channels) -> (batch, *output_size, channels), or 'channels_first'.
    Raises: ArgumentError: an argument.
    Source: He et al. 2014, arXiv:1406.4729, section 2.2.

    >>> adaptive_average_pool([[[1.0], [3.0], [2.0]]], 2).tolist()
    [[[2.0], [2.5]]]
    """
    return _adaptive("adaptive_average_pool", floating(inputs), output_size, data_format, _window_mean)


def _windows(
    name: str, x: Tensor, pool_size: Any, strides: Any, padding: str, data_format: str | None
) -> dict[str, Any]:
    """The parameters of the window primitives: one entry for each axis of x."""
    last = is_channels_last(data_format)
    space = space_of(name, x, last)
    window = per_axis("pool_size", pool_size, len(space))
    steps = window if strides is None else per_axis("strides", strides, len(space))
    if str(padding).lower() == "causal":
        raise ArgumentError(f"{name}: expected padding to be 'valid' or 'same'; got {padding!r}.")
    pads = padding_of(name, padding, space, window, steps, (1,) * len(space))
    around: Callable[[Any, Any], Any] = (lambda of, one: (one, *of, one)) if last else (lambda of, one: (one, one, *of))
    return {"window": around(window, 1), "strides": around(steps, 1), "padding": around(pads, (0, 0))}


def _counted(shape: Sequence[int], y: Tensor, windows: dict[str, Any]) -> Tensor:
    """How many elements of x each window holds, what lies outside not counted; known from the shapes alone."""
    total = np.ones((1,) * len(shape))
    for axis, size in enumerate(shape):
        if any(windows["padding"][axis]):
            first = np.arange(y.shape[axis]) * windows["strides"][axis] - windows["padding"][axis][0]
            inside = np.minimum(first + windows["window"][axis], size) - np.maximum(first, 0)
        else:
            inside = np.array(windows["window"][axis])
        total = total * inside.reshape([-1 if a == axis else 1 for a in range(len(shape))])
    return broadcast_to(P.constant(value=total.astype(y.dtype)), y.shape)


def _window_mean(x: Tensor, window: Sequence[int], **places: Any) -> Tensor:
    return P.window_sum(x, window=window, **places) * (1.0 / math.prod(window))


def _adaptive(name: str, x: Tensor, output_size: Any, data_format: str | None, pool: Callable[..., Tensor]) -> Tensor:
    last = is_channels_last(data_format)
    space = space_of(name, x, last)
    for axis, parts in enumerate(per_axis("output_size", output_size, len(space)), start=1 if last else 2):
        x = _parts_of_axis(x, axis, parts, pool)
    return x


def _parts_of_axis(x: Tensor, axis: int, parts: int, pool: Callable[..., Tensor]) -> Tensor:
    """One axis pooled: windows of each size at every place, of which those wanted are picked."""
    size = x.shape[axis]
    first = np.arange(parts) * size // parts
    lengths = -(-(np.arange(parts) + 1) * size // parts) - first

    def along(length: int, step: int) -> Tensor:
        window, strides = ([n if a == axis else 1 for a in range(x.ndim)] for n in (length, step))
        return pool(x, window=window, strides=strides, padding=((0, 0),) * x.ndim)

    if size % parts == 0:
        return along(size // parts, size // parts)
    found, place, pieces = 0, np.zeros(parts, "int32"), []
    for length in np.unique(lengths).tolist():
        place = np.where(lengths == length, found + first, place)
        pieces.append(along(length, 1))
        found += pieces[-1].shape[axis]
    return take(concatenate(pieces, axis), place.astype("int32"), axis)
