"""What the answers depend on: which columns matter, what their values do, and three rows as examples."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..explain import Attribution, EffectCurve, Importance
from .facts import PRIVATE, Facts, Section
from .markup import Markup, join, tag
from .numbers import number, percent
from .plot import Axis, Plot, bars, key, pushes

_MOST_COLUMNS, _MOST_CURVES, _MOST_PUSHES, _MOST_CATEGORIES = 12, 4, 8, 8


def explanations(facts: Facts) -> Section | None:
    """The section; None if nothing was explained."""
    found = facts.found.get("explanations")
    if found is None:
        return None
    words = facts.words
    figures = [_importance(facts, found.importance)]
    texts = {report.name for report in facts.fitted.problem.reports if report.kind in PRIVATE}
    shown = [curve for curve in found.curves if curve.column not in texts]
    figures += [_curve(facts, curve) for curve in shown[:_MOST_CURVES]]
    examples = [_example(facts, kind, row, attribution) for kind, row, attribution in found.examples]
    body = [tag("div", figures, class_="grid")]
    if examples:
        body += [tag("h3", words("explain.examples"), class_="apart"), tag("div", examples, class_="grid")]
    return Section("explanations", words("explain.title"), join(body))


def _importance(facts: Facts, found: Importance) -> Markup:
    words, columns = facts.words, found.columns[:_MOST_COLUMNS]
    first = columns[0]
    certain = [c for c in columns if c.increase.low > 0]
    measure = words.measure(found.measure)
    title = words("explain.most" if certain else "explain.none", column=first.column, measure=measure,
                  before=number(found.intact), after=number(found.intact + first.increase.value))  # fmt: skip
    rows = [(c.column, c.increase.value, number(c.increase.value), "s1" if c.increase.low > 0 else "s0")
            for c in columns]  # fmt: skip
    most = max(*(c.increase.high for c in columns), 1e-12)
    drawn = bars(rows, title, most, [(c.increase.low, c.increase.high) for c in columns])
    caption = words("explain.caption", measure=measure, rows=words.count(found.rows, "row"))
    twins = [f"{c.column} ~ {', '.join(c.twins)}" for c in columns if c.twins]
    if twins:
        caption += " " + words("explain.twins", columns="; ".join(twins[:3]))
    return tag("figure", tag("h3", title), drawn, tag("figcaption", caption))


def _curve(facts: Facts, curve: EffectCurve) -> Markup:
    """Partial dependence of one output: of the second class of two, of the one that moves most, or of the value."""
    words = facts.words
    spread = curve.mean.max(0) - curve.mean.min(0)
    k = 1 if len(curve.outputs) == 2 else int(spread.argmax())
    mean, low, high = curve.mean[:, k], curve.low[:, k], curve.high[:, k]
    form = percent if facts.is_class else number
    output = facts.label(facts.labels.index(curve.outputs[k])) if facts.is_class else facts.target
    top, bottom = int(mean.argmax()), int(mean.argmin())
    title = words("explain.curve", column=curve.column, output=output, high=form(float(mean[top])),
                  at=_value(curve, top), low=form(float(mean[bottom])), where=_value(curve, bottom))  # fmt: skip
    caption = words("explain.curve_caption", rows=words.count(curve.rows, "row"))
    if not curve.is_number:
        order = np.argsort(-mean, kind="stable")[:_MOST_CATEGORIES]
        rows = [(curve.values[i], float(mean[i]), form(float(mean[i])), "s1") for i in order]
        drawn = bars(rows, title, max(float(high.max()), 1e-12), [(float(low[i]), float(high[i])) for i in order])
        return tag("figure", tag("h3", title), drawn, tag("figcaption", caption))
    label = words("explain.probability", output=output) if facts.is_class else words("values.predicted", target=output)
    ends = (float(np.min(low)), float(np.max(high)))
    chart = Plot(Axis(curve.column, float(curve.positions[0]), float(curve.positions[-1]), snug=True),
                 Axis(label, *ends, form=(lambda v: f"{v:.0%}") if facts.is_class else number))  # fmt: skip
    chart.area(curve.positions.tolist(), low.tolist(), high.tolist(), "s1")
    chart.line(curve.positions, mean, "s1")
    for x, y in zip(curve.positions.tolist(), mean.tolist(), strict=True):
        chart.dot(x, y, "s1", 2.5)
    return tag("figure", tag("h3", title), chart.svg(title), tag("figcaption", caption))


def _value(curve: EffectCurve, place: int) -> str:
    return f"{curve.column} = {curve.values[place]}"


def _example(facts: Facts, kind: str, row: Any, found: Attribution) -> Markup:
    words = facts.words
    form = (lambda v: percent(v, 0)) if facts.is_class else (lambda v: number(v))
    output, truth = facts.target, row.truth
    if facts.is_class:
        output, truth = (facts.label(facts.labels.index(name)) for name in (found.output, row.truth))
    title = words(f"explain.{kind}", row=row.number, output=output, prediction=form(found.prediction), truth=truth)
    texts = {report.name for report in facts.fitted.problem.reports if report.kind in PRIVATE}
    rows = [(c.column if c.column in texts else f"{c.column} = {c.cell}", c.value.value, _push(facts, c.value.value))
            for c in found.contributions[:_MOST_PUSHES]]  # fmt: skip
    rest = sum(c.value.value for c in found.contributions[_MOST_PUSHES:])
    if rest:
        rows.append((words("explain.rest"), rest, _push(facts, rest)))
    key_of_sum = "explain.sum_points" if facts.is_class else "explain.sum"
    caption = words(key_of_sum, base=form(found.base), prediction=form(found.prediction), output=output)
    legend = key(("s1", words("explain.raises", output=output)), ("s2", words("explain.lowers", output=output)))
    return tag("figure", tag("h3", title), legend, pushes(rows, title), tag("figcaption", caption))


def _push(facts: Facts, value: float) -> str:
    text = number(100 * value, 2) if facts.is_class else number(value)
    return text if value < 0 else f"+{text}"
