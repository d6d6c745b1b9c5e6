"""The rest of `keras.backend`: names that today's Keras keeps for older scripts, on `chainrule.ops`."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from .. import ops
from .. import random as _random
from ..config import floatx, image_data_format
from ..errors import ArgumentError, UnsupportedError
from ..variables import Variable

_asked: Counter[str] = Counter()


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Products summed over one axis of each, row by row of the batch.

    Args: axes: one for both, or a pair (default the last of x and the last but one of y).
    Raises: ArgumentError: an axis is that of the batch, or the tensors have less than two axes.

    >>> batch_dot(ops.ones((2, 3, 4)), ops.ones((2, 4, 5))).shape, batch_dot(ops.ones((2, 3)), ops.ones((2, 3))).shape
    ((2, 3, 5), (2, 1))
    """
    x, y = ops.convert_to_tensor(x), ops.convert_to_tensor(y)
    if min(x.ndim, y.ndim) < 2:
        raise ArgumentError(f"batch_dot: expected tensors with a batch axis and another; got {x.shape} and {y.shape}.")
    axes = (x.ndim - 1, max(y.ndim - 2, 1)) if axes is None else (axes, axes) if isinstance(axes, int) else axes
    of_x, of_y = axes[0] % x.ndim, axes[1] % y.ndim
    if 0 in (of_x, of_y):
        raise ArgumentError(f"batch_dot: axis 0 is the batch; got axes={axes}. Use expand_dims(x, 0) without a batch.")
    first, second = list("abcdef"[: x.ndim]), ["a", *"uvwxyz"[: y.ndim - 1]]
    second[of_y] = first[of_x]
    kept = [c for c in first if c != first[of_x]] + [c for c in second[1:] if c != first[of_x]]
    result = ops.einsum(f"{''.join(first)},{''.join(second)}->{''.join(kept)}", x, y)
    return ops.expand_dims(result, -1) if result.ndim == 1 else result


def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """x plus a bias for each channel.

    >>> bias_add(ops.zeros((1, 2)), [1.0, 2.0]).tolist()
    [[1.0, 2.0]]
    """
    x, bias = ops.convert_to_tensor(x), ops.convert_to_tensor(bias)
    if (data_format or image_data_format()) == "channels_first" and bias.ndim == 1:
        bias = ops.reshape(bias, (-1, *[1] * (x.ndim - 2)))
    return x + bias


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """A share `level` of the numbers set to 0, the others made larger."""
    return _random.dropout(x, level, noise_shape, seed)


def map_fn(fn: Callable[..., Any], elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """A function of each row.

    >>> map_fn(lambda row: ops.sum(row), ops.ones((2, 3))).tolist()
    [3.0, 3.0]
    """
    return ops.map(fn, elems)


def foldl(fn: Callable[..., Any], elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """The rows put together from the first on: fn(fn(row 0, row 1), row 2), ...

    >>> float(foldl(lambda total, x: total * 2 + x, ops.convert_to_tensor([1.0, 2.0, 3.0])))
    11.0
    """
    rows = ops.unstack(elems)
    return functools.reduce(fn, rows if initializer is None else [initializer, *rows])


def foldr(fn: Callable[..., Any], elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """As `foldl`, from the last row on."""
    rows = ops.unstack(elems)[::-1]
    return functools.reduce(fn, rows if initializer is None else [initializer, *rows])


def repeat(x: Any, n: int) -> Any:
    """Each row n times, as n steps.

    >>> repeat(ops.ones((2, 3)), 4).shape
    (2, 4, 3)
    """
    return ops.tile(ops.expand_dims(x, 1), (1, n, 1))


def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest"
) -> Any:
    """Pictures enlarged by whole factors.

    >>> resize_images(ops.ones((1, 2, 2, 1)), 2, 3, "channels_last").shape
    (1, 4, 6, 1)
    """
    rows, columns = (2, 3) if data_format == "channels_first" else (1, 2)
    size = (x.shape[rows] * height_factor, x.shape[columns] * width_factor)
    return ops.image.resize(x, size, interpolation=interpolation, data_format=data_format)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    """Ones with probability p, zeros else."""
    return ops.cast(_random.uniform(shape, seed=seed) <= p, dtype or floatx())


def random_normal_variable(
    shape: Any, mean: float, scale: float, dtype: Any = None, name: str | None = None, seed: Any = None
) -> Variable:
    """A Variable of normally distributed numbers."""
    return Variable(_random.normal(shape, mean, scale, dtype, seed), name=name)


def random_uniform_variable(
    shape: Any, low: float, high: float, dtype: Any = None, name: str | None = None, seed: Any = None
) -> Variable:
    """A Variable of uniformly distributed numbers."""
    return Variable(_random.uniform(shape, low, high, dtype, seed), name=name)


def moving_average_update(x: Variable, value: Any, momentum: float) -> Any:
    """Assigns momentum x + (1 - momentum) value."""
    return x.assign(ops.multiply(x, momentum) + ops.cast(value, x.dtype) * (1.0 - momentum))


def temporal_padding(x: Any, padding: Sequence[int] = (1, 1)) -> Any:
    """Steps of zeros before and behind.

    >>> temporal_padding(ops.ones((1, 2, 3))).shape
    (1, 4, 3)
    """
    return ops.pad(x, ((0, 0), tuple(padding), (0, 0)))


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: str | None = None) -> Any:
    """Rows and columns of zeros around pictures."""
    inner = tuple(tuple(pair) for pair in padding)
    is_first = (data_format or image_data_format()) == "channels_first"
    return ops.pad(x, ((0, 0), (0, 0), *inner) if is_first else ((0, 0), *inner, (0, 0)))


def conv1d(
    x: Any, kernel: Any, strides: int = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: int = 1,
) -> Any:  # fmt: skip
    """A convolution over steps; `padding` may be 'causal'."""
    if padding == "causal":
        x, padding = temporal_padding(x, (dilation_rate * (kernel.shape[0] - 1), 0)), "valid"
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def conv2d(
    x: Any, kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:  # fmt: skip
    """A convolution over pictures."""
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


conv3d = conv2d


def depthwise_conv2d(
    x: Any, depthwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:  # fmt: skip
    """A convolution of each channel by itself."""
    return ops.depthwise_conv(x, depthwise_kernel, strides, padding, data_format, dilation_rate)


def pool2d(
    x: Any, pool_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: str | None = None,
    pool_mode: str = "max",
) -> Any:  # fmt: skip
    """The largest number of each window, or the mean with `pool_mode='avg'`."""
    pool = ops.max_pool if pool_mode == "max" else ops.average_pool
    return pool(x, pool_size, strides, padding, data_format)


pool3d = pool2d


def to_dense(tensor: Any) -> Any:
    """The same: no tensor is sparse."""
    return tensor


def get_uid(prefix: str = "") -> int:
    """1, 2, 3, ...: how often it was asked for a prefix.

    >>> get_uid("only here"), get_uid("only here")
    (1, 2)
    """
    _asked[prefix] += 1
    return _asked[prefix]


def gradients(loss: Any, variables: Any) -> Any:
    """Not there: it needs a graph.

    Raises: UnsupportedError: always, with what to write.
    """
    raise UnsupportedError(
        "keras.backend.gradients: there is no graph to ask. Compute the loss inside `with tf.GradientTape() as tape:` "
        "and call tape.gradient(loss, variables)."
    )


__all__ = [
    "batch_dot", "bias_add", "conv1d", "conv2d", "conv3d", "depthwise_conv2d", "dropout", "foldl", "foldr",
    "get_uid", "gradients", "map_fn", "moving_average_update", "pool2d", "pool3d", "random_bernoulli",
    "random_normal_variable", "random_uniform_variable", "repeat", "resize_images", "spatial_2d_padding",
    "temporal_padding", "to_dense",
]  # fmt: skip
