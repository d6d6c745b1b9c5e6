"""Convolution under Keras's names: reshapes and transposes around the primitive `conv`."""

from __future__ import annotations

from typing import Any

from .. import primitives as P
from ..errors import ArgumentError, ShapeError
from ..ir import Tensor
from ..primitives.arithmetic import as_operand, cast, result_type
from ..primitives.window import dilated
from .math import floating
from .symbolic import op
from .windows import is_channels_last, padding_of, per_axis, same_padding, space_of


@op
def conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    """y[b, i, o] = sum over k, c of x[b, i stride + k dilation - low, c] w[k, c, o], for 1 to 3 axes of space i.

    With fewer channels in the kernel than in x the channels form groups: each group of channels makes its own share
    of the filters.

    Args: inputs: tensor; kernel: tensor; strides, dilation_rate: integer, or one an axis of space (default 1);
        padding: 'valid' (none, default), 'same' (zeros around, so that a stride of 1 keeps the size) or, for one axis
        of space, 'causal' (zeros in front only); data_format: 'channels_last' or 'channels_first' (default
        `config.image_data_format()`).
    Shapes: (batch, *space, channels), (*window, channels / groups, filters) -> (batch, *counts, filters); with
        'channels_first' the channels and filters come after the batch.
    Raises: ShapeError: the channels do not fit, or no window fits; ArgumentError: an argument.
    Source: Dumoulin and Visin 2016, arXiv:1603.07285. The kernel is not turned round, as in every such system.

    >>> conv([[[1.0], [2.0], [4.0]]], [[[1.0]], [[-1.0]]]).tolist()
    [[[-1.0], [-2.0]]]
    """
    last = is_channels_last(data_format)
    x, w, space = _operands("conv", inputs, kernel, last)
    strides, dilation = per_axis("strides", strides, len(space)), per_axis("dilation_rate", dilation_rate, len(space))
    pads = padding_of("conv", padding, space, w.shape[:-2], strides, dilation)
    x = x if last else _to_last(x)
    groups = _groups(x.shape[-1], w)
    y = P.conv(_split(x, groups), _split(w, groups), strides=strides, padding=pads, dilation=dilation)
    y = _joined(y)
    return y if last else _to_first(y)


@op
def depthwise_conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    """A convolution of each channel by itself: channel c makes the results c m, ..., c m + m - 1.

    Args: as for `conv`; kernel: m windows for each channel.
    Shapes: (batch, *space, channels), (*window, channels, m) -> (batch, *counts, channels m), or 'channels_first'.
    Raises: ShapeError: the channels do not fit, or no window fits; ArgumentError: an argument.
    Source: Sifre 2014, "Rigid-motion scattering for image classification"; Chollet 2017, arXiv:1610.02357.

    >>> depthwise_conv([[[1.0, 10.0], [2.0, 20.0]]], [[[1.0], [1.0]], [[1.0], [-1.0]]]).tolist()
    [[[3.0, -10.0]]]
    """
    w = as_operand(kernel)
    if w.ndim < 3:
        raise ShapeError(f"depthwise_conv: expected a kernel of shape (*window, channels, m); got {w.shape}.")
    x = floating(inputs)
    channels = x.shape[-1 if is_channels_last(data_format) else 1]
    if w.shape[-2] != channels:
        raise ShapeError(f"depthwise_conv: expected a kernel for {channels} channels, shape (*window, {channels}, m); "
                         f"got {w.shape}.")  # fmt: skip
    grouped = P.reshape(w, shape=(*w.shape[:-2], 1, w.shape[-2] * w.shape[-1]))
    return conv(x, grouped, strides, padding, data_format, dilation_rate)


@op
def separable_conv(
    inputs: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    """A depthwise convolution, then one with a window of 1 that mixes the channels.

    Args: as for `depthwise_conv`; pointwise_kernel: the weights of the second.
    Shapes: (batch, *space, channels), (*window, channels, m), (1, ..., 1, channels m, filters)
        -> (batch, *counts, filters), or 'channels_first'.
    Raises: ShapeError: the channels do not fit, or no window fits; ArgumentError: an argument.
    Source: Chollet 2017, arXiv:1610.02357.

    >>> separable_conv([[[1.0], [2.0]]], [[[1.0]], [[1.0]]], [[[10.0]]]).tolist()
    [[[30.0]]]
    """
    between = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(between, pointwise_kernel, 1, "valid", data_format)


@op
def conv_transpose(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    """Every element adds its multiple of the window to the result, windows `strides` apart: the gradient of `conv`.

    Args: as for `conv`; kernel: filters before channels; padding: 'valid' (default) or 'same'; output_padding: integer,
        or one an axis of space: how much longer the result is (default None: as long as no element is left out, and
        with 'same' size times stride).
    Shapes: (batch, *space, channels), (*window, filters, channels) -> (batch, *sizes, filters), or 'channels_first';
        with k the extent of the window a size is (n - 1) stride + k + output_padding for 'valid' and
        (n - 1) stride + k % 2 + output_padding for 'same'.
    Raises: ShapeError: the channels do not fit; ArgumentError: an argument.
    Source: Dumoulin and Visin 2016, arXiv:1603.07285, section 4.

    >>> conv_transpose([[[1.0], [2.0]]], [[[1.0]], [[10.0]]], strides=2).tolist()
    [[[1.0], [10.0], [2.0], [20.0]]]
    """
    last = is_channels_last(data_format)
    x, w, space = _operands("conv_transpose", inputs, kernel, last)
    rank = len(space)
    channels = x.shape[-1 if last else 1]
    if w.shape[-1] != channels:
        raise ShapeError(f"conv_transpose: expected a kernel for {channels} channels, shape (*window, filters, "
                         f"{channels}); got {w.shape}.")  # fmt: skip
    strides, dilation = per_axis("strides", strides, rank), per_axis("dilation_rate", dilation_rate, rank)
    more = (None,) * rank if output_padding is None else per_axis("output_padding", output_padding, rank, 0)
    extents = map(dilated, w.shape[:-2], dilation)
    pads = [_transposed_padding(*of_axis, padding) for of_axis in zip(space, extents, strides, more, strict=True)]
    turned = P.reverse(P.transpose(w, axes=(*range(rank), rank + 1, rank)), axes=range(rank))
    x = x if last else _to_last(x)
    y = P.conv(
        _split(x, 1), P.reshape(turned, shape=(1, *turned.shape)), strides=(1,) * rank, padding=pads,
        dilation=dilation, spread=strides,
    )  # fmt: skip
    return _joined(y) if last else _to_first(_joined(y))


def _transposed_size(size: int, extent: int, stride: int, more: int | None, padding: str) -> int:
    """How long an axis becomes in a transposed convolution.

    >>> _transposed_size(3, 2, 2, None, "valid"), _transposed_size(3, 3, 2, None, "same")
    (6, 6)
    """
    if padding not in ("valid", "same"):
        raise ArgumentError(f"conv_transpose: expected padding to be 'valid' or 'same'; got {padding!r}.")
    if more is None:
        return size * stride if padding == "same" else (size - 1) * stride + max(extent, stride)
    return (size - 1) * stride + (extent if padding == "valid" else extent % 2) + more


def _transposed_padding(size: int, extent: int, stride: int, more: int | None, padding: Any) -> tuple[int, int]:
    """The padding of the convolution of the spread inputs that makes the transposed one.

    The forward convolution from the result to the inputs would have `low` zeros in front.
    """
    length = _transposed_size(size, extent, stride, more, str(padding).lower())
    low = same_padding(length, extent, stride)[0] if str(padding).lower() == "same" else 0
    before = extent - 1 - low
    return before, length - 1 + extent - before - dilated(size, stride)


def _operands(name: str, inputs: Any, kernel: Any, last: bool) -> tuple[Tensor, Tensor, tuple[int, ...]]:
    """Both of one float dtype, and the sizes of the axes of space."""
    x, w = floating(inputs), floating(kernel)
    space = space_of(name, x, last)
    if w.ndim != x.ndim:
        raise ShapeError(f"{name}: expected a kernel with {x.ndim} axes, a window of {len(space)} and two of channels, "
                         f"for inputs of shape {x.shape}; got {w.shape}.")  # fmt: skip
    dtype = result_type(x, w)
    return cast(x, dtype), cast(w, dtype), space


def _groups(channels: int, kernel: Tensor) -> int:
    own, filters = kernel.shape[-2:]
    if not own or channels % own or filters % (channels // own):
        raise ShapeError(
            f"conv: expected a kernel for {channels} channels (or a divisor of them, with as many groups dividing the "
            f"filters); got a kernel of shape {kernel.shape}."
        )
    return channels // own


def _split(x: Tensor, groups: int) -> Tensor:
    """(..., n) -> (groups, ..., n / groups)."""
    if groups == 1:
        return P.reshape(x, shape=(1, *x.shape))
    split = P.reshape(x, shape=(*x.shape[:-1], groups, x.shape[-1] // groups))
    return P.transpose(split, axes=(x.ndim - 1, *range(x.ndim - 1), x.ndim))


def _joined(y: Tensor) -> Tensor:
    """(groups, batch, *space, filters) -> (batch, *space, groups filters)."""
    if y.shape[0] > 1:
        y = P.transpose(y, axes=(*range(1, y.ndim - 1), 0, y.ndim - 1))
        return P.reshape(y, shape=(*y.shape[:-2], y.shape[-2] * y.shape[-1]))
    return P.reshape(y, shape=y.shape[1:])


def _to_last(x: Tensor) -> Tensor:
    return P.transpose(x, axes=(0, *range(2, x.ndim), 1))


def _to_first(y: Tensor) -> Tensor:
    return P.transpose(y, axes=(0, y.ndim - 1, *range(1, y.ndim - 1)))
