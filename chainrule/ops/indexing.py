"""Choosing elements: indexing, gather and scatter, order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config
from .. import primitives as P
from ..errors import ArgumentError, IndexRangeError, ShapeError
from ..ir import INTEGER, Tensor, TracedTensor
from ..primitives.arithmetic import as_operand, broadcast_shape, broadcast_to, cast, full
from .math import normalize_axis, sum, where
from .shaping import expand_dims, moveaxis
from .symbolic import op


def _index_tensor(indices: Any) -> Tensor:
    indices = as_operand(indices)
    return indices if indices.type.dtype in INTEGER else cast(indices, "int32")


def _wrapped(indices: Tensor, size: int) -> Tensor:
    """Negative indices counted from the end."""
    if indices.type.dtype.startswith("u"):
        return indices
    return where(indices < 0, indices + size, indices)


@op
def take(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    """The elements at `indices` along an axis (of the flattened tensor if None); negative indices count from the end.

    >>> take([10.0, 20.0, 30.0], [2, -3]).tolist()
    [30.0, 10.0]
    """
    x, indices = as_operand(x), _index_tensor(indices)
    if axis is None:
        x, axis = P.reshape(x, shape=(x.size,)), 0
    axis = normalize_axis(axis, x.ndim)
    front = moveaxis(x, axis, 0) if axis else x
    found = P.gather(front, expand_dims(_wrapped(indices, x.shape[axis]), -1))
    new = list(range(indices.ndim))
    return moveaxis(found, new, [axis + k for k in new]) if axis and new else found


@op
def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    """For each position the element that `indices` names along an axis; the other axes are aligned."""
    x, indices = as_operand(x), _index_tensor(indices)
    if axis is None:
        x, axis = P.reshape(x, shape=(x.size,)), 0
    axis = normalize_axis(axis, x.ndim)
    common = list(broadcast_shape(*([1 if a == axis else n for a, n in enumerate(t.shape)] for t in (x, indices))))
    indices = broadcast_to(indices, [indices.shape[axis] if a == axis else n for a, n in enumerate(common)])
    x = broadcast_to(x, [x.shape[axis] if a == axis else n for a, n in enumerate(common)])
    chosen = cast(_wrapped(indices, x.shape[axis]), "int32")
    grid = [chosen if a == axis else P.iota(shape=chosen.shape, axis=a) for a in range(x.ndim)]
    return P.gather(x, P.concatenate(*[expand_dims(g, -1) for g in grid], axis=x.ndim))


@op
def getitem(x: Any, key: Any) -> Tensor:
    """`x[key]` for integers, slices, None, Ellipsis and integer tensors."""
    x = as_operand(x)
    keys = list(key) if isinstance(key, tuple) else [key]
    used = builtin_sum(1 for k in keys if k is not None and k is not Ellipsis and not _is_mask(k))
    if Ellipsis in [k if k is Ellipsis else None for k in keys]:
        at = next(i for i, k in enumerate(keys) if k is Ellipsis)
        keys[at : at + 1] = [np.s_[:]] * (x.ndim - used)
    if used > x.ndim:
        raise IndexRangeError(f"expected at most {x.ndim} indices for shape {x.shape}; got {used}.")
    if any(_is_mask(k) for k in keys):
        return _masked(x, keys)
    keys += [np.s_[:]] * (x.ndim - builtin_sum(1 for k in keys if k is not None))
    return _index_arrays(*_basic(x, keys))


def builtin_sum(items: Any) -> int:
    """Python's sum, where `sum` means the op."""
    total = 0
    for item in items:
        total += item
    return total


def _is_mask(key: Any) -> bool:
    return getattr(key, "dtype", None) == np.bool_ and getattr(key, "ndim", 0) > 0


def _masked(x: Tensor, keys: Sequence[Any]) -> Tensor:
    """Truth values as indices: the shape depends on the data, so only outside a recording."""
    return Tensor(x.numpy()[tuple(np.asarray(k) if hasattr(k, "dtype") else k for k in keys)])


def _basic(x: Tensor, keys: Sequence[Any]) -> tuple[Tensor, list[Any]]:
    """Slices, integers and None done; returns what is left: (tensor, for each axis an index tensor or None)."""
    start, stop, strides, turned, shape = [], [], [], [], []
    left: list[Any] = []
    axis = 0
    for key in keys:
        if key is None:
            shape.append(1)
            left.append(None)
            continue
        n = x.shape[axis]
        if isinstance(key, slice):
            low, high, step = key.indices(n)
            count = len(range(low, high, step))
            if step < 0:
                turned.append(axis)
                low, step = low + (count - 1) * step, -step
            start.append(low if count else 0)
            stop.append(low + (count - 1) * step + 1 if count else 0)
            strides.append(step)
            shape.append(count)
            left.append(None)
        elif isinstance(key, (int, np.integer)):
            if not -n <= key < n:
                raise IndexRangeError(f"expected an index from {-n} to {n - 1} on axis {axis}; got {key}.")
            start.append(int(key) % n)
            stop.append(int(key) % n + 1)
            strides.append(1)
        else:
            start.append(0)
            stop.append(n)
            strides.append(1)
            shape.append(n)
            left.append(_wrapped(_index_tensor(key), n))
        axis += 1
    y = P.slice(x, start=start, stop=stop, strides=strides)
    y = P.reverse(y, axes=turned) if turned else y
    return P.reshape(y, shape=shape), left


def _index_arrays(x: Tensor, left: list[Any]) -> Tensor:
    axes = [a for a, key in enumerate(left) if key is not None]
    if not axes:
        return x
    shape = broadcast_shape(*(left[a].shape for a in axes))
    index = [expand_dims(broadcast_to(cast(left[a], "int32"), shape), -1) for a in axes]
    front = moveaxis(x, axes, list(range(len(axes))))
    found = P.gather(front, P.concatenate(*index, axis=len(shape)))
    if axes == list(range(axes[0], axes[0] + len(axes))) and shape:  # NumPy: neighbours stay in place
        new = list(range(len(shape)))
        return moveaxis(found, new, [axes[0] + k for k in new])
    return found


@op
def scatter(indices: Any, values: Any, shape: Any) -> Tensor:
    """Zeros of `shape` with `values` added at `indices` of shape (..., k)."""
    values = as_operand(values)
    return P.scatter_add(full(tuple(shape), 0, values.dtype), _index_tensor(indices), values)


@op
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Tensor:
    """`inputs` with `updates` put at `indices` of shape (..., k).

    Args: reduction: 'add', 'mul', 'max' or 'min' combines them with what is there, one after another (default None).
    """
    inputs, indices = as_operand(inputs), _index_tensor(indices)
    updates = as_operand(updates, inputs.dtype)
    if reduction is None or reduction == "add":
        return (P.scatter_add if reduction else P.scatter)(inputs, indices, updates)
    combine = {"mul": P.mul, "max": P.max, "min": P.min}.get(reduction)
    if combine is None:
        raise ArgumentError(f"scatter_update: expected reduction add, mul, max, min or None; got {reduction!r}.")
    from .control import scan

    rows = _rows(indices)
    values = P.reshape(updates, shape=(rows.shape[0], *updates.shape[indices.ndim - 1 :]))

    def step(kept: Tensor, place: Any) -> tuple[Tensor, None]:
        at, value = place
        here = P.gather(kept, at)
        return P.scatter(kept, at, combine(here, value)), None

    return scan(step, inputs, (rows, values))[0]


def _rows(indices: Tensor) -> Tensor:
    count = indices.size // indices.shape[-1]
    return P.reshape(indices, shape=(count, indices.shape[-1]))


@op
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Tensor:
    """`inputs` with the block that begins at `start_indices` replaced by `updates`."""
    inputs = as_operand(inputs)
    return P.dynamic_update_slice(inputs, as_operand(updates, inputs.dtype), _start(start_indices))


def _start(indices: Any) -> Tensor:
    if isinstance(indices, (list, tuple)):
        return P.concatenate(*[P.reshape(as_operand(i, "int32"), shape=(1,)) for i in indices], axis=0)
    return as_operand(indices, "int32")


@op
def block(inputs: Any, start_indices: Any, shape: Any) -> Tensor:
    """The block of `shape` that begins at `start_indices` (`keras.ops.slice`); -1: all that is left of an axis."""
    inputs = as_operand(inputs)
    if -1 in (sizes := tuple(shape)):
        left = [n - int(s) for n, s in zip(inputs.shape, start_indices, strict=True)]
        sizes = tuple(rest if n == -1 else n for n, rest in zip(sizes, left, strict=True))
    return P.dynamic_slice(inputs, _start(start_indices), sizes=sizes)


@op
def sort(x: Any, axis: int | None = -1) -> Tensor:
    """The elements in ascending order along an axis; NaN last."""
    x = as_operand(x)
    if axis is None:
        x, axis = P.reshape(x, shape=(x.size,)), 0
    return P.sort(x, axis=normalize_axis(axis, x.ndim))


@op
def argsort(x: Any, axis: int | None = -1) -> Tensor:
    """The positions that put the elements in ascending order along an axis, int32; equal ones keep their order."""
    x = as_operand(x)
    if axis is None or not x.ndim:
        return P.argsort(P.reshape(x, shape=(x.size,)), axis=0)
    return P.argsort(x, axis=normalize_axis(axis, x.ndim))


@op
def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The k largest elements along the last axis and their positions, largest first."""
    return P.top_k(as_operand(x), k=k)


@op
def in_top_k(targets: Any, predictions: Any, k: int) -> Tensor:
    """Whether fewer than k predictions of a row are larger than that of its target class, bool (n,)."""
    predictions = as_operand(predictions)
    chosen = take_along_axis(predictions, expand_dims(_index_tensor(targets), -1), -1)
    larger = sum(cast(predictions > chosen, "int32"), -1)
    finite = P.eq(chosen, chosen)
    return P.bit_and(larger < k, P.reshape(finite, shape=larger.shape))


@op
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Tensor:
    """1 at the class that x names, else 0, along a new axis; a class out of range gives zeros.

    >>> one_hot([1, 0], 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    x = _index_tensor(x)
    axis = normalize_axis(axis, x.ndim + 1)
    wide = expand_dims(x, axis)
    shape = [num_classes if a == axis else n for a, n in enumerate(wide.shape)]
    classes = P.iota(shape=shape, axis=axis, dtype=x.dtype)
    return cast(P.eq(broadcast_to(wide, shape), classes), dtype or config.floatx())


@op
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Tensor:
    """Where each value belongs in an ascending vector, int32: before ('left') or after ('right') equal elements."""
    if side not in ("left", "right"):
        raise ArgumentError(f"searchsorted: expected side 'left' or 'right'; got {side!r}.")
    line, values = as_operand(sorted_sequence), as_operand(values)
    wide = expand_dims(values, -1)
    before = wide > line if side == "left" else wide >= line
    return sum(cast(before, "int32"), -1)


@op
def digitize(x: Any, bins: Any) -> Tensor:
    """The index of the bin of each value, int32; bins are ascending lower edges."""
    bins = as_operand(bins)
    if bins.ndim != 1:
        raise ShapeError(f"digitize: expected bins to be a vector; got shape {bins.shape}.")
    return searchsorted(bins, x, "right")


@op
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    """How often (or with which total weight) each integer 0, 1, 2, ... occurs along the last axis.

    Args: x: integers; weights: of its shape; minlength: at least so many are counted. While a Program is recorded just
        so many: the largest integer is not known then.

    >>> bincount([0, 1, 1, 3]).tolist()
    [1, 2, 0, 1]
    """
    x = as_operand(x)
    if not isinstance(x, TracedTensor) and x.size:
        minlength = int(np.maximum(minlength, x.numpy().max() + 1))
    hits = one_hot(x, minlength, dtype="int32" if weights is None else as_operand(weights).dtype)
    return sum(hits if weights is None else hits * expand_dims(weights, -1), -2)

