"""How often sets of classes, or intervals, hold the truth: asked for, and found on the rows that were measured."""

from __future__ import annotations

import shlex

from .facts import Facts
from .markup import Markup, table, tag
from .numbers import number, percent


def coverage(facts: Facts) -> Markup | None:
    """The table; None where no rows were held out to learn from how wrong the network is.

    Args:
        facts: Facts.
    """
    found = facts.metrics.get("coverage")
    if not found:
        return None
    words, kind = facts.words, "classes" if facts.is_class else "values"
    rows = [[percent(one["asked"]), percent(one["found"]),
             number(one["size"]) if one["size"] is not None else "∞"] for one in found]  # fmt: skip
    head = [words("coverage.asked"), words("coverage.found"), words(f"coverage.{kind}_size", target=facts.target)]
    folder = shlex.split(facts.receipt["verify"])[2]
    command = tag("code", f"chainrule predict {shlex.quote(folder)} NEW_ROWS.csv --coverage 0.9")
    before, after = words(f"coverage.{kind}", command="\0").split("\0")
    return tag("div", tag("h3", words("coverage.title")), tag("p", before, command, after), table(head, rows, "nnn"),
               class_="apart")  # fmt: skip
