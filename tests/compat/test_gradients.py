"""`keras.ops.custom_gradient` and `jvp`."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.compat.gradients import custom_gradient, jvp
from chainrule.errors import ArgumentError


@custom_gradient
def log1pexp(x):
    e = ops.exp(x)

    def grad(*args, upstream=None):
        if upstream is None:
            (upstream,) = args
        return ops.multiply(upstream, 1.0 - 1.0 / ops.add(1, e))

    return ops.log(1 + e), grad


def test_a_gradient_that_does_not_overflow():
    slope = cr.grad(lambda x: ops.sum(log1pexp(x)))(np.array([0.0, 2.0]))
    np.testing.assert_allclose(np.asarray(slope), 1 / (1 + np.exp([-0.0, -2.0])), rtol=1e-6)
    np.testing.assert_allclose(np.asarray(log1pexp(np.array([0.0, 2.0]))), np.log1p(np.exp([0.0, 2.0])), rtol=1e-6)
    assert float(cr.grad(log1pexp)(100.0)) == 1.0  # without it NaN: the exponential overflows in float32


def test_several_arguments_and_results_that_are_no_numbers():
    scale = np.array([[1.0, 2.0], [3.0, 4.0]])

    @custom_gradient
    def product(a, b):
        return ops.matmul(a, b), lambda up: (ops.matmul(up, ops.transpose(b)) * 10.0, ops.matmul(ops.transpose(a), up))

    a, b = np.array([[1.0, -1.0]]), scale
    ga, gb = cr.grad(lambda a, b: ops.sum(product(a, b) * np.array([[1.0, 2.0]])), argnums=(0, 1))(a, b)
    np.testing.assert_allclose(np.asarray(ga), 10 * np.array([[1.0, 2.0]]) @ b.T, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(gb), a.T @ np.array([[1.0, 2.0]]), rtol=1e-6)
    assert np.isneginf(np.asarray(custom_gradient(lambda x: (x, lambda up: up))(np.array([-np.inf])))).all()


def test_in_training():
    @custom_gradient
    def straight_through(x):
        return ops.round(x), lambda up: up

    class Rounded(layers.Layer):
        def call(self, x):
            return straight_through(x)

    model = cr.Sequential([cr.Input((2,)), layers.Dense(3), Rounded(), layers.Dense(1)])
    model.compile("sgd", "mse")
    before = model.layers[0].get_weights()[0]
    model.fit(np.ones((8, 2)), np.full((8, 1), 3.0), verbose=0)
    assert not np.array_equal(before, model.layers[0].get_weights()[0])


def test_a_gradient_for_each_argument():
    with pytest.raises(ArgumentError, match="expected 2 gradients, one an argument; got 1"):
        custom_gradient(lambda a, b: (a + b, lambda up: up))(np.ones(2), np.ones(2))


def test_jvp_with_something_beside():
    value, slope, aux = jvp(lambda x: (x * x, {"twice": 2 * x}), (3.0,), (1.0,), has_aux=True)
    assert (float(value), float(slope), float(aux["twice"])) == (9.0, 6.0, 6.0)
