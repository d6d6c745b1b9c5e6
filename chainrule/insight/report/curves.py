"""How the training went: loss and accuracy (or error) of each network, epoch by epoch."""

from __future__ import annotations

import math
from typing import Any

from .facts import Facts, Section
from .markup import Markup, join, table, tag
from .numbers import number, percent
from .plot import Axis, Plot, key

_WIDE = 30.0  # from so much between the largest and the smallest on, the axis has powers of ten


def curves(facts: Facts) -> Section | None:
    """The section; None if no epoch was over."""
    networks = _networks(facts)
    if not networks:
        return None
    words = facts.words
    first, second = ("loss", "accuracy") if facts.is_class else ("rmse", "mae")
    figures = [_figure(facts, networks, first, _found(facts, networks), _judgement(facts, networks, first))]
    if second in networks[0][0]:
        name = words(f"curves.{second}", target=facts.target)
        figures.append(_figure(facts, networks, second, words("curves.second", measure=name), ""))
    more = tag("details", tag("summary", words("curves.table")), _table(facts)) if len(networks) > 1 else None
    return Section("training", words("curves.title"), join([tag("div", figures, class_="grid"), more]))


def _networks(facts: Facts) -> list[list[dict[str, Any]]]:
    """The rows of the log, network by network."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in facts.fitted.log:
        found.setdefault(row.get("network", 1), []).append(row)
    return list(found.values())


def _series(rows: list[dict[str, Any]], name: str) -> list[float]:
    return [float("nan") if row.get(name) in (None, "") else float(row[name]) for row in rows]


def _best(facts: Facts, networks: list[list[dict[str, Any]]]) -> list[int]:
    """The epoch of each network that was kept."""
    told = [int(report.get("best_epoch", 0)) for report in facts.metrics["networks"]]
    return told if len(told) == len(networks) else []


def _found(facts: Facts, networks: list[list[dict[str, Any]]]) -> str:
    words, best = facts.words, _best(facts, networks)
    if not best:
        return words("curves.title")
    validated = "val_loss" in networks[0][0]
    if len(best) == 1 or min(best) == max(best):
        return words("curves.found_one" if validated else "curves.found_train", first=best[0])
    return words("curves.found_many", networks=words.count(len(best), "network"), first=min(best), last=max(best))


def _judgement(facts: Facts, networks: list[list[dict[str, Any]]], name: str) -> str:
    """What the curves say of most networks."""
    said = [_say(rows, best, name) for rows, best in zip(networks, _best(facts, networks), strict=False)]
    said = [word for word in said if word]
    return facts.words(f"curves.{max(set(said), key=said.count)}") if said else ""


def _say(rows: list[dict[str, Any]], best: int, name: str) -> str:
    held, training = _series(rows, f"val_{name}"), _series(rows, name)
    if not 1 <= best <= len(rows) or not math.isfinite(held[0]):
        return ""
    if best == len(rows):
        return "still"
    tail = max(1, min(5, len(rows) - best))
    late, learnt = sum(held[-tail:]) / tail, sum(training[-tail:]) / tail
    worse = late > 1.02 * held[best - 1] and learnt < 0.98 * training[best - 1]
    return "over" if worse else "flat"


def _figure(facts: Facts, networks: list[list[dict[str, Any]]], name: str, title: str, caption: str) -> Markup:
    words = facts.words
    validated = f"val_{name}" in networks[0][0]
    chart = Plot(_epochs(facts, networks), _measure(facts, networks, name))
    for rows in networks:
        epochs = [row["epoch"] for row in rows]
        chart.line(epochs, _series(rows, name), "s2 thin" if len(networks) > 1 else "s2")
        chart.line(epochs, _series(rows, f"val_{name}"), "s1 thin" if len(networks) > 1 else "s1")
    for rows, best in zip(networks, _best(facts, networks), strict=False):
        if 1 <= best <= len(rows):
            chart.dot(rows[best - 1]["epoch"], _series(rows, f"val_{name}" if validated else name)[best - 1], "s1", 4)
    entries = [("s2", words("curves.training")), *([("s1", words("curves.validation"))] if validated else [])]
    legend = [key(*entries), tag("p", "● ", words("curves.best"), class_="key")]
    return tag("figure", tag("h3", title), tag("div", legend, class_="keys"), chart.svg(title),
               tag("figcaption", caption) if caption else None)  # fmt: skip


def _epochs(facts: Facts, networks: list[list[dict[str, Any]]]) -> Axis:
    last = max(row["epoch"] for rows in networks for row in rows)
    whole = lambda v: f"{v:,.0f}"  # noqa: E731
    return Axis(facts.words("curves.epoch"), 0 if last > 4 else 1, max(2, last), form=whole, snug=True, whole=True)


def _measure(facts: Facts, networks: list[list[dict[str, Any]]], name: str) -> Axis:
    label = facts.words(f"curves.{name}", target=facts.target)
    numbers = [v for rows in networks for part in ("", "val_") for v in _series(rows, part + name) if math.isfinite(v)]
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if name == "accuracy":
        return Axis(label, low, min(1.0, high), form=lambda v: percent(v, 0 if high - low > 0.05 else 1))
    if low > 0 and high / low > _WIDE:
        return Axis(label, low / 1.1, high * 1.1, log=True)
    return Axis(label, 0.0 if low < 0.5 * high else low, high)


def _table(facts: Facts) -> Markup:
    words, best = facts.words, []
    for place, report in enumerate(facts.metrics["networks"], 1):
        best.append([str(place), number(report.get("epochs")), number(report.get("best_epoch")),
                     words.sentence(str(report.get("stopped", "")))])  # fmt: skip
    head = ["", words("curves.epochs"), words("curves.kept"), words("curves.stopped")]
    return table(head, best, "tnnt")
