"""The simplest recurrent layer: its output is its state."""

from __future__ import annotations

from typing import Any

from ...serialization import builtin
from .cell import Cell, Masks
from .rnn import OfCell


@builtin
class SimpleRNNCell(Cell):
    """One step of a `SimpleRNN`: `h' = activation(inputs @ kernel + h @ recurrent_kernel + bias)`.

    Args:
        units: int, the size of the output, which is the state.
        activation: default 'tanh'.
        use_bias: whether a bias is added (default True).
        kernel_initializer, recurrent_initializer, bias_initializer: default 'glorot_uniform', 'orthogonal', 'zeros'.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss (default None).
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update (default None).
        dropout, recurrent_dropout: the shares of inputs and of the state that are dropped in training (default 0).
        seed: int, of the dropout (default None: the next default seed).

    Shapes: inputs (batch, n), states [h] with h (batch, units) -> output (batch, units), [h']. Weights: kernel (n,
        units), recurrent_kernel (units, units), bias (units,).
    Raises: ArgumentError: an argument is not allowed.
    Source: Elman 1990, "Finding structure in time".

    Example:
    >>> cell = SimpleRNNCell(1, activation="linear", kernel_initializer="ones", recurrent_initializer="ones")
    >>> cell([[2.0]], [cell.get_initial_state(1) + 3.0])[0].tolist()
    [[5.0]]
    """

    gates = 1

    def __init__(
        self, units: int, activation: Any = "tanh", use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
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
        self.state_size = self.units

    def step(self, projected: Any, states: Any, masks: Masks) -> tuple[Any, Any]:
        """The new state."""
        h = self.activation(projected + self._gated(self._of_state, states[0], self.recurrent_kernel, masks[1]))
        return h, [h]


@builtin
class SimpleRNN(OfCell):
    """A recurrent layer whose output is fed back at the next step.

    Args:
        units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer,
            recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint, dropout,
            recurrent_dropout, seed: as for `SimpleRNNCell`.
        activity_regularizer: a penalty on the output (default None).
        return_sequences, return_state, go_backwards, stateful, unroll: as for `RNN`.

    Shapes: (batch, steps, n) -> (batch, units), or (batch, steps, units) with return_sequences; with return_state also
        the last state (batch, units). Weights: those of `SimpleRNNCell`.
    Raises: ArgumentError: an argument is not allowed.
    Source: Elman 1990, "Finding structure in time".

    Example:
    >>> SimpleRNN(4, return_sequences=True)([[[1.0], [2.0], [3.0]]]).shape
    (1, 3, 4)
    """

    def __init__(
        self, units: int, activation: Any = "tanh", use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None,
        dropout: float = 0.0, recurrent_dropout: float = 0.0, return_sequences: bool = False,
        return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False,
        seed: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        cell = SimpleRNNCell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **self.arguments_of_cell("simple_rnn_cell", kwargs),
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, unroll,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
