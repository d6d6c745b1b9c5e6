"""`chainrule fit DATA --target a,b`: a model for each of several targets."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .arguments import reading, saying, write
from .display import Display
from .documents import as_file, facts_of, receipt_for, report
from .fixing import fix, say_gate, together


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
    from ..tabular.several import save_several

    say = saying(args)
    display = Display(sys.stdout, args.quiet, say)
    display.line(f"{len(names)} targets, a model each: {', '.join(names)}")
    done, interrupted = _fit_each(args, table, names, options, folder, display)
    display.line("")
    result = "\n\n".join(one.shown for one in done)
    write(f"{result}\n\n", sys.stdout)
    whole = {
        "report.txt": "\n".join([*display.lines, result, ""]),
        **as_file({one.args.target: one.receipt for one in done}),
        **report(args, [one.facts for one in done]),
    }
    save_several(folder, [one.fitted for one in done], [one.texts for one in done], whole)
    write(say(f"saved in {folder}: a folder for each target") + "\n", sys.stdout)
    display.line(f"next: chainrule predict {shlex.quote(folder)} NEW_ROWS.csv")
    return 130 if interrupted else 0


@dataclass(frozen=True)
class _Done:
    """One target: its own arguments, what was trained, what its report is made from, and the files beside its model."""

    args: argparse.Namespace
    fitted: Any
    facts: Any
    shown: str
    receipt: dict[str, Any]
    texts: dict[str, str]


def _fit_each(
    args: argparse.Namespace, table: Any, names: list[str], options: Any, folder: str, display: Display
) -> tuple[list[_Done], bool]:
    """One after another; after Ctrl-C those that there are, and that it was pressed."""
    done: list[_Done] = []
    try:
        for name in names:
            display.line("")
            done.append(_fit_one(args, table, name, names, options, folder, display))
            if done[-1].fitted.interrupted or done[-1].args.interrupted:
                return done, True
    except KeyboardInterrupt:
        if not done:
            raise
        return done, True
    return done, False


def _fit_one(
    args: argparse.Namespace, table: Any, name: str, names: list[str], options: Any, folder: str, display: Display
) -> _Done:
    from ..tabular import final_table, fit_table
    from ..tabular.several import place_of

    say = saying(args)
    others = tuple(other for other in names if other != name)
    budget = None if options.budget is None else options.budget / len(names)
    own = replace(options, target=name, drop=(*options.drop, *others), budget=budget, stream=False)
    words = own_words(args.words, name, others, budget)
    arguments = argparse.Namespace(**{**vars(args), "target": name, "words": words})
    fitted, found = fit_table(table, own, display), list[Any]()
    fitted.metrics["data"] = os.path.basename(args.data)
    if args.fix and not fitted.interrupted:
        fitted, found = fix(fitted, arguments, own, display)
    found = together(found, say_gate(fitted, display, args.quiet, args.lang))
    fitted.metrics["findings"] = [finding.to_config() for finding in found]
    shown = say(f"target {name!r}:") + "\n" + final_table(fitted.metrics, say)
    place = os.path.join(folder, place_of(names.index(name) + 1, name))
    receipt = receipt_for(arguments, fitted, place)
    facts = facts_of(arguments, fitted, receipt, found)
    texts = {"report.txt": shown + "\n", **as_file(receipt), **report(arguments, [facts])}
    return _Done(arguments, fitted, facts, shown, receipt, texts)


def own_words(words: Sequence[str], name: str, others: Sequence[str], budget: float | None) -> list[str]:
    """The command that trains the model of one target alone.

    Args:
        words: sequence of str. The words that train all of them.
        name: str. The target.
        others: sequence of str. The other targets, which it must not learn from.
        budget: float or None. Its share of the time, in seconds.

    >>> own_words(["fit", "t.csv", "--target", "a,b", "--time", "60s", "--out", "m"], "a", ["b"], 30.0)
    ['fit', 't.csv', '--out', 'm', '--target=a', '--drop=b', '--budget=30s']
    """
    from ..tabular.options import parse_duration

    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option in ("--target", "--budget", "--time"):
            value = value if equals else next(rest, "")
            kept += [option, value] if option == "--time" and parse_duration(value) is None else []
        else:
            kept.append(word)
    more = [] if budget is None else [f"--budget={budget:g}s"]
    return [*kept, f"--target={name}", *(f"--drop={other}" for other in others), *more]
