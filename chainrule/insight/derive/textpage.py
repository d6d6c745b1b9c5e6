"""A derivation as plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .document import Block, Chart, Fold, Formula, Heading, Numbers, Say, corner
from .plain import plain
from .symbols import spelled

WIDTH = 110


def text_page(blocks: Iterable[Block]) -> str:
    """The page as text."""
    lines: list[str] = []
    for block in blocks:
        lines += _WRITERS[type(block)](block)
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _heading(block: Heading) -> list[str]:
    if block.level == 1:
        return [block.text, "=" * len(block.text), ""]
    if block.level == 2:
        return ["", block.text, "-" * len(block.text)]
    return ["", f"{'  ' * (block.level - 3)}[{block.text}]"]


def _say(block: Say) -> list[str]:
    text = f"! {block.text}" if block.kind == "warning" else block.text
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    " if block.kind else "  ")


def _formula(block: Formula) -> list[str]:
    text = f"    {plain(block.term)}"
    gap = " " * max(3, 72 - len(text))
    found = [f"{text}{gap}{block.aside}" if block.aside else text]
    return found + textwrap.wrap(block.below, WIDTH, initial_indent="      · ", subsequent_indent="        ")


def _numbers(block: Numbers) -> list[str]:
    if len(block.line.parts) == 2:  # nothing but a name
        return shown(block.array, f"    {plain(block.line)} = ")
    found = [f"    {plain(block.line)}"]
    if block.filled is not None:
        found.append(f"      = {plain(block.filled)}")
    return found + shown(block.array, "      = ")


def shown(array: np.ndarray, lead: str) -> list[str]:
    """A matrix in rows, or its corner and its size.

    >>> shown(np.array([[1.0, 2.0], [3.0, 4.0]]), "x = ")
    ['x = [ 1  2 ]', '    [ 3  4 ]']
    """
    part, is_cut = corner(array)
    if array.size == 1:
        return [f"{lead}{spelled(array.item(), 7)}"]
    cells = [[spelled(v) for v in row] for row in part.tolist()]
    width = max((len(c) for row in cells for c in row), default=1)
    size = "×".join(map(str, array.shape))
    dots = " …" if part.shape[1] < array.shape[-1] else ""
    rows = [f"[ {'  '.join(c.rjust(width) for c in row)}{dots} ]" for row in cells]
    if is_cut or array.ndim > 2:
        rows[-1] += f"   … ({size})"
    return [(lead if k == 0 else " " * len(lead)) + row for k, row in enumerate(rows)]


def _chart(block: Chart) -> list[str]:
    return ["", *(f"    {line}" for line in block.mermaid.splitlines()), ""]


def _fold(block: Fold) -> list[str]:
    return ["", f"  ({block.title})", *(line for b in block.blocks for line in _WRITERS[type(b)](b))]


_WRITERS: dict[type, Callable[[Any], list[str]]] = {
    Heading: _heading, Say: _say, Formula: _formula, Numbers: _numbers, Chart: _chart, Fold: _fold,
}  # fmt: skip
