"""`tf`: sets, parts and masks, gradients of one's own, and further mathematics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ... import ops
from ...errors import ArgumentError, UnsupportedError
from ...ir import FLOAT, dtype_name
from ...layers.preprocessing.strings import is_text, text_array
from ..gradients import custom_gradient as _custom_gradient


class Unique(NamedTuple):
    """Different elements, and which of them each one is."""

    y: Any
    idx: Any


class UniqueWithCounts(NamedTuple):
    """Different elements, which of them each one is, and how often each occurs."""

    y: Any
    idx: Any
    count: Any


def unique(x: Any, out_idx: Any = "int32", name: Any = None) -> Unique:
    """The different elements in the order of their first places. Outside of Programs.

    >>> unique([3, 1, 3]).y.tolist(), unique([3, 1, 3]).idx.tolist()
    ([3, 1], [0, 1, 0])
    """
    found = unique_with_counts(x, out_idx)
    return Unique(found.y, found.idx)


def unique_with_counts(x: Any, out_idx: Any = "int32", name: Any = None) -> UniqueWithCounts:
    """As `unique`, with how often each occurs."""
    array = text_array(x) if is_text(x) else np.asarray(x)
    _, first, inverse, counts = np.unique(np.asarray(array), return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    rank = np.argsort(order)
    values = array[first[order]]
    return UniqueWithCounts(
        text_array(values) if is_text(array) else ops.convert_to_tensor(values),
        ops.convert_to_tensor(rank[inverse].astype(str(out_idx))),
        ops.convert_to_tensor(counts[order].astype(str(out_idx))),
    )


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool", name: Any = None) -> Any:
    """True for the first so many places of each row.

    >>> sequence_mask([1, 2], 3).tolist()
    [[True, False, False], [True, True, False]]
    """
    sizes = ops.convert_to_tensor(lengths)
    longest = int(ops.max(sizes)) if maxlen is None else int(maxlen)
    return ops.cast(ops.arange(longest, dtype=sizes.dtype) < ops.expand_dims(sizes, -1), dtype)


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: Any = None) -> list[Any]:
    """The rows of each part. Their numbers depend on the data: outside of Programs.

    >>> [part.tolist() for part in dynamic_partition([1, 2, 3], [0, 1, 0], 2)]
    [[1, 3], [2]]
    """
    parts = np.asarray(partitions)
    x = ops.convert_to_tensor(data)
    rows = ops.reshape(x, (-1, *x.shape[parts.ndim :]))
    return [ops.take(rows, np.flatnonzero(parts == k), 0) for k in range(int(num_partitions))]


def dynamic_stitch(indices: Sequence[Any], data: Sequence[Any], name: Any = None) -> Any:
    """Rows put in the places that `indices` says; later ones win."""
    places = np.concatenate([np.ravel(np.asarray(i)) for i in indices])
    tensors = [ops.convert_to_tensor(d) for d in data]
    inner = tensors[0].shape[np.ndim(np.asarray(indices[0])) :]
    rows = ops.concatenate([ops.reshape(d, (-1, *inner)) for d in tensors], 0)
    last = np.zeros(int(places.max()) + 1, int)
    last[places] = np.arange(len(places))
    return ops.take(rows, last, 0)


def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: int | None = None, batch_axis: int | None = None, name: Any = None
) -> Any:
    """The first so many steps of each row turned round."""
    x = ops.moveaxis(ops.convert_to_tensor(input), (batch_axis or 0, 1 if seq_axis is None else seq_axis), (0, 1))
    steps, lengths = ops.arange(x.shape[1]), ops.expand_dims(ops.cast(seq_lengths, "int32"), 1)
    order = ops.where(steps < lengths, lengths - 1 - steps, steps)
    order = ops.reshape(order, (*order.shape, *[1] * (x.ndim - 2)))
    turned = ops.take_along_axis(x, order, 1)
    return ops.moveaxis(turned, (0, 1), (batch_axis or 0, 1 if seq_axis is None else seq_axis))


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that computes its gradient in its own way: f returns (result, grad)."""
    return _custom_gradient(f)


def gradients(*args: Any, **kwargs: Any) -> Any:
    """Raises: UnsupportedError: always: it belongs to TensorFlow 1."""
    raise UnsupportedError(
        "tf.gradients: it belongs to TensorFlow 1. Write `with tf.GradientTape() as tape: y = ...`, and then "
        "tape.gradient(y, x)."
    )


def saturate_cast(value: Any, dtype: Any, name: Any = None) -> Any:
    """Another dtype; what it cannot hold becomes its nearest number."""
    return ops.saturate_cast(value, dtype_name(dtype))


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The numbers of a tensor where they are known, else None."""
    try:
        return np.asarray(tensor)
    except TypeError:
        return None


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> Any:
    """The shape of two that are brought to one."""
    from .shapes import TensorShape

    return TensorShape(np.broadcast_shapes(tuple(shape_x), tuple(shape_y)))


broadcast_dynamic_shape = broadcast_static_shape


def histogram_fixed_width(
    values: Any, value_range: Any, nbins: int = 100, dtype: Any = "int32", name: Any = None
) -> Any:
    """How many values lie in each of equal ranges; what lies outside counts in the first and last."""
    places = histogram_fixed_width_bins(values, value_range, nbins)
    return ops.cast(ops.bincount(ops.reshape(places, (-1,)), minlength=nbins)[:nbins], dtype)


def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: int = 100, dtype: Any = "int32", name: Any = None
) -> Any:
    """In which of equal ranges each value lies."""
    x = ops.convert_to_tensor(values)
    low, high = (float(v) for v in np.asarray(value_range))
    return ops.cast(ops.clip(ops.floor((x - low) / (high - low) * nbins), 0, nbins - 1), dtype)


def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: Any = None) -> Any:
    """How many insertions, deletions and exchanges lead from one sequence to the other, for each row.

    Args: hypothesis, truth: SparseTensors (rows, steps); normalize: divide by the length of the truth (default True).
    """
    rows = hypothesis.shape[0]
    found = [_edits(_row(hypothesis, k), _row(truth, k), normalize) for k in range(rows)]
    return ops.convert_to_tensor(np.asarray(found, np.float32))


def _row(sparse: Any, k: int) -> list[Any]:
    places = np.asarray(sparse.indices)
    return list(np.asarray(sparse.values)[places[:, 0] == k])


def _edits(a: list[Any], b: list[Any], normalize: bool) -> float:
    costs = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, costs[0] = costs[0], i
        for j, y in enumerate(b, 1):
            before, costs[j] = costs[j], min(costs[j] + 1, costs[j - 1] + 1, before + (x != y))
    return costs[-1] / (len(b) or 1) if normalize else float(costs[-1])


# further mathematics


def lgamma(x: Any, name: Any = None) -> Any:
    """log |gamma(x)| for x > 0: Stirling's series at x + 8, brought back by the recurrence.

    >>> round(float(lgamma(5.0)), 4)
    3.1781
    """
    x = ops.convert_to_tensor(x)
    x = x if x.type.dtype in FLOAT else ops.cast(x, "float32")
    back: Any = ops.zeros_like(x)
    for k in range(8):
        back = back + ops.log(x + float(k))
    z = x + 8.0
    series = 1 / (12 * z) - 1 / (360 * z**3) + 1 / (1260 * z**5)
    return (z - 0.5) * ops.log(z) - z + 0.5 * float(np.log(2 * np.pi)) + series - back


def digamma(x: Any, name: Any = None) -> Any:
    """The derivative of `lgamma`.

    >>> round(float(digamma(1.0)), 4)
    -0.5772
    """
    x = ops.convert_to_tensor(x)
    back: Any = ops.zeros_like(x)
    for k in range(8):
        back = back + 1.0 / (x + float(k))
    z = x + 8.0
    return ops.log(z) - 0.5 / z - 1 / (12 * z**2) + 1 / (120 * z**4) - 1 / (252 * z**6) - back


def xlogy(x: Any, y: Any, name: Any = None) -> Any:
    """x log(y), and 0 where x is 0."""
    none = ops.equal(x, 0)
    return ops.where(none, 0.0, ops.multiply(x, ops.log(ops.where(none, 1.0, y))))


def xdivy(x: Any, y: Any, name: Any = None) -> Any:
    """x / y, and 0 where x is 0."""
    none = ops.equal(x, 0)
    return ops.where(none, 0.0, ops.true_divide(x, ops.where(none, 1.0, y)))


def multiply_no_nan(x: Any, y: Any, name: Any = None) -> Any:
    """x y, and 0 where y is 0, even if x is not finite."""
    none = ops.equal(y, 0)
    return ops.where(none, 0.0, ops.multiply(ops.where(none, 0.0, x), y))


def reciprocal_no_nan(x: Any, name: Any = None) -> Any:
    """1 / x, and 0 where x is 0."""
    return ops.divide_no_nan(1.0, x)


def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: Any = None) -> Any:
    """The square root of the sum of squares."""
    return ops.sqrt(ops.sum(ops.square(input_tensor), axis=axis, keepdims=keepdims))


def polyval(coeffs: Sequence[Any], x: Any, name: Any = None) -> Any:
    """A polynomial, the highest power first."""
    total: Any = ops.convert_to_tensor(coeffs[0])
    for c in coeffs[1:]:
        total = total * x + c
    return total


def scalar_mul(scalar: Any, x: Any, name: Any = None) -> Any:
    """The product with a number."""
    return ops.multiply(scalar, x)


def invert_permutation(x: Any, name: Any = None) -> Any:
    """Where each number stands."""
    return ops.argsort(x)


def bincount(
    arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = "int32", name: Any = None,
    **kwargs: Any,
) -> Any:  # fmt: skip
    """How often each number occurs, or the sum of its weights."""
    numbers = ops.reshape(arr, (-1,))
    least = max(int(minlength or 0), int(ops.max(numbers)) + 1 if numbers.size else 0)
    found = ops.bincount(numbers, None if weights is None else ops.reshape(weights, (-1,)), least)
    found = found if maxlength is None else found[: int(maxlength)]
    return found if weights is not None else ops.cast(found, dtype)


def tensor_scatter_nd_sub(tensor: Any, indices: Any, updates: Any, name: Any = None) -> Any:
    """The tensor with the updates taken away."""
    x = ops.convert_to_tensor(tensor)
    return x - ops.scatter(indices, ops.cast(updates, x.dtype), x.shape)


def strided_slice(input_: Any, begin: Any, end: Any, strides: Any = None, name: Any = None, **kwargs: Any) -> Any:
    """input_[begin:end:stride, ...]; masks are not supported."""
    if any(kwargs.values()):
        raise ArgumentError(f"strided_slice: masks are not supported ({', '.join(kwargs)}). Use x[a:b:c].")
    bounds = zip(begin, end, [1] * len(begin) if strides is None else strides, strict=True)
    return ops.convert_to_tensor(input_)[tuple(slice(int(a), int(b), int(c)) for a, b, c in bounds)]


__all__ = [
    "bincount", "broadcast_dynamic_shape", "broadcast_static_shape", "custom_gradient", "digamma", "dynamic_partition",
    "dynamic_stitch", "edit_distance", "get_static_value", "gradients", "histogram_fixed_width",
    "histogram_fixed_width_bins", "invert_permutation", "lgamma", "multiply_no_nan", "polyval", "reciprocal_no_nan",
    "reduce_euclidean_norm", "reverse_sequence", "saturate_cast", "scalar_mul", "sequence_mask", "strided_slice",
    "tensor_scatter_nd_sub", "unique", "unique_with_counts", "xdivy", "xlogy",
]  # fmt: skip
