"""From what users write to what primitives take: promotion of dtypes, broadcasting, operators.

The promotion is the one of Keras 3 (and JAX): a Python number adopts the dtype of the tensor that it meets, a float
tensor wins over an integer tensor of any width. A NumPy scalar counts as a Python number, so that
`x * np.float64(2)` stays float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import config
from ..errors import ArgumentError, DTypeError, ShapeError
from ..ir import FLOAT, SIGNED, UNSIGNED, Primitive, Tensor, dtype_name, is_tracing, kind_of
from . import elementwise as e
from .contraction import dot_general
from .creation import constant
from .movement import broadcast, concatenate, reshape

Scalar = bool | int | float


def result_type(*values: Any) -> str:
    """The dtype of an operation on these tensors, dtypes (as names) and Python numbers.

    >>> result_type("int32", 1.5), result_type("float32", "int64"), result_type("uint8", "int8")
    ('float32', 'float32', 'int16')
    """
    strong = [
        v.type.dtype if isinstance(v, Tensor) else v if isinstance(v, str) else dtype_name(v.dtype)
        for v in values if not _is_scalar(v)
    ]  # fmt: skip
    weak = [v for v in values if _is_scalar(v)]
    if not strong:
        kinds = [kind_of(np.asarray(v).dtype) for v in weak]
        return config.floatx() if "f" in kinds else "int32" if "i" in kinds or "u" in kinds else "bool"
    result = strong[0]
    for dtype in strong[1:]:
        result = _promote(result, dtype)
    for value in weak:
        result = _promote_scalar(result, value)
    return result


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (bool, int, float, np.generic))


def _promote(a: str, b: str) -> str:
    if a == b or b == "bool":
        return a
    if a == "bool":
        return b
    if a in FLOAT or b in FLOAT:
        floats = [d for d in FLOAT if d in (a, b)]
        return "float32" if floats == ["float16", "bfloat16"] else floats[-1]
    for kind in (SIGNED, UNSIGNED):
        if a in kind and b in kind:
            return kind[max(kind.index(a), kind.index(b))]
    signed, unsigned = (a, b) if a in SIGNED else (b, a)
    wider = UNSIGNED.index(unsigned) + 1
    return SIGNED[max(SIGNED.index(signed), wider)] if wider < len(SIGNED) else config.floatx()


def _promote_scalar(dtype: str, value: Any) -> str:
    kind = kind_of(np.asarray(value).dtype)
    if kind == "f" and dtype not in FLOAT:
        return config.floatx()
    if kind in "iu" and dtype == "bool":
        return "int32"
    return dtype


def as_operand(value: Any, dtype: Any = None) -> Tensor:
    """A tensor from a tensor, array, Python number or nested list; Python floats become `floatx`."""
    if isinstance(value, Tensor):
        return cast(value, dtype) if dtype else value
    if hasattr(value, "__chainrule_tensor__"):  # a Variable
        return as_operand(value.__chainrule_tensor__(), dtype)
    if _is_scalar(value):
        own = dtype_name(dtype or (value.dtype if isinstance(value, np.generic) else result_type(value)))
        number = np.asarray(value).astype(own) if type(value) is int else np.asarray(value, own)  # -1 may wrap
        return constant(value=number) if is_tracing() else Tensor(number)
    if is_tracing() and isinstance(value, (list, tuple)) and _holds_tensors(value):
        return _stacked(value, dtype)
    array = value if isinstance(value, np.ndarray) else _array_of(value)
    return cast(Tensor(array), dtype) if dtype else Tensor(array)


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensors(item) for item in value)
    return isinstance(value, Tensor) or hasattr(value, "__chainrule_tensor__")


def _stacked(items: Sequence[Any], dtype: Any) -> Tensor:
    """A list with tensors in it, along a new first axis; recorded, so that gradients flow."""
    tensors = [as_operand(item) for item in items]
    common = dtype or result_type(*[i if _is_scalar(i) else t for i, t in zip(items, tensors, strict=True)])
    if any(t.shape != tensors[0].shape for t in tensors):
        raise ShapeError(f"expected tensors of one shape in a list; got {[t.shape for t in tensors]}.")
    rows = [reshape(cast(t, common), shape=(1, *t.shape)) for t in tensors]
    return concatenate(*rows, axis=0)  # type: ignore[no-any-return]


def _array_of(value: Any) -> np.ndarray:
    if isinstance(value, (list, tuple)) and any(isinstance(v, Tensor) for v in value):
        value = [np.asarray(v) for v in value]
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ShapeError(f"expected numbers in rows of one length; got {value!r:.80} ({error}).") from None
    if array.dtype.kind in "OSU":
        raise DTypeError(f"expected numbers; got {type(value).__name__} of dtype {array.dtype}: {value!r:.80}.")
    if hasattr(value, "dtype"):
        return array
    default = {"f": config.floatx(), "i": "int32"}.get(array.dtype.kind)
    return array.astype(default) if default else array


def cast(x: Tensor, dtype: Any) -> Tensor:
    """`x` in another dtype; `x` itself when it has that dtype already."""
    name = dtype_name(dtype)
    return x if x.type.dtype == name else e.convert(x, dtype=name)


def full(shape: Sequence[int], value: Scalar, dtype: Any) -> Tensor:
    """A tensor filled with one number."""
    number = constant(value=np.asarray(value, dtype_name(dtype)))
    return broadcast(number, shape=shape, axes=()) if len(shape) else number


def zeros_like(x: Tensor) -> Tensor:
    """Zeros of the type of `x`."""
    return full(x.shape, 0, x.dtype)


def broadcast_to(x: Tensor, shape: Sequence[int]) -> Tensor:
    """NumPy's broadcasting: axes are aligned at the end, size 1 is repeated."""
    shape = tuple(shape)
    if x.shape == shape:
        return x
    if x.ndim > len(shape) or any(a not in (1, b) for a, b in zip(x.shape[::-1], shape[::-1], strict=False)):
        raise ShapeError(f"expected a shape that broadcasts to {shape}; got {x.shape}.")
    if not is_tracing():
        return Tensor(np.broadcast_to(x.numpy(), shape))
    return broadcast(x, shape=shape, axes=tuple(range(len(shape) - x.ndim, len(shape))))


def broadcast_shape(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The common shape of operands.

    >>> broadcast_shape((32, 1), (8,))
    (32, 8)
    """
    if shapes and all(shape == shapes[0] for shape in shapes[1:]):
        return tuple(shapes[0])
    try:
        return np.broadcast_shapes(*map(tuple, shapes))
    except ValueError:
        listed = " and ".join(map(str, map(tuple, shapes)))
        raise ShapeError(f"expected shapes that broadcast together; got {listed}.") from None


def align(*values: Any) -> list[Tensor]:
    """Operands of one dtype and one shape, by promotion and broadcasting."""
    values = tuple(v.__chainrule_tensor__() if hasattr(v, "__chainrule_tensor__") else v for v in values)
    values = tuple(v if isinstance(v, Tensor) or _is_scalar(v) else as_operand(v) for v in values)
    if all(isinstance(v, Tensor) for v in values) and len({v.type for v in values}) == 1:
        return list(values)
    dtype = result_type(*values)
    tensors = [as_operand(v, dtype) for v in values]
    shape = broadcast_shape(*(t.shape for t in tensors))
    return [broadcast_to(t, shape) for t in tensors]


def binary(primitive: Primitive) -> Callable[[Any, Any], Tensor]:
    """The primitive with promotion and broadcasting in front."""
    return lambda x, w: primitive(*align(x, w))


def divide(x: Any, w: Any) -> Tensor:
    """True division: integers become floats."""
    x, w = align(x, w)
    if x.type.dtype not in FLOAT:
        x, w = cast(x, config.floatx()), cast(w, config.floatx())
    return e.div(x, w)


def power(x: Any, w: Any) -> Tensor:
    """`x ** w`, of whole numbers for w >= 0; small exponents become products, exact for negative and integer `x`."""
    if isinstance(w, (int, float)) and not isinstance(w, bool) and w in (1, 2, 3, 4):
        x = as_operand(x)
        x = cast(x, result_type(x, w))
        if w == 1:
            return x
        square = e.mul(x, x)
        return square if w == 2 else e.mul(square, x if w == 3 else square)
    (x, w), exponent = _numbers(x, w), w
    if x.type.dtype in FLOAT:
        return e.pow(x, w)
    if isinstance(exponent, int) and exponent < 0:
        raise ArgumentError(f"power: expected an exponent from 0 for whole numbers; got {exponent}. Make them floats.")
    return cast(e.round(e.pow(cast(x, "float64"), cast(w, "float64"))), x.dtype)


def _numbers(x: Any, w: Any) -> list[Tensor]:
    """Operands of one dtype and shape; truth values become 0 and 1."""
    aligned = align(x, w)
    return [cast(t, "int32") for t in aligned] if aligned[0].type.dtype == "bool" else aligned


def matmul(x: Any, w: Any) -> Tensor:
    """NumPy's matrix product: the last two axes multiply, axes before them are batch axes and broadcast."""
    x, w = as_operand(x), as_operand(w)
    dtype = result_type(x, w)
    x, w = cast(x, dtype), cast(w, dtype)
    if not x.ndim or not w.ndim:
        raise ShapeError(f"matmul: expected operands with at least one axis; got {x.shape} and {w.shape}.")
    if w.ndim <= 2:
        return dot_general(x, w, contract=((x.ndim - 1,), (max(w.ndim - 2, 0),)))
    if x.ndim == 1:
        return dot_general(x, w, contract=((0,), (w.ndim - 2,)))
    batch = broadcast_shape(x.shape[:-2], w.shape[:-2])
    x, w = (broadcast_to(t, (*batch, *t.shape[-2:])) for t in (x, w))
    axes = tuple(range(len(batch)))
    return dot_general(x, w, contract=((x.ndim - 1,), (w.ndim - 2,)), batch=(axes, axes))


OPERATORS: dict[str, Callable[[Any, Any], Tensor]] = {
    "add": binary(e.add),
    "sub": binary(e.sub),
    "mul": binary(e.mul),
    "truediv": divide,
    "floordiv": binary(e.floordiv),
    "mod": lambda x, w: e.mod(*_numbers(x, w)),
    "pow": power,
    "matmul": matmul,
    "and": binary(e.bit_and),
    "or": binary(e.bit_or),
    "xor": binary(e.bit_xor),
}
COMPARISONS = {name: binary(getattr(e, name)) for name in ("eq", "ne", "lt", "le", "gt", "ge")}


def _attach_operators() -> None:
    for name, function in OPERATORS.items():
        setattr(Tensor, f"__{name}__", lambda self, other, f=function: f(self, other))
        setattr(Tensor, f"__r{name}__", lambda self, other, f=function: f(other, self))
    for name, function in COMPARISONS.items():
        setattr(Tensor, f"__{name}__", lambda self, other, f=function: f(self, other))
    Tensor.__neg__ = lambda self: e.neg(self)  # type: ignore[attr-defined]
    Tensor.__pos__ = lambda self: self  # type: ignore[attr-defined]
    Tensor.__abs__ = lambda self: e.abs(self)  # type: ignore[attr-defined]
    Tensor.__invert__ = lambda self: e.bit_not(self)  # type: ignore[attr-defined]


_attach_operators()

__all__ = [
    "COMPARISONS", "OPERATORS", "align", "as_operand", "binary", "broadcast_shape", "broadcast_to", "cast", "divide",
    "full", "matmul", "power", "result_type", "zeros_like",
]  # fmt: skip
