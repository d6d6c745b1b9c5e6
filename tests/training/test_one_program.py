"""The run as one Program: what is in it, and that it does not matter how it is cut."""

from __future__ import annotations

import copy as copies
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError
from chainrule.ir import parse_program, print_program, verify
from chainrule.training import engine as engines
from chainrule.training.data import array_data

from .small import REAL, X, Y, binary, linear, same_weights


def prepared(model, x=X, y=Y):
    """The compiled epoch of training in batches of 5, shuffled."""
    data = array_data(x, y)
    model._setup(data, training=True)
    return model._engine.epoch("train", data.parts, 5, True)


def names(program):
    return [equation.primitive.name for equation in program.equations]


def test_an_epoch_is_one_program_with_one_loop_over_the_batches():
    model = binary()
    compiled = prepared(model)
    program = compiled.program
    loops = [equation for equation in program.equations if equation.primitive.name == "loop"]
    assert len(loops) == 1
    (body,) = loops[0].params.programs()
    assert loops[0].params.length == 22 // 5
    in_step, outside = [e.primitive.name for e in body.walk()], names(program)
    for part in ("gather", "dot_general", "tanh"):  # picking rows, forward and backward: in the body and for the rest
        assert part in in_step and part in outside
    assert in_step.count("dot_general") == 5  # two layers: forward 2, backward 3 (x needs no gradient)
    assert "random_bits" in outside and any(name in outside for name in ("argsort", "sort"))  # shuffling
    assert "random_bits" not in in_step
    verify(program)
    assert len(program.inputs) == len(compiled.state) + 2 + 1  # weights, slots, counters; x and y; the key


def test_the_program_of_an_epoch_prints_and_parses():
    program = prepared(binary()).program
    assert print_program(parse_program(print_program(program))) == print_program(program)


def test_equations_name_the_layers_they_come_from():
    equations = list(prepared(binary()).program.walk())
    parts = {part for e in equations for part in e.where.layer.split("/")}
    assert {"hidden", "out", "binary_crossentropy", "adam"} <= {part.rstrip("_0123456789") for part in parts}
    made_at = {e.where.source for e in equations if e.where.layer.endswith("hidden")}
    assert len(made_at) == 1 and made_at.pop().startswith("small.py:")


def test_validation_and_prediction_are_programs_of_their_own():
    model = binary()
    data = array_data(X, Y)
    model._setup(data, training=False)
    tested = model._engine.epoch("test", data.parts, 5, False).program
    predicted = model._engine.epoch("predict", (data.x, None, None), 5, False).program
    assert "tanh" in {e.primitive.name for e in tested.walk()}
    assert predicted.output_types[-1].shape == (22, 1)


def in_pieces(monkeypatch, seconds):
    monkeypatch.setattr(engines, "_LONG", seconds)


@pytest.mark.parametrize("shuffle", [True, False])
def test_whole_epochs_and_pieces_give_identical_bits(monkeypatch, shuffle):
    def run(callbacks=()):
        cr.utils.set_random_seed(1)
        model = cr.Sequential([cr.Input((3,)), layers.Dense(4, activation="relu"), layers.BatchNormalization(),
                               layers.Dropout(0.3), layers.Dense(1, activation="sigmoid")])  # fmt: skip
        model.compile("adam", "binary_crossentropy", metrics=["accuracy", "auc"])
        history = model.fit(X, Y, batch_size=5, epochs=3, shuffle=shuffle, verbose=0, callbacks=list(callbacks),
                            validation_data=(X, Y))  # fmt: skip
        return history.history, model.get_weights(), model.predict(X, batch_size=4, verbose=0)

    whole = run()
    single = run([cr.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)])
    with monkeypatch.context() as patch:
        in_pieces(patch, 1e-9)
        smallest = run()
    with monkeypatch.context() as patch:
        in_pieces(patch, 2e-3)
        pieces = run()
    for other in (single, smallest, pieces):
        assert other[0] == whole[0] and same_weights(other[1], whole[1])
        np.testing.assert_array_equal(other[2], whole[2])


def test_a_long_epoch_is_cut_so_that_it_can_be_watched(monkeypatch):
    monkeypatch.setitem(cr.config._settings, "executor", "reference")
    model = linear()
    data = array_data(X, REAL)
    model._setup(data, training=True)
    assert model._engine.piece_length("train", data.parts, 1, 22, True) is None
    in_pieces(monkeypatch, 1e-9)
    assert model._engine.piece_length("train", data.parts, 1, 22, True) == 1
    seconds = model._engine.epoch("train", data.parts, 1, True).seconds
    in_pieces(monkeypatch, seconds / 2)
    assert 1 < model._engine.piece_length("train", data.parts, 1, 22, True) < 22


def test_programs_are_recorded_once():
    class Counting(cr.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.calls = layers.Dense(1), 0

        def call(self, inputs):
            self.calls += 1
            return self.dense(inputs)

    model = Counting()
    model.compile("sgd", "mse")
    model.fit(X, REAL, epochs=2, verbose=0)
    once = model.calls
    model.fit(X, REAL, epochs=3, verbose=0)
    assert model.calls == once
    model.fit(X[:10], REAL[:10], verbose=0)  # other shapes: another Program
    assert model.calls > once


SCRIPT = """
import numpy as np, hashlib
import chainrule as cr
from chainrule import layers
x = np.random.default_rng(0).normal(size=(40, 3)); y = (x.sum(1) > 0).astype(int)
cr.utils.set_random_seed(11)
model = cr.Sequential([layers.Dense(5, activation="relu"), layers.Dropout(0.2), layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, y, epochs=3, batch_size=7, verbose=0, validation_split=0.2)
print(hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest())
"""


def test_the_same_seed_gives_the_same_bits_in_two_processes():
    environment = {**os.environ, "PYTHONPATH": str(Path(cr.__file__).parents[1])}
    found = [
        subprocess.run([sys.executable, "-c", SCRIPT], env={**environment, "PYTHONHASHSEED": seed}, check=True,
                       capture_output=True, text=True).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert found[0] == found[1] and len(found[0]) == 65


# state that does not belong to the model


def test_a_variable_from_outside_is_read_anew_and_may_be_assigned():
    scale, count = cr.Variable(1.0, name="scale"), cr.Variable(0.0, name="count")

    def loss(y_true, y_pred):
        count.assign_add(1.0)
        return ops.mean(ops.square(y_true - y_pred)) * scale

    model = linear(loss=loss, optimizer=cr.optimizers.SGD(0.0))
    one = model.fit(X, REAL, batch_size=11, verbose=0).history["loss"][0]
    scale.assign(3.0)
    three = model.fit(X, REAL, batch_size=11, verbose=0).history["loss"][0]
    np.testing.assert_allclose(three, 3 * one, rtol=1e-6)
    assert float(count) == 4.0


@pytest.mark.filterwarnings("ignore:fit. there is nothing to train")
def test_layers_made_anew_in_each_call_are_an_error():
    class Wrong(cr.Model):
        def call(self, inputs):
            return layers.Dense(1, name="lost")(inputs)

    model = Wrong()
    model.compile("sgd", "mse")
    with pytest.raises(ArgumentError, match=r"lost/kernel.*made anew whenever.*__init__"):
        model.fit(X, REAL, verbose=0)


# step by step


def test_eager_running_gives_the_same_numbers():
    def run(eagerly, **arguments):
        cr.utils.set_random_seed(2)
        model = cr.Sequential([cr.Input((3,)), layers.Dense(4, activation="relu", kernel_regularizer="l2"),
                               layers.BatchNormalization(), layers.Dropout(0.3),
                               layers.Dense(1, activation="sigmoid")])  # fmt: skip
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"], run_eagerly=eagerly)
        history = model.fit(X, Y, batch_size=8, epochs=2, verbose=0, **arguments)
        return history.history, model.get_weights(), model.predict(X, verbose=0), model.evaluate(X, Y, verbose=0)

    compiled, eager = run(False, validation_split=0.3), run(True, validation_split=0.3)
    for key, values in compiled[0].items():
        np.testing.assert_allclose(eager[0][key], values, rtol=1e-6)
    for a, b in zip(compiled[1], eager[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(compiled[2], eager[2], rtol=1e-5)
    np.testing.assert_allclose(compiled[3], eager[3], rtol=1e-6)


class Looking(cr.Model):
    """Looks at its numbers, as one does to find a fault."""

    def __init__(self):
        super().__init__()
        self.dense, self.seen = layers.Dense(1), []

    def call(self, inputs):
        hidden = self.dense(inputs)
        if float(hidden.numpy().mean()) > 1e9:
            raise ValueError("too large")
        self.seen.append(hidden.numpy().shape)
        print("mean", float(ops.mean(hidden)))
        return hidden


def test_eager_running_lets_call_look_at_numbers(capsys):
    model = Looking()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(X, REAL, batch_size=10, verbose=0, shuffle=False)
    model.predict(X, verbose=0)
    assert model.seen[-4:] == [(10, 1), (10, 1), (2, 1), (22, 1)]
    assert capsys.readouterr().out.count("mean") == len(model.seen)


def test_a_step_that_fails_half_way_changes_nothing():
    class Failing(cr.optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient, variable, learning_rate)
            if variable.name == "bias":
                raise RuntimeError("no more")

    model = linear(optimizer=Failing(0.1), run_eagerly=True)
    before = model.get_weights()
    with pytest.raises(RuntimeError, match="no more"):
        model.fit(X, REAL, verbose=0)
    assert same_weights(before, model) and int(model.optimizer.iterations) == 0


def test_looking_at_numbers_while_recording_says_what_to_do():
    model = Looking()
    model.compile("sgd", "mse")
    with pytest.raises(cr.errors.TracedValueError, match=r"not known while a Program is being .*run_eagerly=True"):
        model.fit(X, REAL, verbose=0)


def test_an_if_on_a_tensor_says_what_to_do():
    class Branching(cr.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs):
            hidden = self.dense(inputs)
            return hidden if ops.mean(hidden) > 0 else -hidden

    model = Branching()
    model.compile("sgd", "mse")
    with pytest.raises(cr.errors.TracedValueError, match=r"Branching.*Python `if`.*ops.where"):
        model.fit(X, REAL, verbose=0)


def test_a_tensor_kept_from_an_earlier_recording_says_so():
    class Keeping(cr.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.last = layers.Dense(1), None

        def call(self, inputs):
            hidden = self.dense(inputs)
            if self.last is not None and self.last.shape == hidden.shape:
                hidden = hidden + self.last
            self.last = hidden
            return hidden

    model = Keeping()
    model.compile("sgd", "mse")
    with pytest.raises(cr.errors.TracedValueError, match="kept after its recording ended"):
        model.fit(X, REAL, batch_size=11, verbose=0)
        model.fit(X, REAL, batch_size=11, steps_per_epoch=1, verbose=0)


# what the Program hands out


def test_loss_and_metrics_come_out_of_the_program():
    model = binary(metrics=["accuracy", "auc", cr.metrics.F1Score(threshold=0.5, name="f1")])
    compiled = prepared(model, y=Y[:, None])
    model.reset_metrics()
    found = compiled([X, Y[:, None], np.array([1, 2], "uint32")])
    assert sorted(found) == ["accuracy", "auc", "f1", "loss"] and found["f1"].shape == (1,)
    for name, value in model._logs().items():
        np.testing.assert_allclose(found[name], value, rtol=1e-6)


def test_a_metric_that_says_its_value_only_in_python():
    class Pythonic(cr.metrics.Mean):
        def update_state(self, y_true, y_pred, sample_weight=None):
            super().update_state(y_pred)

        def result(self):
            return round(float(self.total.numpy()) / float(self.count.numpy()), 3)

    model = linear(metrics=[Pythonic(name="rounded")])
    assert prepared(model, y=REAL).result is None
    found = model.evaluate(X, REAL, verbose=0, return_dict=True)
    assert found["rounded"] == round(float(model.predict(X, verbose=0).mean()), 3)
    assert set(model.fit(X, REAL, verbose=0).history) == {"loss", "rounded"}


def test_own_compute_metrics_and_results():
    class Own(cr.Sequential):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            self.largest.assign(ops.maximum(self.largest, ops.max(y_pred)))
            return super().compute_metrics(x, y, y_pred, sample_weight)

        def get_metrics_result(self):
            return {**super().get_metrics_result(), "largest": self.largest.value}

        def reset_metrics(self):
            super().reset_metrics()
            self.largest.assign(-100.0)

    model = Own([cr.Input((3,)), layers.Dense(1)])
    model.largest = cr.Variable(-100.0, trainable=False)
    model.compile("sgd", "mse", metrics=["mae"])
    found = model.evaluate(X, REAL, verbose=0, return_dict=True)
    assert list(found) == ["largest", "loss", "mae"]
    np.testing.assert_allclose(found["largest"], model.predict(X, verbose=0).max(), rtol=1e-6)


def test_a_model_that_changes_between_two_fits_is_recorded_anew():
    class Growing(cr.Model):
        def __init__(self):
            super().__init__()
            self.blocks = [layers.Dense(3)]

        def call(self, inputs):
            for block in self.blocks:
                inputs = block(inputs)
            return inputs

    model = Growing()
    assert model.predict(X, verbose=0).shape == (22, 3)
    model.blocks = [*model.blocks, layers.Dense(2)]
    assert model.predict(X, verbose=0).shape == (22, 2) and len(model.weights) == 4
    del model.blocks
    model.blocks = [layers.Dense(1)]
    assert model.predict(X, verbose=0).shape == (22, 1) and len(model.weights) == 2


def test_data_of_many_sizes_do_not_make_a_program_each():
    model = binary()
    for rows in range(1, 23):
        for batch in (4, 7):
            np.testing.assert_allclose(model.predict(X[:rows], batch_size=batch, verbose=0), model(X[:rows]), rtol=1e-6)
    assert len([key for key in model._engine._cache if key[1] == "epoch"]) == 8
    expected = [binary().evaluate(X[:rows], Y[:rows], verbose=0) for rows in (5, 21)]
    for rows in range(1, 23):
        model.evaluate(X[:rows], Y[:rows], batch_size=4, verbose=0)
    found = [model.evaluate(X[:rows], Y[:rows], batch_size=4, verbose=0) for rows in (5, 21)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_switching_trainable_between_steps_records_nothing_anew():
    model = binary()
    for k in range(4):
        model.trainable = bool(k % 2)
        model.train_on_batch(X, Y)
    assert len(model._engine._cache) == 1


def test_a_copy_of_a_model_is_a_model():
    model = binary()
    model.fit(X, Y, verbose=0)
    copy = copies.deepcopy(model)
    np.testing.assert_array_equal(copy.predict(X, verbose=0), model.predict(X, verbose=0))
    one, two = (m.fit(X, Y, batch_size=5, epochs=2, verbose=0).history for m in (model, copy))
    assert one == two and same_weights(model, copy) and copy.weights[0] is not model.weights[0]


def test_large_constants_of_a_model_are_part_of_its_program():
    table = np.linspace(-1, 1, 90, dtype="float32").reshape(3, 30)
    inputs = cr.Input((3,))
    model = cr.Model(inputs, layers.Dense(1)(ops.matmul(inputs, table)))
    model.compile("sgd", "mse")
    model.fit(X, REAL, batch_size=5, verbose=0)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(model.predict(X, verbose=0), X @ table @ kernel + bias, rtol=1e-5, atol=1e-6)
    data = array_data(X, REAL)
    compiled = model._engine.epoch("train", data.parts, 5, True)
    assert len(compiled.program.inputs) == len(compiled.state) + 3


def test_outputs_of_a_batch_without_rows():
    inputs = cr.Input((3,))
    model = cr.Model(inputs, [ops.sum(inputs), ops.mean(inputs, axis=0)])
    total, mean = model.predict(X, batch_size=10, verbose=0)
    assert total.shape == (3,) and mean.shape == (9,)  # one for each batch, one after the other
    np.testing.assert_allclose(total, [X[:10].sum(), X[10:20].sum(), X[20:].sum()], rtol=1e-5)
    np.testing.assert_allclose(mean[-3:], X[20:].mean(0), rtol=1e-5)
