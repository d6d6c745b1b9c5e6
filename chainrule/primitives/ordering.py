"""Sorting and cumulative primitives: along one axis, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import NUMBER, Params, TensorType
from .definition import define, require, require_axes, require_dtype


def infer_argsort(p: Params, x: TensorType) -> TensorType:
    require_axes("argsort C1", (p.axis,), x.rank)
    return x.with_dtype("int32")


def evaluate_argsort(p: Params, x: np.ndarray) -> np.ndarray:
    if not p.descending:
        return np.argsort(x, axis=p.axis, kind="stable").astype(np.int32)
    backwards = np.argsort(np.flip(x, p.axis), axis=p.axis, kind="stable")  # turned round twice: still stable
    return np.flip(x.shape[p.axis] - 1 - backwards, p.axis).astype(np.int32)


def _canonical_sort(axis: int, descending: bool = False) -> Params:
    return Params(axis=int(axis), descending=bool(descending))


argsort = define(
    "argsort", "ordering", infer_argsort, evaluate_argsort,
    """y = the positions that put x in order along an axis

    Operands: x: any dtype.
    Params: axis; descending: the largest first (default False).
    Result: int32, x's shape.
    Constraints: C1 an axis of x.
    Gradient: none (integers).
    Numerics: stable: equal elements keep their order; NaN counts as largest.
    Source: NumPy, argsort.
    Example:
    >>> argsort(np.array([3., 1., 2.]), axis=0).tolist()
    [1, 2, 0]
    """,
    canonical=_canonical_sort,
)  # fmt: skip


def infer_sort(p: Params, x: TensorType) -> TensorType:
    require_axes("sort C1", (p.axis,), x.rank)
    return x


def evaluate_sort(p: Params, x: np.ndarray) -> np.ndarray:
    return np.take_along_axis(x, evaluate_argsort(p, x).astype(np.int64), p.axis)


sort = define(
    "sort", "ordering", infer_sort, evaluate_sort,
    """y = x in order along an axis

    Operands: x: any dtype.
    Params: axis; descending: the largest first (default False).
    Result: like x.
    Constraints: C1 an axis of x.
    Gradient: each element of g goes back to the position that its element came from.
    Numerics: exact; NaN counts as largest.
    Source: StableHLO, sort.
    Example:
    >>> sort(np.array([3., 1., 2.]), axis=0, descending=True).tolist()
    [3.0, 2.0, 1.0]
    """,
    canonical=_canonical_sort,
)  # fmt: skip


def infer_top_k(p: Params, x: TensorType) -> tuple[TensorType, TensorType]:
    require(x.rank >= 1, "top_k C1", "at least one axis", x.rank)
    require(0 <= p.k <= x.shape[-1], "top_k C2", f"k from 0 to {x.shape[-1]}", p.k)
    values = x.with_shape((*x.shape[:-1], p.k))
    return values, values.with_dtype("int32")


def evaluate_top_k(p: Params, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = evaluate_argsort(Params(axis=x.ndim - 1, descending=True), x)[..., : p.k]
    return np.take_along_axis(x, order.astype(np.int64), -1), order


top_k = define(
    "top_k", "ordering", infer_top_k, evaluate_top_k,
    """y = the k largest elements along the last axis, and their positions

    Operands: x: any dtype, at least one axis.
    Params: k: how many.
    Result: (x's dtype, int32), the last axis of size k; the largest first.
    Constraints: C1 at least one axis; C2 0 <= k <= size of the last axis.
    Gradient: each element of g goes back to the position that its element came from.
    Numerics: of equal elements the first comes first; NaN counts as largest.
    Source: ONNX, TopK.
    Example:
    >>> [part.tolist() for part in top_k(np.array([3., 1., 2.]), k=2)]
    [[3.0, 2.0], [0, 2]]
    """,
    multiple=True, canonical=lambda k: Params(k=int(k)),
)  # fmt: skip


def _cumulative(name: str, meaning: Callable[..., Any], formula: str, gradient: str, source: str) -> Any:
    def infer(p: Params, x: TensorType) -> TensorType:
        require_dtype(f"{name} C1", x, NUMBER)
        require_axes(f"{name} C2", (p.axis,), x.rank)
        return x

    def evaluate(p: Params, x: np.ndarray) -> np.ndarray:
        ahead = np.flip(x, p.axis) if p.reverse else x
        result = meaning(ahead, axis=p.axis, dtype=x.dtype)
        return np.flip(result, p.axis) if p.reverse else result

    doc = f"""{formula}

    Operands: x: numbers.
    Params: axis; reverse: from the last element to the first (default False).
    Result: like x.
    Constraints: C1 a dtype of numbers; C2 an axis of x.
    Gradient: {gradient}.
    Numerics: one after another, in x's dtype.
    Source: {source}.
    Example:
    >>> {name}(np.array([1., 3., 2.]), axis=0).tolist()
    {np.asarray(meaning(np.array([1.0, 3.0, 2.0]))).tolist()}
    """
    canonical = lambda axis, reverse=False: Params(axis=int(axis), reverse=bool(reverse))  # noqa: E731
    return define(name, "cumulative", infer, evaluate, doc, canonical=canonical)


cumsum = _cumulative(
    "cumsum", np.cumsum, "y[i] = x[0] + ... + x[i]", "the cumulative sum of g from the other end", "NumPy, cumsum"
)
cumprod = _cumulative(
    "cumprod", np.cumprod, "y[i] = x[0] ... x[i]", "a linear recurrence, exact also where elements are 0",
    "NumPy, cumprod",
)  # fmt: skip
cummax = _cumulative(
    "cummax", np.maximum.accumulate, "y[i] = max(x[0], ..., x[i])", "g to the first element that was largest so far",
    "NumPy, maximum.accumulate",
)  # fmt: skip
cummin = _cumulative(
    "cummin", np.minimum.accumulate, "y[i] = min(x[0], ..., x[i])", "g to the first element that was smallest so far",
    "NumPy, minimum.accumulate",
)  # fmt: skip

