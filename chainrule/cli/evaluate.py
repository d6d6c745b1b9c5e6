"""`chainrule evaluate MODEL DATA`: the scores of a saved model on rows that have the target."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from .arguments import add_language_argument, add_reading_arguments, note, reading, saying, write


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "evaluate", help="measure a saved network on rows with known answers",
        description="Print the scores of a model on rows whose target is known, beside those of the baseline: the "
        "commonest class, or the mean, of the rows that the model was trained on.",
    )  # fmt: skip
    p.add_argument("model", metavar="MODEL", help="a folder written by `chainrule fit`")
    p.add_argument("data", metavar="DATA", help="a table with the columns of the training table, the target among them")
    p.add_argument("--json", action="store_true", help="print the scores as JSON")
    add_language_argument(p)
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..data import read_table
    from ..tabular import TableModel, final_table

    model = TableModel.load(args.model)
    table = read_table(args.data, known_names=model.names, **reading(args))
    encoded = model.target.encode(table)
    table, notes = table.take(encoded.rows), list(encoded.notes)
    scores = model.score(model.outputs(table, notes), encoded.values)
    for text in notes:
        note(text, saying(args))
    found = {
        "task": model.target.task, "target": model.target.name, "labels": list(model.target.labels),
        "rows": {"data": len(table)}, "measured_on": "data", "data": scores,
        "baseline": model.baseline(encoded.values),
    }  # fmt: skip
    as_json = json.dumps({**found, "rows": len(table)}, indent=2, ensure_ascii=False)
    write(f"{as_json if args.json else final_table(found, saying(args))}\n", sys.stdout)
    return 0
