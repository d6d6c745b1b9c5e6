from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from chainrule.data import Table
from chainrule.insight import Finding, Gain, Picture, Remedy, Series
from chainrule.insight.report import derived, explain, page, profile
from chainrule.insight.report.gathering import compact
from chainrule.insight.report.plot import WIDTH, pushes
from chainrule.tabular import Training

from .made import facts, shown, tree

GOOD = Training(layers=(16,), networks=1, epochs=40, learning_rate=0.02)


def with_found(found, **more):
    return dataclasses.replace(found, found=more)


def test_explanations_name_the_columns_that_matter(tmp_path):
    found = facts(tmp_path, rows=600, training=GOOD)
    explained = explain(found.fitted)
    assert [c.column for c in explained.importance.columns] == ["size", "colour"]
    for _, example, attribution in explained.examples:
        total = attribution.base + sum(c.value.value for c in attribution.contributions)
        assert total == pytest.approx(attribution.prediction, abs=1e-6)
        row = example.number - 1
        assert found.fitted.outputs[row].max() == pytest.approx(attribution.prediction, abs=1e-6)
        assert found.labels[found.truth[row]] == example.truth
    text = shown(with_found(found, explanations=explained))
    assert "“size” matters most" in text
    assert "a sure and right answer" in text and "raises “label = " in text
    assert "explanations" not in {s.get("id") for s in tree(page(found)).iter("section")}


def test_the_examples_are_the_surest_the_least_sure_and_the_worst(tmp_path):
    found = facts(tmp_path, rows=300)
    kinds = {kind: example.number - 1 for kind, example, _ in explain(found.fitted).examples}
    outputs, truth = found.fitted.outputs, found.fitted.truth
    right = outputs.argmax(1) == truth
    assert outputs.max(1)[kinds["unsure"]] == outputs.max(1).min()
    assert right[kinds["sure"]] and outputs.max(1)[kinds["sure"]] == outputs.max(1)[right].max()
    assert not right[kinds["mistake"]] and outputs.max(1)[kinds["mistake"]] == outputs.max(1)[~right].max()


def test_explanations_of_values(tmp_path):
    found = facts(tmp_path, "values", rows=300, training=GOOD)
    text = shown(with_found(found, explanations=explain(found.fitted)))
    assert "the closest prediction" in text and "the worst prediction" in text
    assert "“size” moves price between" in text


def test_very_many_columns_are_not_explained_in_a_hurry(tmp_path, monkeypatch):
    from chainrule.insight.report import gathering

    found = facts(tmp_path)
    monkeypatch.setattr(gathering, "_ANSWERS", 100)
    assert explain(found.fitted) is None


def test_the_data_are_shown_as_the_profile_sees_them(tmp_path):
    found = facts(tmp_path)
    text = shown(with_found(found, profile=profile(found.fitted)))
    assert "Looked at: 96 training rows" in text
    for name in ("size", "colour", "label", "red", "tells alone"):
        assert name in text


def test_compact_tables_hold_the_same_cells():
    table = Table.from_columns({"x": ["a", None, "c", "b"], "y": [1, 2, 3, 4]})
    for rows in ([0, 1, 3], [3, 3], [0, 2], [1]):
        part = table.take(np.array(rows))
        small = compact(part)
        for column, other in zip(part.columns, small.columns, strict=True):
            assert [column.text(i) for i in range(len(rows))] == [other.text(i) for i in range(len(rows))]


def test_findings_come_with_picture_and_remedy(tmp_path):
    gain = Gain("log loss", 0.52, 0.47, 0.02, 0.08, 0.95, 5)
    curve = Series("validation loss", [1, 2, 3], [0.5, 0.41, 0.6])
    picture = Picture("lines", "epoch", "loss", [curve], [(2.0, "best")])
    remedy = Remedy("weight-decay", "--weight-decay 2", gain=gain)
    over = Finding("overfitting", "warning", {"epoch": 7, "best": 0.41, "last": 0.66, "measure": "loss"},
                   picture=picture, remedies=[remedy], rows=[3, 9])  # fmt: skip
    bars = Picture("bars", "layer", "gradient / weight", [Series("gradient / weight", ["a<b", "c"], [1.0, 2.0])])
    worse = Finding("overfitting", "error", over.values, picture=bars)
    found = with_found(facts(tmp_path), findings=[over, worse])
    text = shown(found)
    assert text.index("error Overfitting since epoch 7") < text.index("warning Overfitting since epoch 7")
    assert "--weight-decay 2" in text and "a gain of 0.05" in text and "Rows: 3, 9" in text and "a<b" in text
    root = tree(page(found))
    section = next(s for s in root.iter("section") if s.get("id") == "findings")
    assert len(list(section.iter("{http://www.w3.org/2000/svg}svg"))) == 2
    chinese = with_found(facts(tmp_path, language="zh"), findings=[over])
    assert "过拟合" in shown(chinese) and "建议" in shown(chinese)
    text = shown(with_found(facts(tmp_path), findings=[]))  # what was not looked at is said
    assert "Nothing was found" in text and "chainrule diagnose m " in text
    text = shown(with_found(facts(tmp_path), findings=[], diagnosed=True))
    assert "Nothing was found" in text and "chainrule diagnose" not in text


def test_what_makes_scores_too_good_stands_beside_them(tmp_path):
    said = {"column": "paid", "said": "'paid' alone tells nearly everything about 'label': was it known before?"}
    leak = Finding("leakage", "warning", said)
    few = Finding("duplicates-across", "info", {"count": 1, "rows": 24})
    text = shown(with_found(facts(tmp_path), findings=[leak, few]))
    begin = text[: text.index("All scores")]
    assert "These scores are perhaps better than the network is. 'paid' alone tells" in begin
    assert "1 of 24 test rows" not in begin and "1 of 24 test rows" in text


def test_the_rarest_class_is_counted(tmp_path):
    found = facts(tmp_path, rows=400, labels=("often", "often", "often", "often", "rare"), training=GOOD)
    rare, taken = found.truth == 1, found.outputs.argmax(1) == 1
    assert (rare & taken).sum() > 0
    said = f"Of the {rare.sum()} rows of “rare”, the rarest class, {(rare & taken).sum()} are found; {taken.sum()} are"
    assert said in shown(found)
    assert "rarest class" not in shown(facts(tmp_path))


def test_pushes_stay_inside_the_picture():
    drawn = pushes([("up", 123456.0, "+123,456"), ("down", -123456.0, "−123,456"), ("none", 0.0, "+0")], "t")
    boxes = [(float(x), float(w)) for x, w in re.findall(r'<rect[^>]* x="([\d.]+)"[^>]* width="([\d.]+)"', drawn)]
    assert boxes[0][1] == boxes[1][1] and boxes[1][0] + boxes[1][1] == pytest.approx(boxes[0][0])
    assert all(x >= 0 and x + w <= WIDTH for x, w in boxes)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_mathematics_of_the_network_that_counts_most(tmp_path, language):
    found = facts(tmp_path, language=language)
    name, fragment = derived(found.fitted, language)
    assert name == "network_1"
    root = tree(page(with_found(found, mathematics=(name, fragment))))
    section = next(s for s in root.iter("section") if s.get("id") == "mathematics")
    assert len(list(section.iter("math"))) >= 5
    assert [h.tag for h in section.iter() if h.tag in ("h1", "h2", "h3")] == ["h2"]


def test_cells_of_free_text_are_not_shown(tmp_path):
    """They may be names of people."""
    found = facts(tmp_path, rows=300, training=GOOD)
    explained = explain(found.fitted)
    whole = with_found(found, explanations=explained, profile=profile(found.fitted))
    cells = ("colour = red", "colour = blue", "colour = green")
    assert any(cell in shown(whole) for cell in cells)
    problem = found.fitted.problem
    reports = [dataclasses.replace(r, kind="text" if r.name == "colour" else r.kind) for r in problem.reports]
    object.__setattr__(found.fitted, "problem", dataclasses.replace(problem, reports=reports))
    assert not any(cell in shown(whole) for cell in cells)
