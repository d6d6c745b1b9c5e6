"""Elements of HTML and SVG as text: every string of the user's is escaped, every element is closed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # no signs in any XML
_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they would turn the text after them around


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def escape(value: object) -> Markup:
    """A value as text that a browser shows as it stands; `Markup` stays what it is.

    Args:
        value: anything; shown as `str(value)`.

    >>> escape("<b> & 'c'"), escape(Markup("<b>"))
    ('&lt;b&gt; &amp; &#39;c&#39;', '<b>')
    """
    if isinstance(value, Markup):
        return value
    return Markup(_DIRECTIONS.sub("\ufffd", _FORBIDDEN.sub("\ufffd", str(value))).translate(_SIGNS))


def tag(name: str, /, *children: Any, **attributes: Any) -> Markup:
    """One element.

    Args:
        name: str.
        children: strings (escaped), `Markup`, lists of these; None is nothing.
        attributes: `class_` is `class`, other underscores are hyphens; None is left out.

    >>> tag("a", "1 < 2", href="#x", class_="k", aria_label=None)
    '<a href="#x" class="k">1 &lt; 2</a>'
    >>> tag("br")
    '<br/>'
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = join(children)
    closed = not inner and name in _EMPTY
    return Markup(f"<{name}{given}/>" if closed else f"<{name}{given}>{inner}</{name}>")


_EMPTY = {"br", "meta", "hr", "line", "rect", "circle", "path", "polyline"}


def join(parts: Any) -> Markup:
    """Parts one after the other, as in `tag`."""
    if parts is None:
        return Markup("")
    if isinstance(parts, (list, tuple)):
        return Markup("".join(join(part) for part in parts))
    return escape(parts)


def table(head: Sequence[Any], rows: Sequence[Sequence[Any]], kinds: str, class_: str | None = None) -> Markup:
    """A table; texts stand to the left, numbers to the right. It scrolls where it is too wide.

    Args:
        head: the cells of the first line; empty for none.
        rows: sequences of cells.
        kinds: str. A letter a column: `t` text, `n` number.
        class_: str or None. `columns`: no cell is broken; `meanings`: on a telephone the last cell of a row goes below
            the others.
    """

    def row(cells: Sequence[Any], name: str) -> Markup:
        first = {"scope": "row"} if name == "td" else {"scope": "col"}
        return tag("tr", [
            tag("th" if name == "th" or i == 0 else "td", cell, class_="n" if kinds[i] == "n" else None,
                **(first if name == "th" or i == 0 else {}))
            for i, cell in enumerate(cells)
        ])  # fmt: skip

    body = tag("tbody", [row(cells, "td") for cells in rows])
    top = tag("thead", row(head, "th")) if head else None
    return tag("div", tag("table", top, body, class_=class_), class_="wide", tabindex="0")
