"""What each column of a table is: numbers, yes or no, categories, dates - or nothing a network can learn from.

Every decision carries its reason in words. A column is left out only on strong evidence, because a false alarm costs
accuracy: it is empty, holds one value only, numbers the rows, names each row, or is text that hardly ever repeats.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import ArgumentError, DataError, did_you_mean, listed
from .cells import decorated_number, number, says_missing
from .moments import FORMATS, find_format
from .table import Column, NumberColumn, Table
from .words import is_unspaced, words_of

#: Kinds that are encoded, and kinds that are left out.
USED = ("number", "boolean", "category", "date", "text")
UNUSED = ("empty", "constant", "identifier", "unused")

_MOSTLY = 0.98
_FEW_SPELLINGS, _MANY_NUMBERS = 2, 20
_ENOUGH_ROWS = 20
_COVERED = 0.05
_PAIRS = ({"yes", "no"}, {"true", "false"}, {"y", "n"}, {"t", "f"}, {"on", "off"})
_ID_NAME = re.compile(r"(?:^|[\s_.\-])(?:id|ids|index|idx|uuid|guid|rownames?|row|no|nr)$", re.IGNORECASE)
_DATE_LIKE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b")
_CAMEL_ID = re.compile(r"[a-z](?:Id|ID)$")


@dataclass(frozen=True)
class ColumnReport:
    """What one column is, and why.

    Args:
        name: str. The column.
        kind: str. One of `USED` ("number", "boolean", "category", "date", "text") or `UNUSED` ("empty", "constant",
            "identifier", "unused").
        reason: str. One sentence for the user.
        notes: tuple of str. What was unusual: unreadable cells with their lines.
        blanks: tuple of str. Texts that stand for a missing value in this column, because the user said so.

    >>> ColumnReport("age", "number", "'age': numbers").used
    True
    """

    name: str
    kind: str
    reason: str
    notes: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        """Whether the column is encoded."""
        return self.kind in USED


def inspect_columns(
    table: Table, target: str | None = None, kinds: Mapping[str, str] | None = None
) -> list[ColumnReport]:
    """Decide for every feature column what it is.

    Look at the whole table, training and test rows: kinds are structure; whatever is learnt from values is learnt by
    `TableEncoder.fit` from training rows.

    Args:
        table: Table.
        target: str or None, default None. The target column, which is no feature.
        kinds: mapping column -> kind, default None. Decisions made by the user, "unused" among them.

    Raises:
        DataError: no column can be used; a name in `kinds` is no column.
        ArgumentError: a kind in `kinds` does not exist.

    >>> table = Table.from_columns({"n": [1.5, 2.5, 3.5], "s": ["a", "b", "a"], "c": [1, 1, 1]})
    >>> for report in inspect_columns(table): print(report.reason)
    'n': numbers
    's': 2 categories
    dropped 'c': every row holds '1'
    """
    wanted = dict(kinds or {})
    _check_wanted(wanted, table)
    reports = [
        _forced(column, wanted[column.name]) if column.name in wanted else _inspect(column, table)
        for column in table.columns
        if column.name != target
    ]
    if not any(report.used for report in reports):
        why = "; ".join(report.reason for report in reports) or "it has no column besides the target"
        raise DataError(f"{table.source or 'Table'}: no column is left to learn from: {why}.")
    return reports


def inspect_column(column: Column, table: Table) -> ColumnReport:
    """Decide what one column is.

    Args:
        column: Column.
        table: Table that it stands in, for the lines in messages.
    """
    return _inspect(column, table)


def least_count(rows: int) -> int:
    """How often a category must occur in that many rows to be told apart from "other": 1 % of them, 1 to 10.

    >>> least_count(50), least_count(700), least_count(10**6)
    (1, 7, 10)
    """
    return min(10, max(1, rows // 100))


def _check_wanted(wanted: Mapping[str, str], table: Table) -> None:
    for name, kind in wanted.items():
        table.column(name)
        if kind not in (*USED, "unused"):
            hint = did_you_mean(kind, (*USED, "unused"))
            raise ArgumentError(f"kinds: {name!r} is {kind!r}; expected one of {listed((*USED, 'unused'))}.{hint}")


def _forced(column: Column, kind: str) -> ColumnReport:
    verb = "dropped" if kind == "unused" else f"as {kind}:"
    return ColumnReport(column.name, kind, f"{verb} {column.name!r}: you said so")


def _inspect(column: Column, table: Table) -> ColumnReport:
    if _are_numbers_alone(column):
        values = column.numbers()
        return _number_report(column, table, values, column.odd_rows(), int(np.isnan(values).sum()))
    codes, levels = column.factor()
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    present, gone = int(counts.sum()), int((codes < 0).sum())
    distinct = int((counts > 0).sum())
    name = repr(column.name)
    if present == 0:
        return ColumnReport(column.name, "empty", f"dropped {name}: no cell holds a value")
    if distinct == 1 and not gone:
        only = levels[int(counts.argmax())]
        return ColumnReport(column.name, "constant", f"dropped {name}: every row holds {only!r}")
    if _is_numeric(column, levels, counts):
        return _number_report(column, table, column.numbers(), column.odd_rows(), gone)
    return _text_report(column, levels, counts, gone)


def _are_numbers_alone(column: Column) -> bool:
    """Whether a column holds two different numbers or more, and no texts: then none has to be written as text."""
    if not isinstance(column, NumberColumn) or column.odd:
        return False
    known = column.values[~np.isnan(column.values)]
    return len(known) > 0 and bool(known.min() < known.max())


def _is_numeric(column: Column, levels: list[str], counts: np.ndarray) -> bool:
    """Numbers, but for a few cells: at most 2 % (or one), words for "no value", or one or two other spellings of it."""
    known = [(level, number(level), int(count)) for level, count in zip(levels, counts, strict=True) if count]
    there = sum(count for _, value, count in known if value is not None)
    odd = {level: count for level, value, count in known if value is None and not says_missing(level)}
    strange = sum(odd.values())
    if there == 0:
        return False
    if strange <= max((1 - _MOSTLY) * (there + strange), 1 if there >= 5 else 0):
        return True
    distinct = sum(value is not None for _, value, _ in known)
    return strange < there and distinct > _MANY_NUMBERS and len(odd) <= _FEW_SPELLINGS


def _number_report(column: Column, table: Table, values: np.ndarray, odd: np.ndarray, gone: int) -> ColumnReport:
    name = repr(column.name)
    notes = (odd_cells_note(table, column, odd),) if len(odd) else ()
    distinct = np.unique(values[~np.isnan(values)])
    if identified := _identifier(column.name, values, distinct):
        return ColumnReport(column.name, "identifier", f"dropped {name}: {identified}", notes)
    missing = f", {gone + len(odd)} missing" if gone + len(odd) else ""
    if distinct.tolist() == [0, 1]:
        return ColumnReport(column.name, "boolean", f"{name}: 0 or 1{missing}", notes)
    return ColumnReport(column.name, "number", f"{name}: numbers{missing}", notes)


def _identifier(name: str, values: np.ndarray, distinct: np.ndarray) -> str:
    """Why these numbers only identify rows; an empty string if they may mean something."""
    if len(distinct) < len(values) or not np.array_equal(values, np.round(values)):
        return ""
    first, last = f"{values[0]:.0f}", f"{values[-1]:.0f}"
    steps = np.diff(values)
    called = bool(_ID_NAME.search(name) or _CAMEL_ID.search(name))
    counts_up = len(steps) > 0 and bool((steps == 1).all()) and (values[0] in (0, 1) or called)
    if counts_up and (called or len(values) >= _ENOUGH_ROWS):
        return f"it numbers the rows ({first} to {last})"
    if called and len(values) >= _ENOUGH_ROWS:
        return "its name and its values, a different whole number in each row, say that it identifies rows"
    return ""


def _text_report(column: Column, levels: list[str], counts: np.ndarray, gone: int) -> ColumnReport:
    name, present = repr(column.name), int(counts.sum())
    used = [level for level, count in zip(levels, counts, strict=True) if count]
    missing = f", {gone} missing" if gone else ""
    folded = {level.casefold() for level in used}
    if folded in _PAIRS:
        return ColumnReport(column.name, "boolean", f"{name}: {' or '.join(sorted(folded))}{missing}")
    if len(used) > 1 and (form := find_format(used)):
        written = "" if form == "iso" else f" written like {FORMATS[form][0]}"
        return ColumnReport(column.name, "date", f"{name}: {'times' if form == 'time' else 'dates'}{written}{missing}")
    repeated = counts >= max(2, least_count(present + gone))
    if counts[repeated].sum() >= _COVERED * present:
        note = _half_numeric(column, used)
        return ColumnReport(column.name, "category", f"{name}: {len(used)} categories{missing}", note)
    if is_free_text(used, present):
        return ColumnReport(column.name, "text", f"{name}: free text ({_how_different(used, present)}){missing}")
    if gone > 0.01 * (present + gone):
        hardly = f"texts that hardly repeat ({len(used)} different in {present} cells)"
        return ColumnReport(column.name, "category", f"{name}: {hardly}; used is whether there is one")
    return ColumnReport(column.name, "identifier", f"dropped {name}: {_rare_text(used, present)}")


def is_free_text(texts: list[str], present: int) -> bool:
    """Whether most texts are several words, and enough of these stand in other texts, too.

    Args:
        texts: list of the distinct texts.
        present: int. How many cells hold one.

    >>> is_free_text([f"row {i} is {'good' if i % 2 else 'bad'}" for i in range(60)], 60)
    True
    """
    if present < _ENOUGH_ROWS:
        return False
    few = texts[:: max(1, len(texts) // 1000)]
    if sum(" " in text.strip() for text in few) <= 0.5 * len(few):
        return any(is_unspaced(text) for text in few[:20])
    words = Counter(word for text in few for word in set(words_of(text)) if word.isalpha())
    common = {word for word, n in words.items() if max(2, 0.02 * len(few)) <= n <= _MOSTLY * len(few)}
    return len(common) >= 2 and sum(not common.isdisjoint(words_of(text)) for text in few) > 0.5 * len(few)


def _half_numeric(column: Column, levels: list[str]) -> tuple[str, ...]:
    decorated = [level for level in levels if decorated_number(level)]
    if len(decorated) >= 0.5 * len(levels):
        return (
            f"column {column.name!r}: cells like {decorated[0]!r} are read as text; "
            "to use them as numbers, write them without separators, % and currency signs",
        )
    plain_numbers = sum(number(level) is not None for level in levels)
    if plain_numbers < 0.5 * len(levels):
        return ()
    strange = [level for level in levels if number(level) is None]
    return (
        f"column {column.name!r}: {plain_numbers} of {len(levels)} different values are numbers, the others are text "
        f"({listed(strange, 3)}); all are treated as categories",
    )


def _rare_text(levels: list[str], present: int) -> str:
    unique, share = len(levels) == present, _how_different(levels, present)
    if sum(decorated_number(level) for level in levels[:1000]) >= 0.5 * min(len(levels), 1000):
        return f"{share}, like {levels[0]!r}; to use it as a number, write it without separators, % and currency signs"
    if sum(bool(_DATE_LIKE.match(level)) for level in levels[:1000]) > 0.5 * min(len(levels), 1000):
        return f"{share}, like {levels[0]!r}; if these are dates, write them as YYYY-MM-DD"
    return f"it identifies rows ({share})" if unique else f"texts that hardly repeat ({share})"


def _how_different(levels: list[str], present: int) -> str:
    return "each cell is different" if len(levels) == present else f"{len(levels)} different texts in {present} cells"


def odd_cells_note(table: Table, column: Column, rows: np.ndarray) -> str:
    """A sentence about the cells of a number column that hold no finite number, with the first three places.

    Args:
        table: Table, for the lines.
        column: Column.
        rows: int array of the rows concerned.

    >>> table = Table.from_columns({"x": ["1", "abc", "2"]})
    >>> odd_cells_note(table, table.column("x"), np.array([1]))
    "column 'x': 1 cell is no number: 'abc' (row 2); it counts as missing"
    """
    shown = ", ".join(f"{column.text(row)!r} ({table.place(row).rpartition(', ')[2]})" for row in rows[:3])
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    infinite = all(number(column.text(row)) is not None for row in rows[:1000])
    if len(rows) == 1:
        what = "1 cell is infinite" if infinite else "1 cell is no number"
        return f"column {column.name!r}: {what}: {shown}; it counts as missing"
    what = f"{len(rows)} cells are infinite" if infinite else f"{len(rows)} cells are no numbers"
    return f"column {column.name!r}: {what}: {shown}{more}; they count as missing"
