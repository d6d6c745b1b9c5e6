"""`tf.linalg`: products and norms of matrices."""

from __future__ import annotations

from typing import Any

from ... import ops
from .math import l2_normalize


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, name: str | None = None, **kwargs: Any
) -> Any:
    """The matrix product, of the last two axes; each matrix may be transposed first.

    >>> matmul([[1.0, 2.0]], [[3.0, 4.0]], transpose_b=True).tolist()
    [[11.0]]
    """
    a, b = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    return ops.matmul(ops.swapaxes(a, -1, -2) if transpose_a else a, ops.swapaxes(b, -1, -2) if transpose_b else b)


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """The sum over pairs of axes."""
    return ops.tensordot(a, b, axes)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The norm of vectors: `ord` 'euclidean' or 2, 1, or float('inf').

    >>> float(norm([3.0, 4.0]))
    5.0
    """
    size = ops.absolute(ops.convert_to_tensor(tensor))
    if ord in ("euclidean", 2):
        return ops.sqrt(ops.sum(size * size, axis=axis, keepdims=keepdims))
    if ord == float("inf"):
        return ops.max(size, axis=axis, keepdims=keepdims)
    return ops.power(ops.sum(ops.power(size, ord), axis=axis, keepdims=keepdims), 1 / ord)


def eye(
    num_rows: int,
    num_columns: int | None = None,
    batch_shape: None = None,
    dtype: Any = "float32",
    name: str | None = None,
) -> Any:
    """The identity matrix."""
    return ops.eye(num_rows, num_columns, dtype=dtype)


__all__ = ["eye", "l2_normalize", "matmul", "norm", "tensordot"]
