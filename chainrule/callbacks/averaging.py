"""`SwapEMAWeights`: evaluation with the averages that the optimizer keeps of the weights."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError
from ..ir import Tensor
from ..serialization import builtin
from ..variables import Variable
from .callback import Callback


@builtin
class SwapEMAWeights(Callback):
    """Let validation, evaluation and saving see the moving averages of the weights, and training the weights.

    During a validation (or evaluation, prediction) the averages stand in for the weights. It needs an
    optimizer with `use_ema=True`.

    Args: swap_on_epoch: show them from the end of an epoch until the next begins, so that a `ModelCheckpoint` after
        this callback saves the averages (default False: only while validating).

    Raises: ArgumentError: the optimizer keeps no averages.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._kept: list[tuple[Variable, Tensor]] = []  # the weights, while the averages are shown

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Train with the weights."""
        self._hide()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the averages to what comes after."""
        if self.swap_on_epoch:
            self._show()

    def on_test_begin(self, logs: Any = None) -> None:
        """Evaluate with the averages."""
        self._show()

    def on_test_end(self, logs: Any = None) -> None:
        """Back to the weights."""
        self._hide()

    def on_predict_begin(self, logs: Any = None) -> None:
        """Predict with the averages."""
        self._show()

    def on_predict_end(self, logs: Any = None) -> None:
        """Back to the weights."""
        self._hide()

    def on_train_end(self, logs: Any = None) -> None:
        """Nothing to change back: the end of `fit` has put the averages into the weights."""
        self._kept = []

    def _show(self) -> None:
        """Let the variables be their averages."""
        whole = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        found = [o for o in getattr(whole, "optimizers", [whole]) if getattr(o, "use_ema", False)]
        if not found:
            raise ArgumentError("SwapEMAWeights: expected an optimizer with use_ema=True; this one keeps no averages.")
        if self._kept or not whole.built:
            return  # they are; or nothing was trained yet, and both are the same
        for optimizer in found:
            for variable in optimizer._trainable_variables:
                self._kept.append((variable, variable._value))
                variable._value = optimizer.slots(variable, "average")._value

    def _hide(self) -> None:
        """Let the variables be themselves again."""
        for variable, value in self._kept:
            variable._value = value
        self._kept = []
