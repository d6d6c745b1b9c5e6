"""Linear algebra: decompositions and what follows from them, composed of loops over columns.

All of them take matrices (..., m, n) and work on the batch axes at once. Gradients come from the loops themselves. Only
eigenvectors are found by an iteration without a gradient; two steps of a refinement that converges quadratically are
applied to its result, and those carry the derivatives, up to the third.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import primitives as P
from ..errors import ArgumentError, ShapeError
from ..ir import Tensor, is_tracing
from ..primitives.arithmetic import align, as_operand, cast, full
from .arranging import diagonal
from .control import scan
from .indexing import one_hot, take_along_axis
from .lapack import at_once, eliminated
from .math import absolute, argmax, floating, max, min, normalize_axis, prod, sum, where
from .numbers import outside_recordings
from .shaping import (
    arange,
    broadcast_to,
    concatenate,
    expand_dims,
    eye,
    moveaxis,
    reshape,
    squeeze,
    swapaxes,
    triu,
    zeros_like,
)
from .summation import matmul
from .symbolic import OPS, op


def _matrix(name: str, x: Any, square: bool = True) -> Tensor:
    x = floating(x)
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        kind = "square matrices (..., n, n)" if square else "matrices (..., m, n)"
        raise ShapeError(f"{name}: expected {kind}; got shape {x.shape}.")
    return x


def _transposed(x: Tensor) -> Tensor:
    return swapaxes(x, -1, -2)


def _identity(n: int, like: Tensor) -> Tensor:
    return eye(n, dtype=like.dtype)


def _chosen(n: int, place: Tensor, like: Tensor) -> Tensor:
    """The vector of n zeros with a 1 at a place."""
    return one_hot(place, n, dtype=like.dtype)


def _column(x: Tensor, chosen: Tensor) -> Tensor:
    return sum(x * expand_dims(chosen, -2), -1)


def _row(x: Tensor, chosen: Tensor) -> Tensor:
    return sum(x * expand_dims(chosen, -1), -2)


def _outer(a: Tensor, b: Tensor) -> Tensor:
    return expand_dims(a, -1) * expand_dims(b, -2)


@op
def cholesky(x: Any, upper: bool = False) -> Tensor:
    """The lower triangular L with L L^T = x, for symmetric positive definite x; with `upper` its transpose.

    Where x is not positive definite an error, and NaN inside a recording.

    >>> cholesky([[4.0, 2.0], [2.0, 5.0]]).tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """
    x = _matrix("cholesky", x)
    if (found := at_once(np.linalg.cholesky, x)) is not None:
        return _transposed(found) if upper else found
    if not is_tracing():
        raise ArgumentError("cholesky: expected symmetric matrices with positive eigenvalues only; got another one.")
    n = x.shape[-1]

    def step(rest: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        column = _column(rest, _chosen(n, k, rest))
        pivot = sum(column * _chosen(n, k, rest), -1, True)
        below = where(arange(n) >= k, column / P.sqrt(pivot), 0.0)
        return rest - _outer(below, below), below

    columns = scan(step, x, arange(n, dtype="int32"))[1]
    return moveaxis(columns, 0, -2) if upper else moveaxis(columns, 0, -1)


@op
def cholesky_inverse(x: Any, upper: bool = False) -> Tensor:
    """The inverse of the matrix whose lower (`upper`: upper) triangular factor is x."""
    x = _matrix("cholesky_inverse", x)
    inverse = solve_triangular(x, broadcast_to(_identity(x.shape[-1], x), x.shape), lower=not upper)
    return matmul(inverse, _transposed(inverse)) if upper else matmul(_transposed(inverse), inverse)


@op
def solve_triangular(a: Any, b: Any, lower: bool = False) -> Tensor:
    """The x with a x = b, for triangular a: what stands on the other side of the diagonal is not looked at.

    Args: a: (..., n, n); b: (..., n) or (..., n, k); lower: whether a is lower triangular (default False).
    """
    a, b = _matrix("solve_triangular", a), floating(b)
    vector = b.ndim == a.ndim - 1
    b = expand_dims(b, -1) if vector else b
    b = broadcast_to(b, (*a.shape[:-2], *b.shape[-2:]))
    n = a.shape[-1]
    half = np.tril if lower else np.triu
    if (found := at_once(lambda a, b: np.linalg.solve(half(a), b), a, b)) is not None:
        return squeeze(found, -1) if vector else found

    def step(x: Tensor, k: Tensor) -> tuple[Tensor, None]:
        place = _chosen(n, k, a)
        row = _row(a, place)
        known = where(arange(n) < k, row, 0.0) if lower else where(arange(n) > k, row, 0.0)
        rest = _row(b, place) - squeeze(matmul(expand_dims(known, -2), x), -2)
        return x + _outer(broadcast_to(place, (*a.shape[:-2], n)), rest / sum(row * place, -1, True)), None

    x = scan(step, zeros_like(b), arange(n, dtype="int32"), reverse=not lower)[0]
    return squeeze(x, -1) if vector else x


def _eliminated(a: Tensor, b: Tensor) -> Tensor:
    """The x with a x = b, by Gauss-Jordan elimination with the largest pivot of a column."""
    n = a.shape[-1]
    b = broadcast_to(b, (*a.shape[:-2], *b.shape[-2:]))
    if (found := at_once(np.linalg.solve, a, b)) is not None:
        return found  # type: ignore[no-any-return]
    free = full(a.shape[:-1], 1, a.dtype)

    def step(carry: tuple[Tensor, Tensor], k: Tensor) -> tuple[Any, Tensor]:
        rest, free = carry
        column = _column(rest[..., :n], _chosen(n, k, a))
        place = argmax(P.stop_gradient(where(free > 0, absolute(column), -1.0)), -1)
        row = _chosen(n, place, a)
        pivot = sum(column * row, -1, True)
        scaled = _row(rest, row) / pivot
        rest = where(expand_dims(row, -1) > 0, expand_dims(scaled, -2), rest - _outer(column, scaled))
        return (rest, free * (1.0 - row)), place

    (rest, _), rows = scan(step, (concatenate([a, b], -1), free), arange(n, dtype="int32"))
    rows = moveaxis(rows, 0, -1)
    return take_along_axis(rest[..., n:], expand_dims(rows, -1), -2)


def _parity(rows: Tensor, like: Tensor) -> Tensor:
    """1 for an even permutation, -1 for an odd one."""
    n = rows.shape[-1]
    above = as_operand(~np.tri(n, dtype=bool))
    crossed = P.bit_and(*align(expand_dims(rows, -1) > expand_dims(rows, -2), above))
    count = sum(cast(crossed, "int32"), (-1, -2))
    return cast(1 - 2 * P.mod(*align(count, 2)), like.dtype)


@op
def solve(a: Any, b: Any) -> Tensor:
    """The x with a x = b.

    Args: a: (..., n, n); b: (..., n), or (..., n, k) with as many axes as a.

    >>> solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0]).tolist()
    [1.0, 0.5]
    """
    a, b = _matrix("solve", a), floating(b)
    vector = b.ndim == a.ndim - 1
    if b.ndim not in (a.ndim - 1, a.ndim) or b.shape[-1 if vector else -2] != a.shape[-1]:
        raise ShapeError(f"solve: expected b to have {a.shape[-1]} rows, as a has; got shapes {a.shape} and {b.shape}.")
    x = _eliminated(a, expand_dims(b, -1) if vector else b)
    return squeeze(x, -1) if vector else x


@op
def inv(x: Any) -> Tensor:
    """The inverse of a square matrix."""
    x = _matrix("inv", x)
    return _eliminated(x, _identity(x.shape[-1], x))


def _pivots(x: Tensor) -> tuple[Tensor, Tensor]:
    """The pivots of elimination and the sign of the order of the rows; a column without pivot gives 0 from there on."""
    lu, rows = _lu(x)
    return diagonal(lu, 0, -2, -1), _parity(rows, x)


@op
def det(x: Any) -> Tensor:
    """The determinant of a square matrix."""
    x = _matrix("det", x)
    if (found := at_once(np.linalg.det, x)) is not None:
        return found  # type: ignore[no-any-return]
    pivots, sign = _pivots(x)
    return prod(pivots, -1) * sign


@op
def slogdet(x: Any) -> tuple[Tensor, Tensor]:
    """The sign of the determinant, and the logarithm of its absolute value."""
    x = _matrix("slogdet", x)
    if (found := at_once(np.linalg.slogdet, x)) is not None:
        return found  # type: ignore[no-any-return]
    pivots, sign = _pivots(x)
    return prod(P.sign(pivots), -1) * sign, sum(P.log(absolute(pivots)), -1)


@op
def logdet(x: Any) -> Tensor:
    """The logarithm of the determinant of a symmetric positive definite matrix."""
    factor = cholesky(x)
    return 2.0 * sum(P.log(diagonal(factor, 0, -2, -1)), -1)


def _lu(x: Tensor) -> tuple[Tensor, Tensor]:
    """L below and U on and above the diagonal, rows in the order in which they became pivots, and that order."""
    if (found := at_once(eliminated, x)) is not None:
        return found  # type: ignore[no-any-return]
    m, n = x.shape[-2:]
    lines = broadcast_to(arange(m, dtype="int32"), x.shape[:-1])

    def step(carry: tuple[Tensor, Tensor], k: Tensor) -> tuple[Any, None]:
        rest, order = carry
        column = _column(rest, _chosen(n, k, x))
        place = argmax(P.stop_gradient(where(arange(m) >= k, absolute(column), -1.0)), -1, keepdims=True)
        here = broadcast_to(reshape(cast(k, "int32"), (1,) * x.ndim)[..., 0], place.shape)
        swap = where(lines == here, place, where(lines == place, here, lines))
        rest = take_along_axis(rest, expand_dims(swap, -1), -2)
        order = take_along_axis(order, swap, -1)
        column, row = _column(rest, _chosen(n, k, x)), _row(rest, _chosen(m, k, x))
        pivot = sum(row * _chosen(n, k, x), -1, True)
        factor = where(arange(m) > k, column / where(pivot == 0, 1.0, pivot), 0.0)
        below = where(arange(n) > k, row, 0.0)
        under = expand_dims(where(arange(m) > k, factor - column, 0.0), -1)
        return (rest - _outer(factor, below) + under * _chosen(n, k, x), order), None

    count = m if m < n else n
    return scan(step, (x, lines), arange(count, dtype="int32"))[0]


@op
def lu_factor(x: Any) -> tuple[Tensor, Tensor]:
    """(LU, order): L below the diagonal (1 on it), U on and above it, and which row of x is the k-th of L U.

    x[order] = L U; of a matrix with more rows than columns `order` has those that became pivots.
    """
    factors, order = _lu(_matrix("lu_factor", x, square=False))
    return factors, order[..., : factors.shape[-1]]


@op
def qr(x: Any, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """(Q, R) with Q R = x, the columns of Q orthonormal, R upper triangular, by Householder's reflections.

    Args: x: (..., m, n); mode: 'reduced' (default: Q (..., m, k), R (..., k, n), k = min(m, n)) or 'complete'.
    """
    x = _matrix("qr", x, square=False)
    if mode not in ("reduced", "complete"):
        raise ArgumentError(f"qr: expected mode 'reduced' or 'complete'; got {mode!r}.")
    q, r = _reflected(x)
    m, n = x.shape[-2:]
    if mode == "reduced" and m > n:
        return q[..., :n], r[..., :n, :]
    return q, r


def _reflected(x: Tensor) -> tuple[Tensor, Tensor]:
    if (found := at_once(lambda a: tuple(np.linalg.qr(a, "complete")), x)) is not None:
        return found  # type: ignore[no-any-return]
    m, n = x.shape[-2:]
    start = broadcast_to(_identity(m, x), (*x.shape[:-2], m, m))

    def step(carry: tuple[Tensor, Tensor], k: Tensor) -> tuple[Any, None]:
        q, r = carry
        column = where(arange(m) >= k, _column(r, _chosen(n, k, x)), 0.0)
        first, below = sum(column * _chosen(m, k, x), -1, True), where(arange(m) > k, column, 0.0)
        rest = sum(below * below, -1, True)
        length = P.sqrt(where(rest > 0, first * first + rest, 1.0))
        v = column + _chosen(m, k, x) * where(first < 0, -length, length)
        v = where(rest > 0, v, 0.0)  # nothing below the diagonal: nothing to reflect
        size = sum(v * v, -1, True)
        scaled = v * (2.0 / where(size > 0, size, 1.0))
        r = r - _outer(scaled, squeeze(matmul(expand_dims(v, -2), r), -2))
        q = q - _outer(squeeze(matmul(q, expand_dims(v, -1)), -1), scaled)
        return (q, r), None

    q, r = scan(step, (start, x), arange(m - 1 if m <= n else n, dtype="int32"))[0]
    return q, triu(r)


@op
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The length of vectors, or a norm of matrices.

    Args:
        x: tensor; axis: one axis (vectors), two (matrices) or None (all elements, or x itself if `ord` is given).
        ord: None (default: root of the sum of squares), a number, 'euclidean', infinity; for matrices 'fro', 'nuc', 1,
            -1, 2, -2, infinity.
        keepdims: keep the reduced axes with size 1 (default False).
    Raises: ArgumentError: an `ord` that does not exist for so many axes.

    >>> float(norm([3.0, 4.0]))
    5.0
    """
    x = floating(x)
    if axis is None and ord is None:
        return _root(sum(x * x, None, keepdims))
    axes = (axis,) if isinstance(axis, int) else tuple(range(x.ndim)) if axis is None else tuple(axis)
    axes = tuple(normalize_axis(a, x.ndim) for a in axes)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) != 2:
        raise ArgumentError(f"norm: expected one or two axes; got {axis!r} for shape {x.shape}.")
    found = _matrix_norm(moveaxis(x, axes, (-2, -1)), ord)
    return reshape(found, [1 if a in axes else n for a, n in enumerate(x.shape)]) if keepdims else found


def _root(x: Tensor) -> Tensor:
    safe = where(x > 0, x, 1.0)
    return where(x > 0, P.sqrt(safe), x)


def _vector_norm(x: Tensor, ord: Any, axis: int, keepdims: bool) -> Tensor:
    if ord in (None, 2, "euclidean"):
        return _root(sum(x * x, axis, keepdims))
    if ord in (math.inf, -math.inf):
        return (max if ord > 0 else min)(P.abs(x), axis, keepdims)
    if ord == 0:
        return sum(cast(P.ne(*align(x, 0)), x.dtype), axis, keepdims)
    if isinstance(ord, str):
        raise ArgumentError(f"norm: expected ord to be a number, None or 'euclidean' for vectors; got {ord!r}.")
    if ord == 1:
        return sum(P.abs(x), axis, keepdims)
    return P.pow(*align(sum(P.pow(*align(P.abs(x), float(ord))), axis, keepdims), 1.0 / ord))


def _matrix_norm(x: Tensor, ord: Any) -> Tensor:
    if ord in (None, "fro", "euclidean"):
        return _root(sum(x * x, (-2, -1)))
    if ord in (1, -1, math.inf, -math.inf):
        totals = sum(P.abs(x), -2 if ord in (1, -1) else -1)
        return (max if ord > 0 else min)(totals, -1)
    if ord in (2, -2, "nuc"):
        values = OPS["svd"](x, compute_uv=False)
        return sum(values, -1) if ord == "nuc" else (max if ord > 0 else min)(values, -1)
    raise ArgumentError(f"norm: expected ord of matrices to be None, 'fro', 'nuc', 1, -1, 2, -2, inf; got {ord!r}.")


def eig(x: Any) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors (as columns) of a square matrix that has only real ones. Only outside recordings.

    Raises: ArgumentError: some are complex; symmetric matrices never have any, and `eigh` is made for them.
    """
    values, vectors = outside_recordings("eig", np.linalg.eig, _matrix("eig", x))
    if np.iscomplexobj(values) and np.abs(values.imag).max() > 0:
        raise ArgumentError("eig: some eigenvalues are complex, and there are only real tensors here. Use NumPy's.")
    return as_operand(np.real(values)), as_operand(np.real(vectors))


@op
def cdist(x: Any, y: Any) -> Tensor:
    """The distances between the rows of x (..., m, d) and those of y (..., n, d): (..., m, n)."""
    a, b = floating(x), floating(y)
    gaps = expand_dims(a, -2) - expand_dims(b, -3)
    return _root(sum(gaps * gaps, -1))
