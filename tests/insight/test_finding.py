"""Findings and their texts."""

from __future__ import annotations

import json

import pytest

from chainrule.errors import ArgumentError
from chainrule.insight import Finding, Gain, Picture, Remedy, Series
from chainrule.insight.words import Words


def test_words_are_translated_within_a_sentence() -> None:
    values = {"measure": "log loss", "model": 0.70123, "baseline": 0.7}
    assert "对数损失为 0.7012" in Words("zh")("finding.no-better-than-baseline", **values)


def test_the_name_of_a_column_is_no_word() -> None:
    """A column may be called `class`: it is not translated."""
    values = {"column": "class", "distinct": 100, "rows": 100}
    assert "列 'class'" in Finding("identifier", "warning", values).sentence("zh")


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
    with pytest.raises(ArgumentError, match=r"Did you mean 'finding\.overfitting'"):
        Finding("overfiting", "info").sentence()
    with pytest.raises(ArgumentError, match="expected one of en, zh"):
        Finding("overfitting", "info").sentence("fr")
