"""Making tensors and moving their elements, under NumPy's names."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config
from .. import primitives as P
from ..errors import ArgumentError, ShapeError, listed
from ..ir import Tensor, TracedTensor, dtype_name
from ..primitives.arithmetic import align, as_operand, broadcast_shape, cast, full, result_type
from ..primitives.arithmetic import broadcast_to as _broadcast_to
from .math import normalize_axes, normalize_axis
from .symbolic import SIZES, Call, KerasTensor, op


def shape(x: Any) -> tuple[int | None, ...]:
    """The shape, a tuple; None where a symbolic tensor does not know its size."""
    return x.shape if isinstance(x, KerasTensor) else as_operand(x).shape


def size(x: Any) -> int | None:
    """The number of elements; None where a symbolic tensor does not know it."""
    if isinstance(x, KerasTensor):
        return None if None in x.shape else math.prod(n or 0 for n in x.shape)
    return as_operand(x).size


def ndim(x: Any) -> int:
    """The number of axes."""
    return x.ndim if isinstance(x, KerasTensor) else as_operand(x).ndim


def _sizes(shape: Any) -> tuple[int, ...]:
    if getattr(shape, "ndim", 0) == 1:  # sizes may come as a tensor
        shape = list(np.asarray(shape))
    return tuple(int(n) for n in shape) if isinstance(shape, (list, tuple)) else (int(shape),)


def zeros(shape: Any, dtype: Any = None) -> Tensor:
    """A tensor of zeros.

    >>> zeros((2,)).tolist()
    [0.0, 0.0]
    """
    return full(_sizes(shape), 0, dtype or config.floatx())


def ones(shape: Any, dtype: Any = None) -> Tensor:
    """A tensor of ones."""
    return full(_sizes(shape), 1, dtype or config.floatx())


@op
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """A tensor of `fill_value` in the shape (and dtype, unless given) of x."""
    x = as_operand(x)
    return _broadcast_to(as_operand(fill_value, dtype or x.dtype), x.shape)


@op
def zeros_like(x: Any, dtype: Any = None) -> Tensor:
    """Zeros in the shape (and dtype, unless given) of x."""
    x = as_operand(x)
    return full(x.shape, 0, dtype or x.dtype)


@op
def ones_like(x: Any, dtype: Any = None) -> Tensor:
    """Ones in the shape (and dtype, unless given) of x."""
    x = as_operand(x)
    return full(x.shape, 1, dtype or x.dtype)


def make_full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """A tensor filled with one value, of `floatx` unless a dtype is given."""
    return _broadcast_to(as_operand(fill_value, dtype or config.floatx()), _sizes(shape))


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Tensor:
    """Numbers from start (0 if only one is given) to stop, exclusive, step (None: 1) apart."""
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    dtype = dtype_name(dtype) if dtype else result_type(start, stop, step)
    count = max(0, math.ceil((stop - start) / step))
    if dtype != "bool" and (start, step) == (0, 1):
        return P.iota(shape=(count,), dtype=dtype)
    line = np.arange(start, stop, step).astype(dtype)
    return as_operand(line[:count])


@op
def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` numbers from start to stop at equal distances."""
    if isinstance(start, TracedTensor) or isinstance(stop, TracedTensor):
        return _spread(start, stop, num, max(num - endpoint, 1), retstep, dtype, axis)
    numbers, step = np.linspace(start, stop, num=num, endpoint=endpoint, retstep=True, axis=axis)
    result = as_operand(numbers.astype(dtype_name(dtype) if dtype else config.floatx()))
    step = as_operand(np.asarray(step, result.type.dtype)) if isinstance(start, Tensor) else step
    return (result, step) if retstep else result


def _spread(start: Any, stop: Any, num: int, parts: int, retstep: bool, dtype: Any, axis: int) -> Any:
    low, high = (cast(t, dtype or config.floatx()) for t in align(start, stop))
    share: Any = as_operand((np.arange(num) / parts).astype(low.type.dtype).reshape(num, *(1,) * low.ndim))
    result = moveaxis(expand_dims(low, 0) * (1.0 - share) + expand_dims(high, 0) * share, 0, axis)
    return (result, (high - low) / parts) if retstep else result


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones on the k-th diagonal of an (N, M) matrix, zeros elsewhere."""
    return as_operand(np.eye(N, M, k, dtype_name(dtype) if dtype else config.floatx()))


def identity(n: int, dtype: Any = None) -> Tensor:
    """The (n, n) identity matrix."""
    return eye(n, dtype=dtype)


@op
def reshape(x: Any, newshape: Any) -> Tensor:
    """The elements in another shape; one size may be -1.

    >>> reshape([1, 2, 3, 4], (2, -1)).tolist()
    [[1, 2], [3, 4]]
    """
    x = as_operand(x)
    sizes = list(_sizes(newshape))
    if -1 in sizes:
        known = math.prod(n for n in sizes if n != -1)
        if sizes.count(-1) > 1 or (known and x.size % known) or not known:
            raise ShapeError(f"reshape: expected a shape for {x.size} elements; got {tuple(sizes)} for {x.shape}.")
        sizes[sizes.index(-1)] = x.size // known
    return x if tuple(sizes) == x.shape else P.reshape(x, shape=sizes)


@op
def transpose(x: Any, axes: Sequence[int] | None = None) -> Tensor:
    """The axes in another order; reversed if None."""
    x = as_operand(x)
    order = tuple(reversed(range(x.ndim))) if axes is None else tuple(normalize_axis(a, x.ndim) for a in axes)
    return P.transpose(x, axes=order)


@op
def expand_dims(x: Any, axis: Any) -> Tensor:
    """New axes of size 1 at the given places."""
    x = as_operand(x)
    axes = axis if isinstance(axis, (list, tuple)) else [axis]
    rank = x.ndim + len(axes)
    new = {normalize_axis(a, rank) for a in axes}
    sizes = iter(x.shape)
    return P.reshape(x, shape=[1 if a in new else next(sizes) for a in range(rank)])


@op
def squeeze(x: Any, axis: Any = None) -> Tensor:
    """Axes of size 1 removed: the given ones, or all."""
    x = as_operand(x)
    gone = [a for a, n in enumerate(x.shape) if n == 1] if axis is None else normalize_axes(axis, x.ndim)
    if any(x.shape[a] != 1 for a in gone):
        raise ShapeError(f"squeeze: expected size 1 on axis {axis}; got shape {x.shape}.")
    return P.reshape(x, shape=[n for a, n in enumerate(x.shape) if a not in gone])


@op
def concatenate(xs: Sequence[Any], axis: int = 0) -> Tensor:
    """The tensors one after another along an axis."""
    tensors = _one_dtype(xs)
    axis = normalize_axis(axis, tensors[0].ndim)
    return P.concatenate(*tensors, axis=axis)


def _one_dtype(xs: Sequence[Any]) -> list[Tensor]:
    tensors = [as_operand(x) for x in xs]
    if not tensors:
        raise ArgumentError("expected at least one tensor; got an empty list.")
    dtype = result_type(*tensors)
    return [cast(t, dtype) for t in tensors]


@op
def stack(x: Sequence[Any], axis: int = 0) -> Tensor:
    """The tensors along a new axis."""
    tensors = _one_dtype(x)
    axis = normalize_axis(axis, tensors[0].ndim + 1)
    return P.concatenate(*[expand_dims(t, axis) for t in tensors], axis=axis)


@op
def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """The slices along an axis, as a list, without that axis."""
    x = as_operand(x)
    axis = normalize_axis(axis, x.ndim)
    if num is not None and num != x.shape[axis]:
        raise ShapeError(f"unstack: expected {num} slices along axis {axis}; got shape {x.shape}.")
    return [squeeze(part, axis) for part in _cut(x, list(range(1, x.shape[axis])), axis)]


def _unstacked(x: Any, num: int | None = None, axis: int = 0) -> Call:
    """`num` is the size of an axis whose size is not known."""
    at = normalize_axis(axis, len(x.shape))
    if num is not None and x.shape[at] is None:
        x = KerasTensor((*x.shape[:at], num, *x.shape[at + 1 :]), x.dtype)
    return (x, num, axis), {}


SIZES["unstack"] = _unstacked


@op
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """The tensor cut along an axis: into equal parts (an integer) or at positions (a list)."""
    x = as_operand(x)
    axis = normalize_axis(axis, x.ndim)
    if isinstance(indices_or_sections, int):
        n = indices_or_sections
        if x.shape[axis] % n:
            raise ShapeError(f"split: expected a size divisible by {n} on axis {axis}; got {x.shape}.")
        indices_or_sections = [k * (x.shape[axis] // n) for k in range(1, n)]
    return _cut(x, [int(i) for i in indices_or_sections], axis)


def _cut(x: Tensor, positions: list[int], axis: int) -> list[Tensor]:
    edges = [0, *positions, x.shape[axis]]
    parts = []
    for low, high in itertools.pairwise(edges):
        start, stop = [0] * x.ndim, list(x.shape)
        start[axis], stop[axis] = low, high
        parts.append(P.slice(x, start=start, stop=stop))
    return parts


@op
def tile(x: Any, repeats: Any) -> Tensor:
    """The tensor repeated as a block along each axis."""
    x = as_operand(x)
    counts = list(_sizes(repeats))
    rank = max(x.ndim, len(counts))
    counts = [1] * (rank - len(counts)) + counts
    sizes = [1] * (rank - x.ndim) + list(x.shape)
    paired = [n for pair in zip(counts, sizes, strict=True) for n in pair]
    wide = P.broadcast(P.reshape(x, shape=sizes), shape=paired, axes=range(1, 2 * rank, 2))
    return P.reshape(wide, shape=[c * n for c, n in zip(counts, sizes, strict=True)])


@op
def repeat(x: Any, repeats: int, axis: int | None = None) -> Tensor:
    """Each element repeated in place along an axis (of the flattened tensor if None)."""
    x = as_operand(x)
    if axis is None:
        x, axis = P.reshape(x, shape=(x.size,)), 0
    axis = normalize_axis(axis, x.ndim)
    if not isinstance(repeats, int):
        counts = np.asarray(repeats)
        index = np.repeat(np.arange(x.shape[axis]), counts)
        from .indexing import take

        return take(x, index, axis)
    wide = P.broadcast(
        x, shape=[*x.shape[: axis + 1], repeats, *x.shape[axis + 1 :]],
        axes=[a for a in range(x.ndim + 1) if a != axis + 1],
    )  # fmt: skip
    return P.reshape(wide, shape=[*x.shape[:axis], x.shape[axis] * repeats, *x.shape[axis + 1 :]])


@op
def flip(x: Any, axis: Any = None) -> Tensor:
    """The elements in reverse order along axes."""
    x = as_operand(x)
    return P.reverse(x, axes=normalize_axes(axis, x.ndim))


_PADDINGS = ("reflect", "symmetric", "edge", "wrap")


@op
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Tensor:
    """Elements added before and after along each axis: `mode` 'constant', 'reflect', 'symmetric', 'edge' or
    'wrap' (beginning again at the other end).
    """
    x = as_operand(x)
    pairs = np.broadcast_to(np.asarray(pad_width, int), (x.ndim, 2)).tolist()
    if mode == "constant":
        value = 0 if constant_values is None else constant_values
        low, high = zip(*pairs, strict=True) if pairs else ((), ())
        return P.pad(x, low=low, high=high, value=np.asarray(value).item())
    if mode not in _PADDINGS:
        raise ArgumentError(f"pad: expected mode to be 'constant' or one of {listed(_PADDINGS)}; got {mode!r}.")
    if constant_values is not None:
        raise ArgumentError(f"pad: expected constant_values only with mode 'constant'; got them with {mode!r}.")
    from .indexing import take

    for axis, (low, high) in enumerate(pairs):
        if low or high:
            x = take(x, np.pad(np.arange(x.shape[axis]), (low, high), mode=mode), axis)  # type: ignore[call-overload]
    return x


@op
def broadcast_to(x: Any, shape: Any) -> Tensor:
    """The tensor repeated to a shape, by NumPy's rules."""
    return _broadcast_to(as_operand(x), _sizes(shape))


def broadcast_shapes(shape1: Any, shape2: Any) -> tuple[int, ...]:
    """The shape to which two shapes broadcast."""
    return broadcast_shape(shape1, shape2)


@op
def swapaxes(x: Any, axis1: int, axis2: int) -> Tensor:
    """Two axes exchanged."""
    x = as_operand(x)
    order = list(range(x.ndim))
    a, b = normalize_axis(axis1, x.ndim), normalize_axis(axis2, x.ndim)
    order[a], order[b] = order[b], order[a]
    return P.transpose(x, axes=order)


@op
def moveaxis(x: Any, source: Any, destination: Any) -> Tensor:
    """Axes moved to other places; the rest keeps its order."""
    x = as_operand(x)
    source = [normalize_axis(a, x.ndim) for a in (source if isinstance(source, (list, tuple)) else [source])]
    places = destination if isinstance(destination, (list, tuple)) else [destination]
    order = [a for a in range(x.ndim) if a not in source]
    for place, axis in sorted(zip([normalize_axis(a, x.ndim) for a in places], source, strict=True)):
        order.insert(place, axis)
    return P.transpose(x, axes=order)


@op
def ravel(x: Any) -> Tensor:
    """The tensor with one axis."""
    x = as_operand(x)
    return P.reshape(x, shape=(x.size,))


@op
def roll(x: Any, shift: Any, axis: Any = None) -> Tensor:
    """The elements moved on by `shift`; those that leave at the end come in at the beginning.

    Args: x: tensor; shift: integer, also a tensor; axis: integer, None for the flattened tensor; several of both for
        several axes.
    """
    x = as_operand(x)
    if isinstance(axis, (list, tuple)):
        several = isinstance(shift, (list, tuple)) or getattr(shift, "ndim", 0) > 0
        shifts = [shift[k] for k in range(len(axis))] if several else [shift] * len(axis)
        for one, along in zip(shifts, axis, strict=True):
            x = roll(x, one, along)
        return x
    if axis is None:
        return P.reshape(roll(P.reshape(x, shape=(x.size,)), shift, 0), shape=x.shape)
    axis = normalize_axis(axis, x.ndim)
    n = x.shape[axis]
    if not n:
        return x
    if isinstance(shift, Tensor):
        from .indexing import take

        return take(x, (arange(n) - cast(shift, "int32")) % n, axis)
    return concatenate(list(reversed(_cut(x, [-int(shift) % n], axis))), axis)


@op
def tril(x: Any, k: int = 0) -> Tensor:
    """The elements on and below the k-th diagonal of the last two axes; zeros above."""
    x = as_operand(x)
    keep = as_operand(np.tri(x.shape[-2], x.shape[-1], k, dtype=bool))
    return P.select(_broadcast_to(keep, x.shape), x, full(x.shape, 0, x.dtype))


@op
def triu(x: Any, k: int = 0) -> Tensor:
    """The elements on and above the k-th diagonal of the last two axes; zeros below."""
    x = as_operand(x)
    drop = as_operand(np.tri(x.shape[-2], x.shape[-1], k - 1, dtype=bool))
    return P.select(_broadcast_to(drop, x.shape), full(x.shape, 0, x.dtype), x)


@op
def meshgrid(*x: Any, indexing: str = "xy") -> list[Tensor]:
    """Grids of coordinates from vectors; with 'xy' the first one runs along the second axis.

    >>> [grid.tolist() for grid in meshgrid([1, 2, 3], [4, 5])]
    [[[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]]]
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"meshgrid: expected indexing 'xy' or 'ij'; got {indexing!r}.")
    vectors = [ravel(v) for v in x]
    sizes = tuple(v.size for v in vectors)
    grids = [P.broadcast(v, shape=sizes, axes=(a,)) for a, v in enumerate(vectors)]
    return [swapaxes(g, 0, 1) for g in grids] if indexing == "xy" and len(vectors) > 1 else grids
