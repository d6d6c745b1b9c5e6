"""A derivation as a LaTeX document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .document import Block, Chart, Fold, Formula, Heading, Numbers, Say, corner
from .latex import escaped, latex
from .terms import matrix, relation, words

_HEAD = r"""\documentclass{article}
\usepackage{amsmath,amssymb}
\usepackage[margin=2cm]{geometry}
%s\setcounter{MaxMatrixCols}{20}
\allowdisplaybreaks
\begin{document}
"""
_CHINESE = "\\usepackage{ctex}\n"
_LEVELS = {1: "section*", 2: "subsection*", 3: "subsubsection*", 4: "paragraph"}


def latex_page(blocks: Iterable[Block], chinese: bool = False) -> str:
    """The page as a LaTeX document."""
    body = "\n".join(_WRITERS[type(block)](block) for block in blocks)
    return _HEAD % (_CHINESE if chinese else "") + body + "\n\\end{document}\n"


def _formula(block: Formula) -> str:
    aside = rf" \qquad \text{{{escaped(block.aside)}}}" if block.aside else ""
    below = f"\n{escaped(block.below)}\n" if block.below else ""
    return rf"\[ {latex(block.term)}{aside} \]{below}"


def _numbers(block: Numbers) -> str:
    part, is_cut = corner(block.array)
    size = words(f" … ({'×'.join(map(str, block.array.shape))})")
    sides = [block.filled] if block.filled is not None else []
    value = latex(matrix(part)) + (latex(size) if is_cut or block.array.ndim > 2 else "")
    return rf"\[ {latex(relation('=', block.line.parts[1], *sides))} = {value} \]"


def _chart(block: Chart) -> str:
    return "\n".join(f"% {line}" for line in block.mermaid.splitlines())  # LaTeX draws no Mermaid


def _fold(block: Fold) -> str:
    inside = "\n".join(_WRITERS[type(b)](b) for b in block.blocks)
    return f"\\paragraph{{{escaped(block.title)}}}\n{inside}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    Heading: lambda b: f"\\{_LEVELS[b.level]}{{{escaped(b.text)}}}",
    Say: lambda b: (f"\\textbf{{!}} {escaped(b.text)}" if b.kind else escaped(b.text)) + "\n",
    Formula: _formula,
    Numbers: _numbers,
    Chart: _chart,
    Fold: _fold,
}
