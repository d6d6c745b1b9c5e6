"""`--learning-rate find`: the rate at which a network learns fastest, found before it is trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..variables import SeedGenerator
from .architectures import Layout
from .members import encode_fold
from .network import Plan, build
from .problem import Problem
from .rates import RateRange, best_rate

STEPS = 120
SLOWER = 0.5  # Smith: the steepest rate is near the largest that works; a long training wants a little less


def find_learning_rate(problem: Problem, chosen: Plan, seed: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Raise the rate from step to step, from 1e-6 to 1, and see where the loss falls fastest.

    Args:
        problem: Problem. A fifth of the training rows is left out, as in training.
        chosen: Plan. Its learning rate is not used.
        seed: int.

    Returns:
        the rate, the rates that were tried, and the loss of the batch of each.

    Source: Smith 2017, section 3.3.
    """
    rows = problem.folds(5, seed)[0] if len(problem.train) > 5 else np.zeros(0, np.int64)
    encoder, (x, y), _ = encode_fold(problem, rows)
    plain = replace(chosen, schedule="plateau", learning_rate=1e-6)
    network = build(encoder.width, problem.target, plain, (seed, 0, 2), "rates", Layout.of(encoder), len(x))
    network._shuffle_seed = SeedGenerator(seed, name="shuffle")
    batches = -(-len(x) // plain.batch_size)
    steps = RateRange(STEPS)
    network.fit(x, y, batch_size=plain.batch_size, epochs=-(-STEPS // batches), verbose=0, callbacks=[steps])
    losses = np.array(steps.losses)
    known = np.isfinite(losses)
    rates = steps.rates[: len(losses)][known]
    return SLOWER * best_rate(rates, losses[known]), rates, losses[known]
