from __future__ import annotations

import numpy as np
import pytest

from chainrule.data import Target
from chainrule.errors import ArgumentError
from chainrule.models import load_model
from chainrule.tabular.network import Plan, Training, as_targets, build, committee, members, parse_layers, plan

BINARY, VALUE = Target("y", "binary", ("a", "b")), Target("y", "regression")
THREE = Target("y", "multiclass", ("a", "b", "c"))


def small(**changes) -> Plan:
    return plan(Training(**{"layers": (4, 3), "networks": 2, **changes}), 100)


def test_what_is_given_is_kept_and_the_rest_follows_the_rows():
    chosen = plan(Training(layers=(), epochs=7, dropout=0.0), 100)
    assert (chosen.layers, chosen.epochs, chosen.dropout) == ((), 7, 0.0)
    assert plan(Training(), 100).batch_size < plan(Training(), 30_000).batch_size < plan(Training(), 10**6).batch_size


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"epochs": 0}, "--epochs: expected a positive whole number; got 0"),
        ({"batch_size": -1}, "--batch-size: expected a positive whole number; got -1"),
        ({"networks": 0}, "--networks: expected a positive whole number; got 0"),
        ({"patience": 0}, "--patience"),
        ({"learning_rate": 0.0}, "--learning-rate: expected a number above 0; got 0.0"),
        ({"learning_rate": float("nan")}, "--learning-rate"),
        ({"weight_decay": -1.0}, "--weight-decay: expected a number from 0"),
        ({"dropout": 1.0}, "--dropout: expected a share from 0 up to, not including, 1; got 1.0"),
        ({"layers": (8, 0)}, "--layers: expected positive numbers of units"),
    ],
)
def test_a_choice_out_of_range_is_refused_by_the_name_of_its_option(wanted, message):
    with pytest.raises(ArgumentError, match=message):
        plan(Training(**wanted), 100)


def test_layers_are_read_from_text():
    assert parse_layers("64, 32") == (64, 32)
    assert parse_layers("None") == parse_layers("0") == ()
    for text in ("", "a", "64,", "6.4"):
        with pytest.raises(ArgumentError, match="like 64,32"):
            parse_layers(text)


def test_the_output_is_what_the_task_needs():
    for target, units, activation in ((BINARY, 1, "sigmoid"), (THREE, 3, "softmax"), (VALUE, 1, "linear")):
        network = build(5, target, small(), (0, 1), "network")
        assert network.output_shape == (None, units)
        assert network.layers[-1].get_config()["activation"] == activation
    assert len(build(5, VALUE, small(layers=()), (0, 1)).layers) == 1


def test_the_same_seed_gives_the_same_weights_and_another_gives_others():
    first, same, other = (build(5, THREE, small(), seed) for seed in ((3, 1), (3, 1), (3, 2)))
    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), same.get_weights(), strict=True))
    assert not np.array_equal(first.get_weights()[0], other.get_weights()[0])
    kernels = [w for w in first.get_weights() if w.ndim == 2]
    assert len({float(k.ravel()[0]) for k in kernels}) == len(kernels)


def test_biases_are_not_decayed():
    network = build(2, VALUE, small(learning_rate=1e-2, weight_decay=10.0, dropout=0.0), (0, 1))
    for variable in network.trainable_variables:
        variable.assign(np.ones(variable.shape, np.float32))
    x = np.zeros((8, 2), np.float32)
    network.fit(x, network.predict(x, verbose=0), epochs=1, batch_size=8, verbose=0)  # the gradient is 0
    for variable in network.trainable_variables:
        expected = 1.0 if variable.name == "bias" else 0.9
        assert np.allclose(variable.numpy(), expected, atol=1e-5)


def test_a_committee_is_the_mean_of_its_members_and_survives_saving(tmp_path):
    networks = [build(4 + k, THREE, small(), (0, k), f"network_{k}") for k in range(3)]
    rows = [np.random.default_rng(k).normal(size=(6, 4 + k)).astype(np.float32) for k in range(3)]
    whole = committee(networks)
    mean = np.mean([n.predict(x, verbose=0) for n, x in zip(networks, rows, strict=True)], axis=0)
    assert np.allclose(whole.predict(rows, verbose=0), mean, atol=1e-6)
    whole.save(tmp_path / "c.keras")
    found = members(load_model(tmp_path / "c.keras", compile=False))
    assert [n.name for n in found] == [n.name for n in networks]
    for before, after, x in zip(networks, found, rows, strict=True):
        assert np.array_equal(before.predict(x, verbose=0), after.predict(x, verbose=0))


def test_a_committee_of_one_is_that_network_without_its_optimizer():
    network = build(4, THREE, small(), (0, 1))
    alone = committee([network])
    assert not alone.compiled
    x = np.ones((3, 4), np.float32)
    assert np.array_equal(alone.predict(x, verbose=0), network.predict(x, verbose=0))
    assert members(alone) == [alone]


def test_targets_are_columns():
    assert as_targets(np.array([0, 2]), THREE, (0, 1)).tolist() == [[0], [2]]
    assert as_targets(np.array([10.0, 14.0]), VALUE, (12.0, 2.0)).tolist() == [[-1.0], [1.0]]
