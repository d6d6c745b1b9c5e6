"""The mathematics of the network that counts most: forward pass, loss, gradients and update as formulas."""

from __future__ import annotations

from typing import Any

from .facts import Facts, Section
from .markup import Markup, join, tag

_LONG = 40_000  # letters; longer derivations stay folded on paper


def mathematics(facts: Facts) -> Section | None:
    """The section; None if nothing was derived."""
    found = facts.found.get("mathematics")
    if found is None:
        return None
    words = facts.words
    name, fragment = found
    more = tag("code", f"{facts.receipt['verify'].replace(' verify ', ' derive ', 1)} --row 1")
    before, after = words("mathematics.numbers", command="\0").split("\0")
    body = [
        tag("p", words(f"mathematics.what{'' if len(facts.fitted.model.networks) > 1 else '_one'}", network=name)),
        tag("p", before, more, after),
        tag("details", tag("summary", words("mathematics.open")), tag("div", fragment, class_="mathematics"),
            class_="long" if len(fragment) > _LONG else None),
    ]  # fmt: skip
    return Section("mathematics", words("mathematics.title"), join(body))


def derived(fitted: Any, language: str) -> tuple[str, Markup] | None:
    """The name of the network that counts most, and its derivation as HTML.

    Args:
        fitted: Fitted, from `chainrule.tabular`.
        language: str. "en" or "zh".

    Returns:
        None where the network is of a kind whose loss stands outside of it.
    """
    from ...errors import ChainruleError
    from ..derive import derive
    from ..derive.htmlpage import html_body
    from ..derive.page import blocks_of

    model = fitted.model
    first = max(range(len(model.networks)), key=lambda i: model.weights[i])
    try:
        fragment = html_body(blocks_of(derive(model.networks[first], lang=language)))
    except ChainruleError:
        return None
    for level in (1, 2, 3):  # below the heading of the section
        fragment = fragment.replace(f"<h{level}>", "<h4>").replace(f"</h{level}>", "</h4>")
    return model.networks[first].name, Markup(fragment)
