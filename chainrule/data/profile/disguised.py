"""Missing values in disguise: words, codes such as -999, zeros where zero is impossible. Suspected, never changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ..cells import number_text, says_missing
from .structure import Suspect

_CODE = re.compile(r"-?(?:9{2,})|-1|-9|-8{2,}|-7{2,}|-1?0*1e\+?\d\d|-?32768|2147483647|-2147483648")
_HOLE, _FEWEST_ZEROS = 5.0, 3
_ENOUGH = 20  # so many different other numbers, or there is no telling


def suspected_words(levels: Sequence[str], counts: np.ndarray) -> list[Suspect]:
    """Words among the texts of a column that often mean "no value".

    Args:
        levels: sequence of str, the distinct texts.
        counts: int array, how often each occurs.

    >>> suspected_words(["admin.", "unknown"], np.array([10, 3]))
    [Suspect(text='unknown', count=3, reason='the word says that there is no value')]
    """
    reason = "the word says that there is no value"
    return [
        Suspect(text, int(n), reason) for text, n in zip(levels, counts, strict=True) if n and says_missing(text)
    ]


def suspected_numbers(values: np.ndarray) -> list[Suspect]:
    """Numbers that may be codes for "no value": -999 and its kin at one end, apart from all others; impossible zeros.

    Args:
        values: float64 (n,), NaN for missing.

    >>> suspected_numbers(np.array([*range(40), -999, -999.0]))[0].text
    '-999'
    >>> suspected_numbers(np.array([*range(60, 100), 0, 0, 0.0]))[0].text
    '0'
    >>> suspected_numbers(np.arange(40.0))
    []
    """
    known = values[~np.isnan(values)]
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) <= _ENOUGH:
        return _code_among_few(distinct, counts)
    found = [_code(distinct, counts, at) for at in (0, -1)]
    return [suspect for suspect in (*found, _zero(known, distinct, counts)) if suspect is not None]


def _code(distinct: np.ndarray, counts: np.ndarray, at: int) -> Suspect | None:
    """The least or the greatest number, if it is written like a code and stands apart from the others."""
    text = number_text(distinct[at])
    others = distinct[1:] if at == 0 else distinct[:-1]
    if counts[at] < 2 or not _CODE.fullmatch(text):
        return None
    gap = abs(float(distinct[at] - others[0 if at == 0 else -1]))
    alone_below = at == 0 and text in ("-1", "-9") and others[0] >= 0 and bool((others == np.round(others)).all())
    if not alone_below and gap < 0.5 * float(np.ptp(others)):
        return None
    side = "smaller" if at == 0 else "greater"
    return Suspect(text, int(counts[at]), f"{side} than all others, apart from them, and written like a code")


def _code_among_few(distinct: np.ndarray, counts: np.ndarray) -> list[Suspect]:
    """With few different numbers only codes that lie far away: -999 beside 1, 2, 3."""
    if len(distinct) < 4:
        return []
    found = []
    for at, others in ((0, distinct[1:]), (-1, distinct[:-1])):
        text = number_text(distinct[at])
        far = abs(float(distinct[at])) > 5 * max(float(np.abs(others).max()), float(np.ptp(others)))
        if far and counts[at] >= 2 and re.fullmatch(r"-?9{2,}|-?8{2,}", text):
            found.append(Suspect(text, int(counts[at]), "far from all others, and written like a code"))
    return found


def _zero(known: np.ndarray, distinct: np.ndarray, counts: np.ndarray) -> Suspect | None:
    """Zeros below a hole: all other numbers are positive, and begin far from 0 for how close together they lie."""
    if distinct[0] != 0:
        return None
    zeros, positive, others = int(counts[0]), distinct[1:], known[known > 0]
    least, spread = float(positive[0]), float(others.std() / others.mean())
    step = max(float(np.median(np.diff(positive))), float(np.diff(positive[: len(positive) // 10 + 2]).mean()))
    if not (least >= _HOLE * step and least >= 0.1 * float(np.median(others)) and spread < 1):
        return None
    if not _FEWEST_ZEROS <= zeros < 0.6 * len(known):
        return None
    return Suspect("0", zeros, f"no other number is below {least:g}, where they lie close together")
