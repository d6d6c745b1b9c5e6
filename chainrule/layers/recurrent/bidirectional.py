"""A recurrent layer run in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import ops
from ...errors import ArgumentError
from ...serialization import builtin, deserialize_keras_object, serialize_keras_object
from ..checks import label
from ..layer import Layer

MERGED = {
    "concat": lambda a, b: ops.concatenate([a, b], -1),
    "sum": lambda a, b: a + b,
    "ave": lambda a, b: (a + b) * 0.5,
    "mul": lambda a, b: a * b,
}


@builtin
class Bidirectional(Layer):
    """Runs a copy of a recurrent layer forwards and another backwards and merges what they say at each step.

    Args:
        layer: a recurrent layer; both copies begin with weights of their own.
        merge_mode: 'concat' (default), 'sum', 'ave' (the mean), 'mul', or None: both outputs are returned.
        weights: a list of arrays to begin with, those of the forward layer first (default None).
        backward_layer: the layer that goes backwards (default None: a copy of `layer`).

    Shapes: those of the layer, the last axis twice as long with 'concat'; with return_state all states follow, those of
        the forward layer first. In the call: `initial_state`, as many tensors; `mask`, truth values (batch, steps).
    Raises: ArgumentError: the layers go in one direction, or differ in what they return.
    Source: Schuster and Paliwal 1997, "Bidirectional recurrent neural networks".

    Example:
    >>> from chainrule.layers import GRU
    >>> Bidirectional(GRU(3, return_sequences=True)).compute_output_shape((None, 5, 2))
    (None, 5, 6)
    """

    def __init__(
        self, layer: Layer, merge_mode: str | None = "concat", weights: Any = None, backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        for given in (layer, *([] if backward_layer is None else [backward_layer])):
            if not isinstance(given, Layer) or not hasattr(given, "go_backwards"):
                raise ArgumentError(f"{label(self)}: expected a recurrent layer; got {given!r}.")
        if merge_mode not in (*MERGED, None):
            known = ", ".join(map(repr, MERGED))
            raise ArgumentError(f"{label(self)}: expected merge_mode to be one of {known} or None; got {merge_mode!r}.")
        self.forward_layer: Any = _copy(layer, "forward", layer.go_backwards)
        self.backward_layer: Any = backward_layer or _copy(layer, "backward", True)
        self._check()
        for copy in (self.forward_layer, self.backward_layer):
            copy.zero_output_for_mask = copy.return_sequences
        self.merge_mode = merge_mode
        self.stateful, self.return_sequences = layer.stateful, layer.return_sequences
        self.return_state = layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec
        self._first_weights = weights

    def _check(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ArgumentError(f"{label(self)}: expected layers that go in different directions; got go_backwards="
                                f"{forward.go_backwards} twice.")  # fmt: skip
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(forward, name) != getattr(backward, name):
                raise ArgumentError(f"{label(self)}: expected the same {name} of both layers; got "
                                    f"{getattr(forward, name)} and {getattr(backward, name)}.")  # fmt: skip

    @property
    def states(self) -> tuple[Any, ...] | None:
        """The states of stateful layers, those of the forward layer first."""
        found = self.forward_layer.states, self.backward_layer.states
        return None if None in found else (*found[0], *found[1])

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
                layer.built = True
        if self._first_weights:
            self.set_weights(self._first_weights)
        self.built = True

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool | None = None
    ) -> Any:  # fmt: skip
        """The merged outputs, and the states if `return_state`."""
        half = len(initial_state or ()) // 2
        states = (None, None) if initial_state is None else (initial_state[:half], initial_state[half:])
        forward = self.forward_layer(sequences, initial_state=states[0], mask=mask)
        backward = self.backward_layer(sequences, initial_state=states[1], mask=mask)
        found: tuple[Any, ...] = ()
        if self.return_state:
            found = (*forward[1:], *backward[1:])
            forward, backward = forward[0], backward[0]
        if self.return_sequences:
            backward = ops.flip(backward, 1)
        merge = MERGED.get(self.merge_mode or "")
        outputs = (forward, backward) if merge is None else (merge(forward, backward),)
        return (*outputs, *found) if len(outputs) + len(found) > 1 else outputs[0]

    def compute_mask(self, sequences: Any, mask: Any = None) -> Any:
        """The mask of the steps if they are returned."""
        return [mask if self.return_sequences else None] * (1 if self.merge_mode else 2)

    def reset_state(self) -> None:
        """Let stateful layers begin with zeros again."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, both layers included."""
        layers = {"layer": self.forward_layer, "backward_layer": self.backward_layer}
        plain = {key: serialize_keras_object(layer) for key, layer in layers.items()}
        return {**self._base_config(), "merge_mode": self.merge_mode, **plain}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """A layer like the one that `config` came from; its weights are new."""
        keys = ("layer", "backward_layer")
        layers = {key: deserialize_keras_object(config[key], custom_objects) for key in keys if config.get(key)}
        return cls(**{**config, **layers})


def _copy(layer: Any, direction: str, backwards: bool) -> Any:
    """A layer like another with new weights, its name telling the direction."""
    plain = serialize_keras_object(layer)
    prefix = f"{direction}_"
    plain["config"] |= {"name": prefix + layer.name.removeprefix(prefix), "go_backwards": backwards}
    copy = deserialize_keras_object(plain)
    if hasattr(layer, "use_cudnn"):  # no part of the config
        copy.use_cudnn = layer.use_cudnn
    return copy
