"""Results as Markdown: a table a row of the bench, a summary of one line each, what is missing and why."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from . import work as works
from .results import DISTURBED, Measured
from .rows import Row

UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6}
Results = Sequence[tuple[Row, Sequence[Measured]]]


def closing(results: Results, machine: dict[str, Any]) -> str:
    """What comes after the tables of the rows."""
    return joined("**Summary** (medians)\n\n" + summary(results, machine), missing(results))


def joined(*parts: str) -> str:
    """Paragraphs; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)


def dated(results: Results, entry: dict[str, Any]) -> str:
    """The summary with when, where and with what it was measured."""
    names = ", ".join(f"{name} {version}" for name, version in entry["versions"].items() if name != "chainrule")
    when = f"{entry['date'][:10]}, commit {entry['commit']}, {entry['rounds']} rounds"
    machine = entry["machine"]
    where = f"{when}. {machine_line(machine)}."
    return joined(where, f"Versions: {names}.", summary(results, machine), missing(results))


def put_into(page: str, text: str) -> str:
    """The page with the text in its block, `<!-- results: ... -->` to `<!-- end results -->`. Raises: ValueError."""
    begin, end = page.find("-->\n", page.find("<!-- results:")), page.find("<!-- end results -->")
    if not 0 <= begin < end:
        raise ValueError("the page has no block <!-- results: ... --> ... <!-- end results -->")
    return f"{page[:begin]}-->\n\n{text}\n\n{page[end:]}"


def machine_line(machine: dict[str, Any]) -> str:
    """The machine in a sentence."""
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory'] / 2**30:.0f} GiB; "
        f"float32 peak of a core {machine['peak'] / 1e9:.0f} GFLOP/s ({machine['peak_by']}); "
        f"load {machine['load']:.1f} at the start"
    )


def details(row: Row, found: Sequence[Measured], machine: dict[str, Any]) -> str:
    """One row: a line for each contender that was measured, the fastest first; no column without a value."""
    there = sorted((m for m in found if m.seconds), key=lambda m: m.median)
    if not there:
        return ""
    unit, ours = unit_for(there[0].median), our_best(found)
    columns = {
        "": [m.contender.name for m in there],
        f"{unit}, median": [figure(m.median * UNITS[unit]) for m in there],
        "best": [figure(m.best * UNITS[unit]) for m in there],
        "worst": [figure(m.worst * UNITS[unit]) for m in there],
        "of chainrule's time": [f"{m.median / ours.median:.2f}" if ours else "" for m in there],
        "GFLOP/s": [rate(row, m, machine)[0] for m in there],
        "of peak": [rate(row, m, machine)[1] for m in there],
        "first, s": [f"{m.first:.2f}" if m.first and row.kind == "train" else "" for m in there],
        "all cores, s": [figure(median(m.work)) if m.work else "" for m in there],
        "peak MiB": [figure(m.memory / 2**20) if m.memory else "" for m in there],
        "used by others": [disturbance(m) for m in there],
    }
    kept = {name: values for name, values in columns.items() if any(values)}
    lines = [cells(list(kept)), "|" + "---|" * len(kept), *map(cells, zip(*kept.values(), strict=True))]
    return f"**{row.name}** ({len(there[0].seconds)} rounds)\n\n" + "\n".join(lines)


def summary(results: Results, machine: dict[str, Any]) -> str:
    """A line a row: ours, the best peer, the limit."""
    lines = [
        cells(["", "chainrule", "1 thread", "best peer", "which", "times faster", "of C's time", "GFLOP/s", "of peak"]),
        "|" + "---|" * 9,
    ]
    for row, found in results:
        ours, peer, limit = our_best(found), best(found, "peer"), best(found, "limit")
        if ours is None:
            continue
        unit = unit_for(ours.median)
        alone = next((m for m in found if m.contender.name == "chainrule, 1 thread" and m.seconds), None)
        shown = [f"{figure(m.median * UNITS[unit])} {unit}" if m else "" for m in (ours, alone, peer)]
        ratio = f"{peer.median / ours.median:.2f}" if peer else ""
        of_limit = f"{ours.median / limit.median:.2f}" if limit else ""
        which = peer.contender.name if peer else ""
        lines.append(cells([row.name, *shown, which, ratio, of_limit, *rate(row, ours, machine)]))
    return "\n".join(lines)


def disturbance(m: Measured) -> str:
    """How much of the machine other processes used while it was measured, if that matters."""
    return f"{100 * m.disturbance:.0f} %" if m.disturbance > DISTURBED else ""


def rate(row: Row, m: Measured, machine: dict[str, Any]) -> list[str]:
    """GFLOP/s from counted operations and the share of the peak of the cores it may use; for training alone."""
    if row.kind != "train":
        return ["", ""]
    reached = works.operations(row.work) / m.median
    used = 1 if "1 thread" in m.contender.name else machine["cores"]
    return [figure(reached / 1e9), f"{100 * reached / (machine['peak'] * used):.0f} %"]


def our_best(found: Sequence[Measured]) -> Measured | None:
    """chainrule with its defaults; where that was not measured, its best variant."""
    ours = [m for m in found if m.contender.is_ours and m.seconds]
    return next((m for m in ours if m.contender.name == "chainrule"), min(ours, key=lambda m: m.median, default=None))


def best(found: Sequence[Measured], what: str) -> Measured | None:
    """The fastest 'peer' or 'limit'."""
    some = [m for m in found if m.seconds and not m.contender.is_ours and m.contender.is_limit == (what == "limit")]
    return min(some, key=lambda m: m.median, default=None)


def missing(results: Results) -> str:
    """Who was not measured and why: a line a reason."""
    by_reason: dict[str, dict[str, list[str]]] = {}
    for row, found in results:
        for m in found:
            if not m.seconds:
                by_reason.setdefault(m.absent or "no round", {}).setdefault(m.contender.name, []).append(row.name)
    lines = [f"- {why}: {_who(names, len(results))}" for why, names in by_reason.items()]
    return "Missing:\n\n" + "\n".join(lines) if lines else ""


def _who(names: dict[str, list[str]], count: int) -> str:
    """Names, and the rows unless there is only one in all."""
    return "; ".join(f"{name} ({', '.join(rows)})" if count > 1 else name for name, rows in names.items())


def cells(values: Sequence[str]) -> str:
    return "| " + " | ".join(values) + " |"


def unit_for(seconds: float) -> str:
    """The unit in which a time has one to four digits before the point."""
    return "us" if seconds < 2e-3 else "ms" if seconds < 2 else "s"


def figure(value: float) -> str:
    """Three digits that matter, or all of a whole number."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
