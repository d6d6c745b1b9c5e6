"""Transposed convolution: every element of the input adds its multiple of a window to the output."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...errors import ArgumentError
from ...serialization import builtin
from ..checks import label, positive_integer
from .base import Convolution, one_above_1, sizes_of


class _ConvTranspose(Convolution):
    def __init__(
        self, filters: Any, kernel_size: Any, strides: Any, padding: Any, output_padding: Any, data_format: Any,
        dilation_rate: Any, activation: Any, use_bias: bool, kernel_initializer: Any, bias_initializer: Any,
        kernel_regularizer: Any, bias_regularizer: Any, activity_regularizer: Any, kernel_constraint: Any,
        bias_constraint: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive_integer(self, "filters", filters)
        self.use_bias = use_bias
        self._keep_window(kernel_size, strides, padding, data_format, dilation_rate)
        one_above_1(self, self.strides, self.dilation_rate)
        self.output_padding = self._more(output_padding)
        self._keep(
            activation, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint,
            bias_constraint,
        )  # fmt: skip

    def _more(self, output_padding: Any) -> tuple[int, ...] | None:
        if output_padding is None:
            return None
        sizes = sizes_of(self, "output_padding", output_padding, self.rank, 0)
        if any(more >= stride for more, stride in zip(sizes, self.strides, strict=True)):
            raise ArgumentError(f"{label(self)}: expected output_padding to be smaller than strides={self.strides}; "
                                f"got {sizes}.")  # fmt: skip
        return sizes

    def build(self, input_shape: Any) -> None:
        """Create kernel and bias."""
        self._add_kernel((*self.kernel_size, self.filters, self._channels(input_shape)))
        self._add_bias((self.filters,) if self.use_bias else None)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """`activation(the sum of the windows + bias)`."""
        y = ops.conv_transpose(inputs, self.kernel, output_padding=self.output_padding, **self._places)
        return self._finished(y)


@builtin
class Conv1DTranspose(_ConvTranspose):
    """The way back of a `Conv1D`: a sequence becomes longer.

    Args:
        filters: int, how many channels come out.
        kernel_size: int, the steps in a window.
        strides: int, the steps from one window to the next in the output (default 1).
        padding: 'valid' (every window is there in full, default) or 'same' (steps times strides come out).
        output_padding: int below strides, how many steps the output is longer than (n - 1) strides + kernel_size, or
            with 'same' + kernel_size % 2 (default None: as the padding says).
        data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`).
        dilation_rate: int, the distance between the steps in a window (default 1).
        activation: name or function (default None: linear).
        use_bias: whether a bias is added, one number a filter (default True).
        kernel_initializer, bias_initializer: default 'glorot_uniform', 'zeros'.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss (default None).
        kernel_constraint, bias_constraint: functions applied to the weights after each update (default None).

    Shapes: (batch, steps, channels) -> (batch, new steps, filters), or (batch, channels, steps) and so on. Weights:
        kernel (kernel_size, filters, channels), bias (filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the channels are others than before.
    Source: Dumoulin and Visin 2016, arXiv:1603.07285, section 4.

    Example:
    >>> Conv1DTranspose(1, 2, strides=2, kernel_initializer="ones")([[[1.0], [2.0]]]).tolist()
    [[[1.0], [1.0], [2.0], [2.0]]]
    """

    rank = 1

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
        data_format: str | None = None, dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
        bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
        bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **kwargs,
        )  # fmt: skip


@builtin
class Conv2DTranspose(_ConvTranspose):
    """The way back of a `Conv2D`: an image becomes larger.

    Args:
        filters: int, how many channels come out.
        kernel_size: int or two, rows and columns of a window.
        strides: int or two, from one window to the next in the output (default (1, 1)).
        output_padding: int or two below strides, as for `Conv1DTranspose` (default None).
        dilation_rate: int or two, the distance between the pixels in a window (default (1, 1)).
        padding, data_format, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer,
            bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint: as for `Conv1DTranspose`.

    Shapes: (batch, rows, columns, channels) -> (batch, new rows, new columns, filters), or (batch, channels, rows,
        columns) and so on. Weights: kernel (*kernel_size, filters, channels), bias (filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the channels are others than before.
    Source: Dumoulin and Visin 2016, arXiv:1603.07285, section 4; Zeiler et al. 2010, "Deconvolutional networks".

    Example:
    >>> Conv2DTranspose(5, 3, strides=2, padding="same").compute_output_shape((None, 4, 6, 2))
    (None, 8, 12, 5)
    """

    rank = 2

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
        output_padding: Any = None, data_format: str | None = None, dilation_rate: Any = (1, 1),
        activation: Any = None, use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **kwargs,
        )  # fmt: skip


@builtin
class Conv3DTranspose(_ConvTranspose):
    """The way back of a `Conv3D`: a volume becomes larger.

    Args:
        filters: int, how many channels come out.
        kernel_size: int or three, the sizes of a window.
        strides: int or three, from one window to the next in the output (default (1, 1, 1)).
        output_padding: int or three below strides, as for `Conv1DTranspose` (default None).
        dilation_rate: int or three, the distance between the elements of a window (default (1, 1, 1)).
        padding, data_format, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer,
            bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint: as for `Conv1DTranspose`.

    Shapes: (batch, *space, channels) -> (batch, *new space, filters) with three axes of space, or (batch, channels,
        *space) and so on. Weights: kernel (*kernel_size, filters, channels), bias (filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: the channels are others than before.
    Source: Dumoulin and Visin 2016, arXiv:1603.07285, section 4.

    Example:
    >>> Conv3DTranspose(5, 2, strides=2).compute_output_shape((None, 4, 3, 2, 1))
    (None, 8, 6, 4, 5)
    """

    rank = 3

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
        data_format: str | None = None, output_padding: Any = None, dilation_rate: Any = (1, 1, 1),
        activation: Any = None, use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **kwargs,
        )  # fmt: skip
