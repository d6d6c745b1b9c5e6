"""Calls with unusual dtypes, axes and values against Keras; losses in the graph of a model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import chainrule as keras
from chainrule import losses, metrics, ops
from chainrule.errors import ChainruleError
from chainrule.transforms import value_and_grad

CASES = json.loads((Path(__file__).parents[1] / "golden" / "expressions.json").read_text())["cases"]
NAMES = {"np": np, "keras": keras, "ops": ops, "losses": losses, "metrics": metrics}
CLOSE = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-12}


@pytest.mark.parametrize("case", CASES, ids=[case["call"][:70] for case in CASES])
def test_it_gives_what_keras_gives(case):
    if case.get("refused"):
        with pytest.raises(ChainruleError):
            eval(case["call"], NAMES)
        return
    found = eval(case["call"], NAMES)
    assert (str(found.dtype), list(found.shape)) == (case["dtype"], case["shape"])
    if "values" in case:
        np.testing.assert_allclose(np.asarray(found, "float64"), case["values"], rtol=CLOSE.get(case["dtype"], 0))


@pytest.mark.parametrize("name", ["arcsinh", "arccosh"])
def test_the_derivative_where_two_formulas_meet(name):
    x = np.array([1.05, 1.9, 2.0, 2.1, 50.0, 1e12])
    _, slope = value_and_grad(lambda z: ops.sum(getattr(ops, name)(z)))(x)
    np.testing.assert_allclose(slope, 1 / np.sqrt(x * x + (1 if name == "arcsinh" else -1)), rtol=1e-12)


def test_modes_of_padding_are_those_of_numpy():
    x = np.arange(12.0).reshape(3, 4)
    for mode in ("edge", "wrap", "reflect", "symmetric"):
        np.testing.assert_array_equal(ops.pad(x, ((2, 1), (0, 3)), mode), np.pad(x, ((2, 1), (0, 3)), mode))
    x, low = keras.Input((4,)), ops.clip(keras.Input((4,)), None, 1.0)
    assert ops.pad(x, ((0, 0), (1, 2)), "wrap").shape == (None, 7) and low.shape == (None, 4)


def test_losses_and_metrics_may_stand_in_a_model(tmp_path):
    x, y = keras.Input((6,)), keras.Input((3,))
    dense = keras.layers.Dense(3, activation="softmax")
    p = dense(x)
    model = keras.Model([x, y], [
        losses.categorical_crossentropy(y, p), losses.huber(y, p, delta=0.5) + losses.mean_squared_error(y, p),
        metrics.categorical_accuracy(y, p),
    ])  # fmt: skip
    generator = np.random.default_rng(0)
    given = [generator.normal(size=(5, 6)).astype("float32"), np.eye(3, dtype="float32")[[0, 2, 1, 1, 0]]]
    p, y = np.asarray(dense(given[0])), given[1]
    size = np.abs(y - p)
    huber = np.where(size <= 0.5, 0.5 * size**2, 0.5 * size - 0.125).mean(-1)
    wanted = [-np.log(p[y == 1]), huber + (size**2).mean(-1), p.argmax(-1) == y.argmax(-1)]
    for found, expected in zip(model.predict(given, verbose=0), wanted, strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-6)
    with pytest.warns(UserWarning, match="which files of Keras have no name for") as said:
        model.save(tmp_path / "m.keras")
    assert any("losses.huber" in str(warning.message) for warning in said)
    again = keras.saving.load_model(tmp_path / "m.keras")
    for found, expected in zip(again.predict(given, verbose=0), model.predict(given, verbose=0), strict=True):
        np.testing.assert_array_equal(found, expected)
