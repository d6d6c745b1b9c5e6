"""`tf.nn`: activations (`Dense(64, activation=tf.nn.relu)`) and losses on logits."""

from __future__ import annotations

from typing import Any

from ... import activations, ops
from ... import random as _random
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


def conv2d(
    input: Any, filters: Any, strides: Any, padding: str, data_format: str = "NHWC", dilations: Any = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The convolution of images (batch, rows, columns, channels) with filters (rows, columns, channels, filters)."""
    return ops.conv(input, filters, _space(strides), padding.lower(), _FORMATS[data_format], _space(dilations or 1))


def max_pool2d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", name: Any = None) -> Any:
    """The largest element of each window."""
    return ops.max_pool(input, _space(ksize), _space(strides), padding.lower(), _FORMATS[data_format])


def avg_pool2d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", name: Any = None) -> Any:
    """The mean of each window."""
    return ops.average_pool(input, _space(ksize), _space(strides), padding.lower(), _FORMATS[data_format])


_FORMATS = {"NHWC": "channels_last", "NCHW": "channels_first"}


def _space(sizes: Any) -> Any:
    """Sizes along rows and columns; TensorFlow also takes them with those of batch and channels."""
    sizes = [sizes] if isinstance(sizes, int) else list(sizes)
    return tuple(sizes[1:3]) if len(sizes) == 4 else tuple(sizes * (3 - len(sizes)))[:2]


def depth_to_space(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Channels moved into blocks of pixels."""
    return ops.depth_to_space(input, block_size, _FORMATS[data_format])


def space_to_depth(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Blocks of pixels moved into channels."""
    return ops.space_to_depth(input, block_size, _FORMATS[data_format])


def dropout(x: Any, rate: float, noise_shape: Any = None, seed: int | None = None, name: str | None = None) -> Any:
    """Elements set to 0 with probability `rate`, the others scaled up."""
    return _random.dropout(ops.convert_to_tensor(x), rate, noise_shape, seed)


def embedding_lookup(params: Any, ids: Any, max_norm: None = None, name: str | None = None) -> Any:
    """The rows of a table that integers name."""
    return ops.take(params, ids, axis=0)


def l2_loss(t: Any, name: str | None = None) -> Any:
    """Half the sum of the squares.

    >>> float(l2_loss([1.0, 3.0]))
    5.0
    """
    return ops.sum(ops.square(t)) / 2


__all__ = [
    "avg_pool2d",
    "bias_add",
    "conv2d",
    "depth_to_space",
    "dropout",
    "elu",
    "embedding_lookup",
    "gelu",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "log_softmax",
    "max_pool2d",
    "moments",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "silu",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "softsign",
    "space_to_depth",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
    "top_k",
]  # fmt: skip
