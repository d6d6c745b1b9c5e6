"""Functions of neural networks over an axis: softmax, normalisation, cross-entropy, under Keras's names."""

from __future__ import annotations

import warnings
from typing import Any

from .. import config
from .. import primitives as P
from ..errors import ArgumentError, ShapeError, listed
from ..ir import Tensor, finfo
from ..primitives.arithmetic import as_operand
from .activation import softplus
from .indexing import one_hot, sort
from .math import cast, clip, cumsum, floating, max, maximum, mean, normalize_axes, normalize_axis, sum, where
from .shaping import flip, ones_like, reshape, squeeze
from .symbolic import OPS, op


@op
def softmax(x: Any, axis: Any = -1) -> Tensor:
    """e^x / sum(e^x) along an axis, without overflow.

    Along the last axis the result remembers x, so that a cross-entropy on it is computed from the logits.

    Args: x: tensor; axis: integer or several (default -1).
    Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".

    >>> softmax([0.0, 0.0]).tolist()
    [0.5, 0.5]
    """
    x = floating(x)
    e = P.exp(x - P.stop_gradient(max(x, axis, True)))
    y = e * (1.0 / sum(e, axis, True))  # a division a slice, and none an element in the gradient
    if normalize_axes(axis, x.ndim) == (x.ndim - 1,):
        y.logits = ("softmax", x)
    return y


@op
def log_softmax(x: Any, axis: Any = -1) -> Tensor:
    """log(softmax(x)) along an axis, without overflow.

    Args: x: tensor; axis: integer or several (default -1).

    >>> log_softmax([-1e4, 0.0]).tolist()
    [-10000.0, 0.0]
    """
    x = floating(x)
    shifted = x - P.stop_gradient(max(x, axis, True))
    return shifted - P.log(sum(P.exp(shifted), axis, True))


@op
def sparsemax(x: Any, axis: int = -1) -> Tensor:
    """The point of the probability simplex nearest to x along an axis: max(x - tau, 0) with a sum of 1.

    The slices along other axes are independent. With s the k largest elements, k as large as 1 + k s_k > sum(s)
    allows, tau = (sum(s) - 1) / k.

    Args: x: tensor; axis: integer (default -1).
    Source: Martins and Astudillo 2016, arXiv:1602.02068, algorithm 1.

    >>> sparsemax([1.0, 0.5, -1.0]).tolist()
    [0.75, 0.25, 0.0]
    """
    x = floating(x)
    x = x - P.stop_gradient(max(x, axis, True))  # the result does not change, and sums of large numbers stay exact
    fixed = P.stop_gradient(x)
    falling = flip(sort(fixed, axis), axis)
    ranks = cumsum(ones_like(x), axis)
    chosen = 1.0 + ranks * falling > cumsum(falling, axis)
    count = maximum(sum(cast(chosen, x.dtype), axis, True), 1.0)
    tau = (sum(where(chosen, falling, 0.0), axis, True) - 1.0) / count
    inside = fixed > tau
    mean_inside = (sum(where(inside, x, 0.0), axis, True) - 1.0) / maximum(sum(cast(inside, x.dtype), axis, True), 1.0)
    return where(x <= tau, 0.0, x - mean_inside)


@op
def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    """The mean and the population variance along axes; in float16 cut to its range."""
    x = floating(x)
    if x.type.dtype == "float16":
        top = float(finfo("float16").max)
        found = moments(cast(x, "float32"), axes, keepdims)
        return cast(clip(found[0], -top, top), "float16"), cast(clip(found[1], -top, top), "float16")
    centre = mean(x, axes, True)
    spread = mean((x - centre) * (x - centre), axes, keepdims)
    return (centre if keepdims else squeeze(centre, axes)), spread


@op
def normalize(x: Any, axis: Any = -1, order: float = 2, epsilon: float | None = None) -> Tensor:
    """x divided by its norm along an axis. With None for the axis: by that of all elements, or for an order other
    than 2 by that of the vector or matrix x.
    """
    if isinstance(order, str) or order < 1:
        raise ArgumentError(f"normalize: expected order to be a number of at least 1; got {order!r}.")
    x = floating(x)
    small = _epsilon(epsilon)
    if order == 2:
        return x / P.sqrt(maximum(sum(x * x, axis, True), small**2))
    return x / maximum(OPS["norm"](x, order, axis, True), small)


@op
def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, with one number of each for every place of an axis.

    Args: x: tensor; mean, variance: vectors as long as `axis`; axis: integer; offset, scale: vectors or None (default,
        left out); epsilon: number (default 0.001).
    Raises: ShapeError: a vector does not fit the axis.
    Source: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1.

    >>> batch_normalization([[1.0, 3.0]], [1.0, 1.0], [1.0, 4.0], -1, epsilon=0.0).tolist()
    [[0.0, 1.0]]
    """
    x = floating(x)
    axes = (normalize_axis(axis, x.ndim),)
    centre, spread = (_along("batch_normalization", v, x, axes) for v in (mean, variance))
    y = (x - centre) / P.sqrt(spread + epsilon)
    return _scale_and_shift("batch_normalization", y, axes, scale, offset)


@op
def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None, **kwargs: Any
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, mean and variance taken along an axis or several.

    Args: x: tensor; gamma, beta: tensors in the shape of those axes, or None (default, left out); axis: integer or
        several (default -1); epsilon: number (default `config.epsilon()`); rms_scaling: older scripts: x / sqrt(
        variance + epsilon) * gamma (default False), with a warning.
    Raises: ShapeError: gamma or beta does not fit; ArgumentError: an unknown argument.
    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450, equation 4.

    >>> layer_normalization([[1.0, 3.0]], epsilon=0.0).tolist()
    [[-1.0, 1.0]]
    """
    is_scaled = kwargs.pop("rms_scaling", False)
    if kwargs:
        raise ArgumentError(f"layer_normalization: unknown argument {listed(kwargs)}.")
    if is_scaled:
        warnings.warn("layer_normalization: rms_scaling divides by the deviation; the root of the mean square is "
                      "rms_normalization's.", stacklevel=3)  # fmt: skip
    given = as_operand(x)
    x = floating(given)
    axes = normalize_axes(axis, x.ndim)
    centre, spread = moments(x, axes, keepdims=True)
    y = (x if is_scaled else x - centre) / P.sqrt(spread + _epsilon(epsilon))
    return cast(_scale_and_shift("layer_normalization", y, axes, gamma, None if is_scaled else beta), given.dtype)


@op
def rms_normalization(x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None) -> Tensor:
    """x / sqrt(mean(x^2) + epsilon) * scale, the mean taken along an axis or several.

    Args: x: tensor; scale: tensor in the shape of those axes, or None (default, left out); axis: integer or several
        (default -1); epsilon: number (default `config.epsilon()`).
    Raises: ShapeError: scale does not fit.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467, equation 4.

    >>> rms_normalization([[3.0, -3.0]], epsilon=0.0).tolist()
    [[1.0, -1.0]]
    """
    given = as_operand(x)
    x = floating(given)
    axes = normalize_axes(axis, x.ndim)
    y = x / P.sqrt(mean(x * x, axes, True) + _epsilon(epsilon))
    return cast(_scale_and_shift("rms_normalization", y, axes, scale, None), given.dtype)


def _epsilon(value: float | None) -> float:
    return config.epsilon() if value is None else value


def _along(place: str, value: Any, x: Tensor, axes: tuple[int, ...]) -> Any:
    """`value`, in the shape of some axes of x (or of x itself), made to broadcast with x."""
    value = as_operand(value, x.dtype)
    if value.ndim == x.ndim:
        return value
    sizes = [n if a in axes else 1 for a, n in enumerate(x.shape)]
    expected = tuple(x.shape[a] for a in axes)
    if value.shape != expected:
        raise ShapeError(f"{place}: expected shape {expected} for axes {axes} of {x.shape}; got {value.shape}.")
    return reshape(value, sizes)


def _scale_and_shift(place: str, y: Any, axes: tuple[int, ...], scale: Any, offset: Any) -> Any:
    if scale is not None:
        y = y * _along(place, scale, y, axes)
    return y if offset is None else y + _along(place, offset, y, axes)


@op
def multi_hot(
    inputs: Any, num_classes: int | None = None, axis: int = -1, dtype: Any = None, sparse: bool = False, **kwargs: Any
) -> Tensor:
    """1 at every class that a row of integers names, else 0; a class out of range is left out.

    Args: inputs: integers, shape (n,) or (batch, n, ...); num_classes: integer; axis: where the classes go (default
        -1); dtype: default `floatx`; sparse: accepted and without effect.
    Shapes: (n,) -> (num_classes,); (batch, n) -> (batch, num_classes).
    Raises: ArgumentError: num_classes is missing.

    >>> multi_hot([[0, 2], [1, 1]], 3).tolist()
    [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    num_classes = kwargs.pop("num_tokens", num_classes)
    if num_classes is None or kwargs:
        raise ArgumentError(f"multi_hot: expected num_classes, an integer; got {num_classes!r} and {kwargs}.")
    x = as_operand(inputs)
    return max(one_hot(x, num_classes, axis, dtype), 1 if x.ndim > 1 else 0)


@op
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Tensor:
    """Elementwise -(t log p + (1 - t) log(1 - p)); probabilities are kept `epsilon` away from 0 and 1."""
    output = floating(output)
    target = cast(target, output.dtype)
    if from_logits:
        return softplus(output) - output * target
    p = clip(output, config.epsilon(), 1.0 - config.epsilon())
    return -(target * P.log(p) + (1.0 - target) * P.log(1.0 - p))


@op
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    """-sum(t log p) along an axis; probabilities are first divided by their sum."""
    output = floating(output)
    target = cast(target, output.dtype)
    if from_logits:
        return -sum(target * log_softmax(output, axis), axis)
    p = output / sum(output, axis, True)
    return -sum(target * P.log(clip(p, config.epsilon(), 1.0 - config.epsilon())), axis)


@op
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    """-log p of the class that each target names."""
    output, target = floating(output), as_operand(target)
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = squeeze(target, -1)
    if from_logits:
        logs = log_softmax(output, axis)
    else:
        p = output / sum(output, axis, True)
        logs = P.log(clip(p, config.epsilon(), 1.0 - config.epsilon()))
    hot = one_hot(cast(target, "int32"), output.shape[axis], axis, "bool")
    return -sum(where(hot, logs, 0.0), axis)
