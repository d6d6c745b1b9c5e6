"""Models drawn from symbolic tensors."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError, ShapeError, TracedValueError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4)).astype("float32")
Z = RNG.normal(size=(6, 2)).astype("float32")


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def trains(model, x, y):
    """It can be compiled and trained, and its weights move."""
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(x, y, verbose=0)
    assert any(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_one_input_one_output():
    inputs = cr.Input((4,), name="x")
    hidden = layers.Dense(3, activation="relu", name="hidden")(inputs)
    model = cr.Model(inputs=inputs, outputs=layers.Dense(1, name="out")(hidden), name="net")
    a, b, c, d = model.get_weights()
    close(model(X), np.maximum(X @ a + b, 0) @ c + d)
    assert [layer.name for layer in model.layers] == ["x", "hidden", "out"] and model.name == "net"
    assert model.input_names == ["x"] and model.output_names == ["out"]
    assert model.input is inputs and model.inputs == [inputs] and model.output_shape == (None, 1)
    trains(model, X, Z[:, :1])


def test_several_inputs_and_outputs_keep_their_nesting():
    a, b = cr.Input((4,), name="a"), cr.Input((2,), name="b")
    joined = layers.Concatenate(name="joined")([a, b])
    outputs = {"sum": layers.Dense(2, name="s")(joined), "both": [joined, layers.Dense(1, name="t")(joined)]}
    model = cr.Model({"first": a, "second": b}, outputs)
    found = model.predict({"first": X, "second": Z}, verbose=0)
    assert sorted(found) == ["both", "sum"] and isinstance(found["both"], list)
    close(found["both"][0], np.concatenate([X, Z], 1))
    kernel, bias = model.get_layer("s").get_weights()
    close(found["sum"], np.concatenate([X, Z], 1) @ kernel + bias)
    listed = cr.Model([a, b], [outputs["sum"], joined])
    assert [p.shape for p in listed.predict([X, Z], verbose=0)] == [(6, 2), (6, 6)]
    close(listed([X, Z])[0], found["sum"])


def test_operators_and_ops_on_symbolic_tensors():
    x = cr.Input((4,))
    y = ops.exp(-x) + 2.0 * x / (1.0 + ops.abs(x)) - x**2
    y = ops.where(y > 0, y, 0.5 * y) @ np.eye(4, dtype="float32")
    model = cr.Model(x, y)
    expected = np.exp(-X) + 2 * X / (1 + np.abs(X)) - X**2
    close(model(X), np.where(expected > 0, expected, 0.5 * expected))
    close(model.predict(X, verbose=0), model(X))
    assert model.weights == [] and y.shape == (None, 4)


def test_slices_reshapes_and_reductions():
    x = cr.Input((4,))
    left, last = x[:, :2], x[:, -1]
    y = ops.concatenate([left * 2, ops.reshape(x, (-1, 2, 2))[:, 1], ops.expand_dims(last, 1)], axis=-1)
    model = cr.Model(x, [y, ops.mean(x, axis=0), ops.max(x, axis=-1, keepdims=True)])
    found = model.predict(X, batch_size=6, verbose=0)
    close(found[0], np.concatenate([2 * X[:, :2], X[:, 2:], X[:, 3:]], 1))
    close(found[1], X.mean(0))
    close(found[2], X.max(1, keepdims=True))


def test_shared_layers_have_one_set_of_weights():
    a, b = cr.Input((4,)), cr.Input((4,))
    shared = layers.Dense(3, activation="tanh")
    distance = layers.Subtract()([shared(a), shared(b)])
    model = cr.Model([a, b], ops.sum(ops.square(distance), axis=-1, keepdims=True))
    assert len(model.weights) == 2
    kernel, bias = shared.get_weights()
    other = X[::-1].copy()
    difference = np.tanh(X @ kernel + bias) - np.tanh(other @ kernel + bias)
    close(model([X, other]), (difference**2).sum(1, keepdims=True))
    trains(model, [X, other], Z[:, :1])


def test_residual_connections():
    x = cr.Input((4,))
    h = layers.Dense(4, activation="relu")(x)
    model = cr.Model(x, layers.Dense(1)(layers.Add()([h + x, x])))
    a, b, c, d = model.get_weights()
    close(model(X), (np.maximum(X @ a + b, 0) + 2 * X) @ c + d)
    trains(model, X, Z[:, :1])


def test_nested_models_are_layers():
    inner_in = cr.Input((4,))
    inner = cr.Model(inner_in, layers.Dense(2)(inner_in), name="inner")
    sequential = cr.Sequential([layers.Dense(3, activation="relu")], name="middle")
    x = cr.Input((4,))
    model = cr.Model(x, sequential(inner(x)) + sequential(inner(x * 2.0)))
    assert [w.shape for w in model.weights] == [(4, 2), (2,), (2, 3), (3,)]
    a, b, c, d = model.get_weights()
    once = lambda v: np.maximum((v @ a + b) @ c + d, 0)  # noqa: E731
    close(model(X), once(X) + once(2 * X))
    assert model.get_layer("inner") is inner
    trains(model, X, np.zeros((6, 3)))


def test_models_that_end_in_the_middle_of_another():
    x = cr.Input((4,))
    first = layers.Dense(3, activation="relu", name="first")
    model = cr.Model(x, layers.Dense(1)(first(x)))
    features = cr.Model(model.input, model.get_layer("first").output)
    close(features(X), first(X))
    head = cr.Model(first.output, model.output)  # and models that begin there
    close(head(features(X)), model(X))
    trains(model, X, Z[:, :1])
    close(head(features(X)), model(X))


def test_a_model_from_the_layers_of_a_sequential():
    base = cr.Sequential([cr.Input((4,)), layers.Dense(3, name="a"), layers.Dense(2, name="b")])
    model = cr.Model(base.inputs, [layer.output for layer in base.layers])
    assert [p.shape for p in model.predict(X, verbose=0)] == [(6, 3), (6, 2)]
    extended = cr.Model(base.input, layers.Dense(1)(base.output))
    base.trainable = False
    extended.compile("sgd", "mse")
    frozen = base.get_weights()
    extended.fit(X, Z[:, :1], verbose=0)
    for a, b in zip(frozen, base.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_tensor_used_many_times_and_as_output_twice():
    x = cr.Input((4,))
    h = layers.Dense(2, name="h")(x)
    model = cr.Model(x, [h, h, h * 2.0])
    one, two, three = model.predict(X, verbose=0)
    close(one, two)
    close(three, 2 * one)


def test_an_input_may_be_an_output():
    x = cr.Input((4,))
    found = cr.Model(x, [x, layers.Dense(1)(x)]).predict(X, verbose=0)
    close(found[0], X)


def test_training_argument_in_the_graph():
    x = cr.Input((4,))
    always = cr.Model(x, layers.Dropout(0.5, seed=1)(x, training=True))
    assert (np.asarray(always(X)) == 0).any() and (always.predict(X, verbose=0) == 0).any()
    usual = cr.Model(x, layers.Dropout(0.5, seed=1)(x))
    close(usual.predict(X, verbose=0), X)
    assert (np.asarray(usual(X, training=True)) == 0).any()
    frozen_norm = layers.BatchNormalization()
    model = cr.Model(x, frozen_norm(x, training=False))
    model.compile("sgd", "mse")
    model.fit(X, X, verbose=0)
    np.testing.assert_array_equal(frozen_norm.moving_mean.numpy(), np.zeros(4))


def test_unknown_sizes_stay_unknown_and_other_sizes_are_taken():
    x = cr.Input((None, 3))
    pooled = ops.mean(layers.Dense(2)(x), axis=1)
    assert pooled.shape == (None, 2)
    model = cr.Model(x, pooled)
    for steps in (1, 5, 83, 89):
        assert model.predict(np.ones((2, steps, 3)), verbose=0).shape == (2, 2)


def test_shapes_of_the_results_of_ops():
    x = cr.Input((4, 6))
    assert ops.transpose(x, (0, 2, 1)).shape == (None, 6, 4)
    assert ops.reshape(x, (-1, 24)).shape == (None, 24)
    assert (x @ np.zeros((6, 2), "float32")).shape == (None, 4, 2)
    assert ops.stack([x, x], axis=1).shape == (None, 2, 4, 6)
    assert layers.Flatten()(x).shape == (None, 24)
    assert (x > 0).dtype == "bool" and ops.cast(x, "int32").dtype == "int32"
    parts = ops.split(x, 2, axis=1)
    assert [p.shape for p in parts] == [(None, 2, 6), (None, 2, 6)]


def test_integer_inputs_are_cast_to_what_the_input_says():
    x = cr.Input((2,))
    model = cr.Model(x, layers.Dense(1)(x))
    kernel, bias = model.get_weights()
    close(model.predict(np.array([[1, 2], [3, 4]]), verbose=0), np.array([[1, 2], [3, 4]]) @ kernel + bias)
    close(model(np.array([[True, False]])), kernel[:1] + bias)
    ids = cr.Input((2,), dtype="int32")
    assert cr.Model(ids, ops.one_hot(ids, 3)).predict(np.array([[0.0, 2.0]]), verbose=0).shape == (1, 2, 3)


# what does not work, and says so


def test_inputs_that_are_missing():
    x, other = cr.Input((4,), name="x"), cr.Input((4,), name="other")
    with pytest.raises(ArgumentError, match="'other' is needed for an output but is not among the inputs"):
        cr.Model(x, layers.Dense(1)(x + other))
    with pytest.raises(ArgumentError, match="expected both inputs and outputs"):
        cr.Model(x)
    with pytest.raises(ArgumentError, match=r"expected inputs made by chainrule.Input.*got array"):
        cr.Model(X, X)
    with pytest.raises(ArgumentError, match="expected outputs made by"):
        cr.Model(x, X)


def test_shapes_that_do_not_fit_name_the_layer_and_the_line():
    a, b = cr.Input((4,)), cr.Input((3,))
    with pytest.raises(ShapeError, match=r"Add 'add.*made at test_functional.py:\d+.*4.*3"):
        layers.Add()([a, b])
    dense = layers.Dense(2, name="narrow")
    dense(a)
    wanted = r"Dense 'narrow' \(made at test_functional.py:\d+\): expected input of size 4 on its last axis; got shape "
    with pytest.raises(ShapeError, match=wanted + r"\(None, 3\)"):
        dense(b)
    with pytest.raises(ShapeError, match=r"\(83, 4\)|\(None, 4\)|float32\[83,4\]"):
        ops.matmul(a, np.zeros((3, 2), "float32"))


@pytest.mark.parametrize("misuse", [np.exp, np.asarray, float, bool, len, list, lambda t: 1 if t > 0 else 0])
def test_symbolic_tensors_have_no_numbers(misuse):
    with pytest.raises((TracedValueError, TypeError), match="KerasTensor"):
        misuse(cr.Input((4,)))


def test_wrong_data_for_the_inputs():
    x = cr.Input((4,), name="table")
    model = cr.Model(x, layers.Dense(1)(x))
    with pytest.raises(ShapeError, match=r"input 'table': expected shape \(None, 4\) .*; got \(6, 2\)"):
        model(Z)
    with pytest.raises(ArgumentError, match=r"expected 1 inputs .'table'.; got 2"):
        model([X, X])


def test_an_unknown_size_that_must_be_a_multiple_of_something():
    """Windows of images as rows of a batch, and back: 16 rows belong together, whatever the batch size is."""
    x = cr.Input((8, 8, 2))
    windows = ops.reshape(x, (-1, 2, 2, 2))
    y = ops.reshape(windows * 2.0, (-1, 16, 8))
    assert windows.shape == (None, 2, 2, 2) and y.shape == (None, 16, 8)
    image = np.random.default_rng(0).normal(size=(3, 8, 8, 2)).astype("float32")
    np.testing.assert_array_equal(cr.Model(x, y).predict(image, verbose=0), 2 * image.reshape(3, 16, 8))
    with pytest.raises(ShapeError, match="reshape"):
        ops.reshape(cr.Input((5,)), (-1, 11, 13))


def test_two_layers_of_one_name_are_refused():
    x = cr.Input((4,))
    with pytest.raises(ArgumentError, match="two layers are named 'same'"):
        cr.Model(x, layers.Dense(1, name="same")(layers.Dense(2, name="same")(x)))
    shared = layers.Dense(4, name="shared")
    assert len(cr.Model(x, shared(shared(x))).layers) == 2


def test_inputs_by_name_may_be_lists():
    a, b = cr.Input((2,)), cr.Input((3,))
    model = cr.Model({"x": a, "y": [b]}, layers.Concatenate()([a, b]))
    data = {"x": np.ones((2, 2)), "y": [np.zeros((2, 3))]}
    np.testing.assert_array_equal(model(data), [[1, 1, 0, 0, 0]] * 2)
    np.testing.assert_array_equal(model.predict(data, verbose=0), [[1, 1, 0, 0, 0]] * 2)


def test_a_model_that_begins_inside_another_has_an_input_layer_of_its_own(tmp_path, capsys):
    inputs = cr.Input((None, 2), name="input")
    first = layers.Dense(3, name="first")(inputs)
    second = layers.Dense(4, name="second")(first)
    whole = cr.Model(inputs, layers.Dense(5, name="third")(second * 2.0))
    part = cr.Model(first, [second, whole.output])
    assert [type(layer).__name__ for layer in part.layers] == ["InputLayer", "Dense", "Dense"]
    assert part.inputs[0].name == f"{first.name}CLONE"
    assert whole.get_layer("second").output is second
    x = np.random.default_rng(0).normal(size=(3, 7, 2)).astype("float32")
    middle = cr.Model(inputs, first).predict(x, verbose=0)
    assert np.array_equal(part.predict(middle, verbose=0)[1], whole.predict(x, verbose=0))
    part.summary()
    assert "third (Dense)" in capsys.readouterr().out
    part.save(tmp_path / "part.keras")
    again = cr.models.load_model(tmp_path / "part.keras")
    assert np.array_equal(again.predict(middle, verbose=0)[0], part.predict(middle, verbose=0)[0])
    assert part.get_layer("second").kernel is whole.get_layer("second").kernel


def test_outputs_inside_a_model_that_is_part_of_another():
    image = cr.Input((8, 8, 3))
    features = layers.Conv2D(4, 3, name="last")(image)
    base = cr.Model(image, layers.Flatten()(features))
    cr.Sequential([base, layers.Dense(2)])
    assert base.input is image
    both = cr.Model([base.inputs], [base.get_layer("last").output, base.output])
    assert both.output_shape == [(None, 6, 6, 4), (None, 144)]
