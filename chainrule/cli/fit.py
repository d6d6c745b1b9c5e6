"""`chainrule fit DATA --target COLUMN`: a table in, a trained and evaluated network out."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any

from .arguments import add_reading_arguments, chosen_header


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "fit", help="train a network on a table",
        description="Read a table (CSV, TSV, compressed or not, Parquet), clean, split, train, evaluate, save.",
    )  # fmt: skip
    p.add_argument("data", metavar="DATA", help="the table")
    p.add_argument("--target", required=True, metavar="COLUMN", help="what to predict: a name, a position, or 'last'")
    p.add_argument("--out", metavar="DIR", help="where to write the model (default: DATA's name + .model)")
    p.add_argument("--force", action="store_true", help="replace DIR if it was written by an earlier fit")
    p.add_argument("--task", choices=["classification", "regression"], help="default: found out from the target")
    p.add_argument("--test", metavar="FILE", help="evaluate on a file of its own")
    p.add_argument("--test-size", type=float, default=0.2, metavar="SHARE", help="rows held out (default 0.2; 0: none)")
    p.add_argument("--seed", type=int, default=0, metavar="S", help="same seed, same result (default 0)")
    p.add_argument("--epochs", type=int, metavar="N", help="at most so many passes over the rows")
    p.add_argument("--layers", metavar="64,32", help="units of each hidden layer; 'none' for a linear model")
    p.add_argument("--batch-size", type=int, metavar="N", help="rows a training step")
    p.add_argument("--learning-rate", type=float, metavar="RATE", help="length of a training step (default 0.001)")
    p.add_argument("--dropout", type=float, metavar="SHARE", help="hidden units left out in each step")
    p.add_argument("--patience", type=int, metavar="N", help="epochs without improvement before it stops")
    p.add_argument("--drop", metavar="A,B", default="", help="columns to leave out")
    p.add_argument("--quiet", action="store_true", help="print the final table only")
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..tabular import Options, Training, check_folder, final_table, fit_table, parse_layers, save_fitted

    folder = args.out or os.path.basename(args.data).split(".")[0] + ".model"
    check_folder(folder, args.force)
    training = Training(
        layers=None if args.layers is None else parse_layers(args.layers), epochs=args.epochs,
        batch_size=args.batch_size, learning_rate=args.learning_rate, dropout=args.dropout, patience=args.patience,
    )  # fmt: skip
    options = Options(
        target=args.target, task=args.task, test=args.test, test_size=args.test_size, seed=args.seed,
        training=training, header=chosen_header(args), delimiter=args.delimiter, encoding=args.encoding,
        drop=tuple(part for part in args.drop.split(",") if part),
    )  # fmt: skip
    lines: list[str] = []
    display = _Display(args.quiet)

    def say(text: str) -> None:
        lines.append(text)
        display.line(text)

    fitted = fit_table(args.data, options, say, display.epoch)
    table = final_table(fitted.metrics)
    save_fitted(fitted, folder, "\n".join([*lines, "", table, ""]))
    display.line("")
    print(table)
    print(f"\nsaved in {folder}: the model, metrics.json, log.csv, report.txt ({fitted.metrics['seconds']:.1f} s)")
    if not args.quiet:
        print(f"next: chainrule predict {folder} NEW_ROWS.csv")
    return 130 if fitted.interrupted else 0


class _Display:
    """Epochs on the terminal: one line that changes, or a line now and then where output is written to a file."""

    def __init__(self, quiet: bool) -> None:
        self.quiet, self.moving = quiet, sys.stdout.isatty()
        self.open, self.drawn, self.printed = False, 0.0, 0

    def line(self, text: str) -> None:
        if not self.quiet:
            self._close()
            print(text, flush=True)

    def epoch(self, number: int, logs: dict[str, Any], better: bool) -> None:
        if self.quiet:
            return
        shown = ("loss", "val_loss", "accuracy", "val_accuracy", "val_mae")
        text = "".join(f"  {name} {logs[name]:.4f}" for name in shown if name in logs)
        text = f"epoch {number:>4}{text}{'  best so far' if better else ''}"
        now = time.perf_counter()
        if self.moving and now - self.drawn > 0.05:
            self.drawn, self.open = now, True
            print("\r\033[K" + text, end="", flush=True)
        elif not self.moving and (number <= 3 or number >= 1.5 * self.printed):
            self.printed = number
            print(text, flush=True)

    def _close(self) -> None:
        if self.open:
            print("\r\033[K", end="")
            self.open = False
