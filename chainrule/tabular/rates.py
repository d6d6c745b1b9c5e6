"""A learning rate that comes and goes, and the range in which a learning rate works."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import callbacks, ops
from ..optimizers.schedules import LearningRateSchedule
from ..serialization import builtin

_SLOWEST, _FASTEST = 1e-6, 1.0
_SMOOTHED = 0.9
_EARLY = 0.2  # the part of the steps in which nothing is judged
_LOST = 4.0  # a loss so many times the lowest one ends the search


@builtin
class FourWaves(LearningRateSchedule):
    """rate * (1 - cos(2 pi log2(1 + 15 t))) / 2, t from 0 to 1: four waves, each twice as long as the one before.

    Args:
        rate: float. The height of the waves.
        steps: number above 0. When t is 1; from then on the rate is 0.

    Source: Holzmueller, Grinsztajn, Steinwart 2024 (RealMLP), section 3 ("coslog4").

    Example:
    >>> [round(float(FourWaves(1.0, 150)(step)), 3) for step in (0, 4, 10, 150)]
    [0.0, 0.998, 0.0, 0.0]
    """

    settings = ("rate", "steps")

    def __init__(self, rate: float, steps: float) -> None:
        self.rate, self.steps = float(rate), float(steps)

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        part = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        waves = ops.log(1.0 + 15.0 * part) / math.log(2.0)
        return 0.5 * self.rate * (1.0 - ops.cos(2.0 * math.pi * waves))


class RateRange(callbacks.Callback):
    """Raises the learning rate from step to step and writes down the loss of each batch.

    Args:
        steps: int. Steps from the slowest rate to the fastest.
    """

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.rates = np.geomspace(_SLOWEST, _FASTEST, steps)
        self.losses: list[float] = []  # one a step
        self._sum = 0.0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """The rate of the next step."""
        self.model.optimizer.learning_rate = float(self.rates[min(len(self.losses), len(self.rates) - 1)])
        if batch == 0:
            self._sum = 0.0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """The loss of that batch alone: the logs hold the mean since the epoch began."""
        total = float(logs["loss"]) * (batch + 1)
        self.losses.append(total - self._sum)
        self._sum = total
        finite = bool(np.isfinite(self.losses[-1]))
        smooth = smoothed(self.losses) if finite else np.zeros(1)
        lost = len(smooth) > _EARLY * len(self.rates) and smooth[-1] > _LOST * smooth.min()
        if not finite or lost or len(self.losses) == len(self.rates):
            self.model.stop_training = True


def smoothed(losses: Sequence[float]) -> np.ndarray:
    """Each loss as the mean of those before, the later ones counting more.

    Args:
        losses: floats (n,).

    >>> smoothed([1.0, 1.0, 2.0]).round(3).tolist()
    [1.0, 1.0, 1.369]
    """
    found, mean = np.zeros(len(losses)), 0.0
    for k, loss in enumerate(losses):
        mean = _SMOOTHED * mean + (1 - _SMOOTHED) * loss
        found[k] = mean / (1 - _SMOOTHED ** (k + 1))
    return found


def best_rate(rates: np.ndarray, losses: np.ndarray) -> float:
    """The rate at which the smoothed loss falls most steeply over the logarithm of the rate.

    Args:
        rates, losses: float arrays (n,), rates ascending.

    Returns:
        float: a third of the rate of the lowest smoothed loss if the loss never falls.

    Source: Smith 2017, section 3.3; the steepest point as in fastai.

    >>> rates = np.geomspace(1e-6, 1, 61)
    >>> loss = 1.0 / (1.0 + (rates / 1e-3) ** 2) + (rates > 0.1)
    >>> 3e-4 < best_rate(rates, loss) < 3e-3
    True
    """
    smooth = smoothed(losses.tolist())
    lowest = int(smooth.argmin())
    slopes = np.gradient(smooth[: lowest + 1]) if lowest > 1 else np.zeros(1)
    slopes[: int(_EARLY * len(losses))] = 0.0  # the first means are of few batches: they jump
    return float(rates[int(slopes.argmin())] if slopes.min() < 0 else rates[lowest] / 3)
