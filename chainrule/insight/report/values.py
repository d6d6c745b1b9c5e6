"""How good the answers are, for values: prediction against truth, the errors, whether something is left to learn."""

from __future__ import annotations

import numpy as np

from .facts import Facts
from .markup import Markup, tag
from .numbers import number, percent
from .plot import Axis, Plot

_DOTS = 400  # more than these nobody can tell apart
_BINS = 24


def value_quality(facts: Facts) -> Markup:
    """The figures."""
    return tag("div", [_scatter(facts), _histogram(facts), _residuals(facts)], class_="grid")


def _sample(count: int) -> np.ndarray:
    """Rows that are shown: all, or so many spread evenly over them."""
    return np.unique(np.linspace(0, count - 1, min(count, _DOTS)).round().astype(int))


def _ends(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0))


def _scatter(facts: Facts) -> Markup:
    words, truth, found = facts.words, facts.truth, facts.outputs
    low, high = _ends(np.concatenate([truth, found]))
    chart = Plot(Axis(words("values.true", target=facts.target), low, high),
                 Axis(words("values.predicted", target=facts.target), low, high))  # fmt: skip
    chart.line([low, high], [low, high], "s0 thin")
    rows = _sample(len(truth))
    for t, f in zip(truth[rows].tolist(), found[rows].tolist(), strict=True):
        chart.dot(t, f, "s1 faint", 2.2)
    explained = facts.scores["r2"]
    good = explained is not None and explained >= 0.3
    shown = None if explained is None else max(0.0, explained)
    title = words("values.scatter" if good else "values.scatter_poor", r2=percent(shown, 0))
    caption = words("values.scatter_caption", shown=f"{len(rows):,}", rows=facts.rows)
    return tag("figure", tag("h3", title), chart.svg(title), tag("figcaption", caption))


def _histogram(facts: Facts) -> Markup:
    words, error = facts.words, facts.outputs - facts.truth
    low, quarter, three, high = (float(q) for q in np.quantile(error, [0.01, 0.25, 0.75, 0.99]))
    low, high = min(low, 0.0), max(high, 0.0)
    if high <= low:
        low, high = _ends(error)
    counts, edges = np.histogram(error, _BINS, (low, high))
    title = words("values.histogram", low=number(quarter), high=number(three))
    whole = lambda v: f"{v:,.0f}"  # noqa: E731
    chart = Plot(Axis(words("values.error", target=facts.target), low, high, snug=True),
                 Axis(words("values.rows"), 0, max(1, int(counts.max())), form=whole, whole=True))  # fmt: skip
    for n, start, end in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        chart.column(start, end, n, "s1", f"{number(start)} … {number(end)}: {n:,}")
    chart.line([0, 0], [0, chart.y.ends[1]], "s0")
    above = float(np.mean(error > 0))
    bias = "unbiased" if 0.45 <= above <= 0.55 else "high" if above > 0.5 else "low"
    caption = words(f"values.{bias}", share=percent(max(above, 1 - above), 0))
    outside = int(len(error) - counts.sum())
    if outside:
        caption += " " + words("values.outside", rows=words.count(outside, "row"))
    return tag("figure", tag("h3", title), chart.svg(title), tag("figcaption", caption))


def _residuals(facts: Facts) -> Markup:
    words, found = facts.words, facts.outputs
    error = found - facts.truth
    rows = _sample(len(error))
    low, high = _ends(error[rows])
    chart = Plot(Axis(words("values.predicted", target=facts.target), *_ends(found[rows])),
                 Axis(words("values.error", target=facts.target), min(low, 0.0), max(high, 0.0)))  # fmt: skip
    chart.line(list(chart.x.ends), [0, 0], "s0 thin")
    for f, e in zip(found[rows].tolist(), error[rows].tolist(), strict=True):
        chart.dot(f, e, "s1 faint", 2.2)
    size = np.abs(error)
    cuts = np.quantile(found, [1 / 3, 2 / 3])
    small, large = float(size[found <= cuts[0]].mean()), float(size[found >= cuts[1]].mean())
    key = "even" if max(small, large) < 1.5 * min(small, large) else "wider" if large > small else "narrower"
    title = words(f"values.residuals_{key}", low=number(small), high=number(large))
    return tag("figure", tag("h3", title), chart.svg(title), tag("figcaption", words("values.residuals_caption")))
