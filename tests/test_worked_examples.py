"""Two examples worked by hand: the equations written out, the recorded gradient and finite differences agree.

1. A network 2-2-2, sigmoid in both layers, half the sum of squared errors, input (1, 2), target (3, 4).
2. One linear neuron y = w1 x1 + w2 x2 + b with the squared error of one sample.
"""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import ops

X = np.array([1.0, 2.0])
TARGET = np.array([3.0, 4.0])
W1 = np.array([[0.1, -0.2], [0.3, 0.4]])  # column vectors: z = W x + b
B1 = np.array([0.05, -0.05])
W2 = np.array([[0.5, -0.6], [0.7, 0.8]])
B2 = np.array([0.1, 0.2])


def sigma(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def loss_of(w1, b1, w2, b2):
    hidden = ops.sigmoid(ops.matmul(w1, X) + b1)
    output = ops.sigmoid(ops.matmul(w2, hidden) + b2)
    return 0.5 * ops.sum(ops.square(output - TARGET))


def by_hand() -> list[np.ndarray]:
    a1 = sigma(W1 @ X + B1)
    a2 = sigma(W2 @ a1 + B2)
    delta2 = (a2 - TARGET) * a2 * (1 - a2)  # output: (a - y) sigma'(z), element by element
    delta1 = (W2.T @ delta2) * a1 * (1 - a1)  # hidden: (W2^T delta2) sigma'(z1)
    return [np.outer(delta1, X), delta1, np.outer(delta2, a1), delta2]


def finite_differences(function, arguments: list[np.ndarray], step: float = 1e-6) -> list[np.ndarray]:
    found = []
    for k, argument in enumerate(arguments):
        slope = np.zeros_like(argument)
        for index in np.ndindex(argument.shape):
            values = []
            for sign in (1, -1):
                moved = [a.copy() for a in arguments]
                moved[k][index] += sign * step
                values.append(float(function(*moved)))
            slope[index] = (values[0] - values[1]) / (2 * step)
        found.append(slope)
    return found


def test_two_layers_of_sigmoids_every_gradient():
    recorded = cr.grad(loss_of, argnums=(0, 1, 2, 3))(W1, B1, W2, B2)
    numeric = finite_differences(loss_of, [W1, B1, W2, B2])
    for hand, ours, differences in zip(by_hand(), recorded, numeric, strict=True):
        np.testing.assert_allclose(ours, hand, rtol=1e-12)
        np.testing.assert_allclose(ours, differences, rtol=1e-7, atol=1e-10)


def test_the_compiled_gradient_is_the_same():
    compiled = cr.compile(cr.grad(loss_of, argnums=(0, 1, 2, 3)))
    for hand, ours in zip(by_hand(), compiled(W1, B1, W2, B2), strict=True):
        np.testing.assert_allclose(ours, hand, rtol=1e-12)


def test_updates_with_the_deltas_exchanged_are_wrong():
    """An update often seen in print, each matrix with the other layer's delta: the right shapes, the wrong values."""
    a1 = sigma(W1 @ X + B1)
    d_w1, delta1, d_w2, delta2 = by_hand()
    swapped = [np.outer(delta2, X), np.outer(delta1, a1)]
    assert np.abs(swapped[0] - d_w1).max() > 2 * np.abs(d_w1).max()
    assert np.abs(swapped[1] - d_w2).max() > 0.5 * np.abs(d_w2).max()


def test_a_target_outside_the_range_of_the_sigmoid_cannot_be_reached():
    """Half the sum of squares has the infimum 6.5 for the target (3, 4): outputs stay below 1."""
    step = cr.value_and_grad(loss_of, argnums=(0, 1, 2, 3))
    values = [W1, B1, W2, B2]
    for _ in range(300):
        loss, gradients = step(*values)
        values = [v - 5.0 * np.asarray(g) for v, g in zip(values, gradients, strict=True)]
    assert 6.5 < float(loss) < 6.6


def test_linear_neuron_all_three_gradients_and_updates():
    x1, x2, w1, w2, b, y_true, rate = 2.0, 3.0, 0.5, -0.4, 0.1, 1.0, 0.01
    y_pred = w1 * x1 + w2 * x2 + b
    by_chain_rule = [2 * (y_pred - y_true) * x1, 2 * (y_pred - y_true) * x2, 2 * (y_pred - y_true)]

    def loss(w1, w2, b):
        return ops.square(w1 * x1 + w2 * x2 + b - y_true)

    point = [np.float64(v) for v in (w1, w2, b)]
    gradients = cr.grad(loss, argnums=(0, 1, 2))(*point)
    np.testing.assert_allclose([float(g) for g in gradients], by_chain_rule, rtol=1e-14)
    differences = finite_differences(loss, [np.array(p) for p in point])
    np.testing.assert_allclose([float(g) for g in gradients], [float(d) for d in differences], rtol=1e-8)

    model = cr.Sequential([cr.layers.Dense(1, input_shape=(2,))])
    model.set_weights([np.array([[w1], [w2]]), np.array([b])])
    model.compile(optimizer=cr.optimizers.SGD(rate), loss="mse")
    model.fit(np.array([[x1, x2]]), np.array([[y_true]]), verbose=0)
    kernel, bias = model.get_weights()
    updated = [w1 - rate * by_chain_rule[0], w2 - rate * by_chain_rule[1], b - rate * by_chain_rule[2]]
    np.testing.assert_allclose([*kernel.ravel(), *bias], updated, rtol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_public_gradient_checker(seed):
    rng = np.random.default_rng(seed)
    assert cr.check_gradients(loss_of, *(rng.standard_normal(a.shape) for a in (W1, B1, W2, B2)), seed=seed) < 1e-7
    with pytest.raises(cr.errors.ArgumentError, match="above the tolerance"):
        cr.check_gradients(lambda x: ops.sum(ops.stop_gradient(x) * x), rng.standard_normal(3), seed=seed)
