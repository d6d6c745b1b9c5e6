"""What the cells of recurrent layers share: a kernel for the inputs, one for the states, a bias, dropout.

A cell's arithmetic stands in two functions: `project`, what can be computed from the inputs alone and so for all steps
at once, and `step`, what needs the states.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ... import activations, constraints, initializers, ops, regularizers
from ...ops import random
from ...variables import SeedGenerator
from ..checks import known_size, number, positive_integer
from ..layer import Layer

Masks = tuple[Any, Any]  # of dropout, for inputs and states: None, one for all gates, or a list of one a gate


class Cell(Layer):
    """Base of the cells: `call(inputs, states) -> (output, new states)`. A subclass defines `step`."""

    gates: ClassVar[int]  # how many blocks of `units` columns the kernels have
    state_size: Any  # an integer, or a list of one a state
    recurrent_activation: Any = None

    def _keep_cell(
        self, units: Any, activation: Any, use_bias: bool, kernel_initializer: Any, recurrent_initializer: Any,
        bias_initializer: Any, kernel_regularizer: Any, recurrent_regularizer: Any, bias_regularizer: Any,
        kernel_constraint: Any, recurrent_constraint: Any, bias_constraint: Any, dropout: Any, recurrent_dropout: Any,
        seed: Any,
    ) -> None:  # fmt: skip
        self.units = self.output_size = positive_integer(self, "units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = number(self, "dropout", dropout, 0, 1)
        self.recurrent_dropout = number(self, "recurrent_dropout", recurrent_dropout, 0, 1)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        """Create both kernels and the bias."""
        kernel, recurrent = self._kernel_shapes(input_shape)
        self.kernel = self.add_weight(
            kernel, self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint, name="kernel",
        )  # fmt: skip
        self.recurrent_kernel = self.add_weight(
            recurrent, self.recurrent_initializer, regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint, name="recurrent_kernel",
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                self._bias_shape(), self._bias_values, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint, name="bias",
            )  # fmt: skip
        self.built = True

    def _kernel_shapes(self, input_shape: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
        columns = self.units * self.gates
        return (known_size(self, input_shape), columns), (self.units, columns)

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.units * self.gates,)

    def _bias_values(self, shape: Any, dtype: Any = None) -> Any:
        return self.bias_initializer(shape, dtype=dtype)

    def get_initial_state(self, batch_size: int | None = None) -> Any:
        """Zeros: one tensor (batch_size, size), or a list of one a state."""
        many = isinstance(self.state_size, (list, tuple))
        found = [
            ops.zeros((batch_size, n), self.compute_dtype) for n in (self.state_size if many else [self.state_size])
        ]
        return found if many else found[0]

    def call(self, inputs: Any, states: Any, training: bool | None = False) -> tuple[Any, Any]:
        """One step: the output and the new states, nested like `states`. The dropout masks are those of this call."""
        masks = self.draw(inputs.shape, training)
        many = isinstance(states, (list, tuple))
        output, new = self.step(self.project(inputs, masks), list(states) if many else [states], masks)
        return output, new if many else new[0]

    # what a layer over many steps computes with

    @property
    def in_two_parts(self) -> bool:
        """Whether `project` and `step` do what `call` does: not if a subclass has a `call` of its own."""
        return type(self).call is Cell.call

    def draw(self, input_shape: Any, training: bool | None) -> Masks:
        """The dropout masks of one call: the same at every step (Gal and Ghahramani 2016, arXiv:1512.05287)."""
        if not training:
            return None, None
        shape = (input_shape[0], input_shape[-1])
        return self._drawn(self.dropout, shape), self._drawn(self.recurrent_dropout, (shape[0], self.units))

    def _drawn(self, rate: float, shape: tuple[int, ...]) -> Any:
        if not 0 < rate < 1:
            return None
        draw = lambda: random.dropout(self.seed_generator.next(), ops.ones(shape, self.compute_dtype), rate)  # noqa: E731
        return [draw() for _ in range(self.gates)] if self._each_gate else draw()

    @property
    def _each_gate(self) -> bool:
        """Whether every gate has masks of its own."""
        return self.gates > 1 and self.recurrent_dropout > 0

    def project(self, inputs: Any, masks: Masks) -> Any:
        """`inputs @ kernel + bias`, for inputs (batch, size) or of many steps (time, batch, size)."""
        bias = self._input_bias()
        z = self._gated(self._of_inputs, inputs, self.kernel, masks[0])
        return z if bias is None else z + bias

    def _input_bias(self) -> Any:
        return self.bias

    def _of_inputs(self, x: Any, kernel: Any) -> Any:
        return ops.matmul(x, kernel)

    def _of_state(self, h: Any, kernel: Any) -> Any:
        return ops.matmul(h, kernel)

    def _gated(self, product: Any, x: Any, kernel: Any, masks: Any) -> Any:
        """`product(x, kernel)`; with dropout of `x * mask`, gate by gate where each has a mask of its own."""
        if masks is None:
            return product(x, kernel)
        if not isinstance(masks, list):
            return product(x * masks, kernel)
        blocks = ops.split(kernel, len(masks), -1)
        return ops.concatenate([product(x * m, k) for m, k in zip(masks, blocks, strict=True)], self._gate_axis)

    @property
    def _gate_axis(self) -> int:
        """The axis along which the blocks of the gates lie in a product."""
        return -1

    def step(self, projected: Any, states: Any, masks: Masks) -> tuple[Any, Any]:
        """The output and the list of new states, from what `project` made of the inputs and the old states."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal cell."""
        config = super().get_config()
        named = {key: activations.serialize(getattr(self, key)) for key in config if key.endswith("activation")}
        return {**config, **named}
