"""Convolution of each channel by itself, and the same with the channels mixed afterwards."""

from __future__ import annotations

from typing import Any

from ... import activations, constraints, initializers, ops, regularizers
from ...serialization import builtin
from ..checks import positive_integer
from .base import Convolution


class _Depthwise(Convolution):
    """What depthwise and separable convolutions share: windows that see one channel each."""

    def _keep_depthwise(
        self, depth_multiplier: Any, activation: Any, use_bias: bool, depthwise_initializer: Any,
        bias_initializer: Any, depthwise_regularizer: Any, bias_regularizer: Any, depthwise_constraint: Any,
        bias_constraint: Any,
    ) -> None:  # fmt: skip
        self.depth_multiplier = positive_integer(self, "depth_multiplier", depth_multiplier)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def _depthwise_kernel(self, channels: int, name: str) -> Any:
        return self.add_weight(
            (*self.kernel_size, channels, self.depth_multiplier), self.depthwise_initializer,
            regularizer=self.depthwise_regularizer, constraint=self.depthwise_constraint, name=name,
        )  # fmt: skip


class _DepthwiseConv(_Depthwise):
    def __init__(
        self, kernel_size: Any, strides: Any, padding: Any, depth_multiplier: Any, data_format: Any,
        dilation_rate: Any, activation: Any, use_bias: bool, depthwise_initializer: Any, bias_initializer: Any,
        depthwise_regularizer: Any, bias_regularizer: Any, activity_regularizer: Any, depthwise_constraint: Any,
        bias_constraint: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._keep_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._keep_depthwise(
            depth_multiplier, activation, use_bias, depthwise_initializer, bias_initializer, depthwise_regularizer,
            bias_regularizer, depthwise_constraint, bias_constraint,
        )  # fmt: skip

    def build(self, input_shape: Any) -> None:
        """Create kernel and bias."""
        channels = self._channels(input_shape)
        self.kernel = self._depthwise_kernel(channels, "kernel")
        self._add_bias((channels * self.depth_multiplier,) if self.use_bias else None)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """`activation(each channel convolved with its own kernels + bias)`."""
        return self._finished(ops.depthwise_conv(inputs, self.kernel, **self._places))


@builtin
class DepthwiseConv1D(_DepthwiseConv):
    """Filters that slide along a sequence, each channel with filters of its own.

    Args:
        kernel_size: int, the steps in a window.
        strides: int, from one window to the next (default 1).
        padding: 'valid' (none, default) or 'same' (zeros around: a stride of 1 keeps the number of steps).
        depth_multiplier: int, how many filters a channel has (default 1).
        data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`).
        dilation_rate: int, the distance between the steps in a window (default 1).
        activation: name or function (default None: linear).
        use_bias: whether a bias is added, one number a filter (default True).
        depthwise_initializer, bias_initializer: default 'glorot_uniform', 'zeros'.
        depthwise_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss (default None).
        depthwise_constraint, bias_constraint: functions applied to the weights after each update (default None).

    Shapes: (batch, steps, channels) -> (batch, new steps, channels depth_multiplier), or (batch, channels, steps) and
        so on. Weights: kernel (kernel_size, channels, depth_multiplier), bias (channels depth_multiplier,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the channels are others than before, or no window
        fits.
    Source: Sifre 2014, "Rigid-motion scattering for image classification", section 6.2.

    Example:
    >>> DepthwiseConv1D(2, depthwise_initializer="ones")([[[1.0, 10.0], [2.0, 20.0]]]).tolist()
    [[[3.0, 30.0]]]
    """

    rank = 1

    def __init__(
        self, kernel_size: Any, strides: Any = 1, padding: str = "valid", depth_multiplier: int = 1,
        data_format: str | None = None, dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        depthwise_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate, activation, use_bias,
            depthwise_initializer, bias_initializer, depthwise_regularizer, bias_regularizer, activity_regularizer,
            depthwise_constraint, bias_constraint, **kwargs,
        )  # fmt: skip


@builtin
class DepthwiseConv2D(_DepthwiseConv):
    """Filters that slide over an image, each channel with filters of its own.

    Args:
        kernel_size: int or two, rows and columns of a window.
        strides: int or two, from one window to the next (default (1, 1)).
        dilation_rate: int or two, the distance between the pixels in a window (default (1, 1)).
        padding, depth_multiplier, data_format, activation, use_bias, depthwise_initializer, bias_initializer,
            depthwise_regularizer, bias_regularizer, activity_regularizer, depthwise_constraint, bias_constraint: as for
            `DepthwiseConv1D`.

    Shapes: (batch, rows, columns, channels) -> (batch, new rows, new columns, channels depth_multiplier), or (batch,
        channels, rows, columns) and so on. Weights: kernel (*kernel_size, channels, depth_multiplier), bias (channels
        depth_multiplier,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the channels are others than before, or no window
        fits.
    Source: Sifre 2014, "Rigid-motion scattering for image classification", section 6.2.

    Example:
    >>> DepthwiseConv2D(3, padding="same", depth_multiplier=2).compute_output_shape((None, 8, 8, 3))
    (None, 8, 8, 6)
    """

    rank = 2

    def __init__(
        self, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid", depth_multiplier: int = 1,
        data_format: str | None = None, dilation_rate: Any = (1, 1), activation: Any = None, use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        depthwise_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate, activation, use_bias,
            depthwise_initializer, bias_initializer, depthwise_regularizer, bias_regularizer, activity_regularizer,
            depthwise_constraint, bias_constraint, **kwargs,
        )  # fmt: skip


class _SeparableConv(_Depthwise):
    def __init__(
        self, filters: Any, kernel_size: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any,
        depth_multiplier: Any, activation: Any, use_bias: bool, depthwise_initializer: Any,
        pointwise_initializer: Any, bias_initializer: Any, depthwise_regularizer: Any, pointwise_regularizer: Any,
        bias_regularizer: Any, activity_regularizer: Any, depthwise_constraint: Any, pointwise_constraint: Any,
        bias_constraint: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive_integer(self, "filters", filters)
        self._keep_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._keep_depthwise(
            depth_multiplier, activation, use_bias, depthwise_initializer, bias_initializer, depthwise_regularizer,
            bias_regularizer, depthwise_constraint, bias_constraint,
        )  # fmt: skip
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.pointwise_constraint = constraints.get(pointwise_constraint)

    def build(self, input_shape: Any) -> None:
        """Create both kernels and the bias."""
        channels = self._channels(input_shape)
        self.depthwise_kernel = self._depthwise_kernel(channels, "depthwise_kernel")
        self.pointwise_kernel = self.add_weight(
            (*(1,) * self.rank, channels * self.depth_multiplier, self.filters), self.pointwise_initializer,
            regularizer=self.pointwise_regularizer, constraint=self.pointwise_constraint, name="pointwise_kernel",
        )  # fmt: skip
        self._add_bias((self.filters,) if self.use_bias else None)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """`activation(each channel convolved by itself, then all mixed, + bias)`."""
        y = ops.separable_conv(inputs, self.depthwise_kernel, self.pointwise_kernel, **self._places)
        return self._finished(y)


@builtin
class SeparableConv1D(_SeparableConv):
    """A depthwise convolution along a sequence, then a mix of its channels at every step.

    Args:
        filters: int, how many mixed channels come out.
        kernel_size: int, the steps in a window.
        strides: int, from one window to the next (default 1).
        padding: 'valid' (none, default) or 'same' (zeros around: a stride of 1 keeps the number of steps).
        data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`).
        dilation_rate: int, the distance between the steps in a window (default 1).
        depth_multiplier: int, how many filters a channel has before the mix (default 1).
        activation: name or function (default None: linear).
        use_bias: whether a bias is added, one number a filter (default True).
        depthwise_initializer, pointwise_initializer, bias_initializer: default 'glorot_uniform' twice, 'zeros'.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer: penalties added to the
            loss (default None).
        depthwise_constraint, pointwise_constraint, bias_constraint: functions applied to the weights after each update
            (default None).

    Shapes: (batch, steps, channels) -> (batch, new steps, filters), or (batch, channels, steps) and so on. Weights:
        depthwise_kernel (kernel_size, channels, depth_multiplier), pointwise_kernel (1, channels depth_multiplier,
        filters), bias (filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the channels are others than before, or no window
        fits.
    Source: Chollet 2017, arXiv:1610.02357.

    Example:
    >>> SeparableConv1D(5, 3).compute_output_shape((None, 10, 4))
    (None, 8, 5)
    """

    rank = 1

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str | None = None, dilation_rate: Any = 1, depth_multiplier: int = 1, activation: Any = None,
        use_bias: bool = True, depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None,
        bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier, activation,
            use_bias, depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer,
            pointwise_regularizer, bias_regularizer, activity_regularizer, depthwise_constraint,
            pointwise_constraint, bias_constraint, **kwargs,
        )  # fmt: skip


@builtin
class SeparableConv2D(_SeparableConv):
    """A depthwise convolution over an image, then a mix of its channels at every pixel.

    Args:
        filters: int, how many mixed channels come out.
        kernel_size: int or two, rows and columns of a window.
        strides: int or two, from one window to the next (default (1, 1)).
        dilation_rate: int or two, the distance between the pixels in a window (default (1, 1)).
        padding, data_format, depth_multiplier, activation, use_bias, depthwise_initializer, pointwise_initializer,
            bias_initializer, depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer,
            depthwise_constraint, pointwise_constraint, bias_constraint: as for `SeparableConv1D`.

    Shapes: (batch, rows, columns, channels) -> (batch, new rows, new columns, filters), or (batch, channels, rows,
        columns) and so on. Weights: depthwise_kernel (*kernel_size, channels, depth_multiplier), pointwise_kernel (1,
        1, channels depth_multiplier, filters), bias (filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the channels are others than before, or no window
        fits.
    Source: Chollet 2017, arXiv:1610.02357.

    Example:
    >>> SeparableConv2D(5, 3, strides=2, padding="same").compute_output_shape((None, 8, 8, 4))
    (None, 4, 4, 5)
    """

    rank = 2

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
        data_format: str | None = None, dilation_rate: Any = (1, 1), depth_multiplier: int = 1,
        activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None,
        bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier, activation,
            use_bias, depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer,
            pointwise_regularizer, bias_regularizer, activity_regularizer, depthwise_constraint,
            pointwise_constraint, bias_constraint, **kwargs,
        )  # fmt: skip
