"""`chainrule evaluate MODEL DATA`: the scores of a saved model on rows that have the target."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from .arguments import add_reading_arguments, chosen_header


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "evaluate", help="score a model on a table",
        description="Print the scores of a model on rows whose target is known.",
    )  # fmt: skip
    p.add_argument("model", metavar="MODEL", help="a folder written by `chainrule fit`")
    p.add_argument("data", metavar="DATA", help="a table with the columns that the model was trained on, and the target")
    p.add_argument("--json", action="store_true", help="print the scores as JSON")
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    import json

    from ..data import read_table
    from ..tabular import TableModel, final_table
    from ..tabular.scores import classification_baseline, regression_baseline

    model = TableModel.load(args.model)
    table = read_table(
        args.data, header=chosen_header(args), delimiter=args.delimiter, encoding=args.encoding,
        known_names=model.encoder.names,
    )  # fmt: skip
    encoded = model.target.encode(table)
    table, notes = table.take(encoded.rows), list(encoded.notes)
    found = model.score(model.outputs(table, notes), encoded.values)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    if args.json:
        print(json.dumps({"rows": len(table), **found}, indent=2))
        return 0
    labels = model.target.labels
    if model.target.is_classification:
        baseline = classification_baseline(encoded.values, encoded.values, len(labels))
    else:
        baseline = regression_baseline(encoded.values, encoded.values)
    print(final_table({
        "task": model.target.task, "measured_on": "data", "rows": {"data": len(table)}, "labels": list(labels),
        "data": found, "baseline": baseline,
    }))  # fmt: skip
    return 0
