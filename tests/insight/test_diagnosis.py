"""`diagnose`: each finding where it must appear, none where all is in order, and what it rests on."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

import chainrule
from chainrule import layers
from chainrule.errors import ArgumentError, DataError, NotBuiltError, UnsupportedError
from chainrule.insight import Diagnosis, diagnose
from chainrule.insight.diagnosis.leaks import leaking_inputs
from chainrule.insight.diagnosis.rows import suspects
from chainrule.insight.diagnosis.speed import slowness
from chainrule.insight.diagnosis.statistics import gain_on_folds, student_quantile
from chainrule.insight.words import TEXTS

from . import diagnosed


@cache
def result(make) -> Diagnosis:
    model, x, y, epochs, more = make()
    history = model.fit(x, y, epochs=epochs, verbose=0, validation_split=0.2)
    return diagnose(model, x, y, history=history, **more)


@pytest.mark.parametrize("key", diagnosed.MUST_FIND)
def test_what_is_wrong_is_found(key):
    make, severity = diagnosed.MUST_FIND[key]
    finding = result(make)[key]
    assert finding.severity == severity
    assert finding.sentence("zh") != finding.sentence("en")
    json.dumps(finding.to_config(), allow_nan=False)


@pytest.mark.parametrize("make", [diagnosed.sound, diagnosed.sound_values])
def test_nothing_is_found_where_all_is_in_order(make):
    assert result(make).ids == []


@pytest.mark.parametrize("name", diagnosed.NEARLY)
def test_what_only_looks_like_it_is_not_found(name):
    make, ids = diagnosed.NEARLY[name]
    assert not set(ids) & set(result(make).ids)


def test_a_few_equal_rows_are_no_warning():
    assert result(diagnosed.a_few_rows_twice)["duplicates-across"].severity == "info"


PROVEN = ["learning-rate-too-small", "learning-rate-too-large", "training-too-short", "overfitting", "underfitting",
          "dead-units", "saturated-units", "exploding-gradients", "imbalance-ignored", "unscaled-inputs"]  # fmt: skip


@pytest.mark.parametrize("key", PROVEN)
def test_remedies_are_proven(key):
    finding = result(diagnosed.MUST_FIND[key][0])[key]
    gain = finding.remedy.gain
    assert gain.is_proven and gain.after < gain.before and gain.low <= gain.value <= gain.high
    assert finding.remedy.option and finding.remedy.settings and gain.folds == 5


def test_every_finding_has_a_case():
    spoken = {key.split(".")[1] for key in TEXTS if key.startswith("finding.")}
    elsewhere = {"slow-data", "slow-compute", "after-the-fact"}
    assert spoken == set(diagnosed.MUST_FIND) | elsewhere


def test_every_check_is_said_in_chinese():
    from chainrule.insight.diagnosis import CHECKS

    text = result(diagnosed.sound).text("zh")
    assert text.startswith("正常：") and not any(about in text for _, about in CHECKS.values())


def test_the_mislabelled_rows_are_named():
    named = set(result(diagnosed.noisy_labels)["label-noise"].rows)
    truth = set((diagnosed.FLIPPED + 1).tolist())
    assert len(named & truth) / len(named) > 0.8 and len(named & truth) / len(truth) > 0.6


def test_an_absurd_value_is_named():
    assert result(diagnosed.absurd_value)["label-noise"].rows == [8]


def test_a_loss_that_is_no_number():
    finding = result(diagnosed.diverged)["learning-rate-too-large"]
    assert finding.severity == "error" and finding.remedy.option == "learning_rate=0.01"


def test_the_same_seed_gives_the_same_findings():
    first, second = (diagnosed.rate_too_small() for _ in range(2))
    found = [diagnose(m, x, y, epochs=5, folds=3, seed=4) for m, x, y, _, _ in (first, second)]
    assert [f.to_config() for f in found[0]] == [f.to_config() for f in found[1]] and found[0].ids


def test_the_model_and_the_random_numbers_stay_as_they_were():
    model, x, y, _, _ = diagnosed.random_labels()
    before = [w.copy() for w in model.get_weights()]
    chainrule.utils.set_random_seed(1)
    expected = chainrule.initializers.GlorotUniform()((3, 3)).numpy()
    chainrule.utils.set_random_seed(1)
    diagnose(model, x[:100], y[:100], epochs=2, folds=2)
    assert (chainrule.initializers.GlorotUniform()((3, 3)).numpy() == expected).all()
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_several_classes_one_hot_and_from_logits():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(300, 4)).astype("float32")
    classes = x[:, :3].argmax(1)
    for y, loss in ((classes, "sparse_categorical_crossentropy"), (np.eye(3)[classes], "categorical_crossentropy")):
        model = chainrule.Sequential([layers.Input((4,)), layers.Dense(32, activation="relu"), layers.Dense(3)])
        kinds = {"sparse_categorical_crossentropy": chainrule.losses.SparseCategoricalCrossentropy,
                 "categorical_crossentropy": chainrule.losses.CategoricalCrossentropy}  # fmt: skip
        model.compile(optimizer=chainrule.optimizers.Adam(1e-2), loss=kinds[loss](from_logits=True))
        assert not [f for f in diagnose(model, x, y, epochs=20, folds=3) if f.severity != "info"]


def test_a_generator_that_waits_is_said_to():
    class Slow(chainrule.utils.PyDataset):
        def __len__(self):
            return 10

        def __getitem__(self, index):
            import time

            time.sleep(0.06)
            x, y = diagnosed.rows(32, seed=index)
            return x, y

    found = diagnose(diagnosed.net(), Slow(), epochs=5, rows=200, folds=2)
    assert found["slow-data"].evidence["seconds to fetch a batch"] >= 0.05


def test_what_is_slow():
    assert [f.id for f in slowness(0.0, 1.0, 100, 10)] == ["slow-compute"]
    assert [f.id for f in slowness(1.0, 0.1, 100, 10)] == ["slow-data"]
    assert slowness(0.0, 0.001, 100, 10) == [] and slowness(0.001, 0.0001, 100, 10) == []


@pytest.mark.parametrize("p, freedom, expected", [  # tables of Student's t
    (0.95, 1, 6.3138), (0.975, 2, 4.3027), (0.975, 4, 2.7764), (0.995, 9, 3.2498), (0.975, 30, 2.0423),
])  # fmt: skip
def test_student_quantile(p, freedom, expected):
    assert student_quantile(p, freedom) == pytest.approx(expected, abs=1e-4)


def test_the_interval_of_a_gain_is_that_of_nadeau_and_bengio():
    before, after = [0.30, 0.28, 0.33, 0.29, 0.31], [0.25, 0.27, 0.26, 0.26, 0.24]
    differences = np.subtract(before, after)
    reach = 2.776445 * differences.std(ddof=1) * np.sqrt(1 / 5 + 0.25)
    gain = gain_on_folds("error rate", before, after, 0.25)
    assert gain.low == pytest.approx(differences.mean() - reach, abs=1e-6)
    assert gain.high == pytest.approx(differences.mean() + reach, abs=1e-6)
    many = gain_on_folds("error rate", before, after, 0.25, tried=10)
    assert many.low < gain.low and many.value == gain.value


def test_a_remedy_that_does_nothing_is_not_proven():
    generator = np.random.default_rng(0)
    proven = 0
    for _ in range(200):
        before, after = generator.normal(1.0, 0.1, (2, 5))
        proven += gain_on_folds("log loss", before, after, 0.25).is_proven
    assert proven <= 10  # 2.5 % are expected of an interval of 95 %, fewer of this one


def test_suspects_are_those_of_confident_learning():
    classes = np.array([0, 0, 0, 1, 1, 1, 1])
    p = np.array([0.9, 0.8, 0.1, 0.2, 0.3, 0.1, 0.95])  # of class 0; the third and the last contradict
    assert suspects(classes, np.stack([p, 1 - p], 1)).tolist() == [6, 2]
    assert suspects(np.array([0, 0, 1, 1]), np.array([[0.6, 0.4], [0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])).tolist() == []


def test_a_good_column_is_no_copy():
    generator = np.random.default_rng(0)
    y = generator.integers(0, 2, 400)
    good = y + 0.3 * generator.normal(size=400)
    assert leaking_inputs([("good", good)], "binary", y) == []
    assert leaking_inputs([("rare", np.zeros(400))], "binary", (np.arange(400) == 0).astype(int)) == []
    assert [f.values["column"] for f in leaking_inputs([("good", good), ("copy", 5 * y)], "binary", y)] == ["copy"]
    values = generator.normal(size=400)
    assert [f.id for f in leaking_inputs([("euros", 1.96 * values + 3)], "regression", values)] == ["target-copy"]


def test_what_cannot_be_diagnosed_is_said():
    x, y = diagnosed.rows(50)
    model = chainrule.Sequential([layers.Input((8,)), layers.Dense(1)])
    with pytest.raises(NotBuiltError, match="compile"):
        diagnose(model, x, y)
    model.compile(loss="hinge")
    with pytest.raises(UnsupportedError, match="expected a loss among"):
        diagnose(model, x, y)
    model.compile(loss="binary_crossentropy")
    with pytest.raises(DataError, match="targets 0 and 1"):
        diagnose(model, x, y + 1)
    with pytest.raises(ArgumentError, match="folds"):
        diagnose(model, x, y, folds=1)
    with pytest.raises(ArgumentError, match="no finding 'overfiting'"):
        Diagnosis([], [], 0)["overfiting"]
