"""`chainrule play DATA`: a local page on which a network learns two columns of a table while a person changes it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from .arguments import add_language_argument, add_reading_arguments, note, reading, saying, write


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "play", help="watch a network learn two columns of a table, and change it meanwhile, on a local page",
        description="Serve a page on this machine (127.0.0.1, nobody else sees it) on which a network learns two "
        "columns of a table. Layers, units, activation, optimizer and learning rate can be changed while it trains; "
        "decision boundary, loss, weights and gradients are drawn as they move. Ctrl-C ends it.",
    )  # fmt: skip
    p.add_argument("data", metavar="DATA", help="the table")
    p.add_argument("--target", default="last", metavar="COLUMN", help="what to predict (default: the last column)")
    p.add_argument("--port", type=int, default=8421, metavar="N", help="default 8421; 0: any that is free")
    add_language_argument(p, "of the page")
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command; returns 0 after Ctrl-C, which is how it ends."""
    from ..data import read_table
    from ..insight.play import Playground, read_points

    points = read_points(read_table(args.data, **reading(args)), args.target)
    for text in points.notes:
        note(text, saying(args))
    playground = Playground(points, args.port, args.lang)
    try:
        write(f"open {playground.address} in a browser; Ctrl-C ends it\n", sys.stdout)
        playground.serve()
    except KeyboardInterrupt:
        write("\nended\n", sys.stdout)
    return 0
