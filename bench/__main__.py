"""`python -m bench`: measure, print tables, add a line to history.jsonl. See docs/benchmarks.md."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from . import history, host, table
from .peers import ROOT
from .rows import GROUPS, ROWS, Row
from .running import measure_all

PAGE = ROOT / "docs" / "benchmarks.md"
DEFAULT = tuple(group for group in GROUPS if group not in ("sizes", "compile"))  # they take minutes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was chosen."""
    options = parser().parse_args(arguments)
    rows = chosen(options.only, options.contenders)
    machine = host.describe()
    print(table.machine_line(machine), flush=True)
    results = []
    for row, found in measure_all(rows, options.rounds, options.quiet):
        results.append((row, found))
        print("\n" + table.details(row, found, machine), flush=True)
    print("\n" + table.closing(results, machine))
    entry = history.line(results, machine, options.rounds)
    if not options.no_history:
        history.append(entry, options.history)
    if options.docs:
        PAGE.write_text(table.put_into(PAGE.read_text(encoding="utf-8"), table.dated(results, entry)), encoding="utf-8")
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    groups = f"groups, separated by commas: {', '.join(GROUPS)}; default: all but sizes and compile"
    made.add_argument("--only", default="", help=groups)
    made.add_argument("--contenders", default="", help="measure those alone whose names begin so, separated by commas")
    made.add_argument("--rounds", type=int, default=5, help="how often everybody is measured, in turn (default 5)")
    made.add_argument("--quiet", action="store_true", help="no progress")
    made.add_argument("--history", type=Path, default=history.PATH, help="the file that gets a line")
    made.add_argument("--no-history", action="store_true", help="add no line")
    made.add_argument("--docs", action="store_true", help="put the summary into docs/benchmarks.md")
    return made


def chosen(only: str, contenders: str) -> list[Row]:
    """The rows of some groups, with some contenders."""
    groups = split(only) or list(DEFAULT)
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        raise SystemExit(f"bench: no group is called {', '.join(unknown)}; there are {', '.join(GROUPS)}.")
    rows = [row for row in ROWS if row.group in groups]
    wanted = tuple(split(contenders))
    if not wanted:
        return rows
    return [dataclasses.replace(row, who=[name for name in row.who if name.startswith(wanted)]) for row in rows]


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


if __name__ == "__main__":
    sys.exit(main())
