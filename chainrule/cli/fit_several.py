"""`chainrule fit DATA --target a,b`: a model for each of several targets."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from typing import Any

from .arguments import reading, saying, write
from .display import Display
from .fixing import say_gate


def targets(args: argparse.Namespace) -> tuple[Any, list[str]]:
    """The table and its targets, where the argument may name several.

    Args:
        args: of `chainrule fit`.
    """
    from ..data import read_table
    from ..tabular.several import targets_of

    table = read_table(args.data, **reading(args))
    return table, targets_of(table, args.target)


def fit_several(args: argparse.Namespace, table: Any, names: list[str], options: Any, folder: str) -> int:
    """Fit a model for each target; none learns from another target.

    Args:
        args: of `chainrule fit`.
        table: Table.
        names: list of str. The targets.
        options: Options. A budget is shared by all.
        folder: str. Where the models go.

    Returns:
        int: 0; 130 after Ctrl-C.
    """
    from ..tabular import final_table, fit_table
    from ..tabular.several import save_several

    say = saying(args)
    display = Display(sys.stdout, args.quiet, say)
    display.line(f"{len(names)} targets, a model each: {', '.join(names)}")
    done: list[Any] = []
    shown: list[str] = []
    budget = None if options.budget is None else options.budget / len(names)
    for name in names:
        others = tuple(other for other in names if other != name)
        display.line("")
        own = replace(options, target=name, drop=(*options.drop, *others), budget=budget, stream=False)
        done.append(fit_table(table, own, display))
        found = say_gate(done[-1], display, args.quiet, args.lang)
        done[-1].metrics["findings"] = [finding.to_config() for finding in found]
        shown.append(say(f"target {name!r}:") + "\n" + final_table(done[-1].metrics, say))
        if done[-1].interrupted:
            break
    display.line("")
    result = "\n\n".join(shown)
    write(f"{result}\n\n", sys.stdout)
    texts = [{"report.txt": text + "\n"} for text in shown]
    save_several(folder, done, texts, "\n".join([*display.lines, result, ""]))
    write(say(f"saved in {folder}: a folder for each target") + "\n", sys.stdout)
    display.line(f"next: chainrule predict {shlex.quote(folder)} NEW_ROWS.csv")
    return 130 if done[-1].interrupted else 0
