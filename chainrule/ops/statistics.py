"""Averages, quantiles, histograms, and reductions that leave NaN out, under NumPy's names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import primitives as P
from ..errors import ArgumentError, listed
from ..ir import FLOAT, Tensor
from ..primitives.arithmetic import align, as_operand, cast, full, result_type
from .indexing import searchsorted, sort, take_along_axis
from .math import any, clip, cumprod, cumsum, floating, isnan, max, mean, min, normalize_axes, prod, sum, where
from .shaping import broadcast_to, expand_dims, flip, moveaxis, ravel, reshape, squeeze, transpose
from .summation import matmul
from .symbolic import OPS, op

_METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


@op
def average(x: Any, axis: Any = None, weights: Any = None) -> Tensor:
    """The mean along axes, weighted if `weights` are given: as many as elements, or as elements along one axis.

    >>> float(average([1.0, 4.0], weights=[2.0, 1.0]))
    2.0
    """
    if weights is None:
        return mean(x, axis)
    x, w = as_operand(x), as_operand(weights)
    x, w = (floating(cast(t, result_type(x, w))) for t in (x, w))
    if w.ndim == 1 and x.ndim > 1:
        (at,) = normalize_axes(axis, x.ndim)
        w = reshape(w, [-1 if a == at else 1 for a in range(x.ndim)])
    w = broadcast_to(w, x.shape)
    return sum(x * w, axis) / sum(w, axis)


def _gathered(x: Tensor, axis: Any) -> Tensor:
    """The axes to be reduced as one last axis."""
    axes = normalize_axes(axis, x.ndim)
    rest = [a for a in range(x.ndim) if a not in axes]
    return reshape(transpose(x, [*rest, *axes]), [*(x.shape[a] for a in rest), math.prod(x.shape[a] for a in axes)])


def _quantile(x: Any, q: Any, axis: Any, method: str, keepdims: bool, without_nan: bool) -> Tensor:
    if method not in _METHODS:
        raise ArgumentError(f"quantile: expected method to be one of {listed(_METHODS)}; got {method!r}.")
    x = floating(x)
    flat = sort(_gathered(x, axis), -1)
    parts = cast(as_operand(q), x.dtype)
    valid = sum(cast(P.bit_not(isnan(flat)), x.dtype), -1, True) if without_nan else float(flat.shape[-1])
    place = clip(ravel(parts) * (valid - 1.0), 0.0, float(flat.shape[-1] - 1))
    place = broadcast_to(place, (*flat.shape[:-1], parts.size))
    low, high = P.floor(place), P.ceil(place)
    below, above = (take_along_axis(flat, cast(t, "int32"), -1) for t in (low, high))
    share = {"linear": place - low, "lower": 0.0, "higher": 1.0, "midpoint": where(high > low, 0.5, 0.0),
             "nearest": P.round(place) - low}[method]  # fmt: skip
    found = where(below == above, below, below + (above - below) * share)
    broken = valid == 0.0 if without_nan else any(isnan(flat), -1, True)
    found = where(broken, math.nan, found)
    return _placed(found, x, axis, parts.shape, keepdims)


def _placed(found: Tensor, x: Tensor, axis: Any, shape: tuple[int, ...], keepdims: bool) -> Tensor:
    """The quantiles, one a value of q, as the first axes; none if q is one number."""
    axes = normalize_axes(axis, x.ndim)
    found = moveaxis(found, -1, 0)
    sizes = [1 if a in axes else n for a, n in enumerate(x.shape)] if keepdims else list(found.shape[1:])
    return reshape(found, [*shape, *sizes])


@op
def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """The numbers below which a share q of the elements along axes lies; NaN if there is a NaN.

    Args:
        x: tensor; q: a share from 0 to 1, or several (then the first axis of the result); axis: one, several or None.
        method: between two elements: 'linear' (default), 'lower', 'higher', 'midpoint' or 'nearest'.
        keepdims: keep the reduced axes with size 1 (default False).

    >>> quantile([0.0, 1.0, 4.0], [0.5, 0.75]).tolist()
    [1.0, 2.5]
    """
    return _quantile(x, q, axis, method, keepdims, False)


@op
def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """Like `quantile`, with q from 0 to 100."""
    return _quantile(x, floating(q) / 100.0, axis, method, keepdims, False)


@op
def median(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The middle of the elements along axes, the mean of both if there are two."""
    return _quantile(x, 0.5, axis, "linear", keepdims, False)


@op
def nanquantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """Like `quantile`, without the NaN among the elements; NaN if there is nothing else."""
    return _quantile(x, q, axis, method, keepdims, True)


@op
def nanpercentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """Like `percentile`, without the NaN among the elements; NaN if there is nothing else."""
    return _quantile(x, floating(q) / 100.0, axis, method, keepdims, True)


@op
def nanmedian(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Like `median`, without the NaN among the elements; NaN if there is nothing else."""
    return _quantile(x, 0.5, axis, "linear", keepdims, True)


def _filled(x: Any, value: float) -> Tensor:
    x = as_operand(x)
    return where(isnan(x), value, x) if x.type.dtype in FLOAT else x


@op
def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The sum along axes, NaN counted as 0."""
    return sum(_filled(x, 0.0), axis, keepdims)


@op
def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The product along axes, NaN counted as 1."""
    return prod(_filled(x, 1.0), axis, keepdims)


@op
def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """The running sum along an axis, NaN counted as 0."""
    return cumsum(_filled(x, 0.0), axis, dtype)


@op
def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """The running product along an axis, NaN counted as 1."""
    return cumprod(_filled(x, 1.0), axis, dtype)


def _extreme(reduce: Any, x: Any, least: float, axis: Any, keepdims: bool) -> Tensor:
    x = as_operand(x)
    found = reduce(_filled(x, least), axis, keepdims)
    if x.type.dtype not in FLOAT:
        return found
    return where(OPS["all"](isnan(x), axis, keepdims), math.nan, found)


@op
def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The largest element along axes that is not NaN; NaN if there is none."""
    return _extreme(max, x, -math.inf, axis, keepdims)


@op
def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The smallest element along axes that is not NaN; NaN if there is none."""
    return _extreme(min, x, math.inf, axis, keepdims)


def _nan_arg(name: str, x: Any, least: float, axis: int | None, keepdims: bool) -> Tensor:
    x = as_operand(x)
    found = OPS[name](_filled(x, least), axis, keepdims)
    if x.type.dtype not in FLOAT:
        return found
    nothing = OPS["all"](isnan(x), axis, keepdims)
    return where(nothing, full((), -1, found.dtype), found)


@op
def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position of the largest element that is not NaN, int32; -1 if there is none."""
    return _nan_arg("argmax", x, -math.inf, axis, keepdims)


@op
def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position of the smallest element that is not NaN, int32; -1 if there is none."""
    return _nan_arg("argmin", x, math.inf, axis, keepdims)


def _counted(x: Tensor, axis: Any) -> Tensor:
    return sum(cast(P.bit_not(isnan(x)), x.dtype), axis, True)


@op
def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The mean along axes of the elements that are not NaN."""
    x = floating(x)
    found = nansum(x, axis, True) / _counted(x, axis)
    return found if keepdims else squeeze(found, normalize_axes(axis, x.ndim))


@op
def nanvar(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The population variance along axes of the elements that are not NaN."""
    x = floating(x)
    centred = x - nanmean(x, axis, True)
    return nanmean(centred * centred, axis, keepdims)


@op
def nanstd(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The population standard deviation along axes of the elements that are not NaN."""
    return P.sqrt(nanvar(x, axis, keepdims))


@op
def corrcoef(x: Any) -> Tensor:
    """The correlations between the rows of a matrix."""
    x = floating(x)
    x = expand_dims(x, 0) if x.ndim == 1 else x
    centred = x - mean(x, -1, True)
    products = matmul(centred, transpose(centred))
    size = P.sqrt(sum(centred * centred, -1))
    found = products / (expand_dims(size, 1) * expand_dims(size, 0))
    return squeeze(found) if x.shape[0] == 1 else clip(found, -1.0, 1.0)


@op
def correlate(x1: Any, x2: Any, mode: str = "valid") -> Tensor:
    """The sums of products of one vector with the other moved along it.

    Args: x1, x2: vectors; mode: 'valid' (default; both overlap wholly), 'same' (as long as the longer one) or 'full'.
    """
    a, b = align_vectors(x1, x2)
    swap = b.size > a.size
    long, short = (b, a) if swap else (a, b)
    n = short.size
    pad = {"valid": (0, 0), "same": (n // 2, (n - 1) // 2), "full": (n - 1, n - 1)}.get(mode)
    if pad is None:
        raise ArgumentError(f"correlate: expected mode 'valid', 'same' or 'full'; got {mode!r}.")
    pad = pad[::-1] if swap and mode == "same" else pad
    wide = OPS["pad"](long, (pad,))
    count = wide.size - n + 1
    rows = OPS["take"](wide, np.arange(count)[:, None] + np.arange(n)[None, :], 0)
    found = sum(rows * short, -1)
    return flip(found, 0) if swap else found


def align_vectors(x1: Any, x2: Any) -> list[Tensor]:
    """Two vectors of floats of one dtype."""
    a, b = floating(x1), floating(x2)
    dtype = result_type(a, b)
    return [cast(t, dtype) for t in (a, b)]


@op
def histogram(x: Any, bins: int = 10, range: Any = None) -> tuple[Tensor, Tensor]:
    """How many elements lie in each of `bins` intervals of one width, and the edges of those.

    Args: x: tensor; bins: integer; range: (lowest, highest) edge; default the smallest and largest element.
    """
    if not isinstance(bins, int) or bins < 1:
        raise ArgumentError(f"histogram: expected bins to be a positive integer; got {bins!r}.")
    values = ravel(floating(x))
    low, high = (min(values), max(values)) if range is None else (as_operand(v, values.dtype) for v in range)
    same = low == high
    low, high = where(same, low - 0.5, low), where(same, high + 0.5, high)
    edges = low + (high - low) * as_operand(np.linspace(0, 1, bins + 1).astype(values.type.dtype))
    inside = P.bit_and(*align(values >= low, values <= high))
    place = clip(searchsorted(edges, values, "right") - 1, 0, bins - 1)
    hits = cast(P.eq(*align(expand_dims(place, -1), as_operand(np.arange(bins, dtype="int32")))), "int32")
    return cast(sum(hits * expand_dims(cast(inside, "int32"), -1), 0), values.dtype), edges
