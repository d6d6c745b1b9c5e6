"""What one cell of a table means: missing, a number, or text. `moments.py` knows dates and times."""

from __future__ import annotations

import math
import re

#: Spellings of "no value here" in every column, the target included (cells are stripped of spaces first).
SURELY_MISSING = frozenset(
    ["", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "null", "NULL", "Null", "?", "#N/A", "<NA>", "NaT"]
)
#: Spellings that mean "no value" in a feature column, but may well be a class in a target column.
MISSING = SURELY_MISSING | {"None", "none", "NONE", "-", "--", "."}

_SAYS_MISSING = re.compile(
    r"\(?(?:unknown|unkn?|not (?:known|available|applicable|recorded|specified|reported|given)|missing|undefined|"
    r"unspecified|undisclosed|no (?:data|value|answer)|nil|blank|empty|tbd|xxx+|n\.a\.?|#value!|#ref!|#div/0!|"
    r"-?9{3,})\)?",
    re.IGNORECASE,
)
_DECORATION = str.maketrans("", "", ",%$€£¥ '")


def number(text: str) -> float | None:
    """The number that a cell spells, or None.

    Plain decimal notation and exponents count; `1,000`, `5 %` and `1_000` do not. The result may be infinite or NaN.

    Args:
        text: str. The cell.

    >>> number("-1.5e3"), number("1,000"), number("7_5")
    (-1500.0, None, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return None if "_" in text else value


def says_missing(text: str) -> bool:
    """Whether a word says that there is no value: among categories suspected to, among numbers it surely does.

    Args:
        text: str. The cell.

    >>> says_missing("Unknown"), says_missing("not available"), says_missing("unhappy")
    (True, True, False)
    """
    return _SAYS_MISSING.fullmatch(text) is not None


def number_text(value: float) -> str:
    """The shortest text of a number: whole numbers without a point.

    Args:
        value: float.

    >>> number_text(3.0), number_text(0.25)
    ('3', '0.25')
    """
    if math.isfinite(value) and value == int(value) and abs(value) < 2**53:
        return str(int(value))
    return repr(float(value))


def plain(text: str) -> str:
    """The form in which two spellings of one category are compared when they differ: `'1.0'`, `'01'` and `'1'` agree.

    Args:
        text: str. A category or a label.

    >>> plain("1.0"), plain("01"), plain(" male ")
    ('1', '1', 'male')
    """
    value = number(text)
    return text.strip() if value is None else number_text(value)


def decorated_number(text: str) -> bool:
    """Whether a cell is a number once thousands separators, `%` and currency signs are taken off.

    Such cells are not read as numbers; the report says so and what to do.

    Args:
        text: str. The cell.

    >>> decorated_number("$1,200"), decorated_number("12 apples"), decorated_number("12")
    (True, False, False)
    """
    return number(text) is None and number(text.translate(_DECORATION)) is not None
