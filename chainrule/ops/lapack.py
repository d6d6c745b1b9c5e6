"""Decompositions of matrices whose numbers are known, through NumPy: as they are, and hundreds of times faster.

Inside a recording (a model, a compiled step, a gradient) the loops of `linalg.py` are recorded instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import NARROW, Tensor, is_tracing


def at_once(compute: Callable[..., Any], *operands: Tensor) -> Any:
    """What `compute` makes of the numbers of tensors; None inside a recording, or where LAPACK finds no result.

    >>> float(at_once(np.linalg.det, Tensor(np.eye(3))))
    1.0
    """
    if is_tracing():
        return None
    dtype = operands[0].type.dtype
    arrays = [x.numpy().astype("float32") if x.type.dtype in NARROW else x.numpy() for x in operands]
    try:
        with np.errstate(all="ignore"):
            found = compute(*arrays)
    except np.linalg.LinAlgError:
        return None
    return tuple(map(_as(dtype), found)) if isinstance(found, tuple) else _as(dtype)(found)


def _as(dtype: Any) -> Callable[[Any], Tensor]:
    """Arrays of floats as tensors of a dtype; integers stay what they are."""
    return lambda array: Tensor(np.asarray(array, dtype if np.asarray(array).dtype.kind == "f" else None))


def eliminated(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """L below and U on and above the diagonal, and which row became which pivot, for matrices (..., m, n)."""
    found, (m, n) = np.array(x), x.shape[-2:]
    order = np.broadcast_to(np.arange(m, dtype="int32"), x.shape[:-1]).copy()
    for rest, lines in zip(found.reshape(-1, m, n), order.reshape(-1, m), strict=True):
        for k in range(min(m, n)):
            place = k + int(np.argmax(np.abs(rest[k:, k])))
            rest[[k, place]], lines[[k, place]] = rest[[place, k]], lines[[place, k]]
            rest[k + 1 :, k] /= rest[k, k] or 1.0
            rest[k + 1 :, k + 1 :] -= np.outer(rest[k + 1 :, k], rest[k, k + 1 :])
    return found, order


def _signs(vectors: np.ndarray) -> np.ndarray:
    """The signs that make the largest element of each column positive."""
    place = np.argmax(np.abs(vectors), -2, keepdims=True)
    return np.where(np.take_along_axis(vectors, place, -2) < 0, -1, 1).astype(vectors.dtype)


def turned_eigh(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, ascending, and eigenvectors (as columns) from the lower triangles of symmetric matrices."""
    values, vectors = np.linalg.eigh(x)
    return values, vectors * _signs(vectors)


def turned_svd(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """U, S and V^T of matrices with at least as many rows as columns, all columns of U."""
    left, values, right = np.linalg.svd(x)
    signs, n = _signs(np.swapaxes(right, -1, -2)), x.shape[-1]
    left[..., :n] *= signs
    return left, values, right * np.swapaxes(signs, -1, -2)
