"""`chainrule explain MODEL DATA`: which columns matter, why a row got its answer, what would change it."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from typing import Any

from .arguments import add_language_argument, add_reading_arguments, note, reading, saying, write


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "explain", help="show which columns matter and why a row got its answer",
        description="Of a model: the importance of each column, effect curves, interactions. With --row, of one row: "
        "what each column contributes, rows like it, and the smallest change that leads to another decision. A model "
        "folder holds no rows, so rows to compare with are those of DATA, or of --train FILE.",
    )  # fmt: skip
    p.add_argument("model", metavar="MODEL", help="a folder written by `chainrule fit`")
    p.add_argument("data", metavar="DATA", help="a table with the columns of the training table")
    p.add_argument("--row", type=int, metavar="N", help="explain the N-th row of DATA (the first is 1)")
    p.add_argument("--train", metavar="FILE", help="the training table: rows to compare with")
    p.add_argument("--by", metavar="COLUMN", action="append", default=[],
                   help="rates, errors and calibration by group (repeatable)")  # fmt: skip
    p.add_argument("--fixed", metavar="COLUMN", nargs="+", action="extend", default=[],
                   help="columns that a change must not touch")  # fmt: skip
    p.add_argument("--want", metavar="ANSWER", help="the decision that a change leads to; of values '>100' or '<100'")
    p.add_argument("--output", metavar="CLASS", help="the class that is explained (default: the one decided on)")
    p.add_argument("--columns", type=int, default=6, metavar="N",
                   help="columns of which curves and interactions are shown (default 6)")  # fmt: skip
    p.add_argument("--seed", type=int, default=0, metavar="S", help="same seed, same result (default 0)")
    add_language_argument(p)
    p.add_argument("--json", action="store_true", help="print everything as JSON")
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..errors import ArgumentError
    from ..insight.explain import as_plain
    from ..tabular.several import folders_of

    if args.columns < 1:
        raise ArgumentError(f"--columns: expected a number from 1; got {args.columns}.")
    found = {}
    for name, folder in folders_of(args.model).items():
        found[name] = _explain(args, folder)
        if not args.json:
            head = ("\n" if len(found) > 1 else "") + saying(args)(f"target {name!r}:") + "\n" if name else ""
            write(f"{head}{_text(args, found[name])}\n", sys.stdout)
    if args.json:
        plain = {name: as_plain(one) for name, one in found.items()}
        write(json.dumps(plain.get("", plain), indent=2, ensure_ascii=False) + "\n", sys.stdout)
    return 0


def _explain(args: argparse.Namespace, folder: str) -> Any:
    """The explanation of one model, or of a row."""
    from ..data import read_table
    from ..errors import ArgumentError
    from ..insight import explain
    from ..tabular import TableModel

    model = TableModel.load(folder)
    tables = [read_table(path, known_names=model.names, **reading(args)) for path in (args.data, args.train) if path]
    about = explain.subject(model, tables[0], train=tables[1] if args.train else None)
    if args.row is not None and not 1 <= args.row <= about.rows:
        raise ArgumentError(f"--row: expected a row from 1 to {about.rows} of {args.data}; got {args.row}.")
    for name in args.fixed or ():
        if name not in tables[0].names:
            about.column(name)  # which says what there is
    progress = _Progress(args.lang)
    about.watch = progress.asked
    found: Any
    try:
        if args.row is None:
            found = explain.explain_model(about, columns=args.columns, by=args.by, seed=args.seed, language=args.lang,
                                          tell=progress.begin)  # fmt: skip
        else:
            found = explain.explain_row(about, args.row - 1, output=args.output, fixed=args.fixed, want=args.want,
                                        seed=args.seed, language=args.lang, tell=progress.begin)  # fmt: skip
    finally:
        progress.end()
    for sentence in found.notes:
        note(sentence, saying(args))
    return found


def _text(args: argparse.Namespace, found: Any) -> str:
    from ..insight import explain

    show = explain.model_text if args.row is None else explain.row_text
    return _drawable(show(found, args.lang))


def _drawable(text: str) -> str:
    """The text with signs that the terminal can show."""
    from ..insight.explain import PLAIN

    try:
        "█→".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return text.translate(PLAIN)
    return text


class _Progress:
    """A line on a terminal that says what is being computed; nothing where errors go to a file."""

    def __init__(self, language: str) -> None:
        self.language, self.what, self.drawn, self.open = language, "", 0.0, False

    def begin(self, what: str) -> None:
        """Something else is being computed now."""
        self.what, self.drawn = what, time.perf_counter()

    def asked(self, rows: int) -> None:
        """The model has been asked about so many rows."""
        from ..insight.words import Words
        from ..tabular.words import shortened

        now = time.perf_counter()
        if not sys.stderr.isatty() or now - self.drawn < 0.5:
            return
        self.drawn, self.open = now, True
        text = Words(self.language)("why.doing.asked", what=self.what, rows=rows)
        write(f"\r\033[K{shortened(text, shutil.get_terminal_size().columns - 1)}", sys.stderr)

    def end(self) -> None:
        """All is computed: the line goes away."""
        if self.open:
            write("\r\033[K", sys.stderr)
        self.open = False
