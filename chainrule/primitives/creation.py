"""Primitives that make values from nothing, or random bits from a key."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DTypeError
from ..ir import NUMBER, Params, TensorType, dtype_name, type_of
from .definition import define, integers, require


def infer_constant(p: Params) -> TensorType:
    return type_of(p.value)


def evaluate_constant(p: Params) -> np.ndarray:
    return p.value


def _canonical_constant(value: Any) -> Params:
    array = np.array(value)
    array.flags.writeable = False
    return Params(value=array)


constant = define(
    "constant", "creation", infer_constant, evaluate_constant,
    """y = value

    Operands: none.
    Params: value: an array that is part of the Program.
    Result: the type of value.
    Constraints: none.
    Gradient: none (no operands).
    Numerics: exact.
    Source: StableHLO, constant.
    Example:
    >>> constant(value=np.array([1, 2])).tolist()
    [1, 2]
    """,
    canonical=_canonical_constant,
)  # fmt: skip


def infer_iota(p: Params) -> TensorType:
    result = TensorType(p.dtype, p.shape)
    require(p.dtype in NUMBER, "iota C1", "a dtype of numbers", p.dtype, DTypeError)
    require(0 <= p.axis < result.rank, "iota C2", f"an axis from 0 to {result.rank - 1}", p.axis)
    return result


def evaluate_iota(p: Params) -> np.ndarray:
    line = np.arange(p.shape[p.axis], dtype=p.dtype)
    return np.broadcast_to(line.reshape([-1 if a == p.axis else 1 for a in range(len(p.shape))]), p.shape)


def _canonical_iota(shape: Any, axis: int = 0, dtype: Any = "int32") -> Params:
    return Params(shape=integers(shape), axis=int(axis), dtype=dtype_name(dtype))


iota = define(
    "iota", "creation", infer_iota, evaluate_iota,
    """y[i] = the component of i on one axis: 0, 1, 2, ...

    Operands: none.
    Params: shape; axis: the axis that counts (default 0); dtype (default int32).
    Result: dtype, shape.
    Constraints: C1 a dtype of numbers; C2 a valid axis.
    Gradient: none (no operands).
    Numerics: exact.
    Source: StableHLO, iota.
    Example:
    >>> iota(shape=(3,)).tolist()
    [0, 1, 2]
    """,
    canonical=_canonical_iota,
)  # fmt: skip

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)  # multipliers and key increments of Philox4x32
_W0, _W1 = np.uint32(0x9E3779B9), np.uint32(0xBB67AE85)


def philox(counter: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Philox4x32-10: four words of random bits from four words of counter (last axis) and two of key."""
    c0, c1, c2, c3 = (counter[..., i].astype(np.uint32) for i in range(4))
    k0, k1 = np.uint32(key[0]), np.uint32(key[1])
    for _ in range(10):
        p0, p1 = c0.astype(np.uint64) * _M0, c2.astype(np.uint64) * _M1
        high0, high1 = (p0 >> np.uint64(32)).astype(np.uint32), (p1 >> np.uint64(32)).astype(np.uint32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, p1.astype(np.uint32), high0 ^ c3 ^ k1, p0.astype(np.uint32)
        with np.errstate(over="ignore"):
            k0, k1 = k0 + _W0, k1 + _W1
    return np.stack([c0, c1, c2, c3], -1)


def infer_random_bits(p: Params, key: TensorType) -> TensorType:
    require(key == TensorType("uint32", (2,)), "random_bits C1", "a key of type uint32[2]", key)
    return TensorType("uint32", p.shape)


def evaluate_random_bits(p: Params, key: np.ndarray) -> np.ndarray:
    size = int(np.prod(p.shape, dtype=np.int64))
    blocks = -(-size // 4)
    counter = np.zeros((blocks, 4), np.uint32)
    counter[:, 0] = np.arange(blocks, dtype=np.uint64) & np.uint64(0xFFFFFFFF)
    counter[:, 1] = np.arange(blocks, dtype=np.uint64) >> np.uint64(32)
    return philox(counter, key).T.reshape(-1)[:size].reshape(p.shape)


random_bits = define(
    "random_bits", "random", infer_random_bits, evaluate_random_bits,
    """y = random bits, a function of the key and the position alone

    Operands: key: uint32[2].
    Params: shape: the result's shape.
    Result: uint32, shape.
    Constraints: C1 a key of type uint32[2].
    Gradient: none (integers).
    Numerics: with n elements and q = ceil(n / 4), element i in row-major order is word i // q of the block
        Philox4x32-10(counter = (i mod q, 0, 0, 0), key), the 64-bit block number in the first two words. The same
        bits on every executor and for every number of threads.
    Source: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3.
    Example:
    >>> [hex(b) for b in random_bits(np.array([0, 0], "uint32"), shape=(4,)).tolist()]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """,
    canonical=lambda shape: Params(shape=integers(shape)),
)  # fmt: skip
