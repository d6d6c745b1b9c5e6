"""The table by group against counts made by hand, and its intervals against published ones."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.errors import ArgumentError
from chainrule.insight import explain
from chainrule.insight.explain.fairness import rate

from .networks import linear, normal, people, table_model


def test_wilson_and_newcombe_as_published():
    """Newcombe 1998, table II (a): 56/70 against 48/80, method 10: 0.2000 with 0.0524 to 0.3339."""
    a, b = (rate(np.arange(n) < k) for k, n in ((56, 70), (48, 80)))
    assert a is not None and b is not None
    x = np.array([[1.0]] * 56 + [[-1.0]] * 14 + [[1.0]] * 48 + [[-1.0]] * 32, np.float32)
    about = explain.subject(linear([9.0], activation="sigmoid"), x, (x[:, 0] > 0).astype(int))
    found = explain.fairness(about, ["a"] * 70 + ["b"] * 80)
    gap = next(g for g in found.gaps if g.measure == "predicted")
    assert (gap.higher, gap.lower) == ("a", "b")
    assert [gap.difference.value, gap.difference.low, gap.difference.high] == pytest.approx(
        [0.2000, 0.0524, 0.3339], abs=5e-5)  # fmt: skip
    tenth = rate(np.arange(263) < 81)  # Newcombe 1998 (one proportion), table I: 81/263, method 3
    assert tenth is not None and [tenth.low, tenth.high] == pytest.approx([0.2553, 0.3662], abs=5e-5)


def test_rates_are_those_counted_by_hand():
    table = people(300)
    about = explain.subject(table_model(table), table)
    found = explain.fairness(about, "colour")
    outputs = about.model.outputs(table, [])
    decided = np.array(about.model.answers(outputs)) == "yes"
    truth = np.array([table.column("label").text(i) == "yes" for i in range(300)])
    assert found.output == "yes" and sum(g.rows for g in found.groups) == 300
    assert [g.rows for g in found.groups] == sorted((g.rows for g in found.groups), reverse=True)
    for group in found.groups:
        own = np.array([table.column("colour").text(i) == group.name for i in range(300)])
        counted = {
            "predicted": decided[own].mean(), "true": truth[own].mean(),
            "true positive rate": decided[own & truth].mean(), "false positive rate": decided[own & ~truth].mean(),
            "precision": truth[own & decided].mean(), "accuracy": (decided == truth)[own].mean(),
            "calibration": (outputs[own, 1] - truth[own]).mean(),
        }  # fmt: skip
        assert {name: e.value for name, e in group.measures.items()} == pytest.approx(counted)
        assert sum(n for _, _, n in group.bins) == group.rows


def test_a_calibrated_model_has_its_calibration_inside_the_interval():
    x = normal(4000, 1)
    y = (np.random.default_rng(1).random(4000) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)
    found = explain.fairness(explain.subject(linear([1.0], activation="sigmoid"), x, y), ["all"] * 4000)
    calibration = found.groups[0].measures["calibration"]
    assert calibration.low < 0 < calibration.high and calibration.high - calibration.low < 0.03
    assert sum(share.low <= mean <= share.high for mean, share, _ in found.groups[0].bins) >= 4


def test_values_have_means_and_errors():
    x = normal(400, 2)
    half = np.arange(400) % 2
    about = explain.subject(linear([1.0, 0.0]), x, x[:, 0] + half)
    found = explain.fairness(about, half)
    by_name = {g.name: g.measures for g in found.groups}
    assert by_name["1"]["error"].value == pytest.approx(-1) and by_name["1"]["RMSE"].value == pytest.approx(1)
    assert by_name["0"]["error"].value == pytest.approx(0, abs=1e-6)
    gap = next(g for g in found.gaps if g.measure == "error")
    assert (gap.higher, gap.lower, round(gap.difference.value, 4)) == ("0", "1", 1.0)


def test_many_numbers_become_quarters_and_many_texts_the_commonest():
    table = people(300)
    found = explain.fairness(explain.subject(table_model(table), table), "age")
    assert len(found.groups) == 4 and all(" to " in g.name for g in found.groups)
    assert all(50 < g.rows < 100 for g in found.groups)
    about = explain.subject(linear([1.0], activation="sigmoid"), normal(300, 1), np.arange(300) % 2)
    found = explain.fairness(about, [f"g{i % 25}" for i in range(300)])
    assert len(found.groups) == 11 and found.groups[-1].name == "(others)" and found.groups[-1].rows == 180


def test_a_column_that_the_model_does_not_read_makes_groups_too():
    table = people(100)
    found = explain.fairness(explain.subject(table_model(table), table), "label")
    assert {g.name for g in found.groups} == {"no", "yes"}
    assert next(g for g in found.groups if g.name == "no").measures["true positive rate"] is None


def test_without_answers_only_what_is_predicted_is_known():
    table = people(100).without("label")
    found = explain.fairness(explain.subject(table_model(people(100)), table), "colour")
    for group in found.groups:
        assert {name for name, e in group.measures.items() if e is not None} == {"predicted"}
    assert [gap.measure for gap in found.gaps] == ["predicted"]


def test_an_unknown_column_is_refused():
    about = explain.subject(table_model(people()), people())
    with pytest.raises(ArgumentError, match=r"no column 'colours' that the model reads\. Did you mean 'colour'"):
        explain.fairness(about, "colours")
    with pytest.raises(ArgumentError, match=r"expected one group a row \(300\); got 2"):
        explain.fairness(about, ["a", "b"])
