from __future__ import annotations

import numpy as np

from chainrule import Sequential, layers, optimizers
from chainrule.tabular.rates import FourWaves, RateRange, best_rate


def test_four_waves_reach_the_top_in_the_middle_of_each_and_end_at_nothing():
    schedule = FourWaves(0.1, 1500)
    rates = np.array([float(schedule(step)) for step in range(1501)])
    zeros = [(2**k - 1) * 100 for k in range(5)]  # log2(1 + 15 t) = 0, 1, 2, 3, 4
    assert np.allclose(rates[zeros], 0, atol=1e-6)
    tops = [round((2 ** (k + 0.5) - 1) * 100) for k in range(4)]
    assert np.allclose(rates[tops], 0.1, atol=1e-3)
    assert float(schedule(5000)) == rates[-1]


def test_the_rate_that_is_found_is_one_that_learns():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(640, 4)).astype(np.float32)
    y = (x @ np.array([[1.0], [-2.0], [0.5], [0.0]])).astype(np.float32)

    def model(rate: float) -> Sequential:
        made = Sequential([layers.Input((4,)), layers.Dense(1, kernel_initializer="zeros")])
        made.compile(optimizers.SGD(rate), "mse")
        return made

    watched = RateRange(100)
    model(1.0).fit(x, y, batch_size=16, epochs=3, verbose=0, shuffle=False, callbacks=[watched])
    assert len(watched.losses) <= 100 and watched.rates[0] == 1e-6
    rate = best_rate(watched.rates[: len(watched.losses)], np.array(watched.losses))
    losses = {factor: model(factor * rate).fit(x, y, batch_size=16, epochs=1, verbose=0, shuffle=False).history["loss"]
              for factor in (0.01, 1.0)}  # fmt: skip
    assert losses[1.0][0] < 0.5 * losses[0.01][0]
    assert 1e-3 < rate < 1.0


def test_the_losses_are_those_of_single_batches():
    x, y = np.arange(20, 28, dtype=np.float32)[:, None], np.zeros((8, 1), np.float32)
    made = Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    made.compile(optimizers.SGD(0.0), "mse")
    watched = RateRange(8)
    watched.rates = np.zeros(8)
    made.fit(x, y, batch_size=2, epochs=2, verbose=0, shuffle=False, callbacks=[watched])
    expected = [float(np.mean(x[k : k + 2] ** 2)) for k in (0, 2, 4, 6)] * 2
    assert len(watched.losses) == 8
    np.testing.assert_allclose(watched.losses, expected, rtol=1e-4)
