"""`profile_table`: all of it in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...errors import DataError, did_you_mean, listed
from ..cells import MISSING
from ..columns import ColumnReport, inspect_column
from ..duplicates import count_duplicates
from ..table import Column, Table, TextColumn
from ..target import EncodedTarget, Target, find_target, resolve_target
from . import findings
from .alone import cells_as_bins, tells_classes, tells_values
from .disguised import suspected_numbers, suspected_words
from .drift import drift_between
from .numbers import summarize
from .structure import ColumnProfile, Suspect, TableProfile, TargetProfile

_TARGET_NAME = re.compile(
    r"(?:target|label|class|outcome|response|survived|diagnosis|species|y|churn(?:ed)?|default(?:ed)?|is_?fraud|fraud|"
    r"price|.*_(?:target|label|class))",
    re.IGNORECASE,
)
_MOST_LEVELS = 10_000


def profile_table(
    table: Table,
    target: str | int | None = None,
    against: Table | None = None,
    order: str | None = None,
    task: str | None = None,
) -> TableProfile:
    """Look at every column of a table, and at the table as a whole. Nothing is changed.

    Args:
        table: Table.
        target: str, int or None, default None. What is to be predicted, as in `resolve_target`. Without it, columns
            that look like a target are marked, and nothing is said about leakage.
        against: Table or None, default None. Another table of the same columns, such as test rows: drift, and rows that
            occur in both.
        order: str or None, default None. A column with the time of each row (numbers or dates): columns that know what
            comes later are looked for. Without it, the first column of dates.
        task: str or None, default None (found out). As in `find_target`.

    Raises:
        DataError: a column that was named is not there, or the target cannot be one.

    >>> table = Table.from_columns({"size": [1.0, 2.5, 3, 4.5] * 5, "copy": list("ab") * 10, "kind": list("xy") * 10})
    >>> profile = profile_table(table, "kind")
    >>> profile.column("size").kind, profile.target.classes
    ('number', (('x', 10), ('y', 10)))
    >>> [(finding.code, finding.columns) for finding in profile.findings if finding.level == "warning"]
    [('target-copy', ('copy',))]
    """
    found = None if target is None else find_target(table, target, task)
    if order is not None:
        order = resolve_target(table, order)
    encoded = None if found is None else found.encode(table)
    reports = {c.name: inspect_column(c, table) for c in table.columns}
    columns = tuple(_profile(c, reports[c.name], table, found, encoded) for c in table.columns)
    if found is None:
        columns = _with_likely_target(columns)
    described = None if found is None or encoded is None else _target(found, encoded)
    other = None if against is None else _comparable(against, table, found)
    kinds = {name: report.kind for name, report in reports.items()}
    drift = () if other is None else drift_between(table, other, kinds)
    about = findings.About(table, columns, reports, found, encoded, other, drift, order)
    return TableProfile(
        table.source, len(table), columns, described, count_duplicates(table), tuple(findings.find(about)), table.notes,
        "" if other is None else other.source, drift,
    )  # fmt: skip


def leaks(table: Table, target: Target, reports: Sequence[ColumnReport]) -> list[findings.Finding]:
    """Columns that are learnt from and alone know the target too well: copies of it, those that predict it.

    Args:
        table: Table.
        target: Target.
        reports: sequence of ColumnReport; only columns that are `used` are looked at.

    >>> rows = Table.from_columns({"size": [1.0, 2.5, 3, 4.5] * 10, "copy": list("ab") * 20, "kind": list("xy") * 20})
    >>> [f.columns for f in leaks(rows, find_target(rows, "kind"), [inspect_column(c, rows) for c in rows.columns])]
    [('copy',)]
    """
    encoded = target.encode(table)
    about = _about(table, target, encoded, reports)
    columns = tuple(
        replace(column, distinct=_distinct(table.column(column.name)), alone=_alone(
            table.column(column.name), about.reports[column.name], target, encoded))
        for column in about.columns
    )  # fmt: skip
    return findings.find_leaks(replace(about, columns=columns))


def leaks_in_time(
    table: Table, target: Target, reports: Sequence[ColumnReport], order: str | None = None
) -> list[findings.Finding]:
    """Columns that are learnt from and know the target ahead of time.

    Args:
        table: Table. All rows that there are: which row comes next counts.
        target, reports: as in `leaks`.
        order: str or None, default None (the first column of dates that is learnt from). The time of each row.
    """
    return findings.find_later(replace(_about(table, target, target.encode(table), reports), order=order))


def _about(table: Table, target: Target, encoded: EncodedTarget, reports: Sequence[ColumnReport]) -> findings.About:
    """The columns that are learnt from, of which only the kind is known, and the target."""
    known = {r.name: r for r in reports if r.used and r.name != target.name}
    columns = tuple(ColumnProfile(r.name, r.kind, True, r.reason, 0, {}, 0, ()) for r in known.values())
    return findings.About(table, columns, known, target, encoded, None, (), None)


def _distinct(column: Column) -> int:
    codes, _ = column.factor()
    return len(np.unique(codes[codes >= 0]))


def _comparable(other: Table, table: Table, target: Target | None) -> Table:
    """The other table under the same names, its labels written as in this one."""
    other = other.named_like(table)
    if target is not None and target.is_classification and target.name in other.names:
        encoded = target.encode(other)
        codes = np.full(len(other), -1, np.int32)
        codes[encoded.rows] = encoded.values
        written = TextColumn(target.name, codes, list(target.labels))
        other = replace(other, columns=tuple(written if c.name == target.name else c for c in other.columns))
    if not set(other.names) & set(table.names):
        hint = did_you_mean(other.names[0], table.names)
        raise DataError(
            f"{other.source or 'Table'}: expected columns of {table.source or 'the first table'}, "
            f"{listed(table.names)}; got {listed(other.names)}.{hint} Both files need the same names in their first "
            "line, or none and as many columns."
        )
    return other


def _target(target: Target, encoded: EncodedTarget) -> TargetProfile:
    if not target.is_classification:
        return TargetProfile(target.name, target.task, target.reason)
    counts = np.bincount(encoded.values, minlength=len(target.labels)).tolist()
    by_size = sorted(zip(target.labels, counts, strict=True), key=lambda pair: -pair[1])
    return TargetProfile(target.name, target.task, target.reason, tuple(by_size))


def _profile(
    column: Column, report: ColumnReport, table: Table, target: Target | None, encoded: EncodedTarget | None
) -> ColumnProfile:
    codes, levels = column.factor()
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    most = np.argsort(-counts, kind="stable")[:5]
    is_target = target is not None and column.name == target.name
    kind = "target" if is_target else report.kind
    values = column.numbers()
    numeric = report.kind in ("number", "boolean", "identifier", "constant") and not np.isnan(values).all()
    alone = None if target is None or encoded is None or is_target else _alone(column, report, target, encoded)
    return ColumnProfile(
        column.name, kind, report.used and not is_target, report.reason, int((codes < 0).sum()), _spellings(column),
        int((counts > 0).sum()), tuple((levels[i], int(counts[i])) for i in most if counts[i]),
        tuple(suspected_numbers(values) if report.kind == "number" else _words(levels, counts)),
        summarize(values) if numeric else None, alone,
    )  # fmt: skip


def _words(levels: list[str], counts: np.ndarray) -> list[Suspect]:
    return suspected_words(levels, counts) if len(levels) <= _MOST_LEVELS else []


def _spellings(column: Column) -> dict[str, int]:
    """How missing cells are written. A column of very many different numbers has kept only that they are missing."""
    codes, _ = column.factor()
    gone = int((codes < 0).sum())
    if not gone or not isinstance(column, TextColumn):
        return {"": gone} if gone else {}
    counts = np.bincount(column.codes[codes < 0] + 1, minlength=len(column.levels) + 1)
    found = {"": int(counts[0])} if counts[0] else {}
    for level, n in zip(column.levels, counts[1:].tolist(), strict=True):
        if n and level in MISSING:
            found[level] = found.get(level, 0) + n
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _alone(column: Column, report: ColumnReport, target: Target, encoded: EncodedTarget) -> float | None:
    if report.kind in ("empty", "constant", "unused"):
        return None
    bins, size = cells_as_bins(column, report.kind)
    bins = bins[encoded.rows]
    if target.is_classification:
        if size * len(target.labels) > 20_000_000:
            return None
        return tells_classes(bins, size, encoded.values, len(target.labels))[0]
    numbers = column.numbers()[encoded.rows] if report.kind in ("number", "boolean") else None
    return tells_values(bins, size, encoded.values, numbers)


def _with_likely_target(columns: tuple[ColumnProfile, ...]) -> tuple[ColumnProfile, ...]:
    """Mark the columns that are named like a target; if there is none, the last one that could be one."""
    possible = [c for c in columns if c.kind in ("number", "boolean", "category")]
    named = {c.name for c in possible if _TARGET_NAME.fullmatch(c.name)}
    likely = named or {c.name for c in possible[-1:] if c.name == columns[-1].name}
    return tuple(replace(c, target_like=True) if c.name in likely else c for c in columns)
