"""The layers of networks for tables against their formulas, written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import losses
from chainrule.data import Target
from chainrule.models import load_model
from chainrule.tabular.architectures import Layout
from chainrule.tabular.blocks import (
    FeatureTokens,
    MemberDense,
    MemberHeads,
    MemberMean,
    PeriodicNumbers,
    ScaledDense,
    WeightedMean,
)
from chainrule.tabular.member_loss import MemberLoss
from chainrule.tabular.network import Training, build, committee, members, plan
from chainrule.tabular.presets import PRESETS
from chainrule.tabular.training import Watch, train

TARGETS = {"binary": Target("y", "binary", ("a", "b")), "multiclass": Target("y", "multiclass", ("a", "b", "c")),
           "regression": Target("y", "regression")}  # fmt: skip
LAYOUT = Layout(5, (0, 0, 1, 2, 2), (2, 3), (4,))


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def weights_of(layer) -> dict[str, np.ndarray]:
    return {v.name: v.numpy().astype(np.float64) for v in layer.variables}


def test_members_share_the_matrix_and_differ_in_the_rest():
    x, layer = numbers(4, 5), MemberDense(3, members=2, activation="relu", spread=True, seed=1)
    found = np.asarray(layer(x))
    w = weights_of(layer)
    assert set(np.unique(w["scale_in"])) == {-1.0, 1.0}
    for k in range(2):
        plain = ((x * w["scale_in"][k]) @ w["kernel"]) * w["scale_out"][k] + w["bias"][k]
        np.testing.assert_allclose(found[:, k], np.maximum(plain, 0), rtol=1e-5, atol=1e-6)
    assert not np.allclose(found[:, 0], found[:, 1])


def test_members_of_members_and_their_heads():
    x, layer, head = numbers(4, 2, 5), MemberDense(3, members=2, seed=1), MemberHeads(2, seed=3)
    hidden = np.asarray(layer(x))
    w = weights_of(layer)
    for k in range(2):
        np.testing.assert_allclose(hidden[:, k], x[:, k] @ w["kernel"] + w["bias"][k], rtol=1e-5, atol=1e-6)
    found, w = np.asarray(head(hidden)), weights_of(head)
    for k in range(2):
        np.testing.assert_allclose(found[:, k], hidden[:, k] @ w["kernel"][k] + w["bias"][k], rtol=1e-5, atol=1e-6)


def test_the_members_are_averaged_except_in_training():
    x = numbers(4, 3, 2)
    assert np.array_equal(np.asarray(MemberMean()(x, training=True)), x)
    np.testing.assert_allclose(np.asarray(MemberMean()(x)), x.mean(1), rtol=1e-5, atol=1e-6)


def test_waves_stand_beside_what_is_kept():
    x, layer = numbers(4, 5), PeriodicNumbers([1, 3], kept=[0, 1, 4], frequencies=6, units=2, scale=0.7, seed=2)
    found = np.asarray(layer(x))
    w = weights_of(layer)
    assert found.shape == (4, 3 + 2 * 2)
    assert np.array_equal(found[:, :3], x[:, [0, 1, 4]])
    for place, column in enumerate((1, 3)):
        waves = np.cos(2 * np.pi * (x[:, column, None] * w["frequency"][place] + w["phase"][place]))
        made = waves @ w["kernel"][place] + w["bias"][place]
        np.testing.assert_allclose(found[:, 3 + 2 * place : 5 + 2 * place], made, rtol=1e-4, atol=1e-5)


def test_a_token_is_the_sum_over_the_inputs_of_its_column():
    x, layer = numbers(4, 5), FeatureTokens(LAYOUT.groups, units=3, seed=1)
    found = np.asarray(layer(x))
    w = weights_of(layer)
    assert found.shape == (4, 4, 3)
    np.testing.assert_allclose(found[:, 0], np.broadcast_to(w["bias"][0], (4, 3)), rtol=1e-6)
    for column in range(3):
        inside = [i for i, group in enumerate(LAYOUT.groups) if group == column]
        np.testing.assert_allclose(found[:, 1 + column], x[:, inside] @ w["kernel"][inside] + w["bias"][1 + column],
                                   rtol=1e-4, atol=1e-5)  # fmt: skip


def test_scaled_layers_keep_the_size_of_what_they_are_given():
    x, layer = numbers(64, 400), ScaledDense(300, seed=1)
    found = np.asarray(layer(x))
    w = weights_of(layer)
    np.testing.assert_allclose(found, x @ w["kernel"] / 20.0 + w["bias"], rtol=1e-3, atol=1e-4)
    assert 0.8 < found.std() < 1.4  # variance 1 of the products, 0.25 of the biases
    assert not np.asarray(ScaledDense(2, zero=True)(x)).any()


def test_the_weighted_mean():
    a, b = numbers(2, 3), numbers(2, 3, seed=1)
    found = np.asarray(WeightedMean([0.25, 0.75])([a, b]))
    np.testing.assert_allclose(found, 0.25 * a + 0.75 * b, rtol=1e-5, atol=1e-6)


def test_the_loss_of_members_is_the_mean_of_their_losses():
    y, outputs = np.array([[1], [0]], np.float32), np.array([[[0.9], [0.6]], [[0.2], [0.5]]], np.float32)
    each = [-np.log(0.9), -np.log(0.6), -np.log(0.8), -np.log(0.5)]
    assert float(MemberLoss(losses.BinaryCrossentropy())(y, outputs)) == pytest.approx(np.mean(each), rel=1e-5)
    plain = np.array([[0.75], [0.35]], np.float32)
    found = float(MemberLoss(losses.BinaryCrossentropy())(y, plain))
    assert found == pytest.approx(-np.log([0.75, 0.65]).mean(), rel=1e-5)


@pytest.mark.parametrize("task", TARGETS)
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_learns_and_comes_back_from_a_file(preset, task, tmp_path):
    target = TARGETS[task]
    x = numbers(240, 5)
    rule = x[:, :1] + 0.8 * x[:, 2:3]
    y = rule if task == "regression" else np.digitize(rule, [0.0] if task == "binary" else [-0.5, 0.5]).astype(np.int32)
    wanted = Training(preset=preset, layers=(16, 16), epochs=60, batch_size=16, learning_rate=0.01)
    chosen = plan(wanted, 240)
    network = build(5, target, chosen, (0, 1), "network", LAYOUT, 200)
    units = 3 if task == "multiclass" else 1
    assert network.output_shape == (None, units)
    watch = Watch(1, chosen, target, 1.0, True, lambda watch: None)
    train(network, watch, x[:200], y[:200], (x[200:], y[200:], None), 0)
    blind = {"binary": np.log(2), "multiclass": np.log(3), "regression": float(np.var(y[200:]))}[task]
    assert watch.best < 0.6 * blind
    network.save(tmp_path / "n.keras")
    again = load_model(tmp_path / "n.keras")
    assert np.array_equal(again.predict(x, verbose=0), network.predict(x, verbose=0))


def test_a_weighted_committee_comes_back_from_a_file(tmp_path):
    chosen = plan(Training(preset="tabm", layers=(4,), members=2), 100)
    networks = [build(5, TARGETS["regression"], chosen, (0, k), f"network_{k}") for k in range(2)]
    committee(networks, [0.25, 0.75]).save(tmp_path / "c.keras")
    again, x = load_model(tmp_path / "c.keras"), numbers(6, 5)
    expected = 0.25 * networks[0].predict(x, verbose=0) + 0.75 * networks[1].predict(x, verbose=0)
    np.testing.assert_allclose(again.predict([x, x], verbose=0), expected, rtol=1e-5, atol=1e-6)
    assert [m.name for m in members(again)] == ["network_0", "network_1"]
