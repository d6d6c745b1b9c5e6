"""Ctrl-C in the middle of an epoch of machine code: the state is that after the last batch done, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule
from chainrule import config, layers
from chainrule.executors.native import executable, threads
from chainrule.executors.native.threads import Crew

BATCH, BATCHES = 32, 8000


class Press(chainrule.callbacks.Callback):
    """Presses Ctrl-C as soon as some batches of an epoch are done."""

    def _on_progress(self, kind: str, done: int, inside: bool = False) -> None:
        if inside and done:
            raise KeyboardInterrupt


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).standard_normal((BATCH * BATCHES, 20), dtype=np.float32)
    return x, x[:, :1] * 0.5


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(threads, "_LOOK", 0.002)
    monkeypatch.setattr(executable, "_LONG", -1.0)
    monkeypatch.setattr(Crew, "is_welcome", True)
    yield
    config.set_threads(None)


def network() -> Any:
    chainrule.utils.set_random_seed(3)
    model = chainrule.Sequential([layers.Input((20,)), layers.Dense(32, "tanh"), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def state(model: Any) -> list[bytes]:
    return [np.asarray(v).tobytes() for v in (*model.weights, *model.optimizer.variables)]


@pytest.mark.parametrize("count", [1, 2])
def test_the_batches_done_count(count: int, data: tuple[np.ndarray, np.ndarray]) -> None:
    (x, y), model, by_hand = data, network(), network()
    config.set_threads(count)
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0, callbacks=[Press()])
    done = int(model.optimizer.iterations)
    assert 0 < done < BATCHES
    by_hand.fit(x[: done * BATCH], y[: done * BATCH], batch_size=BATCH, shuffle=False, verbose=0)
    assert state(model) == state(by_hand)
    for m in (model, by_hand):
        m.fit(x[:999], y[:999], batch_size=BATCH, shuffle=False, verbose=0)
    assert state(model) == state(by_hand)
