"""`tf.nn`: activations (`Dense(64, activation=tf.nn.relu)`) and losses on logits."""

from __future__ import annotations

from typing import Any

from ... import activations, ops
from ...activations import (
    elu,
    gelu,
    log_softmax,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    swish,
    tanh,
)
from .math import in_top_k, l2_normalize, top_k


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """x where x > 0, else alpha x."""
    return activations.leaky_relu(features, negative_slope=alpha)


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """The binary cross-entropy of each element, from logits."""
    return ops.binary_crossentropy(labels, logits, from_logits=True)


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: str | None = None) -> Any:
    """The cross-entropy of each row of probabilities, from logits."""
    return ops.categorical_crossentropy(labels, logits, from_logits=True, axis=axis)


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Any:
    """The cross-entropy of each class given as an integer, from logits.

    >>> round(float(sparse_softmax_cross_entropy_with_logits([0], [[0.0, 0.0]])[0]), 4)
    0.6931
    """
    return ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """`value + bias`, the bias lying along the last axis."""
    return ops.add(value, bias)


def moments(x: Any, axes: Any, shift: None = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The mean and the population variance along axes."""
    return ops.moments(x, axes, keepdims)


__all__ = [
    "bias_add", "elu", "gelu", "in_top_k", "l2_normalize", "leaky_relu", "log_softmax", "moments", "relu", "relu6",
    "selu", "sigmoid", "sigmoid_cross_entropy_with_logits", "silu", "softmax", "softmax_cross_entropy_with_logits",
    "softplus", "softsign", "sparse_softmax_cross_entropy_with_logits", "swish", "tanh", "top_k",
]  # fmt: skip
