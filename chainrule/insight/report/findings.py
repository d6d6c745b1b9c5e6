"""What was found to be wrong, with its evidence, and what to do about it."""

from __future__ import annotations

import math

from ..finding import Finding, Picture, by_severity
from ..words import Words
from .facts import Facts, Section
from .markup import Markup, join, tag
from .numbers import number
from .plot import Axis, Plot, bars, key

_MOST_ROWS = 20


def findings(facts: Facts) -> Section | None:
    """The section; None if nobody has looked."""
    found = facts.found.get("findings")
    if found is None:
        return None
    words = facts.words
    body = [_finding(facts, finding) for finding in by_severity(list(found))] or [tag("p", words("findings.none"))]
    if not facts.found.get("diagnosed"):
        more = tag("code", facts.receipt["verify"].replace(" verify ", " diagnose ", 1))
        before, after = words("findings.more", command="\0").split("\0")
        body.append(tag("p", before, more, after, class_="quiet"))
    return Section("findings", words("findings.title"), join(body))


def _finding(facts: Facts, finding: Finding) -> Markup:
    words, language = facts.words, facts.words.language
    remedies = [tag("li", remedy.sentence(language)) for remedy in finding.remedies]
    said = [
        tag("h3", tag("span", words(f"findings.{finding.severity}"), class_=f"mark {finding.severity}"), " ",
            finding.sentence(language)),
        tag("p", words("findings.rows", rows=", ".join(f"{r:,}" for r in finding.rows[:_MOST_ROWS]))
            + (" …" if len(finding.rows) > _MOST_ROWS else "")) if finding.rows else None,
        [tag("p", words("findings.remedy"), class_="quiet"), tag("ul", remedies)] if remedies else None,
    ]  # fmt: skip
    drawn = picture(facts, finding.picture) if finding.picture is not None else None
    return tag("div", tag("div", said), drawn, class_="grid finding")


def picture(facts: Facts, found: Picture) -> Markup | None:
    """The evidence as a chart; None where there is nothing to draw.

    Args:
        facts: Facts.
        found: Picture.
    """
    words = facts.words
    x_label, y_label = words.term(found.x_label), words.term(found.y_label)
    if not found.series or not any(len(series.y) for series in found.series):
        return None
    title = f"{y_label} / {x_label}"
    if found.kind == "bars":
        pairs = [(words.term(str(x)), float(y)) for s in found.series for x, y in zip(s.x, s.y, strict=True)]
        drawn = bars([(name, y, number(y), "s1") for name, y in pairs], title)
        return tag("figure", tag("p", title, class_="key"), drawn)
    entries = [(f"s{place}", words.term(series.name)) for place, series in enumerate(found.series, 1)]
    return tag("figure", key(*entries), _lines(found, x_label, y_label, words).svg(title))


def _lines(found: Picture, x_label: str, y_label: str, words: Words) -> Plot:
    xs = [float(x) for series in found.series for x in series.x]
    bounds = [part for s in found.series for part in (s.y, s.low, s.high) if part is not None]
    ys = [float(y) for part in bounds for y in part if math.isfinite(y)] or [0.0, 1.0]
    log = found.is_log_x and min(xs) > 0
    chart = Plot(Axis(x_label, min(xs), max(xs), log=log, snug=True), Axis(y_label, min(ys), max(ys)))
    for place, series in enumerate(found.series, 1):
        kind = f"s{place}"
        if series.low is not None and series.high is not None:
            chart.area(list(series.x), list(series.low), list(series.high), kind)
        chart.line(series.x, series.y, kind)
    for at, name in found.marks:
        chart.line([at, at], list(chart.y.ends), "s0 thin")
        chart.text(at, chart.y.ends[1], words.term(name), "start" if at < (min(xs) + max(xs)) / 2 else "end", 4, 10)
    return chart
