"""What the table is: the target, the columns and what was made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...tabular.words import shortened
from .facts import PRIVATE, Facts, Section
from .markup import Markup, join, table, tag
from .numbers import number, percent
from .plot import WIDTH, Axis, Plot, bars, small_bars

_MOST_CLASSES, _MOST_COLUMNS, _MOST_FINDINGS, _BINS = 8, 200, 12, 24


def data(facts: Facts) -> Section:
    """The section."""
    words, reports = facts.words, facts.fitted.problem.reports
    rows = len(facts.fitted.problem.train) + len(facts.fitted.problem.test)
    summary = words("data.summary", rows=words.count(rows, "row"), columns=words.count(len(reports), "column"),
                    used=sum(report.used for report in reports))  # fmt: skip
    listing = _profiled(facts) if facts.found.get("profile") else _reported(facts)
    body = [
        tag("p", summary), tag("div", _target(facts), class_="grid"), _notes(facts), _suspicions(facts),
        tag("details", tag("summary", words("data.all_columns")), listing, open="" if len(reports) <= 20 else None),
    ]  # fmt: skip
    return Section("data", words("data.title"), join(body))


def _reported(facts: Facts) -> Markup:
    """The columns, as they were read."""
    words = facts.words
    columns = [
        [report.name, words.kind(report.kind), words.sentence(report.reason.removeprefix("dropped "))]
        for report in facts.fitted.problem.reports[:_MOST_COLUMNS]
    ]
    return table([words("data.column"), words("data.kind"), words("data.what")], columns, "ttt")


def _profiled(facts: Facts) -> Markup:
    """The columns, as the profile shows them."""
    words, found = facts.words, facts.found["profile"]
    rows = [
        [column.name, words.kind(column.kind), _missing(column.missing, found.rows), f"{column.distinct:,}",
         _holds(column), small_bars(column.numbers.counts) if column.numbers else None,
         percent(column.alone, 0) if column.alone is not None else ""]
        for column in found.columns[:_MOST_COLUMNS]
    ]  # fmt: skip
    head = [words(f"data.{name}") for name in ("column", "kind", "missing", "different", "holds", "shape", "alone")]
    caption = words("data.caption", rows=words.count(found.rows, "training row"))
    return join([tag("p", caption, class_="quiet"), table(head, rows, "ttnnttn", "columns")])


def _missing(count: int, rows: int) -> str:
    return f"{count:,} ({percent(count / rows, 0)})" if count else "–"


def _holds(column: Any) -> str:
    if column.numbers is not None and column.kind != "boolean":
        found = column.numbers
        return f"{number(found.minimum)} … {number(found.median)} … {number(found.maximum)}"
    if column.kind in PRIVATE:
        return ""
    return ", ".join(f"{shortened(text, 24)} {n:,}" for text, n in column.common[:3])


def _suspicions(facts: Facts) -> Markup | None:
    """What the profile found: warnings first."""
    found = facts.found.get("profile")
    if not found or not found.findings:
        return None
    words, said = facts.words, {finding.id for finding in facts.found.get("findings") or ()}
    items = [
        tag("li", words.joined(words.finished(f.message), *([words.finished(f.remedy, True)] if f.remedy else ())))
        for f in found.findings[:_MOST_FINDINGS]
        if f.code not in said  # stands among the findings
    ]
    if not items:
        return None
    return tag("div", tag("h3", facts.words("data.suspicions")), tag("ul", items))


def _notes(facts: Facts) -> Markup | None:
    leaks = {f"{finding.message} ({finding.remedy})" for finding in facts.fitted.problem.leaks}
    items = [tag("li", facts.words.finished(note)) for note in facts.metrics["notes"] if note not in leaks]
    if not items:
        return None
    return tag("div", tag("h3", facts.words("made.notes")), tag("ul", items))


def _target(facts: Facts) -> Markup:
    values = np.concatenate([facts.fitted.problem.train.values, facts.fitted.problem.test.values])
    return (_classes if facts.is_class else _values)(facts, values)


def _classes(facts: Facts, values: np.ndarray) -> Markup:
    words, labels = facts.words, facts.labels
    counts = np.bincount(values.astype(int), minlength=len(labels))
    order = np.argsort(-counts, kind="stable")[:_MOST_CLASSES]
    share = counts / counts.sum()
    found = words("data.class_found", common=labels[int(order[0])], share=percent(float(share[order[0]])))
    title = words("data.classes", found=found)
    rows = [(labels[c], float(share[c]), f"{counts[c]:,} ({percent(float(share[c]), 0)})", "s1") for c in order]
    return tag("figure", tag("h3", title), bars(rows, title, 1.25 * float(share.max()) * WIDTH / (WIDTH - 66)))


def _values(facts: Facts, values: np.ndarray) -> Markup:
    words = facts.words
    low, quarter, three, high = (float(q) for q in np.quantile(values, [0, 0.25, 0.75, 1]))
    title = words("data.classes", found=words("data.value_found", low=number(quarter), high=number(three)))
    counts, edges = np.histogram(values, _BINS, (low, high) if high > low else None)
    whole = lambda v: f"{v:,.0f}"  # noqa: E731
    chart = Plot(Axis(facts.target, float(edges[0]), float(edges[-1]), snug=True),
                 Axis(words("values.rows"), 0, max(1, int(counts.max())), form=whole, whole=True))  # fmt: skip
    for n, start, end in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        chart.column(start, end, n, "s1", f"{number(start)} … {number(end)}: {n:,}")
    return tag("figure", tag("h3", title), chart.svg(title))
