"""exp, log, tanh and their kin: our own polynomials, free of branches, so that LLVM's vectoriser takes them.

float32 functions are computed in float32 (`pow` in float64, then rounded). The rare ones, `sin cos atan2
fmod` and in float64 `erf pow` as well, are calls of the C library, bound by name (`machine.SYMBOLS`): loops with them
do not vectorise. Tested bounds in units in the last place: tests/native/test_mathematics.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from . import coefficients as c
from .emit import Value


class Format(NamedTuple):
    """What a float format looks like, as the bit tricks need it."""

    unsigned: str  # the integer of its width
    signed: str
    mantissa: int  # bits stored
    bias: int
    shifter: float  # adding it puts the nearest integer into the last bits
    lowest: float  # e^x is 0 below
    highest: float  # e^x is infinite above
    tiny: float  # the smallest normal number


FORMAT = {
    "float32": Format("uint32", "int32", 23, 127, 1.5 * 2.0**23, -104.0, 89.0, 2.0**-126),
    "float64": Format("uint64", "int64", 52, 1023, 1.5 * 2.0**52, -746.0, 710.0, 2.0**-1022),
}


def polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """Horner's rule, with fused multiplications."""
    total = x.lift(coefficients[-1])
    for a in reversed(coefficients[:-1]):
        total = total.fma(x, a)
    return total


def _power_of_two(n: Value, dtype: str) -> Value:
    """2^n for a signed integer n in the range of normal numbers."""
    form = FORMAT[dtype]
    return ((n + form.bias) << form.mantissa).as_float(dtype)


def _reduced(x: Value) -> tuple[Value, Value]:
    """x = n ln 2 + r: (e^r - 1, n), for x beyond the range at its ends. NaN goes through."""
    form = FORMAT[x.dtype]
    x = x.compare("gt", form.highest).where(form.highest, x)
    x = x.compare("lt", form.lowest).where(form.lowest, x)
    shifted = x.fma(1 / math.log(2), form.shifter)
    n = shifted - form.shifter
    high, low = c.LN2[x.dtype]
    r = n.fma(-low, n.fma(-high, x))
    integer = (shifted.bits() - x.lift(form.shifter).bits()).to(form.signed)
    return (r * r).fma(polynomial(r, c.EXPM1[x.dtype]), r), integer


def exp(x: Value) -> Value:
    """e^x; the factor 2^n is applied in two steps, so that subnormal and infinite results come out right."""
    p, n = _reduced(x)
    half = n >> 1
    return (p + 1.0) * _power_of_two(half, x.dtype) * _power_of_two(n - half, x.dtype)


def expm1(x: Value) -> Value:
    """e^x - 1: a polynomial near 0, 2^n e^r - 1 elsewhere."""
    p, n = _reduced(x)
    half = n >> 1
    first, second = _power_of_two(half, x.dtype), _power_of_two(n - half, x.dtype)
    near = _power_of_two(n.compare("gt", 60).where(60, n.compare("lt", -60).where(-60, n)), x.dtype)
    small = p.fma(near, near - 1.0)
    large = (p + 1.0) * first * second
    result = n.compare("gt", 59).where(large, small)
    return x.compare("eq", 0.0).where(x, result)  # -0 stays


def _split(x: Value) -> tuple[Value, Value]:
    """x = 2^e m with m from sqrt(1/2) to sqrt(2): (m - 1, e as a float). x is positive and finite."""
    form = FORMAT[x.dtype]
    small = x.compare("lt", form.tiny)
    scaled = small.where(x * 2.0 ** (form.mantissa + 2), x)
    bits = scaled.bits()
    root = x.lift(math.sqrt(0.5)).bits()
    raised = bits - root
    e = raised.to(form.signed) >> form.mantissa
    m = (bits - (e << form.mantissa).to(form.unsigned)).as_float(x.dtype)
    return m - 1.0, e.to(x.dtype) - small.where(float(form.mantissa + 2), 0.0, x.dtype)


def _log_positive(x: Value) -> Value:
    f, e = _split(x)
    high, low = c.LN2[x.dtype]
    half_square = f * f * 0.5
    if x.dtype == "float32":
        rest = f * f * f * polynomial(f, c.LOG1P)
        return e.fma(high, f - (half_square - e.fma(low, rest)))
    s = f / (f + 2.0)
    z = s * s
    rest = s * (half_square + z * polynomial(z, c.ATANH))
    return e.fma(high, f - (half_square - e.fma(low, rest)))


def _edges(x: Value, result: Value) -> Value:
    """-inf at 0, NaN below, infinity and NaN as they are."""
    result = x.compare("lt", float("inf")).where(result, x)
    result = x.compare("eq", 0.0).where(-float("inf"), result)
    return x.compare("lt", 0.0).where(float("nan"), result)


def log(x: Value) -> Value:
    """ln x, with its edges: -inf at 0, NaN below."""
    return _edges(x, _log_positive(x))


def log1p(x: Value) -> Value:
    """ln u with u = 1 + x rounded, and what the rounding lost, divided by u."""
    u = x + 1.0
    lost = x.abs().compare("le", 1.0).where(x - (u - 1.0), 1.0 - (u - x))
    result = _edges(u, _log_positive(u) + lost / u)
    return x.compare("eq", 0.0).where(x, result)


def tanh(x: Value) -> Value:
    """A polynomial for small |x|, 1 - 2 / (e^(2|x|) + 1) elsewhere."""
    z = x * x
    small = z.fma(polynomial(z, c.TANH[x.dtype]), 1.0) * x  # -0 stays
    large = 1.0 - 2.0 / (exp(x.abs() * 2.0) + 1.0)
    return x.abs().compare("le", 0.625).where(small, large.intrinsic("copysign", x))


def sigmoid(x: Value) -> Value:
    """1 / (1 + e^-x) from e^-|x|, which never overflows."""
    e = exp(-x.abs())
    return x.compare("ge", 0.0).where(1.0, e) / (e + 1.0)


def _library(name: str) -> Callable[..., Value]:
    """A function of the C library, in float64."""

    def apply(*operands: Value) -> Value:
        """The call, in double precision; for a vector one call a number."""
        x, wide = operands[0], [v.to("float64") for v in operands]
        call = lambda *numbers: x.f.call("double", name, *(f"double {n}" for n in numbers))  # noqa: E731
        return wide[0].each_lane(call, *wide[1:]).to(x.dtype)

    return apply


fmod, atan2 = _library("fmod"), _library("atan2")


def erf(x: Value) -> Value:
    """The error function: x + x P(x^2) up to 1, 1 - e^(Q(x)) beyond; float64 calls the C library."""
    if x.dtype == "float64":
        return _library("erf")(x)
    size, z = x.abs(), x * x
    near = (x * polynomial(z, c.ERF)) + x
    capped = size.compare("gt", 4.0).where(4.0, size)  # beyond, 1 - erf(x) is less than half a unit of 1
    far = (1.0 - exp(polynomial(capped, c.LOG_ERFC))).intrinsic("copysign", x)
    return size.compare("le", 1.0).where(near, far)


def power(x: Value, w: Value) -> Value:
    """x^w. In float64 the C library's; in float32 e^(w ln |x|) in float64, with IEEE's special cases."""
    if x.dtype == "float64":
        return _library("pow")(x, w)
    wide, exponent = x.to("float64"), w.to("float64")
    result = exp(exponent * log(wide.abs()))
    whole = exponent.intrinsic("floor")
    half = exponent * 0.5
    is_whole = exponent.compare("eq", whole)
    odd = is_whole & half.compare("ne", half.intrinsic("floor"))
    negative = wide.bits().compare("ge", 1 << 63) & x.is_nan().compare("eq", False)
    result = (negative & odd).where(-result, result)
    fractional = is_whole.compare("eq", False) & wide.compare("lt", 0.0) & wide.compare("gt", -float("inf"))
    result = fractional.where(float("nan"), result)
    one = wide.compare("eq", 1.0) | exponent.compare("eq", 0.0)
    unit = wide.compare("eq", -1.0) & exponent.abs().compare("eq", float("inf"))
    return (one | unit).where(1.0, result).to(x.dtype)


sin, cos = _library("sin"), _library("cos")
