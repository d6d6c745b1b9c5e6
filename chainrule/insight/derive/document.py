"""A derivation as a page: headings, sentences, formulas, numbers. What a page looks like is not said here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .lines import Line
from .terms import Term, matrix, substitute, symbols, words

SMALL = 24  # so many numbers are put into a formula in place of its symbols
CORNER = 6  # rows and columns of a large matrix that are shown at once
WHOLE = 1024  # numbers that are shown when a matrix is unfolded


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 4."""

    level: int
    text: str


@dataclass(frozen=True)
class Say:
    """A paragraph; `kind` is "" or "warning"."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Formula:
    """A formula on a line of its own, with a remark beside it (a shape) and one below."""

    term: Term
    aside: str = ""
    below: str = ""


@dataclass(frozen=True)
class Numbers:
    """A value: its formula, the formula with numbers in place of symbols (None: too large), the array."""

    line: Term
    filled: Term | None
    name: Term
    array: np.ndarray


@dataclass(frozen=True)
class Chart:
    """A flow chart in Mermaid's language, and the same drawn (SVG)."""

    mermaid: str
    drawn: str


@dataclass(frozen=True)
class Fold:
    """Blocks that are shown when asked for."""

    title: str
    blocks: tuple[Any, ...]


Block = Heading | Say | Formula | Numbers | Chart | Fold


def filled(right: Term, numbers: dict[Term, Any]) -> Term | None:
    """A formula with matrices for its symbols, if they are small and all known."""
    known = symbols(right, numbers)
    sizes = sum(np.asarray(numbers[t]).size for t in known)
    if not known or sizes > SMALL or any(np.asarray(numbers[t]).ndim > 2 for t in known):
        return None
    return substitute(right, lambda t: matrix(numbers[t]) if t in numbers else None)


def numbers_of(line: Line, numbers: dict[Term, Any]) -> Numbers | None:
    """The block for a line whose value is known."""
    if not line.has_number or line.left not in numbers:
        return None
    array = np.asarray(numbers[line.left])
    candidates = [filled(right, numbers) for right in reversed(line.right)]
    with_numbers = next((c for c in candidates if c is not None), None)
    return Numbers(line.formula, with_numbers, line.left, array)


def with_shapes(right: Term, shapes: dict[Term, str]) -> Term:
    """A formula with the shape of each symbol in its place."""
    return substitute(right, lambda t: words(f"({shapes[t]})") if t in shapes else None)


def corner(array: np.ndarray, most: int = CORNER) -> tuple[np.ndarray, bool]:
    """The upper left part of a matrix, and whether something is missing. Of more than two axes, the first matrix."""
    while array.ndim > 2:
        array = array[0]
    array = np.atleast_2d(array)
    return array[:most, :most], array.shape[0] > most or array.shape[1] > most


