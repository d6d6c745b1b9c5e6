"""`chainrule fit DATA --target COLUMN`: a table in, trained and evaluated networks out."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from typing import Any

from ..errors import ArgumentError, FileError
from .arguments import add_language_argument, add_reading_arguments, reading, say_error, saying, write
from .display import Display
from .documents import documents
from .fit_several import fit_several, targets
from .fixing import fix, say_gate, together

FIND = "find"


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "fit", help="train a network on a table, evaluate it and save it",
        description="Read a table (CSV, TSV, compressed or not, JSON, Excel, Parquet, Feather, SQLite or the URL of a "
        "database), clean, split, train, evaluate, save.",
    )  # fmt: skip
    p.add_argument("data", metavar="DATA", help="the table")
    p.add_argument("--target", required=True, action=_Targets, metavar="COLUMN",
                   help="what to predict: a name, a position, or 'last'; several with commas, or repeated")  # fmt: skip
    p.add_argument("--out", metavar="DIR", help="where to write the model (default: DATA's name and .model)")
    p.add_argument("--force", action="store_true", help="replace DIR if it was written by an earlier fit")
    p.add_argument("--task", choices=["classification", "regression"], help="default: found out from the target")
    p.add_argument("--test", metavar="FILE", help="evaluate on a file of its own, and train on every row of DATA")
    p.add_argument("--test-size", type=float, default=0.2, metavar="SHARE",
                   help="rows held out to evaluate on (default 0.2; 0: none, all rows are for training)")  # fmt: skip
    p.add_argument("--drop", metavar="COLUMN", action="append", default=[], help="leave a column out (repeatable)")
    p.add_argument("--missing", metavar="[COLUMN=]VALUE", action="append", default=[],
                   help="a value that stands for a missing one (repeatable)")  # fmt: skip
    p.add_argument("--group", metavar="COLUMN", help="rows of one group (patient, household) are held out together")
    p.add_argument("--time", metavar="COLUMN", action="append", default=[],
                   help="hold out the latest rows by this column; a duration such as 60s is --budget")  # fmt: skip
    p.add_argument("--weights", metavar="COLUMN", help="how much each row counts in training")
    p.add_argument("--balance", action="store_true", help="let every class count the same in training")
    p.add_argument("--threshold", metavar="WORD", help="of two classes: from which probability on the second is the "
                   "answer; f1 or balanced: the one best for that on validation rows")  # fmt: skip
    p.add_argument("--stream", action="store_true", default=None,
                   help="read piece by piece, train from disk (default: if memory would be full)")  # fmt: skip
    p.add_argument("--budget", metavar="TIME", help="time that the training may take, such as 60s or 5min")
    p.add_argument("--seed", type=int, default=0, metavar="S", help="same seed, same result (default 0)")
    add_language_argument(p, "of the report and of what is printed")
    p.add_argument("--quiet", action="store_true", help="print the final table only")
    p.add_argument("--fix", action="store_true", help="say what is wrong, try what may help on folds, and train again "
                   "with what is proven to")  # fmt: skip
    p.add_argument("--preset", metavar="KIND", help="what kind of network: mlp, resnet, tabm, realmlp, wide-and-deep, "
                   "ft-transformer, or auto: several kinds, weighted (the default)")  # fmt: skip
    _add_training_arguments(p.add_argument_group("training", "Chosen from the number of rows; to be set by hand:"))
    add_reading_arguments(p)


class _Targets(argparse.Action):
    """Repeated, the targets stand with commas between them."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        before = getattr(namespace, self.dest)
        setattr(namespace, self.dest, values if before is None else f"{before},{values}")


def _add_training_arguments(group: Any) -> None:
    group.add_argument("--layers", metavar="64,32", help="units of each hidden layer; 'none' for a linear model")
    group.add_argument("--networks", type=int, metavar="N", help="networks that are trained and averaged")
    group.add_argument("--folds", type=int, metavar="K", help="cut the rows into so many parts, train without each "
                       "in turn: cross-validation")  # fmt: skip
    group.add_argument("--search", action="store_true", help="first search for layers, rates and dropout, in half "
                       "of the time (needs chainrule[search])")  # fmt: skip
    group.add_argument("--epochs", type=int, metavar="N", help="at most so many passes over the rows")
    group.add_argument("--patience", type=int, metavar="N", help="epochs without improvement before it stops")
    group.add_argument("--batch-size", type=int, metavar="N", help="rows a training step")
    group.add_argument("--learning-rate", type=_rate, metavar="RATE", help="length of a training step; find: by trying")
    group.add_argument("--weight-decay", type=float, metavar="RATE", help="pull of all weights towards 0")
    group.add_argument("--dropout", type=float, metavar="SHARE", help="hidden units left out in each step")


def _rate(text: str) -> float | str:
    """A learning rate, or that it is to be found."""
    return FIND if text == FIND else float(text)


def main(args: argparse.Namespace) -> int:
    """Run the command.

    Returns:
        int: 0; 130 after Ctrl-C; 2 if the model could only be written elsewhere.
    """
    from ..tabular import check_folder, default_folder, final_table, fit_table

    options, folder = options_of(args), args.out or default_folder(args.data)
    args.interrupted = False
    check_folder(folder, args.force)
    if "," in args.target:
        table, names = targets(args)
        if len(names) > 1:
            return fit_several(args, table, names, options, folder)
    say = saying(args)
    display = Display(sys.stdout, args.quiet, say)
    fitted, found = fit_table(args.data, options, display), list[Any]()
    if args.fix and not fitted.interrupted:
        fitted, found = fix(fitted, args, options, display)
    found = together(found, say_gate(fitted, display, args.quiet, args.lang))
    fitted.metrics["findings"] = [finding.to_config() for finding in found]
    table = final_table(fitted.metrics, say)
    display.line("")
    write(f"{table}\n\n", sys.stdout)
    texts = {"report.txt": "\n".join([*display.lines, table, ""]), **documents(args, fitted, folder, found)}
    place, status = save_somewhere(fitted, folder, texts)
    where = f"{place}{' instead' if status else ''}"
    files = "the model, report.html, metrics.json, log.csv, report.txt, receipt.json"
    files = files if "report.html" in texts else files.replace(" report.html,", "")
    write(say(f"saved in {where}: {files} ({fitted.metrics['seconds']:.1f} s)") + "\n", sys.stdout)
    display.line(f"next: chainrule predict {shlex.quote(place)} NEW_ROWS.csv")
    return 130 if fitted.interrupted or args.interrupted else status


def options_of(args: argparse.Namespace) -> Any:
    """The `Options` that the arguments stand for."""
    from ..tabular import Options, Training, parse_layers
    from ..tabular.options import parse_threshold

    training = Training(
        layers=None if args.layers is None else parse_layers(args.layers), networks=args.networks, epochs=args.epochs,
        batch_size=args.batch_size, folds=args.folds, searches=args.search, finds_rate=args.learning_rate == FIND,
        learning_rate=None if args.learning_rate == FIND else args.learning_rate, weight_decay=args.weight_decay,
        dropout=args.dropout, patience=args.patience, preset=args.preset,
    )  # fmt: skip
    return Options(
        target=args.target, task=args.task, test=args.test, test_size=args.test_size, seed=args.seed,
        training=training, drop=tuple(args.drop), missing=tuple(args.missing), group=args.group, weights=args.weights,
        stream=args.stream, balance=args.balance,
        threshold=None if args.threshold is None else parse_threshold(args.threshold),
        **_time_and_budget(args), **reading(args),
    )  # fmt: skip


def _time_and_budget(args: argparse.Namespace) -> dict[str, Any]:
    """`--time COLUMN` names an order, `--time 60s` is a budget like `--budget 60s`."""
    from ..tabular.options import parse_budget, parse_duration

    columns = [word for word in args.time if parse_duration(word) is None]
    budgets = [word for word in args.time if parse_duration(word) is not None]
    budgets += [args.budget] if args.budget is not None else []
    if len(columns) > 1 or len(budgets) > 1:
        what = "one column for the order of rows" if len(columns) > 1 else "one budget"
        raise ArgumentError(f"--time: expected {what}; got {' and '.join(columns if len(columns) > 1 else budgets)}.")
    return {"time": columns[0] if columns else None, "budget": parse_budget(budgets[0]) if budgets else None}


def save_somewhere(fitted: Any, folder: str, texts: dict[str, str]) -> tuple[str, int]:
    """Where the model was written, and the exit status. It goes elsewhere rather than be lost."""
    from ..tabular import save

    try:
        save(folder, fitted, texts)
        return folder, 0
    except FileError as error:
        say_error(str(error))
    elsewhere = tempfile.mkdtemp(prefix="chainrule-")
    try:
        save(os.path.join(elsewhere, "model"), fitted, texts)
    except FileError:
        os.rmdir(elsewhere)
        raise
    return os.path.join(elsewhere, "model"), 2
