"""Formulas in LaTeX (amsmath)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .printer import Printer
from .symbols import FUNCTIONS, LETTERS, SIGNS, spelled
from .terms import Term

_SPECIAL = str.maketrans({c: "\\" + c for c in "#$%&_{}"} | {"\\": r"\backslash ", "^": r"\hat{}", "~": r"\sim "})
_SIGNS = {
    "×": r"$\times$", "−": "$-$", "ŷ": r"$\hat y$", "·": r"$\cdot$", "→": r"$\to$", "≤": r"$\le$", "≥": r"$\ge$",
    "Σ": r"$\Sigma$", "σ": r"$\sigma$", "⊙": r"$\odot$", "∂": r"$\partial$", "ᵀ": r"$^T$", "½": r"$\frac12$",
    "⁽": "$^($", "⁾": "$^)$", "ˡ": "$^l$", "ₜ": "$_t$", "′": "$'$", "…": r"\dots{}", "δ": r"$\delta$",
    "β": r"$\beta$", "ε": r"$\varepsilon$", "η": r"$\eta$", "θ": r"$\theta$", "λ": r"$\lambda$", "ρ": r"$\rho$",
    "μ": r"$\mu$", "γ": r"$\gamma$", **{sign: f"$^{k}$" for k, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{chr(8320 + k): f"$_{k}$" for k in range(10)},
}  # fmt: skip


def escaped(text: str) -> str:
    """Words as LaTeX text.

    >>> print(escaped("a_b: 50 %"))
    a\\_b: 50 \\%
    """
    return "".join(_SIGNS.get(c, c) for c in text.translate(_SPECIAL))


def latex(term: Term, least: int = 0) -> str:
    r"""The formula in LaTeX's mathematics, in brackets if it binds less than `least`.

    >>> from .terms import matmul, symbol, transposed
    >>> print(latex(matmul(symbol("delta", "2"), transposed(symbol("W", "2")))))
    \delta^{(2)} {W^{(2)}}^{\top}
    """
    return PRINTER(term, least)


def _symbol(name: str, upper: str, lower: str) -> str:
    letter = LETTERS[name][1] if name in LETTERS else name if len(name) == 1 else rf"\mathrm{{{escaped(name)}}}"
    return letter + (f"_{{{escaped(lower)}}}" if lower else "") + (f"^{{({upper})}}" if upper else "")


def _number(value: float) -> str:
    mantissa, _, exponent = spelled(value).partition("e")
    mantissa = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{NaN}"}.get(mantissa, mantissa)
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _call(name: str, *arguments: Term) -> str:
    base, primes = name.rstrip("′"), "'" * (len(name) - len(name.rstrip("′")))
    head = FUNCTIONS[base][1] if base in FUNCTIONS else rf"\operatorname{{{escaped(base)}}}"
    return rf"{head}{primes}\left({', '.join(map(latex, arguments))}\right)"


def _cases(condition: Term, yes: Term, no: Term) -> str:
    return rf"\begin{{cases}} {latex(yes)} & {latex(condition)} \\ {latex(no)} & \text{{else}} \end{{cases}}"


def _matrix(*rows: tuple[Any, ...]) -> str:
    body = r" \\ ".join(" & ".join(_number(v) for v in row) for row in rows)
    if len(rows) == 1 and len(rows[0]) == 1:
        return rf"({body})" if body.startswith("-") else body
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _total(sign: str, under: str, body: Term, axes: Any) -> str:
    below = rf"_{{\text{{{escaped(under)}}}}}" if under else ""
    return f"{SIGNS[sign][1]}{below} {latex(body, 2)}"


def _derivative(of: Term, by: Term) -> str:
    return rf"\frac{{\partial {latex(of)}}}{{\partial {latex(by, 9)}}}"


_WRITERS: dict[str, Callable[..., str]] = {
    "symbol": _symbol,
    "number": _number,
    "words": lambda text: rf"\text{{{escaped(text)}}}",
    "negative": lambda a: f"-{latex(a, 2)}",
    "matmul": lambda a, b: f"{latex(a, 3)} {latex(b, 3)}",
    "quotient": lambda a, b: rf"\frac{{{latex(a)}}}{{{latex(b)}}}",
    "power": lambda a, b: f"{{{latex(a, 9)}}}^{{{latex(b)}}}",
    "call": _call,
    "transpose": lambda a: rf"{{{latex(a, 9)}}}^{{\top}}",
    "total": _total,
    "partial": _derivative,
    "share": lambda of, by, through: rf"{_derivative(of, by)}\Big|_{{{latex(through)}}}",
    "cases": _cases,
    "at": lambda a, index: rf"{latex(a, 9)}[\text{{{escaped(index)}}}]",
    "matrix": _matrix,
    "root": lambda a: rf"\sqrt{{{latex(a)}}}",
    "absolute": lambda a: rf"\left|{latex(a)}\right|",
}
PRINTER = Printer(
    _WRITERS, {"+": " + ", "-": " - ", "dot": r" \cdot ", "nothing": r" \, ", "odot": r" \odot "},
    lambda *parts: "".join(parts), r"\left({}\right)".format, _number, place=1,
)  # fmt: skip
