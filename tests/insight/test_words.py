from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import chainrule.insight
from chainrule.insight.words import NOUNS, TEXTS, Words, answer, charts, derive, findings, made, parts, play, rules, why

FOLDER = Path(chainrule.insight.__file__).parent


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_both_languages_say_the_same_of_the_same(key):
    english, chinese = TEXTS[key]
    assert english.strip() == english and chinese.strip() == chinese and english and chinese
    assert placeholders(english) == placeholders(chinese)
    assert not re.search(r"[一-鿿][,:;?!]|[,:;?!][一-鿿]", chinese), "half-width punctuation between Chinese signs"
    assert not re.search(r"[一-鿿]", english)


def test_no_key_stands_twice():
    tables = (answer, charts, derive, findings, made, parts, play, rules, why)
    assert sum(len(table.TEXTS) for table in tables) == len(TEXTS)


def test_every_key_that_the_code_asks_for_is_there_and_every_one_is_asked_for():
    """Keys in the code are literals, or f-strings whose beginning is literal."""
    files = [*FOLDER.rglob("*.py"), *FOLDER.parent.joinpath("cli").rglob("*.py")]
    code = "\n".join(p.read_text(encoding="utf-8") for p in files if p.parent.name != "words" or p.stem == "__init__")
    begun = set(re.findall(r"f[\"']([a-z]+\.[a-z_.]*)\{", code))
    asked = {"title", *re.findall(r"[\"']([a-z]+\.[a-z_0-9.]+)[\"']", code)}
    idle = [k for k in TEXTS if k not in asked and not any(k.startswith(b) for b in begun)]
    assert not idle
    unknown = [k for k in re.findall(r"words\(\s*\"([a-z]+\.[a-z_0-9.]+)\"", code) if k not in TEXTS]
    assert not unknown


def test_counting():
    english, chinese = Words("en"), Words("zh")
    for noun in NOUNS:
        assert english.count(1, noun) == f"1 {noun}"
        assert english.count(2, noun) != f"2 {noun}"
        assert chinese.count(2, noun) == f"2 {NOUNS[noun]}"
    assert english.listed(["a"]) == "a" and english.listed(["a", "b", "c"]) == "a, b and c"
    assert chinese.listed(["a", "b"]) == "a、b"
