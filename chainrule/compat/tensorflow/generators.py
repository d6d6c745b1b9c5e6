"""`tf.random.Generator`, and random numbers that a seed of two integers fixes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import ops
from ... import random as _random
from ...variables import SeedGenerator
from . import random as _numbers


class Generator:
    """A source of random numbers of its own.

    Args: seed: an integer.

    >>> Generator.from_seed(1).normal((2,)).tolist() == Generator.from_seed(1).normal((2,)).tolist()
    True
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        self._seeds = SeedGenerator(seed)

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """One that gives the same numbers for the same seed."""
        return cls(int(seed))

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """One whose seed nobody chose."""
        return cls()

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", name: Any = None) -> Any:
        """Normal numbers."""
        return _random.normal(_shape(shape), mean, stddev, dtype, self._seeds)

    def uniform(self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32", name: Any = None) -> Any:
        """Uniform numbers in [minval, maxval)."""
        return _numbers.uniform(_shape(shape), minval, maxval, dtype, self._seeds)  # type: ignore[arg-type]

    def truncated_normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Normal numbers of which those beyond two standard deviations are never drawn."""
        return _random.truncated_normal(_shape(shape), mean, stddev, dtype, self._seeds)

    def make_seeds(self, count: int = 1) -> Any:
        """(2, count) integers, for the functions that begin with stateless_."""
        return _random.randint((2, int(count)), 0, 2**31 - 1, "int64", self._seeds)

    def split(self, count: int = 1) -> list[Generator]:
        """Several new ones."""
        return [Generator(int(seed)) for seed in np.asarray(self.make_seeds(count))[0]]

    def reset_from_seed(self, seed: Any) -> None:
        """Begin again."""
        self._seeds = SeedGenerator(int(seed))


def _shape(shape: Any) -> tuple[int, ...]:
    return tuple(int(n) for n in np.ravel(np.asarray(shape)))


_global: list[Generator] = []


def get_global_generator() -> Generator:
    """The one that scripts share."""
    if not _global:
        _global.append(Generator())
    return _global[0]


def set_global_generator(generator: Generator) -> None:
    """The one that scripts share from now on."""
    _global[:] = [generator]


def seed_of(seed: Any) -> int:
    """One integer for two."""
    low, high = (int(n) for n in np.asarray(seed, np.int64))
    return (low * 1_000_003 + high) & 0x7FFFFFFF


def _stateless(draw: Callable[..., Any]) -> Callable[..., Any]:
    def function(shape: Any, seed: Any, *args: Any, alg: Any = None, name: Any = None, **kwargs: Any) -> Any:
        return draw(_shape(shape), *args, seed=seed_of(seed), **kwargs)

    function.__doc__ = f"`tf.random.{draw.__name__}` with the numbers that a seed of two integers fixes."
    return function


stateless_uniform = _stateless(_numbers.uniform)
stateless_normal = _stateless(_numbers.normal)
stateless_truncated_normal = _stateless(_numbers.truncated_normal)


def stateless_categorical(logits: Any, num_samples: Any, seed: Any, dtype: Any = "int64", name: Any = None) -> Any:
    """Classes drawn with probabilities softmax(logits)."""
    return _numbers.categorical(logits, num_samples, dtype, seed_of(seed))


def stateless_shuffle(value: Any, seed: Any, alg: Any = None, name: Any = None) -> Any:
    """The rows in an order that the seed fixes."""
    return _numbers.shuffle(value, seed_of(seed))


def split(seed: Any, num: int = 2, alg: Any = None) -> Any:
    """(num, 2): further seeds."""
    return _random.randint((int(num), 2), 0, 2**31 - 1, "int32", seed_of(seed))


def fold_in(seed: Any, data: Any, alg: Any = None) -> Any:
    """Another seed for each number."""
    return _random.randint((2,), 0, 2**31 - 1, "int32", seed_of((seed_of(seed), int(data))))


def poisson(shape: Sequence[int], lam: Any, dtype: Any = "float32", seed: Any = None, name: Any = None) -> Any:
    """Counts of events of which `lam` are expected, `shape` of them for each: outside of Programs."""
    rates = np.asarray(lam, np.float64)
    drawn = _generator(seed).poisson(rates, (*_shape(shape), *rates.shape))
    return ops.convert_to_tensor(drawn.astype(str(dtype)))


def _generator(seed: Any) -> np.random.Generator:
    key = _random.randint((2,), 0, 2**31 - 1, "int64", seed).numpy()
    return np.random.Generator(np.random.Philox(key=int(key[0]) << 32 | int(key[1])))


__all__ = [
    "Generator", "fold_in", "get_global_generator", "poisson", "set_global_generator", "split",
    "stateless_categorical", "stateless_normal", "stateless_shuffle", "stateless_truncated_normal",
    "stateless_uniform",
]  # fmt: skip
