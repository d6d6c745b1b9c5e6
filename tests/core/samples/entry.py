"""What a row of the sample table is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.errors import ChainruleError
from chainrule.ir import FLOAT, INTEGER, PRIMITIVES, Params, dtype_of, finfo

dtype_of("bfloat16")  # from here on NumPy knows it by its name


@dataclass(frozen=True)
class Sample:
    """Operands and parameters that a primitive accepts.

    `smooth`: the float operands lie where the primitive has a continuous second derivative, so that finite
    differences of its gradient, and of the gradient of its gradient, mean something.
    """

    operands: tuple[np.ndarray, ...]
    params: dict[str, Any] = field(default_factory=dict)
    smooth: bool = False

    def canonical(self, name: str) -> Params:
        """The parameters as an equation holds them."""
        return PRIMITIVES[name].canonical(**self.params)


@dataclass(frozen=True)
class Bad:
    """Operands and parameters that break the constraint `rule`, which the message must cite.

    `when_run`: the types are right; only the numbers are wrong.
    """

    rule: str
    operands: tuple[Any, ...]
    params: dict[str, Any] = field(default_factory=dict)
    error: type[Exception] = ChainruleError
    when_run: bool = False


@dataclass(frozen=True)
class Entry:
    """The samples of one primitive; `ulps`: how far meaning and oracle may lie apart (units in the last place)."""

    good: Sequence[Sample]
    bad: Sequence[Bad] = ()
    ulps: int = 0


def sample(*operands: Any, smooth: bool = False, **params: Any) -> Sample:
    return Sample(tuple(np.asarray(o) for o in operands), params, smooth)


def bad(
    rule: str, *operands: Any, error: type[Exception] = ChainruleError, when_run: bool = False, **params: Any
) -> Bad:
    return Bad(rule, tuple(np.asarray(o) for o in operands), params, error, when_run)


def smooth(*shapes: tuple[int, ...], seed: int = 0, low: float = -2, high: float = 2) -> tuple[np.ndarray, ...]:
    """float64 operands without ties and away from zero."""
    rng = np.random.default_rng(seed)
    return tuple(rng.uniform(low, high, s) for s in shapes)


def numbers(shape: Sequence[int], dtype: str = "float32", seed: int = 0) -> np.ndarray:
    """Small whole numbers and halves (whole for integers, truth values for bool), ties among them."""
    rng = np.random.default_rng(seed)
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    low = 0 if dtype.startswith("u") else -6
    half = 0.5 if dtype in FLOAT else 1
    return (rng.integers(low, 7, shape) * half).astype(dtype)


def special(dtype: str) -> np.ndarray:
    """The numbers of a dtype at which things go wrong."""
    if dtype == "bool":
        return np.array([False, True])
    if dtype in INTEGER:
        info = np.iinfo(dtype)
        small = [0, 1, 2, 3, 5, 7] if info.min == 0 else [-7, -3, -2, -1, 0, 1, 2, 3, 5]
        return np.array([info.min, info.min + 1, *small, info.max - 1, info.max], dtype)
    info = finfo(dtype)
    finite = [-100.5, -2.5, -1.5, -1, -0.5, -0.0, 0, 0.25, 0.5, 1, 1.5, 2.5, 3, 100.5]
    ends = [info.max, -info.max, info.smallest_subnormal, -info.tiny, info.eps]
    return np.array([*finite, *ends, np.inf, -np.inf, np.nan], dtype)


def pairs(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every element of one with every element of the other."""
    x, w = np.meshgrid(a, b, indexing="ij")
    return x.ravel(), w.ravel()


def of_each(dtypes: Iterable[str], make: Any) -> list[Sample]:
    return [make(dtype) for dtype in dtypes]
