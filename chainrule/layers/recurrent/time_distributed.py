"""A layer applied to every step of a sequence."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...errors import ShapeError
from ...serialization import builtin
from ..arguments import call_defaults
from ..batch_normalization import BatchNormalization
from ..core import Lambda, Wrapper
from ..layer import Layer
from ..spectral import SpectralNormalization
from .looping import over_steps


@builtin
class TimeDistributed(Wrapper):
    """Applies a layer, always the same, to every step of a sequence.

    A layer whose rows have nothing to do with one another gets all steps at once, as one large batch; another one, such
    as batch normalization in training, is called step after step in a loop.

    Args: layer: a `Layer` with one input and one output.
    Shapes: (batch, steps, ...) -> (batch, steps, ...), after the first two those of the layer. `mask` (in the call):
        truth values (batch, steps, ...); each step's part is handed to the layer if it takes one.
    Raises: ArgumentError: layer is not a `Layer`. ShapeError: fewer than three axes, or a mask that does not fit.

    Example:
    >>> from chainrule.layers import Dense
    >>> TimeDistributed(Dense(4)).compute_output_shape((None, 10, 3))
    (None, 10, 4)
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside for one step."""
        if len(input_shape) < 3:
            raise ShapeError(f"expected input with at least 3 axes (batch, steps, ...); got {tuple(input_shape)}.")
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The layer's outputs, step by step."""
        if mask is not None and tuple(mask.shape[:2]) != tuple(inputs.shape[:2]):
            raise ShapeError(f"expected a mask whose shape begins with {inputs.shape[:2]}; got {mask.shape}.")
        taken = [inputs] if mask is None or "mask" not in call_defaults(type(self.layer)) else [inputs, mask]
        if any(_mixes_rows(layer, training) for layer in self.layer._flatten_layers()):
            first = [ops.swapaxes(t, 0, 1) for t in taken]
            _, outputs, _ = over_steps(lambda step, _: (self._applied(step), []), first, [], self.layer)
            return ops.swapaxes(outputs, 0, 1)
        y = self._applied([ops.reshape(t, (-1, *t.shape[2:])) for t in taken])
        return ops.reshape(y, (*inputs.shape[:2], *y.shape[1:]))

    def _applied(self, taken: list[Any]) -> Any:
        return self.layer(taken[0], mask=taken[1]) if len(taken) > 1 else self.layer(taken[0])


def _mixes_rows(layer: Layer, training: bool | None) -> bool:
    """Whether what a layer makes of a row may depend on the other rows of the batch, or on the calls before."""
    foreign = not type(layer).__module__.startswith("chainrule.") or isinstance(layer, Lambda)
    nodes = getattr(getattr(layer, "_graph", None), "nodes", ())
    foreign = foreign or any(not isinstance(node.operation, Layer) for node in nodes)  # ops may do anything
    noise, axis = getattr(layer, "noise_shape", None), getattr(layer, "axis", None)
    axes = axis if isinstance(axis, (list, tuple)) else [-1 if axis is None else axis]
    fixed = (noise and noise[0] is not None) or any(a < -1 or a == 0 for a in axes)
    learns = bool(training) and isinstance(layer, (BatchNormalization, SpectralNormalization)) and layer.trainable
    return bool(foreign or fixed or learns or getattr(layer, "stateful", False) or layer.activity_regularizer)
