"""`chainrule predict MODEL DATA`: answers for new rows, in the order of the input."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from typing import Any

from .arguments import add_reading_arguments, chosen_header


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "predict", help="answers for new rows",
        description="Write a CSV with a column `prediction` and, for classes, one column `p_<label>` each.",
    )  # fmt: skip
    p.add_argument("model", metavar="MODEL", help="a folder written by `chainrule fit`")
    p.add_argument("data", metavar="DATA", help="a table with the columns that the model was trained on, in any order")
    p.add_argument("--out", metavar="FILE", help="where to write the CSV (default: the terminal)")
    p.add_argument("--force", action="store_true", help="replace FILE")
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..data import read_table
    from ..files import write_atomically
    from ..tabular import TableModel

    model = TableModel.load(args.model)
    table = read_table(
        args.data, header=chosen_header(args), delimiter=args.delimiter, encoding=args.encoding,
        known_names=model.encoder.names,
    )  # fmt: skip
    notes: list[str] = []
    outputs = model.outputs(table, notes)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    text = predictions_text(model, outputs)
    if args.out is None:
        sys.stdout.write(text)
        return 0
    write_atomically(args.out, text.encode(), overwrite=args.force)
    print(f"{len(table)} predictions written to {args.out}")
    return 0


def predictions_text(model: Any, outputs: Any) -> str:
    """The CSV: `prediction`, then `p_<label>` for classes."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["prediction", *(f"p_{label}" for label in model.target.labels)])
    for row, answer in enumerate(model.answers(outputs)):
        if model.target.is_classification:
            writer.writerow([answer, *(f"{p:.6f}" for p in outputs[row])])
        else:
            writer.writerow([f"{answer:.9g}"])
    return buffer.getvalue()
