"""Windows that slide over space: convolution and pooling. Layout: batch first, channels last."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import DTypeError
from ..ir import FLOAT, NUMBER, Params, TensorType, type_of
from .definition import define, integers, require, require_dtype
from .movement import evaluate_pad


def dilated(size: int, step: int) -> int:
    """The extent of `size` elements placed `step` apart."""
    return (size - 1) * step + 1 if size else 0


def window_count(size: int, window: int, stride: int, padding: tuple[int, int], dilation: int) -> int:
    """How many windows fit: floor((low + size + high - extent) / stride) + 1, at least 0."""
    room = size + padding[0] + padding[1] - dilated(window, dilation)
    return room // stride + 1 if room >= 0 and window else 0


def offsets(window: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The positions inside a window, in row-major order."""
    return itertools.product(*map(range, window))


def at_offset(x: np.ndarray, first_axis: int, offset: Sequence[int], counts: Sequence[int], p: Params) -> np.ndarray:
    """For every window the element at one offset: a strided view of the padded operand."""
    spatial = (
        np.s_[o * d : o * d + (n - 1) * s + 1 : s] if n else np.s_[0:0]
        for o, d, n, s in zip(offset, p.dilation, counts, p.strides, strict=True)
    )
    return x[(np.s_[:],) * first_axis + tuple(spatial)]


def infer_conv(p: Params, x: TensorType, w: TensorType) -> TensorType:
    rank = len(p.strides)
    require_dtype("conv C1", x, FLOAT)
    require(x.dtype == w.dtype, "conv C1", f"operands of one dtype, {x.dtype}", w.dtype, DTypeError)
    require(x.rank == w.rank == rank + 3, "conv C2", f"operands of rank {rank + 3} for {rank} strides", (x, w))
    require(x.shape[0] == w.shape[0], "conv C3", f"{x.shape[0]} groups", w.shape[0])
    require(x.shape[-1] == w.shape[-2], "conv C4", f"a kernel for {x.shape[-1]} channels", w.shape[-2])
    lengths = {len(p.padding), len(p.spread), len(p.dilation)}
    require(lengths == {rank}, "conv C5", f"{rank} entries in padding, spread and dilation", p)
    require(min((1, *p.strides, *p.spread, *p.dilation)) > 0, "conv C6", "strides, spread and dilation of 1 or more", p)
    sizes = (dilated(n, s) for n, s in zip(x.shape[2:-1], p.spread, strict=True))
    counts = map(window_count, sizes, w.shape[1:-2], p.strides, p.padding, p.dilation)
    return x.with_shape((*x.shape[:2], *counts, w.shape[-1]))


def evaluate_conv(p: Params, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    y = np.zeros(infer_conv(p, type_of(x), type_of(w)).shape, x.dtype)
    if not y.size:
        return y
    low, high = zip(*p.padding, strict=True) if p.padding else ((), ())
    frame = Params(low=(0, 0, *low, 0), high=(0, 0, *high, 0), interior=(0, 0, *(s - 1 for s in p.spread), 0), value=0)
    x, kernel = evaluate_pad(frame, x), np.moveaxis(w, 0, -3)
    for offset in offsets(w.shape[1:-2]):
        pixels = at_offset(x, 2, offset, y.shape[2:-1], p)
        y += np.einsum("gn...c,gco->gn...o", pixels, kernel[offset])
    return y


def _canonical_conv(strides: Any, padding: Any, dilation: Any = None, spread: Any = None) -> Params:
    ones = (1,) * len(strides)
    return Params(
        strides=integers(strides), padding=tuple(map(integers, padding)),
        dilation=integers(dilation or ones), spread=integers(spread or ones),
    )  # fmt: skip


conv = define(
    "conv", "window", infer_conv, evaluate_conv,
    """y[g, n, i, o] = sum over k, c of x[g, n, i stride + k dilation - low, c] w[g, k, c, o]

    Operands: x: floats (groups, batch, *space, channels); w: the kernel (groups, *window, channels, filters).
    Params: strides; padding: (low, high) an axis of space, negative to cut off; dilation: the distance between
        elements of the window (default 1); spread: the distance at which the elements of x are placed, zeros between
        (default 1; strides of a transposed convolution).
    Result: x's dtype (groups, batch, *counts, filters), counts as `window_count` gives them.
    Constraints: C1 one float dtype; C2 rank is that of space plus 3; C3 equal groups; C4 equal channels;
        C5 one entry an axis of space; C6 strides, spread and dilation of 1 or more.
    Gradient: two more convolutions: of g with the kernel turned round, and of x with g as the kernel.
    Numerics: sums in x's dtype.
    Source: Dumoulin and Visin 2016, A guide to convolution arithmetic. The kernel is not turned round (it is a
        cross-correlation), as in every deep-learning system. Groups are a batch axis: a grouped or depthwise
        convolution is a reshape away.
    Example:
    >>> x, w = np.arange(4.).reshape(1, 1, 4, 1), np.ones((1, 2, 1, 1))
    >>> conv(x, w, strides=(1,), padding=((0, 0),)).tolist()
    [[[[1.0], [3.0], [5.0]]]]
    """,
    canonical=_canonical_conv,
)  # fmt: skip


def _pooling(
    name: str, meaning: Callable[..., Any], fill: Callable[[np.dtype], Any], formula: str, gradient: str
) -> Any:
    def infer(p: Params, x: TensorType) -> TensorType:
        require_dtype(f"{name} C1", x, NUMBER)
        lengths = {len(p.window), len(p.strides), len(p.padding), len(p.dilation)}
        require(lengths == {x.rank}, f"{name} C2", f"{x.rank} entries each", p)
        positive = min((1, *p.strides, *p.dilation)) > 0 and min((0, *p.window)) == 0
        require(positive, f"{name} C3", "strides and dilation of 1 or more, a window of 0 or more", p)
        return x.with_shape(map(window_count, x.shape, p.window, p.strides, p.padding, p.dilation))

    def evaluate(p: Params, x: np.ndarray) -> np.ndarray:
        y = np.full(infer(p, type_of(x)).shape, fill(x.dtype), x.dtype)
        if not y.size:
            return y
        low, high = zip(*p.padding, strict=True) if p.padding else ((), ())
        frame = Params(low=low, high=high, interior=(0,) * x.ndim, value=fill(x.dtype))
        x = evaluate_pad(frame, x)
        for offset in offsets(p.window):
            y = meaning(y, at_offset(x, 0, offset, y.shape, p))
        return y

    doc = f"""{formula}

    Operands: x: numbers.
    Params: window, strides, dilation (default 1): one integer an axis of x; padding: (low, high) an axis.
    Result: x's dtype; counts as `window_count` gives them.
    Constraints: C1 a dtype of numbers; C2 one entry an axis; C3 strides and dilation of 1 or more.
    Gradient: {gradient}.
    Numerics: elements of the window in row-major order, in x's dtype.
    Source: StableHLO, reduce_window.
    Example:
    >>> {name}(np.array([1., 3., 2.]), window=(2,), strides=(1,), padding=((0, 0),)).tolist()
    {[float(meaning(1, 3)), float(meaning(3, 2))]}
    """
    return define(name, "window", infer, evaluate, doc, canonical=_canonical_pooling)


def _canonical_pooling(window: Any, strides: Any, padding: Any, dilation: Any = None) -> Params:
    return Params(
        window=integers(window), strides=integers(strides), padding=tuple(map(integers, padding)),
        dilation=integers(dilation or (1,) * len(window)),
    )  # fmt: skip


def _lowest(dtype: np.dtype) -> Any:
    return -np.inf if dtype.kind == "f" else int(np.iinfo(dtype).min)


window_sum = _pooling(
    "window_sum", np.add, lambda dtype: 0, "y[i] = the sum of x over the window at i",
    "the sum of g over the windows that hold an element",
)  # fmt: skip
window_max = _pooling(
    "window_max", np.maximum, _lowest, "y[i] = the largest element of x in the window at i",
    "g to the first largest element of each window",
)  # fmt: skip
