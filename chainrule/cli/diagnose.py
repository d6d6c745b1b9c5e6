"""`chainrule diagnose MODEL DATA`: what is wrong with a table and the networks trained on it, and what would help."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from ..errors import ArgumentError, FileError, listed
from ..tabular.words import count
from . import COMMANDS
from .arguments import add_language_argument, saying, write
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
    from ..tabular import check_folder
    from ..tabular.several import folders_of

    folders, status = folders_of(args.model), 0
    if args.fix and len(folders) > 1:
        raise ArgumentError(f"--fix: expected the model of one target; {args.model} holds {len(folders)}. Name one of "
                            f"its folders: {listed(folders.values())}.")  # fmt: skip
    out = args.out or f"{os.path.normpath(args.model)}.fixed"
    if args.fix:
        check_folder(out, args.force)
    say, found = saying(args), {}
    for name, folder in folders.items():
        rows, again, options, found[name] = _diagnose(args, folder)
        if not args.json:
            head = ("\n" if len(found) > 1 else "") + say(f"target {name!r}:") + "\n" if name else ""
            tried = count(found[name].trainings, "network")
            about = say(f"{folder}, {args.data}: {count(rows, 'row')} to train on; {tried} trained to find out")
            write(f"{head}{about}\n{found[name].text(args.lang)}\n", sys.stdout)
        if args.fix:
            status = _fix(args, again, options, found[name], out)
    if args.json:
        plain = {name: [f.to_config() for f in one] for name, one in found.items()}
        write(json.dumps(plain.get("", plain), indent=2, ensure_ascii=False) + "\n", sys.stdout)
    return status


def _diagnose(args: argparse.Namespace, folder: str) -> tuple[int, argparse.Namespace, Any, Any]:
    """(rows to train on, the arguments of the training, its Options, what was found) of one model."""
    from ..insight.diagnosis.tables import diagnose_table
    from ..insight.receipt import read_receipt
    from ..tabular import TableModel
    from ..tabular.problem import read_problem
    from .fit import options_of
    from .verify import recorded

    model, receipt = TableModel.load(folder), read_receipt(folder)
    again = recorded(receipt, args)
    again.words = [word for word in receipt["command"] if word != "--fix"]
    options = options_of(again)
    problem = read_problem(args.data, options)
    return len(problem.train), again, options, diagnose_table(problem, options, model)


def _fix(args: argparse.Namespace, again: argparse.Namespace, options: Any, found: Any, out: str) -> int:
    """Train again with what is proven to help; save it if it is better."""
    from ..tabular import final_table
    from .documents import documents
    from .fit import save_somewhere
    from .fixing import refit, validation_score

    say = saying(args)
    display = Display(sys.stderr if args.json else sys.stdout, quiet=False, say=say)
    fitted = refit(again, options, found.kept, validation_score(_metrics(args.model)), display)
    if fitted is None:
        return 0
    table = final_table(fitted.metrics, say)
    display.line("")
    display.line(table)
    again.lang, again.debug, again.fix, again.interrupted = args.lang, args.debug, True, False
    texts = {"report.txt": "\n".join([*display.lines, ""]), **documents(again, fitted, out, list(found))}
    place, status = save_somewhere(fitted, out, texts)
    display.line("")
    display.line(f"saved in {place}")
    return status


def _metrics(folder: str) -> dict[str, Any]:
    from ..files import read_bytes

    path = os.path.join(folder, "metrics.json")
    content = read_bytes(path)
    try:
        found: dict[str, Any] = json.loads(content)
    except ValueError as error:
        raise FileError(f"{path} is damaged ({error}). Fit the model again.") from None
    return found
