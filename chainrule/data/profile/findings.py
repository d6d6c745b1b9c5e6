"""What a person should look at: each function looks for one thing and yields what it found, with its numbers."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...errors import did_you_mean, listed
from ..columns import ColumnReport
from ..date_code import days_of
from ..duplicates import count_duplicates, count_shared, row_hashes
from ..table import Column, Table
from ..target import EncodedTarget, Target
from .alone import cells_as_bins, counts_up_the_target, knows_the_next, right_by_the_nearest, tells_classes
from .structure import ColumnDrift, ColumnProfile, Finding, Suspect

_WORTH_A_LOOK, _TELLS_ALL, _ERRORS_LEFT = 0.5, 0.97, 0.02
_KNOWS, _LEAST_ROWS = 0.5, 30
_LATEST = 20_000  # rows that the order of time is looked at in
_SHOWN = 8  # columns beside one that leaks
_RARE, _IMBALANCED = 10, 0.1
_PSI, _P = 0.1, 1e-3
_ISOLATED, _FEW_OUTLIERS = 10.0, 0.005


@dataclass(frozen=True)
class About:
    """Everything that the search looks at. The fields are those of `profile_table`."""

    table: Table
    columns: tuple[ColumnProfile, ...]
    reports: dict[str, ColumnReport]
    target: Target | None
    encoded: EncodedTarget | None
    other: Table | None
    drift: tuple[ColumnDrift, ...]
    order: str | None


def find(about: About) -> list[Finding]:
    """All findings, warnings first.

    Args:
        about: About.
    """
    found = [finding for search in _SEARCHES for finding in search(about)]
    return sorted(found, key=lambda finding: finding.level != "warning")


def find_leaks(about: About) -> list[Finding]:
    """Only the columns that alone know the target too well.

    Args:
        about: About.
    """
    return list(_leakage(about))


def find_later(about: About) -> list[Finding]:
    """Only the columns that know it ahead of time.

    Args:
        about: About. All rows that there are, since the next row in time counts.
    """
    return list(_after_the_fact(about))


def _leakage(about: About) -> Iterator[Finding]:
    """Columns that alone predict the target."""
    target, encoded = about.target, about.encoded
    if target is None or encoded is None or len(encoded.rows) < 4:
        return
    beside = {c.name: c.alone for c in about.columns if c.alone is not None}
    beside = {name: beside[name] for name in sorted(beside, key=lambda name: -beside[name])[:_SHOWN]}
    for column in about.columns:
        if column.alone is None:
            continue
        values = {"alone": column.alone, "columns": beside}
        if _is_copy(about, column):
            yield Finding(
                "target-copy", "warning", (column.name,),
                f"{column.name!r} is the target {target.name!r} in other words: each of its values goes with one value "
                "of the target, and the other way round",
                f"--drop {shlex.quote(column.name)}, unless it is known before the target is", values,
            )  # fmt: skip
        elif column.alone >= _WORTH_A_LOOK and len(encoded.rows) >= _LEAST_ROWS and _tells_all(about, column):
            yield Finding(
                "leakage", "warning", (column.name,),
                f"{column.name!r} alone tells nearly everything about {target.name!r}: was it known before that was?",
                f"if not: --drop {shlex.quote(column.name)}", values,
            )  # fmt: skip


def _is_copy(about: About, column: ColumnProfile) -> bool:
    """Whether each value of the column goes with one value of the target and the other way round."""
    target, encoded = about.target, about.encoded
    if target is None or encoded is None:
        return False
    codes = about.table.column(column.name).factor()[0][encoded.rows].astype(np.int64) + 1  # missing is a value, too
    if target.is_classification:
        if len(np.unique(codes)) != len(target.labels):
            return False
        return len(np.unique(codes * len(target.labels) + encoded.values)) == len(target.labels)
    numbers = about.table.column(column.name).numbers()[encoded.rows]
    if np.isnan(numbers).any() or column.distinct < 3:
        return False
    values = encoded.values
    line = np.polyfit(numbers, values, 1) if np.ptp(numbers) > 0 else np.zeros(2)
    error = np.abs(np.polyval(line, numbers) - values).max()
    return bool(error <= 1e-6 * np.ptp(values))


def _tells_all(about: About, column: ColumnProfile) -> bool:
    """Whether the column alone leaves hardly any variance, or 2 % of the errors of naming the commonest class."""
    target, encoded = about.target, about.encoded
    if target is None or encoded is None or column.alone is None:
        return False
    if not target.is_classification:
        return column.alone >= _TELLS_ALL
    cells = about.table.column(column.name)
    bins, size = cells_as_bins(cells, column.kind)
    right = tells_classes(bins[encoded.rows], size, encoded.values, len(target.labels))[1]
    if column.kind == "number":
        right = max(right, right_by_the_nearest(cells.numbers()[encoded.rows], encoded.values))
    commonest = np.bincount(encoded.values).max() / len(encoded.rows)
    return bool(1 - right <= _ERRORS_LEFT * (1 - commonest))


def _after_the_fact(about: About) -> Iterator[Finding]:
    """In order of time: columns that tell the next row's target, or count the target up."""
    target, encoded = about.target, about.encoded
    time = about.order or next((c.name for c in about.columns if c.kind == "date"), None)
    if target is None or encoded is None or time is None or target.task == "multiclass":
        return
    moments = _moments(about.table.column(time))[encoded.rows]
    order = np.argsort(moments, kind="stable")  # without a time: at the end
    order = order[: np.count_nonzero(~np.isnan(moments))][-_LATEST:]
    if len(order) < _LEAST_ROWS:
        return
    rows, y = encoded.rows[order], encoded.values[order].astype(np.float64)
    for one in about.columns:
        if one.kind not in ("number", "boolean") or one.name == time:
            continue
        x = about.table.column(one.name).numbers()[rows]
        if np.isnan(x).mean() <= 0.2:
            yield from _later(one.name, target.name, time, np.where(np.isnan(x), np.nanmedian(x), x), y)


def _moments(column: Column) -> np.ndarray:
    """When each row was, NaN where that is not known."""
    values = column.numbers()
    return days_of(column) if np.isnan(values).all() else values


def _later(name: str, target: str, time: str, x: np.ndarray, y: np.ndarray) -> Iterator[Finding]:
    share, total = knows_the_next(x, y), counts_up_the_target(x, y)
    if total >= 0.95 and share < _KNOWS:
        yield Finding(
            "after-the-fact", "warning", (name,),
            f"in order of {time!r}, the steps of {name!r} are the target {target!r} of their own row ({total:.0%} of "
            "its variance): a running total that is known only afterwards",
            f"--drop {shlex.quote(name)}, or move it one row down", {"steps": total},
        )  # fmt: skip
    elif share >= _KNOWS:
        yield Finding(
            "after-the-fact", "warning", (name,),
            f"in order of {time!r}, {name!r} tells {share:.0%} of what the targets so far do not tell of the NEXT "
            f"row's {target!r}: it seems to be known only afterwards",
            f"--drop {shlex.quote(name)}", {"next": share},
        )  # fmt: skip


def _shared_rows(about: About) -> Iterator[Finding]:
    if about.other is None:
        return
    names = [c.name for c in about.columns if c.kind != "identifier" and c.name in set(about.other.names)]
    ours, theirs = (Table(tuple(t.column(n) for n in names), t.source) for t in (about.table, about.other))
    shared = count_shared(ours, theirs)
    if not shared:
        return
    usual = len(theirs) * count_duplicates(ours) / len(ours)
    level = "note" if shared <= 2 * usual + 3 else "warning"
    also = f"; within {about.table.source or 'the table'} as many rows are copies of others" if level == "note" else ""
    yield Finding(
        "shared-rows", level, (),
        f"{shared} of {len(theirs)} rows of {about.other.source or 'the other table'} also stand in "
        f"{about.table.source or 'this one'}{also}",
        "scores on such rows are too good: take them out of one of the files", {"shared": shared, "of": len(theirs)},
    )  # fmt: skip


def _other_columns(about: About) -> Iterator[Finding]:
    """Columns that stand in one of the two tables only."""
    if about.other is None:
        return
    target = about.target.name if about.target else None
    ours, theirs = about.table.source or "this table", about.other.source or "the other table"
    gone = tuple(name for name in about.table.names if name not in set(about.other.names))
    more = tuple(name for name in about.other.names if name not in set(about.table.names))
    used = tuple(c.name for c in about.columns if c.name in gone and c.used and c.name != target)
    if used:
        hint = "".join(did_you_mean(name, more) for name in used[:1])
        yield Finding(
            "missing-columns", "warning", used, f"{theirs} lacks {listed(used)}{_stand(used)} in {ours}",
            f"a model trained on one file cannot answer for the other: name them alike, or --drop them.{hint}",
        )  # fmt: skip
    others = tuple(name for name in gone if name not in used)
    if others:
        yield Finding("missing-columns", "note", others, f"{theirs} lacks {listed(others)}{_stand(others)} in {ours}")
    if more:
        yield Finding("missing-columns", "note", more, f"{ours} lacks {listed(more)}{_stand(more)} in {theirs}")


def _stand(names: tuple[str, ...]) -> str:
    return ", which stands" if len(names) == 1 else ", which stand"


def _disguised(about: About) -> Iterator[Finding]:
    """One finding for each spelling that may stand for a missing value, in however many columns."""
    by_text: dict[str, list[tuple[str, Suspect]]] = {}
    for column in about.columns:
        for suspect in column.suspects if column.kind != "target" else ():
            by_text.setdefault(suspect.text, []).append((column.name, suspect))
    for text, found in by_text.items():
        names = tuple(name for name, _ in found)
        where = ", ".join(f"{name!r} {suspect.count:,}" for name, suspect in found[:8])
        more = f" and {len(found) - 8} more columns" if len(found) > 8 else ""
        options = " ".join(f"--missing {shlex.quote(f'{name}={text}')}" for name in names[:8])
        yield Finding(
            "disguised-missing", "note", names,
            f"cells that hold {text!r} may stand for a missing value: {where}{more} ({found[0][1].reason})",
            f"if they do: {options}", {"text": text, "counts": {name: suspect.count for name, suspect in found}},
        )  # fmt: skip


def _rows_alike(about: About) -> Iterator[Finding]:
    table, target, encoded = about.table, about.target, about.encoded
    copies = count_duplicates(table)
    if copies:
        yield Finding(
            "duplicates", "note", (), f"{copies} of {len(table)} rows equal an earlier row in every cell",
            "if one thing was recorded twice, take the copies out", {"copies": copies},
        )  # fmt: skip
    if target is None or encoded is None or not target.is_classification or len(table.names) < 2:
        return
    hashes = row_hashes(table.without(target.name).take(encoded.rows))
    _, index, sizes = np.unique(hashes, return_inverse=True, return_counts=True)
    pairs = np.unique(index * len(target.labels) + encoded.values)
    torn = np.bincount(pairs // len(target.labels), minlength=len(sizes)) > 1
    rows = int(sizes[torn].sum())
    if rows:
        yield Finding(
            "contradictions", "note", (),
            f"{rows} rows are equal in every column but have different {target.name!r}: no model can be right on all "
            "of them",
            "a column that tells them apart is missing, or some labels are wrong", {"rows": rows},
        )  # fmt: skip


def _classes(about: About) -> Iterator[Finding]:
    target, encoded = about.target, about.encoded
    if target is None or encoded is None or not target.is_classification:
        return
    counts = np.bincount(encoded.values, minlength=len(target.labels))
    rare = [label for label, n in zip(target.labels, counts, strict=True) if n < _RARE]
    if rare:
        said = ", ".join(f"{label!r} {n}" for label, n in zip(target.labels, counts, strict=True) if n < _RARE)
        yield Finding(
            "rare-class", "note", (target.name,), f"classes of fewer than {_RARE} rows: {said}",
            "hardly anything can be learnt of them: more rows, or join them with others", {"classes": rare},
        )  # fmt: skip
    least = counts.min() / counts.sum()
    if len(counts) == 2 and least < _IMBALANCED:
        yield Finding(
            "imbalance", "note", (target.name,),
            f"{target.labels[int(counts.argmin())]!r} is rare ({least:.1%} of the rows): always saying "
            f"{target.labels[int(counts.argmax())]!r} is right in {1 - least:.1%}",
            "look at balanced accuracy and F1; --balance or --threshold f1 weigh the rare class more",
            {"share": float(least)},
        )  # fmt: skip


def _outliers(about: About) -> Iterator[Finding]:
    """Few numbers far away from all others."""
    for column in about.columns:
        found = column.numbers
        few = max(1, _FEW_OUTLIERS * len(about.table))
        if found is None or column.kind == "identifier" or not 0 < found.outliers <= few:
            continue
        row, value = found.extremes[0]
        reach = found.high - found.low
        if reach > 0 and abs(value - found.median) > _ISOLATED * reach and abs(found.skewness) > 2:
            yield Finding(
                "outliers", "note", (column.name,),
                f"{column.name!r}: {found.outliers} far from the others, as {value:g} ({about.table.place(row)}); half "
                f"of all lie from {found.low:g} to {found.high:g}",
                "check them; fit cuts numbers at 5 deviations", {"count": found.outliers, "row": row, "value": value},
            )  # fmt: skip


def _same_columns(about: About) -> Iterator[Finding]:
    seen: dict[bytes, str] = {}
    for column in about.columns:
        if column.kind in ("constant", "empty", "target"):
            continue
        key = row_hashes(Table((about.table.column(column.name),))).tobytes()
        if key in seen:
            yield Finding(
                "same-column", "note", (seen[key], column.name),
                f"{column.name!r} equals {seen[key]!r} in every row", f"--drop {column.name}",
            )  # fmt: skip
        seen.setdefault(key, column.name)


def _odd_cells(about: About) -> Iterator[Finding]:
    for name, report in about.reports.items():
        for note in report.notes:
            yield Finding("odd-cells", "note", (name,), note)


def _spelling(about: About) -> Iterator[Finding]:
    """Categories that differ in capitals or spaces only."""
    for column in about.columns:
        if column.kind not in ("category", "target") or column.distinct > 10_000:
            continue
        codes, levels = about.table.column(column.name).factor()
        used = {levels[i] for i in np.unique(codes[codes >= 0])}
        by_letters: dict[str, list[str]] = {}
        for level in sorted(used):
            by_letters.setdefault(" ".join(level.casefold().split()), []).append(level)
        several = [group for group in by_letters.values() if len(group) > 1]
        if several:
            shown = "; ".join(" and ".join(map(repr, group)) for group in several[:3])
            yield Finding(
                "spelling", "note", (column.name,),
                f"{column.name!r}: categories that differ in capitals only: {shown}",
                "write them alike", {"groups": several[:20]},
            )  # fmt: skip


def _drifted(about: About) -> Iterator[Finding]:
    limit = _P / max(1, len(about.drift))
    for d in about.drift:
        if d.p < limit and (d.psi >= _PSI or d.unseen >= 0.05):
            unseen = f", {d.unseen:.1%} of its cells hold categories never seen before" if d.unseen else ""
            yield Finding(
                "drift", "warning" if d.psi >= 0.25 else "note", (d.name,),
                f"{d.name!r} differs between the files: stability index {d.psi:.2f}, {d.statistic} distance "
                f"{d.distance:.2f}{unseen}",
                "scores on the one file may not hold on the other", {"psi": d.psi, "distance": d.distance, "p": d.p},
            )  # fmt: skip


_SEARCHES = (
    _leakage, _after_the_fact, _other_columns, _shared_rows, _disguised, _drifted, _rows_alike, _classes, _spelling,
    _outliers, _same_columns, _odd_cells,
)  # fmt: skip
