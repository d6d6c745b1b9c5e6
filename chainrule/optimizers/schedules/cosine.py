"""Rates that follow half a wave of the cosine."""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...serialization import builtin
from .base import LearningRateSchedule, as_float, check_positive


def half_wave(part: Any, alpha: float, height: Any = 1.0) -> Any:
    """From `height` at part 0 down to 0 at part 1 along a cosine, mixed with `alpha`."""
    return (1.0 - alpha) * (0.5 * height * (1.0 + ops.cos(math.pi * part))) + alpha


@builtin
class CosineDecay(LearningRateSchedule):
    """initial_learning_rate · ((1 - alpha) · (1 + cos(π · min(step, decay_steps) / decay_steps)) / 2 + alpha).

    With a warmup_target the rate first rises in a straight line from initial_learning_rate to warmup_target, in
    warmup_steps, and then falls from there in decay_steps more.

    Args:
        initial_learning_rate: float; the rate at step 0.
        decay_steps: a number above 0; the length of the fall.
        alpha: default 0.0; the rate at the end as a part of the rate at the top.
        name: default 'CosineDecay'.
        warmup_target: float, or None (default) for no warm-up.
        warmup_steps: default 0; the length of the warm-up.

    Raises: ArgumentError if decay_steps is not above 0.

    Source: Loshchilov and Hutter 2017, eq. 5; warm-up: Goyal et al. 2017.

    Example:
    >>> schedule = CosineDecay(0.0, 10, warmup_target=1.0, warmup_steps=4)
    >>> [round(float(schedule(step)), 4) for step in (0, 2, 4, 9, 14)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    settings = ("initial_learning_rate", "decay_steps", "alpha", "name", "warmup_target", "warmup_steps")

    def __init__(
        self, initial_learning_rate: float, decay_steps: float, alpha: float = 0.0, name: str = "CosineDecay",
        warmup_target: float | None = None, warmup_steps: float = 0,
    ) -> None:  # fmt: skip
        check_positive(self, "decay_steps", decay_steps)
        self.initial_learning_rate, self.decay_steps, self.alpha = initial_learning_rate, decay_steps, alpha
        self.name, self.warmup_target, self.warmup_steps = name, warmup_target, warmup_steps

    def __call__(self, step: Any) -> Any:
        start, step = as_float(self.initial_learning_rate), as_float(step)
        if self.warmup_target is None:
            return start * self._fall(step)
        top = as_float(self.warmup_target)
        rise = (top - start) * step / max(self.warmup_steps, 1) + start
        fall = top * self._fall(ops.maximum(step - self.warmup_steps, 0.0))
        return ops.where(step < self.warmup_steps, rise, fall)

    def _fall(self, step: Any) -> Any:
        return half_wave(ops.minimum(step, self.decay_steps) / self.decay_steps, self.alpha)


@builtin
class CosineDecayRestarts(LearningRateSchedule):
    """initial_learning_rate · ((1 - alpha) · m_mul^i · (1 + cos(π · part)) / 2 + alpha), where i counts the restarts so
    far and part is how much of the current period is over.

    Period i has first_decay_steps · t_mul^i steps, so that it starts at
    first_decay_steps · (t_mul^i - 1) / (t_mul - 1), or first_decay_steps · i if t_mul is 1.

    Args:
        initial_learning_rate: float; the rate at step 0.
        first_decay_steps: a number above 0; the length of the first period.
        t_mul: default 2.0; how much longer each period is than the one before.
        m_mul: default 1.0; how much higher each period starts than the one before.
        alpha: default 0.0; the rate at the end of a period as a part of initial_learning_rate.
        name: default 'SGDRDecay'.

    Raises: ArgumentError if first_decay_steps or t_mul is not above 0.

    Source: Loshchilov and Hutter 2017 (SGDR), eq. 5.

    Example:
    >>> schedule = CosineDecayRestarts(1.0, 10)
    >>> [round(float(schedule(step)), 4) for step in (0, 5, 10, 20, 30)]
    [1.0, 0.5, 1.0, 0.5, 1.0]
    """

    settings = ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha", "name")

    def __init__(
        self, initial_learning_rate: float, first_decay_steps: float, t_mul: float = 2.0, m_mul: float = 1.0,
        alpha: float = 0.0, name: str = "SGDRDecay",
    ) -> None:  # fmt: skip
        check_positive(self, "first_decay_steps", first_decay_steps)
        check_positive(self, "t_mul", t_mul)
        self.initial_learning_rate, self.first_decay_steps = initial_learning_rate, first_decay_steps
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step: Any) -> Any:
        restarts, part = self._position(as_float(step) / self.first_decay_steps)
        return self.initial_learning_rate * half_wave(part, self.alpha, ops.power(self.m_mul, restarts))

    def _position(self, periods: Any) -> tuple[Any, Any]:
        """(restarts so far, part of the current period) after so many first periods."""
        if self.t_mul == 1:
            restarts = ops.floor(periods)
            return restarts, periods - restarts
        restarts = ops.floor(ops.log(1.0 - periods * (1.0 - self.t_mul)) / math.log(self.t_mul))
        begun = (1.0 - ops.power(self.t_mul, restarts)) / (1.0 - self.t_mul)
        return restarts, (periods - begun) / ops.power(self.t_mul, restarts)
