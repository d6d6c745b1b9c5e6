"""Eigenvalues of symmetric matrices and singular values, by Jacobi's method, and what follows from them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import primitives as P
from ..errors import TracedValueError
from ..ir import Tensor, finfo
from ..primitives.arithmetic import as_operand, cast
from .arranging import diagonal
from .control import scan
from .indexing import argsort, one_hot, take_along_axis
from .lapack import at_once, turned_eigh, turned_svd
from .linalg import _identity, _matrix, _reflected, _transposed
from .math import absolute, argmax, floating, max, sum, where
from .shaping import broadcast_to, concatenate, expand_dims, flip, squeeze
from .summation import matmul
from .symbolic import op


def _pairs(n: int) -> np.ndarray:
    """Every pair of 0, ..., n - 1 once, in rounds of disjoint pairs: a tournament; (rounds, 2, n // 2).

    >>> _pairs(4).shape
    (3, 2, 2)
    """
    players = list(range(n + n % 2))  # with an odd number one pauses in every round
    rounds = []
    for _ in range(len(players) - 1):
        half = len(players) // 2
        games = [(a, b) for a, b in zip(players[:half], players[: half - 1 : -1], strict=True) if a < n > b]
        rounds.append([[a if a < b else b for a, b in games], [b if a < b else a for a, b in games]])
        players = [players[0], players[-1], *players[1:-1]]
    return np.array(rounds, "int32")


def _rotations(a: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """The product of the rotations that make the elements of the pairs zero. Source: Golub and Van Loan, 8.5."""
    p, q = one_hot(first, a.shape[-1], dtype=a.dtype), one_hot(second, a.shape[-1], dtype=a.dtype)
    across = sum(matmul(p, a) * q, -1)
    gap = (sum(matmul(q, a) * q, -1) - sum(matmul(p, a) * p, -1)) * 0.5
    size = P.sqrt(gap * gap + across * across)
    tangent = across / where(size > 0, absolute(gap) + size, 1.0) * where(gap < 0, -1.0, 1.0)
    cosine = 1.0 / P.sqrt(1.0 + tangent * tangent)
    c, s = (expand_dims(t, -1) for t in (cosine - 1.0, cosine * tangent))
    turn = matmul(_transposed(p), c * p + s * q) + matmul(_transposed(q), c * q - s * p)
    return turn + _identity(a.shape[-1], a)


def _jacobi(a: Tensor) -> Tensor:
    """An orthogonal V for which V^T a V is nearly diagonal."""
    n = a.shape[-1]
    start = broadcast_to(_identity(n, a), a.shape)
    if n == 1:
        return start
    sweeps = 6 + math.ceil(math.log2(n))
    pairs = np.tile(_pairs(n), (sweeps, 1, 1))

    def step(carry: tuple[Tensor, Tensor], pair: Tensor) -> tuple[Any, None]:
        rest, vectors = carry
        turn = _rotations(rest, pair[0], pair[1])
        return (matmul(_transposed(turn), matmul(rest, turn)), matmul(vectors, turn)), None

    return scan(step, (a, start), pairs)[0][1]


def _started(a: Tensor) -> Tensor:
    """An orthogonal V for which V^T a V is nearly diagonal: of NumPy if the numbers are known, else by rotations."""
    try:
        known = a.numpy().astype("float64" if a.type.dtype == "float64" else "float32")
        return as_operand(np.linalg.eigh(known)[1].astype(a.type.dtype))
    except (TracedValueError, np.linalg.LinAlgError):
        return _jacobi(a)


def _turned(vectors: Tensor) -> Tensor:
    """Columns with the sign for which their largest element is positive."""
    place = expand_dims(argmax(absolute(vectors), -2), -2)
    return vectors * where(take_along_axis(vectors, place, -2) < 0, -1.0, 1.0)


def _refined(a: Tensor, vectors: Tensor) -> tuple[Tensor, Tensor]:
    """One step towards the eigenvalues and eigenvectors of a; the error becomes its square.

    Source: Ogita and Aishima 2018, "Iterative refinement for symmetric eigenvalue decomposition", algorithm 1.
    """
    lack = _identity(a.shape[-1], a) - matmul(_transposed(vectors), vectors)
    seen = matmul(_transposed(vectors), matmul(a, vectors))
    values = diagonal(seen, 0, -2, -1) / (1.0 - diagonal(lack, 0, -2, -1))
    gap = expand_dims(values, -2) - expand_dims(values, -1)
    scale = max(absolute(P.stop_gradient(values)), -1, True)
    least = expand_dims(scale, -1) * (8.0 * float(finfo(a.type.dtype).eps))
    apart = P.stop_gradient(absolute(gap)) > least
    change = where(apart, (seen + expand_dims(values, -2) * lack) / where(apart, gap, 1.0), lack * 0.5)
    return values, vectors + matmul(vectors, change)


def _eigenvectors(a: Tensor) -> tuple[Tensor, Tensor]:
    vectors = P.stop_gradient(_turned(_started(P.stop_gradient(a))))
    _, vectors = _refined(a, vectors)
    values, better = _refined(a, vectors)
    return values, better


@op
def eigh(x: Any) -> tuple[Tensor, Tensor]:
    """Eigenvalues, ascending, and eigenvectors (as columns) of a symmetric matrix.

    Args: x: (..., n, n); the lower triangle is used.
    Gradient: exact up to the third order, from the refinement; between equal eigenvalues the vectors have none.
    Source: Jacobi 1846; Golub and Van Loan 2013, "Matrix Computations", 8.5.

    >>> eigh([[2.0, 0.0], [0.0, 1.0]])[0].tolist()
    [1.0, 2.0]
    """
    x = _matrix("eigh", x)
    if (found := at_once(turned_eigh, x)) is not None:
        return found  # type: ignore[no-any-return]
    lower = where(as_operand(np.tri(x.shape[-1], dtype=bool)), x, 0.0)
    strict = where(as_operand(np.tri(x.shape[-1], k=-1, dtype=bool)), x, 0.0)
    values, vectors = _eigenvectors(lower + _transposed(strict))
    order = argsort(P.stop_gradient(values), -1)
    return take_along_axis(values, order, -1), take_along_axis(vectors, expand_dims(order, -2), -1)


@op
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """(U, S, V^T) with U diag(S) V^T = x, S descending, the columns of U and V orthonormal.

    Args:
        x: (..., m, n).
        full_matrices: U (..., m, m) and V^T (..., n, n) (default); else with min(m, n) columns and rows.
        compute_uv: whether to give U and V^T, or S alone (default True).
    """
    x = _matrix("svd", x, square=False)
    m, n = x.shape[-2:]
    dtype, x = x.type.dtype, cast(x, "float64")  # x^T x has the squares of the singular values: twice the digits
    if m < n:
        v, s, u = _tall_svd(_transposed(x))
        u, v = _transposed(u), _transposed(v)
        found = (u, s, v if full_matrices else v[..., :m, :])
    else:
        u, s, v = _tall_svd(x)
        found = (u if full_matrices else u[..., :n], s, v)
    kept = tuple(cast(t, dtype) for t in found)
    return kept if compute_uv else kept[1]


def _tall_svd(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For m >= n: V are the eigenvectors of x^T x; then x V = U S, whose columns are orthogonal, is taken apart."""
    if (found := at_once(turned_svd, x)) is not None:
        return found  # type: ignore[no-any-return]
    n = x.shape[-1]
    scale = max(absolute(P.stop_gradient(x)), (-2, -1), True)
    scale = where(scale > 0, scale, 1.0)
    scaled = x / scale
    values, vectors = _eigenvectors(matmul(_transposed(scaled), scaled))
    order = flip(argsort(P.stop_gradient(values), -1), -1)
    vectors = take_along_axis(vectors, expand_dims(order, -2), -1)
    u, r = _reflected(matmul(x, vectors))
    across = diagonal(r, 0, -2, -1)
    sign = where(across < 0, -1.0, 1.0)
    left = u[..., :n] * expand_dims(sign, -2)
    rest = u[..., n:]
    return concatenate([left, rest], -1), across * sign, _transposed(vectors)


@op
def pinv(x: Any, rcond: Any = None) -> Tensor:
    """The pseudo-inverse of Moore and Penrose.

    Args: x: (..., m, n); rcond: singular values up to this share of the largest count as 0 (default max(m, n) times
        the precision of the dtype).
    """
    u, s, vt = svd(x, full_matrices=False)
    keep = s > _cut(x, s, rcond)
    inverse = where(keep, 1.0 / where(keep, s, 1.0), 0.0)
    return matmul(_transposed(vt) * expand_dims(inverse, -2), _transposed(u))


def _cut(x: Any, s: Tensor, rcond: Any) -> Tensor:
    if rcond is None:
        shape = np.shape(x) if not hasattr(x, "shape") else x.shape
        rcond = (shape[-2] if shape[-2] > shape[-1] else shape[-1]) * float(finfo(s.type.dtype).eps)
    return max(s, -1, True) * rcond


@op
def matrix_rank(x: Any, tol: Any = None) -> Tensor:
    """How many singular values lie above `tol` (default: above the precision of the largest), int32."""
    s = svd(x, compute_uv=False)
    return sum(cast(s > (_cut(x, s, None) if tol is None else tol), "int32"), -1)


@op
def lstsq(a: Any, b: Any, rcond: Any = None) -> Tensor:
    """The x that makes the sum of squares of a x - b as small as possible, and among those the shortest.

    Args: a: (m, n); b: (m,) or (m, k); rcond: as for `pinv`.
    """
    b = floating(b)
    x = matmul(pinv(a, rcond), expand_dims(b, -1) if b.ndim == 1 else b)
    return squeeze(x, -1) if b.ndim == 1 else x
