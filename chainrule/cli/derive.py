"""`chainrule derive MODEL [DATA]`: the mathematics of a network, with the numbers of a row or batch."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from ..errors import ArgumentError, FileError
from .arguments import add_language_argument, add_reading_arguments, note, reading, saying, write


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "derive", help="write out the mathematics of a network: formulas, gradients, updates, with numbers",
        description="Write out forward pass, loss, every gradient by the chain rule and the update of the weights, "
        "first as formulas, then with the numbers of a row (--row) or of the first 32 rows. Without DATA there are "
        "formulas and shapes.",
    )  # fmt: skip
    p.add_argument("model", metavar="MODEL", help="a folder written by `chainrule fit`, a .keras file, or a Keras "
                   "script (.py): the first model that it compiles")  # fmt: skip
    p.add_argument("data", metavar="DATA", nargs="?", help="a table with the target among its columns (a script's own "
                   "data, if it trains the model)")  # fmt: skip
    p.add_argument("--target", metavar="COLUMN", help="the column of the targets, for a .keras file or a script "
                   "(default: the last one); of a model of several targets, which (default: the first)")  # fmt: skip
    p.add_argument("--row", type=int, metavar="N", help="only this row of the data, counted from 1")
    p.add_argument("--steps", type=int, default=1, metavar="N", help="training steps on these rows (default 1)")
    p.add_argument("--network", type=int, default=1, metavar="N", help="which network of the folder (default 1)")
    p.add_argument("--notation", choices=["row", "column"], default="row",
                   help="a sample is a row, x W + b, as in Keras; or a column, W x + b (default row)")  # fmt: skip
    p.add_argument("--format", choices=["text", "html", "latex", "mermaid"], default="text", help="default text")
    add_language_argument(p, "of what stands around the formulas")
    p.add_argument("--out", metavar="FILE", help="where to write (default: standard output)")
    p.add_argument("--force", action="store_true", help="replace FILE")
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..files import write_atomically
    from ..insight.derive import derive
    from .subjects import open_subject

    if args.out is not None and os.path.lexists(args.out) and not args.force:
        raise FileError(f"{args.out} exists already. Choose another --out, or replace it with --force.")
    if args.row is not None and args.row < 1:
        raise ArgumentError(f"--row: expected a number from 1; got {args.row}.")
    subject = open_subject(args.model, args.data, args.target, args.network, **reading(args))
    for text in subject.notes:
        note(text, saying(args))
    if args.row is not None and subject.x is None:
        raise ArgumentError("--row: there are no rows; give a table after the model.")
    row = None if args.row is None else args.row - 1
    found = derive(subject.model, subject.x, subject.y, subject.weight, row=row, steps=args.steps,
                   notation=args.notation, lang=args.lang)  # fmt: skip
    text = getattr(found, args.format)()
    if args.out is None:
        write(text if text.endswith("\n") else f"{text}\n", sys.stdout)
        return 0
    write_atomically(args.out, text.encode())
    write(f"written to {args.out}\n", sys.stdout)
    return 0
