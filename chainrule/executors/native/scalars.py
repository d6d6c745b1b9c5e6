"""The elementwise primitives on one element: one row each, for every dtype.

Floats of 16 bits are widened to float32 before a row and its result is rounded after it, as NumPy does.
"""

from __future__ import annotations

from collections.abc import Callable

from ...ir import NARROW, Equation, Params
from ...primitives import elementwise as meaning
from . import mathematics as m
from .emit import SIZE, Value

Row = Callable[..., Value]


def lower_element(equation: Equation, operands: list[Value]) -> Value:
    """One element of the result of an elementwise equation."""
    row = ELEMENT[equation.primitive.name]
    wide = [v.to("float32") if v.dtype in NARROW else v for v in operands]
    return row(equation.params, *wide).to(equation.outputs[0].type.dtype)


def _plain(function: Callable[..., Value]) -> Row:
    return lambda p, *operands: function(*operands)


def _compare(relation: str) -> Row:
    return lambda p, x, w: x.compare(relation, w)


def _rounding(name: str) -> Row:
    return lambda p, x: x.intrinsic(name)


def lower_abs(p: Params, x: Value) -> Value:
    if x.is_float:
        return x.abs()
    return x.compare("lt", 0).where(-x, x) if x.signed else x


def lower_sign(p: Params, x: Value) -> Value:
    one = x.compare("gt", 0).where(1, x.lift(0))
    if x.signed or x.is_float:
        one = x.compare("lt", 0).where(-1, one)
    return x.is_nan().where(x, one) if x.is_float else one


def _larger(relation: str) -> Row:
    """NaN if either is NaN, the first of equals."""

    def lower(p: Params, x: Value, w: Value) -> Value:
        first = x.compare(relation, w)
        return (first | x.is_nan() if x.is_float else first).where(x, w)

    return lower


def _integer_division(x: Value, w: Value) -> tuple[Value, Value]:
    """(floor of x / w, the rest), both 0 for w = 0; the smallest number divided by -1 wraps."""
    sign = "s" if x.signed else "u"
    zero = w.compare("eq", 0)
    negated = w.compare("eq", -1) if x.signed else None
    safe = (zero | negated if negated else zero).where(1, w)
    quotient, rest = x.binary("", f"{sign}div", safe), x.binary("", f"{sign}rem", safe)
    if negated:
        lowered = rest.compare("ne", 0) & (rest ^ safe).compare("lt", 0)
        quotient, rest = lowered.where(quotient - 1, quotient), lowered.where(rest + safe, rest)
        quotient = negated.where(-x, quotient)
        rest = negated.where(0, rest)
    return zero.where(0, quotient), zero.where(0, rest)


def _float_remainder(x: Value, w: Value) -> Value:
    """NumPy's: the exact remainder with the sign of w."""
    rest = m.fmod(x, w)
    moved = (rest.compare("lt", 0) ^ w.compare("lt", 0)).where(rest + w, rest)
    signed = rest.compare("eq", 0).where(rest.lift(0.0).intrinsic("copysign", w), moved)
    return w.compare("eq", 0).where(rest, signed)


def lower_mod(p: Params, x: Value, w: Value) -> Value:
    return _float_remainder(x, w) if x.is_float else _integer_division(x, w)[1]


def lower_floordiv(p: Params, x: Value, w: Value) -> Value:
    """For floats NumPy's: (x - remainder) / w, put right by rounding to the nearest integer."""
    if not x.is_float:
        return _integer_division(x, w)[0]
    rest = m.fmod(x, w)
    quotient = (x - rest) / w
    wrong = rest.compare("ne", 0) & (rest.compare("lt", 0) ^ w.compare("lt", 0))
    quotient = wrong.where(quotient - 1.0, quotient)
    floor = quotient.intrinsic("floor")
    floor = (quotient - floor).compare("gt", 0.5).where(floor + 1.0, floor)
    zero = quotient.lift(0.0).intrinsic("copysign", x / w)
    result = quotient.compare("eq", 0).where(zero, floor)
    return w.compare("eq", 0).where(x / w, result)


def lower_bit_not(p: Params, x: Value) -> Value:
    return x ^ (x.lift(True) if x.dtype == "bool" else x.lift(-1))


def _shift(direction: Callable[[Value, Value], Value]) -> Row:
    return lambda p, x, w: direction(x, w & (8 * SIZE[x.dtype] - 1))


def lower_erf_inv(p: Params, y: Value) -> Value:
    """The three rational approximations of the primitive, all computed, one chosen."""

    def ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], r: Value) -> Value:
        return m.polynomial(r, coefficients[0]) / m.polynomial(r, coefficients[1])

    x = y.to("float64")
    half = x * 0.5
    r = (-m.log((1.0 - x.abs()) * 0.5)).intrinsic("sqrt")
    tail = r.compare("le", 5.0).where(ratio(meaning._NEAR_TAIL, r - 1.6), ratio(meaning._FAR_TAIL, r - 5.0))
    centre = half * ratio(meaning._CENTRE, 0.180625 - half * half)
    z = half.abs().compare("le", 0.425).where(centre, tail.intrinsic("copysign", x))
    edge = x.abs().compare("eq", 1.0)
    z = edge.where(x.lift(float("inf")).intrinsic("copysign", x), z)
    return (z / 1.4142135623730951).to(y.dtype)


ELEMENT: dict[str, Row] = {
    "neg": _plain(Value.__neg__), "abs": lower_abs, "sign": lower_sign,
    "floor": _rounding("floor"), "ceil": _rounding("ceil"), "round": _rounding("roundeven"),
    "exp": _plain(m.exp), "expm1": _plain(m.expm1), "log": _plain(m.log), "log1p": _plain(m.log1p),
    "sqrt": _rounding("sqrt"), "sin": _plain(m.sin), "cos": _plain(m.cos), "tanh": _plain(m.tanh),
    "sigmoid": _plain(m.sigmoid), "erf": _plain(m.erf), "erf_inv": lower_erf_inv, "bit_not": lower_bit_not,
    "add": _plain(Value.__add__), "sub": _plain(Value.__sub__), "mul": _plain(Value.__mul__),
    "div": _plain(Value.__truediv__), "pow": _plain(m.power), "max": _larger("ge"), "min": _larger("le"),
    "mod": lower_mod, "floordiv": lower_floordiv, "atan2": _plain(m.atan2),
    "bit_and": _plain(Value.__and__), "bit_or": _plain(Value.__or__), "bit_xor": _plain(Value.__xor__),
    "shift_left": _shift(Value.__lshift__), "shift_right": _shift(Value.__rshift__),
    **{relation: _compare(relation) for relation in ("eq", "ne", "lt", "le", "gt", "ge")},
    "select": _plain(lambda c, x, w: c.where(x, w)),
    "convert": lambda p, x: x.to(p.dtype),
    "pair": lambda p, low, high: (low.bits() >> 16) | high.bits(),  # of bfloat16, widened
}  # fmt: skip
