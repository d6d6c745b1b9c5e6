"""Nothing piles up: not objects, not bytes, not compiled Programs."""

from __future__ import annotations

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

import chainrule as cr
from chainrule import config, layers
from chainrule.executors.native.executable import Executable
from chainrule.training import engine as engines
from chainrule.training.stateful import Compiled

from .small import REAL, X, Y, binary, linear

SIZES = (1, 5, 22)


@pytest.fixture(params=["reference", "native"])
def executor(request, monkeypatch):
    monkeypatch.setitem(config._settings, "executor", request.param)
    return request.param


def live(kind):
    """How many objects of a class there are."""
    gc.collect()
    return sum(isinstance(o, kind) for o in gc.get_objects())


def work(model, times):
    for _ in range(times):
        for rows in SIZES:
            model.predict(X[:rows], verbose=0)
            model.predict(X[:rows].tolist(), verbose=0)  # the long way
            model.predict_on_batch(X[:rows])
            model.evaluate(X[:rows], Y[:rows], batch_size=4, verbose=0)
            model.train_on_batch(X[:rows], Y[:rows])
            model.fit(X[:rows], Y[:rows], batch_size=4, epochs=2, verbose=0, validation_data=(X, Y))


def test_calls_leave_nothing_behind(executor):
    model = binary()
    work(model, 2)
    gc.collect()
    before = len(gc.get_objects())
    tracemalloc.start()
    try:
        work(model, 1)
        gc.collect()
        early, _ = tracemalloc.get_traced_memory()
        work(model, 10)
        gc.collect()
        late, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(gc.get_objects()) <= before + 20
    assert late - early < 2000, "bytes of 10 times 18 calls; the weights alone are 84"


def test_the_most_memory_of_a_call_does_not_grow(executor):
    model = linear()
    x, y = np.ones((5000, 3), "float32"), np.ones(5000, "float32")
    peaks = []
    model.fit(x, y, batch_size=500, verbose=0)
    for _ in range(4):
        tracemalloc.start()
        model.fit(x, y, batch_size=500, verbose=0)
        model.evaluate(x, y, batch_size=500, verbose=0)
        model.predict(x, batch_size=500, verbose=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks[1:]) < peaks[1] * 1.05


def test_data_that_are_right_are_not_copied(executor):
    """The data set stays where it is: a copy would be 8 MB."""
    model = linear()
    x, y = np.ones((2_000_000, 1), "float32"), np.ones((2_000_000, 1), "float32")
    inputs = cr.Input((1,))
    model = cr.Model(inputs, layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    model.train_on_batch(x[:100], y[:100])
    tracemalloc.start()
    data = cr.training.data.array_data(x, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert data.x is x and data.y is y and peak < 100_000


def test_programs_that_are_dropped_are_freed(executor, monkeypatch):
    monkeypatch.setattr(engines, "_MOST", 3)
    compiled, executables = live(Compiled), live(Executable)
    model = binary()
    for rows in range(1, 9):
        model.predict(X[:rows], verbose=0)
        model.evaluate(X[:rows], Y[:rows], verbose=0)
        assert live(Compiled) <= compiled + 3 and live(Executable) <= executables + 3
    assert len(model._engine.again._known) <= 3
    if executor == "native":
        assert live(Executable) == executables + 3
    del model
    assert live(Compiled) == compiled and live(Executable) == executables


def test_a_model_that_is_dropped_is_freed(executor):
    model = binary()
    work(model, 1)
    watch = [weakref.ref(part) for part in (model, model._engine, model.weights[0], model.optimizer, model.history)]
    del model
    gc.collect()
    assert [ref() for ref in watch] == [None] * 5


def test_a_compiled_program_does_not_hold_its_recording(executor):
    from chainrule.ir.builder import Builder, TracedTensor

    builders, tensors = live(Builder), live(TracedTensor)
    model = binary()
    work(model, 1)
    assert live(Builder) == builders and live(TracedTensor) == tensors


def test_the_arena_of_a_call_is_used_again(monkeypatch):
    monkeypatch.setitem(config._settings, "executor", "native")
    model = binary()

    def spaces():
        runs = [c._run for c in model._engine._cache.values()]
        return [[frame._space.ctypes.data for frame in run._frames] for run in runs]

    work(model, 1)
    before = spaces()
    work(model, 3)
    assert spaces() == before and all(len(frames) == 1 for frames in before)


def test_another_fit_lets_go_of_the_data_and_the_history_of_the_last_one(executor):
    model = linear()
    x = X.copy()
    model.fit(x, REAL, verbose=0)
    data, history = weakref.ref(x), weakref.ref(model.history)
    del x
    model.fit(X, REAL, verbose=0)
    gc.collect()
    assert data() is None and history() is None
