"""Callbacks: what is called when, and what the ones that come with chainrule do."""

from __future__ import annotations

import csv
import os

import numpy as np
import pytest

import chainrule as cr
from chainrule import callbacks
from chainrule.errors import ArgumentError, FileError, NonFiniteError

from .small import REAL, X, Y, binary, linear, same_weights

HOOKS = [name for name in vars(callbacks.Callback) if name.startswith("on_")]


class Recorder(callbacks.Callback):
    """Writes down every call."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def set_model(self, model):
        super().set_model(model)
        self.calls.append(("set_model",))

    def set_params(self, params):
        super().set_params(params)
        self.calls.append(("set_params", dict(params)))


def _hook(name):
    def hook(self, *arguments):
        numbers, logs = [a for a in arguments if isinstance(a, int)], arguments[-1]
        self.calls.append((name, *numbers, list(logs)))

    return hook


for _name in HOOKS:
    setattr(Recorder, _name, _hook(_name))

LOGS, VALIDATED = ["loss", "mae"], ["loss", "mae", "val_loss", "val_mae"]


def batches(kind, names=LOGS, count=2):
    return [call for k in range(count)
            for call in ((f"on_{kind}_batch_begin", k, []), (f"on_{kind}_batch_end", k, names))]  # fmt: skip


def test_order_of_calls_in_fit():
    """The order, the numbers and the names of the logs are those that Keras 3.15 gives for the same calls."""
    recorder, second = Recorder(), Recorder()
    model = linear(metrics=["mae"])
    model.fit(X[:6], REAL[:6], batch_size=4, epochs=2, verbose=0, validation_data=(X[:6], REAL[:6]),
              callbacks=[recorder, [second]])  # fmt: skip
    epoch = lambda k: [  # noqa: E731
        ("on_epoch_begin", k, []), *batches("train"), ("on_test_begin", []), *batches("test"), ("on_test_end", LOGS),
        ("on_epoch_end", k, VALIDATED),
    ]  # fmt: skip
    assert recorder.calls == [
        ("set_model",), ("set_params", {"verbose": 0, "epochs": 2, "steps": 2}), ("on_train_begin", []),
        *epoch(0), *epoch(1), ("on_train_end", VALIDATED),
    ]  # fmt: skip
    assert second.calls == recorder.calls


def test_order_of_calls_in_evaluate_and_predict():
    recorder, model = Recorder(), linear(metrics=["mae"])
    head = [("set_model",), ("set_params", {"verbose": 0, "epochs": 1, "steps": 2})]
    model.evaluate(X[:6], REAL[:6], batch_size=4, verbose=0, callbacks=[recorder])
    assert recorder.calls == [*head, ("on_test_begin", []), *batches("test"), ("on_test_end", LOGS)]
    recorder.calls.clear()
    model.predict(X[:6], batch_size=4, verbose=0, callbacks=recorder)
    assert recorder.calls == [*head, ("on_predict_begin", []), *batches("predict", ["outputs"]), ("on_predict_end", [])]


def test_the_same_calls_for_generators():
    recorder, model = Recorder(), linear(metrics=["mae"])
    model.fit(iter([(X[:4], REAL[:4]), (X[4:6], REAL[4:6])]), verbose=0, callbacks=[recorder])
    assert recorder.calls[2:] == [
        ("on_train_begin", []), ("on_epoch_begin", 0, []), *batches("train"), ("on_epoch_end", 0, LOGS),
        ("on_train_end", LOGS),
    ]  # fmt: skip


def test_batch_logs_are_those_of_the_epoch_so_far():
    seen = []

    class Old(callbacks.Callback):
        def on_batch_end(self, batch, logs=None):  # the older name
            seen.append(logs["loss"])

    model = linear(optimizer=cr.optimizers.SGD(0.0))
    history = model.fit(X, REAL, batch_size=8, verbose=0, callbacks=[Old()], shuffle=False).history
    expected = [model.evaluate(X[:k], REAL[:k], verbose=0) for k in (8, 16, 22)]
    np.testing.assert_allclose(seen, expected, rtol=1e-6)
    assert history["loss"] == seen[-1:]


def test_predict_hands_the_outputs_of_a_batch_to_callbacks():
    outputs = []
    keep = callbacks.LambdaCallback(on_predict_batch_end=lambda batch, logs: outputs.append(logs["outputs"]))
    predicted = linear().predict(X, batch_size=8, verbose=0, callbacks=[keep])
    np.testing.assert_array_equal(np.concatenate(outputs), predicted)


def test_a_callback_may_stop_training_between_batches_and_epochs():
    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                self.model.stop_training = True

    model, by_hand = linear(), linear()
    history = model.fit(X, REAL, batch_size=5, epochs=3, shuffle=False, verbose=0, callbacks=[Stop()])
    by_hand.fit(X[:10], REAL[:10], batch_size=5, shuffle=False, verbose=0)
    assert history.epoch == [0] and same_weights(model, by_hand)
    assert model.fit(X, REAL, epochs=2, verbose=0).epoch == [0, 1]  # the flag does not outlive the call


def test_a_callback_may_change_weights_and_the_learning_rate():
    class Meddle(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.set_weights([np.zeros((3, 1)), np.zeros(1)])
            self.model.optimizer.learning_rate = 0.0

    model = linear()
    model.fit(X, REAL, verbose=0, callbacks=[Meddle()])
    assert not model.get_weights()[0].any()


def test_logs_that_a_callback_adds_are_seen_by_the_next_and_the_history():
    add = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=epoch * 2.0))
    assert linear().fit(X, REAL, epochs=2, verbose=0, callbacks=[add]).history["extra"] == [0.0, 2.0]


def test_an_exception_in_a_callback_leaves_the_model_usable():
    def fail(batch, logs):
        raise RuntimeError("no")

    model, by_hand = linear(), linear()
    with pytest.raises(RuntimeError, match="no"):
        model.fit(X, REAL, batch_size=5, shuffle=False, verbose=0,
                  callbacks=[callbacks.LambdaCallback(on_train_batch_end=fail)])  # fmt: skip
    by_hand.train_on_batch(X[:5], REAL[:5])
    assert same_weights(model, by_hand)
    assert model.fit(X, REAL, epochs=2, verbose=0).epoch == [0, 1]
    assert np.isfinite(model.evaluate(X, REAL, verbose=0))


def test_callback_list_by_hand():
    recorder, model = Recorder(), linear()
    both = callbacks.CallbackList([recorder], add_history=True, model=model, epochs=1, steps=1, verbose=0)
    both.on_train_begin()
    both.on_epoch_begin(0)
    both.on_epoch_end(0, {"b": np.float32(2), "a": 1})
    assert model.history.history == {"a": [1.0], "b": [2.0]} and recorder.calls[-1] == ("on_epoch_end", 0, ["a", "b"])


def test_lambda_callback_refuses_unknown_names():
    with pytest.raises(ArgumentError, match=r"no method 'on_epoch_ends'. Did you mean 'on_epoch_end'"):
        callbacks.LambdaCallback(on_epoch_ends=print)


# EarlyStopping and its kin, on numbers given by hand


class Feed(callbacks.Callback):
    """Puts given numbers into the logs of the epochs."""

    def __init__(self, name, values):
        super().__init__()
        self.name, self.values = name, values

    def on_epoch_end(self, epoch, logs=None):
        logs[self.name] = self.values[epoch]
        self.model.layers[0].bias.assign([float(epoch)])  # so that weights tell the epoch


def run(values, *chosen, name="val_loss", model=None):
    model = model or linear(optimizer=cr.optimizers.SGD(1.0))
    history = model.fit(X, 0 * REAL, epochs=len(values), verbose=0, callbacks=[Feed(name, values), *chosen])
    return history, float(model.layers[0].bias.numpy()[0])


STOPPING = [  # values of val_loss, arguments, epochs run, epoch of the weights at the end; as Keras 3.15 does it
    ([3, 2, 1, 0], {}, 4, 3),
    ([3, 2, 2.5, 1], {}, 3, 2),
    ([3, 2, 2.5, 2.6, 1], {"patience": 2}, 4, 3),
    ([3, 2, 2.5, 2.6, 1], {"patience": 2, "restore_best_weights": True}, 4, 1),
    ([3, 2, 1, 1.5], {"patience": 5, "restore_best_weights": True}, 4, 2),  # also where it did not stop
    ([3, 2.95, 2.9, 2.8], {"min_delta": 0.3, "patience": 2}, 3, 2),
    ([1, 2, 3, 2.9, 2.95, 2.96], {"mode": "max", "patience": 2}, 5, 4),
    ([3, 2.5, 2.4, 2.3], {"baseline": 1.0, "patience": 2}, 4, 3),
    ([3, 2.5, 2.6, 2.3], {"baseline": 1.0, "patience": 2}, 3, 2),
    ([3, 0.5, 0.6, 0.7, 0.8], {"baseline": 1.0, "patience": 2}, 4, 3),
    ([1, 2, 3, 4, 5, 6], {"start_from_epoch": 3, "patience": 1}, 5, 4),
    ([1, 2, 3, 4, 5, 6], {"start_from_epoch": 3, "patience": 1, "restore_best_weights": True}, 5, 3),
    ([2, 2, 2], {"patience": 0}, 2, 1),
    ([float("nan"), 2, 1, 3], {"patience": 1}, 4, 3),  # Keras would wait for something better than NaN
]


@pytest.mark.parametrize(("values", "arguments", "epochs", "weights"), STOPPING)
def test_early_stopping(values, arguments, epochs, weights):
    stop = callbacks.EarlyStopping(**arguments)
    history, bias = run(values, stop)
    assert len(history.epoch) == epochs and bias == weights
    assert stop.stopped_epoch == (epochs - 1 if epochs < len(values) or stop.stopped_epoch else 0)


def test_early_stopping_says_what_it_does_and_can_be_used_again(capsys):
    stop = callbacks.EarlyStopping(patience=1, restore_best_weights=True, verbose=1)
    for _ in range(2):
        run([2, 1, 3, 4], stop)
        assert capsys.readouterr().out.splitlines() == [
            "Epoch 3: early stopping", "Restoring model weights from the end of the best epoch: 2.",
        ]  # fmt: skip


def test_early_stopping_without_its_number_warns_and_trains_on():
    with pytest.warns(UserWarning, match="'val_loss' is not among 'loss'. It needs validation_data"):
        assert linear().fit(X, REAL, epochs=2, verbose=0, callbacks=[callbacks.EarlyStopping()]).epoch == [0, 1]


DIRECTIONS = {
    "accuracy": True, "auc": True, "mae": False, "binary_crossentropy": False, "precision": True, "f1_score": True,
    "hinge": False, "false_negatives": False, "r2_score": True, "kl_divergence": False, "loss": False,
}  # fmt: skip


def test_auto_mode_knows_the_direction_of_each_metric():
    from chainrule.callbacks.direction import grows

    named = [cr.metrics.Recall(name="found"), cr.losses.mean_squared_error, cr.metrics.binary_accuracy]
    model = binary(metrics=[name for name in DIRECTIONS if name != "loss"] + named)
    model.fit(X, Y[:, None], verbose=0)
    assert {name: grows(model, f"val_{name}") for name in DIRECTIONS} == DIRECTIONS
    assert grows(model, "found") and grows(model, "binary_accuracy") and not grows(model, "mean_squared_error")


def test_auto_mode_does_not_guess():
    class Odd(cr.metrics.Mean):
        def update_state(self, y_true, y_pred, sample_weight=None):
            super().update_state(y_pred)

    with pytest.raises(ArgumentError, match=r"larger 'odd' is better cannot be told.*mode='max'"):
        binary(metrics=[Odd(name="odd")]).fit(X, Y, epochs=3, verbose=0, callbacks=[callbacks.EarlyStopping("odd")])
    with pytest.warns(UserWarning, match="'maximum' is not known"):  # as Keras does
        assert callbacks.EarlyStopping(mode="maximum").mode == "auto"
    Odd._direction = "up"
    stop = callbacks.EarlyStopping("odd")
    binary(metrics=[Odd(name="odd")]).fit(X, Y, epochs=2, verbose=0, callbacks=[stop])
    assert stop._sign() == -1.0


# learning rates

PLATEAU = [  # values, arguments, learning rates as logged; as Keras 3.15 does it
    ([3, 3, 3, 3], {"factor": 0.5, "patience": 1}, [1.0, 1.0, 0.5, 0.25]),
    ([3, 2, 1, 0], {"factor": 0.5, "patience": 1}, [1.0, 1.0, 1.0, 1.0]),
    ([3, 3, 3, 3, 3, 3], {"factor": 0.1, "patience": 2}, [1.0, 1.0, 1.0, 0.1, 0.1, 0.01]),
    ([3] * 6, {"factor": 0.5, "patience": 1, "cooldown": 2}, [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]),
    ([3] * 5, {"factor": 0.5, "patience": 1, "min_lr": 0.3}, [1.0, 1.0, 0.5, 0.3, 0.3]),
    ([3, 2.99995, 2.9999], {"factor": 0.5, "patience": 1}, [1.0, 1.0, 0.5]),
    ([1, 2, 2, 2], {"factor": 0.5, "patience": 1, "mode": "max"}, [1.0, 1.0, 1.0, 0.5]),
]


@pytest.mark.parametrize(("values", "arguments", "rates"), PLATEAU)
def test_reduce_on_plateau(values, arguments, rates):
    history, _ = run(values, callbacks.ReduceLROnPlateau(**arguments))
    np.testing.assert_allclose(history.history["learning_rate"], rates, rtol=1e-6)


def test_reduce_on_plateau_refuses_a_factor_of_one():
    with pytest.raises(ArgumentError, match=r"factor below 1; got 1.0"):
        callbacks.ReduceLROnPlateau(factor=1.0)


def test_learning_rate_scheduler_with_one_or_two_arguments(capsys):
    model = linear()
    by_epoch = callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1), verbose=1)
    history = model.fit(X, REAL, epochs=2, verbose=0, callbacks=[by_epoch]).history
    np.testing.assert_allclose(history["learning_rate"], [0.1, 0.05], rtol=1e-6)
    assert "Epoch 2: LearningRateScheduler setting learning rate to 0.05." in capsys.readouterr().out
    halving = callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    history = model.fit(X, REAL, epochs=2, verbose=0, callbacks=[halving]).history
    np.testing.assert_allclose(history["learning_rate"], [0.025, 0.0125], rtol=1e-6)
    with pytest.raises(ArgumentError, match="return a number; got 'fast'"):
        model.fit(X, REAL, verbose=0, callbacks=[callbacks.LearningRateScheduler(lambda epoch: "fast")])


# files


def test_csv_logger_writes_and_appends(tmp_path):
    path, model = tmp_path / "log.csv", linear(metrics=["mae"])
    model.fit(X, REAL, epochs=2, verbose=0, validation_split=0.3, callbacks=[callbacks.CSVLogger(path)])
    history = model.fit(X, REAL, epochs=4, initial_epoch=2, verbose=0, validation_split=0.3,
                        callbacks=[callbacks.CSVLogger(path, append=True)])  # fmt: skip
    rows = list(csv.reader(path.open()))
    assert rows[0] == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert [row[0] for row in rows[1:]] == ["0", "1", "2", "3"]
    assert [float(v) for v in rows[-1][1:]] == [history.history[name][-1] for name in rows[0][1:]]
    model.fit(X, REAL, verbose=0, callbacks=[callbacks.CSVLogger(path, separator=";")])
    lines = path.read_text().splitlines()
    assert lines[0] == "epoch;loss;mae;val_loss;val_mae" and lines[1].endswith(";NA;NA") and len(lines) == 2


def test_csv_logger_keeps_columns_for_a_later_validation(tmp_path):
    path = tmp_path / "log.csv"
    linear().fit(X, REAL, epochs=2, verbose=0, validation_split=0.3, validation_freq=2,
                 callbacks=[callbacks.CSVLogger(path)])  # fmt: skip
    rows = list(csv.DictReader(path.open()))
    assert rows[0]["val_loss"] == "NA" and float(rows[1]["val_loss"]) > 0


def test_csv_logger_where_nothing_can_be_written(tmp_path):
    with pytest.raises(FileError, match="cannot write"):
        linear().fit(X, REAL, verbose=0, callbacks=[callbacks.CSVLogger(tmp_path / "missing" / "log.csv")])


def test_checkpoint_each_epoch_with_names_from_the_logs(tmp_path):
    target = tmp_path / "deep" / "model-{epoch:02d}-{val_loss:.2f}.keras"
    run([3.0, 2.5], callbacks.ModelCheckpoint(target))
    assert sorted(os.listdir(tmp_path / "deep")) == ["model-01-3.00.keras", "model-02-2.50.keras"]
    assert float(cr.models.load_model(tmp_path / "deep" / "model-02-2.50.keras").layers[0].bias.numpy()[0]) == 1.0


def test_checkpoint_of_the_best_and_what_it_says(tmp_path, capsys):
    path = tmp_path / "best.keras"
    run([3.0, 2.0, 2.5, 1.0], callbacks.ModelCheckpoint(path, save_best_only=True, verbose=1))
    said = [line for line in capsys.readouterr().out.splitlines() if line]
    assert said == [
        f"Epoch 1: val_loss improved from None to 3.00000, saving model to {path}",
        f"Epoch 1: finished saving model to {path}",
        f"Epoch 2: val_loss improved from 3.00000 to 2.00000, saving model to {path}",
        f"Epoch 2: finished saving model to {path}",
        "Epoch 3: val_loss did not improve from 2.00000",
        f"Epoch 4: val_loss improved from 2.00000 to 1.00000, saving model to {path}",
        f"Epoch 4: finished saving model to {path}",
    ]
    assert float(cr.models.load_model(path).layers[0].bias.numpy()[0]) == 3.0


def test_checkpoint_with_a_threshold_and_by_accuracy(tmp_path):
    run([3.0, 2.0], callbacks.ModelCheckpoint(tmp_path / "a.keras", save_best_only=True, initial_value_threshold=1.5))
    run([0.3, 0.5, 0.4], callbacks.ModelCheckpoint(tmp_path / "b.keras", "score", save_best_only=True, mode="max"),
        name="score")  # fmt: skip
    assert os.listdir(tmp_path) == ["b.keras"]
    assert float(cr.models.load_model(tmp_path / "b.keras").layers[0].bias.numpy()[0]) == 1.0


def test_checkpoint_of_weights_every_few_batches(tmp_path):
    model = linear()
    keep = callbacks.ModelCheckpoint(tmp_path / "{epoch}-{batch}.weights.h5", save_weights_only=True, save_freq=3)
    model.fit(X, REAL, batch_size=5, epochs=2, shuffle=False, verbose=0, callbacks=[keep])  # five batches an epoch
    assert sorted(os.listdir(tmp_path)) == ["1-3.weights.h5", "2-1.weights.h5", "2-4.weights.h5"]
    again, by_hand = linear(), linear()
    again.load_weights(tmp_path / "1-3.weights.h5")
    by_hand.fit(X[:15], REAL[:15], batch_size=5, shuffle=False, verbose=0)
    assert same_weights(again, by_hand)


def test_checkpoint_with_steps_per_execution(tmp_path):
    keep = callbacks.ModelCheckpoint(tmp_path / "{epoch}-{batch}.weights.h5", save_weights_only=True, save_freq=3)
    linear(steps_per_execution=2).fit(X, REAL, batch_size=5, verbose=0, callbacks=[keep])
    assert os.listdir(tmp_path) == ["1-4.weights.h5"]


def test_checkpoint_errors(tmp_path):
    for arguments, text in (
        ({"filepath": "model.zip"}, "ends in .keras; got 'model.zip'"),
        ({"filepath": "m.keras", "save_freq": "batch"}, "save_freq 'epoch' or a positive integer; got batch"),
        ({"filepath": "m.keras", "save_freq": 0}, "positive integer; got 0"),
    ):
        with pytest.raises(ArgumentError, match=text):
            callbacks.ModelCheckpoint(**arguments)
    with pytest.raises(ArgumentError, match="names 'val_acc', which is not among 'epoch', 'loss'"):
        linear().fit(X, REAL, verbose=0, callbacks=[callbacks.ModelCheckpoint(tmp_path / "{val_acc}.keras")])


def test_checkpoint_of_the_best_without_its_number_saves_and_warns(tmp_path):
    keep = callbacks.ModelCheckpoint(tmp_path / "m.keras", save_best_only=True)
    with pytest.warns(UserWarning, match="'val_loss' is not among"):
        linear().fit(X, REAL, verbose=0, callbacks=[keep])
    assert os.listdir(tmp_path) == ["m.keras"]


def test_checkpoint_as_the_model_returns_training_to_where_it_was(tmp_path):
    """Stopped after epoch 2 and loaded, training gives the same bits as without the stop."""
    model, keep = binary(), callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    model.fit(X, Y, batch_size=5, epochs=4, verbose=0, callbacks=[keep])
    loaded = cr.models.load_model(tmp_path / "2.keras")
    loaded.fit(X, Y, batch_size=5, epochs=4, initial_epoch=2, verbose=0)
    assert same_weights(model, loaded)


# NaN


@pytest.mark.filterwarnings("ignore:the loss became")
def test_terminate_on_nan_stops_at_the_batch(capsys):
    def diverging(**arguments):
        return linear(optimizer=cr.optimizers.SGD(1e25), **arguments)

    model, watched, stop = diverging(), diverging(), callbacks.TerminateOnNaN()
    history = model.fit(X, REAL, batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=[stop])
    said = capsys.readouterr().out
    watcher = callbacks.LambdaCallback(on_batch_end=lambda batch, logs: None)
    watched.fit(X, REAL, batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=[stop, watcher])
    assert history.epoch == [0] and said == "Batch 1: Invalid loss, terminating training\n" == capsys.readouterr().out
    np.testing.assert_array_equal(model.get_weights()[0], watched.get_weights()[0])
    assert not np.isfinite(history.history["loss"][0])


@pytest.mark.filterwarnings("ignore:the loss became")
def test_terminate_on_nan_may_raise():
    with pytest.raises(NonFiniteError, match="the loss is inf at batch 1"):
        linear(optimizer=cr.optimizers.SGD(1e25)).fit(
            X, REAL, batch_size=4, shuffle=False, verbose=0, callbacks=[callbacks.TerminateOnNaN(raise_error=True)]
        )


def test_a_callback_list_may_be_given():
    recorder, model = Recorder(), linear()
    both = callbacks.CallbackList([recorder], add_history=True, model=model, epochs=2, steps=1, verbose=0)
    history = model.fit(X, REAL, epochs=2, callbacks=both)
    assert history is both.history and history.epoch == [0, 1]


def test_numbers_that_are_none():
    stop, keep = callbacks.EarlyStopping("f1_score"), callbacks.ReduceLROnPlateau("nothing", mode="min", patience=0)
    model = binary(metrics=[cr.metrics.F1Score(threshold=0.5, name="f1_score")])
    model.fit(X, Y[:, None], verbose=0, callbacks=[stop])  # an array of one number is one
    with pytest.raises(ArgumentError, match="expected 'f1_score' to be one number; got 2 of them"):
        stop.value({"f1_score": np.ones(2)})
    with pytest.warns(UserWarning, match="'nothing' is not among"):
        history = model.fit(X, Y[:, None], epochs=2, verbose=0, callbacks=[keep]).history
    assert history["learning_rate"][0] == history["learning_rate"][1]
    with pytest.raises(ArgumentError, match=r"EarlyStopping: 'f2_score' is not among .*Did you mean 'f1_score'"):
        model.fit(X, Y[:, None], verbose=0, callbacks=[callbacks.EarlyStopping("f2_score")])
