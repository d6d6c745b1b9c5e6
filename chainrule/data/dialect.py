"""How a text table is written: delimiter, quote, decimal mark, names in the first line or not. Decided on a sample.

Evidence, not file names: a delimiter is right when it cuts (nearly) every line into the same number of cells and leaves
no other separator inside them. A first line is a header when it does not look like the lines below it.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentError
from .cells import MISSING, number
from .moments import find_format

WHITESPACE = "whitespace"
_DELIMITERS = (",", "\t", ";", "|")
_SPELLED = {"comma": ",", "tab": "\t", "\\t": "\t", "semicolon": ";", "pipe": "|", "space": WHITESPACE, " ": WHITESPACE}
_FOREIGN = re.compile(r"[,;\t|]|^'")
_COMMA_NUMBER = re.compile(r"\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*")
_MOSTLY, _ENOUGH = 0.9, 20


@dataclass(frozen=True)
class Dialect:
    """How the cells of a line are told apart.

    Args:
        delimiter: str, default ",". One character, or "whitespace" for any run of spaces and tabs.
        quote: str, default '"'. An empty one where quotes are signs like any other.
        decimal: str, default ".". "," in files that write 3,14 and separate cells by something else.

    >>> next(Dialect(";").records(["a;'b';\\"c;d\\""]))
    ['a', "'b'", 'c;d']
    """

    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."

    def records(self, lines: Iterable[str]) -> Any:
        """A `csv.reader` of the lines: lists of cells, and `line_num`."""
        if self.delimiter == WHITESPACE:
            lines = (" ".join(line.split()) for line in lines)
        delimiter = " " if self.delimiter == WHITESPACE else self.delimiter
        if not self.quote:
            return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=True)
        return csv.reader(lines, delimiter=delimiter, quotechar=self.quote, skipinitialspace=True)

    def describe(self) -> str:
        """In words: `cells separated by tab, quoted with "`."""
        names = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars (|)", WHITESPACE: "spaces"}
        comma = ", decimal comma" if self.decimal == "," else ""
        quote = f"quote {self.quote}" if self.quote else "no quotes"
        return f"cells separated by {names.get(self.delimiter, repr(self.delimiter))}, {quote}{comma}"

    def plain_decimals(self, cells: Iterable[str]) -> list[str]:
        """The cells with the decimal comma of numbers turned into a point.

        >>> Dialect(";", decimal=",").plain_decimals(["3,5", "a,b"])
        ['3.5', 'a,b']
        """
        return [cell.replace(",", ".") if _COMMA_NUMBER.fullmatch(cell) else cell for cell in cells]


def find_dialect(lines: list[str], complete: bool, delimiter: str | None = None) -> Dialect:
    """The dialect that cuts the sample most evenly.

    Args:
        lines: list of str, the beginning of the file.
        complete: bool. Whether they are the whole file; if not, the last record may be cut off and is not judged.
        delimiter: str or None. Given, only the quote is looked for; one character or "tab", "space", ...

    Raises:
        ArgumentError: `delimiter` is neither one character nor a known word.

    >>> find_dialect(["a;b\\n", "1,5;2\\n"], True)
    Dialect(delimiter=';', quote='"', decimal=',')
    """
    given = [] if delimiter is None else [_spelled(delimiter)]
    quotes = ['"', "'"] if any(re.search(r"(^|[,;\t| ])'", line) for line in lines) else ['"']
    score, dialect = _best(lines, complete, given or _DELIMITERS, quotes)
    if not given and score[0] < 0.5:  # no separator fits: columns may be aligned by spaces
        share, spaced = _best(lines, complete, [WHITESPACE], quotes)
        dialect = spaced if share[0] >= _MOSTLY else dialect
    if dialect.delimiter != "," and _decimal_comma(sample_rows(lines, complete, dialect)):
        return Dialect(dialect.delimiter, dialect.quote, ",")
    return dialect


def _spelled(delimiter: str) -> str:
    character = _SPELLED.get(delimiter, delimiter)
    if character != WHITESPACE and (len(character) != 1 or character in "\"'\r\n\0"):
        raise ArgumentError(
            f"delimiter: expected one character, or 'tab', 'space', 'comma', 'semicolon', 'pipe'; got {delimiter!r}."
        )
    return character


Score = tuple[float, float, int]


def _best(lines: list[str], complete: bool, delimiters: Sequence[str], quotes: list[str]) -> tuple[Score, Dialect]:
    scored: list[tuple[Score, Dialect]] = []
    for quote in quotes:
        masked = _masked(lines, quote)
        for delimiter in delimiters:
            dialect = Dialect(delimiter, quote)
            scored.append((_score(sample_rows(masked, complete, dialect)), dialect))
    return max(scored, key=lambda item: item[0])  # the first of equals: commas and " before the others


def _masked(lines: list[str], quote: str) -> list[str]:
    """The lines with each quoted cell replaced by a word, since separators inside it mean nothing."""
    cell = rf"(^|[,;|\t ]){quote}(?:[^{quote}]|{quote}{quote})*{quote}(?=[,;|\t \r\n]|$)"
    return re.sub(cell, r"\1quoted", "".join(lines), flags=re.MULTILINE).splitlines(keepends=True)


def sample_rows(lines: list[str], complete: bool, dialect: Dialect) -> list[list[str]]:
    """The records of a sample, without blank lines and without a last record that may be cut off."""
    rows: list[list[str]] = []
    try:
        for row in dialect.records(lines):
            rows.append(row)
    except csv.Error:
        return rows
    kept = rows if complete or len(rows) < 2 else rows[:-1]
    return [row for row in kept if row]


def _score(rows: list[list[str]]) -> Score:
    """(share of the rows that have the commonest width above 1, share of cells without a foreign separator, width)."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0, 0.0, 1
    width, hits = max(widths.items(), key=lambda item: item[1])
    cells = [cell for row in rows for cell in row]
    clean = sum(not _FOREIGN.search(cell) or bool(_COMMA_NUMBER.fullmatch(cell)) for cell in cells)
    return hits / len(rows), clean / len(cells), width


def _decimal_comma(rows: list[list[str]]) -> bool:
    """Some column writes its numbers with a comma and none writes 1.5."""
    cells = [cell.strip() for row in rows for cell in row]
    with_point = any("." in cell and number(cell) is not None for cell in cells)
    columns = zip(*(row for row in rows[1:] if len(row) == len(rows[-1])), strict=True)
    return not with_point and any(_mostly_comma_numbers(column) for column in columns)


def _mostly_comma_numbers(column: Sequence[str]) -> bool:
    present = [cell for cell in column if cell.strip() not in MISSING]
    numbers = [c for c in present if _COMMA_NUMBER.fullmatch(c) or number(c) is not None]
    return any("," in c for c in present) and len(numbers) >= _MOSTLY * len(present)


def has_header(rows: list[list[str]], known: Sequence[str] | None = None) -> bool:
    """Whether the first row holds names.

    In this order: a first row that holds half of the known names is a header; text above numbers, and above categories
    of which it is none, speaks for names, numbers above numbers against (unless they count 0, 1, 2, ... as names
    sometimes do); a first row whose texts come again below is data.

    Args:
        rows: list of lists of str, the first record and some below it.
        known: names that the columns are expected to have, or None.

    >>> has_header([["a", "b"], ["1", "x"]]), has_header([["7", "x"], ["1", "x"]])
    (True, False)
    """
    first = [cell.strip() for cell in rows[0]]
    if known is not None:
        hits = len(set(first) & set(known))
        if 2 * hits >= min(len(first), len(known)):
            return True
        if all(re.fullmatch(r"column_\d+", name) for name in known):
            return False
    votes = [_vote(cell, [row[i].strip() for row in rows[1:] if i < len(row)]) for i, cell in enumerate(first)]
    names, data = votes.count("name"), votes.count("data")
    if data and not _counting(first):
        return names > data
    if names or data:
        return names > 0
    return "repeated" not in votes and len(set(first)) == len(first)


def _vote(cell: str, below: list[str]) -> str:
    present = [text for text in below if text not in MISSING]
    if cell in MISSING:
        return "none"
    if number(cell) is not None or find_format([cell]) is not None:
        return "data"
    if present and sum(number(t) is not None for t in present) >= _MOSTLY * len(present):
        return "name"
    if len(present) >= _ENOUGH and cell not in present and len(set(present)) <= (1 - _MOSTLY) * len(present):
        return "name"  # above categories that all come again and again
    return "repeated" if cell in present else "none"


def _counting(first: list[str]) -> bool:
    """The numbers in the row are names: three or more that rise by one, as 2001, 2002, 2003; five in any order."""
    numbers: Iterator[float | None] = (number(cell) for cell in first)
    found = [n for n in numbers if n is not None]
    ordered = found if len(found) < 5 else sorted(found)
    return len(found) >= 3 and all(b - a == 1 for a, b in itertools.pairwise(ordered))
