"""More ways of making, joining, cutting and turning tensors, under NumPy's names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config
from .. import primitives as P
from ..errors import ArgumentError, ShapeError
from ..ir import Tensor, TracedTensor, dtype_name
from ..primitives.arithmetic import align, as_operand, cast, full
from .indexing import take
from .math import floating, max, min, normalize_axis, sum, where
from .numbers import outside_recordings
from .shaping import concatenate, expand_dims, flip, moveaxis, ravel, reshape, split, zeros_like
from .symbolic import OPS, op

_slice = slice


@op
def array(x: Any, dtype: Any = None) -> Tensor:
    """A tensor from an array, a nested list or a number."""
    return as_operand(x, dtype)


@op
def copy(x: Any) -> Tensor:
    """A tensor with the same elements."""
    return as_operand(x)


def empty(shape: Any, dtype: Any = None) -> Tensor:
    """A tensor whose elements are to be set: zeros."""
    sizes = tuple(shape) if isinstance(shape, (list, tuple)) else (int(shape),)
    return full(sizes, 0, dtype or config.floatx())


@op
def empty_like(x: Any, dtype: Any = None) -> Tensor:
    """A tensor in the shape of x whose elements are to be set: zeros."""
    return zeros_like(x, dtype)


@op
def get_item(x: Any, key: Any) -> Tensor:
    """`x[key]`."""
    return OPS["getitem"](x, key)


@op
def append(x1: Any, x2: Any, axis: int | None = None) -> Tensor:
    """x2 after x1 along an axis; both flattened if None.

    >>> append([1, 2], [3]).tolist()
    [1, 2, 3]
    """
    return concatenate([ravel(x1), ravel(x2)], 0) if axis is None else concatenate([x1, x2], axis)


def _at_least(x: Any, rank: int) -> Tensor:
    x = as_operand(x)
    while x.ndim < rank:
        x = expand_dims(x, 0 if x.ndim < 2 else x.ndim)
    return x


@op
def hstack(xs: Sequence[Any]) -> Tensor:
    """The tensors side by side: along axis 1, vectors along axis 0."""
    tensors = [_at_least(x, 1) for x in xs]
    return concatenate(tensors, 0 if tensors[0].ndim == 1 else 1)


@op
def vstack(xs: Sequence[Any]) -> Tensor:
    """The tensors one below the other: along axis 0, vectors as rows."""
    return concatenate([_at_least(x, 2) for x in xs], 0)


@op
def dstack(xs: Sequence[Any]) -> Tensor:
    """The tensors one behind the other: along axis 2."""
    return concatenate([_at_least(expand_dims(x, 0) if as_operand(x).ndim == 1 else x, 3) for x in xs], 2)


@op
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """Like `split`, but the parts need not have one size: the first ones are longer by one."""
    x = as_operand(x)
    if not isinstance(indices_or_sections, int):
        return split(x, indices_or_sections, axis)
    length, longer = divmod(x.shape[normalize_axis(axis, x.ndim)], indices_or_sections)
    sizes = [length + (k < longer) for k in range(indices_or_sections)]
    return split(x, np.cumsum(sizes)[:-1].tolist(), axis)


@op
def hsplit(x: Any, indices_or_sections: Any) -> list[Tensor]:
    """Cut along axis 1, vectors along axis 0."""
    x = as_operand(x)
    return split(x, indices_or_sections, 0 if x.ndim == 1 else 1)


@op
def vsplit(x: Any, indices_or_sections: Any) -> list[Tensor]:
    """Cut along axis 0."""
    return split(x, indices_or_sections, 0)


@op
def dsplit(x: Any, indices_or_sections: Any) -> list[Tensor]:
    """Cut along axis 2."""
    return split(x, indices_or_sections, 2)


@op
def fliplr(x: Any) -> Tensor:
    """The columns (axis 1) in reverse order."""
    return flip(x, 1)


@op
def flipud(x: Any) -> Tensor:
    """The rows (axis 0) in reverse order."""
    return flip(x, 0)


@op
def rot90(array: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """The plane of two axes turned by k right angles, from the first axis towards the second.

    >>> rot90([[1, 2], [3, 4]]).tolist()
    [[2, 4], [1, 3]]
    """
    x = as_operand(array)
    a, b = (normalize_axis(axis, x.ndim) for axis in axes)
    if a == b:
        raise ArgumentError(f"rot90: expected two axes; got {tuple(axes)}.")
    if k % 2 == 0:
        return flip(x, (a, b)) if k % 4 else x
    return OPS["swapaxes"](flip(x, b), a, b) if k % 4 == 1 else flip(OPS["swapaxes"](x, a, b), b)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones on and below the k-th diagonal of an (N, M) matrix, zeros above."""
    return as_operand(np.tri(N, M, k, dtype_name(dtype or config.floatx())))


@op
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The elements of a diagonal of the plane of two axes, as the last axis.

    >>> diagonal([[1, 2], [3, 4]]).tolist()
    [1, 4]
    """
    x = as_operand(x)
    x = moveaxis(x, (normalize_axis(axis1, x.ndim), normalize_axis(axis2, x.ndim)), (-2, -1))
    rows, columns = x.shape[-2:]
    first = (-offset, 0) if offset < 0 else (0, offset)
    count = np.clip(np.minimum(rows - first[0], columns - first[1]), 0, None)
    places = (first[0] + np.arange(count)) * columns + first[1] + np.arange(count)
    return take(reshape(x, (*x.shape[:-2], rows * columns)), places.astype("int32"), -1)


@op
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of a diagonal."""
    return sum(diagonal(x, offset, axis1, axis2), -1)


def _on_diagonal(v: Tensor, k: int) -> Tensor:
    n = v.size + np.abs(k)
    rows, columns = np.arange(v.size) + np.maximum(-k, 0), np.arange(v.size) + np.maximum(k, 0)
    places = np.full(int(n * n), v.size)
    places[rows * n + columns] = np.arange(v.size)
    padded = concatenate([v, full((1,), 0, v.dtype)], 0)
    return reshape(take(padded, places.astype("int32")), (int(n), int(n)))


@op
def diag(x: Any, k: int = 0) -> Tensor:
    """The k-th diagonal of a matrix, or the matrix that has a vector there.

    >>> diag([1, 2]).tolist()
    [[1, 0], [0, 2]]
    """
    x = as_operand(x)
    if x.ndim not in (1, 2):
        raise ShapeError(f"diag: expected a vector or a matrix; got shape {x.shape}.")
    return diagonal(x, k) if x.ndim == 2 else _on_diagonal(x, k)


@op
def diagflat(x: Any, k: int = 0) -> Tensor:
    """The matrix that has the elements of x on its k-th diagonal."""
    return _on_diagonal(ravel(x), k)


@op
def diff(a: Any, n: int = 1, axis: int = -1) -> Tensor:
    """The differences between neighbours along an axis, n times."""
    x = as_operand(a)
    axis = normalize_axis(axis, x.ndim)
    for _ in range(n):
        size = x.shape[axis]
        later, earlier = (_range(x, axis, low, high) for low, high in ((1, size), (0, size - 1)))
        x = P.ne(later, earlier) if x.type.dtype == "bool" else later - earlier
    return x


def _range(x: Tensor, axis: int, low: int, high: int) -> Tensor:
    keys = [_slice(None)] * x.ndim
    keys[axis] = _slice(low, np.maximum(high, low))
    return OPS["getitem"](x, tuple(keys))


@op
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Tensor:
    """The integral of y along an axis by the trapezoidal rule, at places x or at distances dx."""
    y = floating(y)
    axis = normalize_axis(axis, y.ndim)
    size = y.shape[axis]
    middle = (_range(y, axis, 1, size) + _range(y, axis, 0, size - 1)) * 0.5
    if x is None:
        return sum(middle * dx, axis)
    places = floating(x)
    step = diff(places, axis=-1 if places.ndim == 1 else axis)
    if step.ndim == 1:
        step = reshape(step, [-1 if a == axis else 1 for a in range(y.ndim)])
    return sum(middle * step, axis)


@op
def inner(x1: Any, x2: Any) -> Tensor:
    """The sums over the last axes of x1 and x2."""
    a, b = as_operand(x1), as_operand(x2)
    if not a.ndim or not b.ndim:
        return OPS["multiply"](a, b)
    return OPS["tensordot"](a, b, ([a.ndim - 1], [b.ndim - 1]))


@op
def outer(x1: Any, x2: Any) -> Tensor:
    """All products of an element of x1 and one of x2: a matrix."""
    a, b = align(expand_dims(ravel(x1), 1), expand_dims(ravel(x2), 0))
    return P.bit_and(a, b) if a.type.dtype == "bool" else P.mul(a, b)


@op
def vdot(x1: Any, x2: Any) -> Tensor:
    """The sum of the products of the elements."""
    return OPS["dot"](ravel(x1), ravel(x2))


@op
def kron(x1: Any, x2: Any) -> Tensor:
    """Kronecker's product: each element of x1 replaced by its product with x2.

    >>> kron([1, 2], [1, 10]).tolist()
    [1, 10, 2, 20]
    """
    a, b = as_operand(x1), as_operand(x2)
    rank = a.ndim if a.ndim >= b.ndim else b.ndim
    a, b = (reshape(t, (1,) * (rank - t.ndim) + t.shape) for t in (a, b))
    wide = reshape(a, [n for size in a.shape for n in (size, 1)])
    deep = reshape(b, [n for size in b.shape for n in (1, size)])
    return reshape(OPS["multiply"](wide, deep), [m * n for m, n in zip(a.shape, b.shape, strict=True)])


@op
def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    """The vector product in space; of vectors with two elements its last element."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(x1, axisa, -1), moveaxis(x2, axisb, -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ShapeError(f"cross: expected vectors of 2 or 3 elements; got shapes {a.shape} and {b.shape}.")
    parts_a, parts_b = ([OPS["getitem"](t, (Ellipsis, k)) for k in range(t.shape[-1])] for t in (a, b))
    if len(parts_a) == len(parts_b) == 2:
        return parts_a[0] * parts_b[1] - parts_a[1] * parts_b[0]
    (a0, a1, a2), (b0, b1, b2) = ([*p, zeros_like(p[0])][:3] for p in (parts_a, parts_b))
    return moveaxis(OPS["stack"]([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], -1), -1, axisc)


@op
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Tensor:
    """The powers of a vector as columns, the highest first unless `increasing`."""
    x = as_operand(x)
    count = x.size if N is None else N
    powers = np.arange(count) if increasing else np.arange(count)[::-1]
    return OPS["power"](expand_dims(x, -1), as_operand(powers.astype(x.type.dtype)))


@op
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10, dtype: Any = None, axis: int = 0
) -> Tensor:
    """`num` numbers from base^start to base^stop at equal ratios."""
    if isinstance(start, TracedTensor) or isinstance(stop, TracedTensor):
        return OPS["power"](float(base), OPS["linspace"](start, stop, num, endpoint, dtype=dtype, axis=axis))
    found = np.logspace(np.asarray(start), np.asarray(stop), num, endpoint, base, axis=axis)
    return as_operand(found.astype(dtype_name(dtype or config.floatx())))


@op
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Tensor:
    """`num` numbers from start to stop at equal ratios."""
    if isinstance(start, TracedTensor) or isinstance(stop, TracedTensor):
        ends = [OPS["log"](abs(as_operand(t))) for t in (start, stop)]
        sizes = OPS["exp"](OPS["linspace"](*ends, num, endpoint, dtype=dtype, axis=axis))
        return sizes * expand_dims(OPS["sign"](cast(as_operand(start), sizes.dtype)), axis)
    found = np.geomspace(np.asarray(start), np.asarray(stop), num, endpoint, axis=axis)
    return as_operand(found.astype(dtype_name(dtype or config.floatx())))


@op
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Tensor:
    """Elementwise the first choice whose condition holds, else the default."""
    found = as_operand(default) if hasattr(default, "shape") else default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        found = where(condition, choice, found)
    return found


@op
def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    """Positions in the flattened tensor as positions along each axis of a shape."""
    rest = as_operand(indices)
    rest = where(rest < 0, rest + math.prod(shape), rest)
    found = []
    for size in reversed(tuple(shape)):
        found.append(P.mod(*align(rest, size)))
        rest = P.floordiv(*align(rest, size))
    return tuple(reversed(found))


def nonzero(x: Any) -> tuple[Tensor, ...]:
    """The positions of the elements that are not zero, one vector an axis, int32. Only outside recordings."""
    return tuple(as_operand(p.astype("int32")) for p in outside_recordings("nonzero", np.nonzero, x))


def unique(
    x: Any, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,
    return_counts: bool = False, axis: int | None = None, size: int | None = None, fill_value: Any = None,
) -> Any:  # fmt: skip
    """The elements (or the slices along an axis) that differ, ascending. Only outside recordings.

    Args:
        x: tensor; sorted: accepted, the result is ascending anyway.
        return_index, return_inverse, return_counts: also give where each first occurs, which of them each element is,
            how often each occurs (int32).
        axis: compare slices along it (default None: elements).
        size: cut the result, or fill it up with `fill_value` (default: the smallest), to so many.
    """
    found = outside_recordings("unique", lambda a: np.unique(a, True, True, True, axis, equal_nan=False), as_operand(x))
    values, index, inverse, counts = found
    shape = np.shape(x) if axis is None else (-1,)
    if size is not None:
        short = size - len(counts)
        wanted = [(0, np.maximum(short, 0))] + [(0, 0)] * (values.ndim - 1)
        fill = values.min() if fill_value is None and values.size else fill_value or 0
        values = np.moveaxis(values, axis or 0, 0)[:size]
        values = np.moveaxis(np.pad(values, wanted, constant_values=fill), 0, axis or 0)
        index, counts = (np.pad(a[:size], (0, np.maximum(short, 0))) for a in (index, counts))
    extra = ((return_index, index), (return_inverse, inverse.reshape(shape)), (return_counts, counts))
    results = [as_operand(values), *(as_operand(a.astype("int32")) for wanted_too, a in extra if wanted_too)]
    return tuple(results) if len(results) > 1 else results[0]


@op
def argpartition(x: Any, kth: int, axis: int = -1) -> Tensor:
    """Positions after which no element before place kth is larger than one behind it, int32."""
    if not isinstance(kth, (int, np.integer)):
        raise ArgumentError(f"argpartition: expected kth to be an integer; got {kth!r}.")
    return OPS["argsort"](x, axis)


def _window(x: Any, of: Any) -> Tensor:
    """A window of x numbers; `of` computes it from 0, 1, ..., x - 1 and x - 1."""
    n = int(np.asarray(x))
    line = of(np.arange(n), n - 1) if n > 1 else np.ones(n)
    return as_operand(line.astype(config.floatx()))


def bartlett(x: Any) -> Tensor:
    """Bartlett's window of x numbers: a triangle."""
    return _window(x, lambda k, m: 1.0 - np.abs(2.0 * k / m - 1.0))


def blackman(x: Any) -> Tensor:
    """Blackman's window of x numbers."""
    return _window(x, lambda k, m: 0.42 - 0.5 * np.cos(2 * np.pi * k / m) + 0.08 * np.cos(4 * np.pi * k / m))


def hamming(x: Any) -> Tensor:
    """Hamming's window of x numbers."""
    return _window(x, lambda k, m: 0.54 - 0.46 * np.cos(2 * np.pi * k / m))


def hanning(x: Any) -> Tensor:
    """Hann's window of x numbers."""
    return _window(x, lambda k, m: 0.5 - 0.5 * np.cos(2 * np.pi * k / m))


def kaiser(x: Any, beta: Any) -> Tensor:
    """Kaiser's window of x numbers."""
    wide = float(np.asarray(beta))
    return _window(x, lambda k, m: np.i0(wide * np.sqrt(1 - (2.0 * k / m - 1.0) ** 2)) / np.i0(wide))


@op
def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The largest minus the smallest element along axes."""
    x = as_operand(x)
    return max(x, axis, keepdims) - min(x, axis, keepdims)
