"""The same update again, outside any recording: as one compiled Program instead of operation by operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ir import is_tracing
from ..variables import Variable, is_scoped
from .schedules import LearningRateSchedule

if TYPE_CHECKING:
    from ..transforms import CompiledFunction
    from .base import Optimizer

_PATIENCE = 3  # updates that are made operation by operation before one is compiled
_MOST = 16  # kinds of updates that are kept


class Repeated:
    """The updates that an optimizer has made in a training loop written by hand, by what they depend on.

    Only what chainrule itself defines is compiled: Python code of a user's may do something else in each call.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self._met: dict[Any, int] = {}
        self._compiled: dict[Any, tuple[Any, CompiledFunction]] = {}

    def apply(self, gradients: list[Any], variables: list[Variable]) -> bool:
        """Make the update if it was made often enough before. Returns: whether it is done."""
        if is_tracing() or is_scoped() or not self._is_own(variables):
            return False
        key = (self._settings(), tuple([(id(v), g.type.dtype) for g, v in zip(gradients, variables, strict=True)]))
        if key not in self._compiled:
            if len(self._met) >= _MOST:
                self._met.clear()
                self._compiled.clear()
            self._met[key] = self._met.get(key, 0) + 1
            if self._met[key] <= _PATIENCE:
                return False
            from ..transforms import CompiledFunction

            held = list(variables)
            update = CompiledFunction(lambda given: self.optimizer.apply_paired(given, held))
            kept = (held, self.optimizer._learning_rate, self.optimizer._not_decayed)  # so that no other gets their ids
            self._compiled[key] = kept, update
        self._compiled[key][1](gradients)
        return True

    def _is_own(self, variables: list[Variable]) -> bool:
        rate = self.optimizer._learning_rate
        parts = [self.optimizer, *[v.constraint for v in variables if v.constraint is not None]]
        if not isinstance(rate, Variable):
            parts.append(rate)
        return all(type(part).__module__.startswith("chainrule.") for part in parts)

    def _settings(self) -> Any:
        optimizer = self.optimizer
        rate = optimizer._learning_rate
        spared, pattern = optimizer._not_decayed
        own = _plain(vars(rate)) if isinstance(rate, LearningRateSchedule) else None
        return _plain(vars(optimizer)), id(rate), own, tuple([id(v) for v in spared]), pattern


def _plain(attributes: dict[str, Any]) -> Any:
    """Numbers, texts and switches, which may be changed between updates."""
    return tuple([(k, value) for k, value in attributes.items() if isinstance(value, (int, float, str, type(None)))])


__all__ = ["Repeated"]
