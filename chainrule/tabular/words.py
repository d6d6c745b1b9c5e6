"""Text for people: numbers with their nouns, columns that line up in every script."""

from __future__ import annotations

import unicodedata


def count(number: int, word: str) -> str:
    """A number and its noun.

    Args:
        number: int.
        word: str, in the singular.

    >>> count(1, "row"), count(3200, "category")
    ('1 row', '3,200 categories')
    """
    if number != 1:
        word = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number:,} {word}"


def width(text: str) -> int:
    """How many cells of a terminal a text takes: two for Chinese, Japanese and Korean signs, none for accents.

    Args:
        text: str.

    >>> width("abc"), width("准确率")
    (3, 6)
    """
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def padded(text: str, cells: int, left: bool = False) -> str:
    """A text with spaces after it, or before it, so that it takes so many cells.

    Args:
        text: str.
        cells: int.
        left: bool, default False. Whether the spaces come first.

    >>> padded("准", 4) + "|", padded("7", 3, left=True)
    ('准  |', '  7')
    """
    space = " " * (cells - width(text))
    return space + text if left else text + space


def shortened(text: str, cells: int) -> str:
    """A text cut to so many cells, with an ellipsis where something is missing.

    Args:
        text: str.
        cells: int.

    >>> shortened("chainrule", 6), shortened("准确率", 5)
    ('chain…', '准确…')
    """
    if width(text) <= cells:
        return text
    kept = ""
    for sign in text:
        if width(kept + sign) > cells - 1:
            break
        kept += sign
    return kept + "…"
