"""More elementwise mathematics: seldom used functions under NumPy's names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import config
from .. import primitives as P
from ..errors import DTypeError, TracedValueError, UnsupportedError
from ..ir import FLOAT, INTEGER, NARROW, Tensor, dtype_name, finfo
from ..primitives.arithmetic import align, as_operand, cast, result_type
from .control import while_loop
from .math import absolute, any, floating, isnan, logaddexp, maximum, minimum, mod, where
from .shaping import expand_dims, full_like, ones_like, ravel, zeros_like
from .symbolic import OPS, op


def _pair(x1: Any, x2: Any) -> list[Tensor]:
    """Both as floats of one dtype and shape."""
    return [floating(x) for x in align(x1, x2)]


def outside_recordings(name: str, function: Callable[..., Any], *operands: Any) -> Any:
    """What NumPy makes of tensors whose numbers are known: for results whose shape depends on the numbers.

    Raises: UnsupportedError: the numbers are not known yet, inside a recording.
    """
    try:
        return function(*[as_operand(x).numpy() for x in operands])
    except TracedValueError:
        raise UnsupportedError(
            f"ops.{name}: it needs the numbers themselves, which are not known inside a model or a compiled function. "
            "Call it on the data before."
        ) from None


@op
def cbrt(x: Any) -> Tensor:
    """Elementwise cube root, negative for negative numbers.

    >>> cbrt([-8.0, 0.0]).tolist()
    [-2.0, 0.0]
    """
    x = floating(x)
    size = P.abs(x)
    safe = where(size > 0, size, 1.0)
    root = P.pow(*align(safe, 1.0 / 3.0))
    root = root - (root * root * root - safe) / (3.0 * root * root)  # one step of Newton's: the power is not exact
    return P.sign(x) * where(P.bit_and(size > 0, size < math.inf), root, size)


@op
def exp2(x: Any) -> Tensor:
    """Elementwise 2 to the power of x."""
    x = floating(x)
    return P.pow(full_like(x, 2), x)


_TURN, _TERMS = 1.5, 60  # where erfc is computed as 1 - erf, and how long its continued fraction is elsewhere


@op
def erfc(x: Any) -> Tensor:
    """Elementwise complementary error function 1 - erf(x), exact where that difference is not.

    Source: Abramowitz and Stegun 1964, 7.1.14 (the continued fraction).
    """
    x = floating(x)
    far = where(x > _TURN, x, _TURN)
    tail = far
    for k in range(_TERMS, 0, -1):
        tail = far + (k / 2) / tail
    return where(x > _TURN, P.exp(-far * far) / (tail * math.sqrt(math.pi)), 1.0 - P.erf(minimum(x, _TURN)))


@op
def fabs(x: Any) -> Tensor:
    """Elementwise |x|, always a float."""
    return P.abs(floating(x))


@op
def fmax(x1: Any, x2: Any) -> Tensor:
    """Elementwise the larger of x1 and x2; of a number and a NaN the number."""
    a, b = align(x1, x2)
    return where(isnan(a), b, where(isnan(b), a, maximum(a, b)))


@op
def fmin(x1: Any, x2: Any) -> Tensor:
    """Elementwise the smaller of x1 and x2; of a number and a NaN the number."""
    a, b = align(x1, x2)
    return where(isnan(a), b, where(isnan(b), a, minimum(a, b)))


@op
def fmod(x1: Any, x2: Any) -> Tensor:
    """Elementwise remainder of x1 / x2, with the sign of x1 (`mod` has that of x2)."""
    a, b = align(x1, x2)
    if a.type.dtype == "bool":
        return mod(a, b)
    rest = mod(absolute(a), absolute(b))
    return rest if a.type.dtype in ("bool", "uint8", "uint16", "uint32", "uint64") else where(a < 0, -rest, rest)


@op
def gcd(x1: Any, x2: Any) -> Tensor:
    """Elementwise greatest common divisor of integers (Euclid's algorithm)."""
    a, b = (absolute(t) for t in _integers("gcd", x1, x2))
    step = lambda a, b: (where(b == 0, a, b), where(b == 0, b, mod(a, where(b == 0, ones_like(b), b))))  # noqa: E731
    return while_loop(lambda a, b: any(b != 0), step, (a, b))[0]


@op
def lcm(x1: Any, x2: Any) -> Tensor:
    """Elementwise least common multiple of integers; 0 if either is 0."""
    a, b = _integers("lcm", x1, x2)
    divisor = gcd(a, b)
    return absolute(P.floordiv(a, where(divisor == 0, ones_like(divisor), divisor)) * b)


def _integers(name: str, x1: Any, x2: Any) -> list[Tensor]:
    a, b = align(x1, x2)
    if a.type.dtype in FLOAT or a.type.dtype == "bool":
        raise DTypeError(f"{name}: expected integers; got {a.type.dtype}. Cast them: ops.cast(x, 'int32').")
    return [a, b]


@op
def heaviside(x1: Any, x2: Any) -> Tensor:
    """Elementwise 0 where x1 < 0, 1 where x1 > 0, x2 where x1 is 0."""
    x, at_zero = _pair(x1, x2)
    return where(isnan(x), x, where(x < 0, 0.0, where(x > 0, 1.0, at_zero)))


@op
def hypot(x1: Any, x2: Any) -> Tensor:
    """Elementwise sqrt(x1^2 + x2^2), without overflow on the way.

    >>> hypot(3e30, 4e30).tolist() > 4.9e30
    True
    """
    a, b = (P.abs(x) for x in _pair(x1, x2))
    large, small = maximum(a, b), minimum(a, b)
    safe = where(P.bit_and(large > 0, large < math.inf), large, 1.0)
    ratio = where(large < math.inf, small, 0.0) / safe
    return where(large > 0, large * P.sqrt(1.0 + ratio * ratio), large)


@op
def ldexp(x1: Any, x2: Any) -> Tensor:
    """Elementwise x1 times 2 to the power of x2."""
    x = floating(x1)
    power = cast(as_operand(x2), x.dtype)
    half = P.floor(power * 0.5)  # in two steps: the whole power may overflow where the product does not
    return x * exp2(half) * exp2(power - half)


@op
def logaddexp2(x1: Any, x2: Any) -> Tensor:
    """Elementwise log2(2^x1 + 2^x2), without overflow."""
    a, b = _pair(as_operand(x1), as_operand(x2))
    return logaddexp(a * math.log(2), b * math.log(2)) / math.log(2)


@op
def nextafter(x1: Any, x2: Any) -> Tensor:
    """Elementwise the next number after x1 in the direction of x2. Only outside recordings."""
    return as_operand(outside_recordings("nextafter", np.nextafter, *_pair(x1, x2)))


@op
def sinc(x: Any) -> Tensor:
    """Elementwise sin(pi x) / (pi x); 1 at 0."""
    angle = floating(x) * math.pi
    safe = where(angle == 0, 1.0, angle)
    return where(angle == 0, 1.0, P.sin(safe) / safe)


@op
def signbit(x: Any) -> Tensor:
    """Elementwise whether x is negative; of the two zeros -0.0 is."""
    x = as_operand(x)
    if x.type.dtype not in FLOAT:
        return x < 0 if x.type.dtype != "bool" else zeros_like(x)
    return where(x == 0, P.atan2(zeros_like(x), x) > 1.0, x < 0)  # the angle of (x, 0) is pi to the left of 0


@op
def trunc(x: Any) -> Tensor:
    """Elementwise x without what stands after the point."""
    x = as_operand(x)
    return where(x < 0, P.ceil(x), P.floor(x)) if x.type.dtype in FLOAT else x


@op
def i0(x: Any) -> Tensor:
    """Elementwise modified Bessel function of the first kind and order 0.

    Source: Abramowitz and Stegun 1964, 9.6.12 (the series, up to 30) and 9.7.1 (from there on).
    """
    x = P.abs(floating(x))
    near, far = minimum(x, 30.0), maximum(x, 30.0)
    quarter, total = near * near * 0.25, ones_like(x)
    for k in range(70, 0, -1):
        total = 1.0 + total * quarter / float(k * k)
    tail = ones_like(x)
    for k in range(12, 0, -1):
        tail = 1.0 + tail * ((2 * k - 1) ** 2 / (8.0 * k)) / far
    return where(x < 30.0, total, P.exp(far) / P.sqrt(far * (2 * math.pi)) * tail)


@op
def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Elementwise whether |x1 - x2| <= atol + rtol |x2|; infinities only if equal."""
    a, b = _pair(x1, x2)
    finite = P.bit_and(P.abs(a) < math.inf, P.abs(b) < math.inf)
    near = where(finite, P.abs(a - b) <= atol + rtol * P.abs(b), a == b)
    return P.bit_or(near, P.bit_and(isnan(a), isnan(b))) if equal_nan else near


@op
def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether `isclose` holds for all elements."""
    return OPS["all"](isclose(x1, x2, rtol, atol, equal_nan))


@op
def isneginf(x: Any) -> Tensor:
    """Elementwise whether x is minus infinity."""
    return P.eq(*align(floating(x), -math.inf))


@op
def isposinf(x: Any) -> Tensor:
    """Elementwise whether x is plus infinity."""
    return P.eq(*align(floating(x), math.inf))


@op
def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Elementwise whether x1 is one of the elements of x2 (none of them with `invert`)."""
    a, b = as_operand(x1), ravel(x2)
    dtype = result_type(a, b)
    found = any(expand_dims(cast(a, dtype), -1) == cast(b, dtype), -1)
    return P.bit_not(found) if invert else found


@op
def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """Elementwise x with numbers in place of NaN and infinities: 0 and the largest ones unless given."""
    x = as_operand(x)
    if x.type.dtype not in FLOAT:
        return x
    largest = _largest(x.type.dtype)
    high, low = (largest if posinf is None else posinf), (-largest if neginf is None else neginf)
    return where(isnan(x), nan, where(x == math.inf, high, where(x == -math.inf, low, x)))


def _largest(dtype: str) -> float:
    return float(finfo(dtype).max)


@op
def divide_no_nan(x1: Any, x2: Any) -> Tensor:
    """Elementwise x1 / x2, but 0 where x2 is 0."""
    a, b = _pair(x1, x2)
    zero = b == 0
    return where(zero, 0.0, a / where(zero, 1.0, b))


@op
def bitwise_invert(x: Any) -> Tensor:
    """Elementwise ~x, bit by bit."""
    return P.bit_not(as_operand(x))


@op
def bitwise_left_shift(x: Any, y: Any) -> Tensor:
    """Elementwise x shifted left by y bits."""
    return P.shift_left(*align(x, y))


@op
def bitwise_right_shift(x: Any, y: Any) -> Tensor:
    """Elementwise x shifted right by y bits."""
    return P.shift_right(*align(x, y))


@op
def angle(x: Any) -> Tensor:
    """Elementwise angle in the plane of complex numbers: 0 or pi, since there are only real ones here."""
    x = floating(x)
    return where(x < 0, math.pi, where(isnan(x), x, 0.0))


@op
def conjugate(x: Any) -> Tensor:
    """Elementwise complex conjugate: x itself, since there are only real numbers here."""
    return as_operand(x)


@op
def conj(x: Any) -> Tensor:
    """Elementwise complex conjugate: x itself, since there are only real numbers here."""
    return as_operand(x)


@op
def real(x: Any) -> Tensor:
    """Elementwise real part: x itself, since there are only real numbers here."""
    return as_operand(x)


@op
def imag(x: Any) -> Tensor:
    """Elementwise imaginary part: zeros, since there are only real numbers here."""
    return zeros_like(x)


@op
def isreal(x: Any) -> Tensor:
    """Elementwise whether x has no imaginary part: always true here."""
    return ones_like(x, "bool")


@op
def saturate_cast(x: Any, dtype: Any) -> Tensor:
    """`x` in another dtype; what does not fit becomes the nearest number that does.

    >>> saturate_cast([-5, 300], "uint8").tolist()
    [0, 255]
    """
    x, name = as_operand(x), dtype_name(dtype or config.floatx())
    if x.type.dtype == "bool" or name == "bool":
        return cast(x, name) if x.type.dtype == "bool" else x > 0
    low, high = _limits(name)
    own_low, own_high = _limits(x.type.dtype)
    bottom, top = (type(own_low)(v) for v in (max_of(low, own_low), min_of(high, own_high)))
    if x.type.dtype not in FLOAT or name not in INTEGER or high <= 2**24:
        return cast(minimum(maximum(x, bottom), top), name)
    below = float(np.nextafter(np.asarray(high, _wide(x.type.dtype)), 0))  # the largest integer may lie between floats
    return where(x > below, as_operand(high, name), cast(minimum(maximum(x, bottom), below), name))


def _wide(dtype: str) -> str:
    return "float32" if dtype in NARROW else dtype


def _limits(dtype: str) -> tuple[Any, Any]:
    if dtype in FLOAT:
        return -_largest(dtype), _largest(dtype)
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


def max_of(a: Any, b: Any) -> Any:
    """The larger of two Python numbers, where `max` means the op."""
    return a if a >= b else b


def min_of(a: Any, b: Any) -> Any:
    """The smaller of two Python numbers, where `min` means the op."""
    return a if a <= b else b


@op
def view(x: Any, dtype: Any = None) -> Tensor:
    """The same bytes read as another dtype; only outside recordings. Without one: x."""
    x = as_operand(x)
    name = dtype_name(dtype or x.dtype)
    if name == x.type.dtype:
        return x
    return as_operand(outside_recordings("view", lambda a: np.ascontiguousarray(a).reshape(a.shape).view(name), x))


def is_tensor(x: Any) -> bool:
    """Whether x is a tensor (and not an array, a number or a list)."""
    return isinstance(x, Tensor)


def dtype(x: Any) -> str:
    """The dtype of a tensor, array or number, by name.

    >>> dtype([1.0, 2.0])
    'float32'
    """
    return dtype_name(x.dtype if hasattr(x, "dtype") else as_operand(x).dtype)
