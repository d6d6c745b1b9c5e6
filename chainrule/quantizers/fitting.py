"""GPTQ and AWQ: whole numbers for a matrix of weights, chosen so that its products with data change little.

A matrix has a row for each input and a column for each output. What the data are like is said by the sum of squares
and products of the inputs, H = 2/n X^T X, and by their mean magnitudes: the squared error of all outputs of numbers W'
is, but for a factor, the trace of (W - W')^T H (W - W').
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

_BLOCK = 128  # rows after which what was left over is handed on to all that follow


@dataclass
class Seen:
    """What is remembered of the inputs of a layer.

    Args: rows: how many there are; count: inputs so far; products: sum of x x^T; magnitudes: sum of |x|.
    """

    rows: int
    count: int = 0
    products: np.ndarray = field(init=False)
    magnitudes: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.products, self.magnitudes = np.zeros((self.rows, self.rows)), np.zeros(self.rows)

    def add(self, x: np.ndarray) -> None:
        """Take in inputs, one a row."""
        x = np.asarray(x, "float64")
        self.count += len(x)
        self.products += x.T @ x
        self.magnitudes += np.abs(x).sum(0)

    @property
    def hessian(self) -> np.ndarray:
        """2/n X^T X."""
        return 2 / max(self.count, 1) * self.products


@dataclass
class Fitted:
    """The numbers of a matrix: `(numbers - zero[group]) scale[group] / row_scale`.

    Args: numbers: (rows, columns), from 0 to 2^bits - 1; scale, zero: (groups, columns); group: of each row;
        row_scale: (rows,), what the rows were multiplied by before (AWQ), else ones.
    """

    numbers: np.ndarray
    scale: np.ndarray
    zero: np.ndarray
    group: np.ndarray
    row_scale: np.ndarray

    def matrix(self) -> np.ndarray:
        """The matrix that they stand for."""
        scale, zero = self.scale[self.group].astype("float64"), self.zero[self.group]
        return (self.numbers - zero) * scale / self.row_scale[:, None]


def steps(rows: np.ndarray, bits: int, symmetric: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Size of a step and the number that means 0, for each column of some rows.

    >>> scale, zero = steps(np.array([[-1.0], [2.0]]), bits=2)
    >>> scale.tolist(), zero.tolist()
    ([1.0], [1.0])
    """
    most = 2**bits - 1
    low, high = np.minimum(rows.min(0), 0), np.maximum(rows.max(0), 0)
    if symmetric:
        high = np.maximum(-low, high)
        low = -high
    width = np.where(high > low, high - low, 1.0)
    scale = (width / most).astype("float32")
    zero = np.full(scale.shape, (most + 1) // 2) if symmetric else np.clip(np.round(-low / scale), 0, most)
    return scale, zero.astype("float64")


def rounded(rows: np.ndarray, scale: np.ndarray, zero: np.ndarray, bits: int) -> np.ndarray:
    """The nearest whole numbers."""
    found: np.ndarray = np.clip(np.round(rows / scale) + zero, 0, 2**bits - 1)
    return found


def fit_nearest(matrix: Any, bits: int, group_size: int, symmetric: bool = False) -> Fitted:
    """Every weight by itself to the nearest number.

    Args: matrix: (rows, columns); bits; group_size: rows that share steps, -1 for all; symmetric: 0 in the middle.

    >>> fit_nearest([[0.0], [0.26], [1.0]], bits=2, group_size=-1).numbers.ravel().tolist()
    [0.0, 1.0, 3.0]
    """
    w = np.asarray(matrix, "float64")
    group = _groups(len(w), group_size)
    parts = [steps(w[group == g], bits, symmetric) for g in range(group[-1] + 1)]
    scale, zero = (np.stack(part) for part in zip(*parts, strict=True))
    return Fitted(rounded(w, scale[group], zero[group], bits), scale, zero, group, np.ones(len(w)))


def _groups(rows: int, group_size: int) -> np.ndarray:
    found: np.ndarray = np.arange(rows) // (rows if group_size == -1 else group_size)
    return found


def fit_gptq(
    matrix: Any, hessian: np.ndarray, bits: int = 4, group_size: int = 128, damping: float = 0.01,
    symmetric: bool = False, by_importance: bool = False,
) -> Fitted:  # fmt: skip
    """Row after row to the nearest number; the rows that follow make up for the error as well as they can.

    Args: matrix: (rows, columns); hessian: (rows, rows); bits, group_size, symmetric: as of `fit_nearest`; damping:
        this part of the mean of the diagonal is added to it; by_importance: the rows with the largest entries on the
        diagonal come first.

    Source: Frantar et al. 2022, "GPTQ", arXiv:2210.17323, algorithm 1: with U the upper Cholesky factor of the inverse
    of H, row i is rounded, and the rows j > i lose (w_i - q_i) U_ij / U_ii.

    >>> fit_gptq([[0.4], [0.4], [1.0]], np.array([[1, 0.99, 0], [0.99, 1, 0], [0, 0, 1]]), bits=1).numbers.ravel()
    array([0., 1., 1.])
    """
    w = np.asarray(matrix, "float64")
    h = np.array(hessian, "float64")
    dead = np.diag(h) == 0
    h[dead, dead] = 1.0
    order = np.argsort(-np.diag(h), kind="stable") if by_importance else np.arange(len(w))
    h += np.eye(len(h)) * (damping * np.diag(h).mean())
    upper = np.linalg.cholesky(np.linalg.inv(h[np.ix_(order, order)])).T
    group = _groups(len(w), group_size)
    numbers, scale, zero = _row_by_row(w[order], upper, group, bits, symmetric)
    place = np.argsort(order)
    return Fitted(numbers[place], scale, zero, group[place], np.ones(len(w)))


def _row_by_row(
    w: np.ndarray, upper: np.ndarray, group: np.ndarray, bits: int, symmetric: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    numbers, scales, zeros = np.zeros_like(w), [], []
    for begin in range(0, len(w), _BLOCK):
        end = min(begin + _BLOCK, len(w))
        errors = np.zeros((end - begin, w.shape[1]))
        for i in range(begin, end):
            if i == 0 or group[i] != group[i - 1]:
                members = np.flatnonzero(group == group[i])
                ahead = w[members].copy()
                late = members >= end  # of later blocks: what this block has left over until now
                ahead[late] -= upper[begin:i, members[late]].T @ errors[: i - begin]
                scale, zero = steps(ahead, bits, symmetric)
                scales.append(scale)
                zeros.append(zero)
            numbers[i] = rounded(w[i], scale, zero, bits)
            errors[i - begin] = (w[i] - (numbers[i] - zero) * scale) / upper[i, i]
            w[i + 1 : end] -= np.outer(upper[i, i + 1 : end], errors[i - begin])
        w[end:] -= upper[begin:end, end:].T @ errors
    return numbers, np.stack(scales), np.stack(zeros)


def fit_awq(
    matrix: Any, hessian: np.ndarray, magnitudes: np.ndarray, bits: int = 4, group_size: int = 128, points: int = 20
) -> Fitted:
    """To the nearest numbers, after rows whose inputs are large were made larger, which rounds them more finely.

    Args: matrix, bits, group_size: as of `fit_nearest`; hessian: (rows, rows), which judges the outcome; magnitudes:
        (rows,), mean sizes of the inputs; points: how many powers of them, from 0 to 1, are tried besides 0.

    Source: Lin et al. 2023, "AWQ", arXiv:2306.00978, equations 4 and 5: rows are multiplied by s = magnitude^a, and
    what they become is divided by it; a is searched for.

    >>> fit_awq([[0.4], [0.2], [1.0]], np.eye(3), np.ones(3), bits=1).row_scale
    array([1., 1., 1.])
    """
    w = np.asarray(matrix, "float64")
    size = np.where(magnitudes > 1e-8, magnitudes, 1.0)
    best, least = None, np.inf
    for k in range(points + 1):
        s = np.maximum(size ** (k / points), 1e-4)
        s = (s / np.sqrt(s.max() * s.min())).astype("float32").astype("float64")
        found = fit_nearest(w * s[:, None], bits, group_size)
        found.row_scale = s
        off = w - found.matrix()
        error = float(np.sum(off * (hessian @ off)))
        if best is None or error < least:
            best, least = found, error
    assert best is not None
    return best
