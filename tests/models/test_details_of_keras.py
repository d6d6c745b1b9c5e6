"""What scripts rely on in Keras's models beyond layers and numbers: optional inputs, structures, names, errors."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule import Input, Model, Sequential, layers, models


def test_an_optional_input_may_be_none() -> None:
    first, second = Input((2,)), Input((2,), optional=True, name="second")

    class Add(layers.Layer):
        def call(self, pair: Any) -> Any:
            return pair[0] if pair[1] is None else pair[0] + pair[1]

    model = Model([first, second], Add()([first, second]))
    assert np.array_equal(model([np.ones((3, 2)), None]), np.ones((3, 2)))
    assert np.array_equal(model([np.ones((3, 2)), np.ones((3, 2))]), 2 * np.ones((3, 2)))
    with pytest.raises(ValueError, match="not optional"):
        model([None, np.ones((3, 2))])


def test_inputs_take_the_dtypes_that_the_model_says() -> None:
    half, whole = Input((2,), dtype="float16"), Input((2,), dtype="int32")
    found = Model([half, whole], [half + 2, whole + 2])([np.ones((2, 2)), np.full((2, 2), 1.9)])
    assert [str(t.dtype) for t in found] == ["float16", "int32"]
    assert found[1].tolist() == [[3, 3], [3, 3]]


def test_other_names_than_the_models_are_said_once() -> None:
    a = Input((2,), name="a")
    model = Model({"a": a}, a * 2)
    with pytest.warns(UserWarning, match="got the names 'a', 'b'"):
        model({"a": np.ones((1, 2)), "b": np.ones((1, 2))})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model({"a": np.ones((1, 2)), "b": np.ones((1, 2))})
    assert len(model.operations) == 2


def test_a_sequential_model_of_layers_that_take_dicts() -> None:
    class Sum(layers.Layer):
        def call(self, parts: Any) -> Any:
            return parts["a"] + parts["b"]

    model = Sequential([Sum(), layers.Dense(1, kernel_initializer="ones")])
    assert model({"a": np.ones((3, 2)), "b": np.ones((3, 2))}).tolist() == [[4], [4], [4]]


def test_what_is_not_there_yet_is_no_attribute() -> None:
    model = Sequential([layers.Dense(3)])
    assert not any(hasattr(model, name) for name in ("inputs", "outputs", "input_shape"))
    with pytest.raises(AttributeError, match="not made from Input"):
        model.inputs  # noqa: B018
    model.build((None, 2))
    assert model.input_shape == (None, 2)
    with pytest.raises(ValueError, match=r"\(None, 2\); got \(3, 4\)"):
        model.build((3, 4))
    with pytest.raises(AttributeError, match="'layers' is taken"):
        Model(model.inputs, model.outputs).layers = []


def test_a_layer_may_say_its_outputs_without_computing() -> None:
    class Careful(layers.Layer):
        def call(self, x: Any, training: bool = False) -> Any:
            assert training
            return x

        def compute_output_spec(self, x: Any, training: bool = False) -> Any:
            return cr.KerasTensor(x.shape, x.dtype)

    inputs = Input((3,))
    model = Model(inputs, Careful()(inputs))
    assert model(np.ones((2, 3)), training=True).shape == (2, 3)


def test_clones_are_compiled_and_cloned_in_depth() -> None:
    inner = Sequential([layers.Dense(2)])
    outer = Sequential([inner, layers.Dense(1)])
    outer.compile("sgd", "mse")

    def marked(layer: Any) -> Any:
        copy = type(layer).from_config(layer.get_config())
        copy.flag = True
        return copy

    clone = models.clone_model(outer, clone_function=marked, recursive=True)
    assert clone.compiled and clone.optimizer is not outer.optimizer
    assert clone.layers[0].layers[0].flag and clone.layers[0].layers[0] is not inner.layers[0]


class Pair(NamedTuple):
    one: Any
    two: Any


def test_several_losses_of_one_output_and_named_tuples() -> None:
    x = Input((3,))
    model = Model(x, Pair(layers.Dense(1, name="one")(x), layers.Dense(1, name="two")(x)))
    model.compile("sgd", loss=[["mse", "mae"], "mse"])
    data, target = np.ones((8, 3)), np.full((8, 1), 5.0)
    predicted = model.predict(data, verbose=0)
    assert isinstance(predicted, Pair)
    errors = [target - p for p in predicted]
    expected = np.mean(errors[0] ** 2) + np.mean(np.abs(errors[0])) + np.mean(errors[1] ** 2)
    assert model.evaluate(data, Pair(target, target), verbose=0)[0] == pytest.approx(expected, rel=1e-5)
    model.compile("sgd", loss={"one": "mse", "tow": "mse"})
    with pytest.raises(KeyError, match="no output is named 'tow'"):
        model.fit(data, Pair(target, target), verbose=0)


def test_a_model_config_of_keras_2_is_refused() -> None:
    layer = {"class_name": "Dense", "name": "a", "config": {"units": 1}, "inbound_nodes": [[["b", 0, 0, {}]]]}
    with pytest.raises(ValueError, match="not of Keras 3"):
        Model.from_config({"name": "m", "layers": [layer], "input_layers": [], "output_layers": []})


def test_a_layer_of_a_sequential_needs_nothing_but_its_input():
    class Two(layers.Layer):
        def call(self, inputs, other):
            return inputs + other

    class Known(layers.Layer):
        def call(self, inputs, other=0.0, *, training=None):
            return inputs + other

    model = cr.Sequential([Two(name="two")])
    with pytest.raises(ValueError, match=r"can only have a single required positional argument.*'inputs', 'other'"):
        model.build((None, 2))
    np.testing.assert_array_equal(cr.Sequential([Known()])(np.ones((1, 2))), [[1, 1]])


def test_arguments_of_build_end_in_shape():
    class Other(layers.Layer):
        def build(self, first_shape, second):
            self.built = True

        def call(self, first, second):
            return first + second

    with pytest.raises(ValueError, match=r"'first_shape', 'second_shape'; got 'second'"):
        Other()(np.ones((2, 1)), np.ones((2, 1)))


def test_output_shape_of_an_einsum_that_has_no_axes_left():
    layer = layers.EinsumDense("ab,ab->a", output_shape=(2,))
    layer.build((3, 3))
    assert layer.kernel.shape == (3, 3)
