"""`chainrule verify MODEL DATA`: train again from the receipt of a model, and compare to the bit."""

from __future__ import annotations

import argparse
import contextlib
import io
import shlex
import sys
from typing import Any

from ..errors import FileError
from .arguments import add_language_argument, saying, write
from .display import Display


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "verify", help="train again and compare with the receipt of a model, to the bit",
        description="Train again on DATA with the options that stand in the receipt of MODEL, and compare the hashes "
        "of data, program, weights and answers. Exit status 0: all are the same; 1: something differs, which is said.",
    )  # fmt: skip
    p.add_argument("model", metavar="MODEL", help="a folder written by `chainrule fit`")
    p.add_argument("data", metavar="DATA", help="the table that the model was trained on")
    p.add_argument("--test", metavar="FILE", help="the table of test rows, if there was one and it lies elsewhere now")
    add_language_argument(p)


def main(args: argparse.Namespace) -> int:
    """Run the command.

    Returns:
        int: 0 if everything is the same, 1 if not.
    """
    from ..tabular.several import folders_of

    status = 0
    for name, folder in folders_of(args.model).items():
        if name:
            write(saying(args)(f"target {name!r}:") + "\n", sys.stdout)
        status = max(status, _verify(argparse.Namespace(**{**vars(args), "model": folder})))
    return status


def _verify(args: argparse.Namespace) -> int:
    """The same for the folder of one model."""
    from ..insight.receipt import compare, read_receipt, receipt_of, weights_hash
    from ..insight.words import Words
    from ..tabular import TableModel, fit_table
    from .fit import options_of

    words, stored = Words(args.lang), weights_hash(TableModel.load(args.model).networks)
    then = read_receipt(args.model)
    again = recorded(then, args)
    write(words("verify.training", command=shlex.join(["chainrule", *then["command"]])) + "\n", sys.stdout)
    display = Display(sys.stderr, quiet=not sys.stderr.isatty())
    fitted = fit_table(again.data, options_of(again), display)
    if fitted.interrupted:
        raise KeyboardInterrupt
    now = receipt_of(fitted, again.data, again.test, then["command"])
    found = compare(then, now)
    for name, same in found.items():
        state = words("verify.same" if same else "verify.differs")
        write(f"  {words.labelled(words(f'receipt.{name}'), state)}\n", sys.stdout)
    kept = stored == then["hashes"]["weights"]
    state = words("verify.folder_same" if kept else "verify.folder_differs")
    write(f"  {words.labelled(words('verify.folder'), state)}\n", sys.stdout)
    why = _why(words, args, then, now, found) if kept else words("verify.why_folder", model=args.model)
    verified = kept and found["weights"] and found["answers"] and found["data"]
    end = words("verify.all", data=args.data) if verified else words("verify.not", what=why)
    write(f"{end}\n", sys.stdout)
    return 0 if verified else 1


def recorded(receipt: dict[str, Any], args: argparse.Namespace) -> argparse.Namespace:
    """The arguments of the training, on the data that are there now.

    Raises:
        FileError: the command in the receipt is none of `chainrule fit`.
    """
    from . import parser_for

    try:
        with contextlib.redirect_stderr(io.StringIO()):
            again = parser_for(receipt["command"])[0].parse_args(receipt["command"])
        if again.command != "fit":
            raise ValueError(again.command)
    except (SystemExit, ValueError, TypeError, AttributeError):
        raise FileError(
            f"{args.model}: the command in its receipt, {receipt['command']!r}, is none that this chainrule can run. "
            "Use the version that trained it, or fit the model again."
        ) from None
    again.data, again.test = args.data, args.test or again.test
    return again


def _why(words: Any, args: argparse.Namespace, then: Any, now: Any, found: dict[str, bool]) -> str:
    """What explains best that something differs."""
    if then["interrupted"]:
        return words("verify.why_interrupted")
    if not found["data"]:
        return words("verify.why_data", data=args.data)
    if not found.get("test", True):
        return words("verify.why_test", data=args.test or "")
    if not found["program"]:
        both = {"now": now["versions"]["chainrule"], "then": then["versions"]["chainrule"]}
        return words("verify.why_program", **both)
    if not found["machine"]:
        parts = [(then["machine"]["processor"], now["machine"]["processor"]),
                 *((f"{k} {then['versions'].get(k)}", f"{k} {v}") for k, v in now["versions"].items())]  # fmt: skip
        return words("verify.why_machine", what="; ".join(f"{a} → {b}" for a, b in parts if a != b) or "-")
    return words("verify.why_weights")
