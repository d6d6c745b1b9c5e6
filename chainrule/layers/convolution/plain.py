"""Convolution over one, two or three axes of space."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...errors import ShapeError
from ...serialization import builtin
from ..checks import positive_integer
from .base import Convolution, divisible, one_above_1


class _Conv(Convolution):
    """The three plain convolutions: every filter sees all channels of its group."""

    def __init__(
        self, filters: Any, kernel_size: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any,
        groups: Any, activation: Any, use_bias: bool, kernel_initializer: Any, bias_initializer: Any,
        kernel_regularizer: Any, bias_regularizer: Any, activity_regularizer: Any, kernel_constraint: Any,
        bias_constraint: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **self._take_variants(kwargs))
        self.filters = positive_integer(self, "filters", filters)
        self.groups = positive_integer(self, "groups", groups)
        divisible(self, "filters", self.filters, self.groups)
        self.use_bias = use_bias
        self._keep_window(kernel_size, strides, padding, data_format, dilation_rate)
        one_above_1(self, self.strides, self.dilation_rate)
        self._keep(
            activation, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint,
            bias_constraint,
        )  # fmt: skip

    def build(self, input_shape: Any) -> None:
        """Create kernel and bias."""
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ShapeError(f"expected a number of channels divisible by groups={self.groups}; got {channels} in "
                             f"shape {tuple(input_shape)}.")  # fmt: skip
        self._add_kernel((*self.kernel_size, channels // self.groups, self.filters))
        self._add_bias((self.filters,) if self.use_bias else None)
        self._finish_build()

    def call(self, inputs: Any) -> Any:
        """`activation(inputs convolved with the kernel + bias)`."""
        return self._finished(ops.conv(inputs, self.kernel, **self._places))


@builtin
class Conv1D(_Conv):
    """Filters that slide along a sequence: each sees a window of steps and all channels.

    Args:
        filters: int, how many filters.
        kernel_size: int, the steps in a window.
        strides: int, from one window to the next (default 1).
        padding: 'valid' (none, default), 'same' (zeros around: a stride of 1 keeps the number of steps) or 'causal'
            (zeros in front only: no result depends on later steps).
        data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`).
        dilation_rate: int, the distance between the steps in a window (default 1).
        groups: int, into how many groups the channels are split; each makes its own share of the filters (default 1).
        activation: name or function (default None: linear).
        use_bias: whether a bias is added, one number a filter (default True).
        kernel_initializer, bias_initializer: default 'glorot_uniform', 'zeros'.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss (default None).
        kernel_constraint, bias_constraint: functions applied to the weights after each update (default None).

    Shapes: (batch, steps, channels) -> (batch, new steps, filters), or (batch, channels, steps) and so on. Weights:
        kernel (kernel_size, channels / groups, filters), bias (filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the groups do not divide the channels, the channels
        are others than before, or no window fits.
    Source: Waibel et al. 1989, "Phoneme recognition using time-delay neural networks"; causal and dilated: van den Oord
        et al. 2016, arXiv:1609.03499.

    Example:
    >>> Conv1D(1, 2, kernel_initializer="ones")([[[1.0], [2.0], [4.0]]]).tolist()
    [[[3.0], [6.0]]]
    """

    rank = 1
    _paddings = ("valid", "same", "causal")

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str | None = None, dilation_rate: Any = 1, groups: int = 1, activation: Any = None,
        use_bias: bool = True, kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, groups, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **kwargs,
        )  # fmt: skip


@builtin
class Conv2D(_Conv):
    """Filters that slide over an image: each sees a window of pixels and all channels.

    Args:
        filters: int, how many filters.
        kernel_size: int or two, rows and columns of a window.
        strides: int or two, from one window to the next (default (1, 1)).
        padding: 'valid' (none, default) or 'same' (zeros around: a stride of 1 keeps rows and columns).
        data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`).
        dilation_rate: int or two, the distance between the pixels in a window (default (1, 1)).
        groups, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
            activity_regularizer, kernel_constraint, bias_constraint: as for `Conv1D`.

    Shapes: (batch, rows, columns, channels) -> (batch, new rows, new columns, filters), or (batch, channels, rows,
        columns) and so on. Weights: kernel (*kernel_size, channels / groups, filters), bias (filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the groups do not divide the channels, the channels
        are others than before, or no window fits.
    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition"; dilated: Yu and Koltun
        2016, arXiv:1511.07122; groups: Krizhevsky, Sutskever and Hinton 2012.

    Example:
    >>> layer = Conv2D(1, 2, kernel_initializer="ones")
    >>> layer([[[[1.0], [2.0]], [[3.0], [4.0]]]]).tolist(), layer.kernel.shape
    ([[[[10.0]]]], (2, 2, 1, 1))
    """

    rank = 2

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
        data_format: str | None = None, dilation_rate: Any = (1, 1), groups: int = 1, activation: Any = None,
        use_bias: bool = True, kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, groups, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **kwargs,
        )  # fmt: skip


@builtin
class Conv3D(_Conv):
    """Filters that slide through a volume (or a film): each sees a window of it and all channels.

    Args:
        filters: int, how many filters.
        kernel_size: int or three, the sizes of a window.
        strides: int or three, from one window to the next (default (1, 1, 1)).
        padding: 'valid' (none, default) or 'same' (zeros around: a stride of 1 keeps the sizes).
        data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`).
        dilation_rate: int or three, the distance between the elements of a window (default (1, 1, 1)).
        groups, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
            activity_regularizer, kernel_constraint, bias_constraint: as for `Conv1D`.

    Shapes: (batch, *space, channels) -> (batch, *new space, filters) with three axes of space, or (batch, channels,
        *space) and so on. Weights: kernel (*kernel_size, channels / groups, filters), bias (filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the groups do not divide the channels, the channels
        are others than before, or no window fits.
    Source: Ji et al. 2013, "3D convolutional neural networks for human action recognition".

    Example:
    >>> Conv3D(4, (1, 2, 2)).compute_output_shape((None, 5, 8, 8, 3))
    (None, 5, 7, 7, 4)
    """

    rank = 3

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
        data_format: str | None = None, dilation_rate: Any = (1, 1, 1), groups: int = 1, activation: Any = None,
        use_bias: bool = True, kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, groups, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **kwargs,
        )  # fmt: skip
