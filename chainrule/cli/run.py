"""`chainrule run SCRIPT [ARGS...]`."""

from __future__ import annotations

import argparse
from typing import Any

from ..compat import run_script
from . import COMMANDS


def add_parser(subparsers: Any) -> None:
    """Add the arguments of the command."""
    parser = subparsers.add_parser(
        "run",
        help=COMMANDS["run"],
        usage="chainrule run [-h] [--debug] SCRIPT [ARGS...]",
        description="Run a Python script with `keras` and `tensorflow` imported from chainrule. Neither has to be "
        "installed; where one is, it stays out of the script's sight and is not touched.",
    )
    parser.add_argument("script", metavar="SCRIPT", help="the script")
    arguments = parser.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="its own arguments")
    arguments.required = False  # argparse asks for them where SCRIPT is missing


def main(args: argparse.Namespace) -> int:
    """Run the script; the result is its exit status."""
    return run_script(args.script, args.arguments, args.debug)
