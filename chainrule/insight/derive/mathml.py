"""Formulas in MathML, which browsers show without any help."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from .printer import Printer
from .symbols import FUNCTIONS, LETTERS, SIGNS, spelled
from .terms import Term


def mathml(term: Term, least: int = 0) -> str:
    """The formula as MathML, without `<math>` around it; in brackets if it binds less than `least`.

    >>> from .terms import number, plus, symbol
    >>> mathml(plus(symbol("x"), number(1)))
    '<mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow>'
    """
    return PRINTER(term, least)


def _row(*parts: str) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _o(sign: str) -> str:
    return f"<mo>{escape(sign)}</mo>"


def _text(text: str) -> str:
    return f"<mtext>{escape(text)}</mtext>"


def _symbol(name: str, upper: str, lower: str) -> str:
    letter = LETTERS.get(name, (name,))[0]
    base = f"<mi>{escape(letter)}</mi>" if len(letter) < 3 else f'<mi mathvariant="normal">{escape(letter)}</mi>'
    above, below = f"<mrow><mo>(</mo><mn>{escape(upper)}</mn><mo>)</mo></mrow>", f"<mi>{escape(lower)}</mi>"
    if upper and lower:
        return f"<msubsup>{base}{below}{above}</msubsup>"
    if upper:
        return f"<msup>{base}{above}</msup>"
    return f"<msub>{base}{below}</msub>" if lower else base


def _number(value: float) -> str:
    mantissa, _, exponent = spelled(value).partition("e")
    mantissa = mantissa.replace("inf", "∞").replace("-", "−")
    text = f"<mn>{mantissa}</mn>"
    if not exponent:
        return text
    return _row(text, _o("·"), f"<msup><mn>10</mn><mn>{str(int(exponent)).replace('-', '−')}</mn></msup>")


def _call(name: str, *arguments: Term) -> str:
    base = name.rstrip("′")
    head = FUNCTIONS.get(base, (base,))[0] + name[len(base) :]
    inside = PRINTER.joined(_o(","), arguments) if arguments else ""
    return _row(f'<mi mathvariant="normal">{escape(head)}</mi>', _o("("), inside, _o(")"))


def _cases(condition: Term, yes: Term, no: Term) -> str:
    rows = ((mathml(yes), mathml(condition)), (mathml(no), _text("else")))
    body = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in rows)
    return _row(_o("{"), f'<mtable columnalign="left">{body}</mtable>')


def _matrix(*rows: tuple[Any, ...]) -> str:
    if len(rows) == 1 and len(rows[0]) == 1:
        return mathml(Term("number", (rows[0][0],)), 2)
    body = "".join("<mtr>" + "".join(f"<mtd>{_number(v)}</mtd>" for v in row) + "</mtr>" for row in rows)
    return _row(_o("["), f"<mtable>{body}</mtable>", _o("]"))


def _total(sign: str, under: str, body: Term, axes: Any) -> str:
    head = _o(SIGNS[sign][0]) if sign in ("sum", "prod") else f'<mi mathvariant="normal">{sign}</mi>'
    return _row(f"<munder>{head}{_text(under)}</munder>" if under else head, mathml(body, 2))


def _derivative(of: Term, by: Term) -> str:
    return f"<mfrac>{_row(_o('∂'), mathml(of))}{_row(_o('∂'), mathml(by, 9))}</mfrac>"


_WRITERS: dict[str, Callable[..., str]] = {
    "symbol": _symbol,
    "number": _number,
    "words": _text,
    "negative": lambda a: _row(_o("−"), mathml(a, 2)),
    "matmul": lambda a, b: _row(mathml(a, 3), _o("\u2062"), mathml(b, 3)),
    "quotient": lambda a, b: f"<mfrac>{_row(mathml(a))}{_row(mathml(b))}</mfrac>",
    "power": lambda a, b: f"<msup>{_row(mathml(a, 9))}{_row(mathml(b))}</msup>",
    "call": _call,
    "transpose": lambda a: f"<msup>{_row(mathml(a, 9))}<mi>T</mi></msup>",
    "total": _total,
    "partial": _derivative,
    "share": lambda of, by, through: f"<msub>{_row(_derivative(of, by), _o('|'))}{_row(mathml(through))}</msub>",
    "cases": _cases,
    "at": lambda a, index: _row(mathml(a, 9), _o("["), _text(index), _o("]")),
    "matrix": _matrix,
    "root": lambda a: f"<msqrt>{mathml(a)}</msqrt>",
    "absolute": lambda a: _row(_o("|"), mathml(a), _o("|")),
}
PRINTER = Printer(
    _WRITERS, {"+": _o("+"), "-": _o("−"), "dot": _o("·"), "nothing": _o("\u2062"), "odot": _o("⊙")}, _row,
    lambda text: _row(_o("("), text, _o(")")), _number, relation=_o,
)  # fmt: skip
