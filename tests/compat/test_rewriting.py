"""`if`, `while` and `for` about tensors in a `tf.function`: compiled, with the numbers that plain Python gives."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainrule.compat import active

with active():
    import tensorflow as tf

Function = Callable[..., Any]


def absolute(x: Any) -> Any:
    if tf.reduce_sum(x) > 0:
        return x * 2
    return -x


def names_of_branches(x: Any) -> Any:
    y = x
    if tf.reduce_sum(x) > 0:
        y = x * 2
        only_here = y + 1
        y = only_here - 1
    elif tf.reduce_sum(x) < -10:
        y = x * 3
    return y


def several_returns(x: Any) -> Any:
    if tf.reduce_sum(x) > 5:
        return x, True
    x = x + 1
    if tf.reduce_sum(x) > 5:
        return x * 10, False
    return x * 100, False


def squares(n: Any) -> Any:
    i, total = 0, 0.0
    while i < n:
        total += tf.cast(i, "float32") ** 2
        i += 1
    return total


def odd_numbers(n: Any) -> Any:
    total = tf.constant(0)
    for i in tf.range(n):
        if i % 2 == 0:
            continue
        total += i
    return total


def doubled_until(x: Any) -> Any:
    while True:
        x = x * 2.0
        if x > 100.0:
            break
    return x


def collatz(n: Any) -> Any:
    steps = 0
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def fizzbuzz(n: Any) -> Any:
    both, one = tf.constant(0), tf.constant(0)
    for number in tf.range(1, n + 1):
        if number % 3 == 0 and number % 5 == 0:
            both += 1
        elif not (number % 3 != 0 and number % 5 != 0):
            one += 1
    return both, one


def rows(x: Any) -> Any:
    total = tf.zeros((2,))
    for row in x:
        total = total + row * tf.reduce_max(x)
    return total


def triangle(x: Any) -> Any:
    total = 0.0
    for i in tf.range(6):
        for j in tf.range(i + 1):
            total += tf.cast(j, "float32") * x
    return total


def written(n: Any) -> Any:
    places = tf.TensorArray("float32", size=6)
    for i in tf.range(6):
        places = places.write(i, tf.cast(i, "float32") * n)
    return places.stack()


def power_and_slope(x: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in tf.range(5):
            if tf.reduce_sum(x) > 0:
                y = y * x
    return y, tape.gradient(y, x)


CASES: list[tuple[Function, list[Any]]] = [
    (absolute, [[1.0, 2.0], [-1.0, -2.0]]), (names_of_branches, [[1.0, 2.0], [-10.0, -2.0], [-1.0, -2.0]]),
    (several_returns, [[1.0, 2.0], [2.0, 2.0], [4.0, 2.0]]), (squares, [5, 0]), (odd_numbers, [10]),
    (doubled_until, [1.5, 200.0]), (collatz, [27, 1]), (fizzbuzz, [30]), (triangle, [1.0]), (written, [2.0]),
    (rows, [np.arange(20, dtype="float32").reshape(10, 2)]), (power_and_slope, [2.0, -2.0]),
]  # fmt: skip


@pytest.mark.parametrize(("function", "inputs"), CASES, ids=[f.__name__ for f, _ in CASES])
def test_the_numbers_are_those_of_python(function: Function, inputs: list[Any]) -> None:
    compiled = tf.function(function)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for value in inputs:
            found, expected = compiled(tf.constant(value)), function(tf.constant(value))
            for a, b in zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-6)
    assert not compiled._is_plain


def test_known_powers() -> None:
    value, slope = tf.function(power_and_slope)(tf.constant(2.0))
    assert (float(value), float(slope)) == (64, 6 * 2**5)
    assert int(tf.function(collatz)(tf.constant(27))) == 111


def test_variables_are_carried() -> None:
    count, doubled = tf.Variable(0), tf.Variable(1.0)

    @tf.function
    def step(n: Any) -> Any:
        for _ in tf.range(n):
            count.assign_add(1)
            if doubled < 8.0:
                doubled.assign(doubled * 2.0)
        return doubled.read_value()

    assert [float(step(tf.constant(2))), float(step(tf.constant(5)))] == [4, 8]
    assert int(count) == 7


def test_a_whole_training_in_one_function() -> None:
    from chainrule import layers, optimizers

    x = np.random.default_rng(0).normal(size=(16, 3))
    y = x.sum(1, keepdims=True)
    neuron, optimizer = layers.Dense(1, use_bias=False, kernel_initializer="zeros"), optimizers.SGD(0.1)
    neuron.build((None, 3))

    @tf.function
    def train(steps: Any) -> Any:
        loss = tf.constant(0.0)
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((neuron(x.astype("float32")) - y) ** 2)
            weights = neuron.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    train(tf.constant(30))
    w = np.zeros((3, 1))
    for _ in range(30):
        w -= 0.1 * 2 / 16 * x.T @ (x @ w - y)
    np.testing.assert_allclose(neuron.kernel, w, rtol=1e-4)
    assert int(optimizer.iterations) == 30


def test_what_does_not_fit_is_said_and_runs_as_python() -> None:
    @tf.function
    def grows(x: Any) -> Any:
        if tf.reduce_sum(x) > 0:
            x = tf.concat([x, x], 0)
        return x

    with pytest.warns(UserWarning, match=r"one shape; got \(4,\) and \(2,\).*plain Python"):
        assert grows(tf.constant([1.0, 2.0])).shape == (4,)
    assert grows(tf.constant([-1.0, 2.0, -3.0])).shape == (3,)
