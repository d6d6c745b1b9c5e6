"""Steps as Keras on JAX has them: state comes in as values and goes out as values."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
Y = X.sum(1, keepdims=True)
WEIGHTS = np.linspace(0, 1, 20)[:, None]


class Stateless(cr.Model):
    """The steps that Keras's own trainer on JAX writes, without any state on the left of an assignment."""

    def loss_and_updates(self, trained, others, x, y, weight):
        y_pred, others = self.stateless_call(trained, others, x, training=True)
        return self.compute_loss(x, y, y_pred, weight), (y_pred, others)

    def updated(self, values, loss, y, y_pred, weight):
        news, logs = [], {}
        for metric in self.metrics:
            own = values[len(news) : len(news) + len(metric.variables)]
            arguments = (loss,) if metric.name == "loss" else (y, y_pred, weight)
            own = metric.stateless_update_state(own, *arguments)
            logs[metric.name] = metric.stateless_result(own)
            news += own
        return news, logs

    def train_step(self, state, data):
        trained, others, of_optimizer, of_metrics = state
        x, y, weight = data
        both = cr.value_and_grad(self.loss_and_updates, has_aux=True)
        (loss, (y_pred, others)), slopes = both(trained, others, x, y, weight)
        trained, of_optimizer = self.optimizer.stateless_apply(of_optimizer, slopes, trained)
        of_metrics, logs = self.updated(of_metrics, loss, y, y_pred, weight)
        return logs, (trained, others, of_optimizer, of_metrics)

    def test_step(self, state, data):
        trained, others, of_metrics = state
        x, y, weight = data
        y_pred, others = self.stateless_call(trained, others, x, training=False)
        loss = self.compute_loss(x, y, y_pred, weight)
        of_metrics, logs = self.updated(of_metrics, loss, y, y_pred, weight)
        return logs, (trained, others, of_metrics)

    def predict_step(self, state, data):
        trained, others = state
        return self.stateless_call(trained, others, data[0] if isinstance(data, tuple) else data)


def made(kind):
    inputs = cr.Input((3,))
    hidden = layers.BatchNormalization(name="standard")(layers.Dense(4, name="hidden", activation="tanh")(inputs))
    model = kind(inputs, layers.Dense(1, name="out")(hidden))
    model.compile(cr.optimizers.Adam(0.01), "mse", metrics=["mae"], weighted_metrics=["mse"])
    return model


@pytest.mark.parametrize("eager", [False, True])
def test_it_trains_as_the_built_in_steps_do(eager):
    one, two = made(cr.Model), made(Stateless)
    two.set_weights(one.get_weights())
    two.run_eagerly = eager
    arguments = {"batch_size": 5, "epochs": 2, "shuffle": False, "verbose": 0, "sample_weight": WEIGHTS}
    first, second = (model.fit(X, Y, **arguments).history for model in (one, two))
    assert set(first) == set(second)
    for name in first:
        np.testing.assert_allclose(first[name], second[name], rtol=2e-5)
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):  # moving averages too
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)
    assert int(two.optimizer.iterations) == 8
    found = [model.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0, return_dict=True) for model in (one, two)]
    assert found[0] == pytest.approx(found[1], rel=1e-5)
    np.testing.assert_allclose(one.predict(X, verbose=0), two.predict(X, verbose=0), rtol=1e-5)


def test_the_loss_as_a_function_of_all_state():
    model = cr.Sequential([cr.Input((3,)), layers.Dense(1, kernel_regularizer="l2")])
    model.compile("sgd", "mse")
    model.evaluate(X, Y, verbose=0)
    trained, others, of_metrics = ([v.numpy() for v in group] for group in (
        model.trainable_variables, model.non_trainable_variables, model.metrics_variables
    ))  # fmt: skip
    changed = [2 * trained[0], trained[1]]
    y_pred, _ = model.stateless_call(changed, others, X)
    loss, after = model.stateless_compute_loss(changed, others, of_metrics, X, Y, y_pred)
    expected = np.mean((X @ changed[0] - Y) ** 2) + 0.01 * np.sum(changed[0] ** 2)
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    assert after[0] is changed and [len(group) for group in after] == [2, 0, len(of_metrics)]
    assert np.array_equal(model.get_weights()[0], trained[0])


def test_a_model_that_is_not_built_yet_is_built_first():
    class Later(cr.Sequential):
        def train_step(self, state, data):
            trained, others, of_optimizer, of_metrics = state
            x, y = data

            def loss(trained, others):
                y_pred, others = self.stateless_call(trained, others, x, training=True)
                return cr.ops.mean((y - y_pred) ** 2), others

            (value, others), slopes = cr.value_and_grad(loss, has_aux=True)(trained, others)
            trained, of_optimizer = self.optimizer.stateless_apply(of_optimizer, slopes, trained)
            return {"loss": value, "count": cr.ops.shape(x)[0]}, (trained, others, of_optimizer, of_metrics)

    model = Later([layers.Dense(4, activation="tanh"), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("sgd", "mse")
    seed = lambda: model.layers[1].seed_generator.state.numpy().tolist()  # noqa: E731
    history = model.fit(X, Y, batch_size=10, epochs=5, verbose=0).history
    assert int(model.optimizer.iterations) == 10 and history["count"] == [10] * 5
    assert len(set(history["loss"])) == 5  # each epoch with other weights
    before = seed()
    model.fit(X, Y, batch_size=10, verbose=0)
    assert seed() != before  # the state of chance goes on too


@pytest.mark.parametrize("returned", [lambda state: state, lambda state: ({}, state[:2]), lambda state: {}])
def test_a_step_that_returns_no_state_is_told_so(returned):
    class Wrong(cr.Sequential):
        def train_step(self, state, data):
            return returned(state)

    model = Wrong([cr.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ArgumentError, match=r"Wrong.train_step.*expected it to return"):
        model.fit(X, Y, verbose=0)
