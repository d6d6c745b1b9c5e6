"""Formulas in one line of plain text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .printer import Printer
from .symbols import FUNCTIONS, LETTERS, SIGNS, lowered, raised, spelled
from .terms import Term, binding


def plain(term: Term, least: int = 0) -> str:
    """The formula as text, in brackets if it binds less than `least`.

    >>> from .terms import hadamard, minus, number, symbol
    >>> plain(hadamard(symbol("a", "1"), minus(number(1), symbol("a", "1"))))
    'a⁽¹⁾ ⊙ (1 − a⁽¹⁾)'
    """
    return PRINTER(term, least)


def _symbol(name: str, upper: str, lower: str) -> str:
    letter = LETTERS.get(name, (name,))[0]
    return letter + (lowered(lower) if lower else "") + (raised(f"({upper})") if upper else "")


def _call(name: str, *arguments: Term) -> str:
    base = name.rstrip("′")
    return f"{FUNCTIONS.get(base, (base,))[0]}{name[len(base) :]}({', '.join(map(plain, arguments))})"


def _cases(condition: Term, yes: Term, no: Term) -> str:
    return f"{{ {plain(yes)} if {plain(condition)}, else {plain(no)} }}"


def _matrix(*rows: tuple[Any, ...]) -> str:
    if len(rows) == 1 and len(rows[0]) == 1:
        value = spelled(rows[0][0])
        return f"({value})" if value.startswith("-") else value
    return "[" + "; ".join(" ".join(spelled(v) for v in row) for row in rows) + "]"


def _quotient(a: Term, b: Term) -> str:
    if binding(a) == binding(b) == 9 or (a.kind == "number" and b.kind == "times"):
        return f"{plain(a)}/{plain(b, 4)}"
    return f"{plain(a, 3)} / {plain(b, 4)}"


def _derivative(of: Term, by: Term) -> str:
    return f"∂{plain(of)}/∂{plain(by, 9)}"


def _factor(factor: Term, text: str) -> str:
    """In brackets where a quotient could be read with what follows it."""
    return f"({text})" if factor.kind == "quotient" and " / " in text else text


_WRITERS: dict[str, Callable[..., str]] = {
    "symbol": _symbol,
    "number": lambda value: spelled(value).replace("-", "−", 1) if value < 0 else spelled(value),
    "words": lambda text: text,
    "negative": lambda a: f"−{plain(a, 2)}",
    "matmul": lambda a, b: f"{plain(a, 3)} {plain(b, 4)}",
    "quotient": _quotient,
    "power": lambda a, b: plain(a, 9) + raised(plain(b)),
    "call": _call,
    "transpose": lambda a: f"{plain(a, 9)}ᵀ",
    "total": lambda sign, under, body, axes: f"{SIGNS[sign][0]}{f'[{under}]' if under else ''} {plain(body, 2)}",
    "partial": _derivative,
    "share": lambda of, by, through: f"({_derivative(of, by)} via {plain(through)})",
    "cases": _cases,
    "at": lambda a, index: f"{plain(a, 9)}[{index}]",
    "matrix": _matrix,
    "root": lambda a: f"√({plain(a)})",
    "absolute": lambda a: f"|{plain(a)}|",
}
PRINTER = Printer(
    _WRITERS, {"+": " + ", "-": " − ", "dot": " · ", "nothing": " ", "odot": " ⊙ "}, lambda *parts: "".join(parts),
    "({})".format, spelled, first=3, factor=_factor,
)  # fmt: skip
