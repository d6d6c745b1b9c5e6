"""What normalization layers share: a learned scale (gamma) and offset (beta)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import constraints, initializers, ops, regularizers
from ..errors import DTypeError
from ..ops.math import normalize_axis
from .checks import label
from .layer import Layer
from .spec import InputSpec


class Affine(Layer):
    """Base of layers that end in `x * gamma + beta`. A subclass calls `_keep_affine` and `_add_affine`."""

    def _keep_affine(
        self, center: bool, scale: bool, beta_initializer: Any, gamma_initializer: Any, beta_regularizer: Any,
        gamma_regularizer: Any, beta_constraint: Any, gamma_constraint: Any,
    ) -> None:  # fmt: skip
        self.center, self.scale = center, scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.supports_masking = True

    def _add_affine(self, shape: Sequence[int]) -> None:
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                shape, self.gamma_initializer, regularizer=self.gamma_regularizer, constraint=self.gamma_constraint,
                autocast=False, name="gamma",
            )  # fmt: skip
        if self.center:
            self.beta = self.add_weight(
                shape, self.beta_initializer, regularizer=self.beta_regularizer, constraint=self.beta_constraint,
                autocast=False, name="beta",
            )  # fmt: skip

    def _standardized(self, x: Any, mean: Any, variance: Any, epsilon: float, shape: Sequence[int]) -> Any:
        """`(x - mean) / sqrt(variance + epsilon) * gamma + beta`, weights brought to `shape`."""
        factor = ops.rsqrt(variance + epsilon)
        if self.gamma is not None:
            factor = factor * ops.reshape(self.gamma, shape)
        y = (x - mean) * factor
        y = y if self.beta is None else y + ops.reshape(self.beta, shape)
        return ops.cast(y, self.compute_dtype)


def widened(x: Any) -> Any:
    """At least float32: sums and squares overflow early in float16, and lose digits in bfloat16."""
    return x if x.type.dtype in ("float32", "float64") else ops.cast(x, "float32")


def axes_of(axis: Any, rank: int) -> list[int]:
    """Axes counted from 0, in ascending order.

    >>> axes_of((-1, 1), 3)
    [1, 2]
    """
    listed = axis if isinstance(axis, (list, tuple)) else [axis]
    return sorted({normalize_axis(a, rank) for a in listed})


def kept_axes(layer: Layer, axis: Any) -> Any:
    """The axis, or a list of them; raises `DTypeError` unless they are integers."""
    listed = axis if isinstance(axis, (list, tuple)) else [axis]
    if not all(isinstance(a, int) for a in listed):
        raise DTypeError(f"{label(layer)}: expected axis to be an integer or a list of integers; got {axis!r}.")
    return list(axis) if isinstance(axis, (list, tuple)) else axis


def spec_of(axis: Any, shape: Sequence[int | None]) -> InputSpec:
    """What inputs must be: of the sizes of a shape on these axes, counted from the end where they were."""
    listed = axis if isinstance(axis, (list, tuple)) else [axis]
    least = max(-a if a < 0 else a + 1 for a in listed)
    return InputSpec(min_ndim=least, axes={a: shape[a] for a in listed})
