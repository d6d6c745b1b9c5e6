"""When the loss or the weights stop being finite numbers: which batch, which equation, which layer."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..ir import Tensor, kind_of
from ..ir.tree import flatten
from ..variables import Variable
from .data import ArrayData

ADVICE = " A smaller learning rate, scaled inputs, or callbacks.TerminateOnNaN() may help."


class Guard:
    """Watches one call of `fit`. Holds the state from before an epoch, so that the epoch can be gone over again."""

    def __init__(self, model: Any, callbacks: Any) -> None:
        self.model, self.callbacks = model, callbacks
        self.trained: list[Variable] = model._trained()
        self.said = False
        self.before = self._state()

    def begin(self) -> None:
        """An epoch (or a batch of a stream) begins: remember the state. Nothing is copied."""
        self.before = self._state()

    def _state(self) -> tuple[list[Variable], list[Tensor]]:
        state = self.model._engine.state("train")
        return state, [v._value for v in state]

    def _restore(self, before: tuple[list[Variable], list[Tensor]]) -> None:
        for variable, tensor in zip(*before, strict=True):
            variable._value = tensor

    def is_finite(self) -> bool:
        """Whether loss and weights are finite numbers."""
        watched = (self.model._loss_tracker.total, *self.trained)
        return all(is_finite(v._value.numpy()) for v in watched)

    def is_content(self) -> bool:
        """Whether there is nothing to say: all is well, or it was said already."""
        return self.said or self.is_finite()

    def check(
        self, data: ArrayData, order: np.ndarray, batch: int, epoch: int, first: int = 0, told: bool = False
    ) -> bool:
        """After rows were trained on and the numbers went bad: say why.

        Args:
            order: the rows in the order of training; batch: rows a step; first: the number of the first batch.
            told: whether the callbacks have seen each batch. If not, they are told of the first batch with a bad
                loss, and if one stops training there, the model stays as it is after that batch.

        Returns: whether it does.
        """
        self.said, after = True, self._state()
        loss = float(self.model._loss_tracker.result())
        number, cause = (0, bad_inputs(data, order)) if data.is_whole else self._replay(data, order, batch)
        what = f"the loss became {loss}" if not np.isfinite(loss) else "the weights stopped being finite numbers"
        place = f" in epoch {epoch + 1}, batch {first + number + 1}"
        warnings.warn(what + place + (f": {cause}." if cause else ".") + ADVICE, stacklevel=6)
        if not told and not np.isfinite(self.model._loss_tracker.result()):
            self.callbacks.on_train_batch_end(first + number, self.model._logs())
        if self.model.stop_training and not told:
            return True
        self._restore(after)
        return False

    def _replay(self, data: ArrayData, order: np.ndarray, batch: int) -> tuple[int, str]:
        """Batch by batch from the state before, up to the first bad one: its number, and the cause in words.

        The model is left as it is after that batch.
        """
        engine, arrays = self.model._engine, [a for a in flatten(data.parts) if a is not None]
        self._restore(self.before)
        cause = self._bad_weights()
        number = 0
        for number, start in enumerate(range(0, len(order), batch)):
            index = order[start : start + batch].astype(np.int32)
            inputs = [*(v._value.numpy() for v in engine.state("train")), *arrays, index[None, :]]
            for _ in engine.run_pieces("train", data.parts, index, batch, 1):
                pass
            if not self.is_finite():
                cause = cause or bad_inputs(data, index)
                if not cause and not self.model.run_eagerly:
                    cause = engine.piece("train", data.parts, (1, len(index))).blame(inputs)
                return number, cause
        return number, cause

    def _bad_weights(self) -> str:
        for variable in self.trained:
            if not is_finite(variable._value.numpy()):
                return f"the weight {variable.path!r} was not finite before it"
        return ""


def is_finite(array: np.ndarray) -> bool:
    """Whether all numbers of an array are finite.

    >>> is_finite(np.zeros(2)), is_finite(np.array(np.nan))
    (True, False)
    """
    return bool(np.count_nonzero(np.isfinite(array)) == array.size)  # quicker than `.all()` on a few numbers


def bad_inputs(data: ArrayData, rows: np.ndarray) -> str:
    """Which number of the data is NaN or infinite in these rows, in words; "" if none."""
    for name, array in data.named():
        if kind_of(array.dtype) != "f":
            continue
        bad = np.argwhere(~np.isfinite(array[rows]))
        if len(bad):
            place = ", ".join(str(i) for i in (rows[bad[0][0]], *bad[0][1:]))
            count = int((~np.isfinite(array)).sum())
            value = array[(rows[bad[0][0]], *bad[0][1:])]
            more = f" (one of {count} such values)" if count > 1 else ""
            return f"{name}[{place}] is {value}{more}; clean the data first"
    return ""
