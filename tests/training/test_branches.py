"""Losses of branches of nested outputs, and several of one output: against Keras, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, UnknownNameError

from . import branch_cases

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "branches.json").read_text())["cases"]


@pytest.mark.parametrize("name", branch_cases.CASES)
def test_losses_of_nested_outputs_agree_with_keras(name):
    found, expected = branch_cases.run(name, cr), GOLDEN[name]
    for part in ("history", "evaluate"):
        assert sorted(found[part]) == sorted(expected[part])
        for key, value in expected[part].items():
            np.testing.assert_allclose(found[part][key], value, rtol=2e-6, atol=2e-6, err_msg=key)
    for part in ("list", "biases"):
        np.testing.assert_allclose(found[part], expected[part], rtol=2e-6, atol=2e-6)


def compiled(outputs, **arguments):
    x = cr.Input((3,))
    made = branch_cases.along(outputs, lambda name: cr.layers.Dense(1, name=name)(x))
    model = cr.Model(x, made)
    model.compile("sgd", **arguments)
    return model, branch_cases.along(outputs, branch_cases.TARGETS.get)


@pytest.mark.parametrize(("outputs", "arguments", "text"), [
    (branch_cases.DEEP, {"loss": {"r": "mse"}}, "loss: no output is named 'r'; the outputs are 'p', 'q'"),
    (branch_cases.DEEP, {"loss": {"q": {"q3": "mse"}}}, "loss of 'q': no output is named 'q3'; the outputs are"),
    (branch_cases.DEEP, {"loss": {"p": "mse"}}, "'mse' is for one output, and stands where 2 are meant"),
    (["a", ["b", "c"]], {"loss": ["mse", ("mse", "mae", "mse")]}, "'mse' is for one output, and stands where 2"),
    (["a", "b"], {"loss": ["mse", "mae"], "loss_weights": [1.0]}, "must match the number of losses: expected 2"),
    (branch_cases.DEEP, {"loss": "mse", "metrics": {"p": ["mae"]}}, "metrics: expected metrics nested as the outputs"),
    (branch_cases.DEEP, {"loss": "mse", "metrics": {"s": ["mae"]}}, "metrics: no output is named 's'"),
])  # fmt: skip
def test_what_stands_for_no_output(outputs, arguments, text):
    model, y = compiled(outputs, **arguments)
    with pytest.raises(ArgumentError, match=text):
        model.fit(branch_cases.X, y, verbose=0)


def test_unknown_keys_are_key_errors_as_in_keras():
    model, y = compiled({"p": "a", "q": "b"}, loss=[lambda t, p: cr.ops.mean(p["p"]), {"r": "mae"}])
    with pytest.raises(KeyError):
        model.fit(branch_cases.X, y, verbose=0)
    assert issubclass(UnknownNameError, ValueError)


def test_weights_of_rows_differ_within_a_branch():
    model, y = compiled(("a", "b"), loss=[lambda t, p: cr.ops.mean(p[0] - t[0])])
    with pytest.raises(ArgumentError, match="sample_weight: expected one array for the outputs 'a_b'"):
        model.fit(branch_cases.X, y, sample_weight=(branch_cases.ROWS, 2 * branch_cases.ROWS), verbose=0)


def test_several_losses_of_the_only_output_are_added():
    both, one, other = (compiled("a", loss=loss) for loss in (["mse", "mae"], "mse", ["mae"]))
    same = [m.set_weights([np.full((3, 1), 0.5), np.zeros(1)]) or m.evaluate(branch_cases.X, y, verbose=0)
            for m, y in (both, one, other)]  # fmt: skip
    np.testing.assert_allclose(same[0][0], same[1] + same[2], rtol=1e-6)


def test_any_key_stands_for_the_only_output_in_metrics():
    model, y = compiled("a", loss="mse", metrics={"other": ["mae"]})
    assert sorted(model.evaluate(branch_cases.X, y, verbose=0, return_dict=True)) == ["loss", "mae"]
