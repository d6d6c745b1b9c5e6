"""Words of a text."""

from __future__ import annotations

import itertools
import re

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]+(?:['’][^\W\d_]+)?|\d+|[!?$£€%@#]")
_DIGITS = re.compile(r"\d+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{4}")


def words_of(text: str, pairs: bool = True) -> list[str]:
    """The words of a text and its pairs of neighbours: lower case, numbers by their length, Chinese signs one by one.

    Args:
        text: str.
        pairs: bool, default True.

    >>> words_of("Call 0800 now!")
    ['call', '0000', 'now', '!', 'call 0000', '0000 now', 'now !']
    """
    words = [_DIGITS.sub(lambda d: "0" * min(6, len(d[0])), word) for word in _TOKEN.findall(text.lower())]
    return words if not pairs else [*words, *(f"{a} {b}" for a, b in itertools.pairwise(words))]


def is_unspaced(text: str) -> bool:
    """Whether a text holds a run of Chinese or Japanese signs, which are written without spaces.

    >>> is_unspaced("今天天气很好"), is_unspaced("ID-4711")
    (True, False)
    """
    return _UNSPACED.search(text) is not None
