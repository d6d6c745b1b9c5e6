"""`compile`: what it takes, what it refuses, how losses and metrics go to the outputs."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError, NotBuiltError, ShapeError

from .small import REAL, X, Y, binary, linear, same_weights


def heads(**compile_arguments):
    """Two outputs, `flag` and `amount`, compiled."""
    table = cr.Input((3,), name="table")
    trunk = layers.Dense(4, activation="tanh", name="trunk")(table)
    outputs = [layers.Dense(1, activation="sigmoid", name="flag")(trunk), layers.Dense(1, name="amount")(trunk)]
    model = cr.Model(table, outputs)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape) for w in model.weights])
    model.compile(**{"optimizer": "sgd", "loss": ["binary_crossentropy", "mse"], **compile_arguments})
    return model


@pytest.mark.parametrize("call", [
    lambda m: m.fit(X, Y), lambda m: m.evaluate(X, Y), lambda m: m.train_on_batch(X, Y),
    lambda m: m.test_on_batch(X, Y),
])  # fmt: skip
def test_not_compiled(call):
    with pytest.raises(NotBuiltError, match=r"(fit|evaluate|train_on_batch|test_on_batch): call model.compile"):
        call(cr.Sequential([layers.Dense(1)]))


@pytest.mark.parametrize(("arguments", "text"), [
    ({"optimizer": "addam"}, "optimizer.*'addam'.*Did you mean 'adam'"),
    ({"loss": "binary_crosentropy"}, "loss.*Did you mean 'binary_crossentropy'"),
    ({"metrics": ["accurracy"]}, "metric.*'accurracy'.*Did you mean 'accuracy'"),
    ({"weighted_metrics": ["msee"]}, "metric.*Did you mean 'mse'"),
    ({"loss": {"out": "mze"}}, "loss.*'mze'"),
    ({"optimizer": None}, "expected an optimizer; got None"), ({"loss": 5}, "loss: expected a name.*got 5"),
    ({"metrics": [3.5]}, "metric: expected a name.*got 3.5"),
    ({"steps_per_execution": 0}, "steps_per_execution"),
])  # fmt: skip
def test_unknown_names_are_refused_when_compiling(arguments, text):
    with pytest.raises(ArgumentError, match=text):
        binary(**arguments)


@pytest.mark.parametrize(("arguments", "text"), [
    ({"loss": {"flagg": "mse", "amount": "mse"}}, "loss: no output is named 'flagg'.*Did you mean 'flag'"),
    ({"loss": ["mse"]}, "loss: expected 2 entries, one an output; got 1"),
    ({"metrics": {"flags": ["mae"]}}, "metrics: no output is named 'flags'.*Did you mean 'flag'"),
    ({"loss_weights": {"x": 1.0}}, "loss_weights: no output is named 'x'"),
    ({"loss": [None, None]}, "at least one output"),
])  # fmt: skip
def test_outputs_that_do_not_exist(arguments, text):
    with pytest.raises(ArgumentError, match=text):
        heads(**arguments).fit(X, [Y, REAL], verbose=0)


def test_targets_that_do_not_exist():
    model = heads()
    with pytest.raises(ArgumentError, match=r"y: expected 2 arrays, one an output .'flag', 'amount'.; got 1"):
        model.fit(X, Y, verbose=0)
    with pytest.raises(ArgumentError, match=r"y: no output is named 'amounts'.*Did you mean 'amount'"):
        model.fit(X, {"flag": Y, "amounts": REAL}, verbose=0)
    with pytest.raises(ArgumentError, match="expected a target y for output 'amount'"):
        model.fit(X, {"flag": Y}, verbose=0)


def test_losses_and_targets_as_lists_and_dicts_are_the_same():
    results = []
    for loss, y in (
        (["binary_crossentropy", "mse"], [Y, REAL]),
        ({"flag": "binary_crossentropy", "amount": "mse"}, {"flag": Y, "amount": REAL}),
        ({"amount": cr.losses.MeanSquaredError(), "flag": cr.losses.BinaryCrossentropy()}, (Y, REAL)),
    ):
        model = heads(loss=loss)
        results.append((model.fit(X, y, epochs=2, shuffle=False, verbose=0).history, model.get_weights()))
    for history, weights in results[1:]:
        assert history == results[0][0] and same_weights(weights, results[0][1])
    assert list(results[0][0]) == ["amount_loss", "flag_loss", "loss"]


def test_an_output_without_a_loss():
    model = heads(loss={"flag": "binary_crossentropy"}, metrics={"amount": ["mae"]})
    before = model.get_layer("amount").get_weights()
    history = model.fit(X, {"flag": Y, "amount": REAL}, verbose=0).history
    assert list(history) == ["amount_mae", "loss"]  # one loss: it is the whole, as in Keras
    assert same_weights(before, model.get_layer("amount"))


def test_loss_weights_scale_the_losses_of_the_outputs():
    model = heads(loss_weights=[2.0, 0.5])
    named = model.evaluate(X, [Y, REAL], verbose=0, return_dict=True)
    np.testing.assert_allclose(named["loss"], 2 * named["flag_loss"] + 0.5 * named["amount_loss"], rtol=1e-6)


@pytest.mark.parametrize("metrics", [
    [["accuracy"], ["mae"]], ["accuracy", "mae"], {"flag": "accuracy", "amount": ["mae"]},
])  # fmt: skip
def test_metrics_by_output(metrics):
    history = heads(metrics=metrics).fit(X, [Y, REAL], verbose=0).history
    assert list(history) == ["amount_loss", "amount_mae", "flag_accuracy", "flag_loss", "loss"]


def test_metrics_of_many_kinds_in_one_list():
    def largest(y_true, y_pred):
        return ops.max(ops.abs(y_true - y_pred), axis=-1)

    model = binary(metrics=["accuracy", cr.metrics.AUC(name="area"), largest, cr.losses.mean_squared_error])
    assert list(model.fit(X, Y, verbose=0).history) == ["accuracy", "area", "largest", "loss", "mean_squared_error"]


def test_the_same_metric_twice_is_numbered_and_weighted_ones_say_so():
    model = binary(metrics=["accuracy", "accuracy"], weighted_metrics=["accuracy", "mae"])
    history = model.fit(X, Y, sample_weight=np.linspace(0, 1, 22), verbose=0).history
    assert list(history) == ["accuracy", "accuracy_1", "loss", "mae", "weighted_accuracy"]
    assert history["accuracy"] == history["accuracy_1"] != history["weighted_accuracy"]


def test_a_metric_of_several_numbers():
    class Range(cr.metrics.Metric):
        def __init__(self, name="range", **kwargs):
            super().__init__(name=name, **kwargs)
            self.low, self.high = (self.add_weight(name=n) for n in ("low", "high"))

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.low.assign(ops.minimum(self.low, ops.min(y_pred)))
            self.high.assign(ops.maximum(self.high, ops.max(y_pred)))

        def result(self):
            return {"lowest": self.low.value, "highest": self.high.value}

    model = linear(metrics=[Range()])
    found = model.evaluate(X, REAL, verbose=0, return_dict=True)
    predicted = model.predict(X, verbose=0)
    assert list(found) == ["highest", "loss", "lowest"]
    np.testing.assert_allclose([found["highest"], found["lowest"]], [predicted.max(), predicted.min()], rtol=1e-6)


def test_one_metric_object_with_state_of_its_own_shape():
    classes = np.arange(22) % 3
    model = cr.Sequential([cr.Input((3,)), layers.Dense(3, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=[cr.metrics.F1Score(name="f1")])
    history = model.fit(X, np.eye(3)[classes], epochs=2, verbose=0).history
    assert np.shape(history["f1"]) == (2, 3)


def test_loss_as_a_function_of_ones_own():
    def absolute(y_true, y_pred):
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)

    own, named = (linear(loss=loss).evaluate(X, REAL, verbose=0) for loss in (absolute, "mae"))
    np.testing.assert_allclose(own, named, rtol=1e-6)
    column = linear(loss=lambda t, p: ops.square(t - p))
    np.testing.assert_allclose(column.evaluate(X, REAL, verbose=0), linear().evaluate(X, REAL, verbose=0), rtol=1e-6)


def test_loss_without_reduction_says_what_is_missing():
    with pytest.raises(ShapeError, match=r"expected one float; got float32\[22\]. Use ops.mean or ops.sum"):
        linear(loss=cr.losses.MeanSquaredError(reduction=None)).fit(X, REAL, verbose=0)


def test_the_word_crossentropy_fits_itself_to_the_output():
    one, two = binary(loss="crossentropy"), binary()
    assert one.evaluate(X, Y, verbose=0) == two.evaluate(X, Y, verbose=0)


def test_neither_loss_nor_add_loss():
    with pytest.raises(ArgumentError, match="neither a compiled loss nor an add_loss"):
        linear(loss=None).fit(X, REAL, verbose=0)


def test_loss_and_optimizer_are_attributes_as_given():
    model = linear(loss="mae", optimizer="adam")
    assert model.loss == "mae" and isinstance(model.optimizer, cr.optimizers.Adam) and model.compiled


def test_metrics_of_a_compiled_model_inside_another_do_not_show():
    inner = binary()
    inner.fit(X, Y, verbose=0)
    outer = cr.Sequential([cr.Input((3,)), inner])
    outer.compile("sgd", "mse", metrics=["mae"])
    assert list(outer.fit(X, Y, verbose=0).history) == ["loss", "mae"]
    assert [m.name for m in outer.metrics] == ["loss", "compile_metrics"]
    assert len(outer.variables) == len(inner.variables) == 4


def test_the_optimizer_may_be_changed_between_two_fits():
    model = linear(optimizer=cr.optimizers.SGD(0.0))
    before = model.get_weights()
    model.fit(X, REAL, verbose=0)
    assert same_weights(before, model)
    model.optimizer.learning_rate = 0.1
    model.fit(X, REAL, verbose=0)
    assert not same_weights(before, model)
    after = model.get_weights()
    model.optimizer.learning_rate = cr.optimizers.schedules.ExponentialDecay(0.0, 1, 0.5)
    model.fit(X, REAL, verbose=0)
    assert same_weights(after, model)


def test_metrics_given_in_the_place_of_loss_weights_are_explained():
    model = cr.Sequential([layers.Dense(1, input_dim=2)])
    model.compile("adam", "mse", ["accuracy"])
    with pytest.raises(ArgumentError, match="write metrics="):
        model.fit(np.zeros((4, 2)), np.zeros(4), verbose=0)


@pytest.mark.parametrize("loss", [["binary_crossentropy", None], {"flag": "binary_crossentropy"}])
def test_outputs_without_a_loss_need_no_target(loss):
    one, both = heads(loss=loss), heads(loss=loss)
    history = one.fit(X, Y, epochs=2, shuffle=False, verbose=0).history
    assert history == both.fit(X, [Y, REAL], epochs=2, shuffle=False, verbose=0).history
    assert same_weights(one, both)
    with pytest.raises(ArgumentError, match="y: expected 2 arrays"):
        heads().fit(X, Y, verbose=0)
