"""The base of all schedules."""

from __future__ import annotations

import numbers
from typing import Any, ClassVar

from ... import config as house
from ... import ops
from ...errors import ArgumentError, UnsupportedError


class LearningRateSchedule:
    """Base class of schedules: subclass it and write `__call__(self, step)` with `chainrule.ops`.

    `step` is the number of calls of `Optimizer.apply` so far, an integer tensor: a Python `if` on it cannot be
    recorded, use `ops.where`. Override `get_config` too, so that a model with the schedule can be saved.

    Example:
    >>> class Warmup(LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.1 * ops.minimum(ops.cast(step, "float32") / 100.0, 1.0)
    >>> float(Warmup()(50)) == float(Warmup()(ops.convert_to_tensor(50)))
    True
    """

    settings: ClassVar[tuple[str, ...]] = ()  # the arguments of our own schedules: attributes, entries of the config

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step."""
        raise UnsupportedError(f"{type(self).__name__}: override __call__(self, step), which gives the learning rate.")

    def get_config(self) -> dict[str, Any]:
        """The arguments as plain data."""
        if not self.settings:
            raise UnsupportedError(f"{type(self).__name__}: override get_config(self) so that it can be saved.")
        return {name: getattr(self, name) for name in self.settings}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LearningRateSchedule:
        """The schedule that `get_config` describes."""
        return cls(**config)


def as_float(number: Any) -> Any:
    """A step or a rate as a tensor of `floatx`."""
    return ops.cast(number, house.floatx())


def check_positive(schedule: LearningRateSchedule, name: str, value: Any) -> None:
    """Raise unless `value` is a number above 0."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool) or not float(value) > 0:
        raise ArgumentError(f"{type(schedule).__name__}: expected {name} to be a number above 0; got {name}={value!r}.")
