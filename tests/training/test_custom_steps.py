"""Steps that users write: recorded once for an epoch, run eagerly, cut into pieces; what cannot be recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError, TracedValueError, UnsupportedError
from chainrule.training import engine as engines

from .small import REAL, X, same_weights


class Line(cr.Model):
    """One neuron trained by a step with `value_and_grad`."""

    def __init__(self):
        super().__init__()
        self.neuron = layers.Dense(1, kernel_initializer="ones")
        self.loss_tracker = cr.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def loss_of(self, x, y):
        return ops.mean(ops.square(self.neuron(x)[:, 0] - y))

    def train_step(self, data):
        x, y = data
        self.neuron(x)
        weights = self.trainable_variables
        loss, gradients = cr.value_and_grad(lambda _: self.loss_of(x, y))(weights)
        self.optimizer.apply(gradients, weights)
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    def test_step(self, data):
        return {"error": self.loss_of(*data)}

    def predict_step(self, data):
        return {"twice": 2.0 * self.neuron(data)}


def line(cls=Line, **arguments):
    cr.utils.clear_session()
    model = cls()
    model.compile(optimizer=cr.optimizers.SGD(0.05), **arguments)
    return model


def trained(*callbacks, batch_size=5, **arguments):
    model = line(**arguments)
    history = model.fit(X, REAL, epochs=3, batch_size=batch_size, shuffle=False, verbose=0, callbacks=list(callbacks))
    return model, history.history["loss"]


def test_an_epoch_is_one_program():
    model, _ = trained()
    keys = [key for key in model._engine._cache if key[0] == "train"]
    assert [key[1] for key in keys] == ["epoch"]


def test_the_same_in_one_call_in_pieces_and_eagerly():
    seen = []
    model, losses = trained()
    watch = cr.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))
    pieces, in_pieces = trained(watch)
    eager, computed = trained(run_eagerly=True)
    assert losses == in_pieces and same_weights(model, pieces) and len(seen) == 3 * 5
    assert seen[4::5] == losses
    np.testing.assert_allclose(computed, losses, rtol=1e-5)
    np.testing.assert_allclose(eager.get_weights()[0], model.get_weights()[0], rtol=1e-5)


def test_steps_per_execution():
    seen = []
    watch = cr.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    model, losses = trained(watch, batch_size=4, steps_per_execution=2)
    assert seen == [1, 3, 5] * 3, "22 rows: five whole batches and a smaller one"
    assert losses == trained(batch_size=4)[1]
    assert same_weights(model, trained(batch_size=4)[0])


def test_evaluation_and_prediction_by_steps_of_ones_own():
    model, _ = trained()
    expected = (model.neuron(X).numpy()[:, 0] - REAL) ** 2
    assert model.evaluate(X[:8], REAL[:8], verbose=0) == pytest.approx(expected[:8].mean(), rel=1e-5)
    last = model.evaluate(X, REAL, batch_size=5, verbose=0, return_dict=True)
    assert last == {"error": pytest.approx(expected[20:].mean(), rel=1e-5)}, "the logs of the last batch"
    twice = model.predict(X, batch_size=4, verbose=0)["twice"]
    np.testing.assert_allclose(twice, 2 * model.neuron(X).numpy(), rtol=1e-5)


def test_single_batches():
    model = line()
    first = model.train_on_batch(X[:5], REAL[:5])
    assert first == pytest.approx(((X[:5].sum(1) - REAL[:5]) ** 2).mean(), rel=1e-5)
    assert model.test_on_batch(X[:5], REAL[:5]) < first


def test_batches_of_any_structure_are_handed_on():
    class Pair(Line):
        def train_step(self, data):
            unlabeled, (x, y), factor = data
            assert unlabeled.shape == (7, 3) and x.shape == (4, 3) and factor.shape == ()
            return {**super().train_step((x, y)), "factor": factor, "mean": unlabeled}

    batches = [(np.ones((7, 3)), (X[:4], REAL[:4]), np.float32(k)) for k in range(3)]
    model = line(Pair)
    history = model.fit(Batches(batches), epochs=2, verbose=0).history
    assert history["factor"] == [2, 2] and history["mean"] == [1, 1] and len(history["loss"]) == 2


class Batches:
    """Something that can be gone through again."""

    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


def test_state_made_inside_the_step_becomes_part_of_the_program():
    model = line()
    assert not model.neuron.built and not model.optimizer.built
    model.fit(X, REAL, verbose=0)
    assert model.neuron.built and int(model.optimizer.iterations.numpy()) == 1
    again = model.fit(X, REAL, epochs=2, verbose=0).history["loss"]
    assert again[1] < again[0] and int(model.optimizer.iterations.numpy()) == 3


def test_the_built_in_step_may_be_called():
    class Super(cr.Sequential):
        def train_step(self, data):
            x, y = data
            logs = super().train_step((x, y * 0.5))
            return {name: logs[name] for name in ("loss", "mae")}

    def made(cls):
        model = cls([cr.Input((3,)), layers.Dense(1, kernel_initializer="ones")])
        model.compile("sgd", "mse", metrics=["mae"])
        return model

    own, plain = made(Super), made(cr.Sequential)
    found = own.fit(X, REAL, epochs=2, shuffle=False, verbose=0).history
    assert found == plain.fit(X, REAL * np.float32(0.5), epochs=2, shuffle=False, verbose=0).history
    assert same_weights(own, plain)


def here(text):
    """The place of the line of this file that holds a text."""
    lines = Path(__file__).read_text().splitlines()
    return f"{Path(__file__).name}:{next(k for k, s in enumerate(lines, 1) if text in s and 'here(' not in s)}"


class Looks(Line):
    def train_step(self, data):
        if ops.mean(data[0]) > 0:  # looks at a number
            return {}
        return super().train_step(data)


class Counts(Line):
    def __init__(self):
        super().__init__()
        self.count, self.seen = 0, []

    def train_step(self, data):
        self.count += 1  # counts in Python
        return super().train_step(data)


class CountsInTheClass(Line):
    batches = 0

    def train_step(self, data):
        self.batches = self.batches + 1  # counts from the class's number
        return super().train_step(data)


class Keeps(Counts):
    def train_step(self, data):
        logs = Line.train_step(self, data)
        self.seen.append(logs["loss"])  # keeps a tensor
        return logs


@pytest.mark.parametrize(("cls", "error", "line_of"), [
    (Looks, TracedValueError, "# looks at a number"), (Counts, UnsupportedError, "# counts in Python"),
    (CountsInTheClass, UnsupportedError, "# counts from the class's number"),
    (Keeps, UnsupportedError, "# keeps a tensor"),
])  # fmt: skip
def test_what_cannot_be_recorded_is_named_with_its_line(cls, error, line_of):
    with pytest.raises(error) as caught:
        line(cls).fit(X, REAL, verbose=0)
    assert here(line_of) in str(caught.value) and f"{cls.__name__}.train_step" in str(caught.value)
    assert "run_eagerly=True" in str(caught.value)


@pytest.mark.parametrize("cls", [Looks, Counts, Keeps])
def test_what_cannot_be_recorded_runs_eagerly(cls):
    model = line(cls, run_eagerly=True)
    assert len(model.fit(X, REAL, batch_size=11, epochs=2, verbose=0).epoch) == 2
    if cls is Counts:
        assert model.count == 4
    if cls is Keeps:
        assert [type(float(loss)) for loss in model.seen] == [float] * 4


def test_a_step_must_return_numbers_by_name():
    class Wrong(Line):
        def train_step(self, data):
            return [1.0]

    with pytest.raises(ArgumentError, match=r"Wrong.train_step.*a dict of numbers by name; got list"):
        line(Wrong).fit(X, REAL, verbose=0)


def test_numbers_that_go_bad_are_noticed():
    model = line()
    model.fit(X, REAL, verbose=0)
    model.optimizer.learning_rate = 1e30
    with pytest.warns(UserWarning, match="stopped being finite"):
        model.fit(X, REAL, epochs=3, verbose=0)


def test_the_plain_step_is_the_built_in_one():
    model = cr.Sequential([layers.Dense(1)])
    assert engines.custom.step_of(model, "train") is engines.steps.train_step


def test_targets_of_any_form_where_only_a_loss_of_ones_own_looks_at_them():
    class Towers(cr.Model):
        def __init__(self):
            super().__init__()
            self.users, self.things = cr.layers.Embedding(5, 2), cr.layers.Embedding(7, 2)

        def call(self, inputs):
            return {"user": self.users(inputs["user"])}

        def compute_loss(self, x, y, y_pred, sample_weight, training=True):
            return ops.mean(ops.square(ops.sum(y_pred["user"] * self.things(y["thing"]), -1) - y["rating"]))

    rng = np.random.default_rng(0)
    users, things = rng.integers(0, 5, 64), rng.integers(0, 7, 64)
    model = Towers()
    model.compile(optimizer=cr.optimizers.Adam(0.05))
    wanted = {"thing": things, "rating": (users - things).astype("float32")}
    history = model.fit({"user": users}, wanted, epochs=20, batch_size=16, verbose=0).history["loss"]
    assert [w.shape for w in model.weights] == [(5, 2), (7, 2)] and history[-1] < history[0] / 4


def test_compiled_metrics_are_one_that_takes_all_outputs_and_looks_at_weights_only_where_meant():
    class Both(cr.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.one, self.two = cr.layers.Dense(1, name="one"), cr.layers.Dense(1, name="two")

        def call(self, x):
            return {"one": self.one(x), "two": self.two(x)}

        def test_step(self, data):
            x, y, weight = data
            y_pred = self(x, training=False)
            loss = self.compute_loss(x, y, y_pred, weight)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                elif metric.name == "compile_metrics":
                    metric.update_state(y, y_pred, sample_weight=weight)
            return {m.name: m.result() for m in self.metrics}

    x = np.arange(8, dtype="float32").reshape(4, 2)
    y = {"one": np.zeros((4, 1), "float32"), "two": np.ones((4, 1), "float32")}
    weight = {"one": np.array([0, 0, 0, 1.0]), "two": np.ones(4)}
    model = Both()
    model.compile("sgd", "mse", metrics={"one": ["mae"]}, weighted_metrics={"one": ["mse"]})
    found = model.evaluate(x, y, sample_weight=weight, verbose=0, return_dict=True)
    one = model.predict(x, verbose=0)["one"][:, 0]
    assert found["one_mae"] == pytest.approx(float(np.mean(np.abs(one))), rel=1e-5)  # plain metrics see no weights
    assert found["one_mse"] == pytest.approx(float(one[3] ** 2), rel=1e-5)
