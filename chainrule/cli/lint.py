"""`chainrule lint SCRIPT`: classical mistakes in a script, found without running it, or by running it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from . import COMMANDS
from .arguments import add_language_argument, write


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "lint", help=COMMANDS["lint"],
        description="Read a Python script and say which classical mistakes are in it: a loss that does not fit the "
        "output, a scaler that has seen the test rows, a test set that was trained on, ... docs/findings.md lists "
        "them. Exit status: 1 if there is an error or a warning, else 0.",
    )  # fmt: skip
    p.add_argument("script", metavar="SCRIPT", help="the script")
    p.add_argument("--run", action="store_true", help="run it too, on chainrule, and look at its models and data")
    p.add_argument("--no-hints", action="store_true", help="errors and warnings only")
    add_language_argument(p)
    p.add_argument("--json", action="store_true", help="print a JSON list")


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..insight.lint import lint_script

    hits = lint_script(args.script)
    if args.run:
        hits = _with_run(args.script, hits)
    if args.no_hints:
        hits = [hit for hit in hits if hit.severity != "hint"]
    write(_as_json(hits) if args.json else _as_text(args.script, hits, args.lang), sys.stdout)
    return int(any(hit.severity != "hint" for hit in hits))


def _with_run(path: str, hits: list[Any]) -> list[Any]:
    """What was read, and what was seen when the script ran."""
    from ..compat import run_script
    from ..insight.lint import recording

    with recording() as seen:
        run_script(path)
    known = {hit.rule for hit in hits}
    return sorted([*hits, *(hit for hit in seen if hit.rule not in known)], key=lambda hit: hit.line)


def _as_json(hits: list[Any]) -> str:
    rows = [{"line": h.line, "rule": h.rule, "severity": h.severity, "text": h.sentence()} for h in hits]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _as_text(path: str, hits: list[Any], language: str) -> str:
    from ..insight.words import Words

    words = Words(language)
    if not hits:
        return words("lint.none", script=path) + "\n"
    said = [f"{words.labelled(words.term(hit.severity), hit.sentence(language))} [{hit.rule}]" for hit in hits]
    return "".join(f"{path}:{hit.line}: {text}\n" for hit, text in zip(hits, said, strict=True))
