"""Activation functions as layers."""

from __future__ import annotations

import warnings
from typing import Any

from .. import activations, constraints, initializers, ops, regularizers
from ..errors import ShapeError
from ..serialization import builtin
from .checks import known_size, number
from .layer import Layer
from .spec import InputSpec

HIDDEN, HIDDEN_HALF = -1e9, -3e4  # stand for what a mask hides (the second in float16): e to that power is 0


@builtin
class Activation(Layer):
    """Applies an activation function.

    Args: activation: name or function, such as 'relu'.
    Shapes: any; the output has the shape of the input.

    Example:
    >>> Activation("relu")([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """`activation(inputs)`."""
        return self.activation(inputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


@builtin
class ReLU(Layer):
    """`max(x, 0)`, with a slope below the threshold and a largest value if wanted.

    Args: max_value: number or None (default: no limit); negative_slope: number (default 0); threshold: number
        (default 0), below which the slope applies.
    Shapes: any; the output has the shape of the input.
    Raises: ArgumentError: an argument is negative.
    Source: Glorot, Bordes and Bengio 2011, "Deep sparse rectifier neural networks".

    Example:
    >>> ReLU(max_value=6.0)([-1.0, 2.0, 9.0]).tolist()
    [0.0, 2.0, 6.0]
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = max_value if max_value is None else number(self, "max_value", max_value, 0)
        self.negative_slope = number(self, "negative_slope", negative_slope, 0)
        self.threshold = number(self, "threshold", threshold, 0)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The rectified inputs."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


@builtin
class LeakyReLU(Layer):
    """`x` where x >= 0, else `negative_slope * x`.

    Args: negative_slope: number (default 0.3). `alpha` is its old name.
    Shapes: any; the output has the shape of the input.
    Raises: ArgumentError: negative_slope is negative or None.
    Source: Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".

    Example:
    >>> LeakyReLU(0.5)([-1.0, 2.0]).tolist()
    [-0.5, 2.0]
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:
            warnings.warn("LeakyReLU: alpha is now called negative_slope.", stacklevel=2)
            negative_slope = kwargs.pop("alpha")
        super().__init__(**kwargs)
        self.negative_slope = number(self, "negative_slope", negative_slope, 0)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The rectified inputs."""
        return activations.leaky_relu(inputs, self.negative_slope)


@builtin
class PReLU(Layer):
    """`x` where x >= 0, else `alpha * x` with alpha learned.

    Args:
        alpha_initializer: default 'zeros'.
        alpha_regularizer, alpha_constraint: default None.
        shared_axes: axes (the batch axis is 0) along which there is one alpha (default None: one for each element).

    Shapes: (batch, ...) -> the same. Weight: alpha, the input's shape without the batch axis.
    Source: He et al. 2015, arXiv:1502.01852, equation 1.

    Example:
    >>> PReLU(alpha_initializer="ones")([[-1.0, 2.0]]).tolist()
    [[-1.0, 2.0]]
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        listed = shared_axes if shared_axes is None or isinstance(shared_axes, (list, tuple)) else [shared_axes]
        self.shared_axes = None if listed is None else list(listed)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Create alpha."""
        rank = len(input_shape)
        shared = {axis % rank for axis in self.shared_axes or ()}
        shape = [1 if axis in shared else known_size(self, input_shape, axis) for axis in range(1, rank)]
        self.alpha = self.add_weight(
            shape, self.alpha_initializer, regularizer=self.alpha_regularizer, constraint=self.alpha_constraint,
            name="alpha",
        )  # fmt: skip
        own = {axis: size for axis, size in enumerate(shape, 1) if axis not in shared}
        self.input_spec = InputSpec(ndim=rank, axes=own)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The rectified inputs."""
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)


@builtin
class ELU(Layer):
    """`x` where x > 0, else `alpha * (e^x - 1)`.

    Args: alpha: number (default 1).
    Shapes: any; the output has the shape of the input.
    Source: Clevert, Unterthiner and Hochreiter 2016, arXiv:1511.07289, equation 15.

    Example:
    >>> ELU()([0.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The activated inputs."""
        return activations.elu(inputs, alpha=self.alpha)


@builtin
class Softmax(Layer):
    """`e^x / sum(e^x)` along an axis, or several together.

    Args: axis: int or list of ints (default -1).
    Shapes: any; the output has the shape of the input. `mask` (in the call): truth values of the input's shape, false
        where the probability has to be 0.
    Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".

    Example:
    >>> Softmax()([0.0, 0.0, 5.0], mask=[True, True, False]).tolist()
    [0.5, 0.5, 0.0]
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else axis
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The probabilities."""
        if mask is None:
            return self._probabilities(inputs)
        mask = ops.convert_to_tensor(mask, "bool")
        fits = len(mask.shape) <= inputs.ndim and all(
            m in (1, n) for m, n in zip(mask.shape[::-1], inputs.shape[::-1], strict=False)
        )
        if not fits:
            raise ShapeError(f"expected a mask that broadcasts to {inputs.shape}; got one of shape {mask.shape}.")
        hidden = ops.where(mask, inputs, HIDDEN_HALF if inputs.dtype == "float16" else HIDDEN)
        return ops.where(mask, self._probabilities(hidden), 0.0)

    def _probabilities(self, inputs: Any) -> Any:
        if isinstance(self.axis, list):
            return ops.exp(inputs - ops.logsumexp(inputs, self.axis, keepdims=True))
        return activations.softmax(inputs, self.axis)
