"""Learning rates that change with the number of steps.

A schedule is called with the step, a Python number or an integer tensor, and returns the rate as a tensor of `floatx`.
Its formula can be recorded, so that the rate is computed inside the training program.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...serialization import deserialize_keras_object, serialize_keras_object
from .base import LearningRateSchedule
from .cosine import CosineDecay, CosineDecayRestarts
from .decay import ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """A schedule as plain data."""
    data: dict[str, Any] = serialize_keras_object(learning_rate_schedule)
    return data


def deserialize(config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> LearningRateSchedule:
    """The schedule behind plain data.

    >>> deserialize(serialize(ExponentialDecay(0.1, 10, 0.5))).decay_steps
    10
    """
    schedule: LearningRateSchedule = deserialize_keras_object(config, custom_objects)
    return schedule


__all__ = [
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay", "LearningRateSchedule",
    "PiecewiseConstantDecay", "PolynomialDecay", "deserialize", "serialize",
]  # fmt: skip
