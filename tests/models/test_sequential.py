"""`Sequential` in all the ways it is written."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError, NotBuiltError, ShapeError

X = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")


def added(*parts):
    model = cr.Sequential()
    for part in parts:
        model.add(part)
    return model


STYLES = {
    "input": lambda: cr.Sequential([cr.Input((3,)), layers.Dense(4), layers.Dense(2)]),
    "input layer": lambda: cr.Sequential([layers.InputLayer(shape=(3,)), layers.Dense(4), layers.Dense(2)]),
    "input_shape": lambda: cr.Sequential([layers.Dense(4, input_shape=(3,)), layers.Dense(2)]),
    "input_shape as a number": lambda: cr.Sequential([layers.Dense(4, input_shape=3), layers.Dense(2)]),
    "input_dim": lambda: cr.Sequential([layers.Dense(4, input_dim=3), layers.Dense(2)]),
    "batch_input_shape": lambda: cr.Sequential([layers.Dense(4, batch_input_shape=(None, 3)), layers.Dense(2)]),
    "add": lambda: added(layers.Dense(4, input_dim=3), layers.Dense(2)),
    "add input": lambda: added(cr.Input((3,)), layers.Dense(4), layers.Dense(2)),
    "build": lambda: built(cr.Sequential([layers.Dense(4), layers.Dense(2)])),
    "called": lambda: called(cr.Sequential([layers.Dense(4), layers.Dense(2)])),
    "nested": lambda: cr.Sequential([cr.Sequential([cr.Input((3,)), layers.Dense(4)]), layers.Dense(2)]),
    "nested, not built": lambda: called(cr.Sequential([cr.Sequential([layers.Dense(4)]), layers.Dense(2)])),
    "tuple": lambda: cr.Sequential((cr.Input((3,)), layers.Dense(4), layers.Dense(2))),
}  # fmt: skip


def built(model):
    model.build((None, 3))
    return model


def called(model):
    model(X[:1])
    return model


@pytest.mark.parametrize("style", STYLES)
def test_every_style_makes_the_same_network(style):
    model = STYLES[style]()
    assert model.built and [w.shape for w in model.weights] == [(3, 4), (4,), (4, 2), (2,)]
    assert model.count_params() == 26 and len(model.layers) == 2
    rows = 1 if "not built" in style or style == "called" else None
    assert model.input_shape == (rows, 3) and model.output_shape == (rows, 2)
    a, b, c, d = model.get_weights()
    np.testing.assert_allclose(model(X), (X @ a + b) @ c + d, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict(X, verbose=0), model(X), rtol=1e-5, atol=1e-6)
    model.compile("sgd", "mse")
    model.fit(X, X[:, :2], verbose=0)


def test_built_only_when_the_shape_is_known():
    model = cr.Sequential([layers.Dense(4), layers.Dense(2)])
    assert not model.built and model.weights == []
    with pytest.raises(NotBuiltError, match=r"Sequential 'sequential.*has no weights yet"):
        model.count_params()
    with pytest.raises(NotBuiltError, match="no symbolic inputs"):
        model.inputs  # noqa: B018
    model.compile("sgd", "mse")
    model.fit(X, X[:, :2], verbose=0)
    assert model.count_params() == 26


def test_pop_and_add_again():
    model = STYLES["input"]()
    dense = model.layers[0]
    kernel = dense.kernel.numpy()
    assert model.pop().units == 2
    assert model.output_shape == (None, 4) and model.predict(X, verbose=0).shape == (6, 4)
    model.add(layers.Dense(5))
    assert model.output_shape == (None, 5) and model.layers[0] is dense
    np.testing.assert_array_equal(dense.kernel.numpy(), kernel)
    model.compile("sgd", "mse")
    model.fit(X, np.zeros((6, 5)), verbose=0)
    while model.layers:
        model.pop()
    with pytest.raises(ArgumentError, match="has no layers"):
        model.pop()


def test_a_layer_added_to_a_compiled_model_is_trained_after_compile():
    model = cr.Sequential([cr.Input((3,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    model.fit(X, X[:, :2], verbose=0)
    model.add(layers.Dense(1))
    model.compile("sgd", "mse")
    model.fit(X, X[:, 0], verbose=0)
    assert model.predict(X, verbose=0).shape == (6, 1)


@pytest.mark.parametrize(("make", "text"), [
    (lambda: cr.Sequential([layers.Dense]), r"expected a layer; got <class .*Dense.*forget to call the class.*Dense\("),
    (lambda: cr.Sequential(["dense"]), "expected a layer; got 'dense'"),
    (lambda: cr.Sequential([layers.Dense(1, name="a"), layers.Dense(1, name="a")]), "two layers are named 'a'"),
    (lambda: cr.Sequential([cr.Input((3,)), cr.Input((3,))]), "expected one Input"),
    (lambda: cr.Sequential().build((None, 3)), "has no layers yet"),
    (lambda: cr.Sequential()(X), "has no layers yet"),
    (lambda: cr.Sequential([layers.Dense(1)])([X, X]), "takes one input; got 2"),
    (lambda: cr.Sequential(layers.Dense(1)), "expected a list of layers; got <Dense"),
    (lambda: cr.Sequential([layers.Dense(4, inputdim=3)]), "unknown argument 'inputdim'.*Did you mean 'input_dim'"),
])  # fmt: skip
def test_what_cannot_be_stacked(make, text):
    with pytest.raises(ArgumentError, match=text):
        make()


def test_shapes_that_do_not_fit_name_the_layer_when_the_model_is_made():
    with pytest.raises(ShapeError, match=r"Dense 'wide' \(made at test_sequential.py:\d+\): .*at least 2 axes"):
        cr.Sequential([cr.Input(()), layers.Dense(4, name="wide")])
    reshape = layers.Reshape((4,), name="four")
    with pytest.raises(ShapeError, match=r"Reshape 'four'.*"):
        cr.Sequential([cr.Input((3,)), reshape])


def test_the_same_layer_twice_shares_its_weights():
    shared = layers.Dense(3)
    model = cr.Sequential([cr.Input((3,)), shared, shared])
    assert len(model.weights) == 2
    kernel, bias = shared.get_weights()
    np.testing.assert_allclose(model(X), (X @ kernel + bias) @ kernel + bias, rtol=1e-5, atol=1e-6)


def test_a_single_row_and_a_vector():
    model = STYLES["input"]()
    with pytest.raises(ShapeError, match=r"A single row is x\[None, :\]"):
        model.predict(X[0], verbose=0)
    line = cr.Sequential([layers.Dense(1, input_shape=(1,))])
    assert line.predict(np.arange(5.0), verbose=0).shape == (5, 1)  # (n,) is (n, 1) for an input of one column


def test_integer_inputs_of_embeddings():
    model = cr.Sequential([layers.Embedding(10, 4), layers.Flatten(), layers.Dense(1)])
    assert model.predict(np.array([[1, 2], [9, 0]]), verbose=0).shape == (2, 1)
    early = cr.Sequential([layers.Embedding(10, 4, input_shape=(2,)), layers.Flatten(), layers.Dense(1)])
    assert early.predict(np.array([[1, 2], [9, 0]]), verbose=0).shape == (2, 1)
    assert early.predict(np.array([[1.0, 2.0]]), verbose=0).shape == (1, 1)


def test_get_layer():
    model = cr.Sequential([cr.Input((3,)), layers.Dense(4, name="first"), layers.Dense(1, name="last")])
    assert model.get_layer("last") is model.layers[1] is model.get_layer(index=-1)
    with pytest.raises(ArgumentError, match=r"no layer is named 'lst'; there are 'first', 'last'. Did you mean 'last'"):
        model.get_layer("lst")
    with pytest.raises(ArgumentError, match="index below 2; got 5"):
        model.get_layer(index=5)
    with pytest.raises(ArgumentError, match="either name or index"):
        model.get_layer()


def test_names_are_given_in_order():
    cr.utils.clear_session()
    model = cr.Sequential([layers.Dense(1), layers.Dense(1), layers.Dropout(0.1)])
    assert [layer.name for layer in model.layers] == ["dense", "dense_1", "dropout"]
    assert model.name == "sequential" and cr.Sequential(name="mine").name == "mine"


def test_weights_in_and_out():
    model = STYLES["input"]()
    weights = [np.full(w.shape, k, "float32") for k, w in enumerate(model.weights)]
    model.set_weights(weights)
    for a, b in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)
    model.get_weights()[0][:] = 99  # a copy
    assert model.get_weights()[0][0, 0] == 0
    with pytest.raises(ArgumentError, match=r"expected 4 arrays, as get_weights\(\) gives; got 3"):
        model.set_weights(weights[:3])
    weights[2] = weights[2].T
    with pytest.raises(ShapeError, match=r"weight '.*dense.*/kernel' expected shape \(4, 2\); got \(2, 4\)"):
        model.set_weights(weights)
    assert model.get_weights()[0][0, 0] == 0  # nothing was assigned


def test_trainable_reaches_the_layers_inside():
    model = STYLES["nested"]()
    model.layers[0].trainable = False
    assert len(model.trainable_variables) == 2 and len(model.non_trainable_weights) == 2
    model.trainable = False
    assert model.trainable_variables == []
    model.trainable = True
    assert len(model.trainable_variables) == 4 and model.layers[0].layers[0].trainable


@pytest.mark.parametrize("first", [[cr.Input((5, 3))], []])
def test_other_sizes_than_at_first(first):
    """As in Keras only the layers say which sizes they take; a functional model insists on those of its inputs."""
    model = cr.Sequential([*first, layers.Dense(2)])
    long, short = np.ones((2, 5, 3), "float32"), np.ones((1, 4, 3), "float32")
    np.testing.assert_allclose(model(long)[0, 0], model(short)[0, 0])
    assert model.predict(short, verbose=0).shape == (1, 4, 2)
    for wrong in (np.ones((1, 5, 4)), np.ones((1, 3))):
        with pytest.raises(ShapeError, match="expected shape"):
            model(wrong)
    x = cr.Input((5, 3))
    with pytest.raises(ShapeError, match="expected shape"):
        cr.Model(x, layers.Dense(2)(x))(short)


def test_what_it_says_of_its_input_is_as_in_keras():
    model = cr.Sequential([layers.Dense(2)])
    assert model(np.ones((3, 4))).shape == (3, 2) and model(np.ones((5, 4))).shape == (5, 2)
    assert model.input_shape == (3, 4) and model.predict(np.ones((7, 4)), verbose=0).shape == (7, 2)
    model = cr.Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((5, 4)), np.arange(5), batch_size=2, verbose=0)
    assert model.input_shape == (None, 4)
    late = cr.Sequential([layers.Dense(2), cr.Input((4,))])  # an Input counts as the first wherever it is added
    assert late.built and late.output_shape == (None, 2)
    recurrent = cr.Sequential([layers.LSTM(2)])
    recurrent(np.ones((3, 4, 5)))
    assert recurrent(np.ones((3, 6, 5))).shape == (3, 2)  # other lengths later
