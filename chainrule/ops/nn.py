"""Functions of neural networks: activations, softmax, normalisation, under Keras's names."""

from __future__ import annotations

import math
from typing import Any

from .. import config
from .. import primitives as P
from ..ir import Tensor
from ..primitives.arithmetic import as_operand, full
from .indexing import one_hot
from .math import cast, clip, floating, max, maximum, mean, sum, where
from .shaping import squeeze
from .symbolic import op


@op
def relu(x: Any) -> Tensor:
    """max(x, 0); its derivative at 0 is 0.

    >>> relu([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """
    x = as_operand(x)
    zero = full(x.shape, 0, x.dtype)
    return P.select(P.gt(x, zero), x, zero) if x.type.dtype != "bool" else x


@op
def sigmoid(x: Any) -> Tensor:
    """1 / (1 + e^-x)."""
    return P.sigmoid(floating(x))


@op
def softplus(x: Any) -> Tensor:
    """log(1 + e^x), without overflow."""
    x = floating(x)
    return relu(x) + P.log1p(P.exp(-P.abs(x)))


@op
def log_sigmoid(x: Any) -> Tensor:
    """log(sigmoid(x)), without overflow."""
    return -softplus(-floating(x))


@op
def softmax(x: Any, axis: Any = -1) -> Tensor:
    """e^x / sum(e^x) along an axis, without overflow.

    >>> softmax([0.0, 0.0]).tolist()
    [0.5, 0.5]
    """
    x = floating(x)
    e = P.exp(x - P.stop_gradient(max(x, axis, True)))
    return e / sum(e, axis, True)


@op
def log_softmax(x: Any, axis: Any = -1) -> Tensor:
    """log(softmax(x)) along an axis, without overflow."""
    x = floating(x)
    shifted = x - P.stop_gradient(max(x, axis, True))
    return shifted - P.log(sum(P.exp(shifted), axis, True))


@op
def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    """The mean and the population variance along axes."""
    x = floating(x)
    centre = mean(x, axes, True)
    spread = mean((x - centre) * (x - centre), axes, keepdims)
    return (centre if keepdims else squeeze(centre, axes)), spread


@op
def normalize(x: Any, axis: Any = -1, order: float = 2, epsilon: float | None = None) -> Tensor:
    """x divided by its norm along an axis."""
    x = floating(x)
    small = config.epsilon() if epsilon is None else epsilon
    if order == 2:
        return x / P.sqrt(maximum(sum(x * x, axis, True), small**2))
    size = max(P.abs(x), axis, True) if order == math.inf else sum(P.abs(x) ** order, axis, True) ** (1.0 / order)
    return x / maximum(size, small)


@op
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Tensor:
    """Elementwise -(t log p + (1 - t) log(1 - p)); probabilities are kept `epsilon` away from 0 and 1."""
    output = floating(output)
    target = cast(target, output.dtype)
    if from_logits:
        return relu(output) - output * target + P.log1p(P.exp(-P.abs(output)))
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

