"""Rates that fall by a power, a hyperbola, a polynomial, or in steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ... import ops
from ...errors import ArgumentError
from ...serialization import builtin
from .base import LearningRateSchedule, as_float, check_positive


@builtin
class ExponentialDecay(LearningRateSchedule):
    """initial_learning_rate · decay_rate ^ (step / decay_steps).

    Args:
        initial_learning_rate: float; the rate at step 0.
        decay_steps: a number above 0; after so many steps the rate is multiplied by decay_rate.
        decay_rate: float; the factor.
        staircase: default False; True rounds the exponent down, so that the rate falls in jumps.
        name: default 'ExponentialDecay'.

    Raises: ArgumentError if decay_steps is not above 0.

    Example:
    >>> float(ExponentialDecay(1.0, 10, 0.5)(20))
    0.25
    """

    settings = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(
        self, initial_learning_rate: float, decay_steps: float, decay_rate: float, staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:  # fmt: skip
        check_positive(self, "decay_steps", decay_steps)
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: Any) -> Any:
        periods = as_float(step) / self.decay_steps
        if self.staircase:
            periods = ops.floor(periods)
        return self.initial_learning_rate * ops.power(self.decay_rate, periods)


@builtin
class InverseTimeDecay(LearningRateSchedule):
    """initial_learning_rate / (1 + decay_rate · step / decay_steps).

    Args:
        initial_learning_rate: float; the rate at step 0.
        decay_steps: a number above 0; how often decay_rate counts.
        decay_rate: float; how fast the rate falls.
        staircase: default False; True rounds step / decay_steps down, so that the rate falls in jumps.
        name: default 'InverseTimeDecay'.

    Raises: ArgumentError if decay_steps is not above 0.

    Source: Robbins and Monro 1951 (steps that sum to infinity while their squares do not).

    Example:
    >>> float(InverseTimeDecay(1.0, 10, 1.0)(10))
    0.5
    """

    settings = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(
        self, initial_learning_rate: float, decay_steps: float, decay_rate: float, staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:  # fmt: skip
        check_positive(self, "decay_steps", decay_steps)
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: Any) -> Any:
        periods = as_float(step) / self.decay_steps
        if self.staircase:
            periods = ops.floor(periods)
        return self.initial_learning_rate / (1.0 + self.decay_rate * periods)


@builtin
class PolynomialDecay(LearningRateSchedule):
    """(initial_learning_rate - end_learning_rate) · (1 - min(step, decay_steps) / decay_steps) ^ power
    + end_learning_rate.

    Args:
        initial_learning_rate: float; the rate at step 0.
        decay_steps: a number above 0; the step at which end_learning_rate is reached.
        end_learning_rate: default 0.0001; the rate from then on.
        power: default 1.0, a straight line.
        cycle: default False; True starts again whenever the end is reached, over decay_steps · ceil(step / decay_steps)
            steps in all.
        name: default 'PolynomialDecay'.

    Raises: ArgumentError if decay_steps is not above 0.

    Example:
    >>> float(PolynomialDecay(1.0, 10, end_learning_rate=0.0)(5))
    0.5
    """

    settings = ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle", "name")

    def __init__(
        self, initial_learning_rate: float, decay_steps: float, end_learning_rate: float = 0.0001, power: float = 1.0,
        cycle: bool = False, name: str = "PolynomialDecay",
    ) -> None:  # fmt: skip
        check_positive(self, "decay_steps", decay_steps)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.end_learning_rate, self.power, self.cycle, self.name = end_learning_rate, power, cycle, name

    def __call__(self, step: Any) -> Any:
        step, steps = as_float(step), as_float(self.decay_steps)
        if self.cycle:
            steps = steps * ops.maximum(ops.ceil(step / steps), 1.0)
        left = 1.0 - ops.minimum(step, steps) / steps
        start, end = as_float(self.initial_learning_rate), self.end_learning_rate
        return (start - end) * left**self.power + end


@builtin
class PiecewiseConstantDecay(LearningRateSchedule):
    """values[i], where i is the number of boundaries below the step.

    Args:
        boundaries: steps in rising order; each is the last step of its rate.
        values: rates, one more than boundaries.
        name: default 'PiecewiseConstant'.

    Raises: ArgumentError if the lengths do not fit, or the boundaries do not rise.

    Example:
    >>> schedule = PiecewiseConstantDecay([100, 200], [1.0, 0.5, 0.25])
    >>> float(schedule(100)), float(schedule(101)), float(schedule(300))
    (1.0, 0.5, 0.25)
    """

    settings = ("boundaries", "values", "name")

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1:
            raise ArgumentError(
                "PiecewiseConstantDecay: expected one more value than boundaries; "
                f"got {len(boundaries)} boundaries and {len(values)} values."
            )
        if list(boundaries) != sorted(boundaries):
            raise ArgumentError(f"PiecewiseConstantDecay: expected boundaries that rise; got {list(boundaries)}.")
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: Any) -> Any:
        rate = as_float(self.values[-1])
        for boundary, value in reversed(list(zip(self.boundaries, self.values[:-1], strict=True))):
            # steps are whole, so the comparison is exact in integers however large they are
            rate = ops.where(ops.less_equal(step, math.floor(boundary)), as_float(value), rate)
        return rate
