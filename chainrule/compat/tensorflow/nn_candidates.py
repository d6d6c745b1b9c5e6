"""`tf.nn.sampled_softmax_loss`, `nce_loss`: losses over a few classes drawn among many; `tf.random`: the draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import ops
from ... import random as _random
from ...errors import ArgumentError

Candidates = tuple[Any, Any, Any]  # classes drawn, how often the true ones and they were to be expected
_LOWEST = float(np.finfo(np.float32).min)


def log_uniform_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: Any = None,
    name: str | None = None,
) -> Candidates:  # fmt: skip
    """Classes drawn with P(k) = (log(k + 2) - log(k + 1)) / log(range_max + 1): often those with low numbers.

    Args: true_classes: (batch, num_true); num_sampled: how many are drawn, for the whole batch; unique: each once at
        most; range_max: how many classes there are.
    Returns: the classes (num_sampled,), and how often true_classes and they were to be expected among them.
    """
    edges = np.log(np.arange(1, int(range_max) + 2))
    return _drawn(true_classes, num_sampled, unique, np.diff(edges) / edges[-1], seed)


def uniform_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: Any = None,
    name: str | None = None,
) -> Candidates:  # fmt: skip
    """Classes drawn with equal chances; see `log_uniform_candidate_sampler`."""
    return _drawn(true_classes, num_sampled, unique, np.full(int(range_max), 1 / int(range_max)), seed)


def fixed_unigram_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, vocab_file: str = "",
    distortion: float = 1.0, num_reserved_ids: int = 0, num_shards: int = 1, shard: int = 0,
    unigrams: Sequence[float] = (), seed: Any = None, name: str | None = None,
) -> Candidates:  # fmt: skip
    """Classes drawn with chances in proportion to unigrams ** distortion; see `log_uniform_candidate_sampler`."""
    if len(unigrams) + num_reserved_ids != range_max:
        raise ArgumentError(
            f"fixed_unigram_candidate_sampler: expected unigrams for {range_max - num_reserved_ids} classes; got "
            f"{len(unigrams)}. Files (vocab_file) are not read."
        )
    weights = np.array([*[0.0] * num_reserved_ids, *unigrams], np.float64) ** distortion
    weights[:num_reserved_ids] = 0
    return _drawn(true_classes, num_sampled, unique, weights / weights.sum(), seed)


def _drawn(true_classes: Any, count: int, unique: bool, chances: np.ndarray, seed: Any) -> Candidates:
    if unique and count > np.count_nonzero(chances):
        raise ArgumentError(f"expected num_sampled up to {np.count_nonzero(chances)}, as unique=True; got {count}.")
    with np.errstate(divide="ignore"):
        scores = np.log(chances).astype("float32")
    if unique:  # the first of an order drawn by Gumbel's noise are a draw without putting back
        noise = -ops.log(-ops.log(_random.uniform(chances.shape, 1e-20, 1.0, seed=seed)))
        classes = ops.top_k(noise + scores, count)[1]
    else:
        classes = _random.categorical(scores[None], count, seed=seed)[0]
    expected = ops.convert_to_tensor(_expected(chances, count, unique).astype("float32"))
    of_true = ops.take(expected, ops.convert_to_tensor(true_classes), axis=0)
    return ops.cast(classes, "int64"), of_true, ops.take(expected, classes, axis=0)


def _expected(chances: np.ndarray, count: int, unique: bool) -> np.ndarray:
    """How often each class is to be expected. Without putting back: 1 - (1 - P)^n, with the n for which they add up."""
    if not unique:
        return chances * count
    if count >= np.count_nonzero(chances):
        return (chances > 0).astype(float)
    never = np.log1p(-np.minimum(chances, 1 - 1e-12))
    low, high = 0.0, float(count)
    while -np.expm1(high * never).sum() < count:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if -np.expm1(middle * never).sum() < count else (low, middle)
    return np.asarray(-np.expm1(high * never))


def nce_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Candidates | None = None, remove_accidental_hits: bool = False, name: str = "nce_loss",
) -> Any:  # fmt: skip
    """Noise-contrastive estimation: for each row the binary cross-entropy of true classes against drawn ones, summed.

    Args: weights: (num_classes, n); biases: (num_classes,); labels: (batch, num_true); inputs: (batch, n); num_sampled;
        sampled_values: what a candidate sampler gave (default: `log_uniform_candidate_sampler`);
        remove_accidental_hits: whether drawn classes that are true do not count.

    Source: Gutmann and Hyvaerinen 2010.
    """
    given = (num_sampled, num_classes, num_true, sampled_values, remove_accidental_hits, None)
    logits, targets = _logits(weights, biases, labels, inputs, *given)
    losses = ops.relu(logits) - logits * targets + ops.softplus(-ops.abs(logits))
    return ops.sum(losses, axis=1)


def sampled_softmax_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Candidates | None = None, remove_accidental_hits: bool = True, seed: Any = None,
    name: str = "sampled_softmax_loss",
) -> Any:  # fmt: skip
    """The cross-entropy of a softmax over the true classes and the drawn ones, one number a row; args: see `nce_loss`.

    Source: Jean et al. 2015, section 3.
    """
    given = (num_sampled, num_classes, num_true, sampled_values, remove_accidental_hits, seed)
    logits, targets = _logits(weights, biases, labels, inputs, *given)
    return -ops.sum(targets * ops.log_softmax(logits, axis=1), axis=1)


def _logits(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int,
    sampled_values: Candidates | None, removes: bool, seed: Any,
) -> tuple[Any, Any]:  # fmt: skip
    """The logits of the true and of the drawn classes less the logarithms of how often they were to be expected."""
    whole = ops.concatenate(list(weights), axis=0) if isinstance(weights, (list, tuple)) else weights
    whole, biases, inputs = (ops.convert_to_tensor(x) for x in (whole, biases, inputs))
    labels = ops.reshape(ops.cast(labels, "int32"), (-1, num_true))
    found = sampled_values or log_uniform_candidate_sampler(labels, num_true, num_sampled, True, num_classes, seed)
    classes, of_true, of_drawn = (ops.stop_gradient(ops.convert_to_tensor(x)) for x in found)
    true = ops.sum(ops.expand_dims(inputs, 1) * ops.take(whole, labels, axis=0), axis=-1)
    drawn = ops.matmul(inputs, ops.transpose(ops.take(whole, classes, axis=0)))
    true = true + ops.take(biases, labels, axis=0) - ops.log(ops.reshape(of_true, (-1, num_true)))
    drawn = drawn + ops.take(biases, classes, axis=0)
    if removes:
        hits = ops.any(ops.equal(ops.expand_dims(labels, 2), ops.cast(classes, "int32")), axis=1)
        drawn = drawn + ops.cast(hits, drawn.dtype) * _LOWEST
    logits = ops.concatenate([true, drawn - ops.log(of_drawn)], axis=1)
    targets = ops.concatenate([ops.ones_like(true) / num_true, ops.zeros_like(drawn)], axis=1)
    return logits, targets


__all__ = [
    "fixed_unigram_candidate_sampler", "log_uniform_candidate_sampler", "nce_loss", "sampled_softmax_loss",
    "uniform_candidate_sampler",
]  # fmt: skip
