"""Elementwise primitives: `y[i] = f(x[i])` and `y[i] = f(x[i], w[i])`, one table row each.

Operands have one shape and one dtype; broadcasting and promotion are made explicit before (`arithmetic.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..errors import DTypeError
from ..ir import BOOL, DTYPES, FLOAT, INTEGER, NUMBER, Params, Primitive, TensorType, dtype_name
from .definition import define, require, require_dtype


class Row(NamedTuple):
    """One elementwise primitive. `example` is (operands, result) as Python text."""

    name: str
    meaning: Callable[..., np.ndarray]
    dtypes: tuple[str, ...]
    formula: str
    gradient: str
    example: tuple[str, str]
    numerics: str = "as NumPy"
    source: str = "IEEE 754"
    result: str = ""  # the result's dtype when it is not the operands'


def _each(function: Callable[[float], float]) -> Callable[[np.ndarray], np.ndarray]:
    """A scalar function of the standard library, applied to each element in double precision."""
    whole = np.vectorize(function, otypes=[np.float64])
    return lambda x: whole(x).astype(x.dtype) if x.size else x


def _sigmoid(x: np.ndarray) -> np.ndarray:
    e = np.exp(-np.abs(x))  # never overflows
    return (np.where(x >= 0, 1, e) / (1 + e)).astype(x.dtype)


def _erf_inv(y: float) -> float:
    if not math.fabs(y) < 1:
        return math.copysign(math.inf, y) if math.fabs(y) == 1 else math.nan
    s = math.log1p(-y * y)
    t = 2 / (math.pi * 0.147) + s / 2
    x = math.copysign(math.sqrt(math.sqrt(t * t - s / 0.147) - t), y)
    for _ in range(4):  # Newton's steps on erf(x) - y, in the tail on erfc for relative precision
        size, target = math.fabs(x), math.fabs(y)
        error = (1 - target) - math.erfc(size) if target > 0.5 else math.erf(size) - target
        slope = 2 / math.sqrt(math.pi) * math.exp(-x * x)
        x -= math.copysign(1.0, x) * error / slope if slope else 0.0
    return x


def _shift(operation: Callable[..., np.ndarray]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Shift counts are taken modulo the width, so that every executor agrees."""
    return lambda x, w: operation(x, np.bitwise_and(w, x.dtype.type(8 * x.dtype.itemsize - 1)))


UNARY = [
    Row("neg", np.negative, NUMBER, "y = -x", "-g", ("[1.0, -2.0]", "[-1.0, 2.0]")),
    Row("abs", np.abs, NUMBER, "y = |x|", "g sign(x); 0 at 0", ("[1.0, -2.0]", "[1.0, 2.0]")),
    Row("sign", np.sign, NUMBER, "y = -1, 0 or 1", "zero", ("[3.0, 0.0]", "[1.0, 0.0]"), "NaN stays NaN"),
    Row("floor", np.floor, FLOAT, "y = the largest integer <= x", "zero", ("[1.5, -1.5]", "[1.0, -2.0]")),
    Row("ceil", np.ceil, FLOAT, "y = the smallest integer >= x", "zero", ("[1.5, -1.5]", "[2.0, -1.0]")),
    Row("round", np.round, FLOAT, "y = the nearest integer, halves to even", "zero", ("[0.5, 1.5]", "[0.0, 2.0]")),
    Row("exp", np.exp, FLOAT, "y = e^x", "g y", ("[0.0, 1.0]", "[1.0, 2.718281828459045]")),
    Row("expm1", np.expm1, FLOAT, "y = e^x - 1", "g (y + 1)", ("[0.0]", "[0.0]"), "exact near 0, where e^x - 1 is not"),
    Row("log", np.log, FLOAT, "y = ln x", "g / x", ("[1.0]", "[0.0]"), "-inf at 0, NaN below"),
    Row("log1p", np.log1p, FLOAT, "y = ln(1 + x)", "g / (1 + x)", ("[0.0]", "[0.0]"), "exact near 0"),
    Row("sqrt", np.sqrt, FLOAT, "y = the square root of x", "g / (2 y)", ("[4.0]", "[2.0]"), "NaN below 0"),
    Row("sin", np.sin, FLOAT, "y = sin x", "g cos(x)", ("[0.0]", "[0.0]")),
    Row("cos", np.cos, FLOAT, "y = cos x", "-g sin(x)", ("[0.0]", "[1.0]")),
    Row("tanh", np.tanh, FLOAT, "y = (e^x - e^-x) / (e^x + e^-x)", "g (1 - y^2)", ("[0.0]", "[0.0]"),
        "never overflows"),
    Row("sigmoid", _sigmoid, FLOAT, "y = 1 / (1 + e^-x)", "g y (1 - y)", ("[0.0]", "[0.5]"), "never overflows"),
    Row(
        "erf", _each(math.erf), FLOAT, "y = 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x",
        "g 2/sqrt(pi) e^(-x^2)", ("[0.0]", "[0.0]"), "computed in double precision", "Abramowitz and Stegun 7.1.1",
    ),
    Row(
        "erf_inv", _each(_erf_inv), FLOAT, "y such that erf(y) = x, for -1 < x < 1", "g sqrt(pi)/2 e^(y^2)",
        ("[0.0]", "[0.0]"), "infinite at -1 and 1, NaN beyond; Newton's method in double precision",
        "start: Winitzki 2008, eq. 7",
    ),
    Row("bit_not", np.invert, BOOL + INTEGER, "y = every bit of x flipped; `not` for bool", "none (integers)",
        ("[True, False]", "[False, True]")),
    Row("stop_gradient", np.positive, NUMBER, "y = x, with a gradient of zero", "zero by definition",
        ("[1.0]", "[1.0]")),
]  # fmt: skip

BINARY = [
    Row("add", np.add, NUMBER, "y = x + w", "(g, g)", ("[1.0], [2.0]", "[3.0]")),
    Row("sub", np.subtract, NUMBER, "y = x - w", "(g, -g)", ("[1.0], [2.0]", "[-1.0]")),
    Row("mul", np.multiply, NUMBER, "y = x w", "(g w, g x)", ("[3.0], [2.0]", "[6.0]")),
    Row("div", np.divide, FLOAT, "y = x / w", "(g / w, -g y / w)", ("[3.0], [2.0]", "[1.5]")),
    Row("pow", np.power, FLOAT, "y = x^w", "(g w x^(w-1), g y ln x where x > 0)", ("[3.0], [2.0]", "[9.0]"),
        "0^0 = 1; NaN for x < 0 and w not an integer"),
    Row("max", np.maximum, NUMBER, "y = max(x, w)", "g to the larger; half each when equal", ("[3.0], [2.0]", "[3.0]"),
        "NaN if either is NaN"),
    Row("min", np.minimum, NUMBER, "y = min(x, w)", "g to the smaller; half each when equal",
        ("[3.0], [2.0]", "[2.0]"), "NaN if either is NaN"),
    Row("mod", np.mod, NUMBER, "y = x - w floor(x / w), with the sign of w", "(g, -g floor(x / w))",
        ("[-3.0], [2.0]", "[1.0]"), "integers: 0 when w = 0"),
    Row("floordiv", np.floor_divide, NUMBER, "y = floor(x / w)", "zero", ("[-3.0], [2.0]", "[-2.0]"),
        "integers: 0 when w = 0"),
    Row("atan2", np.arctan2, FLOAT, "y = the angle of the point (w, x), in radians", "(g w, -g x) / (x^2 + w^2)",
        ("[0.0], [1.0]", "[0.0]")),
    Row("bit_and", np.bitwise_and, BOOL + INTEGER, "y = x and w, bit by bit", "none (integers)",
        ("[True], [False]", "[False]")),
    Row("bit_or", np.bitwise_or, BOOL + INTEGER, "y = x or w, bit by bit", "none (integers)",
        ("[True], [False]", "[True]")),
    Row("bit_xor", np.bitwise_xor, BOOL + INTEGER, "y = x or w but not both, bit by bit", "none (integers)",
        ("[True], [True]", "[False]")),
    Row("shift_left", _shift(np.left_shift), INTEGER, "y = x 2^w, dropping bits that do not fit", "none (integers)",
        ("[1], [3]", "[8]"), "w is taken modulo the width"),
    Row("shift_right", _shift(np.right_shift), INTEGER, "y = floor(x / 2^w)", "none (integers)",
        ("[8], [3]", "[1]"), "w is taken modulo the width; the sign is kept"),
]  # fmt: skip

COMPARE = [
    Row(name, meaning, DTYPES, f"y = (x {symbol} w)", "none (truth values)", ("[1.0], [2.0]", result),
        "false if either is NaN" if name != "ne" else "true if either is NaN", result="bool")
    for name, meaning, symbol, result in [
        ("eq", np.equal, "=", "[False]"), ("ne", np.not_equal, "!=", "[True]"), ("lt", np.less, "<", "[True]"),
        ("le", np.less_equal, "<=", "[True]"), ("gt", np.greater, ">", "[False]"),
        ("ge", np.greater_equal, ">=", "[False]"),
    ]
]  # fmt: skip


def infer_elementwise(row: Row) -> Callable[..., TensorType]:
    """The type rule of a row: equal types in, the same type (or `row.result`) out."""

    def infer(p: Params, x: TensorType, *others: TensorType) -> TensorType:
        require_dtype(f"{row.name} C1", x, row.dtypes)
        for w in others:
            require(w.dtype == x.dtype, f"{row.name} C2", f"operands of one dtype, {x.dtype}", w, DTypeError)
            require(w.shape == x.shape, f"{row.name} C3", f"operands of one shape, {x.shape}", w.shape)
        return TensorType(row.result or x.dtype, x.shape)

    return infer


def _document(row: Row, operands: str) -> str:
    result = f"of dtype {row.result}" if row.result else "like x"
    arguments = ", ".join(f"np.array([{a}])" for a in row.example[0].strip("[]").split("], ["))
    return f"""{row.formula}

    Operands: {operands}: one dtype of {", ".join(row.dtypes)}; one shape.
    Result: {result}.
    Constraints: C1 an allowed dtype; C2 operands have one dtype; C3 operands have one shape.
    Gradient: {row.gradient}.
    Numerics: {row.numerics}.
    Source: {row.source}.
    Example:
    >>> {row.name}({arguments}).tolist()
    {row.example[1]}
    """


def _evaluate_elementwise(row: Row) -> Callable[..., np.ndarray]:
    def evaluate(p: Params, *arrays: np.ndarray) -> np.ndarray:
        return np.asarray(row.meaning(*arrays)).astype(row.result or arrays[0].dtype, copy=False)

    return evaluate


def _define_row(row: Row, operands: str) -> Primitive:
    doc = _document(row, operands)
    return define(row.name, "elementwise", infer_elementwise(row), _evaluate_elementwise(row), doc)


for _row in UNARY:
    globals()[_row.name] = _define_row(_row, "x")
for _row in BINARY + COMPARE:
    globals()[_row.name] = _define_row(_row, "x, w")


def infer_select(p: Params, c: TensorType, x: TensorType, w: TensorType) -> TensorType:
    require_dtype("select C1", c, BOOL)
    require(x == w, "select C2", f"two operands of one type, {x}", w)
    require(c.shape == x.shape, "select C3", f"a condition of shape {x.shape}", c.shape)
    return x


def evaluate_select(p: Params, c: np.ndarray, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.where(c, x, w)


select = define(
    "select", "elementwise", infer_select, evaluate_select,
    """y = x where c, w elsewhere

    Operands: c: bool; x, w: one type; all of one shape.
    Result: like x.
    Constraints: C1 c is bool; C2 x and w have one type; C3 c has their shape.
    Gradient: (none, g where c, g where not c).
    Numerics: exact; the value that is not chosen has no influence, even if it is NaN.
    Source: StableHLO, select.
    Example:
    >>> select(np.array([True, False]), np.array([1., 2.]), np.array([3., 4.])).tolist()
    [1.0, 4.0]
    """,
)  # fmt: skip


def infer_convert(p: Params, x: TensorType) -> TensorType:
    return x.with_dtype(p.dtype)


def evaluate_convert(p: Params, x: np.ndarray) -> np.ndarray:
    return x.astype(p.dtype)


convert = define(
    "convert", "elementwise", infer_convert, evaluate_convert,
    """y = x in another dtype

    Operands: x: any dtype.
    Params: dtype: the name of the result's dtype.
    Result: dtype, with x's shape.
    Constraints: C1 dtype is a dtype.
    Gradient: g converted back, when both dtypes are floats; else none.
    Numerics: float to integer drops the fraction; out of range is undefined; anything to bool is x != 0.
    Source: StableHLO, convert.
    Example:
    >>> convert(np.array([1.7, -1.7]), dtype="int32").tolist()
    [1, -1]
    """,
    canonical=lambda dtype: Params(dtype=dtype_name(dtype)),
)  # fmt: skip


def __getattr__(name: str) -> Any:  # tells type checkers that the table's names exist
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
