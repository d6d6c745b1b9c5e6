"""`chainrule evaluate MODEL DATA`: the scores of a saved model on rows that have the target."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
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
    from ..tabular import final_table
    from ..tabular.several import load_several

    models = load_several(args.model)
    table = read_table(args.data, known_names=models[0].names, **reading(args))
    say = saying(args)
    found = {model.target.name: _scores(model, table, say) for model in models}
    if args.json:
        plain = {name: {**one, "rows": one["rows"]["data"]} for name, one in found.items()}
        only = next(iter(plain.values())) if len(plain) == 1 else plain
        write(f"{json.dumps(only, indent=2, ensure_ascii=False)}\n", sys.stdout)
        return 0
    heads = {name: "" if len(found) == 1 else say(f"target {name!r}:") + "\n" for name in found}
    write("\n\n".join(f"{heads[name]}{final_table(one, say)}" for name, one in found.items()) + "\n", sys.stdout)
    return 0


def _scores(model: Any, table: Any, say: Callable[[str], str]) -> dict[str, Any]:
    """How a model does on the rows that have its target."""
    encoded = model.target.encode(table)
    table, notes = table.take(encoded.rows), list(encoded.notes)
    scores = model.score(model.outputs(table, notes), encoded.values)
    for text in notes:
        note(text, say)
    return {
        "task": model.target.task, "target": model.target.name, "labels": list(model.target.labels),
        "rows": {"data": len(table)}, "measured_on": "data", "data": scores,
        "baseline": model.baseline(encoded.values),
    }  # fmt: skip
