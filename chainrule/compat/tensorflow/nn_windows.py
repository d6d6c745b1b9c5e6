"""`tf.nn`: convolutions and pools of every rank, normalisation, and further losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ... import random as _random
from ...errors import ArgumentError

_FIRST = ("NCHW", "NCW", "NCDHW")


def _format(data_format: str | None) -> str:
    return "channels_first" if data_format in _FIRST else "channels_last"


def _space(sizes: Any, rank: int, data_format: str | None = None) -> tuple[int, ...]:
    """The sizes along `rank` axes of space, of one, `rank` or `rank + 2` numbers."""
    numbers = [int(n) for n in np.ravel(np.asarray(1 if sizes is None else sizes))]
    if len(numbers) == rank + 2:
        numbers = numbers[2:] if data_format in _FIRST else numbers[1:-1]
    return tuple(numbers * rank)[:rank]


def _padding(padding: Any) -> str:
    if not isinstance(padding, str):
        raise ArgumentError(f"padding: expected 'SAME' or 'VALID'; got {padding!r}. Use tf.pad first.")
    return padding.lower()


def convolution(
    input: Any, filters: Any, strides: Any = None, padding: Any = "VALID", data_format: Any = None,
    dilations: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """The convolution of (batch, ...space, channels) with filters (...space, channels, filters)."""
    kernel = ops.convert_to_tensor(filters)
    rank = kernel.ndim - 2
    steps, gaps = _space(strides, rank, data_format), _space(dilations, rank, data_format)
    return ops.conv(input, kernel, steps, _padding(padding), _format(data_format), gaps)


def conv1d(
    input: Any, filters: Any, stride: Any, padding: Any, data_format: Any = "NWC", dilations: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    """The convolution of sequences (batch, steps, channels)."""
    return convolution(input, filters, stride, padding, data_format, dilations)


def conv3d(
    input: Any, filters: Any, strides: Any, padding: Any, data_format: Any = "NDHWC", dilations: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    """The convolution of volumes (batch, depth, rows, columns, channels)."""
    return convolution(input, filters, strides, padding, data_format, dilations)


def depthwise_conv2d(
    input: Any, filter: Any, strides: Any, padding: Any, data_format: Any = None, dilations: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    """Each channel with filters of its own (rows, columns, channels, multiplier)."""
    steps, gaps = _space(strides, 2, data_format), _space(dilations, 2, data_format)
    return ops.depthwise_conv(input, filter, steps, _padding(padding), _format(data_format), gaps)


def separable_conv2d(
    input: Any, depthwise_filter: Any, pointwise_filter: Any, strides: Any, padding: Any, data_format: Any = None,
    dilations: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """A depthwise convolution, then one of size 1."""
    steps, gaps = _space(strides, 2, data_format), _space(dilations, 2, data_format)
    return ops.separable_conv(
        input, depthwise_filter, pointwise_filter, steps, _padding(padding), _format(data_format), gaps
    )


def conv2d_transpose(
    input: Any, filters: Any, output_shape: Any, strides: Any, padding: Any = "SAME", data_format: Any = "NHWC",
    dilations: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """The transpose of `conv2d`: filters (rows, columns, filters, channels).

    Raises: ArgumentError: the output has another shape than `output_shape` says.
    """
    found = ops.conv_transpose(input, filters, _space(strides, 2, data_format), _padding(padding),
                               data_format=_format(data_format))  # fmt: skip
    wanted = [int(n) for n in np.ravel(np.asarray(output_shape))]
    if list(found.shape) != wanted:
        raise ArgumentError(f"conv2d_transpose: output_shape is {tuple(wanted)}; these sizes give {found.shape}.")
    return found


def max_pool(input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: Any = None) -> Any:
    """The largest element of each window."""
    rank = ops.ndim(input) - 2
    size, step = _space(ksize, rank, data_format), _space(strides, rank, data_format)
    return ops.max_pool(input, size, step, _padding(padding), _format(data_format))


def avg_pool(input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: Any = None) -> Any:
    """The mean of each window."""
    rank = ops.ndim(input) - 2
    size, step = _space(ksize, rank, data_format), _space(strides, rank, data_format)
    return ops.average_pool(input, size, step, _padding(padding), _format(data_format))


max_pool1d = max_pool3d = max_pool
avg_pool1d = avg_pool3d = avg_pool


def pool(
    input: Any, window_shape: Any, pooling_type: str, strides: Any = None, padding: Any = "VALID",
    data_format: Any = None, dilations: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """`max_pool` or `avg_pool`: pooling_type 'MAX' or 'AVG'."""
    chosen = {"MAX": max_pool, "AVG": avg_pool}[pooling_type]
    return chosen(input, window_shape, 1 if strides is None else strides, padding, data_format)


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float, name: Any = None
) -> Any:
    """(x - mean) / sqrt(variance + epsilon) scale + offset."""
    factor = ops.rsqrt(ops.convert_to_tensor(variance) + variance_epsilon)
    factor = factor if scale is None else factor * scale
    found = (ops.convert_to_tensor(x) - mean) * factor
    return found if offset is None else found + offset


def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1, alpha: float = 1, beta: float = 0.5, name: Any = None
) -> Any:
    """x / (bias + alpha sum of the squares of the neighbouring channels)^beta.

    Source: Krizhevsky et al. 2012, section 3.3.
    """
    x = ops.convert_to_tensor(input)
    k = np.arange(x.shape[-1])
    near = (np.abs(k[:, None] - k) <= depth_radius).astype(x.type.dtype)
    return x / ops.power(bias + alpha * ops.matmul(ops.square(x), near), beta)


lrn = local_response_normalization


def crelu(features: Any, axis: int = -1, name: Any = None) -> Any:
    """relu(x) and relu(-x), side by side."""
    x = ops.convert_to_tensor(features)
    return ops.relu(ops.concatenate([x, -x], axis))


def zero_fraction(value: Any, name: Any = None) -> Any:
    """The share of elements that are zero."""
    return ops.mean(ops.cast(ops.equal(value, 0), "float32"))


def weighted_cross_entropy_with_logits(labels: Any, logits: Any, pos_weight: Any, name: Any = None) -> Any:
    """Binary cross-entropy from logits, positives counted `pos_weight` times."""
    x, y = ops.convert_to_tensor(logits), ops.convert_to_tensor(labels)
    return (1 - y) * x + (1 + (pos_weight - 1) * y) * ops.softplus(-x)


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: Any = None) -> Any:
    """exp(x) - x z: the loss of a Poisson variable z, x the logarithm of its mean."""
    x = ops.convert_to_tensor(log_input)
    return ops.exp(x) - x * targets


def compute_average_loss(per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None) -> Any:
    """The sum of the losses divided by the size of the batch."""
    losses = ops.convert_to_tensor(per_example_loss)
    losses = losses if sample_weight is None else losses * sample_weight
    return ops.sum(losses) / (losses.shape[0] if global_batch_size is None else global_batch_size)


def scale_regularization_loss(regularization_loss: Any) -> Any:
    """The sum: there is one replica."""
    return ops.sum(regularization_loss)


def ctc_loss(
    labels: Any, logits: Any, label_length: Any, logit_length: Any, logits_time_major: bool = True,
    unique: Any = None, blank_index: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """-log of the probability of all paths that read the labels: (n,).

    Args: labels: (n, length); logits: (times, n, classes), or (n, times, classes) if not time-major; the lengths;
        blank_index: default 0.
    """
    x = ops.convert_to_tensor(logits)
    x = ops.transpose(x, (1, 0, 2)) if logits_time_major else x
    blank = 0 if blank_index is None else int(blank_index)
    return ops.ctc_loss(labels, x, label_length, logit_length, blank % x.shape[-1])


def ctc_greedy_decoder(inputs: Any, sequence_length: Any, merge_repeated: bool = True, blank_index: Any = None) -> Any:
    """([labels as a SparseTensor], scores) of logits (times, n, classes); the blank is the last class by default."""
    from .sparse import SparseTensor

    x = ops.transpose(inputs, (1, 0, 2))
    blank = x.shape[-1] - 1 if blank_index is None else int(blank_index)
    labels, scores = ops.ctc_decode(x, sequence_length, "greedy", merge_repeated=merge_repeated, mask_index=blank)
    rows = np.asarray(labels)[0]
    places = np.argwhere(rows >= 0)
    longest = int((rows >= 0).sum(1).max(initial=0))
    return [SparseTensor(places, rows[rows >= 0].astype(np.int64), (len(rows), longest))], scores


def stateless_dropout(
    x: Any, rate: Any, seed: Any, rng_alg: Any = None, noise_shape: Any = None, name: Any = None
) -> Any:
    """Elements set to 0 by chance that a seed of two integers fixes."""
    from .generators import seed_of

    return _random.dropout(ops.convert_to_tensor(x), rate, noise_shape, seed_of(seed))


__all__ = [
    "avg_pool", "avg_pool1d", "avg_pool3d", "batch_normalization", "compute_average_loss", "conv1d",
    "conv2d_transpose", "conv3d", "convolution", "crelu", "ctc_greedy_decoder", "ctc_loss", "depthwise_conv2d",
    "local_response_normalization", "log_poisson_loss", "lrn", "max_pool", "max_pool1d", "max_pool3d", "pool",
    "scale_regularization_loss", "separable_conv2d", "stateless_dropout", "weighted_cross_entropy_with_logits",
    "zero_fraction",
]  # fmt: skip
