"""Names of Keras 2 that scripts still import, and that are more than another spelling."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..layers import Layer


class Reduction:
    """What a loss does with the values of the samples: names for its argument `reduction`.

    >>> Reduction.SUM, Reduction.AUTO
    ('sum', 'sum_over_batch_size')
    """

    AUTO = "sum_over_batch_size"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


class ThresholdedReLU(Layer):
    """x where x > theta, else 0.

    Args: theta: the threshold (default 1.0).

    >>> ThresholdedReLU(0.5)([0.4, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.theta, self.supports_masking = float(theta), True

    def call(self, x: Any) -> Any:
        """The values above the threshold."""
        return ops.where(x > self.theta, x, ops.zeros_like(x))

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {**super().get_config(), "theta": self.theta}


__all__ = ["Reduction", "ThresholdedReLU"]
