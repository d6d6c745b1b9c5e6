"""The short way of `predict`: the same numbers, the same checks, and nothing kept of what has changed."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError
from chainrule.training import engine as engines

from .small import REAL, X, Y, binary, linear


def is_known(model, x, batch=None):
    return model._engine.again.find(x, batch) is not None


def expected(model, x):
    """Operation by operation."""
    return np.asarray(model(np.asarray(x, "float32")))


def predict_twice(model, x, **arguments):
    model.predict(x, verbose=0, **arguments)
    assert is_known(model, x, arguments.get("batch_size"))
    return model.predict(x, verbose=0, **arguments)


@pytest.mark.parametrize("x", [
    X, X[:1], X.astype("float64"), X.astype("float16"), np.asfortranarray(X), X[::-2], np.round(X).astype("int32"),
    np.round(X).astype(">i4"), X.astype(">f4"),
], ids=str)  # fmt: skip
@pytest.mark.parametrize("batch", [None, 1, 4, 100])
def test_the_second_time_gives_the_same(x, batch):
    model = binary()
    first = model.predict(x, verbose=0, batch_size=batch)
    again = predict_twice(model, x, batch_size=batch)
    np.testing.assert_array_equal(again, first)
    np.testing.assert_allclose(again, expected(model, x), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(predict_twice(model, x, batch_size=batch), binary().predict(x, verbose=0))


def test_other_numbers_in_the_same_shape():
    model = binary()
    predict_twice(model, X)
    np.testing.assert_allclose(model.predict(X * 2, verbose=0), expected(model, X * 2), rtol=1e-5)
    frozen = X * 3
    frozen.flags.writeable = False
    np.testing.assert_allclose(model.predict(frozen, verbose=0), expected(model, frozen), rtol=1e-5)


def test_results_are_arrays_of_their_own():
    model = cr.Sequential([cr.Input((3,)), layers.Activation("linear")])
    first, second = predict_twice(model, X), model.predict(X, verbose=0)
    first[:] = 7
    np.testing.assert_array_equal(second, X)
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)


def test_several_outputs_keep_their_structure():
    inputs = cr.Input((3,))
    model = cr.Model(inputs, {"b": layers.Dense(2)(inputs), "a": layers.Dense(1)(inputs)})
    first, second = model.predict(X, verbose=0), predict_twice(model, X)
    assert list(second) == list(first) == ["a", "b"]
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


# what has changed since is seen


def test_new_weights():
    model = linear()
    before = predict_twice(model, X)
    model.fit(X, REAL, verbose=0)
    after = model.predict(X, verbose=0)
    assert is_known(model, X) and not np.array_equal(before, after)
    np.testing.assert_allclose(after, expected(model, X), rtol=1e-5, atol=1e-6)
    model.set_weights([w * 0 for w in model.get_weights()])
    assert not model.predict(X, verbose=0).any()
    np.asarray(model.layers[0].bias)[...] = 2.0  # in place
    assert (model.predict(X, verbose=0) == 2).all()


def test_layers_added_and_taken_away():
    model = cr.Sequential([cr.Input((3,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    assert predict_twice(model, X).min() < 0
    model.add(layers.ReLU())  # no new weights
    assert not is_known(model, X) and predict_twice(model, X).min() == 0
    model.pop()
    assert predict_twice(model, X).min() < 0
    model.add(layers.Dense(5))
    assert predict_twice(model, X).shape == (22, 5)
    model.pop()
    assert predict_twice(model, X).shape == (22, 2)


def test_a_layer_taken_away_inside_another_model():
    inner = cr.Sequential([cr.Input((3,)), layers.Dense(2), layers.ReLU()])

    class Outer(cr.Model):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def call(self, inputs):
            return self.inner(inputs)

    model = Outer()
    assert predict_twice(model, X).min() == 0
    inner.pop()
    assert predict_twice(model, X).min() < 0


def test_settings(monkeypatch):
    model = binary()
    predict_twice(model, X)
    other = {"reference": "native", "native": "reference"}[cr.config.executor()]
    for name, value in (("executor", other), ("floatx", "float64")):
        with monkeypatch.context() as patch:
            patch.setitem(cr.config._settings, name, value)
            assert not is_known(model, X)
    model.run_eagerly = True
    assert not is_known(model, X)
    model.run_eagerly = False
    model.stop_predicting = True
    np.testing.assert_allclose(model.predict(X, verbose=0), expected(model, X), rtol=1e-5)
    assert model.stop_predicting is False


def test_wrong_arguments_are_refused_as_before():
    model = binary()
    predict_twice(model, X, batch_size=1)
    for wrong in (True, 1.0, 0, "1", [1]):
        with pytest.raises(ArgumentError, match="batch_size"):
            model.predict(X, batch_size=wrong, verbose=0)
    with pytest.raises(ArgumentError, match="steps"):
        model.predict(X, batch_size=1, verbose=0, steps=-1)


def test_callbacks_and_the_display_are_not_left_out(capsys):
    model, seen = binary(), []
    predict_twice(model, X)
    model.predict(X, verbose=0, callbacks=[cr.callbacks.LambdaCallback(on_predict_end=seen.append)])
    assert seen == [{}]
    model.predict(X)
    assert "1/1" in capsys.readouterr().out
    assert model.predict(X, verbose=0, steps=1, batch_size=4).shape == (4, 1)


def test_what_is_not_an_array_of_numpy_goes_the_long_way():
    model = binary()
    predict_twice(model, X)
    for x in (X.tolist(), [X], X.view(np.matrix), cr.ops.convert_to_tensor(X)):
        np.testing.assert_allclose(model.predict(x, verbose=0), expected(model, X), rtol=1e-5)


def test_predict_on_batch_takes_it_too():
    model = binary()
    first = model.predict_on_batch(X)
    assert is_known(model, X, 22)
    np.testing.assert_array_equal(model.predict_on_batch(X), first)
    assert len(model._engine._cache) == 1 and model.predict(X, batch_size=50, verbose=0).shape == (22, 1)
    assert len(model._engine._cache) == 1  # one batch, whatever its size might have been


def test_a_copy_of_a_model_has_its_own_weights():
    model = linear()
    predict_twice(model, X)
    other = copy.deepcopy(model)
    other.set_weights([w * 0 for w in other.get_weights()])
    assert not predict_twice(other, X).any() and predict_twice(model, X).any()


def test_a_program_that_is_dropped_is_made_again(monkeypatch):
    monkeypatch.setattr(engines, "_MOST", 1)
    model = binary()
    outputs = predict_twice(model, X)
    model.evaluate(X, Y, verbose=0)
    assert not is_known(model, X)
    np.testing.assert_array_equal(predict_twice(model, X), outputs)


def test_the_program_that_was_not_used_for_longest_is_dropped(monkeypatch):
    monkeypatch.setattr(engines, "_MOST", 2)
    model = binary()
    data = (X, Y[:, None], None)
    model.evaluate(X, Y, verbose=0)
    used = model._engine.epoch("test", data, 8, False)
    model._engine.epoch("test", data, 9, False)
    assert model._engine.epoch("test", data, 8, False) is used
    model._engine.epoch("test", data, 10, False)
    assert model._engine.epoch("test", data, 8, False) is used and len(model._engine._cache) == 2
