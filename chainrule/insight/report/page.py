"""The page: one file that needs nothing else, the answer first."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from ..words import Words
from .answer import answer
from .classes import class_quality
from .coverage import coverage
from .curves import curves
from .data import data
from .explanations import explanations
from .facts import Facts, Section
from .findings import findings
from .made import made
from .markup import Markup, join, tag
from .mathematics import mathematics
from .network import network
from .style import STYLE
from .values import value_quality

# What is folded is opened for printing. The browser runs this script and no other: its hash stands in the policy.
_SCRIPT = (
    "addEventListener('beforeprint',function(){document.querySelectorAll('details:not(.long)').forEach("
    "function(d){d.open=true})})"
)


def quality(facts: Facts) -> Section:
    """How good the answers are."""
    body = (class_quality if facts.is_class else value_quality)(facts)
    return Section("quality", facts.words("quality.title"), join([body, coverage(facts)]))


SECTIONS: tuple[Callable[[Facts], Section | None], ...] = (
    findings, quality, explanations, curves, data, network, mathematics, made,
)  # fmt: skip


def page(*several: Facts) -> str:
    """The report as HTML.

    Args:
        several: Facts of one model, or of one for each target.

    Returns:
        str: a document without a link to anything outside; also well-formed as XML.
    """
    first = several[0]
    words: Words = first.words
    title = words("title", target=words.listed([facts.target for facts in several]), data=first.metrics["data"])
    names = [""] if len(several) == 1 else [f"target{number}-" for number in range(1, len(several) + 1)]
    links = [tag("a", f.target, href=f"#{n}answer") for f, n in zip(several, names, strict=True)]
    body = [
        tag("header", tag("h1", title), tag("nav", links)) if len(several) > 1 else None,
        [_model(facts, name) for facts, name in zip(several, names, strict=True)],
        tag("footer", f"chainrule {first.metrics['chainrule']}"),
        tag("script", Markup(_SCRIPT)),
    ]  # fmt: skip
    language = {"en": "en", "zh": "zh-Hans"}[words.language]
    whole = tag("html", _head(title), tag("body", body), lang=language)
    return f"<!DOCTYPE html>\n{whole}\n"


def _model(facts: Facts, name: str) -> Markup:
    """All that is said of one model; its anchors begin with the name."""
    sections = [section for section in (make(facts) for make in SECTIONS) if section]
    links = [tag("a", section.title, href=f"#{name}{section.name}") for section in sections]
    parts = [tag("section", tag("h2", section.title), section.body, id=name + section.name) for section in sections]
    title = facts.words("title", target=facts.target, data=facts.metrics["data"])
    head = tag("header", tag("h1", title), answer(facts), tag("nav", links), id=f"{name}answer" if name else None)
    return join([head, tag("main", parts)])


def _head(title: str) -> Markup:
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"
    return tag("head", join([
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title), tag("style", Markup(STYLE)),
    ]))  # fmt: skip
