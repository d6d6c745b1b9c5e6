"""Movement primitives: every element of the result is an element of an operand (or a fill value), elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import DTypeError, IndexRangeError
from ..ir import Params, TensorType
from .definition import define, integers, require, require_axes, require_dtype


def infer_reshape(p: Params, x: TensorType) -> TensorType:
    require(x.size == math.prod(p.shape), "reshape C1", f"a shape of {x.size} elements", p.shape)
    return x.with_shape(p.shape)


def evaluate_reshape(p: Params, x: np.ndarray) -> np.ndarray:
    return x.reshape(p.shape)


reshape = define(
    "reshape", "movement", infer_reshape, evaluate_reshape,
    """y = the elements of x, in row-major order, in another shape

    Operands: x: any dtype.
    Params: shape: the result's shape.
    Result: x's dtype, shape.
    Constraints: C1 as many elements as x.
    Gradient: g reshaped back.
    Numerics: exact.
    Source: StableHLO, reshape.
    Example:
    >>> reshape(np.arange(4), shape=(2, 2)).tolist()
    [[0, 1], [2, 3]]
    """,
    canonical=lambda shape: Params(shape=integers(shape)),
)  # fmt: skip


def infer_broadcast(p: Params, x: TensorType) -> TensorType:
    require(len(p.axes) == x.rank, "broadcast C1", f"one result axis for each of {x.rank} axes", p.axes)
    require_axes("broadcast C2", p.axes, len(p.shape))
    require(p.axes == tuple(sorted(p.axes)), "broadcast C2", "axes in increasing order", p.axes)
    for size, axis in zip(x.shape, p.axes, strict=True):
        require(size in (1, p.shape[axis]), "broadcast C3", f"size 1 or {p.shape[axis]} on axis {axis}", size)
    return x.with_shape(p.shape)


def evaluate_broadcast(p: Params, x: np.ndarray) -> np.ndarray:
    aligned = [1] * len(p.shape)
    for size, axis in zip(x.shape, p.axes, strict=True):
        aligned[axis] = size
    return np.broadcast_to(x.reshape(aligned), p.shape)


broadcast = define(
    "broadcast", "movement", infer_broadcast, evaluate_broadcast,
    """y[i] = x[the components of i named by axes]

    Operands: x: any dtype.
    Params: shape: the result's shape; axes: axes[k] is the result's axis that axis k of x becomes.
    Result: x's dtype, shape.
    Constraints: C1 one entry of axes for each axis of x; C2 distinct, increasing axes of shape; C3 each size is
        1 (repeated) or that of the result.
    Gradient: g summed over every axis along which x was repeated.
    Numerics: exact.
    Source: StableHLO, broadcast_in_dim.
    Example:
    >>> broadcast(np.array([1, 2]), shape=(2, 2), axes=(1,)).tolist()
    [[1, 2], [1, 2]]
    """,
    canonical=lambda shape, axes: Params(shape=integers(shape), axes=integers(axes)),
)  # fmt: skip


def infer_transpose(p: Params, x: TensorType) -> TensorType:
    require(len(p.axes) == x.rank, "transpose C1", f"{x.rank} axes", p.axes)
    require_axes("transpose C1", p.axes, x.rank)
    return x.with_shape(x.shape[a] for a in p.axes)


def evaluate_transpose(p: Params, x: np.ndarray) -> np.ndarray:
    return x.transpose(p.axes)


transpose = define(
    "transpose", "movement", infer_transpose, evaluate_transpose,
    """y = x with its axes in another order

    Operands: x: any dtype.
    Params: axes: axis k of the result is axis axes[k] of x.
    Result: x's dtype.
    Constraints: C1 axes is a permutation of x's axes.
    Gradient: g with the inverse order.
    Numerics: exact.
    Source: StableHLO, transpose.
    Example:
    >>> transpose(np.array([[1, 2], [3, 4]]), axes=(1, 0)).tolist()
    [[1, 3], [2, 4]]
    """,
    canonical=lambda axes: Params(axes=integers(axes)),
)  # fmt: skip


def infer_slice(p: Params, x: TensorType) -> TensorType:
    require(len(p.start) == len(p.stop) == len(p.strides) == x.rank, "slice C1", f"{x.rank} entries each", p)
    for axis, (low, high, step, size) in enumerate(zip(p.start, p.stop, p.strides, x.shape, strict=True)):
        require(0 <= low <= high <= size, "slice C2", f"0 <= start <= stop <= {size} on axis {axis}", (low, high))
        require(step >= 1, "slice C3", "strides of 1 or more", p.strides)
    return x.with_shape(-(-(hi - lo) // s) for lo, hi, s in zip(p.start, p.stop, p.strides, strict=True))


def evaluate_slice(p: Params, x: np.ndarray) -> np.ndarray:
    return x[tuple(np.s_[lo:hi:s] for lo, hi, s in zip(p.start, p.stop, p.strides, strict=True))]


def _canonical_slice(start: Sequence[int], stop: Sequence[int], strides: Sequence[int] | None = None) -> Params:
    return Params(start=integers(start), stop=integers(stop), strides=integers(strides or [1] * len(start)))


slice = define(
    "slice", "movement", infer_slice, evaluate_slice,
    """y = x[start:stop:strides], on every axis

    Operands: x: any dtype.
    Params: start, stop, strides: one integer an axis; strides defaults to ones.
    Result: x's dtype; size ceil((stop - start) / stride) on each axis.
    Constraints: C1 one entry an axis; C2 0 <= start <= stop <= size; C3 strides of 1 or more.
    Gradient: g put back in its place, zeros elsewhere (`pad`).
    Numerics: exact.
    Source: StableHLO, slice.
    Example:
    >>> slice(np.arange(6), start=(1,), stop=(6,), strides=(2,)).tolist()
    [1, 3, 5]
    """,
    canonical=_canonical_slice,
)  # fmt: skip


def infer_pad(p: Params, x: TensorType) -> TensorType:
    require(len(p.low) == len(p.high) == len(p.interior) == x.rank, "pad C1", f"{x.rank} entries each", p)
    require(all(i >= 0 for i in p.interior), "pad C2", "interior of 0 or more", p.interior)
    spread = [n + max(n - 1, 0) * i for n, i in zip(x.shape, p.interior, strict=True)]
    shape = [n + lo + hi for n, lo, hi in zip(spread, p.low, p.high, strict=True)]
    require(all(n >= 0 for n in shape), "pad C3", "no more elements removed than there are", tuple(shape))
    return x.with_shape(shape)


def evaluate_pad(p: Params, x: np.ndarray) -> np.ndarray:
    shape = infer_pad(p, TensorType(x.dtype.name, x.shape)).shape
    result = np.full(shape, p.value, x.dtype)
    source, place = [], []
    for n, low, step, size in zip(x.shape, p.low, (i + 1 for i in p.interior), shape, strict=True):
        inside = [k for k in range(n) if 0 <= low + k * step < size]
        first, last = (inside[0], inside[-1]) if inside else (0, -1)
        source.append(np.s_[first : last + 1])
        place.append(np.s_[low + first * step : low + last * step + 1 : step] if inside else np.s_[0:0])
    result[tuple(place)] = x[tuple(source)]
    return result


def _canonical_pad(
    low: Sequence[int], high: Sequence[int], interior: Sequence[int] | None = None, value: Any = 0
) -> Params:
    interior = integers(interior) if interior is not None else (0,) * len(low)
    return Params(low=integers(low), high=integers(high), interior=interior, value=value)


pad = define(
    "pad", "movement", infer_pad, evaluate_pad,
    """y = x with `value` before, after and between its elements

    Operands: x: any dtype.
    Params: low, high: how many values before and after, one integer an axis (negative: remove elements);
        interior: how many between neighbours (default 0); value: the number put there (default 0).
    Result: x's dtype; size low + n + (n - 1) interior + high.
    Constraints: C1 one entry an axis; C2 interior of 0 or more; C3 no negative size.
    Gradient: the elements of g that came from x.
    Numerics: exact.
    Source: StableHLO, pad.
    Example:
    >>> pad(np.array([1, 2]), low=(1,), high=(0,), interior=(1,)).tolist()
    [0, 1, 0, 2]
    """,
    canonical=_canonical_pad,
)  # fmt: skip


def infer_concatenate(p: Params, *xs: TensorType) -> TensorType:
    require(len(xs) > 0, "concatenate C1", "at least one operand", 0)
    require(0 <= p.axis < xs[0].rank, "concatenate C2", f"an axis from 0 to {xs[0].rank - 1}", p.axis)
    for x in xs:
        require(x.dtype == xs[0].dtype, "concatenate C3", f"operands of one dtype, {xs[0].dtype}", x.dtype, DTypeError)
        rest, first = list(x.shape), list(xs[0].shape)
        same = len(rest) == len(first) and all(i == p.axis or rest[i] == first[i] for i in range(len(rest)))
        require(same, "concatenate C4", f"shapes that agree with {xs[0].shape} except on axis {p.axis}", x.shape)
    shape = list(xs[0].shape)
    shape[p.axis] = sum(x.shape[p.axis] for x in xs)
    return xs[0].with_shape(shape)


def evaluate_concatenate(p: Params, *xs: np.ndarray) -> np.ndarray:
    return np.concatenate(xs, p.axis)


concatenate = define(
    "concatenate", "movement", infer_concatenate, evaluate_concatenate,
    """y = the operands one after another along an axis

    Operands: x1, x2, ...: one dtype.
    Params: axis: the axis along which they follow one another.
    Result: their dtype; sizes added on axis.
    Constraints: C1 at least one operand; C2 a valid axis; C3 one dtype; C4 equal shapes except on axis.
    Gradient: the slice of g that came from each operand.
    Numerics: exact.
    Source: StableHLO, concatenate.
    Example:
    >>> concatenate(np.array([1]), np.array([2, 3]), axis=0).tolist()
    [1, 2, 3]
    """,
    canonical=lambda axis: Params(axis=int(axis)),
)  # fmt: skip


def infer_reverse(p: Params, x: TensorType) -> TensorType:
    require_axes("reverse C1", p.axes, x.rank)
    return x


def evaluate_reverse(p: Params, x: np.ndarray) -> np.ndarray:
    return np.flip(x, p.axes)


reverse = define(
    "reverse", "movement", infer_reverse, evaluate_reverse,
    """y = x read backwards along axes

    Operands: x: any dtype.
    Params: axes: the axes to turn round.
    Result: like x.
    Constraints: C1 distinct axes of x.
    Gradient: g read backwards along the same axes.
    Numerics: exact.
    Source: StableHLO, reverse.
    Example:
    >>> reverse(np.arange(3), axes=(0,)).tolist()
    [2, 1, 0]
    """,
    canonical=lambda axes: Params(axes=integers(axes)),
)  # fmt: skip


def _check_start(name: str, shape: tuple[int, ...], start: np.ndarray, sizes: Sequence[int]) -> tuple[Any, ...]:
    for axis, (s, n, size) in enumerate(zip(start.tolist(), sizes, shape, strict=True)):
        require(0 <= s <= size - n, f"{name} C4", f"0 <= start <= {size - n} on axis {axis}", s, IndexRangeError)
    return tuple(np.s_[s : s + n] for s, n in zip(start.tolist(), sizes, strict=True))


def _check_start_type(name: str, x: TensorType, start: TensorType) -> None:
    require_dtype(f"{name} C1", start, ("int32", "int64"))
    require(start.shape == (x.rank,), f"{name} C2", f"a start of shape ({x.rank},)", start.shape)


def infer_dynamic_slice(p: Params, x: TensorType, start: TensorType) -> TensorType:
    _check_start_type("dynamic_slice", x, start)
    fits = len(p.sizes) == x.rank and all(0 <= n <= size for n, size in zip(p.sizes, x.shape, strict=True))
    require(fits, "dynamic_slice C3", f"sizes that fit into {x.shape}", p.sizes)
    return x.with_shape(p.sizes)


def evaluate_dynamic_slice(p: Params, x: np.ndarray, start: np.ndarray) -> np.ndarray:
    return x[_check_start("dynamic_slice", x.shape, start, p.sizes)]


dynamic_slice = define(
    "dynamic_slice", "movement", infer_dynamic_slice, evaluate_dynamic_slice,
    """y = x[start : start + sizes], with a start that is computed

    Operands: x: any dtype; start: int32 or int64, one entry an axis.
    Params: sizes: the result's shape.
    Result: x's dtype, sizes.
    Constraints: C1 integer start; C2 one entry an axis; C3 sizes fit into x; C4 (when run) 0 <= start <= size - sizes.
    Gradient: (g put back in its place, none).
    Numerics: exact.
    Source: StableHLO, dynamic_slice (which moves a bad start instead of refusing it).
    Example:
    >>> dynamic_slice(np.arange(5), np.array([2]), sizes=(2,)).tolist()
    [2, 3]
    """,
    canonical=lambda sizes: Params(sizes=integers(sizes)),
)  # fmt: skip


def infer_dynamic_update_slice(p: Params, x: TensorType, update: TensorType, start: TensorType) -> TensorType:
    _check_start_type("dynamic_update_slice", x, start)
    fits = update.rank == x.rank and all(n <= size for n, size in zip(update.shape, x.shape, strict=True))
    require(fits and update.dtype == x.dtype, "dynamic_update_slice C3", f"an update that fits into {x}", update)
    return x


def evaluate_dynamic_update_slice(p: Params, x: np.ndarray, update: np.ndarray, start: np.ndarray) -> np.ndarray:
    result = x.copy()
    result[_check_start("dynamic_update_slice", x.shape, start, update.shape)] = update
    return result


dynamic_update_slice = define(
    "dynamic_update_slice", "movement", infer_dynamic_update_slice, evaluate_dynamic_update_slice,
    """y = x with the block that begins at start replaced by update

    Operands: x: any dtype; update: x's dtype and rank; start: int32 or int64, one entry an axis.
    Result: like x.
    Constraints: C1 integer start; C2 one entry an axis; C3 update fits into x; C4 (when run) it fits at start.
    Gradient: (g with zeros in the block, the block of g, none).
    Numerics: exact.
    Source: StableHLO, dynamic_update_slice.
    Example:
    >>> dynamic_update_slice(np.arange(4), np.array([8, 9]), np.array([1])).tolist()
    [0, 8, 9, 3]
    """,
)  # fmt: skip
