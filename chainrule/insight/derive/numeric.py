"""A formula with numbers for its symbols, computed: what is printed is checked to be what is meant."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from .terms import Term

_ERF = np.vectorize(math.erf, otypes=[np.float64])
Array = np.ndarray


class NoNumberError(Exception):
    """A part of a formula says in words what is done; it cannot be computed from the formula alone."""


def evaluate(term: Term, numbers: Mapping[Term, Any], samples_first: bool = True) -> Array:
    """The value of a formula, in double precision.

    Args:
        term: Term.
        numbers: the arrays of its symbols, as they are displayed.
        samples_first: bool. Whether a row is a sample (True), or a column is.

    Raises: NoNumberError: a part has no number, or is no formula.

    >>> from .terms import plus, symbol, number
    >>> float(evaluate(plus(symbol("x"), number(1)), {symbol("x"): 2.0}))
    3.0
    """
    if term in numbers:
        return np.asarray(numbers[term], np.float64)
    if term.kind not in _MEANING:
        raise NoNumberError(term.kind)

    def value(part: Term) -> Array:
        return evaluate(part, numbers, samples_first)

    with np.errstate(all="ignore"):
        return _MEANING[term.kind](value, samples_first, *term.parts)


def _product(value: Any, first: bool, *factors: Term) -> Array:
    result = value(factors[0])
    for factor in factors[1:]:
        result = result * value(factor)
    return result  # type: ignore[no-any-return]


def _total(value: Any, first: bool, sign: str, under: str, body: Term, axes: tuple[int, ...] | None) -> Array:
    array = value(body)
    if axes == (-1,):  # the classes of a sample
        axes = (_classes(array, first),)
    function = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min}[sign]
    return np.asarray(function(array) if axes is None else function(array, axis=axes, keepdims=True))  # type: ignore[operator]


def _classes(array: Array, first: bool) -> int:
    """The axis along which the classes of a sample lie; only matrices are transposed."""
    return array.ndim - 1 if first or array.ndim > 2 else 0


def _call(value: Any, first: bool, name: str, *arguments: Term) -> Array:
    if name == "onehot":
        rows = np.eye(int(arguments[1].parts[0]))[value(arguments[0]).astype(int).ravel()]
        return rows if first else rows.T
    if name == "softmax":
        z = value(arguments[0])
        axis = _classes(z, first)
        e = np.exp(z - z.max(axis, keepdims=True))
        return e / e.sum(axis, keepdims=True)  # type: ignore[no-any-return]
    if name not in FUNCTIONS:
        raise NoNumberError(name)
    return FUNCTIONS[name](*map(value, arguments))


def _relation(value: Any, first: bool, sign: str, *sides: Term) -> Array:
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal,
               "!=": np.not_equal}.get(sign)  # fmt: skip
    if compare is None:
        raise NoNumberError(sign)
    values = [value(s) for s in sides]
    result = np.asarray(True)
    for a, b in pairwise(values):
        result = result & compare(a, b)
    return result


def _sum(value: Any, first: bool, *terms: Term) -> Array:
    result = value(terms[0])
    for term in terms[1:]:
        result = result + value(term)
    return result  # type: ignore[no-any-return]


FUNCTIONS: dict[str, Callable[..., Array]] = {
    "sigma": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "exp": np.exp,
    "ln": np.log,
    "max": np.maximum,
    "min": np.minimum,
    "sign": np.sign,
    "sin": np.sin,
    "cos": np.cos,
    "erf": _ERF,
    "Phi": lambda z: (1 + _ERF(z / math.sqrt(2))) / 2,
    "phi": lambda z: np.exp(-z * z / 2) / math.sqrt(2 * math.pi),
    "floor": np.floor,
}
_MEANING: dict[str, Callable[..., Array]] = {
    "symbol": lambda value, first, name, upper, lower: _constant(name),
    "number": lambda value, first, n: np.asarray(n, np.float64),
    "sum": _sum,
    "negative": lambda value, first, a: -value(a),
    "times": _product,
    "hadamard": _product,
    "matmul": lambda value, first, a, b: value(a) @ value(b),
    "quotient": lambda value, first, a, b: value(a) / value(b),
    "power": lambda value, first, a, b: value(a) ** value(b),
    "call": _call,
    "transpose": lambda value, first, a: value(a).T,
    "total": _total,
    "relation": _relation,
    "cases": lambda value, first, when, yes, no: np.where(value(when), value(yes), value(no)),
    "root": lambda value, first, a: np.sqrt(value(a)),
    "absolute": lambda value, first, a: np.abs(value(a)),
}


def _constant(name: str) -> Array:
    if name != "π":
        raise NoNumberError(name)
    return np.asarray(math.pi)
