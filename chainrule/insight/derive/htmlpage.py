"""A derivation as one HTML file that needs nothing else: MathML, folding, light and dark, for phones too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

import numpy as np

from .document import CORNER, WHOLE, Block, Chart, Fold, Formula, Heading, Numbers, Say, corner
from .mathml import mathml
from .symbols import spelled

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6570;--paper:#fff;--card:#f5f7f9;--line:#d7dde3;--mark:#0b63c5;
--warn:#8a4b00;--warn-paper:#fff4e0}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa5b1;--paper:#14171a;--card:#1d2226;--line:#343c44;
--mark:#7ab8ff;--warn:#ffc879;--warn-paper:#33270f}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,"Noto Sans","Noto Sans CJK SC",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25}h2{margin-top:2rem;border-bottom:1px solid var(--line);padding-bottom:.25rem;
font-size:1.25rem}h3{font-size:1rem;margin:1.25rem 0 .25rem}h4{font-size:.95rem;color:var(--soft);margin:1rem 0 .25rem}
p{margin:.5rem 0}
math{font-size:1.08em}
.f,.n{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;justify-content:space-between;padding:.4rem .6rem;
margin:.3rem 0;background:var(--card);border-radius:.4rem;overflow:auto hidden}
.n{display:block}.n>div{overflow:auto hidden;padding:.15rem 0}
.s{color:var(--soft);font-size:.85rem;white-space:nowrap}.b{color:var(--soft);font-size:.9rem;margin:.1rem .6rem .6rem}
.w{background:var(--warn-paper);color:var(--warn);border-left:4px solid;padding:.5rem .75rem;border-radius:.25rem}
details{margin:.4rem 0}summary{cursor:pointer;color:var(--mark)}
table{border-collapse:collapse;font:.82rem/1.4 ui-monospace,monospace;border:solid var(--soft);border-width:0 1px;
border-radius:.3rem}td{padding:.05rem .5rem;text-align:right;white-space:nowrap}
pre{overflow-x:auto;background:var(--card);padding:.6rem;border-radius:.4rem;font-size:.8rem}
svg{max-width:100%;height:auto;display:block;margin:.5rem auto}
@media print{details>*{display:block}.f,.n{break-inside:avoid}}
"""


def html_page(title: str, blocks: Iterable[Block], lang: str = "en") -> str:
    """The page as HTML."""
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n'
        + html_body(blocks)
        + "\n</body>\n</html>\n"
    )


def html_body(blocks: Iterable[Block]) -> str:
    """The blocks alone, to be put into another page that has the same styles."""
    return "\n".join(_WRITERS[type(block)](block) for block in blocks)


def _math(inside: str) -> str:
    return f'<math displaystyle="true">{inside}</math>'


def _formula(block: Formula) -> str:
    aside = f'<span class="s">{escape(block.aside)}</span>' if block.aside else ""
    below = f'<div class="b">{escape(block.below)}</div>' if block.below else ""
    return f'<div class="f">{_math(mathml(block.term))}{aside}</div>{below}'


def _numbers(block: Numbers) -> str:
    parts = [f"<div>{_math(mathml(block.line))}</div>"]
    if block.filled is not None:
        parts.append(f"<div>{_math(f'<mo>=</mo>{mathml(block.filled)}')}</div>")
    parts.append(f"<div>{_array(block.array)}</div>")
    return f'<div class="n">{"".join(parts)}</div>'


def _array(array: np.ndarray) -> str:
    """A matrix; of a large one its corner, and the rest folded."""
    if array.size == 1:
        return _math(f"<mo>=</mo><mn>{spelled(array.item(), 7).replace('-', '−')}</mn>")
    part, is_cut = corner(array)
    if not is_cut and array.ndim <= 2:
        return f'<div style="display:flex;align-items:center">{_math("<mo>=</mo>")}{_table(part, part.shape)}</div>'
    size, shape = "×".join(map(str, array.shape)), np.atleast_2d(array).shape[-2:]
    whole, _ = corner(array, max(CORNER, int(WHOLE**0.5)))
    more = "…" if array.ndim > 2 else ""
    return f"{_table(part, shape)}<details><summary>{size}</summary>{_table(whole, shape)}{more}</details>"


def _table(part: np.ndarray, shape: tuple[int, ...]) -> str:
    """The upper left part of a matrix of that shape, with dots where it goes on."""
    rows = [[spelled(v) for v in row] for row in part.tolist()]
    if len(rows) < shape[0]:
        rows.append(["⋮"] * part.shape[1])
    end = ["…"] if part.shape[1] < shape[1] else []
    lines = ("".join(f"<td>{cell}</td>" for cell in [*row, *end]) for row in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _chart(block: Chart) -> str:
    return f"{block.drawn}<details><summary>Mermaid</summary><pre>{escape(block.mermaid)}</pre></details>"


def _fold(block: Fold) -> str:
    return f"<details><summary>{escape(block.title)}</summary>{html_body(block.blocks)}</details>"


_WRITERS: dict[type, Callable[[Any], str]] = {
    Heading: lambda b: f"<h{b.level}>{escape(b.text)}</h{b.level}>",
    Say: lambda b: f'<p class="w">{escape(b.text)}</p>' if b.kind else f"<p>{escape(b.text)}</p>",
    Formula: _formula,
    Numbers: _numbers,
    Chart: _chart,
    Fold: _fold,
}
