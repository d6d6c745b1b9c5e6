"""Gated recurrent units."""

from __future__ import annotations

from typing import Any

from ... import activations, ops
from ...serialization import builtin
from .cell import Cell, Masks
from .rnn import OfCell


@builtin
class GRUCell(Cell):
    """One step of a `GRU`: a mix of the old state and a candidate, which sees a gated part of the old state.

    With z, r, n the three blocks of `inputs @ kernel + bias` and likewise of `h @ recurrent_kernel`:
    `z = s(z_x + z_h)`, `r = s(r_x + r_h)`, `candidate = activation(n_x + r n_h)`, `h' = z h + (1 - z) candidate`, s the
    recurrent activation.

    Args:
        units: int, the size of the output, which is the state.
        activation, recurrent_activation: default 'tanh', 'sigmoid'.
        use_bias: whether biases are added (default True).
        kernel_initializer, recurrent_initializer, bias_initializer: default 'glorot_uniform', 'orthogonal', 'zeros'.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss (default None).
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update (default None).
        dropout, recurrent_dropout: the shares of inputs and of the state that are dropped in training (default 0).
        reset_after: whether r is applied to `h @ recurrent_kernel` (default True) or to h (False).
        seed: int, of the dropout (default None: the next default seed).

    Shapes: inputs (batch, n), states [h] with h (batch, units) -> output (batch, units), [h']. Weights: kernel (n, 3
        units), recurrent_kernel (units, 3 units), blocks in the order z, r, n; bias (2, 3 units), one row for the
        inputs and one for the state, or (3 units,) without reset_after.
    Raises: ArgumentError: an argument is not allowed.
    Source: Cho et al. 2014, arXiv:1406.1078, equations 5 to 8.

    Example:
    >>> cell = GRUCell(3)
    >>> output, states = cell([[1.0, 2.0]], [cell.get_initial_state(1)])
    >>> output.shape, [w.shape for w in cell.weights]
    ((1, 3), [(2, 9), (3, 9), (2, 9)])
    """

    gates = 3

    def __init__(
        self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros", kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
        bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None,
        bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, reset_after: bool = True,
        seed: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._keep_cell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after
        self.state_size = self.units

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def _input_bias(self) -> Any:
        return self.bias[0] if self.bias is not None and self.reset_after else self.bias

    def step(self, projected: Any, states: Any, masks: Masks) -> tuple[Any, Any]:
        """The gates, the new state."""
        h, gate = states[0], self.recurrent_activation
        z, r, n = ops.split(projected, 3, -1)
        if self.reset_after:
            recurrent = self._gated(self._of_state, h, self.recurrent_kernel, masks[1])
            recurrent = recurrent if self.bias is None else recurrent + self.bias[1]
            z_h, r_h, n_h = ops.split(recurrent, 3, -1)
            z = gate(z + z_h)
            candidate = self.activation(n + gate(r + r_h) * n_h)
        else:
            of_gates, of_candidate = ops.split(self.recurrent_kernel.value, [2 * self.units], 1)
            first = masks[1][:2] if isinstance(masks[1], list) else masks[1]
            z_h, r_h = ops.split(self._gated(self._of_state, h, of_gates, first), 2, -1)
            z = gate(z + z_h)
            kept = gate(r + r_h) * (h * masks[1][2] if isinstance(masks[1], list) else h)
            candidate = self.activation(n + ops.matmul(kept, of_candidate))
        h = z * h + (1.0 - z) * candidate
        return h, [h]


@builtin
class GRU(OfCell):
    """Gated recurrent units: a recurrent layer with one state and two gates.

    Args:
        units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, reset_after: as for `GRUCell`.
        activity_regularizer: a penalty on the output (default None).
        return_sequences, return_state, go_backwards, stateful, unroll: as for `RNN`.
        use_cudnn: accepted and without effect (default 'auto').

    Shapes: (batch, steps, n) -> (batch, units), or (batch, steps, units) with return_sequences; with return_state also
        the last state (batch, units). Weights: those of `GRUCell`.
    Raises: ArgumentError: an argument is not allowed.
    Source: Cho et al. 2014, arXiv:1406.1078.

    Example:
    >>> y, h = GRU(3, return_sequences=True, return_state=True)([[[1.0], [2.0]]])
    >>> y.shape, bool((y[:, -1] == h).all())
    ((1, 2, 3), True)
    """

    def __init__(
        self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros", kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
        bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
        recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0,
        recurrent_dropout: float = 0.0, seed: int | None = None, return_sequences: bool = False,
        return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False,
        reset_after: bool = True, use_cudnn: Any = "auto", **kwargs: Any,
    ) -> None:  # fmt: skip
        cell = GRUCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, reset_after, seed,
            **self.arguments_of_cell("gru_cell", kwargs),
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful, unroll,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.use_cudnn = use_cudnn

    @property
    def reset_after(self) -> bool:
        """Whether the reset gate is applied to `h @ recurrent_kernel`."""
        return self.cell.reset_after
