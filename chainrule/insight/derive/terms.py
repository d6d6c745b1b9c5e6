"""Formulas as trees, whatever they are written in afterwards (`plain.py`, `latex.py`, `mathml.py`).

A `Term` has a kind and parts. Two terms with the same kind and parts are equal, so a formula can be looked up, and
the symbols in it replaced by their numbers or shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Term:
    """A node of a formula.

    Args:
        kind: str. One of those that the functions below make.
        parts: tuple. Its operands, and what else it needs.
    """

    kind: str
    parts: tuple[Any, ...]


def symbol(name: str, upper: str = "", lower: str = "") -> Term:
    """A letter such as W with an upper index (the layer, in brackets) and a lower one."""
    return Term("symbol", (name, upper, lower))


def number(value: float) -> Term:
    """A number."""
    return Term("number", (value + 0 if value == 0 else value,))  # -0 is 0


def words(text: str) -> Term:
    """Upright words inside a formula."""
    return Term("words", (text,))


ZERO, ONE = number(0), number(1)


def plus(*terms: Term) -> Term:
    """a + b + ...; zeros disappear."""
    kept = [t for t in terms if t != ZERO]
    if len(kept) == 2 and kept[1] == ONE and kept[0].kind == "sum" and kept[0].parts[-1] == minus(ONE):
        return plus(*kept[0].parts[:-1])  # (t - 1) + 1
    return kept[0] if len(kept) == 1 else Term("sum", tuple(kept)) if kept else ZERO


def minus(a: Term, b: Term | None = None) -> Term:
    """a - b, or -a."""
    if b is not None:
        return plus(a, minus(b))
    if a.kind == "negative":
        return a.parts[0]  # type: ignore[no-any-return]
    return ZERO if a == ZERO else number(-a.parts[0]) if a.kind == "number" else Term("negative", (a,))


def _product(kind: str, factors: tuple[Term, ...]) -> Term:
    kept: list[Term] = []
    negative = False
    for factor in factors:
        if factor.kind == "negative":
            negative, factor = not negative, factor.parts[0]
        if factor == number(-1):
            negative, factor = not negative, ONE
        if factor != ONE:
            kept += factor.parts if factor.kind == kind else [factor]
    if ZERO in kept:
        return ZERO
    found = kept[0] if len(kept) == 1 else Term(kind, tuple(kept)) if kept else ONE
    return minus(found) if negative else found


def times(*factors: Term) -> Term:
    """A product with numbers: a b."""
    return _product("times", factors)


def hadamard(*factors: Term) -> Term:
    """The product element by element; numbers stand in front."""
    numbers = [f for f in factors if f.kind == "number"]
    return times(*numbers, _product("hadamard", tuple(f for f in factors if f.kind != "number")))


def matmul(a: Term, b: Term) -> Term:
    """The product of matrices."""
    return Term("matmul", (a, b))


def over(a: Term, b: Term) -> Term:
    """a / b, element by element."""
    if b == ONE:
        return a
    if a.kind == "negative":
        return minus(over(a.parts[0], b))
    return Term("quotient", (a, b))


def power(a: Term, b: Term) -> Term:
    """a to the b."""
    return a if b == ONE else Term("power", (a, b))


def call(name: str, *arguments: Term) -> Term:
    """A function with a name."""
    return Term("call", (name, *arguments))


def transposed(a: Term) -> Term:
    """The transpose."""
    return a.parts[0] if a.kind == "transpose" else Term("transpose", (a,))


def total(sign: str, under: str, body: Term, axes: tuple[int, ...] | None = None) -> Term:
    """A sum, product, maximum, ... over what stands under its sign: some axes, or everything."""
    return Term("total", (sign, under, body, axes))


def partial(of: Term, by: Term) -> Term:
    """The derivative of one value by another."""
    return Term("partial", (of, by))


def share(of: Term, by: Term, through: Term) -> Term:
    """The part of a derivative that comes through one of the places where the value is used."""
    return Term("share", (of, by, through))


def relation(sign: str, *sides: Term) -> Term:
    """left = right = ..., or left <- right, or a comparison."""
    return Term("relation", (sign, *sides))


def cases(condition: Term, yes: Term, no: Term) -> Term:
    """`yes` where the condition holds, else `no`."""
    return Term("cases", (condition, yes, no))


def at(a: Term, index: str) -> Term:
    """An element or a part: a[index]."""
    return Term("at", (a, index))


def matrix(array: np.ndarray) -> Term:
    """Numbers in rows and columns, all of them."""
    rows = np.atleast_2d(np.asarray(array)).tolist()
    return Term("matrix", tuple(tuple(row) for row in rows))


def root(a: Term) -> Term:
    """The square root."""
    return Term("root", (a,))


def absolute(a: Term) -> Term:
    """|a|."""
    return Term("absolute", (a,))


def substitute(term: Term, change: Callable[[Term], Term | None]) -> Term:
    """The formula with every part for which `change` gives another put in its place, from the outside inwards.

    >>> substitute(plus(symbol("x"), ONE), lambda t: number(2) if t == symbol("x") else None) == plus(number(2), ONE)
    True
    """
    changed = change(term)
    if changed is not None:
        return changed
    return Term(term.kind, tuple(substitute(p, change) if isinstance(p, Term) else p for p in term.parts))


def symbols(term: Term, known: Any) -> list[Term]:
    """The parts of a formula that `known` contains, in order, each once."""
    found: dict[Term, None] = {}

    def look(part: Term) -> Term | None:
        if part in known:
            found[part] = None
            return part
        return None

    substitute(term, look)
    return list(found)


# How each kind binds: a part that binds less than its place needs stands in brackets.
BINDING = {
    "relation": 0, "cases": 0, "sum": 1, "negative": 1, "total": 2, "hadamard": 2, "times": 3, "matmul": 2,
    "quotient": 3, "partial": 5, "share": 5,
}  # fmt: skip


def binding(term: Term) -> int:
    """How tightly a term holds together; 9: it never needs brackets."""
    if term.kind == "number" and (term.parts[0] < 0 or "e" in f"{term.parts[0]:.5g}"):
        return 1
    return BINDING.get(term.kind, 6 if term.kind in ("power", "transpose", "at") else 9)
