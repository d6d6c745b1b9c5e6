"""Reductions: one number from all elements along some axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import BOOL, DTYPES, NUMBER, Params, TensorType
from .definition import IN_WORDS, define, integers, require, require_axes, require_dtype


def infer_reduce(name: str, dtypes: tuple[str, ...], needs_elements: bool) -> Callable[..., TensorType]:
    """The type rule shared by all reductions over `axes`."""

    def infer(p: Params, x: TensorType) -> TensorType:
        require_dtype(f"{name} C1", x, dtypes)
        require_axes(f"{name} C2", p.axes, x.rank)
        if needs_elements:
            sizes = [x.shape[a] for a in p.axes]
            require(0 not in sizes, f"{name} C3", "at least one element along every reduced axis", x.shape)
        return x.with_shape(n for a, n in enumerate(x.shape) if a not in p.axes)

    return infer


def _reduction(name: str, meaning: Any, dtypes: tuple[str, ...], formula: str, gradient: str, numerics: str) -> Any:
    needs_elements = name in ("reduce_max", "reduce_min")
    doc = f"""{formula}

    Operands: x: {IN_WORDS[dtypes]}.
    Params: axes: the axes that disappear (sorted).
    Result: x's dtype, without axes.
    Constraints: C1 an allowed dtype; C2 distinct axes of x{"; C3 at least one element" if needs_elements else ""}.
    Gradient: {gradient}.
    Numerics: {numerics}.
    Source: StableHLO, reduce.
    Example:
    >>> {name}(np.array([[1., 2.], [3., 4.]]), axes=(1,)).tolist()
    {meaning(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1).tolist()}
    """

    def evaluate(p: Params, x: np.ndarray) -> np.ndarray:
        keep = {} if needs_elements else {"dtype": x.dtype}
        return meaning(x, axis=p.axes, **keep)

    canonical = lambda axes: Params(axes=tuple(sorted(integers(axes))))  # noqa: E731
    return define(name, "reduction", infer_reduce(name, dtypes, needs_elements), evaluate, doc, canonical=canonical)


reduce_sum = _reduction(
    "reduce_sum", np.sum, NUMBER, "y = the sum of x along axes",
    "g repeated along axes", "in x's dtype, in an order that does not depend on the number of threads",
)  # fmt: skip
reduce_prod = _reduction(
    "reduce_prod", np.prod, NUMBER, "y = the product of x along axes",
    "g times the product of the other elements, also where elements are 0", "in x's dtype",
)  # fmt: skip
reduce_max = _reduction(
    "reduce_max", np.max, BOOL + NUMBER, "y = the largest element of x along axes (`any`, for bool)",
    "g shared equally among the elements that are largest", "NaN if any element is NaN",
)  # fmt: skip
reduce_min = _reduction(
    "reduce_min", np.min, BOOL + NUMBER, "y = the smallest element of x along axes (`all`, for bool)",
    "g shared equally among the elements that are smallest", "NaN if any element is NaN",
)  # fmt: skip


def _arg_reduction(name: str, meaning: Any, which: str) -> Any:
    def infer(p: Params, x: TensorType) -> TensorType:
        require_dtype(f"{name} C1", x, DTYPES)
        require_axes(f"{name} C2", (p.axis,), x.rank)
        require(x.shape[p.axis] > 0, f"{name} C3", "at least one element along axis", x.shape)
        return TensorType("int32", tuple(n for a, n in enumerate(x.shape) if a != p.axis))

    def evaluate(p: Params, x: np.ndarray) -> np.ndarray:
        return meaning(x, p.axis).astype(np.int32)

    doc = f"""y = the position of the {which} element of x along an axis

    Operands: x: any dtype.
    Params: axis: the axis that disappears.
    Result: int32, without axis.
    Constraints: C1 any dtype; C2 an axis of x; C3 at least one element along it.
    Gradient: none (integers).
    Numerics: the first of equal elements; a NaN counts as {which}.
    Source: NumPy, {name}.
    Example:
    >>> {name}(np.array([3., 1., 2.]), axis=0).tolist()
    {meaning([3.0, 1.0, 2.0])}
    """
    return define(name, "reduction", infer, evaluate, doc, canonical=lambda axis: Params(axis=int(axis)))


argmax = _arg_reduction("argmax", np.argmax, "largest")
argmin = _arg_reduction("argmin", np.argmin, "smallest")
