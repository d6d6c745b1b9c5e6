"""`chainrule inspect DATA`: what is in a table, and what is wrong with it. Nothing is changed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .arguments import add_language_argument, add_reading_arguments, reading, write

if TYPE_CHECKING:
    from ..insight.words import Words

_MOST_COLUMNS, _MOST_FINDINGS_OF_A_KIND, _MOST_DRIFT = 60, 5, 15
_NAME, _COMMON = 24, 40
Say = Callable[[str], str]


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    p = subparsers.add_parser(
        "inspect", help="say what is in a table, and what is wrong with it",
        description="Say what each column holds, what is missing and in which disguise, and what a person should look "
        "at: outliers, copies, rare classes, columns that know the target too well, differences between two files. "
        "Nothing is changed.",
    )  # fmt: skip
    p.add_argument("data", metavar="DATA", help="the table")
    p.add_argument("--target", metavar="COLUMN", help="what is to be predicted: a name, a position, or 'last'")
    p.add_argument("--against", metavar="FILE", help="compare with another table of the same columns (test rows)")
    p.add_argument("--time", metavar="COLUMN", help="the time of each row (default: the first column of dates)")
    p.add_argument("--task", choices=["classification", "regression"], help="default: found out from the target")
    p.add_argument("--json", action="store_true", help="print all of it as JSON")
    p.add_argument("--all", action="store_true", help="print long lists to their ends")
    add_language_argument(p)
    add_reading_arguments(p)


def main(args: argparse.Namespace) -> int:
    """Run the command."""
    from ..data import read_table
    from ..data.profile import profile_table

    table = read_table(args.data, **reading(args))
    how = {**reading(args), "query": None}
    against = read_table(args.against, known_names=table.names, **how) if args.against else None
    profile = profile_table(table, args.target, against, args.time, args.task)
    if args.json:
        write(json.dumps(profile.to_config(), indent=2, ensure_ascii=False, allow_nan=False) + "\n", sys.stdout)
    else:
        write("\n".join(profile_lines(profile, args.all, args.lang)) + "\n", sys.stdout)
    return 0


def profile_lines(profile: Any, everything: bool = False, language: str = "en") -> Iterator[str]:
    """A profile as text for a terminal.

    Args:
        profile: TableProfile.
        everything: bool, default False. Whether long lists are printed to their ends.
        language: str, default "en". Or "zh".
    """
    from ..insight.words import Words
    from ..tabular.words import count

    words = Words(language)
    say = words.sentence

    yield say(f"{profile.source}: {count(profile.rows, 'row')}, {count(len(profile.columns), 'column')}")
    yield from map(say, profile.notes)
    yield from map(say, _target_lines(profile))
    yield ""
    most = len(profile.columns) if everything else _MOST_COLUMNS
    yield from _columns(profile, profile.columns[:most], say)
    if len(profile.columns) > most:
        yield say(f"... and {count(len(profile.columns) - most, 'more column')} (--all shows them)")
    if profile.target is not None:
        yield from map(say, _strongest(profile))
    if profile.against:
        yield from _drift(profile, everything, say)
    yield from _findings(profile, everything, words)


def _target_lines(profile: Any) -> Iterator[str]:
    target = profile.target
    if target is None:
        likely = [c.name for c in profile.columns if c.target_like]
        if likely:
            yield f"no --target given; it could be {' or '.join(map(repr, likely[:3]))}"
        return
    yield f"target {target.name!r}: {'a value' if target.task == 'regression' else 'classes'} ({target.reason})"
    total = sum(n for _, n in target.classes)
    shown = [f"{label} {n:,} ({n / total:.1%})" for label, n in target.classes[:8]]
    more = f", and {len(target.classes) - 8} more" if len(target.classes) > 8 else ""
    if shown:
        yield f"  {', '.join(shown)}{more}"


def _columns(profile: Any, columns: Sequence[Any], say: Say) -> Iterator[str]:
    from ..tabular.words import shortened

    head = [say(name) for name in ("column", "is", "missing", "different", "holds")]
    rows = [
        [shortened(c.name, _NAME), say(_kind(c)), _missing(c, profile.rows), f"{c.distinct:,}", _holds(c, say)]
        for c in columns
    ]
    yield from _aligned([head, *rows], right={2, 3})


def _kind(column: Any) -> str:
    note = " (target?)" if column.target_like else "" if column.used or column.kind == "target" else ", not used"
    return f"{column.kind}{note}"


def _missing(column: Any, rows: int) -> str:
    if not column.missing:
        return "-"
    spelt = ", ".join(repr(text) for text in column.spellings if text)
    return f"{column.missing:,} ({column.missing / rows:.1%}{f', {spelt}' if spelt else ''})"


def _holds(column: Any, say: Say) -> str:
    from ..tabular.words import shortened

    numbers = column.numbers
    if numbers is not None and column.kind != "boolean":
        tail = ", " + say(f"{numbers.outliers} far out") if numbers.outliers else ""
        return f"{numbers.minimum:.4g} .. {numbers.median:.4g} .. {numbers.maximum:.4g}{tail}"
    return ", ".join(f"{shortened(text, _COMMON)} {n:,}" for text, n in column.common[:3])


def _strongest(profile: Any) -> Iterator[str]:
    known = sorted((c for c in profile.columns if c.alone is not None), key=lambda c: -c.alone)[:5]
    if known and known[0].alone >= 0.01:
        yield ""
        shown = ", ".join(f"{c.name} {c.alone:.0%}" for c in known if c.alone >= 0.01)
        yield f"what one column alone tells of the target: {shown}"
        yield "ask of each of these: is it known before the target is?"


def _drift(profile: Any, everything: bool, say: Say) -> Iterator[str]:
    from ..tabular.words import shortened

    yield ""
    yield say(f"against {profile.against}, the most different columns first:")
    head = [say(n) for n in ("column", "stability index", "distance", "p", "missing", "there", "unseen")]
    shown = profile.drift if everything else profile.drift[:_MOST_DRIFT]
    rows = [
        [shortened(d.name, _NAME), f"{d.psi:.3f}", f"{d.statistic} {d.distance:.3f}", f"{d.p:.2g}",
         f"{d.missing[0]:.1%}", f"{d.missing[1]:.1%}", f"{d.unseen:.1%}"] for d in shown
    ]  # fmt: skip
    yield from _aligned([head, *rows], right={1, 2, 3, 4, 5, 6})
    if len(shown) < len(profile.drift):
        yield say(f"... and {len(profile.drift) - len(shown)} more (--all shows them)")


def _findings(profile: Any, everything: bool, words: Words) -> Iterator[str]:
    say = words.sentence
    yield ""
    if not profile.findings:
        yield say("findings: none")
        return
    shown: dict[str, int] = {}
    for finding in profile.findings:
        shown[finding.code] = shown.get(finding.code, 0) + 1
        if everything or shown[finding.code] <= _MOST_FINDINGS_OF_A_KIND:
            remedy = [words.finished(finding.remedy, is_new=True)] if finding.remedy else []
            yield words.labelled(say(finding.level), words.joined(words.finished(finding.message), *remedy))
    hidden = sum(max(0, n - _MOST_FINDINGS_OF_A_KIND) for n in shown.values())
    if hidden and not everything:
        yield say(f"... and {hidden} more of the same kinds (--all shows them)")


def _aligned(rows: Sequence[Sequence[str]], right: set[int]) -> Iterator[str]:
    from ..tabular.words import padded, width

    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [padded(cell, w, left=i in right) for i, (cell, w) in enumerate(zip(row, widths, strict=True))]
        yield "   ".join(cells).rstrip()
