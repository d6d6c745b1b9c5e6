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
from .definition import IN_WORDS, define, require, require_dtype


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


# Coefficients of three rational approximations, lowest power first (Wichura 1988, AS 241, PPND16).
_CENTRE = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
     4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
)  # fmt: skip
_NEAR_TAIL = (
    (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
     1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9),
)  # fmt: skip
_FAR_TAIL = (
    (6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
     2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15),
)  # fmt: skip


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], r: np.ndarray) -> np.ndarray:
    above, below = coefficients
    return np.polyval(above[::-1], r) / np.polyval(below[::-1], r)


def _erf_inv(y: np.ndarray) -> np.ndarray:
    """The normal quantile function of (1 + y) / 2, divided by sqrt(2)."""
    x = y.astype(np.float64)
    half = x / 2  # the probability less 1/2
    r = np.sqrt(-np.log((1 - np.abs(x)) / 2))  # of the nearer tail
    tail = np.where(r <= 5, _ratio(_NEAR_TAIL, r - 1.6), _ratio(_FAR_TAIL, r - 5))
    z = np.where(np.abs(half) <= 0.425, half * _ratio(_CENTRE, 0.180625 - half * half), np.sign(x) * tail)
    return (np.where(np.abs(x) == 1, np.sign(x) * np.inf, z) / np.sqrt(2)).astype(y.dtype)


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
        "erf_inv", _erf_inv, FLOAT, "y such that erf(y) = x, for -1 < x < 1", "g sqrt(pi)/2 e^(y^2)",
        ("[0.0]", "[0.0]"), "infinite at -1 and 1, NaN beyond; computed in double precision",
        "Wichura 1988, AS 241",
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
    Row("mod", np.mod, NUMBER, "y = x - w floor(x / w), with the sign of w", "(g, -g floordiv(x, w))",
        ("[-3.0], [2.0]", "[1.0]"), "integers: 0 when w = 0"),
    Row("floordiv", np.floor_divide, NUMBER, "y = floor(x / w)", "zero", ("[-3.0], [2.0]", "[-2.0]"),
        "integers: 0 when w = 0; floats: of the exact quotient, NaN for an infinite x"),
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


def infer_unary(row: Row) -> Callable[..., TensorType]:
    """The type rule of a row: the operand's type (or `row.result`)."""

    def infer(p: Params, x: TensorType) -> TensorType:
        require_dtype(f"{row.name} C1", x, row.dtypes)
        return TensorType(row.result or x.dtype, x.shape)

    return infer


def infer_binary(row: Row) -> Callable[..., TensorType]:
    """The type rule of a row with two operands: they have one type."""
    one = infer_unary(row)

    def infer(p: Params, x: TensorType, w: TensorType) -> TensorType:
        result = one(p, x)
        require(w.dtype == x.dtype, f"{row.name} C2", f"operands of one dtype, {x.dtype}", w, DTypeError)
        require(w.shape == x.shape, f"{row.name} C3", f"operands of one shape, {x.shape}", w.shape)
        return result

    return infer


def _document(row: Row, operands: str) -> str:
    several = "; C2 operands have one dtype; C3 operands have one shape" if row not in UNARY else ""
    result = f"of dtype {row.result}" if row.result else "like x"
    arguments = ", ".join(f"np.array([{a}])" for a in row.example[0].strip("[]").split("], ["))
    return f"""{row.formula}

    Operands: {operands}: {IN_WORDS[row.dtypes]}{"; one dtype and one shape" if several else ""}.
    Result: {result}.
    Constraints: C1 an allowed dtype{several}.
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


def _define_row(row: Row, infer: Callable[..., TensorType], operands: str) -> Primitive:
    return define(row.name, "elementwise", infer, _evaluate_elementwise(row), _document(row, operands))


for _row in UNARY:
    globals()[_row.name] = _define_row(_row, infer_unary(_row), "x")
for _row in BINARY + COMPARE:
    globals()[_row.name] = _define_row(_row, infer_binary(_row), "x, w")


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
