"""What Keras's own tests ask of training beyond numbers: counts of batches, rates of several optimizers, bars."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import Variable, callbacks, layers, ops, optimizers, utils


def line(**compiled: Any) -> cr.Sequential:
    model = cr.Sequential([layers.Input((2,)), layers.Dense(1, name="first"), layers.Dense(1, name="second")])
    model.compile(**{"optimizer": "sgd", "loss": "mse", **compiled})
    return model


def test_the_last_piece_ends_where_a_whole_one_would() -> None:
    seen: list[int] = []
    watch = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    line(steps_per_execution=3).fit(np.ones((100, 2)), np.ones((100, 1)), 16, callbacks=[watch], verbose=0)
    assert seen == [2, 5, 8]  # of 7 batches


def test_a_data_set_with_num_batches_alone() -> None:
    class Ones(utils.PyDataset):
        def __init__(self, count: int | None) -> None:
            super().__init__()
            self.count = count

        @property
        def num_batches(self) -> int | None:
            return self.count

        def __getitem__(self, index: int) -> Any:
            return np.ones((4, 2)), np.ones((4, 1))

    assert len(line().predict(Ones(3), verbose=0)) == 12
    assert len(line().fit(Ones(None), steps_per_epoch=5, epochs=2, verbose=0).epoch) == 2
    with pytest.raises(ValueError, match="no end"):
        line().fit(Ones(None), verbose=0)


def several() -> tuple[cr.Sequential, Any, Any]:
    one, rest = optimizers.SGD(0.1, use_ema=True), optimizers.SGD(0.01)
    both = optimizers.MultiOptimizer(optimizers.OptimizerMap(rest, {".*first/.*": one}))
    assert both.optimizers == [one, rest]
    return line(optimizer=both), one, rest


def test_schedules_reach_every_optimizer() -> None:
    model, one, rest = several()
    schedule = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = model.fit(np.ones((4, 2)), np.ones((4, 1)), callbacks=[schedule], verbose=0).history
    assert [float(one.learning_rate), float(rest.learning_rate)] == pytest.approx([0.05, 0.005])
    assert history[f"learning_rate_{one.name}"] == pytest.approx([0.05])
    plateau = callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=1)
    plateau.set_model(model)
    plateau.on_train_begin()
    plateau.on_epoch_end(0, {"val_loss": 1.0})
    plateau.on_epoch_end(1, {"val_loss": 1.0})
    assert [float(one.learning_rate), float(rest.learning_rate)] == pytest.approx([0.025, 0.0025])


def test_averages_of_one_of_several_optimizers() -> None:
    model, one, _ = several()
    model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))
    kernels = [layer.kernel for layer in model.layers]
    one.slots(kernels[0], "average").assign(np.full((2, 1), 9.0))
    before = [kernel.numpy() for kernel in kernels]
    swap = callbacks.SwapEMAWeights()
    swap.set_model(model)
    swap.on_test_begin()
    assert kernels[0].numpy().tolist() == [[9], [9]] and np.array_equal(kernels[1], before[1])
    swap.on_test_end()
    assert np.array_equal(kernels[0], before[0])


def test_variables_that_become_their_gradient() -> None:
    v, w = (Variable([1.0, 2.0]) for _ in range(2))
    v.overwrite_with_gradient = True
    for optimizer in (optimizers.SGD(1.0), optimizers.LossScaleOptimizer(optimizers.SGD(1.0), initial_scale=1.0)):
        v.assign([1.0, 2.0])
        w.assign([1.0, 2.0])
        optimizer.apply([ops.full(2, 0.5), ops.ones(2)], [v, w])
        assert v.numpy().tolist() == [0.5, 0.5] and w.numpy().tolist() == [0, 1]


def test_which_of_two_values_is_better() -> None:
    model = line()
    for monitor, mode, op in (("val_loss", "auto", ops.less), ("val_mse", "max", ops.greater)):
        stop = callbacks.EarlyStopping(monitor, mode=mode)
        stop.set_model(model)
        assert stop.monitor_op is op


def test_the_end_at_nan_is_a_runtime_error() -> None:
    with pytest.raises(RuntimeError):
        line().fit(np.ones((2, 2)), np.full((2, 1), np.inf), callbacks=[callbacks.TerminateOnNaN(raise_error=True)])


@pytest.mark.parametrize(
    ("settings", "shown"),
    [({"stateful_metrics": ["v"]}, "2.0"), ({"stateless_metrics": []}, "2.0"), ({"stateless_metrics": ["v"]}, "1.0")],
)
def test_bars_show_values_or_their_means(settings: dict[str, Any], shown: str, capsys: Any) -> None:
    bar = utils.Progbar(3, interval=0.0, **settings)
    bar.update(1, [("v", [-1.0, 1.0])])
    bar.update(2, [("v", 2.0)])
    assert f"v: {shown}" in capsys.readouterr().out.split("\r")[-1]
    with pytest.raises(ValueError, match="got both"):
        utils.Progbar(1, stateful_metrics=[], stateless_metrics=[])


def test_a_file_with_another_hash_is_fetched_again(tmp_path: Any) -> None:
    import hashlib

    source = tmp_path / "there.txt"
    for text in ("one", "two"):
        source.write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        path = utils.get_file("here.txt", f"file://{source}", file_hash=digest, cache_dir=tmp_path)
        with open(path, encoding="utf-8") as file:
            assert file.read() == text
    assert utils.standardize_dtype(np.array(["a"], object).dtype) == "string"


ROWS = np.linspace(0, 1, 12, dtype="float32").reshape(6, 2)
REAL = ROWS[:, :1] * 2


def test_what_is_called_alike_is_listed_twice():
    """`metrics` and `weighted_metrics` of one name: Keras 3 gives the first number twice."""
    model = line()
    model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mae", "mse"])
    found = model.evaluate(ROWS, REAL, verbose=0, return_dict=True)
    assert list(found) == ["loss", "mae", "mse", "weighted_mae"]
    loss, mae, mse = (found[name] for name in ("loss", "mae", "mse"))
    assert model.evaluate(ROWS, REAL, verbose=0) == [loss, mae, mae, mse, found["weighted_mae"]]


def test_functions_among_the_metrics_have_names_in_snake_case():
    def MyError(y_true, y_pred):  # noqa: N802
        return y_true - y_pred

    model = line()
    model.compile("sgd", "mse", metrics=[MyError, lambda y_true, y_pred: y_pred])
    assert list(model.fit(ROWS, REAL, verbose=0).history) == ["lambda", "loss", "my_error"]


def test_errors_are_of_the_kinds_that_scripts_catch(tmp_path):
    model = line()
    with pytest.raises(FileNotFoundError):
        model.load_weights(tmp_path / "none.weights.h5")
    with pytest.raises(ValueError, match="cannot read"):
        cr.models.load_model(tmp_path / "none.keras")
    with pytest.raises(KeyError, match="nope"):
        model.fit(ROWS, REAL, verbose=0, callbacks=[cr.callbacks.ModelCheckpoint(str(tmp_path / "{nope}.keras"))])
    with pytest.raises(TypeError, match="'Nope' is not part of"):
        cr.layers.deserialize({"class_name": "Nope", "config": {}})


def test_checkpoints_say_when_they_are_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    line().fit(ROWS, REAL, verbose=0, callbacks=[cr.callbacks.ModelCheckpoint("a{epoch}.keras", verbose=1)])
    expected = "\nEpoch 1: saving model to a1.keras\n\nEpoch 1: finished saving model to a1.keras\n"
    assert capsys.readouterr().out == expected


def test_a_functional_model_says_what_it_is():
    inputs = cr.Input((2,))
    assert repr(cr.Model(inputs, cr.layers.Dense(1)(inputs), name="m")) == "<Functional name=m, built=True>"


def test_outputs_without_names_are_logged_by_their_losses():
    class Twice(cr.Model):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dense(1)

        def call(self, inputs):
            return self.inner(inputs), 2 * self.inner(inputs)

    model = Twice()
    model.compile("sgd", ["mse", "mae"], metrics=[["mae"], ["mse"]])
    history = model.fit(ROWS, (REAL, REAL), verbose=0).history
    assert list(history) == ["loss", "mae", "mae_loss", "mse", "mse_loss"]
    model.compile("sgd", cr.losses.MeanSquaredError(name="square"), metrics=["mae", "mae"])
    assert list(model.fit(ROWS, (REAL, REAL), verbose=0).history) == ["loss", "mae", "mae_1", "square_loss"]


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_steps_per_execution_of_arrays_and_generators(run_eagerly):
    """Callbacks see pieces of batches; as many steps as asked for, rounded up to whole pieces. Numbers of Keras 3."""

    def seen_by(act: Any) -> list[int]:
        seen: list[int] = []
        names = ("train", "test", "predict")
        watch = {f"on_{n}_batch_{e}": lambda batch, logs: seen.append(batch) for n in names for e in ("begin", "end")}
        act([callbacks.LambdaCallback(**watch)])
        return seen

    def batches(count: int) -> Any:
        return ((ROWS[:2], REAL[:2]) for _ in range(count))

    model = line(steps_per_execution=3, run_eagerly=run_eagerly)
    options = {"verbose": 0, "batch_size": 1}
    assert seen_by(lambda c: model.fit(ROWS[:4], REAL[:4], callbacks=c, **options)) == [0, 2, 3, 5]
    assert seen_by(lambda c: model.evaluate(ROWS[:4], REAL[:4], callbacks=c, **options)) == [0, 2, 3, 5]
    assert seen_by(lambda c: model.predict(ROWS[:4], callbacks=c, **options)) == [0, 2, 3, 5]
    assert seen_by(lambda c: model.fit(batches(7), callbacks=c, verbose=0)) == [0, 2, 3, 5, 6, 8]
    before = int(model.optimizer.iterations)
    five = lambda c: model.fit(ROWS, REAL, callbacks=c, steps_per_epoch=5, epochs=2, **options)  # noqa: E731
    assert seen_by(five) == [0, 2, 3, 5] * 2 and int(model.optimizer.iterations) == before + 12
    outputs: list[Any] = []
    keep = callbacks.LambdaCallback(on_predict_batch_end=lambda batch, logs: outputs.append(logs["outputs"].shape))
    model.predict(batches(4), callbacks=[keep], verbose=0)
    assert outputs == [(6, 1), (2, 1)]


@pytest.mark.parametrize(
    ("nest", "loss", "logged"),
    [
        (lambda a, b, c: {"p": a, "q": [b, c]}, "mse", ["loss", "p_loss", "q/b_loss", "q/c_loss"]),
        (
            lambda a, b, c: {"p": a, "q": [b, c]},
            {"p": "mse", "q": ["mse", "mae"]},
            ["loss", "p_loss", "q/b_loss", "q/c_loss"],
        ),
        (lambda a, b, c: [a, (b, c)], ["mse", ("mae", "mse")], ["1/b_loss", "1/c_loss", "a_loss", "loss"]),
        (lambda a, b, c: {"p": a, "q": {"r": b, "s": c}}, "mse", ["loss", "p_loss", "q/r_loss", "q/s_loss"]),
    ],
)
def test_nested_outputs_are_logged_by_their_paths(nest: Any, loss: Any, logged: list[str]) -> None:
    inputs = cr.Input((2,))
    model = cr.Model(inputs, nest(*(layers.Dense(1, name=name)(inputs) for name in "abc")))
    model.compile("sgd", loss)
    assert list(model.fit(ROWS, nest(REAL, REAL, REAL), verbose=0).history) == logged
