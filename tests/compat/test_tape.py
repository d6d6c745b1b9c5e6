"""`tf.GradientTape` and `tf.function`: what goes beyond the numbers of tests/golden/steps.json."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.compat import active
from chainrule.errors import ArgumentError
from chainrule.passes import optimize


@pytest.fixture(name="tf")
def tensorflow() -> Iterator[Any]:
    with active():
        import tensorflow

        yield tensorflow


def test_one_gradient_of_a_tape_unless_it_is_persistent(tf: Any) -> None:
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * x
    assert float(tape.gradient(y, x)) == 4
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.gradient(y, x)
    with pytest.raises(ArgumentError, match="a tensor or Variable; got ndarray"), tf.GradientTape() as tape:
        tape.watch(np.ones(2))


def test_gradients_by_numbers_agree_with_differences(tf: Any) -> None:
    values = np.linspace(0.2, 1.1, 20).reshape(4, 5)
    w = tf.Variable(values, dtype=tf.float64)

    def function() -> Any:
        return tf.reduce_sum(tf.tanh(tf.matmul(w, w, transpose_b=True)) ** 2)

    with tf.GradientTape() as tape:
        y = function()
    found = tape.gradient(y, w).numpy()
    for place in ((0, 0), (3, 2)):
        there = []
        for step in (1e-6, -1e-6):
            moved = values.copy()
            moved[place] += step
            w.assign(moved)
            there.append(float(function()))
        assert (there[0] - there[1]) / 2e-6 == pytest.approx(found[place], rel=1e-6)


def test_small_weights_inside_a_loop_have_gradients(tf: Any) -> None:
    w = tf.Variable([0.5, 2.0])
    with tf.GradientTape() as tape:
        total, _ = cr.ops.scan(lambda c, x: (c * w + x, None), tf.zeros((2,)), tf.ones((3, 2)))
        y = tf.reduce_sum(total)
    np.testing.assert_allclose(tape.gradient(y, w), 1 + 2 * w.numpy())


def test_variables_change_while_a_tape_records(tf: Any) -> None:
    count = tf.Variable(0.0, trainable=False)
    with tf.GradientTape() as tape:
        count.assign_add(3.0)
        y = count * 2.0
    assert float(count) == 3 and float(y) == 6 and tape.watched_variables() == ()


def test_the_tensors_of_a_tape_go_into_others(tf: Any) -> None:
    x = tf.Variable(np.ones(20, "float32"))
    with tf.GradientTape() as first:
        y = x * 3.0
    with tf.GradientTape() as second:
        second.watch(y)
        z = tf.reduce_sum(y * y * x)
    np.testing.assert_allclose(second.gradient(z, y), 6 * np.ones(20))
    np.testing.assert_allclose(first.gradient(y, x), 3 * np.ones(20))
    assert z.numpy() == 180 and float(cr.compile(lambda a: tf.reduce_sum(a + y))(np.ones(20, "float32"))) == 80


def test_a_tape_inside_a_recording_adds_no_second_forward_pass(tf: Any) -> None:
    w = tf.Variable(np.ones((4, 3), "float32"))

    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.matmul(x, w))
        return y, tape.gradient(y, w)

    program = optimize(cr.trace_function(step, np.ones((2, 4), "float32")))
    assert [e.primitive.name for e in program.equations].count("dot_general") == 2


def test_functions_are_compiled_and_see_variables_as_they_are(tf: Any) -> None:
    v, calls = tf.Variable(1.0), []

    @tf.function
    def scaled(x: Any) -> Any:
        calls.append(x.shape)
        return {"y": x * v, "none": None}

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert scaled(tf.constant([2.0]))["y"].tolist() == [2]
        v.assign(5.0)
        assert scaled(tf.constant([3.0]))["y"].tolist() == [15] and len(calls) == 1
        scaled(tf.constant([1.0, 2.0]))
    assert len(calls) == 2 and scaled.__name__ == "scaled"


def test_methods_and_what_they_make_the_first_time(tf: Any) -> None:
    class Trainer:
        def __init__(self) -> None:
            self.layer = tf.keras.layers.Dense(1, kernel_initializer="ones")
            self.optimizer = tf.keras.optimizers.Adam(0.1)

        @tf.function
        def step(self, x: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(self.layer(x)))
            gradients = tape.gradient(loss, self.layer.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.layer.trainable_variables, strict=True))
            return loss

    one, other = Trainer(), Trainer()
    losses = [float(one.step(np.ones((3, 2), "float32"))) for _ in range(4)]
    assert losses[0] == 4 and losses == sorted(losses, reverse=True)
    assert int(one.optimizer.iterations.numpy()) == 4 and float(other.step(np.ones((3, 2), "float32"))) == 4


def test_functions_that_look_at_numbers_are_plain_python(tf: Any) -> None:
    @tf.function
    def magnitude(x: Any) -> Any:
        if float(x) > 0:  # the line
            return x
        return -x

    with pytest.warns(UserWarning, match=r"magnitude \(test_tape.py:\d+\)"):
        assert float(magnitude(tf.constant(-2.0))) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert float(magnitude(tf.constant(3.0))) == 3
    tf.config.run_functions_eagerly(True)
    try:
        assert tf.config.functions_run_eagerly()
        assert tf.function(lambda x: float(x))(tf.constant(1.5)) == 1.5
    finally:
        tf.config.run_functions_eagerly(False)
