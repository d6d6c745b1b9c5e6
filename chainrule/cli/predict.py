"""`chainrule predict MODEL DATA`: answers for new rows, in the order of the input."""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
from typing import Any

from ..errors import FileError
from .arguments import add_reading_arguments, note, reading, write


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "predict", help="apply a saved network to new rows",
        description="Write a CSV with a column `prediction` and, for classes, one column `p_<label>` each. Its rows "
        "are those of DATA, in the same order. Columns of DATA may stand in any order; those that the model does not "
        "know are ignored.",
    )  # fmt: skip
    p.add_argument("model", metavar="MODEL", help="a folder written by `chainrule fit`")
    p.add_argument("data", metavar="DATA", help="a table with the columns of the training table")
    p.add_argument("--out", metavar="FILE", help="where to write the CSV (default: standard output)")
    p.add_argument("--force", action="store_true", help="replace FILE")
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..data import read_table
    from ..files import write_atomically
    from ..tabular import TableModel
    from ..tabular.words import count

    if args.out is not None and os.path.lexists(args.out) and not args.force:
        raise FileError(f"{args.out} exists already. Choose another --out, or replace it with --force.")
    model = TableModel.load(args.model)
    table = read_table(args.data, known_names=model.names, **reading(args))
    notes: list[str] = []
    outputs = model.outputs(table, notes)
    for text in notes:
        note(text)
    text = predictions_text(model, outputs)
    if args.out is None:
        write(text, sys.stdout)
        return 0
    write_atomically(args.out, text.encode())
    write(f"{count(len(table), 'prediction')} written to {args.out}\n", sys.stdout)
    return 0


def predictions_text(model: Any, outputs: Any) -> str:
    """The CSV: `prediction`, then `p_<label>` for classes.

    Args:
        model: TableModel.
        outputs: float64 array, from `model.outputs`.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["prediction", *(f"p_{label}" for label in model.target.labels)])
    if model.target.is_classification:
        answers = model.answers(outputs)
        writer.writerows([a, *(f"{p:.9g}" for p in row)] for a, row in zip(answers, outputs.tolist(), strict=True))
    else:
        writer.writerows([f"{value:.9g}"] for value in outputs.tolist())
    return buffer.getvalue()
