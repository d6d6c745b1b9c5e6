"""Random numbers, under `keras.random` names: the laws of `chainrule.ops.random`, with seeds instead of keys.

A seed is an integer (every call gives the same numbers), a `SeedGenerator` (every call gives new ones; inside a
training step its state is part of the step), or None (a new integer at every call).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import config, ops
from . import primitives as P
from .errors import ArgumentError, DTypeError, ShapeError
from .ir import FLOAT, INTEGER, Tensor, TracedTensor, dtype_name
from .primitives.arithmetic import as_operand, broadcast_to
from .serialization import builtin
from .variables import SeedGenerator, draw_key

Shape = Sequence[int]

builtin(SeedGenerator)


def _key(place: str, seed: Any) -> Tensor:
    if seed is None or isinstance(seed, SeedGenerator) or hasattr(seed, "__index__"):
        return draw_key(seed)
    raise ArgumentError(f"{place}: expected seed to be an integer, a SeedGenerator or None; got {seed!r}.")


def _dtype(place: str, dtype: Any, allowed: tuple[str, ...], kind: str) -> str:
    name = dtype_name(dtype or config.floatx())
    if name not in allowed:
        raise DTypeError(f"{place}: expected dtype to be {kind}; got {name}.")
    return name


def normal(shape: Shape, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal numbers.

    Args: shape: integers; mean, stddev: numbers or tensors that broadcast (default 0 and 1); dtype: a float dtype
        (default `floatx`); seed: see the module.

    >>> normal((2, 3), seed=1).shape
    (2, 3)
    """
    return ops.random.normal(_key("normal", seed), shape, mean, stddev, _dtype("normal", dtype, FLOAT, "a float"))


def truncated_normal(shape: Shape, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal numbers of which those beyond two standard deviations are never drawn.

    Args: shape: integers; mean, stddev: numbers or tensors that broadcast (default 0 and 1), before the cut; dtype: a
        float dtype (default `floatx`); seed: see the module.

    >>> bool((abs(truncated_normal((99,), seed=1).numpy()) <= 2).all())
    True
    """
    name = _dtype("truncated_normal", dtype, FLOAT, "a float")
    return ops.random.truncated_normal(_key("truncated_normal", seed), shape, mean, stddev, name)


def uniform(shape: Shape, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Uniform numbers in [minval, maxval).

    Args: shape: integers; minval, maxval: numbers or tensors that broadcast (default 0 and 1); dtype: a float dtype
        (default `floatx`); seed: see the module.

    >>> bool((uniform((99,), 2.0, 3.0, seed=1).numpy() >= 2).all())
    True
    """
    name = _dtype("uniform", dtype, FLOAT, "a float; for integers use randint")
    return ops.random.uniform(_key("uniform", seed), shape, minval, maxval, name)


def randint(shape: Shape, minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None) -> Any:
    """Integers in [minval, maxval), all equally likely.

    Args: shape: integers; minval, maxval: integers or tensors that broadcast; dtype: an integer dtype (default
        'int32'); seed: see the module.

    >>> sorted(set(randint((99,), 0, 3, seed=1).tolist()))
    [0, 1, 2]
    """
    name = _dtype("randint", dtype, INTEGER, "an integer; for floats use uniform")
    return ops.random.randint(_key("randint", seed), shape, minval, maxval, name)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Classes drawn with probabilities softmax(logits).

    Args: logits: tensor; num_samples: integer, how many for each row; dtype: default 'int32'; seed: see the module.
    Shapes: (rows, classes) -> (rows, num_samples).
    Raises: ShapeError: logits is not a matrix.
    Source: Maddison, Tarlow and Minka 2014, arXiv:1411.0030 (the largest of logits plus Gumbel noise).

    >>> categorical([[-1e9, 0.0]], 3, seed=1).tolist()
    [[1, 1, 1]]
    """
    logits = ops.convert_to_tensor(logits)
    if logits.ndim != 2:
        raise ShapeError(f"categorical: expected logits of shape (rows, classes); got {logits.shape}.")
    return ops.random.categorical(_key("categorical", seed), logits, num_samples, dtype)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Each element is 0 with probability rate, else divided by 1 - rate: the mean stays.

    Args: inputs: tensor; rate: number from 0 to 1; noise_shape: the shape of the choices, 1 (or any size that
        broadcasts) where they are shared, None entries as in `inputs` (default None: every element has its own); seed:
        see the module.
    Raises: ArgumentError: rate is not from 0 to 1.
    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".

    >>> sorted(set(dropout([1.0] * 99, 0.5, seed=1).tolist()))
    [0.0, 2.0]
    """
    if not 0 <= rate <= 1:
        raise ArgumentError(f"dropout: expected a rate from 0 to 1; got {rate!r}.")
    return ops.random.dropout(_key("dropout", seed), inputs, rate, noise_shape)


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """The slices along an axis in random order.

    Args: x: tensor; axis: integer (default 0); seed: see the module.

    >>> sorted(shuffle([3, 1, 2], seed=1).tolist())
    [1, 2, 3]
    """
    return ops.random.shuffle(_key("shuffle", seed), x, axis)


def gamma(shape: Shape, alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Gamma numbers of scale 1: density x^(alpha - 1) e^-x / Gamma(alpha).

    Args: shape: integers; alpha: positive number or tensor that broadcasts; dtype: a float dtype (default `floatx`);
        seed: see the module.
    Source: Marsaglia and Tsang 2000, "A simple method for generating gamma variables".

    >>> bool((gamma((99,), 0.5, seed=1).numpy() > 0).all())
    True
    """
    name = _dtype("gamma", dtype, FLOAT, "a float")
    return P.exp(_log_gamma_draw(_key("gamma", seed), shape, as_operand(alpha, name)))


def beta(shape: Shape, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Beta numbers: density proportional to x^(alpha - 1) (1 - x)^(beta - 1) between 0 and 1.

    Args: shape: integers; alpha, beta: positive numbers or tensors that broadcast; dtype: a float dtype (default
        `floatx`); seed: see the module.
    Source: Devroye 1986, "Non-uniform random variate generation", theorem IX.4.1 (a gamma by the sum of two).

    >>> bool((beta((99,), 2.0, 0.5, seed=1).numpy() <= 1).all())
    True
    """
    name = _dtype("beta", dtype, FLOAT, "a float")
    return _beta_draw(_key("beta", seed), shape, as_operand(alpha, name), as_operand(beta, name))


def binomial(shape: Shape, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> Any:
    """How many of `counts` independent trials succeed, each with probability `probabilities`.

    The number of trials is halved until few are left: the median of `counts` uniform numbers is a beta number, and it
    tells on which side of the probability the other half lies.

    Args: shape: integers; counts: integers of 0 to 2^24, or tensor that broadcasts; probabilities: numbers from 0 to
        1, or tensor that broadcasts; dtype: a float dtype (default `floatx`); seed: see the module.
    Source: Devroye 1986, "Non-uniform random variate generation", section X.4.3 (the recursive method).

    >>> binomial((3,), 10, 1.0, seed=1).tolist()
    [10.0, 10.0, 10.0]
    """
    name, key = _dtype("binomial", dtype, FLOAT, "a float"), _key("binomial", seed)
    n, p = (broadcast_to(as_operand(v, "float32"), shape) for v in (counts, probabilities))
    rounds = _halvings(counts)
    keys, found = _split(key, 1 + _halvings(_MOST)), ops.zeros_like(n)
    if rounds:
        (found, n, p), _ = ops.scan(_halve, (found, n, p), keys[1 : 1 + rounds])
    u = ops.random.unit_uniform(keys[0], (_FEW, *n.shape), "float32")
    trial = P.iota(shape=u.shape, axis=0, dtype="float32")
    return ops.cast(found + ops.count_nonzero(ops.logical_and(trial < n, u < p), axis=0), name)


_FEW, _MOST = 16, 2**24  # fewer trials are made one by one; more do not fit a float32


def _halvings(counts: Any) -> int:
    """How often the largest count must be halved to be below `_FEW`; a count not known yet may be `_MOST`."""
    unknown = isinstance(counts, TracedTensor) or hasattr(counts, "__chainrule_tensor__")
    most = _MOST if unknown else int(np.max(np.asarray(counts), initial=0))
    return max(0, most.bit_length() - _FEW.bit_length() + 1)


def _halve(state: tuple[Any, Any, Any], key: Any) -> tuple[tuple[Any, Any, Any], None]:
    """One round: (successes found, trials left, their probability), where there are still many trials."""
    found, n, p = state
    many = n >= _FEW
    i = P.floor(n * 0.5) + 1.0
    x = _beta_draw(key, n.shape, ops.where(many, i, 1.0), ops.where(many, n + 1.0 - i, 1.0))
    below = x <= p  # the i smallest uniform numbers are then successes
    left = ops.where(below, n - i, i - 1.0)
    rest = ops.where(below, (p - x) / ops.maximum(1.0 - x, 1e-30), p / ops.maximum(x, 1e-30))
    found = ops.where(ops.logical_and(many, below), found + i, found)
    return (found, ops.where(many, left, n), ops.where(many, ops.clip(rest, 0.0, 1.0), p)), None


def _split(key: Any, count: int) -> Any:
    """`count` keys from one, independent of it and of one another: uint32 (count, 2)."""
    return P.random_bits(as_operand(key), shape=(count, 2))


_TRIES = 12  # each is accepted with probability 0.95 or more: none of them in one draw of 10^15


def _log_gamma_draw(key: Tensor, shape: Shape, alpha: Any) -> Any:
    """The logarithm of gamma numbers: small alphas would underflow."""
    alpha = broadcast_to(alpha, tuple(shape))
    dtype = alpha.type.dtype
    keys = _split(key, 3)
    small = alpha < 1.0
    d = ops.where(small, alpha + 1.0, alpha) - 1.0 / 3.0
    x: Any = ops.random.normal(keys[0], (_TRIES, *shape), dtype=dtype)
    v = 1.0 + x / P.sqrt(d * 9.0)
    log_v = P.log(ops.maximum(v, 1e-30)) * 3.0
    u = _positive_uniform(keys[1], (_TRIES, *shape), dtype)
    accepted = ops.logical_and(v > 0, P.log(u) < x * x * 0.5 + d * (1.0 - P.exp(log_v) + log_v))
    first = ops.argmax(ops.cast(accepted, "int32"), axis=0, keepdims=True)
    log_v = ops.squeeze(ops.take_along_axis(log_v, first, axis=0), 0)
    boost = P.log(_positive_uniform(keys[2], shape, dtype)) / alpha  # alpha + 1 to alpha
    return P.log(d) + log_v + ops.where(small, boost, 0.0)


def _beta_draw(key: Tensor, shape: Shape, alpha: Any, beta: Any) -> Any:
    keys = _split(key, 2)
    return P.sigmoid(_log_gamma_draw(keys[0], shape, alpha) - _log_gamma_draw(keys[1], shape, beta))


def _positive_uniform(key: Any, shape: Shape, dtype: str) -> Any:
    """Uniform numbers in (0, 1]."""
    u: Any = ops.random.unit_uniform(key, shape, dtype)
    return 1.0 - u


__all__ = [
    "SeedGenerator", "beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint", "shuffle",
    "truncated_normal", "uniform",
]  # fmt: skip
