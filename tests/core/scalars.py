"""One number at a time: what the elementwise primitives mean, written from their formulas in plain Python.

Python's own arithmetic raises where IEEE 754 has a value (1/0, exp(1000)); the few functions here put that right.
Integers are Python's, unbounded; `store` wraps them to the width of the dtype.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.ir import kind_of

INFINITY, NAN = math.inf, math.nan


def store(value: Any, dtype: Any) -> Any:
    """A Python number as an element of a dtype: integers modulo 2^bits, floats rounded to nearest."""
    dtype = np.dtype(dtype)
    if kind_of(dtype) == "b":
        return bool(value)
    if kind_of(dtype) in "iu":
        bits = 8 * dtype.itemsize
        value = int(value) % 2**bits
        return value - 2**bits if kind_of(dtype) == "i" and value >= 2 ** (bits - 1) else value
    with np.errstate(over="ignore"):
        return dtype.type(value)


def divide(x: float, w: float) -> float:
    if w != 0 or x != x or w != w:
        return x / w if w != 0 else NAN
    return NAN if x == 0 else math.copysign(INFINITY, x) * math.copysign(1.0, w)


def guarded(function: Any, overflow: float = INFINITY) -> Any:
    """A function of `math`: NaN where it raises ValueError, `overflow` where it raises OverflowError."""

    def call(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return NAN
        except OverflowError:
            return overflow

    return call


def rounded(function: Any) -> Any:
    """floor, ceil or round as floats, for infinities and NaN too, the sign of zero kept."""
    return lambda x: math.copysign(float(function(x)), x) if math.isfinite(x) else x


def logarithm(x: float) -> float:
    return -INFINITY if x == 0 else guarded(math.log)(x)


def logarithm_of_next(x: float) -> float:
    return -INFINITY if x == -1 else guarded(math.log1p)(x)


def sign(x: Any) -> Any:
    return x if x != x else (x > 0) - (x < 0)


def sigmoid(x: float) -> float:
    if x != x:
        return x
    return 1 / (1 + math.exp(-x)) if x > -700 else guarded(math.exp)(x)


def erf_inverse(y: float) -> float:
    """By bisection: slow, and hard to get wrong."""
    if not -1 < y < 1:
        return math.copysign(INFINITY, y) if abs(y) == 1 else NAN
    if y == 0:
        return y
    low, high = 0.0, 7.0
    for _ in range(200):
        middle = (low + high) / 2
        below = math.erfc(middle) > 1 - abs(y) if abs(y) > 0.5 else math.erf(middle) < abs(y)
        low, high = (middle, high) if below else (low, middle)
    return math.copysign((low + high) / 2, y)


def power(x: float, w: float) -> float:
    try:
        return math.pow(x, w)
    except ValueError:  # 0 to a negative power, or a negative number to a fraction
        if x == 0:
            odd = w == int(w) and int(w) % 2 == 1 if math.isfinite(w) else False
            return math.copysign(INFINITY, x) if odd else INFINITY
        return NAN
    except OverflowError:
        odd = w == int(w) and int(w) % 2 == 1
        return -INFINITY if x < 0 and odd else INFINITY


def larger(x: Any, w: Any) -> Any:
    return x if x != x else w if w != w else x if x > w else w


def smaller(x: Any, w: Any) -> Any:
    return x if x != x else w if w != w else x if x < w else w


def remainder(x: Any, w: Any) -> Any:
    if isinstance(x, int):
        return x % w if w else 0
    if w == 0 or x != x or w != w or math.isinf(x):
        return NAN
    return x % w


def floor_quotient(x: Any, w: Any) -> Any:
    if isinstance(x, int):
        return x // w if w else 0
    if w == 0:
        return divide(x, w)
    return NAN if math.isinf(x) else x // w


def shift_left(x: int, w: int, bits: int) -> int:
    return x * 2 ** (w % bits)


def shift_right(x: int, w: int, bits: int) -> int:
    return x // 2 ** (w % bits)


UNARY: dict[str, Any] = {
    "neg": lambda x: -x,
    "abs": abs,
    "sign": sign,
    "floor": rounded(math.floor),
    "ceil": rounded(math.ceil),
    "round": rounded(round),
    "exp": guarded(math.exp),
    "expm1": guarded(math.expm1),
    "log": logarithm,
    "log1p": logarithm_of_next,
    "sqrt": guarded(math.sqrt),
    "sin": guarded(math.sin),
    "cos": guarded(math.cos),
    "tanh": math.tanh,
    "sigmoid": sigmoid,
    "erf": math.erf,
    "erf_inv": erf_inverse,
    "bit_not": lambda x: not x if isinstance(x, bool) else -x - 1,
    "stop_gradient": lambda x: x,
}
BINARY: dict[str, Any] = {
    "add": lambda x, w: x + w,
    "sub": lambda x, w: x - w,
    "mul": lambda x, w: x * w,
    "div": divide,
    "pow": power,
    "max": larger,
    "min": smaller,
    "mod": remainder,
    "floordiv": floor_quotient,
    "atan2": math.atan2,
    "bit_and": lambda x, w: x & w,
    "bit_or": lambda x, w: x | w,
    "bit_xor": lambda x, w: x ^ w,
    "eq": lambda x, w: x == w,
    "ne": lambda x, w: x != w,
    "lt": lambda x, w: x < w,
    "le": lambda x, w: x <= w,
    "gt": lambda x, w: x > w,
    "ge": lambda x, w: x >= w,
}
SHIFTS: dict[str, Any] = {"shift_left": shift_left, "shift_right": shift_right}
