"""`tf`: reading and writing at given places, pieces, grids, and functions applied to every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import ops
from ...errors import ShapeError
from ...ir.tree import map_structure


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None) -> Any:
    """The elements (or slices) of `params` at places along its first axes.

    Args: params: tensor; indices: integers, the last axis names a place; batch_dims: only 0.

    >>> gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).tolist()
    [2, 3]
    """
    if batch_dims:
        raise ShapeError(f"gather_nd: expected batch_dims=0; got {batch_dims}. Use tf.gather(..., batch_dims=...).")
    x, places = ops.convert_to_tensor(params), ops.cast(indices, "int32")
    depth, size = places.shape[-1], 1
    flat: Any = 0
    for axis in reversed(range(depth)):
        flat = flat + places[..., axis] * size
        size *= x.shape[axis]
    return ops.take(ops.reshape(x, (size, *x.shape[depth:])), flat, axis=0)


def scatter_nd(indices: Any, updates: Any, shape: Sequence[int], name: str | None = None) -> Any:
    """Zeros of a shape with the updates added at places.

    >>> scatter_nd([[1], [1]], [2.0, 3.0], (3,)).tolist()
    [0.0, 5.0, 0.0]
    """
    return ops.scatter(indices, updates, tuple(int(n) for n in shape))


def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """The tensor with the updates in place of what was there."""
    return ops.scatter_update(tensor, indices, updates)


def tensor_scatter_nd_add(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """The tensor with the updates added."""
    x = ops.convert_to_tensor(tensor)
    return x + ops.scatter(indices, ops.cast(updates, x.dtype), x.shape)


def slice(input_: Any, begin: Any, size: Sequence[int], name: str | None = None) -> Any:
    """A block: where it begins, and its sizes (-1: to the end).

    >>> slice([[1, 2], [3, 4]], [0, 1], [-1, 1]).tolist()
    [[2], [4]]
    """
    x = ops.convert_to_tensor(input_)
    start = [int(n) for n in begin]
    sizes = [x.shape[k] - start[k] if int(n) == -1 else int(n) for k, n in enumerate(size)]
    return ops.slice(x, start, sizes)


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> Any:
    """Grids of coordinates from vectors."""
    return ops.meshgrid(*args, indexing=indexing)


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = "int32", name: str | None = None
) -> Any:
    """Where values belong in an ascending vector."""
    return ops.cast(ops.searchsorted(sorted_sequence, values, side=side), out_type)


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """The tensor as it is.

    Raises: ShapeError: its shape is another one (None: any size).
    """
    tensor, wanted = ops.convert_to_tensor(x), tuple(shape)
    if tensor.ndim != len(wanted) or any(n not in (None, m) for n, m in zip(wanted, tensor.shape, strict=True)):
        raise ShapeError(f"ensure_shape: expected shape {wanted}; got {tuple(tensor.shape)}.")
    return tensor


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """The tensor, scaled down where its Euclidean norm exceeds `clip_norm`."""
    x = ops.convert_to_tensor(t)
    norm = ops.sqrt(ops.sum(x * x, axis=axes, keepdims=True))
    return x * clip_norm / ops.maximum(norm, clip_norm)


def clip_by_global_norm(t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None) -> Any:
    """Tensors scaled down together where the norm of all exceeds `clip_norm`; and that norm. None stays None."""
    norm = global_norm(t_list) if use_norm is None else use_norm
    scale = clip_norm / ops.maximum(norm, clip_norm)
    return [None if t is None else ops.convert_to_tensor(t) * scale for t in t_list], norm


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Any:
    """The Euclidean norm of all elements of all tensors."""
    return ops.sqrt(sum(ops.sum(ops.square(t)) for t in t_list if t is not None))


def map_fn(fn: Callable[[Any], Any], elems: Any, dtype: Any = None, name: str | None = None, **kwargs: Any) -> Any:
    """`fn` of every row, the results stacked.

    >>> map_fn(lambda row: row * 2, [1.0, 2.0]).tolist()
    [2.0, 4.0]
    """
    return ops.map(fn, map_structure(ops.convert_to_tensor, elems) if isinstance(elems, (tuple, dict))
                   else ops.convert_to_tensor(elems))  # fmt: skip


def vectorized_map(fn: Callable[[Any], Any], elems: Any, fallback_to_while_loop: bool = True) -> Any:
    """`fn` of every row, the results stacked."""
    return map_fn(fn, elems)


def while_loop(cond: Any, body: Any, loop_vars: Any, maximum_iterations: int | None = None, **kwargs: Any) -> Any:
    """`body` of the values for as long as `cond` of them holds."""
    return ops.while_loop(cond, body, loop_vars, maximum_iterations)


__all__ = [
    "clip_by_global_norm",
    "clip_by_norm",
    "ensure_shape",
    "gather_nd",
    "global_norm",
    "map_fn",
    "meshgrid",
    "scatter_nd",
    "searchsorted",
    "slice",
    "tensor_scatter_nd_add",
    "tensor_scatter_nd_update",
    "vectorized_map",
    "while_loop",
]  # fmt: skip
