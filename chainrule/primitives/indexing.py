"""Gather and scatter: elements chosen by indices that are computed. An index out of range is an error."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import DTypeError, IndexRangeError
from ..ir import INTEGER, NUMBER, Params, TensorType
from .definition import define, require, require_dtype


def _check_types(name: str, x: TensorType, indices: TensorType) -> int:
    require_dtype(f"{name} C1", indices, INTEGER)
    ok = indices.rank >= 1 and indices.shape[-1] <= x.rank
    require(ok, f"{name} C2", f"indices whose last axis counts at most {x.rank} leading axes of {x}", indices)
    return indices.shape[-1]


def _positions(name: str, x: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, ...]:
    for axis in range(indices.shape[-1]):
        column = indices[..., axis]
        bad = (column < 0) | (column >= x.shape[axis])
        if bad.any():
            place = f"{int(column[bad][0])} at position {tuple(int(i) for i in np.argwhere(bad)[0])} of the indices"
            expected = f"indices from 0 to {x.shape[axis] - 1} on axis {axis}"
            require(False, f"{name} C3", expected, place, IndexRangeError)
    return tuple(indices[..., axis].astype(np.int64) for axis in range(indices.shape[-1]))


def infer_gather(p: Params, x: TensorType, indices: TensorType) -> TensorType:
    k = _check_types("gather", x, indices)
    return x.with_shape(indices.shape[:-1] + x.shape[k:])


def evaluate_gather(p: Params, x: np.ndarray, indices: np.ndarray) -> np.ndarray:
    if indices.shape[-1] == 0:
        return np.broadcast_to(x, indices.shape[:-1] + x.shape)
    return x[_positions("gather", x, indices)]


gather = define(
    "gather", "indexing", infer_gather, evaluate_gather,
    """y[i] = x[indices[i, 0], ..., indices[i, k-1]]

    Operands: x: any dtype; indices: integers of shape (..., k), k at most x's rank.
    Result: x's dtype; shape indices.shape[:-1] + x.shape[k:].
    Constraints: C1 integer indices; C2 k at most x's rank; C3 (when run) 0 <= index < size.
    Gradient: (g added at the indices of a tensor of zeros, none).
    Numerics: exact.
    Source: gather_nd of TensorFlow and ONNX.
    Example:
    >>> gather(np.array([10., 20., 30.]), np.array([[2], [0]])).tolist()
    [30.0, 10.0]
    """,
)  # fmt: skip


def _infer_scatter(name: str) -> Any:
    def infer(p: Params, x: TensorType, indices: TensorType, updates: TensorType) -> TensorType:
        k = _check_types(name, x, indices)
        shape = indices.shape[:-1] + x.shape[k:]
        require(updates.shape == shape, f"{name} C4", f"updates of shape {shape}", updates.shape)
        require(updates.dtype == x.dtype, f"{name} C5", f"updates of dtype {x.dtype}", updates.dtype, DTypeError)
        return x

    return infer


def evaluate_scatter(p: Params, x: np.ndarray, indices: np.ndarray, updates: np.ndarray) -> np.ndarray:
    result = x.copy()
    places = _positions("scatter", x, indices)
    if not places:
        lines = updates.reshape(math.prod(indices.shape[:-1]), *x.shape)
        return lines[-1].copy() if len(lines) else result
    flat = [place.ravel() for place in places]
    lines = updates.reshape(flat[0].size, *x.shape[len(places) :])
    key = np.ravel_multi_index(flat, x.shape[: len(places)]) if flat[0].size else flat[0]
    _, last = np.unique(key[::-1], return_index=True)  # of equal indices the last one in row-major order stays
    keep = flat[0].size - 1 - last
    result[tuple(f[keep] for f in flat)] = lines[keep]
    return result


scatter = define(
    "scatter", "indexing", _infer_scatter("scatter"), evaluate_scatter,
    """y = x, with y[indices[i]] = updates[i]

    Operands: x: any dtype; indices: integers of shape (..., k); updates: x's dtype.
    Result: like x.
    Constraints: C1 integer indices; C2 k at most x's rank; C3 (when run) 0 <= index < size;
        C4 updates of shape indices.shape[:-1] + x.shape[k:]; C5 updates of x's dtype.
    Gradient: (g with zeros at the indices, none, g at the indices that were not overwritten).
    Numerics: exact; of equal indices the last in row-major order wins.
    Source: scatter_nd of ONNX.
    Example:
    >>> scatter(np.zeros(3), np.array([[1], [1]]), np.array([5., 6.])).tolist()
    [0.0, 6.0, 0.0]
    """,
)  # fmt: skip


def infer_scatter_add(p: Params, x: TensorType, indices: TensorType, updates: TensorType) -> TensorType:
    require_dtype("scatter_add C6", x, NUMBER)
    return _infer_scatter("scatter_add")(p, x, indices, updates)


def evaluate_scatter_add(p: Params, x: np.ndarray, indices: np.ndarray, updates: np.ndarray) -> np.ndarray:
    places = _positions("scatter_add", x, indices)
    if not places:
        return x + updates.reshape(math.prod(indices.shape[:-1]), *x.shape).sum(0, dtype=x.dtype)
    result = x.copy()
    np.add.at(result, places, updates)
    return result


scatter_add = define(
    "scatter_add", "indexing", infer_scatter_add, evaluate_scatter_add,
    """y = x, with updates[i] added to y[indices[i]]

    Operands: x: numbers; indices: integers of shape (..., k); updates: x's dtype.
    Result: like x.
    Constraints: C1 to C5 as for scatter; C6 x holds numbers.
    Gradient: (g, none, g at the indices).
    Numerics: equal indices add up, in row-major order.
    Source: scatter_nd_add of TensorFlow.
    Example:
    >>> scatter_add(np.zeros(3), np.array([[1], [1]]), np.array([5., 6.])).tolist()
    [0.0, 11.0, 0.0]
    """,
)  # fmt: skip
