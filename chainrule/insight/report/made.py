"""How the model was made: command, seed, versions, machine, time, share of the machine's peak, and the receipt."""

from __future__ import annotations

from typing import Any

from .facts import Facts, Section
from .markup import Markup, join, table, tag
from .numbers import number, percent


def made(facts: Facts) -> Section:
    """The section."""
    words, receipt = facts.words, facts.receipt
    rows = [[words(f"made.{name}"), value] for name, value in _facts(facts).items() if value]
    check = tag("code", receipt["verify"])
    again = words("made.again", command="\0").split("\0")
    body = [
        table([], rows, "tt"), tag("h3", words("receipt.title")),
        tag("p", again[0], check, again[1]),
        table([], _hashes(facts), "ttt", "meanings hashes"),
    ]  # fmt: skip
    return Section("made", words("made.title"), join(body))


def _facts(facts: Facts) -> dict[str, Any]:
    words, metrics, receipt = facts.words, facts.metrics, facts.receipt
    settings = ", ".join(f"{name} {_plain(value)}" for name, value in metrics["settings"].items())
    machine, versions = receipt["machine"], receipt["versions"]
    rows = words("made.rows_of", train=f"{metrics['rows']['train']:,}", test=f"{metrics['rows']['test']:,}")
    threads = words.count(machine["threads"], "thread")
    return {
        "command": tag("code", facts.command) if facts.command else None,
        "data": metrics["data"], "rows": rows, "seed": str(metrics["seed"]), "settings": settings,
        "time": words("made.seconds", total=number(metrics["seconds"]), training=number(facts.fitted.training_seconds)),
        "speed": _speed(facts, threads),
        "machine": words("made.processor", name=machine["processor"], threads=threads) + f"; {machine['system']}",
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }  # fmt: skip


def _plain(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "–".join(map(str, value)) or "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _speed(facts: Facts, threads: str) -> str | None:
    speed = facts.receipt.get("speed")
    if not speed:
        return None
    return facts.words("made.share", rate=number(speed["flops_per_second"] / 1e9),
                       share=percent(speed["share_of_peak"], 0), threads=threads)  # fmt: skip


def _hashes(facts: Facts) -> list[list[Markup | str]]:
    words = facts.words
    return [
        [words(f"receipt.{name}"), tag("code", value), tag("span", words(f"receipt.means.{name}"), class_="quiet")]
        for name, value in facts.receipt["hashes"].items() if value
    ]  # fmt: skip
