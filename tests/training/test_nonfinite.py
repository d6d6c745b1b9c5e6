"""Numbers that stop being finite: the warning names the first equation, the layer, the row."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops

from .small import REAL, X, Y, binary, linear, same_weights

WARNED = "the loss became|the weights stopped"


class Apply(layers.Layer):
    """A function as a layer with a name."""

    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, inputs):
        return self.function(inputs)


def through(function, name, **arguments):
    model = cr.Sequential([cr.Input((3,)), layers.Dense(1, kernel_initializer="ones", name="first"),
                           Apply(function, name=name)])  # fmt: skip
    model.compile(**{"optimizer": cr.optimizers.SGD(0.0), "loss": "mse", **arguments})
    return model


def warning_of(model, x=X, y=REAL, **arguments):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(x, y, verbose=0, **{"shuffle": False, "batch_size": 4, "epochs": 3, **arguments})
    said = [str(w.message) for w in caught if "finite" in str(w.message) or "became" in str(w.message)]
    assert len(said) == 1, said  # once, not in each epoch
    assert all(w.filename == __file__ for w in caught)
    return said[0]


def test_logarithm_of_a_negative_number():
    said = warning_of(through(ops.log, "logarithm"))
    assert said.startswith("the loss became nan in epoch 1, batch 1: log makes NaN from values ")
    assert "in layer 'sequential" in said and "/logarithm', " in said and "learning rate" in said


def test_division_by_zero():
    said = warning_of(through(lambda t: t / ops.sum(ops.zeros_like(t)), "share"))
    assert "batch 1: div makes infinity from values " in said and "/share', " in said


def test_the_batch_and_the_epoch_are_named():
    x = np.ones((12, 3), "float32")
    x[9] = -1.0
    said = warning_of(through(ops.sqrt, "root"), x, np.zeros(12))
    assert "epoch 1, batch 3: sqrt makes NaN" in said and "root" in said


def test_too_large_a_learning_rate_overflows():
    said = warning_of(linear(optimizer=cr.optimizers.SGD(1e18)), epochs=4)
    assert "mul makes infinity from values 1" in said and "in layer 'mse'" in said  # the square in the loss


def test_not_a_number_in_x_is_named_by_row_and_column():
    x = X.copy()
    x[13, 2] = np.nan
    said = warning_of(linear(), x)
    assert "x[13, 2] is nan; clean the data first" in said and "batch 4" in said
    x[2, 0] = np.inf
    assert "x[2, 0] is inf (one of 2 such values)" in warning_of(linear(), x)


def test_not_a_number_in_x_is_found_where_rows_are_shuffled():
    x = X.copy()
    x[13, 2] = np.nan
    assert "x[13, 2] is nan" in warning_of(linear(), x, shuffle=True)


def test_not_a_number_in_the_target_the_weights_and_in_one_of_several_inputs():
    y = REAL.copy()
    y[5] = np.nan
    assert "y[5] is nan" in warning_of(linear(), y=y)
    weights = np.ones(22)
    weights[1] = np.inf
    assert "sample_weight[1] is inf" in warning_of(linear(), sample_weight=weights)
    a, b = cr.Input((3,)), cr.Input((3,))
    model = cr.Model([a, b], layers.Dense(1)(layers.Add()([a, b])))
    model.compile("sgd", "mse")
    x = X.copy()
    x[4, 1] = -np.inf
    assert "x[1][4, 1] is -inf" in warning_of(model, [X, x])


def test_weights_that_were_bad_before():
    model = linear()
    kernel, bias = model.get_weights()
    kernel[1] = np.nan
    model.set_weights([kernel, bias])
    assert "/neuron/kernel' was not finite before it" in warning_of(model)


def test_weights_that_go_bad_while_the_loss_is_still_finite():
    """The very last step of an epoch: its loss was computed before."""
    model = linear(optimizer=cr.optimizers.SGD(1e38))
    with pytest.warns(UserWarning, match="the weights stopped being finite numbers in epoch 1, batch 1"):
        model.fit(X * 100, REAL, batch_size=22, epochs=1, verbose=0)


def test_generators_are_watched_too():
    x = X.copy()
    x[6, 1] = np.nan
    with pytest.warns(UserWarning, match=r"batch 2: x\[1, 1\] is nan"):
        linear().fit(iter([(X[:5], REAL[:5]), (x[5:], REAL[5:])]), verbose=0)


def test_the_look_back_changes_nothing():
    """What is left after the warning is what training without it would have left."""
    x = X.copy()
    x[13, 2] = np.nan
    model, single = binary(), binary()
    with pytest.warns(UserWarning, match=WARNED):
        model.fit(x, Y, batch_size=4, epochs=2, verbose=0, shuffle=False)
    for _ in range(2):
        for start in range(0, 22, 4):
            single.train_on_batch(x[start : start + 4], Y[start : start + 4])
    for a, b in zip(model.get_weights(), single.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_running_step_by_step_is_watched_too():
    with pytest.warns(UserWarning, match="the loss became nan in epoch 1, batch 1"):
        through(ops.log, "logarithm", run_eagerly=True).fit(X, REAL, batch_size=4, verbose=0)


def test_healthy_training_says_nothing(recwarn):
    one, other = binary(), binary()
    one.fit(X, Y, epochs=3, verbose=0)
    assert not [w for w in recwarn.list if w.category is not DeprecationWarning]
    assert not same_weights(one, other)


def test_infinities_that_are_meant_are_no_fault(recwarn):
    """Maxima begin at minus infinity, masks may be infinite: the numbers that come out are finite."""
    model = through(lambda t: ops.where(t > 0, t, -np.inf).max(axis=-1, keepdims=True) * 0 + 1.0, "masked")
    masked = through(lambda t: ops.softmax(ops.where(ops.zeros_like(t) > 0, -np.inf, t)), "softmax")
    masked.fit(X, REAL, verbose=0)
    assert not recwarn.list
    with pytest.warns(UserWarning, match="mul makes NaN"):
        model.fit(X, REAL, verbose=0)
