"""Elementwise mathematics, comparison and reductions, under NumPy's names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .. import config
from .. import primitives as P
from ..errors import ArgumentError
from ..ir import FLOAT, Tensor
from ..primitives.arithmetic import (
    COMPARISONS,
    OPERATORS,
    align,
    as_operand,
    full,
)
from ..primitives.arithmetic import cast as _cast
from .symbolic import OPS, op

Axis = int | Sequence[int] | None


def floating(x: Any) -> Tensor:
    """A tensor of floats: integers and truth values become `floatx`."""
    x = as_operand(x)
    return x if x.type.dtype in FLOAT else _cast(x, config.floatx())


def normalize_axis(axis: Any, rank: int, name: str = "axis") -> int:
    """An axis counted from 0; negative ones count from the end."""
    if not isinstance(axis, int) and hasattr(axis, "__index__"):
        axis = axis.__index__()
    if not isinstance(axis, int) or not -rank <= axis < rank:
        raise ArgumentError(f"expected {name} from {-rank} to {rank - 1} for a tensor of {rank} axes; got {axis!r}.")
    return axis % rank


def normalize_axes(axis: Axis, rank: int) -> tuple[int, ...]:
    """Axes counted from 0, sorted; None means all of them."""
    if axis is None:
        return tuple(range(rank))
    axes = axis if isinstance(axis, (list, tuple)) else [axis]
    found = sorted(normalize_axis(a, rank) for a in axes)
    if len(set(found)) < len(found):
        raise ArgumentError(f"expected axes that differ; got {axis!r} for a tensor of {rank} axes.")
    return tuple(found)


@op
def cast(x: Any, dtype: Any) -> Tensor:
    """`x` in another dtype.

    >>> cast([1.7], "int32").tolist()
    [1]
    """
    return as_operand(x, dtype)


@op
def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Tensor:
    """A tensor from an array, a nested list, a number or a Variable. Python floats become `floatx`."""
    return as_operand(x, dtype)


def convert_to_numpy(x: Any) -> Any:
    """The NumPy array behind a tensor."""
    return as_operand(x).numpy()


def _binary_ops() -> None:
    rows = {
        "add": ("x1 + x2", OPERATORS["add"]), "subtract": ("x1 - x2", OPERATORS["sub"]),
        "multiply": ("x1 * x2", OPERATORS["mul"]), "divide": ("x1 / x2, always a float", OPERATORS["truediv"]),
        "true_divide": ("x1 / x2, always a float", OPERATORS["truediv"]),
        "floor_divide": ("floor(x1 / x2)", OPERATORS["floordiv"]),
        "mod": ("x1 - x2 floor(x1 / x2), with the sign of x2", OPERATORS["mod"]),
        "power": ("x1 to the power of x2", OPERATORS["pow"]),
        "maximum": ("the larger of x1 and x2; NaN if either is NaN", lambda a, b: P.max(*align(a, b))),
        "minimum": ("the smaller of x1 and x2; NaN if either is NaN", lambda a, b: P.min(*align(a, b))),
        "arctan2": ("the angle of the point (x2, x1), in radians", lambda a, b: P.atan2(*_floats(a, b))),
        "bitwise_and": ("x1 & x2, bit by bit", OPERATORS["and"]), "bitwise_or": ("x1 | x2", OPERATORS["or"]),
        "bitwise_xor": ("x1 ^ x2, bit by bit", OPERATORS["xor"]),
        "left_shift": ("x1 shifted left by x2 bits", lambda a, b: P.shift_left(*align(a, b))),
        "right_shift": ("x1 shifted right by x2 bits", lambda a, b: P.shift_right(*align(a, b))),
        "equal": ("x1 == x2", COMPARISONS["eq"]), "not_equal": ("x1 != x2", COMPARISONS["ne"]),
        "less": ("x1 < x2", COMPARISONS["lt"]), "less_equal": ("x1 <= x2", COMPARISONS["le"]),
        "greater": ("x1 > x2", COMPARISONS["gt"]), "greater_equal": ("x1 >= x2", COMPARISONS["ge"]),
        "logical_and": ("x1 and x2, as truth values", lambda a, b: P.bit_and(*align(_truth(a), _truth(b)))),
        "logical_or": ("x1 or x2, as truth values", lambda a, b: P.bit_or(*align(_truth(a), _truth(b)))),
        "logical_xor": ("x1 or x2 but not both", lambda a, b: P.bit_xor(*align(_truth(a), _truth(b)))),
        "logaddexp": ("log(e^x1 + e^x2), without overflow", lambda a, b: _logaddexp(*_floats(a, b))),
    }  # fmt: skip
    for name, (formula, function) in rows.items():
        two = _two_bits if name in _BITS else _two
        _publish(name, two(function), f"{formula}; shapes broadcast, dtypes promote.")


_BITS = ("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift")  # Keras calls their arguments x, y


def _two(function: Callable[[Any, Any], Tensor]) -> Callable[..., Tensor]:
    return lambda x1, x2: function(x1, x2)


def _two_bits(function: Callable[[Any, Any], Tensor]) -> Callable[..., Tensor]:
    return lambda x, y: function(x, y)


def _one(function: Callable[[Tensor], Tensor], convert: Callable[[Any], Tensor]) -> Callable[..., Tensor]:
    return lambda x: function(convert(x))


def _publish(name: str, function: Any, doc: str) -> None:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Elementwise {doc}"
    globals()[name] = op(function)


def _truth(x: Any) -> Tensor:
    return as_operand(x, "bool")


def _floats(x1: Any, x2: Any) -> list[Tensor]:
    """Operands as floats of one dtype; unlike elsewhere, Python numbers count as tensors."""
    return [floating(x) for x in align(as_operand(x1), as_operand(x2))]


def _logaddexp(a: Tensor, b: Tensor) -> Tensor:
    return P.max(a, b) + P.log1p(P.exp(-P.abs(a - b)))


def _unary_ops() -> None:
    half_pi = math.pi / 2
    rows = {
        "exp": ("e^x", P.exp), "expm1": ("e^x - 1, exact near 0", P.expm1), "log": ("natural logarithm", P.log),
        "log1p": ("log(1 + x), exact near 0", P.log1p), "log2": ("log of base 2", lambda x: P.log(x) / math.log(2)),
        "log10": ("log of base 10", lambda x: P.log(x) / math.log(10)), "sqrt": ("square root", P.sqrt),
        "rsqrt": ("1 / sqrt(x)", lambda x: 1.0 / P.sqrt(x)), "reciprocal": ("1 / x", lambda x: 1.0 / x),
        "sin": ("sine", P.sin), "cos": ("cosine", P.cos), "tan": ("tangent", lambda x: P.sin(x) / P.cos(x)),
        "arcsin": ("inverse sine", lambda x: P.atan2(x, P.sqrt((1.0 - x) * (1.0 + x)))),
        "arccos": ("inverse cosine", lambda x: P.atan2(P.sqrt((1.0 - x) * (1.0 + x)), x)),
        "arctan": ("inverse tangent", lambda x: P.atan2(x, full(x.shape, 1, x.dtype))),
        "sinh": ("hyperbolic sine", lambda x: (P.expm1(x) - P.expm1(-x)) * 0.5),
        "cosh": ("hyperbolic cosine", lambda x: (P.exp(x) + P.exp(-x)) * 0.5), "tanh": ("hyperbolic tangent", P.tanh),
        "arcsinh": ("inverse hyperbolic sine", lambda x: P.sign(x) * _arcsinh(P.abs(x))),
        "arccosh": ("inverse hyperbolic cosine", _arccosh),
        "arctanh": ("inverse hyperbolic tangent", lambda x: (P.log1p(x) - P.log1p(-x)) * 0.5),
        "erf": ("error function", P.erf), "erfinv": ("inverse error function", P.erf_inv),
        "deg2rad": ("degrees to radians", lambda x: x * (half_pi / 90)),
        "rad2deg": ("radians to degrees", lambda x: x * (90 / half_pi)),
    }  # fmt: skip
    for name, (formula, function) in rows.items():
        _publish(name, _one(function, floating), f"{formula}; integers become floats.")


def _arcsinh(x: Tensor) -> Tensor:
    """Of x >= 0; above 1 with 1 / x, since x^2 may overflow."""
    small, large = _parted(x, 1.0)
    upper = P.log(large) + P.log1p(P.sqrt(1.0 + 1.0 / large / large))
    return where(x > 1.0, upper, P.log1p(small + small * small / (1.0 + P.sqrt(small * small + 1.0))))


def _arccosh(x: Tensor) -> Tensor:
    small, large = _parted(x, 2.0)
    upper = P.log(large) + P.log1p(P.sqrt((1.0 - 1.0 / large) * (1.0 + 1.0 / large)))
    return where(x > 2.0, upper, P.log(small + P.sqrt((small - 1.0) * (small + 1.0))))


def _parted(x: Tensor, limit: float) -> tuple[Tensor, Tensor]:
    """x where it is at most the limit, and where it is larger; the limit elsewhere."""
    is_large = x > limit
    return where(is_large, limit, x), where(is_large, x, limit)


def _squared(x: Tensor) -> Tensor:
    x = _cast(x, "int32") if x.type.dtype == "bool" else x
    return P.mul(x, x)


def _keeping_ops() -> None:
    rows = {
        "negative": ("-x", P.neg), "sign": ("-1, 0 or 1", P.sign), "square": ("x * x", _squared),
        "logical_not": ("not x, as a truth value", lambda x: P.bit_not(_truth(x))), "bitwise_not": ("~x", P.bit_not),
        "isnan": ("whether x is NaN", lambda x: P.ne(x, x)),
        "isinf": ("whether x is infinite", lambda x: P.abs(floating(x)) == math.inf),
        "isfinite": ("whether x is neither NaN nor infinite", lambda x: P.abs(floating(x)) < math.inf),
    }  # fmt: skip
    for name, (formula, function) in rows.items():
        _publish(name, _one(function, as_operand), f"{formula}.")


@op
def absolute(x: Any) -> Tensor:
    """Elementwise |x|."""
    x = as_operand(x)
    return x if x.type.dtype == "bool" or x.type.dtype.startswith("u") else P.abs(x)


@op
def abs(x: Any) -> Tensor:
    """Elementwise |x|."""
    return absolute(x)


def _rounded(x: Any, primitive: Any) -> Tensor:
    x = as_operand(x)
    return primitive(x) if x.type.dtype in FLOAT else x


@op
def floor(x: Any) -> Tensor:
    """Elementwise largest integer not above x, as floats."""
    return P.floor(floating(x))


@op
def ceil(x: Any) -> Tensor:
    """Elementwise smallest integer not below x, as floats."""
    return P.ceil(floating(x))


@op
def round(x: Any, decimals: int = 0) -> Tensor:
    """Elementwise nearest number with `decimals` digits after the point; halves to even."""
    x = as_operand(x)
    if x.type.dtype not in FLOAT and decimals < 0:
        return _cast(round(_cast(x, "float64"), decimals), x.dtype)
    if not decimals or x.type.dtype not in FLOAT:
        return _rounded(x, P.round)
    scale = 10.0**decimals
    return P.round(x * scale) / scale


@op
def clip(x: Any, x_min: Any, x_max: Any) -> Tensor:
    """Elementwise min(max(x, x_min), x_max); None for no limit.

    >>> clip([-1.0, 0.5, 2.0], 0.0, 1.0).tolist()
    [0.0, 0.5, 1.0]
    """
    low = as_operand(x) if x_min is None else P.max(*align(x, x_min))
    return low if x_max is None else P.min(*align(low, x_max))


@op
def where(condition: Any, x1: Any = None, x2: Any = None) -> Tensor:
    """Elementwise x1 where condition, else x2; the value not chosen has no influence, even if NaN.

    Without x1 and x2: where the condition holds, one vector an axis; only outside recordings.

    >>> where([True, False], 1.0, 2.0).tolist()
    [1.0, 2.0]
    """
    if x1 is None and x2 is None:
        return OPS["nonzero"](condition)  # type: ignore[no-any-return]
    if x1 is None or x2 is None:
        raise ArgumentError("where: expected both x1 and x2, or neither; got one of them.")
    from ..primitives.arithmetic import broadcast_shape, broadcast_to

    c = _truth(condition)
    x1, x2 = align(x1, x2)
    shape = broadcast_shape(c.shape, x1.shape)
    return P.select(*(broadcast_to(t, shape) for t in (c, x1, x2)))


def _reduce(primitive: Any, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    axes = normalize_axes(axis, x.ndim)
    y = primitive(x, axes=axes)
    return keep_axes(y, axes, x.ndim) if keepdims else y


def keep_axes(y: Tensor, axes: Sequence[int], rank: int) -> Tensor:
    """Axes of size 1 put back where a reduction removed them."""
    sizes = iter(y.shape)
    return P.reshape(y, shape=[1 if a in axes else next(sizes) for a in range(rank)])


_WIDER = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}


def counted(x: Tensor) -> Tensor:
    """Small integers as those that their sums are made of."""
    return _cast(x, _WIDER.get(x.type.dtype, x.type.dtype))


@op
def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum of the elements along axes; truth values and integers of 8 or 16 bits count as those of 32."""
    return _reduce(P.reduce_sum, counted(as_operand(x)), axis, keepdims)


@op
def prod(x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Tensor:
    """The product of the elements along axes; truth values and integers of 8 or 16 bits count as those of 32."""
    x = as_operand(x, dtype)
    if dtype and x.type.dtype == "bool":
        return all(x, axis, keepdims)
    return _reduce(P.reduce_prod, x if dtype else counted(x), axis, keepdims)


def _extreme(reduce: Any, primitive: Any, x: Any, axis: Axis, keepdims: bool, initial: Any) -> Tensor:
    x = as_operand(x)
    if initial is None:
        return _reduce(reduce, x, axis, keepdims)
    if not x.size:  # of nothing
        axes = normalize_axes(axis, x.ndim)
        sizes = [1 if a in axes else n for a, n in enumerate(x.shape) if keepdims or a not in axes]
        return full(sizes, initial, x.dtype)
    found = _reduce(reduce, x, axis, keepdims)
    return primitive(*align(found, as_operand(initial, x.dtype)))  # type: ignore[no-any-return]


@op
def max(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """The largest element along axes; NaN if there is one."""
    return _extreme(P.reduce_max, P.max, x, axis, keepdims, initial)


@op
def min(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """The smallest element along axes; NaN if there is one."""
    return _extreme(P.reduce_min, P.min, x, axis, keepdims, initial)


amax, amin = max, min


@op
def any(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether any element along axes is true."""
    x = _truth(x)
    return _reduce(P.reduce_sum, _cast(x, "int32"), axis, keepdims) > 0


@op
def all(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements along axes are true."""
    x = P.bit_not(_truth(x))
    return P.eq(*align(_reduce(P.reduce_sum, _cast(x, "int32"), axis, keepdims), 0))


@op
def count_nonzero(x: Any, axis: Axis = None) -> Tensor:
    """How many elements along axes are not zero, int32."""
    return _reduce(P.reduce_sum, _cast(_truth(x), "int32"), axis, False)


@op
def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean along axes.

    >>> mean([[1.0, 2.0], [3.0, 6.0]], axis=1).tolist()
    [1.5, 4.5]
    """
    x = floating(x)
    if x.type.dtype == "float16":  # sums overflow early
        return _cast(mean(_cast(x, "float32"), axis, keepdims), "float16")
    count = math.prod(x.shape[a] for a in normalize_axes(axis, x.ndim))
    return _reduce(P.reduce_sum, x, axis, keepdims) / float(count) if count else _reduce(
        P.reduce_sum, x, axis, keepdims
    ) / 0.0  # fmt: skip


@op
def var(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The population variance along axes: the mean squared distance from the mean."""
    x = floating(x)
    centred = x - mean(x, axis, True)
    return mean(centred * centred, axis, keepdims)


@op
def std(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The population standard deviation along axes."""
    return P.sqrt(var(x, axis, keepdims))


@op
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """log(sum(e^x)) along axes, without overflow."""
    x = floating(x)
    top = P.stop_gradient(max(x, axis, True, None if x.size else -math.inf))
    top = P.select(*align_three(P.abs(top) < math.inf, top, 0.0))
    total = sum(P.exp(x - top), axis, True)
    y = P.log(total) + top
    return y if keepdims else P.reshape(
        y, shape=[n for a, n in enumerate(y.shape) if a not in normalize_axes(axis, x.ndim)]
    )  # fmt: skip


def align_three(c: Tensor, x: Any, w: Any) -> tuple[Tensor, Tensor, Tensor]:
    """A condition and two operands of its shape."""
    x, w = align(x, w)
    return c, x, w


@op
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position of the largest element along an axis (of the flattened tensor if None), int32."""
    return _arg(P.argmax, x, axis, keepdims)


@op
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position of the smallest element along an axis (of the flattened tensor if None), int32."""
    return _arg(P.argmin, x, axis, keepdims)


def _arg(primitive: Any, x: Any, axis: int | None, keepdims: bool) -> Tensor:
    x = as_operand(x)
    if axis is None:
        y = primitive(P.reshape(x, shape=(x.size,)), axis=0)
        return P.reshape(y, shape=(1,) * x.ndim) if keepdims else y
    axis = normalize_axis(axis, x.ndim)
    y = primitive(x, axis=axis)
    return keep_axes(y, (axis,), x.ndim) if keepdims else y


@op
def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """The running sum along an axis (of the flattened tensor if None)."""
    return _cumulative(P.cumsum, x, axis, dtype)


@op
def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """The running product along an axis (of the flattened tensor if None)."""
    return _cumulative(P.cumprod, x, axis, dtype)


def _cumulative(primitive: Any, x: Any, axis: int | None, dtype: Any) -> Tensor:
    x = as_operand(x, dtype)
    x = _cast(x, "int32") if x.type.dtype == "bool" else x
    if axis is None:
        return primitive(P.reshape(x, shape=(x.size,)), axis=0)
    return primitive(x, axis=normalize_axis(axis, x.ndim))


@op
def stop_gradient(variable: Any) -> Tensor:
    """The same numbers, with a gradient of zero."""
    x = as_operand(variable)
    return x if x.type.dtype == "bool" else P.stop_gradient(x)


_binary_ops()
_unary_ops()
_keeping_ops()



def __getattr__(name: str) -> Any:  # tells type checkers that the tables' names exist
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

