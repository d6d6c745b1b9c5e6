"""Batch normalization."""

from __future__ import annotations

from typing import Any

from .. import config, initializers, ops
from ..serialization import builtin
from .affine import widened
from .checks import known_size, number
from .renormalization import Renormalizing, checked_clipping
from .spec import InputSpec


@builtin
class BatchNormalization(Renormalizing):
    """Brings each channel to mean 0 and variance 1, then scales and shifts it by learned weights.

    In training the mean and the variance are those of the batch, and the moving ones follow them:
    `moving = momentum * moving + (1 - momentum) * batch`. Otherwise, and while `trainable` is False, the moving ones
    are used and stay as they are.

    Args:
        axis: int, the channels (default -1).
        momentum: number from 0 to 1 (default 0.99).
        epsilon: added to the variance (default 0.001).
        center, scale: whether beta is added, gamma multiplied (default True).
        beta_initializer, gamma_initializer: default 'zeros', 'ones'.
        moving_mean_initializer, moving_variance_initializer: default 'zeros', 'ones'.
        beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: default None.
        synchronized: whether processes share their statistics; accepted, there is one process (default False).
        renorm: correct a batch towards statistics that move with `renorm_momentum` (default False, 0.99), so that
            small batches do not matter; renorm_clipping: limits of the correction, `{"rmin":, "rmax":, "dmax":}`.

    Shapes: (batch, ..., channels) -> the same. Weights: gamma, beta, moving_mean, moving_variance, each (channels,).
        `mask` (in the call): truth values of the leading axes; what they hide does not count.
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2.

    Example:
    >>> layer = BatchNormalization(momentum=0.5, epsilon=0.0)
    >>> layer([[1.0], [3.0]], training=True).tolist(), layer.moving_mean.numpy().tolist()
    ([[-1.0], [1.0]], [1.0])
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = int(axis[0]) if isinstance(axis, (list, tuple)) else int(axis)
        self.momentum = number(self, "momentum", momentum, 0, 1)
        self.epsilon = number(self, "epsilon", epsilon, 0)
        self._keep_affine(
            center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
            gamma_constraint,
        )  # fmt: skip
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.synchronized = synchronized
        self.renorm, self.renorm_momentum = renorm, number(self, "renorm_momentum", renorm_momentum, 0, 1)
        self.renorm_clipping = checked_clipping(self, renorm_clipping) if renorm else renorm_clipping

    def build(self, input_shape: Any) -> None:
        """Create gamma, beta and the moving statistics."""
        size = known_size(self, input_shape, self.axis)
        self._add_affine((size,))
        self.moving_mean = self.add_weight(
            (size,), self.moving_mean_initializer, trainable=False, autocast=False, name="moving_mean"
        )
        self.moving_variance = self.add_weight(
            (size,), self.moving_variance_initializer, trainable=False, autocast=False, name="moving_variance"
        )
        if self.renorm:
            self._add_renorm(size, self.moving_mean_initializer, self.moving_variance_initializer)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size})
        self.built = True

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The inputs, normalized."""
        inputs, shape = widened(inputs), [1] * inputs.ndim
        shape[self.axis] = inputs.shape[self.axis]
        if not (training and self.trainable):
            moving = ops.reshape(self.moving_mean, shape), ops.reshape(self.moving_variance, shape)
            return self._standardized(inputs, *moving, self.epsilon, shape)
        mean, variance = self._moments(inputs, mask)
        used = self._corrected(mean, variance, shape) if self.renorm else (mean, variance)
        if self.renorm:
            self._follow_renorm(mean, variance)
        else:
            self._follow(self.moving_mean, mean, self.momentum)
            self._follow(self.moving_variance, variance, self.momentum)
        return self._standardized(inputs, *used, self.epsilon, shape)

    def _moments(self, x: Any, mask: Any) -> tuple[Any, Any]:
        """Mean and variance over all axes but the channels, masked elements left out."""
        axes = [a for a in range(x.ndim) if a != self.axis % x.ndim]
        if mask is None:
            return ops.moments(x, axes, keepdims=True)
        mask = ops.cast(mask, x.dtype)
        weight = ops.broadcast_to(ops.expand_dims(mask, list(range(mask.ndim, x.ndim))), x.shape)
        count = ops.maximum(ops.sum(weight, axes, keepdims=True), config.epsilon())
        mean = ops.sum(weight * x, axes, keepdims=True) / count
        return mean, ops.sum(weight * (x - mean) * (x - mean), axes, keepdims=True) / count

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return tuple(input_shape)
