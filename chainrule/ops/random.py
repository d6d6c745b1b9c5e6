"""Random numbers: functions of a key. The same key gives the same bits on every executor (Philox4x32-10)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import config
from .. import primitives as P
from ..ir import FLOAT, Tensor, dtype_name
from ..primitives.arithmetic import as_operand, broadcast_to, cast, full
from .indexing import take
from .shaping import expand_dims

_DIGITS = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53}  # binary ones


def key_of(seed: int, count: int = 0) -> Tensor:
    """A key, uint32[2], from a seed and the number of draws before.

    >>> key_of(7).tolist()
    [7, 0]
    """
    return Tensor(np.array([seed & 0xFFFFFFFF, (seed >> 32 ^ count) & 0xFFFFFFFF], np.uint32))


def unit_uniform(key: Any, shape: Any, dtype: Any = None) -> Tensor:
    """Numbers in [0, 1): the upper 24 bits (53 for float64, 11 for float16, 8 for bfloat16) over their range."""
    dtype = dtype_name(dtype or config.floatx())
    bits = P.random_bits(as_operand(key), shape=tuple(shape))
    if dtype == "float64":
        more = P.random_bits(_other_half(key), shape=tuple(shape))
        high, low = cast(_shifted(bits, 5), dtype), cast(_shifted(more, 6), dtype)
        return (high * 2.0**26 + low) * 2.0**-53
    kept = _DIGITS[dtype]
    return cast(_shifted(bits, 32 - kept), dtype) * 2.0**-kept


def _shifted(bits: Tensor, count: int) -> Tensor:
    return P.shift_right(bits, full(bits.shape, count, "uint32"))


def _other_half(key: Any) -> Tensor:
    return P.bit_xor(as_operand(key), P.constant(value=np.array([0, 0x80000000], np.uint32)))


def uniform(key: Any, shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None) -> Tensor:
    """Uniform numbers in [minval, maxval)."""
    dtype = dtype_name(dtype or config.floatx())
    if dtype not in FLOAT:
        return randint(key, shape, minval, maxval, dtype)
    return unit_uniform(key, shape, dtype) * (as_operand(maxval, dtype) - as_operand(minval, dtype)) + as_operand(
        minval, dtype
    )  # fmt: skip


def normal(key: Any, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None) -> Tensor:
    """Normal numbers: sqrt(2) erfinv(2u - 1) with u in (0, 1)."""
    dtype = dtype_name(dtype or config.floatx())
    return _normal_of(_centred(key, shape, dtype), dtype) * as_operand(stddev, dtype) + as_operand(mean, dtype)


def _centred(key: Any, shape: Any, dtype: str) -> Tensor:
    """Uniform numbers in the open interval (-1, 1)."""
    half = 0.5 * 2.0 ** -_DIGITS[dtype]
    u = unit_uniform(key, shape, dtype)
    limit = 1.0 - 2 * half
    return P.max(P.min((u + half) * 2.0 - 1.0, full(u.shape, limit, dtype)), full(u.shape, -limit, dtype))


def _normal_of(u: Tensor, dtype: str) -> Tensor:
    return P.erf_inv(u) * math.sqrt(2.0)


def truncated_normal(key: Any, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None) -> Tensor:
    """Normal numbers of which those beyond two standard deviations are never drawn."""
    dtype = dtype_name(dtype or config.floatx())
    edge = math.erf(2 / math.sqrt(2))
    u = _centred(key, shape, dtype) * edge
    x = P.max(P.min(_normal_of(u, dtype), full(u.shape, 2, dtype)), full(u.shape, -2, dtype))
    return x * as_operand(stddev, dtype) + as_operand(mean, dtype)


def randint(key: Any, shape: Any, minval: Any, maxval: Any, dtype: Any = "int32") -> Tensor:
    """Integers in [minval, maxval), from 53 random bits each."""
    span = cast(as_operand(maxval), "float64") - cast(as_operand(minval), "float64")
    steps = P.floor(unit_uniform(key, shape, "float64") * span) + cast(as_operand(minval), "float64")
    return cast(steps, dtype)


def bernoulli(key: Any, shape: Any, p: Any = 0.5) -> Tensor:
    """True with probability p, bool."""
    return unit_uniform(key, shape, "float32") < p


def gumbel(key: Any, shape: Any, dtype: Any = None) -> Tensor:
    """Gumbel numbers: -log(-log(u)); the largest of logits + gumbel is a draw from softmax(logits)."""
    u = unit_uniform(key, shape, dtype)
    return -P.log(-P.log(u + 0.5 * 2.0 ** -_DIGITS[u.type.dtype]))


def categorical(key: Any, logits: Any, num_samples: int, dtype: Any = "int32") -> Tensor:
    """Classes drawn with probabilities softmax(logits), shape (n, num_samples) for logits (n, classes)."""
    logits = as_operand(logits)
    noise = gumbel(key, (logits.shape[0], num_samples, logits.shape[1]), logits.dtype)
    return cast(P.argmax(expand_dims(logits, 1) + noise, axis=2), dtype)


def permutation(key: Any, n: int) -> Tensor:
    """The integers 0, ..., n - 1 in random order, int32."""
    return P.argsort(P.random_bits(as_operand(key), shape=(n,)), axis=0)


def shuffle(key: Any, x: Any, axis: int = 0) -> Tensor:
    """The slices along an axis in random order."""
    x = as_operand(x)
    return take(x, permutation(key, x.shape[axis]), axis)


def dropout(key: Any, inputs: Any, rate: float, noise_shape: Any = None) -> Tensor:
    """Each element kept with probability 1 - rate and then divided by it, else 0 (Srivastava et al. 2014)."""
    x = as_operand(inputs)
    shape = x.shape if noise_shape is None else [
        n if m is None else m for n, m in zip(x.shape, noise_shape, strict=True)
    ]  # fmt: skip
    keep = broadcast_to(unit_uniform(key, shape, "float32") >= rate, x.shape)
    return P.select(keep, x * (1.0 / (1.0 - rate)), full(x.shape, 0, x.dtype)) if rate < 1 else x * 0.0
