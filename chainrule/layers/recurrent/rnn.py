"""`RNN`: a cell run along a sequence."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from ... import activations, ops
from ...errors import ArgumentError, ShapeError
from ...ir.tree import flatten, map_structure, unflatten
from ...serialization import builtin, deserialize_keras_object, serialize_keras_object
from ...variables import Variable
from ..arguments import call_defaults
from ..checks import label
from ..layer import Layer
from ..spec import InputSpec
from .looping import over_steps
from .stacked import StackedRNNCells


@builtin
class RNN(Layer):
    """Runs a cell along a sequence: `output, states = cell(element, states)`, step after step, in one loop.

    Args:
        cell: a layer (or any object) with `state_size`, an integer or a list of one a state, and
            `call(inputs, states) -> (output, new states)`; or a list of cells, each fed with the output of the one
            before. It may have `get_initial_state(batch_size)`.
        return_sequences: whether all outputs are returned or the last one (default False).
        return_state: whether the last states are returned too (default False).
        go_backwards: whether it goes from the last step to the first; outputs come in that order (default False).
        stateful: whether a call begins with the last states of the call before (default False).
        unroll: accepted and without effect: the steps are always a loop (default False).
        zero_output_for_mask: whether the output at a masked step is 0; else it is that of the step before (default
            False).

    Shapes: (batch, steps, ...) -> (batch, ...) or (batch, steps, ...); with return_state a tuple of that and the
        states. In the call: `initial_state`, a tensor or list (default: zeros); `mask`, truth values (batch, steps):
        where false, the states stay as they are.
    Raises: ArgumentError: the cell lacks something, or initial_state has another number of tensors. ShapeError: a
        stateful layer without a fixed batch size, or with another one than before.
    Source: Elman 1990, "Finding structure in time".

    Example:
    >>> class Sum(Layer):
    ...     state_size = 1
    ...     def call(self, inputs, states): return inputs + states[0], [inputs + states[0]]
    >>> RNN(Sum(), return_sequences=True)([[[1.0], [2.0], [4.0]]]).tolist()
    [[[1.0], [3.0], [7.0]]]
    """

    _untracked: ClassVar[frozenset[str]] = Layer._untracked | {"states"}  # a stateful layer's states are no weights

    def __init__(
        self, cell: Any, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
        stateful: bool = False, unroll: bool = False, zero_output_for_mask: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        missing = [name for name in ("call", "state_size") if not hasattr(cell, name)]
        if missing:
            raise ArgumentError(f"{label(self)}: expected a cell with call(inputs, states) and state_size; got "
                                f"{cell!r} without {' and '.join(missing)}.")  # fmt: skip
        self.cell = cell
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.input_spec = InputSpec(min_ndim=3)
        self.states: list[Any] | None = None

    @property
    def state_size(self) -> list[Any]:
        """The sizes of the states, one entry each."""
        size = self.cell.state_size
        return list(size) if isinstance(size, (list, tuple)) else [size]

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell; a stateful layer creates its states."""
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
            self.cell.built = True
        if self.stateful and self.states is None:
            if sequences_shape[0] is None:
                raise ShapeError("stateful=True needs a fixed batch size; got input of shape "
                                 f"{tuple(sequences_shape)}. Give it with Input(batch_shape=...).")  # fmt: skip
            zeros = self._zeros(sequences_shape)
            self.states = map_structure(lambda t: Variable(t.numpy(), trainable=False, name="rnn_state"), zeros)
        self.built = True

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """The states before the first step: those of the cell if it says so, else zeros."""
        own = getattr(self.cell, "get_initial_state", None)
        found = own(batch_size=batch_size) if own else [
            ops.zeros((batch_size, *(n if isinstance(n, (list, tuple)) else (n,))), self.compute_dtype)
            for n in self.state_size
        ]  # fmt: skip
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def _zeros(self, sequences_shape: Any) -> list[Any]:
        """The initial state for input of a shape."""
        return self.get_initial_state(sequences_shape[0])

    def reset_state(self) -> None:
        """Let a stateful layer begin with zeros again."""
        for state in flatten(self.states or []):
            state.assign(ops.zeros_like(state.value))

    reset_states = reset_state

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool | None = False
    ) -> Any:  # fmt: skip
        """The output, and the states if `return_state`."""
        if isinstance(self.cell, Layer):
            sequences = ops.cast(sequences, self.cell.compute_dtype)
        states = self._begin(sequences, initial_state)
        steps = ops.swapaxes(sequences, 0, 1)
        mask = flatten(mask)[0]
        mask = mask if mask is None else ops.swapaxes(ops.cast(mask, "bool"), 0, 1)
        elements, step = self._step(steps, training)
        last, outputs, states = over_steps(
            step,
            elements,
            states,
            self.cell,
            mask,
            self.go_backwards,
            self.return_sequences,
            self.zero_output_for_mask,
        )
        if self.stateful:
            for variable, state in zip(flatten(self.states), flatten(states), strict=True):
                variable.assign(state)
        output = ops.swapaxes(outputs, 0, 1) if self.return_sequences else last
        return (output, *states) if self.return_state else output

    def _begin(self, sequences: Any, initial_state: Any) -> list[Any]:
        """The states to begin with, nested as the cell has them."""
        zeros = self._zeros(sequences.shape)
        if initial_state is None and not self.stateful:
            return zeros
        given = flatten(self.states if initial_state is None else initial_state)
        if len(given) != len(flatten(zeros)):
            raise ArgumentError(f"expected initial_state to have {len(flatten(zeros))} tensors; got {len(given)}.")
        for state, like in zip(given, flatten(zeros), strict=True):
            if tuple(state.shape) != like.shape:
                raise ShapeError(f"expected states of shape {like.shape} for input of shape {sequences.shape}; got "
                                 f"{tuple(state.shape)}.")  # fmt: skip
        pairs = zip(given, flatten(zeros), strict=True)
        return unflatten(zeros, [ops.cast(state, like.dtype) for state, like in pairs])

    def _step(self, steps: Any, training: bool | None) -> tuple[Any, Any]:
        """What is looped over, and what happens to each element: all that needs no state is done before the loop."""
        cell = self.cell
        if getattr(cell, "in_two_parts", False):
            masks = cell.draw(steps.shape[1:], training)
            return cell.project(steps, masks), lambda x, states: cell.step(x, states, masks)
        given = {"training": training} if isinstance(cell, Layer) and "training" in call_defaults(type(cell)) else {}
        run = cell if callable(cell) else cell.call

        def step(x: Any, states: Any) -> tuple[Any, Any]:
            output, new = run(x, states, **given)
            return output, list(new) if isinstance(new, (list, tuple)) else [new]

        return steps, step

    def compute_mask(self, sequences: Any, mask: Any = None) -> Any:
        """The mask of the steps if they are returned; None for states."""
        mask = flatten(mask)[0] if self.return_sequences else None
        return [mask, *(None for _ in self.state_size)] if self.return_state else mask

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, the cell included."""
        return {**super().get_config(), "cell": serialize_keras_object(self.cell)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """A layer like the one that `config` came from; its weights are new."""
        return cls(**{**config, "cell": deserialize_keras_object(config["cell"], custom_objects)})


def of_cell(name: str) -> Any:
    """An attribute that is the cell's."""
    return property(lambda self: getattr(self.cell, name), doc=f"The cell's `{name}`.")


class OfCell(RNN):
    """Base of layers whose arguments are those of their cell and of `RNN`."""

    units, activation, recurrent_activation, use_bias, seed, dropout, recurrent_dropout = map(
        of_cell,
        ("units", "activation", "recurrent_activation", "use_bias", "seed", "dropout", "recurrent_dropout"),
    )
    kernel_initializer, recurrent_initializer, bias_initializer = map(
        of_cell, ("kernel_initializer", "recurrent_initializer", "bias_initializer")
    )
    kernel_regularizer, recurrent_regularizer, bias_regularizer = map(
        of_cell, ("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")
    )
    kernel_constraint, recurrent_constraint, bias_constraint = map(
        of_cell, ("kernel_constraint", "recurrent_constraint", "bias_constraint")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.input_spec = InputSpec(ndim=3)

    @staticmethod
    def arguments_of_cell(name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of the cell among those of the layer."""
        kwargs.pop("implementation", None)  # one of two ways in which Keras computes the same
        return {"name": name, "dtype": kwargs.get("dtype"), "trainable": kwargs.get("trainable", True)}

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        own = next(cls for cls in type(self).__mro__ if cls.__module__.startswith("chainrule."))
        config = {**self._base_config(), "zero_output_for_mask": self.zero_output_for_mask, "unroll": self.unroll}
        for name in [*inspect.signature(own.__init__).parameters][1:-1]:  # type: ignore[misc]
            if name == "use_cudnn":  # it says how, not what
                continue
            value = getattr(self, name)
            named = name.endswith("activation")
            config[name] = activations.serialize(value) if named else serialize_keras_object(value)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """A layer like the one that `config` came from; its weights are new."""
        return cls(**config)
