"""One JSON line a run: what was measured, where, on which commit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import host
from .peers import ROOT, versions
from .results import Measured
from .rows import Row

PATH = ROOT / "bench" / "history.jsonl"


def line(results: Sequence[tuple[Row, Sequence[Measured]]], machine: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Date, commit, machine, versions, and for each row and contender seconds (median, best), first, loss, memory."""
    rows = {
        row.name: {m.contender.name: numbers(m) for m in found if m.seconds}
        for row, found in results
    }  # fmt: skip
    return {
        "date": host.now(), "commit": host.commit(), "rounds": rounds, "machine": machine, "versions": versions(),
        "rows": {name: found for name, found in rows.items() if found},
    }  # fmt: skip


def numbers(m: Measured) -> dict[str, float]:
    """What is kept of one contender in one row; seconds, bytes."""
    kept = {"median": m.median, "best": m.best, "first": m.first, "loss": m.loss, "memory": m.memory,
            "others": m.disturbance}  # fmt: skip
    return {name: float(f"{value:.6g}") for name, value in kept.items() if value is not None}


def append(entry: dict[str, Any], path: Path = PATH) -> None:
    """Add a line to the file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
