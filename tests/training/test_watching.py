"""A compiled call while it runs: its progress is shown, Ctrl-C ends it after a batch, errors leave the model whole."""

from __future__ import annotations

import io

import numpy as np
import pytest

import chainrule as cr
from chainrule.callbacks import Callback, progress
from chainrule.errors import Interrupted, MemoryLimitError
from chainrule.executors import compile_program
from chainrule.executors.native import executable, threads
from chainrule.training import stateful
from chainrule.training.step import WATCHED

from .small import REAL, X, Y, binary, linear, same_weights


@pytest.fixture
def during(monkeypatch):
    """Puts a function into every compiled call: `function(call, watch)` gives what the call returns."""

    def install(function):
        def compiled(program, executor, watched=""):
            assert watched == WATCHED
            run = compile_program(program, "reference")
            return lambda arrays, watch=None: function(lambda: run(arrays), watch)

        monkeypatch.setattr(stateful, "compile_program", compiled)
        monkeypatch.setattr(stateful, "WATCHED", ("reference", "native"))

    return install


class Listener(Callback):
    """Writes down what it is told, and raises when the time has come."""

    def __init__(self, raises=None):
        super().__init__()
        self.seen, self.ended, self.raises = [], 0, raises

    def _on_progress(self, kind, done, inside=False):
        self.seen.append((kind, done, inside))
        if self.raises is not None and inside:
            raise self.raises

    def on_train_end(self, logs=None):
        self.ended += 1


def test_progress_inside_a_call(during):
    def function(call, watch):
        watch(1)
        watch(3)
        return call()

    during(function)
    listener = Listener()
    linear().fit(X, REAL, batch_size=4, epochs=1, verbose=0, callbacks=[listener], validation_data=(X, REAL))
    train = [("train", 1, True), ("train", 3, True), ("train", 6, False)]
    assert listener.seen == train + [("test", done, inside) for _, done, inside in train]


def test_progress_inside_a_piece_counts_from_the_beginning_of_the_epoch(during):
    def function(call, watch):
        watch(1)
        return call()

    during(function)
    listener = Listener()
    linear(steps_per_execution=2).fit(X, REAL, batch_size=4, verbose=0, callbacks=[
        listener, cr.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)])  # fmt: skip
    assert [done for _, done, inside in listener.seen if inside] == [1, 3, 5, 6]
    assert [done for _, done, inside in listener.seen if not inside] == [2, 4, 5, 6]


def test_the_bar_moves_without_numbers_that_are_not_known_yet(during, monkeypatch):
    def function(call, watch):
        watch(2)
        return call()

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    during(function)
    monkeypatch.setattr(progress.sys, "stdout", Terminal())
    linear().fit(X, REAL, batch_size=4)
    first, last = progress.sys.stdout.getvalue().split("\r\033[K")[1:]
    assert first.startswith("2/6 ━━━━━━ ") and "loss" not in first and "loss: " in last


def test_an_epoch_that_can_be_watched_is_never_cut(during, monkeypatch):
    monkeypatch.setattr("chainrule.training.engine._LONG", 1e-9)
    calls = []

    def function(call, watch):
        calls.append(watch)
        return call()

    during(function)
    linear().fit(X, REAL, batch_size=4, epochs=2, verbose=0)
    assert len(calls) == 2


def test_interrupted_the_state_after_the_last_batch_is_kept(during):
    model, by_hand, listener = binary(), binary(), Listener()
    calls = []

    def function(call, watch):
        calls.append(call())
        if len(calls) == 2:
            raise Interrupted(calls[-1])
        return calls[-1]

    during(function)
    with pytest.raises(KeyboardInterrupt) as caught:
        model.fit(X, Y, batch_size=8, epochs=5, shuffle=False, verbose=0, callbacks=[listener])
    assert type(caught.value) is KeyboardInterrupt  # it does not hold on to arrays
    by_hand.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    assert listener.ended == 1 and same_weights(model, by_hand) and int(model.optimizer.iterations) == 6
    assert model.history.epoch == [0]
    assert model.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]


@pytest.mark.parametrize("error", [MemoryLimitError("too large"), MemoryError(), RuntimeError("no more")], ids=repr)
def test_a_call_that_fails_changes_nothing(during, error):
    fails = [error]

    def function(call, watch):
        if fails:
            raise fails.pop()
        return call()

    during(function)
    model = binary()
    before = model.get_weights()
    with pytest.raises(type(error)):
        model.fit(X, Y, verbose=0)
    assert same_weights(model, before) and int(model.optimizer.iterations) == 0
    other = binary()
    for one in (model, other):
        one.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    assert same_weights(model, other)


def test_an_error_of_a_callback_that_watches_leaves_the_model_as_it_was(during):
    def function(call, watch):
        watch(1)
        return call()

    during(function)
    model = binary()
    before = model.get_weights()
    with pytest.raises(OSError, match="pipe"):
        model.fit(X, Y, verbose=0, callbacks=[Listener(OSError("broken pipe"))])
    assert same_weights(model, before)
    assert model.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1] and model.predict(X, verbose=0).shape == (22, 1)


@pytest.mark.parametrize("method", [
    "on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_test_begin",
    "on_test_batch_end", "on_test_end", "on_epoch_end", "on_train_end",
])  # fmt: skip
def test_an_error_of_a_callback_leaves_a_model_that_can_go_on(method):
    def fail(*arguments, **named):
        raise RuntimeError("no more")

    def run(model):
        return model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0, validation_data=(X, Y)).history

    model, by_hand = binary(), binary()
    with pytest.raises(RuntimeError, match="no more"):
        model.fit(X, Y, batch_size=8, shuffle=False, verbose=0, validation_data=(X, Y),
                  callbacks=[cr.callbacks.LambdaCallback(**{method: fail})])  # fmt: skip
    steps = int(model.optimizer.iterations)
    assert steps == {"on_train_begin": 0, "on_epoch_begin": 0, "on_train_batch_begin": 0, "on_train_batch_end": 1}.get(
        method, 3
    )
    for rows in [slice(k * 8, k * 8 + 8) for k in range(steps)]:
        by_hand.train_on_batch(X[rows], Y[rows])
    assert run(model) == run(by_hand) and same_weights(model, by_hand)


# the native executor


@pytest.fixture
def native(monkeypatch):
    monkeypatch.setitem(cr.config._settings, "executor", "native")
    monkeypatch.setattr(threads, "_LOOK", 1e-3)  # seconds between two looks at a run
    monkeypatch.setattr(executable, "_LONG", 0.0)  # every run is looked at


ROWS, BATCH = 400_000, 4
LARGE = np.random.default_rng(0).normal(size=(ROWS, 3)).astype("float32")
TARGET = (LARGE[:, 0] > 0).astype("int32")


class PressCtrlC(Callback):
    """When at least a batch is done."""

    def _on_progress(self, kind, done, inside=False):
        if inside and done:
            raise KeyboardInterrupt


def test_ctrl_c_inside_a_native_epoch(native):
    model, by_hand = binary(), binary()
    with pytest.raises(KeyboardInterrupt):
        model.fit(LARGE, TARGET, batch_size=BATCH, shuffle=False, verbose=0, callbacks=[PressCtrlC()])
    steps = int(model.optimizer.iterations)
    assert 0 < steps < ROWS // BATCH
    rows = slice(0, steps * BATCH)
    by_hand.fit(LARGE[rows], TARGET[rows], batch_size=BATCH, shuffle=False, verbose=0)
    assert same_weights(model, by_hand)
    assert float(model._loss_tracker.result()) == float(by_hand._loss_tracker.result())


def test_ctrl_c_inside_a_native_evaluation_and_prediction(native):
    model = binary()
    before = model.get_weights()
    with pytest.raises(KeyboardInterrupt):
        model.evaluate(LARGE, TARGET, batch_size=BATCH, verbose=0, callbacks=[PressCtrlC()])
    with pytest.raises(KeyboardInterrupt):
        model.predict(LARGE, batch_size=BATCH, verbose=0, callbacks=[PressCtrlC()])
    assert same_weights(model, before)
    assert model.predict(LARGE, batch_size=BATCH, verbose=0).shape == (ROWS, 1)
