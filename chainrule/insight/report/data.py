"""What the table is: the target, the columns and what was made of them."""

from __future__ import annotations

import numpy as np

from .facts import Facts, Section
from .markup import Markup, join, table, tag
from .numbers import number, percent
from .plot import WIDTH, Axis, Plot, bars

_MOST_CLASSES, _MOST_COLUMNS, _BINS = 8, 200, 24


def data(facts: Facts) -> Section:
    """The section."""
    words, reports = facts.words, facts.fitted.problem.reports
    rows = len(facts.fitted.problem.train) + len(facts.fitted.problem.test)
    summary = words("data.summary", rows=words.count(rows, "row"), columns=words.count(len(reports), "column"),
                    used=sum(report.used for report in reports))  # fmt: skip
    columns = [
        [report.name, words.kind(report.kind), words.sentence(report.reason.removeprefix("dropped "))]
        for report in reports[:_MOST_COLUMNS]
    ]
    head = [words("data.column"), words("data.kind"), words("data.what")]
    body = [
        tag("p", summary), tag("div", _target(facts), class_="grid"), _notes(facts),
        tag("details", tag("summary", words("data.all_columns")), table(head, columns, "ttt"),
            open="" if len(columns) <= 12 else None),
    ]  # fmt: skip
    return Section("data", words("data.title"), join(body))


def _notes(facts: Facts) -> Markup | None:
    notes = facts.metrics["notes"]
    if not notes:
        return None
    items = [tag("li", facts.words.sentence(note)) for note in notes]
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
