"""Batch renormalization: a batch is normalized with its own statistics, and then corrected towards the moving ones."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..errors import ArgumentError
from .affine import Affine
from .checks import label

_LIMITS = ("rmax", "rmin", "dmax")


def checked_clipping(layer: Any, clipping: Any) -> dict[str, float]:
    """The limits of the corrections.

    Raises: ArgumentError: another key than 'rmax', 'rmin', 'dmax', or limits that contradict.
    """
    clipping = dict(clipping or {})
    if set(clipping) - set(_LIMITS):
        raise ArgumentError(f"{label(layer)}: expected renorm_clipping with the keys {_LIMITS}; got {clipping}.")
    least, most, shift = clipping.get("rmin"), clipping.get("rmax"), clipping.get("dmax")
    if (least is not None and most is not None and most < least) or (shift is not None and shift < 0):
        raise ArgumentError(f"{label(layer)}: expected rmin <= rmax and dmax >= 0 in renorm_clipping; got {clipping}.")
    return clipping


class Renormalizing(Affine):
    """The part of `BatchNormalization` with `renorm=True`.

    Source: Ioffe 2017, "Batch renormalization", arXiv:1702.03275, algorithm 1.
    """

    momentum: float
    epsilon: float
    renorm_momentum: float
    renorm_clipping: Any
    moving_mean: Any
    moving_variance: Any

    def _add_renorm(self, size: int, mean_initializer: Any, variance_initializer: Any) -> None:
        """The moving deviation, and the statistics that batches are corrected towards."""

        def deviation(shape: Any, dtype: Any = None) -> Any:
            return ops.sqrt(variance_initializer(shape, dtype=dtype))

        made = {"moving_stddev": deviation, "renorm_mean": mean_initializer, "renorm_stddev": deviation}
        for name, initializer in made.items():
            setattr(self, name, self.add_weight((size,), initializer, trainable=False, autocast=False, name=name))

    def _corrected(self, mean: Any, variance: Any, shape: list[int]) -> tuple[Any, Any]:
        """Mean and variance with which `(x - mean) / deviation` is `(x - batch mean) / batch deviation * r + d`."""
        deviation = ops.sqrt(variance + self.epsilon)
        kept = ops.maximum(ops.reshape(self.renorm_stddev, shape), self.epsilon**0.5)
        r = ops.stop_gradient(ops.divide(deviation, kept))
        d = ops.stop_gradient(ops.divide(mean - ops.reshape(self.renorm_mean, shape), kept))
        limits = self.renorm_clipping
        r = r if limits.get("rmin") is None else ops.maximum(r, limits["rmin"])
        r = r if limits.get("rmax") is None else ops.minimum(r, limits["rmax"])
        d = d if limits.get("dmax") is None else ops.clip(d, -limits["dmax"], limits["dmax"])
        scaled = deviation / r
        return mean - d * scaled, ops.square(scaled) - self.epsilon

    def _follow_renorm(self, mean: Any, variance: Any) -> None:
        """All moving statistics go on: the moving variance is what the moving deviation says."""
        deviation = ops.sqrt(variance + self.epsilon)
        self._follow(self.renorm_mean, mean, self.renorm_momentum)
        self._follow(self.renorm_stddev, deviation, self.renorm_momentum)
        self._follow(self.moving_mean, mean, self.momentum)
        self._follow(self.moving_stddev, deviation, self.momentum)
        self.moving_variance.assign(ops.relu(ops.square(self.moving_stddev.value) - self.epsilon))

    def _follow(self, moving: Any, found: Any, momentum: float) -> None:
        found = ops.reshape(ops.stop_gradient(found), moving.shape)
        moving.assign(moving * momentum + found * (1.0 - momentum))
