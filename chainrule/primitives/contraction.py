"""Contraction: every matrix product, batched or not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..errors import DTypeError
from ..ir import NUMBER, Params, TensorType
from .definition import define, integers, require, require_axes, require_dtype

Axes = tuple[tuple[int, ...], tuple[int, ...]]


def free_axes(rank: int, contract: Sequence[int], batch: Sequence[int]) -> tuple[int, ...]:
    """The axes of an operand that are neither summed over nor batch axes."""
    return tuple(a for a in range(rank) if a not in contract and a not in batch)


def infer_dot_general(p: Params, x: TensorType, w: TensorType) -> TensorType:
    require_dtype("dot_general C1", x, NUMBER)
    require(x.dtype == w.dtype, "dot_general C1", f"operands of one dtype, {x.dtype}", w.dtype, DTypeError)
    for side, operand in enumerate((x, w)):
        require_axes("dot_general C2", (*p.contract[side], *p.batch[side]), operand.rank)
    for rule, word, (left, right) in (("C3", "contracted", p.contract), ("C4", "batch", p.batch)):
        sizes = [tuple(t.shape[a] for a in axes) for t, axes in ((x, left), (w, right))]
        require(sizes[0] == sizes[1], f"dot_general {rule}", f"{word} axes of equal sizes",
                f"{sizes[0]} of {x} and {sizes[1]} of {w}")  # fmt: skip
    free_x, free_w = (free_axes(t.rank, p.contract[i], p.batch[i]) for i, t in enumerate((x, w)))
    shape = [x.shape[a] for a in p.batch[0]] + [x.shape[a] for a in free_x] + [w.shape[a] for a in free_w]
    return x.with_shape(shape)


def evaluate_dot_general(p: Params, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    free_x, free_w = (free_axes(t.ndim, p.contract[i], p.batch[i]) for i, t in enumerate((x, w)))
    batch = [x.shape[a] for a in p.batch[0]]
    contracted = math.prod([x.shape[a] for a in p.contract[0]])
    rows, columns = [x.shape[a] for a in free_x], [w.shape[a] for a in free_w]
    left = x.transpose(p.batch[0] + free_x + p.contract[0])
    right = w.transpose(p.batch[1] + p.contract[1] + free_w)
    left = left.reshape([*batch, math.prod(rows), contracted])
    right = right.reshape([*batch, contracted, math.prod(columns)])
    return np.matmul(left, right).reshape([*batch, *rows, *columns])


def _canonical(contract: Axes, batch: Axes = ((), ())) -> Params:
    return Params(contract=tuple(map(integers, contract)), batch=tuple(map(integers, batch)))


dot_general = define(
    "dot_general", "contraction", infer_dot_general, evaluate_dot_general,
    """y[b, i, j] = sum over k of x[b, i, k] w[b, k, j]

    Operands: x, w: one dtype of numbers.
    Params: contract: (axes of x, axes of w) that are summed over, pairwise; batch: (axes of x, axes of w) that stay
        aligned (default none). The other axes are free.
    Result: their dtype; the batch axes, then the free axes of x, then those of w.
    Constraints: C1 one dtype; C2 distinct axes; C3 contracted sizes agree; C4 batch sizes agree.
    Gradient: (g contracted with w over w's free axes, x contracted with g over x's free axes), axes put in order.
    Numerics: sums in the operands' dtype, in an order that does not depend on the number of threads.
    Source: StableHLO, dot_general.
    Example:
    >>> dot_general(np.array([[1., 2.]]), np.array([[3.], [4.]]), contract=((1,), (0,))).tolist()
    [[11.0]]
    """,
    canonical=_canonical,
)  # fmt: skip
