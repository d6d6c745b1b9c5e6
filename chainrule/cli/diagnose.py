"""`chainrule diagnose MODEL DATA`: what is wrong with a table and the networks trained on it, and what would help."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from ..errors import FileError
from . import COMMANDS
from .arguments import add_language_argument, write
from .display import Display


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "diagnose", help=COMMANDS["diagnose"],
        description="Look at a model and the table that it was trained on: learning rate, over- and underfitting, too "
        "few rows, wrong labels, rare classes, leaks, no signal. What may help is tried: networks are trained on folds "
        "of at most 2,000 rows, with and without it. docs/findings.md lists all findings.",
    )  # fmt: skip
    p.add_argument("model", metavar="MODEL", help="a folder written by `chainrule fit`")
    p.add_argument("data", metavar="DATA", help="the table that it was trained on")
    p.add_argument("--test", metavar="FILE", help="the table of test rows, if there was one and it lies elsewhere now")
    p.add_argument("--fix", action="store_true", help="train again with what is proven to help, and save that")
    p.add_argument("--out", metavar="DIR", help="where --fix writes the model (default: MODEL and .fixed)")
    p.add_argument("--force", action="store_true", help="replace DIR if it was written by an earlier fit")
    add_language_argument(p)
    p.add_argument("--json", action="store_true", help="print the findings as JSON, with their evidence and pictures")


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..insight.diagnosis.tables import diagnose_table
    from ..insight.receipt import read_receipt
    from ..tabular import TableModel, check_folder
    from ..tabular.problem import read_problem
    from .fit import options_of
    from .verify import recorded

    out = args.out or f"{os.path.normpath(args.model)}.fixed"
    if args.fix:
        check_folder(out, args.force)
    model = TableModel.load(args.model)
    receipt = read_receipt(args.model)
    again = recorded(receipt, args)
    again.words = [word for word in receipt["command"] if word != "--fix"]
    options = options_of(again)
    problem = read_problem(args.data, options)
    found = diagnose_table(problem, options, model)
    if args.json:
        write(json.dumps([f.to_config() for f in found], indent=2, ensure_ascii=False) + "\n", sys.stdout)
    else:
        write(f"{args.model}, {args.data}: {len(problem.train):,} rows to train on; {found.trainings} networks trained "
              f"to find out\n{found.text(args.lang)}\n", sys.stdout)  # fmt: skip
    return _fix(args, again, options, found, out) if args.fix else 0


def _fix(args: argparse.Namespace, again: argparse.Namespace, options: Any, found: Any, out: str) -> int:
    """Train again with what is proven to help; save it if it is better."""
    from ..tabular import final_table
    from .documents import documents
    from .fit import save_somewhere
    from .fixing import refit, validation_score

    display = Display(sys.stderr if args.json else sys.stdout, quiet=False)
    fitted = refit(again, options, found.kept, validation_score(_metrics(args.model)), display)
    if fitted is None:
        return 0
    table = final_table(fitted.metrics)
    display.line("")
    display.line(table)
    again.lang, again.debug = args.lang, args.debug
    texts = {"report.txt": "\n".join([*display.lines, ""]), **documents(again, fitted, out, list(found))}
    place, status = save_somewhere(fitted, out, texts)
    display.line(f"\nsaved in {place}")
    return status


def _metrics(folder: str) -> dict[str, Any]:
    from ..files import read_bytes

    path = os.path.join(folder, "metrics.json")
    try:
        found: dict[str, Any] = json.loads(read_bytes(path))
    except ValueError as error:
        raise FileError(f"{path} is damaged ({error}). Fit the model again.") from None
    return found
