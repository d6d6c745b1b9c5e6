from __future__ import annotations

import base64
import hashlib
import re

import numpy as np
import pytest

from chainrule.data import Target
from chainrule.insight.report import page
from chainrule.insight.words import Words
from chainrule.tabular import Training

from .made import facts, shown, tree


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["classes", "values"])
def test_a_page_is_well_formed_and_has_its_parts(tmp_path, kind, language):
    found = facts(tmp_path, kind, language)
    root = tree(page(found))
    assert root.get("lang") == {"en": "en", "zh": "zh-Hans"}[language]
    names = [section.get("id") for section in root.iter("section")]
    assert names[:2] == ["quality", "training"] and names[-1] == "made"
    links = {a.get("href") for a in root.iter("a")}
    assert links == {f"#{name}" for name in names}
    for svg in root.iter("{http://www.w3.org/2000/svg}svg"):
        assert svg.get("role") == "img" and svg[0].tag.endswith("title") and svg[0].text


def test_the_answer_comes_first_and_is_that_of_the_scores(tmp_path):
    found = facts(tmp_path, rows=400, training=Training(layers=(16,), networks=1, epochs=30, learning_rate=0.02))
    text = shown(found)
    accuracy, base = found.scores["accuracy"], found.baseline["accuracy"]
    assert accuracy > base
    right = f"{100 * accuracy:.0f}" if accuracy <= 0.995 else f"{100 * accuracy:.2f}".rstrip("0").rstrip(".")
    assert f"Of 100 new rows, about {right} get the right “label”." in text
    assert f"would get {100 * base:.0f} right" in text
    assert text.index("Of 100 new rows") < text.index("How good the answers are") < text.index("How it was made")
    assert "80 test rows that were set aside before anything was learnt" in text
    assert "No better than the baseline" not in text


def test_values_are_in_the_units_of_the_user(tmp_path):
    found = facts(tmp_path, "values", rows=300, training=Training(layers=(16,), networks=1, epochs=40))
    error = float(np.mean(np.abs(found.outputs - found.truth)))
    said = re.search(r"A prediction of “price” is off by ([\d.]+) on average\. Always answering the mean, ([\d,.]+),",
                     shown(found))  # fmt: skip
    assert said
    assert float(said[1]) == pytest.approx(error, rel=0.01)
    assert float(said[2].replace(",", "")) == pytest.approx(found.fitted.problem.train.values.mean(), rel=1e-3)


def test_a_network_that_has_learnt_nothing_is_called_so(tmp_path):
    found = facts(tmp_path, training=Training(layers=(), networks=1, epochs=1, learning_rate=1e-9))
    assert found.scores["log_loss"] >= found.baseline["log_loss"]
    text = shown(found)
    assert "The network is not better than always answering" in text or "no better than always answering" in text
    assert "No better than the baseline" in text


def test_nothing_is_asked_of_the_net_and_no_script_but_ours_runs(tmp_path):
    text = page(facts(tmp_path))
    assert not re.search(r"(?:src|href)=\"(?!#)", text)
    assert "url(" not in text and "@import" not in text
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}  # a name, not an address
    policy = next(m.get("content") or "" for m in tree(text).iter("meta") if m.get("http-equiv"))
    scripts = [s.text or "" for s in tree(text).iter("script")]
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert policy.startswith("default-src 'none'") and f"script-src 'sha256-{digest}'" in policy


EVIL = ("<script>alert(1)</script>", "\"'><img src=x onerror=alert(2)>", "&lt; {right} %s \x07\u202e")


def test_names_of_the_users_are_text(tmp_path):
    """Labels, columns, file names and notes that are markup stay what they are: text."""
    found = facts(tmp_path, labels=("a", "b", "c"))
    target = Target("</title><script>alert(3)</script>", "multiclass", EVIL)
    metrics = {**found.fitted.metrics, "labels": list(EVIL), "target": target.name, "notes": list(EVIL)}
    metrics["data"] = "<b>.csv"
    object.__setattr__(found.fitted, "metrics", metrics)
    object.__setattr__(found, "command", "chainrule fit '<i>.csv'")
    text = page(found)
    root = tree(text)
    assert len(list(root.iter("script"))) == 1 and not list(root.iter("img")) and not list(root.iter("i.csv"))
    assert EVIL[0] in "".join(root.itertext()) and target.name in "".join(root.itertext())
    assert "\x07" not in text and "\u202e" not in text


def test_every_part_of_the_scores_is_measured_and_said(tmp_path):
    """Without test rows the report says so."""
    text = shown(facts(tmp_path, test_size=0.0, training=Training(layers=(8,), networks=5, epochs=2)))
    assert "No test rows. Measured on 120 validation rows" in text
    chinese = facts(tmp_path, test_size=0.0, training=Training(layers=(8,), networks=5, epochs=2), language="zh")
    assert "没有测试数据" in shown(chinese) and "准确率" in shown(chinese) and "误差率" in shown(chinese)


def test_many_classes_have_a_list_of_mistakes_in_place_of_a_matrix(tmp_path):
    labels = tuple(f"kind {i:02d}" for i in range(15))
    found = facts(tmp_path, rows=600, labels=labels)
    root = tree(page(found))
    assert not [t for t in root.iter("table") if t.get("class") == "matrix"]
    assert "The most frequent mistakes of 15 classes" in shown(found)


def test_the_same_training_gives_the_same_page(tmp_path):
    first, second = facts(tmp_path), facts(tmp_path)
    same = {key: first.metrics[key] for key in ("seconds",)}
    object.__setattr__(second.fitted, "metrics", {**second.metrics, **same})
    object.__setattr__(second.fitted, "training_seconds", first.fitted.training_seconds)
    second.receipt["speed"] = first.receipt["speed"]
    assert page(first) == page(second)


def test_another_language_is_an_error_that_names_those_there_are():
    with pytest.raises(ValueError, match=r"--lang: expected one of en, zh; got 'de'"):
        Words("de")
