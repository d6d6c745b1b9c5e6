"""The same prediction again: straight to the compiled Program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import config
from ..ir.tree import map_structure
from ..variables import structure_version
from .stateful import Compiled

_MOST = 256  # shapes that are kept


class Again:
    """Predictions that were made before, by shape, dtype and batch size.

    Everything was checked the first time, and holds as long as no layer has changed in structure and no setting.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self._known: dict[Any, tuple[Any, Compiled, Callable[[np.ndarray], Any]]] = {}

    def find(self, x: Any, batch: Any) -> Callable[[np.ndarray], Any] | None:
        """What gives the outputs for `x`; None if this is no repetition."""
        if type(x) is not np.ndarray or not (batch is None or type(batch) is int):
            return None
        known = self._known.get((x.shape, x.dtype, batch))
        return known[2] if known is not None and known[0] == self._settings() else None

    def remember(self, x: Any, batch: Any, dtype: np.dtype[Any], compiled: Compiled) -> None:
        """That the outputs for `x`, converted to `dtype`, are what one call of a Program gives."""
        if type(x) is np.ndarray:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[x.shape, x.dtype, batch] = (self._settings(), compiled, _prediction(compiled, dtype))

    def forget(self, compiled: Compiled) -> None:
        """Let go of a Program."""
        self._known = {key: known for key, known in self._known.items() if known[1] is not compiled}

    def _settings(self) -> Any:
        model = self.model
        return structure_version(), config.compilation(), config.floatx(), model.run_eagerly, model.stop_predicting


def _prediction(compiled: Compiled, dtype: np.dtype[Any]) -> Callable[[np.ndarray], Any]:
    """A function from an array to the outputs, which are new arrays."""

    def predict(x: np.ndarray) -> Any:
        found = compiled([x if x.dtype == dtype else x.astype(dtype)], _unseen)
        return found.copy() if type(found) is np.ndarray else map_structure(np.array, found)

    return predict


def _unseen(done: int) -> None:
    """Watches a run, so that Ctrl-C can end it, and shows nothing."""
