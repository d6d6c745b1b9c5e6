"""Numbers with something around them: `$1,200`, `45 %`, `12 kg`, `1.986,75 €`, `(300)`. Columns of them become numbers.

A column is taken only if (nearly) every cell is such a number and all carry the same signs; anything else stays text.
What `1,234` means is settled by all cells of the column together: thousands if commas always stand before three digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .cells import MISSING, number, number_text
from .table import Column, Table, TextColumn

_MOSTLY, _FEWEST = 0.98, 3
_SPACES = "\u00a0\u202f\u2009"
_MARKED = re.compile(
    r"(?P<open>\()?(?P<sign>[+-]?)\s*(?P<before>[$€£¥₹]|[A-Z]{3}(?=\s))?\s*(?P<inner>[+-]?)"
    r"(?P<digits>\d[\d.,' ]*|[.,]\d+)"
    r"\s*(?P<after>[%‰°+$€£¥₹]|°?[A-Za-z]{1,8}[²³]?|[A-Za-z]{1,5}/[A-Za-z]{1,5})?(?P<close>\))?"
)


def without_signs(table: Table) -> Table:
    """The table with numbers where a column holds nothing but numbers with separators, one unit, `%`, a currency sign.

    Args:
        table: Table. What was done is said in its notes.

    >>> table = without_signs(Table.from_columns({"price": ["$1,200", "$950", "n/a", "$2,000"], "size": list("SMLS")}))
    >>> table.column("price").numbers(), table.notes
    (array([1200.,  950.,   nan, 2000.]), ("column 'price': cells like '$1,200' are read as numbers: 1200",))
    """
    columns, notes = [], []
    for column in table.columns:
        plain = without_signs_column(column)
        if plain is not column and isinstance(column, TextColumn):
            shown = next(level for level in column.levels if number(level) is None and _parts(level) is not None)
            value = plain.text(int(np.flatnonzero(column.codes == column.levels.index(shown))[0]))
            notes.append(f"column {column.name!r}: cells like {shown!r} are read as numbers: {value}")
        columns.append(plain)
    return replace(table, columns=tuple(columns), notes=(*table.notes, *notes)) if notes else table


def without_signs_column(column: Column) -> Column:
    """The same for one column; the column itself where there is nothing to do.

    Args:
        column: Column.
    """
    if not isinstance(column, TextColumn):
        return column
    used = np.unique(column.codes[column.codes >= 0])
    texts = [column.levels[code] for code in used]
    values = _values(texts)
    if values is None:
        return column
    index: dict[str, int] = {}
    new = np.full(len(column.levels) + 1, -1, np.int32)  # the last one is for nulls
    for code, text, value in zip(used, texts, values, strict=True):
        new[code] = index.setdefault(text if value is None else number_text(value), len(index))
    return TextColumn(column.name, new[column.codes], list(index))


def _values(texts: Sequence[str]) -> list[float | None] | None:
    """The number of each text, None where there is none; None in all if the texts are no marked numbers."""
    present = [text for text in texts if text not in MISSING]
    few = [t for t in present[:50] if number(t) is None and _parts(t) is None]
    if len(few) > 1 or all(number(text) is not None for text in present):
        return None
    parts = {text: _parts(text) for text in present}
    marked = {text: found for text, found in parts.items() if found is not None}
    signs = {found[:2] for text, found in marked.items() if number(text) is None and found[:2] != ("", "")}
    if all(number(text) is not None for text in marked):
        return None
    if len(marked) < max(_MOSTLY * len(present), min(_FEWEST, len(present))) or len(signs) > 1:
        return None
    if signs and sum(found[:2] in signs for found in marked.values()) < 0.5 * len(present):
        return None  # a unit here and there among plain numbers: who knows what the others are in
    decimal = _decimal_mark([found[2] for found in marked.values()])
    if decimal is None:
        return None
    return [_value(marked[text], decimal) if text in marked else None for text in texts]


_Parts = tuple[str, str, str, bool]  # what stands before, what stands after, the digits, whether it is negative


def _parts(text: str) -> _Parts | None:
    for space in _SPACES:
        text = text.replace(space, " ")
    found = _MARKED.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    digits = found["digits"].strip()
    if found["after"] and re.fullmatch(r"[eE]", found["after"]):
        return None
    negative = bool(found["open"]) or "-" in (found["sign"], found["inner"])
    return found["before"] or "", found["after"] or "", digits, negative


def _decimal_mark(digits: Sequence[str]) -> str | None:
    """What separates the decimals in all of them: "." or ","; None if the texts contradict one another."""
    commas_group = all(_grouped(text, ",", ".") for text in digits)
    points_group = all(_grouped(text, ".", ",") for text in digits)
    return "." if commas_group else "," if points_group else None


def _grouped(text: str, group: str, decimal: str) -> bool:
    """Whether all `group` signs (or spaces, apostrophes) stand before three digits, left of the one decimal sign."""
    whole, mark, part = text.partition(decimal)
    separator = next((sign for sign in (group, "'", " ") if sign in whole), "")
    plain = (not separator and whole.isdigit()) or (not whole and bool(mark))
    grouped = bool(separator) and re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(separator)}\d{{3}})+", whole) is not None
    return (plain or grouped) and (not mark or part.isdigit() or (not part and bool(whole)))


def _value(found: _Parts, decimal: str) -> float:
    kept = "".join(sign for sign in found[2] if sign.isdigit() or sign == decimal).replace(",", ".")
    return -float(kept) if found[3] else float(kept)
