"""`tf.sparse`: tensors that are mostly zero, kept as places and numbers. They are not layers' inputs: see to_dense."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import ops
from ...layers.preprocessing.strings import is_text, text_array


class SparseTensor:
    """Numbers at places, zero elsewhere.

    Args: indices: (n, axes) integers; values: (n,); dense_shape.

    >>> to_dense(SparseTensor([[0, 1]], [5.0], (1, 3))).tolist()
    [[0.0, 5.0, 0.0]]
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        self.indices = ops.convert_to_tensor(np.asarray(indices, np.int64).reshape(-1, len(tuple(dense_shape))))
        self.values = text_array(values) if is_text(values) else ops.convert_to_tensor(values)
        self.dense_shape = tuple(int(n) for n in dense_shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes."""
        return self.dense_shape

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return self.values.dtype

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self.indices!s}, values={self.values!s}, dense_shape={self.dense_shape})"


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The places and values that are not zero."""
    array = np.asarray(tensor)
    places = np.argwhere(array)
    return SparseTensor(places, array[tuple(places.T)], array.shape)


def to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: Any = None) -> Any:
    """The whole tensor; `default_value` (0, '' for text) elsewhere."""
    if is_text(sp_input.values):
        found = np.full(sp_input.shape, default_value or "", object)
        found[tuple(np.asarray(sp_input.indices).T)] = sp_input.values
        return text_array(found)
    zeros = ops.full(sp_input.shape, default_value or 0, sp_input.values.dtype)
    return ops.scatter_update(zeros, sp_input.indices, sp_input.values)


def stack(parts: Sequence[SparseTensor]) -> SparseTensor:
    """Sparse tensors along a new first axis; sizes as of the largest."""
    places = [np.pad(np.asarray(p.indices), ((0, 0), (1, 0)), constant_values=k) for k, p in enumerate(parts)]
    values = np.concatenate([np.asarray(p.values) for p in parts])
    sizes = np.max([p.shape for p in parts], axis=0)
    return SparseTensor(np.concatenate(places), values, (len(parts), *sizes))


def reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same with places in order of rows."""
    places = np.asarray(sp_input.indices)
    order = np.lexsort(places.T[::-1])
    return SparseTensor(places[order], ops.take(sp_input.values, order, 0), sp_input.shape)


def sparse_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: Any = None) -> Any:
    """The product of a sparse matrix and a dense one: rows of `b` gathered, weighted and added up.

    >>> sparse_dense_matmul(SparseTensor([[0, 1]], [2.0], (1, 2)), [[1.0], [3.0]]).tolist()
    [[6.0]]
    """
    x = ops.convert_to_tensor(b)
    x = ops.swapaxes(x, -1, -2) if adjoint_b else x
    rows, columns = (sp_a.indices[:, k] for k in ((1, 0) if adjoint_a else (0, 1)))
    parts = ops.take(x, columns, 0) * ops.expand_dims(sp_a.values, -1)
    return ops.segment_sum(parts, rows, sp_a.shape[1 if adjoint_a else 0])


__all__ = ["SparseTensor", "from_dense", "reorder", "sparse_dense_matmul", "to_dense"]
