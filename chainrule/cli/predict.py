"""`chainrule predict MODEL DATA`: answers for new rows, in the order of the input."""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import os
import sys
from typing import Any

from ..errors import FileError
from .arguments import add_language_argument, add_reading_arguments, note, reading, saying, write

_SEPARATOR = "|"  # between the classes of a set


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
    p.add_argument("--coverage", type=float, metavar="SHARE", help="also write what holds the truth for at least "
                   "that share of rows: an interval (`low`, `high`), or a set of classes (`set`)")  # fmt: skip
    p.add_argument("--out", metavar="FILE", help="where to write the CSV (default: standard output)")
    p.add_argument("--force", action="store_true", help="replace FILE")
    add_language_argument(p)
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..data import read_table
    from ..files import write_atomically
    from ..tabular.several import load_several
    from ..tabular.words import count

    if args.out is not None and os.path.lexists(args.out) and not args.force:
        raise FileError(f"{args.out} exists already. Choose another --out, or replace it with --force.")
    models = load_several(args.model)
    table = read_table(args.data, known_names=models[0].names, **reading(args))
    notes: list[str] = []
    rows = [_rows(model, table, notes, args.coverage, len(models) > 1) for model in models]
    for text in dict.fromkeys(notes):
        note(text, saying(args))
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([*itertools.chain(*row)] for row in zip(*rows, strict=True))
    text = buffer.getvalue()
    if args.out is None:
        write(text, sys.stdout)
        return 0
    write_atomically(args.out, text.encode())
    write(saying(args)(f"{count(len(table), 'prediction')} written to {args.out}") + "\n", sys.stdout)
    return 0


def _rows(model: Any, table: Any, notes: list[str], coverage: float | None, several: bool) -> list[list[Any]]:
    """The answers of one model; where there are several, the name of each target stands in the head."""
    outputs = model.outputs(table, notes)
    rows = prediction_rows(model, outputs, None if coverage is None else model.within(outputs, coverage))
    if several:
        rows[0] = [f"{model.target.name} {name}" for name in rows[0]]
    return rows


def prediction_rows(model: Any, outputs: Any, within: Any = None) -> list[list[Any]]:
    """Rows of the CSV, its head first: `prediction`, then `p_<label>` for classes; then what holds the truth, if asked.

    Args:
        model: TableModel.
        outputs: float64 array, from `model.outputs`.
        within: array or None, default None. From `model.within`.
    """
    labels = model.target.labels
    if model.target.is_classification:
        head = ["prediction", *(f"p_{label}" for label in labels)]
        pairs = zip(model.answers(outputs), outputs.tolist(), strict=True)
        rows = [[answer, *(f"{p:.9g}" for p in row)] for answer, row in pairs]
        more = ["set"], lambda inside: [_SEPARATOR.join(n for n, there in zip(labels, inside, strict=True) if there)]
    else:
        head, rows = ["prediction"], [[f"{value:.9g}"] for value in outputs.tolist()]
        more = ["low", "high"], lambda ends: [f"{end:.9g}" for end in ends]
    if within is not None:
        head += more[0]
        rows = [row + more[1](one) for row, one in zip(rows, within.tolist(), strict=True)]
    return [head, *rows]
