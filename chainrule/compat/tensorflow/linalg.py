"""`tf.linalg`: products, norms, diagonals and decompositions of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...ops import cholesky, cross, det, inv, logdet, matrix_rank, pinv, qr, slogdet, trace
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


def matvec(a: Any, b: Any, transpose_a: bool = False, name: str | None = None, **kwargs: Any) -> Any:
    """The product of matrices and vectors."""
    return ops.squeeze(matmul(a, ops.expand_dims(b, -1), transpose_a), -1)


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """The sum over pairs of axes."""
    return ops.tensordot(a, b, axes)


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """A sum of products, written in Einstein's notation."""
    return ops.einsum(equation, *inputs)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The norm of vectors: `ord` 'euclidean' or 2, 1, or float('inf').

    >>> float(norm([3.0, 4.0]))
    5.0
    """
    size = ops.absolute(ops.convert_to_tensor(tensor))
    if ord in ("euclidean", "fro", 2):
        return ops.sqrt(ops.sum(size * size, axis=axis, keepdims=keepdims))
    if ord == float("inf"):
        return ops.max(size, axis=axis, keepdims=keepdims)
    return ops.power(ops.sum(ops.power(size, ord), axis=axis, keepdims=keepdims), 1 / ord)


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """The tensor divided by its norm, and that norm."""
    length = norm(tensor, ord, axis, keepdims=True)
    return ops.convert_to_tensor(tensor) / length, length


def eye(
    num_rows: int,
    num_columns: int | None = None,
    batch_shape: Any = None,
    dtype: Any = "float32",
    name: str | None = None,
) -> Any:
    """The identity matrix, as often as `batch_shape` says."""
    one = ops.eye(int(num_rows), None if num_columns is None else int(num_columns), dtype=dtype)
    return one if batch_shape is None else ops.broadcast_to(one, (*[int(n) for n in batch_shape], *one.shape))


def diag(diagonal: Any, name: str = "diag", **kwargs: Any) -> Any:
    """Matrices with the last axis on their diagonal, zero elsewhere.

    >>> diag([1.0, 2.0]).tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    x = ops.convert_to_tensor(diagonal)
    return ops.expand_dims(x, -1) * ops.eye(x.shape[-1], dtype=x.dtype)


def diag_part(input: Any, name: str = "diag_part", **kwargs: Any) -> Any:
    """The diagonals of matrices."""
    return ops.diagonal(input, axis1=-2, axis2=-1)


def set_diag(input: Any, diagonal: Any, name: str = "set_diag", **kwargs: Any) -> Any:
    """Matrices with another diagonal."""
    x = ops.convert_to_tensor(input)
    return ops.where(ops.eye(*x.shape[-2:], dtype="bool"), ops.expand_dims(diagonal, -1), x)


def band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Any:
    """Matrices without what lies further than so far below and above the diagonal; -1: all of it is kept.

    >>> band_part([[1, 2], [3, 4]], -1, 0).tolist()
    [[1, 0], [3, 4]]
    """
    x = ops.convert_to_tensor(input)
    rows, columns = np.ogrid[: x.shape[-2], : x.shape[-1]]
    low, high = int(num_lower), int(num_upper)
    kept = ((low < 0) | (rows - columns <= low)) & ((high < 0) | (columns - rows <= high))
    return ops.where(kept, x, ops.zeros((), x.dtype))


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """(S, U, V) with U diag(S) V^T the matrix; S alone without compute_uv."""
    if not compute_uv:
        return ops.svd(tensor, full_matrices, False)
    u, s, transposed = ops.svd(tensor, full_matrices)
    return s, u, ops.swapaxes(transposed, -1, -2)


def eigh(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues and eigenvectors of symmetric matrices."""
    return ops.eigh(tensor)


def eigvalsh(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues of symmetric matrices."""
    return ops.eigh(tensor)[0]


def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """X with matrix X = rhs."""
    return ops.solve(matrix_transpose(matrix) if adjoint else matrix, rhs)


def triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: Any = None) -> Any:
    """X with matrix X = rhs, for a triangular matrix."""
    if adjoint:
        return ops.solve_triangular(matrix_transpose(matrix), rhs, lower=not lower)
    return ops.solve_triangular(matrix, rhs, lower=lower)


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """X with L L^T X = rhs, given L."""
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True)


def lstsq(matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None) -> Any:
    """The X for which matrix X - rhs, squared and summed, is smallest."""
    if not l2_regularizer:
        return ops.lstsq(matrix, rhs)
    x = ops.convert_to_tensor(matrix)
    return ops.solve(matmul(x, x, True) + l2_regularizer * ops.eye(x.shape[-1]), matmul(x, rhs, True))


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Any:
    """Rows and columns exchanged."""
    return ops.swapaxes(ops.convert_to_tensor(a), -1, -2)


adjoint = matrix_transpose
tensor_diag, tensor_diag_part = diag, diag_part

__all__ = [
    "adjoint", "band_part", "cholesky", "cholesky_solve", "cross", "det", "diag", "diag_part", "eigh", "eigvalsh",
    "einsum", "eye", "inv", "l2_normalize", "logdet", "lstsq", "matmul", "matrix_rank", "matrix_transpose", "matvec",
    "norm", "normalize", "pinv", "qr", "set_diag", "slogdet", "solve", "svd", "tensor_diag", "tensor_diag_part",
    "tensordot", "trace", "triangular_solve",
]  # fmt: skip
