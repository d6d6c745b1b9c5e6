"""`tf.random`: random numbers; without a seed, new ones at every call and at every step of a training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import ops
from ... import random as _random
from ...ir import FLOAT, dtype_name
from ...variables import set_default_seed


def set_seed(seed: int) -> None:
    """Seed everything in chainrule that has no seed of its own.

    Args: seed: an integer.

    >>> set_seed(3); first = normal((2,)).tolist()
    >>> set_seed(3); normal((2,)).tolist() == first
    True
    """
    set_default_seed(int(seed))


def normal(
    shape: Sequence[int],
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Normal numbers."""
    return _random.normal(shape, mean, stddev, dtype, seed)


def truncated_normal(
    shape: Sequence[int],
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Normal numbers of which those beyond two standard deviations are never drawn."""
    return _random.truncated_normal(shape, mean, stddev, dtype, seed)


def uniform(
    shape: Sequence[int],
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Uniform numbers in [minval, maxval), floats or integers by `dtype`; `maxval` is 1 unless given.

    >>> uniform((2, 3), 0, 10, dtype="int32").shape
    (2, 3)
    """
    draw = _random.uniform if dtype_name(dtype) in FLOAT else _random.randint
    return draw(shape, minval, 1 if maxval is None else maxval, dtype, seed)


def shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Any:
    """The rows in random order."""
    return _random.shuffle(value, 0, seed)


def categorical(
    logits: Any, num_samples: int, dtype: Any = "int64", seed: int | None = None, name: str | None = None
) -> Any:
    """Classes drawn with probabilities softmax(logits), `num_samples` for each row.

    >>> categorical([[0.0, -1e9]], 3).tolist()
    [[0, 0, 0]]
    """
    return _random.categorical(logits, int(num_samples), dtype, seed)


def gamma(
    shape: Sequence[int], alpha: Any, beta: Any = None, dtype: Any = "float32", seed: int | None = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Gamma numbers, `shape` of them for each alpha: density proportional to x^(alpha - 1) e^(-beta x).

    Args: shape: integers; alpha, beta: positive numbers or tensors of one shape (beta: default 1).
    """
    alpha = ops.convert_to_tensor(alpha, dtype)
    drawn = _random.gamma((*[int(n) for n in shape], *alpha.shape), alpha, dtype, seed)
    return drawn if beta is None else drawn / ops.convert_to_tensor(beta, dtype)


__all__ = ["categorical", "gamma", "normal", "set_seed", "shuffle", "truncated_normal", "uniform"]
