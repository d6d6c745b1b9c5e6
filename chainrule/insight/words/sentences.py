"""Sentences that the other parts of chainrule say in English, in Chinese.

They are recognised by templates (the tables `SENTENCES`), as in gettext, where the English text is the key. In the
English template `{name}` stands for any text, `{name:n}` for a whole number, `{name:s}` for a sentence that is
translated itself, `{name:l}` for such ones with commas between them, `{name:o}` for names
with words such as "or" between them, `{name:m}` for a list that may end in "and 3 more", `{name:h}` for " Did you mean
'x'?" or nothing; `[s]` may be there or not, `[y|ies]` is one of these. What is recognised by no
template stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from . import commands, errors, findings, lines, notes, rules

SENTENCES: tuple[tuple[str, str], ...] = (
    *lines.SENTENCES, *notes.SENTENCES, *commands.SENTENCES, *rules.SENTENCES,
    *findings.SENTENCES, *errors.SENTENCES,
)
_PARTS = re.compile(r"\{(\w+)(?::([nslomh]))?\}|\[([^\]]+)\]")
_KINDS = {
    "n": r"[\d,]+",
    "h": r"(?: (?:For '.*?': d|D)id you mean '.*?'\?)*",
}
_ANYTHING = r".+?"


@cache
def _compiled() -> tuple[tuple[str, re.Pattern[str], dict[str, str], str], ...]:
    """(the text up to the first gap, pattern, kind of each placeholder, Chinese) of every template."""
    return tuple((*pattern_of(english), chinese) for english, chinese in SENTENCES)


def pattern_of(template: str) -> tuple[str, re.Pattern[str], dict[str, str]]:
    """What recognises a template: its beginning, a pattern, and what each placeholder holds.

    >>> begin, pattern, kinds = pattern_of("{n:n} row[s] of {table}")
    >>> begin, pattern.fullmatch("3 rows of x.csv").groupdict(), kinds
    ('', {'n': '3', 'table': 'x.csv'}, {'n': 'n', 'table': ''})
    """
    pieces, kinds, last = [], {}, 0
    for found in _PARTS.finditer(template):
        name, kind, choice = found.groups()
        pieces.append(re.escape(template[last : found.start()]))
        if name:
            kinds[name] = kind or ""
            pieces.append(f"(?P<{name}>{_KINDS.get(kind, _ANYTHING)})")
        else:
            pieces.append(f"(?:{choice})" if "|" in choice else f"(?:{choice})?")
        last = found.end()
    pieces.append(re.escape(template[last:]))
    first = _PARTS.search(template)
    return template[: first.start()] if first else template, re.compile("".join(pieces), re.DOTALL), kinds


def translated(text: str) -> str:
    """A sentence in Chinese.

    Args:
        text: str, in English.

    >>> translated("split: 275 rows to train on, 69 to test on")
    '划分：275 行用于训练，69 行用于测试'
    >>> translated("something else")
    'something else'
    """
    return _found(text) or text


def is_known(text: str) -> bool:
    """Whether there is a template for a sentence."""
    return _found(text) is not None


def _found(text: str) -> str | None:
    for begin, pattern, kinds, chinese in _compiled():
        if not text.startswith(begin):
            continue
        match = pattern.fullmatch(text)
        if match:
            return chinese.format(**{name: _HOW[kinds[name]](part) for name, part in match.groupdict().items()})
    return None


def _between(text: str) -> str:
    for english, chinese in ((" or ", " 或 "), (", probably ", "，可能是 "), (", expected about ", "，预计约为 ")):
        text = text.replace(english, chinese)
    return text


def _each(text: str) -> str:
    return "、".join(translated(part) for part in text.split(", "))


def _more(text: str) -> str:
    return re.sub(r" and ([\d,]+) more$", r" 以及另外 \1 个", text.replace("', '", "'、'"))


def _hint(text: str) -> str:
    meant = re.findall(r"(?:For ('.*?'): d|D)id you mean ('.*?')\?", text)
    return "".join(f"{wrong and f'{wrong} '}是否应为 {right}？" for wrong, right in meant)


_HOW: dict[str, Callable[[str], str]] = {
    "": str, "n": str, "s": translated, "l": _each, "o": _between, "m": _more, "h": _hint,
}  # fmt: skip
