"""Normalization of each row by itself: nothing depends on the other rows of the batch."""

from __future__ import annotations

from typing import Any

from .. import initializers, ops
from ..errors import ArgumentError, ShapeError
from ..serialization import builtin
from .affine import Affine, axes_of, kept_axes, spec_of, widened
from .checks import known_size, label, number
from .layer import Layer
from .spec import InputSpec


@builtin
class LayerNormalization(Affine):
    """Brings each row to mean 0 and variance 1 along axes, then scales and shifts it by learned weights.

    Args:
        axis: int or list of ints (default -1).
        epsilon: added to the variance (default 0.001).
        center, scale: whether beta is added, gamma multiplied (default True).
        beta_initializer, gamma_initializer: default 'zeros', 'ones'.
        beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: default None.
        rms_scaling: older scripts: divide by the deviation, without taking the mean away, and multiply by gamma alone
            (default False; `RMSNormalization` divides by the root of the mean of the squares).

    Shapes: (batch, ...) -> the same. Weights: gamma, beta, of the sizes of the axes.
    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450, equation 4.

    Example:
    >>> LayerNormalization(epsilon=0.0)([[1.0, 3.0]]).tolist()
    [[-1.0, 1.0]]
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        self.rms_scaling = bool(kwargs.pop("rms_scaling", False))
        super().__init__(**kwargs)
        self.axis = kept_axes(self, axis)
        self.epsilon = number(self, "epsilon", epsilon, 0)
        self._keep_affine(
            center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
            gamma_constraint,
        )  # fmt: skip
        self.autocast = False  # what float16 cannot hold may come in: it is float32 that is normalized
        if self.rms_scaling:
            self.center, self.scale = False, True

    def build(self, input_shape: Any) -> None:
        """Create gamma and beta."""
        axes = axes_of(self.axis, len(input_shape))
        sizes = {axis: known_size(self, input_shape, axis) for axis in axes}
        self._add_affine(list(sizes.values()))
        self.input_spec = spec_of(self.axis, input_shape)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The inputs, normalized."""
        inputs, axes = widened(inputs), axes_of(self.axis, inputs.ndim)
        shape = [n if a in axes else 1 for a, n in enumerate(inputs.shape)]
        mean, variance = ops.moments(inputs, axes, keepdims=True)
        mean = 0.0 if self.rms_scaling else mean
        return self._standardized(inputs, mean, variance, self.epsilon, shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {**super().get_config(), "rms_scaling": self.rms_scaling}


@builtin
class GroupNormalization(Affine):
    """Brings groups of channels to mean 0 and variance 1, each row by itself, then scales and shifts each channel.

    Args:
        groups: int, a divisor of the number of channels (default 32); -1: one group a channel.
        axis: int, the channels (default -1).
        epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer,
            beta_constraint, gamma_constraint: as for `LayerNormalization`.

    Shapes: (batch, ..., channels) -> the same. Weights: gamma, beta, each (channels,).
    Raises: ShapeError: the groups do not divide the channels.
    Source: Wu and He 2018, arXiv:1803.08494, equation 7.

    Example:
    >>> GroupNormalization(groups=2, epsilon=0.0)([[1.0, 3.0, 10.0, 30.0]]).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(groups, int) or (groups < 1 and groups != -1):
            raise ArgumentError(f"{label(self)}: expected groups to be a positive integer or -1; got {groups!r}.")
        self.groups, self.axis = groups, axis
        self.epsilon = number(self, "epsilon", epsilon, 0)
        self._keep_affine(
            center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
            gamma_constraint,
        )  # fmt: skip
        self.autocast = False  # what float16 cannot hold may come in: it is float32 that is normalized

    def build(self, input_shape: Any) -> None:
        """Create gamma and beta."""
        size = known_size(self, input_shape, self.axis)
        if self.groups != -1 and size % self.groups:
            raise ShapeError(
                f"expected a number of channels divisible by groups={self.groups}; got {size} in shape "
                f"{tuple(input_shape)}."
            )
        self._add_affine((size,))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size})
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The inputs, normalized."""
        inputs, axis = widened(inputs), self.axis % inputs.ndim
        size = inputs.shape[axis]
        groups = size if self.groups == -1 else self.groups
        split = ops.reshape(inputs, (*inputs.shape[:axis], groups, size // groups, *inputs.shape[axis + 1 :]))
        mean, variance = ops.moments(split, [a for a in range(1, split.ndim) if a != axis], keepdims=True)
        shape = [1] * split.ndim
        shape[axis : axis + 2] = [groups, size // groups]
        return ops.reshape(self._standardized(split, mean, variance, self.epsilon, shape), inputs.shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return tuple(input_shape)


@builtin
class RMSNormalization(Layer):
    """Divides each row by its root mean square along axes and multiplies it by a learned scale.

    Args: axis: int or list of ints (default -1); epsilon: added to the mean square (default 1e-6).
    Shapes: (batch, ...) -> the same. Weight: scale, of the sizes of the axes.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467, equation 4.

    Example:
    >>> RMSNormalization(epsilon=0.0)([[3.0, -3.0]]).tolist()
    [[1.0, -1.0]]
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = kept_axes(self, axis)
        self.epsilon = number(self, "epsilon", epsilon, 0)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Create the scale."""
        axes = axes_of(self.axis, len(input_shape))
        sizes = {axis: known_size(self, input_shape, axis) for axis in axes}
        self.scale = self.add_weight(list(sizes.values()), initializers.get("ones"), name="scale")
        self.input_spec = spec_of(self.axis, input_shape)
        self.built = True

    def call(self, x: Any) -> Any:
        """The inputs, normalized."""
        axes = axes_of(self.axis, x.ndim)
        shape = [n if a in axes else 1 for a, n in enumerate(x.shape)]
        return x * ops.rsqrt(ops.mean(x * x, axes, keepdims=True) + self.epsilon) * ops.reshape(self.scale, shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return tuple(input_shape)


@builtin
class UnitNormalization(Layer):
    """Divides each row by its Euclidean norm along axes; a row of zeros stays.

    Args: axis: int or list of ints (default -1).
    Shapes: any; the output has the shape of the input.

    Example:
    >>> UnitNormalization()([[3.0, 4.0], [0.0, 0.0]]).numpy().round(3).tolist()
    [[0.6..., 0.8...], [0.0, 0.0]]
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = kept_axes(self, axis)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The inputs, normalized."""
        return ops.normalize(inputs, self.axis, order=2, epsilon=1e-12)
