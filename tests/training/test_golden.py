"""Whole trainings against real Keras: histories, weights, evaluate, predict (tests/golden/training.json)."""

from __future__ import annotations

import numpy as np
import pytest

from .golden import DATA, GOLDEN, callbacks, fit_arguments, pick, prepared, take

# float32 on both sides with sums in different orders, carried through up to a dozen steps of an optimizer. Measured:
# the same runs in float64 differ from Keras's float32 by up to 1e-6 of (1 + |value|).
CLOSE = {"rtol": 1e-5, "atol": 2e-6}


def named(cases):
    return [pytest.param(case, id=case["name"]) for case in cases]


def same_logs(found, expected):
    assert set(found) == set(expected)
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, err_msg=key, **CLOSE)


def same_trees(found, expected):
    pairs = zip(found, expected, strict=True) if isinstance(found, list) else [(found, expected)]
    for ours, keras in pairs:
        np.testing.assert_allclose(ours, np.asarray(keras, "float32"), **CLOSE)


@pytest.mark.filterwarnings("ignore:the loss became")  # "terminate on nan" is meant to
@pytest.mark.parametrize("case", named(GOLDEN["cases"]))
def test_training_agrees_with_keras(case):
    model = prepared(case)
    assert model.count_params() == case["parameters"]
    x, y = pick(case["x"], DATA), pick(case["y"], DATA)
    chosen = callbacks(case.get("callbacks", []))
    history = model.fit(x, y, shuffle=False, verbose=0, callbacks=chosen, **fit_arguments(case["fit"]))
    assert list(history.history) == sorted(history.history)
    same_logs(history.history, case["history"])
    assert history.epoch == case["epochs_run"]
    for variable, expected in zip(model.weights, case["weights"], strict=True):
        np.testing.assert_allclose(variable.numpy(), expected, err_msg=variable.path, **CLOSE)
    held_out = [DATA[name] for name in case["evaluate"]] if "evaluate" in case else [x, y]
    tested = dict(zip(("x", "y", "sample_weight"), held_out, strict=False))
    same_logs(model.evaluate(**tested, verbose=0, return_dict=True), case["evaluate_dict"])
    np.testing.assert_allclose(model.evaluate(**tested, verbose=0), case["evaluate_list"], **CLOSE)
    same_trees(model.predict(take(case["x"], slice(0, 3)), verbose=0), case["predict"])
