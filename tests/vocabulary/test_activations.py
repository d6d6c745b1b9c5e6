"""Activations against Keras's values and gradients, their derivatives in float64, extremes, names."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from chainrule import activations, ops
from chainrule.autodiff import reverse
from chainrule.errors import ArgumentError, ShapeError
from chainrule.executors.reference import compile_program
from chainrule.ir import Tensor, trace, type_of
from chainrule.serialization import register_keras_serializable

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "activations.json").read_text())
CASES = [pytest.param(c, id=f"{c['function']}-{i}") for i, c in enumerate(GOLDEN["cases"])]
NAMES = sorted(set(GOLDEN["names"].values()))
ARGUMENTS = {"threshold": {"threshold": 0.3, "default_value": -2.0}}
# The places where a function's slope jumps: no derivative to compare there.
KINKS = {
    "hard_shrink": [-0.5, 0.5], "soft_shrink": [-0.5, 0.5], "threshold": [0.3], "hard_tanh": [-1, 1],
    "hard_sigmoid": [-3, 3], "hard_silu": [-3, 3], "sparse_plus": [-1, 1], "sparse_sigmoid": [-1, 1], "relu": [0],
    "relu6": [0, 6], "leaky_relu": [0], "elu": [0], "celu": [0], "selu": [0],
}  # fmt: skip


def value_and_gradient(function, x, cotangent):
    """function(x) and d sum(cotangent * function(x)) / dx, both through a recorded Program."""
    program, captured = trace(lambda t: [function(t)], [type_of(x)])
    assert not captured
    return compile_program(reverse(program, [0]))([x, cotangent])


def comparable(case, x, y, gradient):
    """Where Keras's values and gradients bind us."""
    values, gradients = np.ones(y.shape, bool), ~np.isnan(gradient)  # null is NaN here
    if case["function"] == "sparsemax":  # Keras's is wrong where two or more elements share the 1: they do not sum to 1
        values &= np.isclose(y.sum(case["kwargs"].get("axis", -1), keepdims=True), 1)
        gradients &= False
    if case["kwargs"].get("threshold") is not None:  # a jump has no slope: any choice will do
        gradients &= x != case["kwargs"]["threshold"]
    return values, gradients


@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_are_those_of_keras(case):
    function = partial(getattr(activations, case["function"]), **case["kwargs"])
    x = np.array(case["x"], "float32")
    y, gradient = value_and_gradient(function, x, np.array(case["cotangent"], "float32"))
    # sqrt(x^2 + b) + x cancels for x = -100: the last bits of sqrt differ between libraries
    slack = 1e-5 if case["function"] == "squareplus" else 2e-6
    expected, expected_gradient = (np.array(case[key], "float32") for key in ("expected", "gradient"))
    values, gradients = comparable(case, x, expected, expected_gradient)
    assert values.any()
    np.testing.assert_allclose(y[values], expected[values], rtol=1e-5, atol=slack)
    np.testing.assert_allclose(gradient[gradients], expected_gradient[gradients], rtol=1e-5, atol=2e-6)
    np.testing.assert_array_equal(np.asarray(function(x)), y)  # eager and recorded agree


@pytest.mark.parametrize("name", NAMES)
def test_derivative_by_central_differences(name):
    function = partial(activations.ALL[name], **ARGUMENTS.get(name, {}))
    x = np.random.default_rng(3).normal(0, 3, (5, 8))
    for kink in KINKS.get(name, []):
        x = np.where(np.abs(x - kink) < 1e-3, x + 0.01, x)
    y = np.asarray(function(x))
    cotangent = np.random.default_rng(4).normal(size=y.shape)
    _, gradient = value_and_gradient(function, x, cotangent)
    direction = np.random.default_rng(5).normal(size=x.shape)
    step = 1e-6
    ahead, behind = (np.asarray(function(x + s * direction)) for s in (step, -step))
    np.testing.assert_allclose(
        np.sum(gradient * direction), np.sum(cotangent * (ahead - behind)) / (2 * step), rtol=1e-6, atol=1e-7
    )


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("linear", "relu", "relu6", "leaky_relu")])
def test_second_derivative_by_central_differences(name):
    function = partial(activations.ALL[name], **ARGUMENTS.get(name, {}))
    x = np.linspace(-2.77, 2.93, 16).reshape(2, 8)
    y = np.asarray(function(x))
    ones = np.ones_like(y)
    program, _ = trace(lambda t: [function(t)], [type_of(x)])
    first = reverse(program, [0])
    weights = np.random.default_rng(6).normal(size=x.shape)
    second = compile_program(reverse(first, [0]))([x, ones, np.zeros_like(y), weights])[2]
    direction = np.random.default_rng(7).normal(size=x.shape)
    ahead, behind = (compile_program(first)([x + s * direction, ones])[1] for s in (1e-6, -1e-6))
    np.testing.assert_allclose(
        np.sum(second * direction), np.sum(weights * (ahead - behind)) / 2e-6, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_far_out_values_and_gradients_are_finite(name, dtype):
    function = partial(activations.ALL[name], **ARGUMENTS.get(name, {}))
    x = np.array([[-1e4, 1e4, -300.0, 300.0, 0.0, -0.0]], dtype)
    if name == "exponential":
        x = np.minimum(x, 80)  # e^300 is not a float32
    y = np.asarray(function(x))
    value, gradient = value_and_gradient(function, x, np.ones_like(y))
    assert y.dtype == value.dtype == gradient.dtype == dtype
    assert np.isfinite(y).all()
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan(name):
    function = partial(activations.ALL[name], **ARGUMENTS.get(name, {}))
    y = np.asarray(function(np.array([[math.nan, 1.0], [2.0, 3.0]], "float32")))
    assert np.isnan(y[0, 0])
    assert np.isfinite(y[1]).all()


def test_relu_with_a_limit_and_a_threshold_keeps_nan():
    y = activations.relu([math.nan, -1.0, 9.0], negative_slope=0.1, max_value=6.0, threshold=1.0).numpy()
    assert np.isnan(y[0])
    np.testing.assert_allclose(y[1:], [-0.2, 6.0], rtol=1e-6)


def test_softplus_has_exact_derivatives_at_zero():
    zero, one = np.array(0.0), np.array(1.0)
    program, _ = trace(lambda t: [ops.softplus(t)], [type_of(zero)])
    first = reverse(program, [0])
    assert compile_program(first)([zero, one])[1] == 0.5
    assert compile_program(reverse(first, [0]))([zero, one, np.array(0.0), one])[2] == 0.25


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_family_sums_to_one(axis):
    x = np.random.default_rng(0).normal(0, 5, (3, 4, 5)).astype("float32")
    for function in (activations.softmax, activations.sparsemax):
        np.testing.assert_allclose(np.asarray(function(x, axis=axis)).sum(axis), 1.0, rtol=1e-5)
    np.testing.assert_allclose(
        np.asarray(activations.log_softmax(x, axis=axis)), np.log(activations.softmax(x, axis=axis)), atol=1e-5
    )


def test_softmax_along_two_axes():
    y = np.asarray(activations.softmax(np.zeros((2, 3, 4), "float32"), axis=(1, 2)))
    np.testing.assert_allclose(y, 1 / 12, rtol=1e-6)


def test_sparsemax_is_the_nearest_point_of_the_simplex():
    x = np.random.default_rng(1).normal(0, 1, 6)
    y = np.asarray(activations.sparsemax(x))
    others = np.random.default_rng(2).dirichlet(np.full(6, 0.4), 2000)
    assert np.sum((y - x) ** 2) <= np.min(np.sum((others - x) ** 2, axis=1)) + 1e-12


def test_sigmoid_and_softmax_remember_their_logits():
    x = np.array([[0.5, -2.0]], "float32")
    for name in ("sigmoid", "softmax"):
        kind, logits = activations.ALL[name](x).logits
        assert kind == name
        np.testing.assert_array_equal(np.asarray(logits), x)
    assert not hasattr(activations.softmax(np.zeros((2, 3)), axis=0), "logits")  # classes are the last axis of a loss
    assert not hasattr(activations.sigmoid(x) * 1.0, "logits")


def test_binary_crossentropy_from_logits_has_a_gradient_at_zero():
    zero, target = np.zeros(1), np.ones(1)
    _, gradient = value_and_gradient(
        lambda t: ops.binary_crossentropy(ops.convert_to_tensor([1.0]), t, from_logits=True), zero, target
    )
    np.testing.assert_allclose(gradient, [-0.5])


def test_names_are_those_of_keras():
    for name, function in GOLDEN["names"].items():
        assert activations.get(name).__name__ == function
    assert set(GOLDEN["names"]) == set(activations.ALL)
    assert all(getattr(activations, name) is function for name, function in activations.ALL.items())


def test_get_takes_functions_and_none():
    assert activations.get(None) is activations.linear
    assert activations.get(np.tanh) is np.tanh
    with pytest.raises(ArgumentError, match="Did you mean 'relu'"):
        activations.get("rellu")
    with pytest.raises(ArgumentError, match="expected a name"):
        activations.get(3)


@pytest.mark.parametrize("name", NAMES)
def test_round_trip(name):
    assert activations.serialize(activations.get(name)) == name
    assert activations.deserialize(name) is activations.get(name)


def test_round_trip_of_a_users_function():
    @register_keras_serializable(name="cubed")
    def cubed(x):
        return x * x * x

    plain = json.loads(json.dumps(activations.serialize(cubed)))
    assert activations.deserialize(plain) is cubed
    assert activations.deserialize("other", {"other": cubed}) is cubed


def test_glu_needs_an_even_size():
    with pytest.raises(ShapeError, match="even size on axis -1"):
        activations.glu(np.zeros((2, 3), "float32"))


@pytest.mark.parametrize("name", NAMES)
def test_symbolic_tensors_give_symbolic_tensors(name):
    function = partial(activations.ALL[name], **ARGUMENTS.get(name, {}))
    y = function(ops.KerasTensor((None, 4)))
    assert y.shape == (None, 2 if name == "glu" else 4)
    assert y.dtype == "float32"


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("linear", "relu", "relu6")])
def test_integers_become_floats(name):
    function = partial(activations.ALL[name], **ARGUMENTS.get(name, {}))
    y = function(np.array([[1, 2], [0, -3]]))
    assert isinstance(y, Tensor)
    assert y.dtype == "float32"


def test_relu_keeps_integers():
    assert activations.relu(np.array([-1, 2], "int32")).dtype == "int32"
    assert activations.relu6(np.array([-1, 9], "int8")).tolist() == [0, 6]
