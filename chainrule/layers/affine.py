"""What normalization layers share: a learned scale (gamma) and offset (beta)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import constraints, initializers, ops, regularizers
from ..ir import NARROW
from ..ops.math import normalize_axis
from .layer import Layer


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
                name="gamma",
            )  # fmt: skip
        if self.center:
            self.beta = self.add_weight(
                shape, self.beta_initializer, regularizer=self.beta_regularizer, constraint=self.beta_constraint,
                name="beta",
            )  # fmt: skip

    def _standardized(self, x: Any, mean: Any, variance: Any, epsilon: float, shape: Sequence[int]) -> Any:
        """`(x - mean) / sqrt(variance + epsilon) * gamma + beta`, weights brought to `shape`."""
        factor = ops.rsqrt(variance + epsilon)
        if self.gamma is not None:
            factor = factor * ops.reshape(self.gamma, shape)
        y = (x - mean) * factor
        y = y if self.beta is None else y + ops.reshape(self.beta, shape)
        return ops.cast(y, self.compute_dtype) if self.compute_dtype in NARROW else y


def widened(x: Any) -> Any:
    """Floats of 16 bits as float32: sums and squares overflow early in float16, and lose digits in bfloat16."""
    return ops.cast(x, "float32") if x.type.dtype in NARROW else x


def axes_of(axis: Any, rank: int) -> list[int]:
    """Axes counted from 0, in ascending order.

    >>> axes_of((-1, 1), 3)
    [1, 2]
    """
    listed = axis if isinstance(axis, (list, tuple)) else [axis]
    return sorted({normalize_axis(a, rank) for a in listed})
