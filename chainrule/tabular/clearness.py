"""Whether the columns of a table leave hardly any doubt about the target: then networks need not be held back.

Weight decay and dropout keep a network from learning noise by heart. Where there is none, they keep it from learning
what is there: on such tables a network without them has a tenth of the loss in a fifth of the time. So a small network
is tried before anything is planned. Only training rows are looked at.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .. import callbacks
from ..variables import SeedGenerator
from .architectures import Layout
from .members import encode_fold
from .network import Plan, Training, build, plan
from .presets import AUTO
from .problem import Problem

FEWEST, _MOST = 500, 20_000  # rows; a part of more is looked at
CLEAR = 0.02  # of the loss that is left if no column is looked at
_EPOCHS, _STEPS, _PATIENCE = 10, 1000, 3
_SHORTEST = 10.0  # seconds allowed from which on it is tried


def asks_whether_clear(wanted: Training, rows: int, seconds: float) -> bool:
    """Whether it is to be found out: nothing was asked for that contradicts, and there are rows and time enough.

    Args:
        wanted: Training.
        rows: int.
        seconds: float. Allowed; 0 for any.

    >>> asks_whether_clear(Training(), 5000, 60.0), asks_whether_clear(Training(dropout=0.3), 5000, 60.0)
    (True, False)
    """
    free = wanted.preset in (None, AUTO) and wanted.layers is wanted.dropout is wanted.weight_decay is None
    return free and not wanted.searches and rows >= FEWEST and (not seconds or seconds >= _SHORTEST)


def is_clear(problem: Problem, wanted: Training, seed: int) -> bool:
    """Whether a network that is not held back, trained briefly, has hardly any loss on rows that it has not seen.

    Args:
        problem: Problem. A fifth of at most 20,000 of the training rows is held out.
        wanted: Training.
        seed: int.
    """
    rows = len(problem.train)
    some = problem.train.take(np.arange(0, rows, -(-rows // _MOST)))
    part = replace(problem, train=some)
    encoder, (x, y), held = encode_fold(part, part.folds(5, seed)[0])
    chosen = plan(replace(wanted, preset="mlp", clear=True), rows)
    network = build(encoder.width, problem.target, chosen, (seed, 0, 3), "trial", Layout.of(encoder), len(x))
    network._shuffle_seed = SeedGenerator(seed, name="shuffle")
    watch = _Trial(CLEAR * _without_columns(problem))
    network.fit(
        x, y, batch_size=chosen.batch_size, epochs=_epochs(chosen, len(x)), verbose=0, validation_data=held,
        validation_batch_size=4096, callbacks=[watch],
    )  # fmt: skip
    return watch.best < watch.goal


def _epochs(chosen: Plan, rows: int) -> int:
    return max(_EPOCHS, -(-_STEPS * chosen.batch_size // rows))


def _without_columns(problem: Problem) -> float:
    """The loss of always saying how frequent each class is, or the mean (of standardised values)."""
    shares = np.array(problem.prior)
    return float(-np.sum(shares * np.log(np.maximum(shares, 1e-12)))) if problem.target.is_classification else 1.0


class _Trial(callbacks.Callback):
    """Ends the training when it is decided: the loss on rows held out is low enough, or no longer falls."""

    def __init__(self, goal: float) -> None:
        super().__init__()
        self.goal, self.best, self.waited = goal, np.inf, 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Judge an epoch."""
        self.waited = 0 if logs["val_loss"] < self.best else self.waited + 1
        self.best = min(self.best, logs["val_loss"])
        self.model.stop_training = self.best < self.goal or self.waited >= _PATIENCE
