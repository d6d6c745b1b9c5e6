"""Arguments that several commands share."""

from __future__ import annotations

import argparse
from typing import Any


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """How a table is read, when it is not what it looks like."""
    group = parser.add_argument_group("reading")
    group.add_argument("--header", action="store_true", help="the first line holds names")
    group.add_argument("--no-header", action="store_true", help="the first line is data")
    group.add_argument("--delimiter", metavar="C", help="default: found out; or tab, comma, semicolon, pipe, space")
    group.add_argument("--encoding", default="utf-8", metavar="NAME", help="of the text (default utf-8)")


def chosen_header(args: argparse.Namespace) -> Any:
    """True, False, or "auto"."""
    return True if args.header else False if args.no_header else "auto"
