"""The command `chainrule`: one file a command, imported when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from types import ModuleType

from .. import __version__, config
from ..errors import ChainruleError, did_you_mean

# What `chainrule --help` says of each command. The module of that name has `add_parser(subparsers)`, which adds its
# arguments, and `main(args)`, which returns the exit status.
COMMANDS = {
    "inspect": "say what is in a table, and what is wrong with it",
    "fit": "train a network on a table, evaluate it and save it",
    "predict": "apply a saved network to new rows",
    "evaluate": "measure a saved network on rows with known answers",
    "diagnose": "say what is wrong with a model and its table, and what is proven to help",
    "lint": "say which classical mistakes are in a Python script",
    "verify": "train again and compare with the receipt of a model, to the bit",
    "explain": "show which columns matter and why a row got its answer",
    "derive": "write out the mathematics of a network: formulas, gradients, updates, with numbers",
    "play": "watch a network learn two columns of a table, and change it meanwhile, on a local page",
    "run": "run a Keras or TensorFlow script on chainrule",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        argv: the words after `chainrule` (default None: those of this process).

    Returns: the exit status: 0; 2 after an error, with one line on standard error that says which; 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    parser, modules = parser_for(words)
    args = parser.parse_args(words)
    if args.command is None:
        parser.print_help()
        return 0
    args.words = words
    before = config.language()
    config.set_language(getattr(args, "lang", before))
    try:
        return int(modules[args.command].main(args))
    except (ChainruleError, KeyboardInterrupt) as error:
        if args.debug:
            raise
        return _failed(error)
    finally:
        config.set_language(before)


def _failed(error: BaseException) -> int:
    """Say in one line why a command ended early. Returns its exit status."""
    from ..insight.words import Words
    from .arguments import say_error, write

    if isinstance(error, KeyboardInterrupt):
        write(f"chainrule: {Words(config.language()).sentence('interrupted')}\n", sys.stderr)
        return 130
    say_error(str(error))
    return 2


def parser_for(words: Sequence[str]) -> tuple[argparse.ArgumentParser, dict[str, ModuleType]]:
    """The parser, and the modules of commands; only that of the command that is asked for is imported.

    Args:
        words: the words after `chainrule`.
    """
    parser = argparse.ArgumentParser(
        prog="chainrule", description="A deep-learning system. `chainrule COMMAND --help` explains a command."
    )
    parser.add_argument("--version", action="version", version=f"chainrule {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the Python traceback of an error")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    asked = next((word for word in words if not word.startswith("-")), None)
    if asked is not None and asked not in COMMANDS:
        parser.error(f"there is no command {asked!r}.{did_you_mean(asked, COMMANDS)} Commands: {', '.join(COMMANDS)}.")
    modules = {}
    for name, about in COMMANDS.items():
        if name == asked:
            modules[name] = importlib.import_module(f".{name}", __name__)
            modules[name].add_parser(subparsers)
            # SUPPRESS: `chainrule --debug run ...` must not be undone by the default of the command
            subparsers.choices[name].add_argument(
                "--debug", action="store_true", default=argparse.SUPPRESS, help="show the Python traceback of an error"
            )
        else:
            subparsers.add_parser(name, help=about)
    return parser, modules
