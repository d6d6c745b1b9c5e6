"""A whole epoch as one native function: the weights, slots and metrics that the reference computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule
from chainrule import layers
from chainrule.executors import reference
from chainrule.executors.native import compile_program
from chainrule.ir import Program


def epoch_of(model: Any, x: np.ndarray, y: np.ndarray, batch: int) -> tuple[Program, list[np.ndarray]]:
    """The Program of a shuffled epoch, and its inputs."""
    model.fit(x[:batch], y[:batch], epochs=1, verbose=0, batch_size=batch)
    compiled = model._engine.epoch("train", (x, y, None), batch, True)
    return compiled.program, compiled.inputs([x, y, np.array([1, 2], "uint32")])


def dense(optimizer: str) -> Any:
    model = chainrule.Sequential(
        [layers.Input((20,)), layers.Dense(64, "relu"), layers.Dense(32, "tanh"), layers.Dense(1, "sigmoid")]
    )
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model


def normalised(optimizer: str) -> Any:
    model = chainrule.Sequential(
        [layers.Input((20,)), layers.Dense(16, use_bias=False), layers.BatchNormalization(), layers.Activation("gelu"),
         layers.Dropout(0.25), layers.LayerNormalization(), layers.Dense(3, "softmax")]
    )  # fmt: skip
    model.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
@pytest.mark.parametrize("make", [dense, normalised])
def test_an_epoch_gives_what_the_reference_gives(make: Any, optimizer: str) -> None:
    chainrule.utils.set_random_seed(1)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((150, 20)).astype("float32")
    y = (x[:, :1] > 0).astype("float32")
    if make is normalised:
        y = np.eye(3, dtype="float32")[rng.integers(0, 3, 150)]
    program, inputs = epoch_of(make(optimizer), x, y, 32)
    native = compile_program(program)
    found, again, meant = native(inputs), native(inputs), reference.compile_program(program)(inputs)
    for a, b, c in zip(found, again, meant, strict=True):
        assert a.tobytes() == b.tobytes()
        np.testing.assert_allclose(a, c, rtol=2e-4, atol=2e-5)  # five steps of float32, sums in another order
    kept = [a.copy() for a in inputs]
    native(inputs)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(inputs, kept, strict=True)), "inputs are left alone"
