"""Ctrl-C in training: the state is whole, the callbacks hear of it, training can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.ir import Tensor
from chainrule.training.engine import commit

from .small import REAL, X, Y, binary, linear, same_weights


class Interrupt(cr.callbacks.Callback):
    """Presses Ctrl-C at the end of an epoch, or of a batch."""

    def __init__(self, epoch, batch=None):
        super().__init__()
        self.epoch, self.batch, self.ended, self.now = epoch, batch, [], 0

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch and self.batch is None:
            raise KeyboardInterrupt

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch and batch == self.batch:
            raise KeyboardInterrupt

    def on_train_end(self, logs=None):
        self.ended.append(logs)


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("batch", [None, 1])
def test_interrupted_by_a_callback(batch, eagerly):
    model, by_hand, interrupt = (binary(run_eagerly=eagerly) for _ in range(2)), None, Interrupt(1, batch)
    model, by_hand = model
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=8, epochs=5, shuffle=False, verbose=0, callbacks=[interrupt])
    assert len(interrupt.ended) == 1 and list(interrupt.ended[0]) == ["accuracy", "loss"]
    done = 6 if batch is None else 5
    for k in range(done):
        rows = slice(k % 3 * 8, k % 3 * 8 + 8)
        by_hand.train_on_batch(X[rows], Y[rows])
    assert same_weights(model, by_hand) and int(model.optimizer.iterations) == done
    assert model.history.epoch == [0] if batch is not None else model.history.epoch in ([0], [0, 1])
    assert model.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]


def test_the_best_weights_are_put_back_when_interrupted():
    class Spoil(cr.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_loss"] = [3.0, 1.0, 2.0][epoch]
            self.model.layers[0].bias.assign([float(epoch)])
            if epoch == 2:
                raise KeyboardInterrupt

    model = linear()
    keep = cr.callbacks.EarlyStopping(patience=9, restore_best_weights=True)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, REAL, epochs=5, verbose=0, callbacks=[Spoil(), keep])
    assert model.layers[0].bias.numpy()[0] == 1.0


def test_assigning_the_new_state_cannot_be_cut_in_two():
    class Touchy(cr.Variable):
        """Raises once, in the middle of an assignment."""

        pressed = False

        def __setattr__(self, name, value):
            object.__setattr__(self, name, value)
            if name == "_value" and getattr(self, "armed", False) and not Touchy.pressed:
                Touchy.pressed = True
                raise KeyboardInterrupt

    state = [cr.Variable(0.0), Touchy(0.0), cr.Variable(0.0)]
    state[1].armed = True
    with pytest.raises(KeyboardInterrupt):
        commit(state, [Tensor(np.float32(k + 1)) for k in range(3)])
    assert [float(v) for v in state] == [1.0, 2.0, 3.0]


SCRIPT = """
import numpy as np, sys
import chainrule as cr
x = np.random.default_rng(0).normal(size=(4000, 8)).astype("float32"); y = (x.sum(1) > 0).astype("int32")
model = cr.Sequential([cr.Input((8,)), cr.layers.Dense(16, activation="relu"), cr.layers.Dense(1)])
model.compile("adam", cr.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
class Say(cr.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("epoch", epoch, flush=True)
    def on_train_end(self, logs=None):
        print("ended", flush=True)
try:
    model.fit(x, y, epochs=100000, verbose=0, callbacks=[Say()])
except KeyboardInterrupt:
    steps = int(model.optimizer.iterations)
    print("steps", steps, "finite", all(np.isfinite(w).all() for w in model.get_weights()))
    model.fit(x, y, epochs=1, verbose=0)
    print("again", int(model.optimizer.iterations) - steps)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_interrupted_by_the_signal():
    environment = {**os.environ, "PYTHONPATH": str(Path(cr.__file__).parents[1])}
    child = subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, text=True)
    said = [child.stdout.readline() for _ in range(2)]
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=60)
    assert said == ["epoch 0\n", "epoch 1\n"] and child.returncode == 0
    lines = [line for line in rest.splitlines() if not line.startswith("epoch")]
    assert lines[0] == "ended" and lines[1].endswith("finite True") and lines[2] == "again 125"
    assert int(lines[1].split()[1]) % 125 == 0  # whole epochs of 125 steps: an epoch is one call
