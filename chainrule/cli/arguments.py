"""What several commands share: arguments, and how they print."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

from .. import config


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """How a table is read, when it is not what it looks like."""
    group = parser.add_argument_group("reading", "Found out from the file; to be given where that goes wrong.")
    header = group.add_mutually_exclusive_group()
    header.add_argument("--header", action="store_true", help="the first line holds names")
    header.add_argument("--no-header", action="store_true", help="the first line is data")
    group.add_argument("--delimiter", metavar="C", help="one character, or tab, comma, semicolon, pipe, space")
    group.add_argument("--query", metavar="SQL", help="of a database: a SELECT in place of a table")
    group.add_argument("--encoding", default="utf-8", metavar="NAME", help="of the text (default utf-8)")


def reading(args: argparse.Namespace) -> dict[str, Any]:
    """The arguments of `read_table` that `add_reading_arguments` asked for."""
    header = True if args.header else False if args.no_header else "auto"
    return {"header": header, "delimiter": args.delimiter, "encoding": args.encoding, "query": args.query}


def add_language_argument(parser: argparse.ArgumentParser, of: str = "of what is printed") -> None:
    """In which language a command speaks."""
    about = f"{of}: English or Chinese (default en)"
    parser.add_argument("--lang", choices=["en", "zh"], default=config.language(), help=about)


def saying(args: argparse.Namespace) -> Callable[[str], str]:
    """What makes a sentence in the language that was asked for of an English one."""
    if args.lang == "en":
        return str
    from ..insight.words import Words

    return Words(args.lang).sentence


def say_error(text: str) -> None:
    """Print what went wrong, in one line on standard error."""
    from ..insight.words import Words

    words = Words(config.language())
    write(f"chainrule: {words.labelled(words.term('error'), words.sentence(text))}\n", sys.stderr)


def write(text: str, stream: TextIO) -> bool:
    """Print text whatever the terminal can show: signs that it cannot are written as `\\uXXXX`.

    Returns:
        bool: False if nobody reads any more (`| head`); then nothing more is to be printed.
    """
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            known = stream.encoding or "ascii"
            stream.write(text.encode(known, "backslashreplace").decode(known))
        stream.flush()
    except BrokenPipeError:
        _leave(stream)
        return False
    return True


def _leave(stream: TextIO) -> None:
    """Nobody reads: what Python still holds back goes nowhere, so that it does not complain when it ends."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def note(text: str, say: Callable[[str], str] = str) -> None:
    """Print a note to standard error, in the language of `say`."""
    write(say(f"note: {text}") + "\n", sys.stderr)
