"""Weights of kinds, temperatures, and sets and intervals, against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.data import Target
from chainrule.errors import ArgumentError, UnsupportedError
from chainrule.tabular import conformal
from chainrule.tabular.calibration import fit_temperature, reliability, tempered
from chainrule.tabular.combining import divide_logits
from chainrule.tabular.model import outputs_of
from chainrule.tabular.network import Training, build, plan
from chainrule.tabular.weighting import ROUNDS, beginning, greedy_weights, loss_of


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def drawn(temperature: float, n: int = 20_000, k: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of logits that are `temperature` times too large, and classes drawn from the right ones."""
    generator = np.random.default_rng(seed)
    logits = 1.5 * generator.normal(size=(n, k))
    classes = (softmax(logits).cumsum(1) < generator.uniform(size=(n, 1))).sum(1)
    return softmax(temperature * logits), classes


def test_the_temperature_is_found_and_taken_out():
    for temperature in (0.5, 1.0, 2.0):
        probabilities, classes = drawn(temperature)
        found = fit_temperature(probabilities, classes, averaged=1)
        assert found == pytest.approx(temperature, rel=0.05)
        assert reliability(tempered(probabilities, found), classes)["error"] < 0.02
    assert reliability(drawn(2.0)[0], drawn(2.0)[1])["error"] > 0.1


def test_of_averaged_networks_only_half_of_a_flattening_is_taken():
    probabilities, classes = drawn(2.0)
    alone = fit_temperature(probabilities, classes, 1)
    assert fit_temperature(probabilities, classes, 5) == pytest.approx(alone**0.5)
    probabilities, classes = drawn(0.5)
    assert fit_temperature(probabilities, classes, 5) == fit_temperature(probabilities, classes, 1)


def test_rows_that_are_all_right_do_not_make_every_answer_certain():
    for rows in (500, 20_000):
        sure = np.tile([[0.8, 0.2]], (rows, 1))
        found = fit_temperature(sure, np.zeros(rows, np.int64), 1)
        doubt = 0.1 + 100 / rows  # of a row: its share of all is what every answer leaves to the other class
        assert tempered(sure, found)[0, 1] == pytest.approx(doubt / rows, rel=0.2)
    assert fit_temperature(sure[:20], np.zeros(20, np.int64), 1) == 1.0


@pytest.mark.parametrize("preset", ["mlp", "resnet", "realmlp", "wide-and-deep"])
def test_the_temperature_becomes_part_of_the_output_layer(preset):
    target = Target("y", "multiclass", ("a", "b", "c"))
    network = build(4, target, plan(Training(preset=preset, layers=(6, 6)), 100), (0, 1))
    x = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    for layer in network.layers:  # also where the last layer begins at 0
        layer.set_weights([w + 0.1 * np.random.default_rng(k).normal(size=w.shape).astype("f4")
                           for k, w in enumerate(layer.get_weights())])  # fmt: skip
    before = outputs_of(network, x, target, [])
    divide_logits(network, 1.7)
    np.testing.assert_allclose(outputs_of(network, x, target, []), tempered(before, 1.7), rtol=1e-4)


def test_reliability_is_the_table_of_the_definition():
    probabilities = np.array([[0.95, 0.05], [0.93, 0.07], [0.45, 0.55], [0.65, 0.35]])
    found = reliability(probabilities, np.array([0, 1, 1, 0]))
    assert [(b["rows"], b["accuracy"]) for b in found["bins"]] == [(1, 1.0), (1, 1.0), (2, 0.5)]
    assert [b["confidence"] for b in found["bins"]] == pytest.approx([0.55, 0.65, 0.94])
    assert found["error"] == pytest.approx((0.45 + 0.35 + 2 * 0.44) / 4)


def test_the_better_kind_counts_more_and_noise_little():
    generator = np.random.default_rng(0)
    truth = generator.normal(size=4000)
    close, far, noise = (truth + s * generator.normal(size=4000) for s in (0.5, 1.0, 20.0))
    weights = greedy_weights([close, far, noise], truth, loss_of("regression"))
    assert sum(weights) == pytest.approx(1.0)
    begin = beginning(4000)
    assert weights[2] <= begin / (3 * begin + ROUNDS) + 1e-12
    alone = greedy_weights([close, far], truth, loss_of("regression"))
    assert alone[0] == pytest.approx(0.8, abs=0.05)  # inverse to the squared errors 1 : 4


def test_the_radius_is_the_score_of_that_rank():
    scores = np.random.default_rng(0).permutation(np.arange(1.0, 100.0))
    kept = conformal.summary(scores)
    for coverage in (0.5, 0.8, 0.9, 0.95, 0.99):
        assert conformal.radius(kept, coverage) == np.sort(scores)[int(np.ceil(100 * coverage)) - 1]
    assert conformal.radius(kept, 0.995) == np.inf
    for wrong in (0.0, 1.0, -0.1, 90.0, float("nan")):
        with pytest.raises(ArgumentError, match="--coverage: expected a share"):
            conformal.radius(kept, wrong)
    with pytest.raises(UnsupportedError, match="no rows held out"):
        conformal.radius(None, 0.9)


@pytest.mark.parametrize("rows", [60, 5000])
def test_sets_and_intervals_cover_as_often_as_they_say(rows):
    """Mean over 200 draws of what they learn from; the exact expectation lies between coverage and + 1 / (rows + 1)."""
    generator = np.random.default_rng(rows)
    found = []
    for _ in range(200):
        outputs = generator.normal(size=rows + 400)
        truth = outputs + generator.standard_t(3, size=rows + 400)
        kept = conformal.summary(conformal.nonconformity(outputs[:rows], truth[:rows]))
        found.append(conformal.covered(outputs[rows:], truth[rows:], conformal.radius(kept, 0.9)))
    spread = np.std(found) / 200**0.5
    assert 0.9 - 4 * spread < np.mean(found) < 0.9 + 1 / (rows + 1) + 2 / 2000 + 4 * spread
    probabilities, classes = drawn(2.0, n=4000)
    kept = conformal.summary(conformal.nonconformity(probabilities[:2000], classes[:2000]))
    limit = conformal.radius(kept, 0.9)
    assert conformal.covered(probabilities[2000:], classes[2000:], limit) == pytest.approx(0.9, abs=0.03)
    sets = conformal.class_sets(probabilities[2000:], limit)
    assert sets.any(1).all() and 1 < sets.sum(1).mean() < 3
