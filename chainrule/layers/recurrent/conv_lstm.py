"""Long short-term memory over images: both products are convolutions."""

from __future__ import annotations

from typing import Any, ClassVar

from ... import ops
from ...serialization import builtin
from ..checks import known_size, one_of
from ..convolution.base import format_of, one_above_1, sizes_of
from ..spec import InputSpec
from .cell import Masks
from .lstm import LSTMCell
from .rnn import OfCell, of_cell


class ConvLSTMCell(LSTMCell):
    """One step of the layers below, which hand on the arguments that concern space by `set_space`."""

    rank: int

    def set_space(
        self, rank: int, kernel_size: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any
    ) -> None:
        """Keep how the windows lie."""
        self.rank, self.filters = rank, self.units
        self.kernel_size = sizes_of(self, "kernel_size", kernel_size, rank)
        self.strides = sizes_of(self, "strides", strides, rank)
        self.padding = one_of(self, "padding", str(padding).lower(), ("valid", "same"))
        self.data_format = format_of(self, data_format)
        self.dilation_rate = sizes_of(self, "dilation_rate", dilation_rate, rank)
        one_above_1(self, self.strides, self.dilation_rate)

    @property
    def _gate_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else -1 - self.rank

    @property
    def _each_gate(self) -> bool:
        return True

    def _kernel_shapes(self, input_shape: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
        channels, filters = known_size(self, input_shape, self._gate_axis), self.units * self.gates
        return (*self.kernel_size, channels, filters), (*self.kernel_size, self.units, filters)

    def state_shape(self, input_shape: Any) -> tuple[int, ...]:
        """The shape of a state for one step's inputs of a shape."""
        like = ops.zeros(input_shape, self.compute_dtype)
        return self._of_inputs(like, self.kernel[..., : self.units]).shape

    def draw(self, input_shape: Any, training: bool | None) -> Masks:
        """The dropout masks of one call, one a gate: the same at every step."""
        if not training:
            return None, None
        state = self.state_shape(input_shape) if self.recurrent_dropout else ()
        return self._drawn(self.dropout, tuple(input_shape)), self._drawn(self.recurrent_dropout, state)

    def _input_bias(self) -> Any:
        last = self.data_format == "channels_last"
        return self.bias if last or self.bias is None else ops.reshape(self.bias, (-1, *(1,) * self.rank))

    def _of_inputs(self, x: Any, kernel: Any) -> Any:
        """The steps of a sequence are convolved together, as one batch."""
        places = {"strides": self.strides, "padding": self.padding, "dilation_rate": self.dilation_rate}
        rows = x.shape[: -1 - self.rank]
        flat = ops.reshape(x, (-1, *x.shape[-1 - self.rank :]))
        y = ops.conv(flat, kernel, data_format=self.data_format, **places)
        return ops.reshape(y, (*rows, *y.shape[1:]))

    def _of_state(self, h: Any, kernel: Any) -> Any:
        return ops.conv(h, kernel, padding="same", data_format=self.data_format)


class _ConvLSTM(OfCell):
    rank: ClassVar[int]
    filters, kernel_size, strides, padding, data_format, dilation_rate, unit_forget_bias = map(
        of_cell, ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "unit_forget_bias")
    )

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str | None = None, dilation_rate: Any = 1, activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid", use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros", unit_forget_bias: bool = True,
        kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None,
        bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None,
        return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
        stateful: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        cell = ConvLSTMCell(
            filters, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            **self.arguments_of_cell("conv_lstm_cell", kwargs),
        )  # fmt: skip
        cell.set_space(self.rank, kernel_size, strides, padding, data_format, dilation_rate)
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, activity_regularizer=activity_regularizer,
            **kwargs,
        )  # fmt: skip
        self.input_spec = InputSpec(ndim=self.rank + 3)

    def _zeros(self, sequences_shape: Any) -> list[Any]:
        shape = self.cell.state_shape((sequences_shape[0], *sequences_shape[2:]))
        return [ops.zeros(shape, self.compute_dtype) for _ in range(2)]


@builtin
class ConvLSTM1D(_ConvLSTM):
    """An `LSTM` over sequences of sequences whose two products are convolutions along the inner one.

    Args:
        filters: int, the channels of the output and of each of the two states.
        kernel_size, strides, padding, data_format, dilation_rate: of the convolution of the inputs, as for `Conv1D`
            without 'causal'; the states are convolved with strides of 1 and 'same'.
        activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed: as for `LSTMCell`.
        activity_regularizer: a penalty on the output (default None).
        return_sequences, return_state, go_backwards, stateful: as for `RNN`.

    Shapes: (batch, time, steps, channels) -> (batch, new steps, filters), or (batch, time, new steps, filters) with
        return_sequences; with return_state also both states; or 'channels_first'. Weights: kernel (kernel_size,
        channels, 4 filters), recurrent_kernel (kernel_size, filters, 4 filters), bias (4 filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: no window fits.
    Source: Shi et al. 2015, arXiv:1506.04214, equation 3 without its peepholes.

    Example:
    >>> ConvLSTM1D(2, 3, padding="same").compute_output_shape((None, 5, 8, 4))
    (None, 8, 2)
    """

    rank = 1


@builtin
class ConvLSTM2D(_ConvLSTM):
    """An `LSTM` over films: both of its products are convolutions over the image.

    Args:
        filters: int, the channels of the output and of each of the two states.
        kernel_size, strides, padding, data_format, dilation_rate: of the convolution of the inputs, as for `Conv2D`;
            the states are convolved with strides of 1 and 'same'.
        activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            return_sequences, return_state, go_backwards, stateful: as for `ConvLSTM1D`.

    Shapes: (batch, time, rows, columns, channels) -> (batch, new rows, new columns, filters), or with the time axis for
        return_sequences; with return_state also both states; or 'channels_first'. Weights: kernel (*kernel_size,
        channels, 4 filters), recurrent_kernel (*kernel_size, filters, 4 filters), bias (4 filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: no window fits.
    Source: Shi et al. 2015, arXiv:1506.04214, equation 3 without its peepholes.

    Example:
    >>> ConvLSTM2D(2, 3, padding="same", return_sequences=True).compute_output_shape((None, 5, 8, 8, 4))
    (None, 5, 8, 8, 2)
    """

    rank = 2


@builtin
class ConvLSTM3D(_ConvLSTM):
    """An `LSTM` over sequences of volumes: both of its products are convolutions through the volume.

    Args:
        filters: int, the channels of the output and of each of the two states.
        kernel_size, strides, padding, data_format, dilation_rate: of the convolution of the inputs, as for `Conv3D`;
            the states are convolved with strides of 1 and 'same'.
        activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            return_sequences, return_state, go_backwards, stateful: as for `ConvLSTM1D`.

    Shapes: (batch, time, *space, channels) -> (batch, *new space, filters) with three axes of space, or with the time
        axis for return_sequences; with return_state also both states; or 'channels_first'. Weights: kernel
        (*kernel_size, channels, 4 filters), recurrent_kernel (*kernel_size, filters, 4 filters), bias (4 filters,).
    Raises: ArgumentError: an argument is not allowed. ShapeError: no window fits.
    Source: Shi et al. 2015, arXiv:1506.04214, equation 3 without its peepholes.

    Example:
    >>> ConvLSTM3D(2, 3).compute_output_shape((None, 5, 4, 4, 4, 1))
    (None, 2, 2, 2, 2)
    """

    rank = 3
