"""What a profile says, as plain dataclasses: for the terminal, for JSON, for a report."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Numbers:
    """The numbers of one column, missing and suspected cells included as they stand.

    Args:
        mean, deviation: float. Population deviation.
        minimum, low, median, high, maximum: float. The quartiles and the ends.
        skewness: float. 0 for symmetric ones; above 2 in size for heavy tails.
        zeros, negatives: int. How many cells.
        outliers: int. Cells further than 3 interquartile ranges from the quartiles (Tukey 1977, "far out"), after asinh
            where the column is skewed.
        extremes: tuple of (row, value): up to three of them, the furthest first. Rows count from 0.
        edges, counts: tuples. A histogram of 20 bars, the ends being those of the numbers that are not outliers.
    """

    mean: float
    deviation: float
    minimum: float
    low: float
    median: float
    high: float
    maximum: float
    skewness: float
    zeros: int
    negatives: int
    outliers: int
    extremes: tuple[tuple[int, float], ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Suspect:
    """Cells that may stand for "no value here". They are shown and never changed.

    Args:
        text: str. How they are written.
        count: int. How many.
        reason: str. Why they are suspected.
    """

    text: str
    count: int
    reason: str


@dataclass(frozen=True)
class ColumnProfile:
    """One column.

    Args:
        name: str.
        kind: str. "number", "boolean", "category", "date", "text", "identifier", "constant", "empty", "unused"; or
            "target".
        used: bool. Whether `fit` learns from it.
        reason: str. One sentence: what it is and why.
        missing: int. Cells without a value.
        spellings: dict text -> count. How the missing cells are written ("" for empty ones).
        distinct: int. Different values.
        common: tuple of (text, count). Up to five, the commonest first.
        suspects: tuple of Suspect.
        numbers: Numbers or None.
        alone: float or None. How much this column alone tells of the target, 0 to 1, on rows not used to find out:
            the share of the entropy of the classes, or of the variance, that is gone once the column is known.
        target_like: bool. Whether the column looks like a target; found out where none was named.
    """

    name: str
    kind: str
    used: bool
    reason: str
    missing: int
    spellings: dict[str, int]
    distinct: int
    common: tuple[tuple[str, int], ...]
    suspects: tuple[Suspect, ...] = ()
    numbers: Numbers | None = None
    alone: float | None = None
    target_like: bool = False


@dataclass(frozen=True)
class TargetProfile:
    """The target.

    Args:
        name: str.
        task: str. "binary", "multiclass" or "regression".
        reason: str. Why this task.
        classes: tuple of (label, count), the commonest first; empty for a regression.
    """

    name: str
    task: str
    reason: str
    classes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something that a person should look at.

    Args:
        code: str. "target-copy", "leakage", "after-the-fact", "missing-columns", "shared-rows",
            "disguised-missing", "drift", "contradictions", "duplicates", "rare-class", "imbalance", "outliers",
            "same-column", "odd-cells".
        level: str. "warning": results may be wrong. "note": worth knowing.
        columns: tuple of str. The columns concerned.
        message: str. What was seen, with its numbers.
        remedy: str. What can be done, as an option of `chainrule fit` where there is one.
        evidence: dict of plain values. The numbers in the message.
    """

    code: str
    level: str
    columns: tuple[str, ...]
    message: str
    remedy: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnDrift:
    """How one column differs between two tables.

    Args:
        name: str.
        kind: str.
        psi: float. Population stability index over the deciles of the first table (numbers) or over categories; missing
            is a group of its own. Below 0.1 little, above 0.25 much.
        distance: float. Numbers and dates: the Kolmogorov-Smirnov statistic; else the total variation distance, 0 to 1.
        statistic: str. "KS" or "TV".
        p: float. How probable a distance of this size is if nothing changed.
        missing: tuple of two floats. The share of missing cells in each.
        unseen: float. The share of cells of the second table that hold a category the first one has not.
    """

    name: str
    kind: str
    psi: float
    distance: float
    statistic: str
    p: float
    missing: tuple[float, float]
    unseen: float


@dataclass(frozen=True)
class TableProfile:
    """All that was found in a table.

    Args:
        source: str. The file.
        rows: int.
        columns: tuple of ColumnProfile, in the order of the table, the target among them.
        target: TargetProfile or None.
        duplicates: int. Rows that equal an earlier row in every cell.
        findings: tuple of Finding, warnings first.
        notes: tuple of str. How the file was read.
        against: str. The other file, or "".
        drift: tuple of ColumnDrift; empty without another file.
    """

    source: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    target: TargetProfile | None
    duplicates: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    against: str = ""
    drift: tuple[ColumnDrift, ...] = ()

    def column(self, name: str) -> ColumnProfile:
        """The profile of one column; KeyError if there is none."""
        return next((c for c in self.columns if c.name == name), None) or _no_column(name)

    def to_config(self) -> dict[str, Any]:
        """The same in JSON's types; numbers that are not finite are None."""
        plain: dict[str, Any] = _plain(dataclasses.asdict(self))
        return plain


def _no_column(name: str) -> ColumnProfile:
    raise KeyError(name)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value
