"""Dates and times as people write them. Whether the day or the month comes first is found out from all cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

_MONTHS = {name: i for i, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
_CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?)?"
_ZONE = r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2})" + _CLOCK + ")?" + _ZONE)
_NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})" + _CLOCK + _ZONE)
_DAY_WORD = re.compile(r"(?:[A-Za-z]{3,9}\.?,? )?(\d{1,2})[-/. ]([A-Za-z]{3,9})[-/., ]+(\d{4}|\d{2})" + _CLOCK + _ZONE)
_WORD_DAY = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,? )?([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})" + _CLOCK + _ZONE
)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?")
_EPOCH = datetime(1970, 1, 1)
_MOSTLY = 0.98


def _seconds(year: int, month: int, day: int, clock: Sequence[str | None], zone: str | None) -> float | None:
    hour, minute, second, half = clock
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    try:
        when = datetime(year, month, day, hours, int(minute or 0), int(second or 0))
    except ValueError:
        return None
    return (when - _EPOCH - _offset(zone)).total_seconds()


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone[0] not in "+-":
        return timedelta(0)
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))


def _year(text: str) -> int:
    """Two digits: 1969 to 2068, as POSIX has it."""
    value = int(text)
    return value if len(text) == 4 else value + (2000 if value < 69 else 1900)


def _iso(text: str) -> float | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day, *clock, zone = found.groups()
    return _seconds(int(year), int(month), int(day or 1), clock, zone)


def _day_first(text: str) -> float | None:
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return None
    day, month, year, *clock, zone = found.groups()
    return _seconds(_year(year), int(month), int(day), clock, zone)


def _month_first(text: str) -> float | None:
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return None
    month, day, year, *clock, zone = found.groups()
    return _seconds(_year(year), int(month), int(day), clock, zone)


def _month_word(text: str) -> float | None:
    if found := _DAY_WORD.fullmatch(text):
        day, word, year, *clock, zone = found.groups()
    elif found := _WORD_DAY.fullmatch(text):
        word, day, year, *clock, zone = found.groups()
    else:
        return None
    month = _MONTHS.get(str(word)[:3].lower())
    return None if month is None else _seconds(_year(str(year)), month, int(day), clock, zone)


def _time(text: str) -> float | None:
    found = _TIME.fullmatch(text)
    return None if found is None else _seconds(1970, 1, 1, found.groups(), None)


def _first_of(*parsers: Callable[[str], float | None]) -> Callable[[str], float | None]:
    """What the first parser says that understands a text."""

    def parse(text: str) -> float | None:
        return next((value for parser in parsers if (value := parser(text)) is not None), None)

    return parse


#: name -> (how it is written, parser: text -> seconds since 1970 or None), in the order in which they are tried.
FORMATS: dict[str, tuple[str, Callable[[str], float | None]]] = {
    "iso": ("2024-05-31", _iso),
    "day first": ("31.05.2024", _day_first),
    "month first": ("05/31/2024", _month_first),
    "month by name": ("31 May 2024", _month_word),
    "time": ("18:30", _time),
    "several ways, day first": ("2024-05-31 and 31.05.2024", _first_of(_iso, _day_first, _month_word)),
    "several ways, month first": ("2024-05-31 and 05/31/2024", _first_of(_iso, _month_first, _month_word)),
}


def moment(text: str) -> float | None:
    """Seconds since 1970 of an ISO-like date or date and time, or None.

    `2024-05-31`, `2024/5/31`, `2024-05`, `2024-05-31 18:30[:15]`, with `T` for the space and with `Z` or `+02:00` at
    the end (the result is then UTC).

    Args:
        text: str. The cell.

    >>> moment("1970-01-02"), moment("1970-01-01T00:01:00Z"), moment("31.05.2024")
    (86400.0, 60.0, None)
    """
    return _iso(text)


def find_format(texts: Sequence[str]) -> str | None:
    """The format that (nearly) all texts have, or None; also None where day and month could be either.

    Points between numbers mean that the day comes first.

    Args:
        texts: sequence of str, the distinct cells of a column.

    >>> find_format(["31.05.2024", "01.06.2024"]), find_format(["5/31/24 6:30 PM"]), find_format(["1/2/2024"])
    ('day first', 'month first', None)
    """
    if not texts:
        return None
    few = texts[:: max(1, len(texts) // 1000)]
    fitting = [name for name, (_, parse) in FORMATS.items() if _fits(few, parse) and _fits(texts, parse)]
    for way in ("", "several ways, "):
        if {f"{way}day first", f"{way}month first"} <= set(fitting[:2]):
            either = [text for text in few if _NUMBERS.fullmatch(text)]
            pointed = sum("." in text for text in either) > 0.5 * len(either)
            return f"{way}day first" if pointed else None
    return fitting[0] if fitting else None


def _fits(texts: Sequence[str], parse: Callable[[str], float | None]) -> bool:
    return sum(parse(text) is not None for text in texts) >= _MOSTLY * len(texts)


def seconds(text: str, name: str) -> float | None:
    """Seconds since 1970 of a text in a known format, or None.

    Args:
        text: str.
        name: str, a key of `FORMATS`.

    >>> seconds("02/01/1970", "day first"), seconds("Jan 2, 1970", "month by name"), seconds("soon", "iso")
    (86400.0, 86400.0, None)
    """
    return FORMATS[name][1](text)
