"""Whole trainings against real Keras: histories, weights, evaluate, predict (tests/golden/training.json)."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.losses import resolve_loss
from chainrule.metrics import resolve_metric

from .golden import DATA, GOLDEN, callbacks, fit_arguments, pick, prepared, take

# float32 on both sides with sums in different orders, carried through up to a dozen steps of an optimizer. Measured:
# the same runs in float64 differ from Keras's float32 by up to 1e-6 of (1 + |value|).
CLOSE = {"rtol": 1e-5, "atol": 2e-6}

# Keras on TensorFlow hands an Embedding's gradient over row by row, and its Adam squares the parts of a row that
# occurs twice before they are added. These numbers are Keras's for the same model with the vectors looked up by a
# product with one-hot rows, where the gradient is whole.
WHOLE_GRADIENT = {
    "embedding": {
        "loss": [0.7248231768608093, 0.7106636166572571, 0.7014843225479126],
        "val_loss": [0.6796900629997253, 0.6662926077842712, 0.6547587513923645],
        "accuracy": [0.4821428656578064, 0.4821428656578064, 0.5357142686843872],
    }
}
# Keras's hinge metric spreads y of shape (n,) against outputs (n, 1) over (n, n); ours is that of its own loss.
SPREAD = {"hinge": "hinge"}


def named(cases):
    return [pytest.param(case, id=case["name"]) for case in cases]


def same_logs(found, expected, but=None):
    assert set(found) == set(expected)
    for key, value in expected.items():
        if key != but:
            np.testing.assert_allclose(found[key], value, err_msg=key, **CLOSE)


def same_list(found, expected):
    """In Keras's order."""
    assert len(found) == len(expected)
    for ours, keras in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, keras, **CLOSE)


def same_trees(found, expected):
    pairs = zip(found, expected, strict=True) if isinstance(found, list) else [(found, expected)]
    for ours, keras in pairs:
        np.testing.assert_allclose(ours, np.asarray(keras, "float32"), **CLOSE)


@pytest.mark.filterwarnings("ignore:the loss became")  # "terminate on nan" is meant to
@pytest.mark.parametrize("case", named(c for c in GOLDEN["cases"] if c["name"] not in WHOLE_GRADIENT))
def test_training_agrees_with_keras(case):
    model = prepared(case)
    assert model.count_params() == case["parameters"]
    x, y = pick(case["x"], DATA), pick(case["y"], DATA)
    chosen = callbacks(case.get("callbacks", []))
    history = model.fit(x, y, shuffle=False, verbose=0, callbacks=chosen, **fit_arguments(case["fit"]))
    assert list(history.history) == list(case["history"])
    same_logs(history.history, case["history"], but=SPREAD.get(case["name"]))
    assert history.epoch == case["epochs_run"]
    for variable, expected in zip(model.weights, case["weights"], strict=True):
        np.testing.assert_allclose(variable.numpy(), expected, err_msg=variable.path, **CLOSE)
    held_out = [DATA[name] for name in case["evaluate"]] if "evaluate" in case else [x, y]
    tested = dict(zip(("x", "y", "sample_weight"), held_out, strict=False))
    same_logs(model.evaluate(**tested, verbose=0, return_dict=True), case["evaluate_dict"], SPREAD.get(case["name"]))
    if case["name"] not in SPREAD:
        same_list(model.evaluate(**tested, verbose=0), case["evaluate_list"])
    same_trees(model.predict(take(case["x"], slice(0, 3)), verbose=0), case["predict"])


def test_hinge_as_metric_is_hinge_as_loss():
    case = next(c for c in GOLDEN["cases"] if c["name"] == "hinge")
    history = prepared(case).fit(DATA["x4"], DATA["signs"], shuffle=False, verbose=0, **case["fit"]).history
    np.testing.assert_allclose(history["hinge"], case["history"]["loss"], **CLOSE)


@pytest.mark.parametrize("name", WHOLE_GRADIENT)
def test_training_with_repeated_indices(name):
    case = next(c for c in GOLDEN["cases"] if c["name"] == name)
    x, y = pick(case["x"], DATA), pick(case["y"], DATA)
    history = prepared(case).fit(x, y, shuffle=False, verbose=0, **fit_arguments(case["fit"])).history
    assert set(history) == set(case["history"])
    for key, expected in WHOLE_GRADIENT[name].items():
        np.testing.assert_allclose(history[key], expected, err_msg=key, **CLOSE)


@pytest.mark.parametrize("case", named(GOLDEN["batches"]))
def test_single_batches_agree_with_keras(case):
    model = prepared(case)
    for call, expected in zip(case["calls"], case["expected"], strict=True):
        rows = slice(*call["rows"])
        arguments = {key: take(call[key], rows) for key in ("x", "y", "sample_weight") if key in call}
        if "class_weight" in call:
            arguments["class_weight"] = {int(key): value for key, value in call["class_weight"].items()}
        if "return_dict" in call:
            arguments["return_dict"] = call["return_dict"]
        found = getattr(model, call["method"])(**arguments)
        if call["method"] == "predict_on_batch":
            same_trees(found, expected)
        elif isinstance(expected, dict):
            same_logs(found, expected)
        else:
            same_list(found, expected)
    for variable, expected in zip(model.weights, case["weights"], strict=True):
        np.testing.assert_allclose(variable.numpy(), expected, err_msg=variable.path, **CLOSE)


@pytest.mark.parametrize("case", GOLDEN["words"], ids=lambda c: f"{c['y_true']}-{c['y_pred']}")
def test_words_that_depend_on_the_shapes(case):
    shapes = tuple(case["y_true"]), tuple(case["y_pred"])
    assert type(resolve_metric("accuracy", *shapes)).__name__ == case["accuracy"]
    assert resolve_loss("crossentropy", *shapes).fn.__name__ == case["crossentropy"]
