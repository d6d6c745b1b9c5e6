"""Programs recorded from functions, and compared as text without places of origin."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.ir import Program, TensorType, dtype_name, trace
from tests.core.compare import assert_same_bits, run_laid_out
from tests.core.maker import array_of
from tests.core.samples.entry import special

F, D, I, U, B = (TensorType(d, (2, 3)) for d in ("float32", "float64", "int32", "uint8", "bool"))


def record(function: Callable[..., Any], *types: TensorType) -> Program:
    def flat(*tensors: Any) -> list[Any]:
        result = function(*tensors)
        return list(result) if isinstance(result, (list, tuple)) else [result]

    return trace(flat, types, "f")[0]


def bare(program: Program) -> str:
    """The text without places of origin."""
    return re.sub(r' @ "[^"]*" "[^"]*"', "", str(program))


def arrays(types: Sequence[TensorType], seed: int = 0) -> list[np.ndarray]:
    """Special numbers of each dtype, repeated to the shape, or random ones for seeds above 0."""
    if seed:
        return [array_of(t, seed + i) for i, t in enumerate(types)]
    return [np.resize(special(t.dtype)[::-1], t.shape) for t in types]


def assert_same_meaning(before: Program, after: Program) -> None:
    for seed in range(4):
        operands = arrays(before.input_types, seed)
        assert_same_bits(run_laid_out(after, operands), run_laid_out(before, operands))


def full(value: Any, t: TensorType) -> np.ndarray:
    """An array of one number; recorded, it is a constant."""
    return np.full(t.shape, value, dtype_name(t.dtype))
