"""Long short-term memory."""

from __future__ import annotations

from typing import Any

from ... import activations, ops
from ...serialization import builtin
from .cell import Cell, Masks
from .rnn import OfCell


@builtin
class LSTMCell(Cell):
    """One step of an `LSTM`: three gates decide what is let in, kept and given out.

    With i, f, g, o the four blocks of `inputs @ kernel + h @ recurrent_kernel + bias`:
    `c' = s(f) c + s(i) activation(g)` and `h' = s(o) activation(c')`, s the recurrent activation.

    Args:
        units: int, the size of the output and of each of the two states.
        activation, recurrent_activation: default 'tanh', 'sigmoid'.
        use_bias: whether a bias is added (default True).
        kernel_initializer, recurrent_initializer, bias_initializer: default 'glorot_uniform', 'orthogonal', 'zeros'.
        unit_forget_bias: whether the bias of f begins at 1 (default True).
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss (default None).
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update (default None).
        dropout, recurrent_dropout: the shares of inputs and of the state h that are dropped in training (default 0).
        seed: int, of the dropout (default None: the next default seed).

    Shapes: inputs (batch, n), states [h, c], each (batch, units) -> output (batch, units), [h', c']. Weights: kernel
        (n, 4 units), recurrent_kernel (units, 4 units), bias (4 units,), blocks in the order i, f, g, o.
    Raises: ArgumentError: an argument is not allowed.
    Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; f: Gers, Schmidhuber and Cummins 2000; its bias:
        Jozefowicz, Zaremba and Sutskever 2015.

    Example:
    >>> cell = LSTMCell(3)
    >>> output, states = cell([[1.0, 2.0]], cell.get_initial_state(1))
    >>> output.shape, len(states)
    ((1, 3), 2)
    """

    gates = 4

    def __init__(
        self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros", unit_forget_bias: bool = True, kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None,
        recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0,
        recurrent_dropout: float = 0.0, seed: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._keep_cell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]

    def _bias_values(self, shape: Any, dtype: Any = None) -> Any:
        if not self.unit_forget_bias:
            return super()._bias_values(shape, dtype)
        own = lambda blocks: self.bias_initializer((blocks * self.units,), dtype=dtype)  # noqa: E731
        return ops.concatenate([own(1), ops.ones((self.units,), dtype), own(2)])

    def step(self, projected: Any, states: Any, masks: Masks) -> tuple[Any, Any]:
        """The gates, the new states."""
        h, c = states
        z = projected + self._gated(self._of_state, h, self.recurrent_kernel, masks[1])
        i, f, g, o = ops.split(z, 4, self._gate_axis)
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(g)
        h = gate(o) * self.activation(c)
        return h, [h, c]


@builtin
class LSTM(OfCell):
    """Long short-term memory: a recurrent layer that learns what to keep over many steps.

    Args:
        units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed: as for `LSTMCell`.
        activity_regularizer: a penalty on the output (default None).
        return_sequences, return_state, go_backwards, stateful, unroll: as for `RNN`.
        use_cudnn: accepted and without effect (default 'auto').

    Shapes: (batch, steps, n) -> (batch, units), or (batch, steps, units) with return_sequences; with return_state also
        h and c, each (batch, units). Weights: those of `LSTMCell`.
    Raises: ArgumentError: an argument is not allowed.
    Source: Hochreiter and Schmidhuber 1997, "Long short-term memory".

    Example:
    >>> y, h, c = LSTM(3, return_sequences=True, return_state=True)([[[1.0], [2.0]]])
    >>> y.shape, h.shape, bool((y[:, -1] == h).all())
    ((1, 2, 3), (1, 3), True)
    """

    def __init__(
        self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros", unit_forget_bias: bool = True, kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None,
        dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None,
        return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
        stateful: bool = False, unroll: bool = False, use_cudnn: Any = "auto", **kwargs: Any,
    ) -> None:  # fmt: skip
        cell = LSTMCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            **self.arguments_of_cell("lstm_cell", kwargs),
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, unroll,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.use_cudnn = use_cudnn

    @property
    def unit_forget_bias(self) -> bool:
        """Whether the bias of f begins at 1."""
        return self.cell.unit_forget_bias
