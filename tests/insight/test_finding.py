"""Findings and their texts."""

from __future__ import annotations

import json
from string import Formatter

import pytest

from chainrule.errors import ArgumentError
from chainrule.insight import Finding, Gain, Picture, Remedy, Series
from chainrule.insight.texts import TEXTS, text


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_both_languages_say_the_same_values(key: str) -> None:
    english, chinese = TEXTS[key]
    assert names(english) == names(chinese) and english != chinese
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)


def test_words_are_translated_within_a_sentence() -> None:
    values = {"measure": "log loss", "model": 0.70123, "baseline": 0.7}
    assert "对数损失为 0.7012" in text("no-better-than-baseline", "zh", values)


def test_a_finding_is_plain_data() -> None:
    picture = Picture("lines", "epoch", "loss", [Series("training loss", [1, 2], [0.5, 0.4])], marks=[(2, "best")])
    gain = Gain("log loss", 0.5, 0.4, 0.05, 0.15, 0.95, 5)
    remedy = Remedy("epochs", "epochs=30", {"epochs": 30}, gain)
    finding = Finding("training-too-short", "warning", {"epochs": 10, "measure": "loss", "fall": 0.1},
                      picture=picture, remedies=[remedy], rows=[3])  # fmt: skip
    config = json.loads(json.dumps(finding.to_config()))
    assert config["picture"]["series"][0]["y"] == [0.5, 0.4] and config["rows"] == [3]
    assert config["remedies"][0]["gain"]["value"] == pytest.approx(0.1)
    assert config["text"].startswith("The training was too short: after 10 epochs")
    assert gain.is_proven and not Gain("log loss", 0.5, 0.4, -0.05, 0.25, 0.95, 5).is_proven


def test_wrong_ones_are_refused() -> None:
    with pytest.raises(ArgumentError, match="expected severity"):
        Finding("overfitting", "grave")
    with pytest.raises(ArgumentError, match="Did you mean 'overfitting'"):
        Finding("overfiting", "info").sentence()
    with pytest.raises(ArgumentError, match="language"):
        text("overfitting", "fr", {})
