from __future__ import annotations

import numpy as np

from chainrule.data import Target
from chainrule.tabular.network import Training, build, plan
from chainrule.tabular.training import Watch, train

VALUE = Target("y", "regression")


class Model:
    """What a Watch touches of a model: weights, a learning rate, whether to stop."""

    def __init__(self) -> None:
        self.optimizer, self.stop_training, self.now = self, False, 0
        self.learning_rate = 1.0

    def get_weights(self):
        return [np.array(self.now)]

    def set_weights(self, weights) -> None:
        self.now = int(weights[0])


def watched(losses: list[float], **wanted) -> tuple[Watch, Model]:
    """A Watch that has seen the losses, one an epoch, until it stopped."""
    model, chosen = Model(), plan(Training(**{"epochs": 99, "patience": 3, "networks": 2, **wanted}), 100)
    watch = Watch(1, chosen, VALUE, 2.0, True, lambda watch: None)
    watch.set_model(model)
    for epoch, loss in enumerate(losses):
        model.now = epoch + 1
        watch.on_epoch_end(epoch, {"loss": loss, "mae": 1.0, "val_loss": loss, "val_mae": 1.0})
        if model.stop_training:
            break
    watch.restore()
    return watch, model


def test_training_stops_when_the_loss_no_longer_falls_and_the_best_weights_come_back():
    watch, model = watched([5, 4, 3, 3.5, 3.4, 3.3, 1])
    assert (watch.epochs, watch.best_epoch, watch.best) == (6, 3, 3)
    assert model.now == 3
    assert watch.reason == "no better validation loss for 3 epochs"
    assert watch.report() == {"epochs": 6, "best_epoch": 3, "stopped": watch.reason}


def test_tiny_improvements_are_kept_but_do_not_prolong_the_training():
    watch, model = watched([1.0, 0.9999, 0.9998, 0.9997, 0.9996])
    assert (watch.epochs, watch.best_epoch, model.now) == (4, 4, 4)


def test_the_learning_rate_is_halved_while_nothing_gets_better():
    _, model = watched([1.0, 2, 2, 2, 2, 2, 2, 2, 2], patience=9)
    assert model.learning_rate == 1 / 4


def test_the_last_epoch_and_a_loss_that_is_no_number_end_it_too():
    watch, _ = watched([5, 4, 3, 2, 1], epochs=4)
    assert (watch.epochs, watch.reason) == (4, "no more were allowed")
    watch, model = watched([5, 4, float("nan"), 1])
    assert (watch.epochs, model.now, watch.reason) == (3, 2, "the loss is no longer a finite number")
    assert not watched([float("nan")])[0].usable


def test_errors_are_logged_in_the_units_of_the_data():
    watch, _ = watched([9.0])
    row = watch.log[0]
    assert (row["val_loss"], row["val_rmse"], row["val_mae"]) == (9.0, 6.0, 2.0)
    assert watch.describe(1) == "epoch 1: validation RMSE 6, MAE 2"
    assert watch.title == "network 1 of 2"


def test_training_is_the_same_for_the_same_seed_and_keeps_what_it_had_when_interrupted():
    x = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    y = x[:, :1] * 2
    chosen = plan(Training(layers=(4,), networks=1, epochs=6, dropout=0.5), 64)

    def run(seed: int, stop_at: int | None = None) -> tuple[Watch, list[np.ndarray]]:
        def show(watch: Watch) -> None:
            if watch.epochs == stop_at:
                raise KeyboardInterrupt

        network = build(3, VALUE, chosen, (0, 1))
        watch = Watch(1, chosen, VALUE, 1.0, True, show)
        train(network, watch, x, y, (x, y), seed)
        return watch, network.get_weights()

    (first, a), (_, b), (_, c) = run(1), run(1), run(2)
    assert all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))
    assert not np.array_equal(a[0], c[0])
    assert not first.interrupted
    watch, weights = run(1, stop_at=2)
    assert watch.interrupted
    assert watch.report() == {"epochs": 2, "best_epoch": 2, "stopped": "interrupted"}
    assert all(np.isfinite(w).all() for w in weights)
