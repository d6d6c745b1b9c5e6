"""Training loops written by hand: the same tape and the same update again and again, first computed, then compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from chainrule import layers, optimizers
from chainrule.compat import active
from chainrule.compat.tensorflow import repeated
from chainrule.errors import IndexRangeError

STEPS = 7  # more than the patience of tapes and updates


@pytest.fixture(name="tf")
def tensorflow() -> Iterator[Any]:
    with active():
        import tensorflow

        yield tensorflow


def test_gradients_are_the_formula_in_every_step_whatever_changes(tf: Any) -> None:
    rng = np.random.default_rng(0)
    w, x = tf.Variable(rng.normal(size=(3, 1)), dtype=tf.float64), np.zeros((5, 3))
    for step in range(STEPS):
        x[:] = rng.normal(size=(5, 3))  # the same array, other numbers
        y, scale = rng.normal(size=(5, 1)), float(rng.normal())
        with tf.GradientTape() as tape:
            error = tf.matmul(x, w) - y
            loss = scale * tf.reduce_mean(error**2)
        old = x.copy()
        x[:] = 0  # too late to matter
        found = tape.gradient(loss, w)
        residual = old @ w.numpy() - y
        np.testing.assert_allclose(found, scale * 2 / 5 * old.T @ residual, rtol=1e-10, err_msg=str(step))
        np.testing.assert_allclose(error, residual, rtol=1e-10)
        assert float(loss) == pytest.approx(scale * np.mean(residual**2))
        w.assign_sub(0.1 * found)
    assert any(met.run is not None for met in repeated._known.values())


def test_two_tapes_side_by_side_each_give_a_gradient(tf: Any) -> None:
    a, b = tf.Variable(2.0), tf.Variable(3.0)
    for _ in range(STEPS):
        with tf.GradientTape() as first, tf.GradientTape() as second:
            product = a * b
            square = product * a
        assert float(first.gradient(square, a)) == 2 * 2 * 3
        assert float(second.gradient(product, b)) == 2
        assert float(square) == 12


def test_a_source_without_a_path_has_no_gradient_in_any_step(tf: Any) -> None:
    a, b = tf.Variable(2.0), tf.Variable(3.0)
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            y, _ = a * a, b * 2.0
        assert [None if g is None else float(g) for g in tape.gradient(y, [a, b])] == [4.0, None]


def test_moving_averages_and_random_keys_move_on(tf: Any) -> None:
    norm, drop = layers.BatchNormalization(momentum=0.9), layers.Dropout(0.5, seed=1)
    rng, mean, kept = np.random.default_rng(0), np.zeros(3), []
    for _ in range(STEPS):
        x = rng.normal(size=(50, 3)).astype("float32")
        with tf.GradientTape() as tape:
            y = drop(norm(x, training=True), training=True)
            loss = tf.reduce_sum(y**2)
        assert tape.gradient(loss, norm.gamma).shape == (3,)
        mean = 0.9 * mean + 0.1 * x.mean(0)
        np.testing.assert_allclose(norm.moving_mean, mean, atol=1e-6)
        kept.append(np.asarray(y) != 0)
    assert all((kept[0] != other).any() for other in kept[1:])


def test_an_index_out_of_range_is_said_in_every_step(tf: Any) -> None:
    table = tf.Variable(np.ones((4, 2)), dtype=tf.float32)
    for row in [3] * STEPS + [4]:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.gather(table, [0, row]))
        if row < 4:
            assert tape.gradient(loss, table).numpy().sum(1).tolist() == [2, 0, 0, 2]
    with pytest.raises(IndexRangeError, match="got 4"):
        tape.gradient(loss, table)


def test_updates_follow_settings_that_change_on_the_way() -> None:
    from chainrule import Variable, ops

    w, optimizer = Variable(np.ones(2), dtype="float64"), optimizers.SGD(0.5, momentum=0.9)
    weights, velocity = np.ones(2), np.zeros(2)
    for step in range(2 * STEPS):
        rate, decay = (0.5, None) if step < STEPS else (0.25, 0.01)
        optimizer.learning_rate, optimizer.weight_decay = rate, decay
        gradient = np.array([step, 1.0])
        optimizer.apply([ops.convert_to_tensor(gradient)], [w])
        weights = weights * (1 - rate * (decay or 0))
        velocity = 0.9 * velocity - rate * gradient
        weights = weights + velocity
        np.testing.assert_allclose(w, weights, rtol=1e-6, err_msg=str(step))
    assert int(optimizer.iterations) == 2 * STEPS
    assert len(optimizer._repeated._compiled) == 2


def test_rules_of_the_user_run_as_python() -> None:
    from chainrule import Variable, ops

    class Counting(optimizers.SGD):
        calls = 0

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            self.calls += 1
            super().update_step(gradient, variable, learning_rate)

    optimizer, w = Counting(0.1), Variable([1.0])
    for _ in range(STEPS):
        optimizer.apply([ops.ones(1)], [w])
    assert optimizer.calls == STEPS
    assert float(w[0]) == pytest.approx(1 - 0.1 * STEPS)
