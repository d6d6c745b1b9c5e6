"""`fit`, `evaluate`, `predict` and their arguments."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError

from .small import REAL, RNG, X, Y, binary, linear, same_weights


def test_history_keys_are_sorted_and_epochs_counted():
    history = binary(metrics=["accuracy", "auc"]).fit(X, Y, epochs=3, validation_split=0.3, verbose=0)
    assert list(history.history) == ["accuracy", "auc", "loss", "val_accuracy", "val_auc", "val_loss"]
    assert history.epoch == [0, 1, 2]
    assert all(len(values) == 3 and all(type(v) is float for v in values) for values in history.history.values())
    assert history.params == {"verbose": 0, "epochs": 3, "steps": 1}


def test_fit_without_epochs_trains_once_and_sets_model_history():
    model = binary()
    history = model.fit(X, Y, verbose=0)
    assert history.epoch == [0] and model.history is history and history.model is model


def test_initial_epoch_and_epochs():
    history = linear().fit(X, REAL, initial_epoch=3, epochs=5, verbose=0)
    assert history.epoch == [3, 4]
    assert linear().fit(X, REAL, epochs=0, verbose=0).epoch == []


def test_training_goes_on_where_it_ended():
    once, twice = linear(), linear()
    once.fit(X, REAL, epochs=4, verbose=0, shuffle=False)
    twice.fit(X, REAL, epochs=2, verbose=0, shuffle=False)
    twice.fit(X, REAL, epochs=4, initial_epoch=2, verbose=0, shuffle=False)
    assert same_weights(once, twice)


@pytest.mark.parametrize("batch", [1, 5, 11, 22, 100])
def test_one_epoch_is_the_gradient_descent_written_out(batch):
    """Weights after an epoch of SGD, the last smaller batch included, and the loss weighted by rows."""
    model = linear(optimizer=cr.optimizers.SGD(0.05))
    w, b = (v.astype("float64") for v in model.get_weights())
    total = 0.0
    for start in range(0, 22, batch):
        x, y = X[start : start + batch].astype("float64"), REAL[start : start + batch, None].astype("float64")
        error = x @ w + b - y
        total += float((error**2).sum())
        w, b = w - 0.05 * 2 / len(x) * x.T @ error, b - 0.05 * 2 / len(x) * error.sum(0)
    history = model.fit(X, REAL, batch_size=batch, shuffle=False, verbose=0)
    np.testing.assert_allclose(history.history["loss"], [total / 22], rtol=1e-5)
    for ours, exact in zip(model.get_weights(), (w, b), strict=True):
        np.testing.assert_allclose(ours, exact, rtol=1e-5, atol=1e-6)


def test_default_batch_size_is_32():
    data, target = np.tile(X, (3, 1)), np.tile(REAL, 3)
    default, explicit = linear(), linear()
    default.fit(data, target, shuffle=False, verbose=0)
    explicit.fit(data, target, batch_size=32, shuffle=False, verbose=0)
    assert same_weights(default, explicit)


def test_validation_split_takes_the_last_rows_before_shuffling():
    split, by_hand = linear(), linear()
    cut = int(22 * 0.7)
    one = split.fit(X, REAL, epochs=2, validation_split=0.3, shuffle=False, verbose=0)
    two = by_hand.fit(X[:cut], REAL[:cut], epochs=2, validation_data=(X[cut:], REAL[cut:]), shuffle=False, verbose=0)
    assert one.history == two.history and same_weights(split, by_hand)


def test_validation_data_wins_over_validation_split():
    history = linear().fit(X, REAL, validation_split=0.5, validation_data=(X[:4], REAL[:4]), verbose=0, shuffle=False)
    model = linear()
    model.fit(X, REAL, verbose=0, shuffle=False)
    np.testing.assert_allclose(history.history["val_loss"], [model.evaluate(X[:4], REAL[:4], verbose=0)], rtol=1e-6)


def test_validation_data_with_weights():
    weights = np.linspace(0, 2, 22).astype("float32")
    model = linear(weighted_metrics=["mae"])
    history = model.fit(X, REAL, validation_data=(X, REAL, weights), verbose=0).history
    expected = model.evaluate(X, REAL, sample_weight=weights, verbose=0, return_dict=True)
    assert history["val_loss"] == [expected["loss"]] and history["val_mae"] == [expected["mae"]]


def test_validation_freq_steps_and_batch_size():
    model = linear()
    history = model.fit(X, REAL, epochs=4, validation_data=(X, REAL), validation_freq=2, verbose=0)
    assert len(history.history["val_loss"]) == 2 and len(history.history["loss"]) == 4
    history = model.fit(X, REAL, epochs=3, validation_split=0.3, validation_freq=[1, 3], verbose=0)
    assert len(history.history["val_loss"]) == 2
    history = model.fit(X, REAL, validation_data=(X, REAL), validation_steps=2, validation_batch_size=5, verbose=0)
    np.testing.assert_allclose(history.history["val_loss"][-1], model.evaluate(X[:10], REAL[:10], verbose=0), rtol=1e-6)
    with pytest.raises(ArgumentError, match="validation_freq"):
        model.fit(X, REAL, validation_data=(X, REAL), validation_freq=0, verbose=0)


def test_class_weight_is_a_sample_weight_and_leaves_validation_alone():
    by_class, by_row = binary(), binary()
    one = by_class.fit(X, Y, epochs=2, class_weight={0: 0.5, 1: 3.0}, validation_split=0.3, shuffle=False, verbose=0)
    cut = int(22 * 0.7)
    two = by_row.fit(X[:cut], Y[:cut], sample_weight=np.where(Y[:cut] == 1, 3.0, 0.5), epochs=2, shuffle=False,
                     validation_data=(X[cut:], Y[cut:]), verbose=0)  # fmt: skip
    assert one.history == two.history and same_weights(by_class, by_row)


def test_class_weight_times_sample_weight_and_classes_without_a_weight():
    weights = np.linspace(0.5, 1.5, 22)
    one, two = binary(), binary()
    one.fit(X, Y, class_weight={1: 2.0}, sample_weight=weights, shuffle=False, verbose=0)
    two.fit(X, Y, sample_weight=weights * np.where(Y == 1, 2.0, 1.0), shuffle=False, verbose=0)
    assert same_weights(one, two)
    with pytest.raises(ArgumentError, match="class_weight"):
        binary().fit(X, Y, class_weight=[1.0, 2.0], verbose=0)


def test_sample_weight_zero_leaves_a_row_out():
    weights = np.ones(22)
    weights[10:] = 0
    some, cut = (linear(loss=cr.losses.MeanSquaredError(reduction="sum")) for _ in range(2))
    some.fit(X, REAL, sample_weight=weights, batch_size=22, shuffle=False, verbose=0)
    cut.fit(X[:10], REAL[:10], batch_size=22, shuffle=False, verbose=0)
    for a, b in zip(some.get_weights(), cut.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_steps_per_epoch_goes_on_in_the_next_epoch():
    whole, parts = linear(), linear()
    whole.fit(X, REAL, batch_size=6, shuffle=False, verbose=0)
    history = parts.fit(X, REAL, batch_size=6, steps_per_epoch=2, epochs=2, shuffle=False, verbose=0)  # 4 batches
    assert history.epoch == [0, 1] and same_weights(whole, parts)


def test_steps_per_epoch_beyond_the_data_says_so():
    model = linear()
    with pytest.warns(UserWarning, match="ended after 4 batches; expected 5"):
        model.fit(X, REAL, batch_size=6, steps_per_epoch=5, verbose=0)


def test_target_of_one_axis_is_that_of_a_column():
    for loss in ("mse", "binary_crossentropy"):
        flat, column = binary(loss=loss), binary(loss=loss)
        one = flat.fit(X, Y, epochs=2, verbose=0, shuffle=False)
        two = column.fit(X, Y[:, None], epochs=2, verbose=0, shuffle=False)
        assert one.history == two.history and same_weights(flat, column)


# evaluate, predict, single batches


def test_evaluate_as_list_dict_and_number():
    model = binary(metrics=["accuracy", "mae"])
    found = model.evaluate(X, Y, verbose=0)
    assert isinstance(found, list) and model.metrics_names == ["loss", "accuracy", "mae"]
    named = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert list(named) == ["accuracy", "loss", "mae"] and [named[name] for name in model.metrics_names] == found
    assert isinstance(linear().evaluate(X, REAL, verbose=0), float)
    predicted = model.predict(X, verbose=0)[:, 0]
    np.testing.assert_allclose(found[1], ((predicted > 0.5) == Y).mean(), rtol=1e-6)
    np.testing.assert_allclose(found[2], np.abs(predicted - Y).mean(), rtol=1e-5)


def test_evaluate_does_not_train_and_does_not_depend_on_batches():
    model = binary()
    before = model.get_weights()
    results = [model.evaluate(X, Y, batch_size=size, verbose=0) for size in (1, 7, 22, 50)]
    assert same_weights(before, model.get_weights())
    for other in results[1:]:
        np.testing.assert_allclose(other, results[0], rtol=1e-6)


def test_evaluate_steps_and_unknown_argument():
    model = linear()
    first = model.evaluate(X[:10], REAL[:10], verbose=0)
    np.testing.assert_allclose(model.evaluate(X, REAL, batch_size=5, steps=2, verbose=0), first, rtol=1e-6)
    with pytest.raises(ArgumentError, match=r"unknown argument 'batchsize'. Did you mean 'batch_size'"):
        model.evaluate(X, REAL, batchsize=5)


@pytest.mark.parametrize("batch", [1, 4, 22, 64])
def test_predict_gives_all_rows_in_order(batch):
    model = binary()
    whole = np.asarray(model(X))
    predicted = model.predict(X, batch_size=batch, verbose=0)
    assert type(predicted) is np.ndarray and predicted.dtype == np.float32
    np.testing.assert_allclose(predicted, whole, rtol=1e-6)
    np.testing.assert_allclose(model.predict(X, batch_size=4, steps=2, verbose=0), whole[:8], rtol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(X), whole, rtol=1e-6)


def test_predict_works_before_compile_and_needs_no_target():
    model = cr.Sequential([layers.Dense(2)])
    assert model.predict(X, verbose=0).shape == (22, 2)
    assert not model.compiled


def test_batch_methods_return_the_numbers_of_their_batch():
    model = binary()
    loss, accuracy = model.train_on_batch(X[:5], Y[:5])
    fresh = binary()
    np.testing.assert_allclose([loss, accuracy], fresh.evaluate(X[:5], Y[:5], verbose=0), rtol=1e-6)  # before the step
    again = model.test_on_batch(X[5:9], Y[5:9], return_dict=True)
    assert again == model.evaluate(X[5:9], Y[5:9], verbose=0, return_dict=True)
    assert not same_weights(model, fresh)


def test_train_on_batch_is_a_step_of_fit():
    one, two = binary(), binary()
    one.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
    for start in range(0, 22, 8):
        two.train_on_batch(X[start : start + 8], Y[start : start + 8])
    assert same_weights(one, two)


def test_metrics_are_objects_that_can_be_asked_and_reset():
    model = binary(metrics=["accuracy"])
    model.evaluate(X, Y, verbose=0)
    names = [metric.name for metric in model.metrics]
    assert names == ["loss", "compile_metrics"]  # as Keras has them
    assert float(model.metrics[1].result()["accuracy"]) > 0
    model.reset_metrics()
    assert float(model.metrics[1].result()["accuracy"]) == 0


# randomness


def test_shuffling_gives_another_order_each_epoch_and_the_same_in_each_run():
    class Order(cr.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.seen = []

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(logs["loss"])

    def run():
        cr.utils.set_random_seed(3)
        model, order = linear(optimizer=cr.optimizers.SGD(0.0)), Order()
        model.fit(X, REAL, batch_size=1, epochs=2, verbose=0, callbacks=[order])
        return order.seen

    first, again = run(), run()
    assert first == again
    means = np.array(first).reshape(2, 22)  # running means of the loss of single rows: other orders, other paths
    assert not np.allclose(means[0], means[1]) and means[0, -1] == pytest.approx(means[1, -1], rel=1e-5)
    rows = np.diff(means * np.arange(1, 23), prepend=0.0)
    np.testing.assert_allclose(np.sort(rows, axis=1)[0], np.sort(rows, axis=1)[1], rtol=1e-2, atol=1e-4)


def test_dropout_draws_anew_in_each_step_and_rests_in_evaluation():
    model = cr.Sequential([cr.Input((3,)), layers.Dropout(0.5, seed=1)])
    model.compile(loss="mse")
    with pytest.warns(UserWarning, match="nothing to train"):
        losses = model.fit(X, 0 * X, epochs=4, batch_size=22, verbose=0).history["loss"]
    assert len(set(losses)) == 4
    assert model.evaluate(X, X, verbose=0) == 0.0
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)


# recompiling, weights, trainable


def test_compile_again_starts_the_optimizer_anew_and_keeps_the_weights():
    model = binary()
    model.fit(X, Y, verbose=0)
    before, steps = model.get_weights(), int(model.optimizer.iterations)
    model.compile("adam", "binary_crossentropy")
    assert same_weights(before, model) and steps == 1 and int(model.optimizer.iterations) == 0
    model.fit(X, Y, verbose=0)
    assert not same_weights(before, model)


def test_set_weights_while_the_optimizer_has_state():
    model = binary()
    start = model.get_weights()
    model.fit(X, Y, epochs=2, verbose=0, shuffle=False)
    model.set_weights(start)
    slots = [v.numpy() for v in model.optimizer.variables]
    np.testing.assert_allclose(model.predict(X, verbose=0), binary().predict(X, verbose=0))
    model.fit(X, Y, verbose=0, shuffle=False)
    assert not same_weights(start, model)
    assert any(not np.array_equal(a, v.numpy()) for a, v in zip(slots, model.optimizer.variables, strict=True))


def test_frozen_layers_stay_and_thawed_ones_move_after_compile():
    model = binary()
    model.get_layer("hidden").trainable = False
    model.compile("sgd", "binary_crossentropy")
    frozen = model.get_layer("hidden").get_weights()
    model.fit(X, Y, verbose=0)
    assert same_weights(frozen, model.get_layer("hidden"))
    model.get_layer("hidden").trainable = True
    with pytest.warns(UserWarning, match="'hidden' was changed after compile"):
        model.fit(X, Y, verbose=0)
    assert same_weights(frozen, model.get_layer("hidden"))
    model.compile("sgd", "binary_crossentropy")
    model.fit(X, Y, verbose=0)
    assert not same_weights(frozen, model.get_layer("hidden"))


def test_a_layer_frozen_after_compile_still_trains():
    model = binary()
    before = model.get_layer("hidden").get_weights()
    model.trainable = False
    with pytest.warns(UserWarning, match="takes effect when compile"):
        model.fit(X, Y, verbose=0)
    assert not same_weights(before, model.get_layer("hidden"))
    assert model.trainable_variables == [] and not model.get_layer("hidden").trainable


def test_two_models_that_share_layers_can_train_them_in_turn():
    """A critic trained alone, and frozen inside a larger model: each as it was when compiled."""
    critic = binary()
    maker = layers.Dense(3, name="maker")
    critic.trainable = False
    both = cr.Sequential([cr.Input((2,)), maker, critic])
    both.compile("sgd", "binary_crossentropy")
    noise = RNG.normal(size=(22, 2)).astype("float32")
    fixed, moving = critic.get_weights(), maker.get_weights()
    both.fit(noise, Y, verbose=0)
    assert same_weights(fixed, critic) and not same_weights(moving, maker)
    with pytest.warns(UserWarning, match="changed after compile"):
        critic.train_on_batch(X, Y)
        critic.fit(X, Y, verbose=0)
    assert not same_weights(fixed, critic)


def test_regularizers_add_to_the_loss_of_training_and_evaluation():
    plain, penalised = linear(), linear()
    penalised.layers[0].kernel.regularizer = cr.regularizers.L2(0.1)
    kernel = penalised.layers[0].kernel.numpy()
    np.testing.assert_allclose(
        penalised.evaluate(X, REAL, verbose=0), plain.evaluate(X, REAL, verbose=0) + 0.1 * (kernel**2).sum(), rtol=1e-6
    )


def test_moving_averages_of_the_optimizer_become_the_weights_at_the_end():
    model = linear(optimizer=cr.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    model.fit(X, REAL, epochs=2, verbose=0)
    assert same_weights([v.numpy() for v in model.trainable_variables], model)
    averages = [model.optimizer.slots(v, "average").numpy() for v in model.trainable_variables]
    assert same_weights(averages, model)


def test_steps_per_execution_calls_back_every_so_many_batches():
    seen = []
    callback = cr.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: seen.append(("begin", batch)),
        on_train_batch_end=lambda batch, logs: seen.append(("end", batch)),
    )
    model, single = linear(steps_per_execution=2), linear()
    model.fit(X, REAL, batch_size=5, shuffle=False, verbose=0, callbacks=[callback])
    ends = [("begin", 0), ("end", 1), ("begin", 2), ("end", 3), ("begin", 4), ("end", 5)]
    assert seen == ends  # the last as if its piece were whole, like Keras
    single.fit(X, REAL, batch_size=5, shuffle=False, verbose=0)
    assert same_weights(model, single)
