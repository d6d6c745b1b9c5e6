"""What every initializer is: a callable from a shape and a dtype to a tensor."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from .. import config as settings
from ..errors import ArgumentError, ShapeError, UnsupportedError
from ..ir import dtype_name
from ..serialization import builtin

Shape = Sequence[int]


@builtin
class Initializer:
    """Base of all initializers: a subclass overrides `__call__(shape, dtype=None)` and `get_config`.

    >>> class Twos(Initializer):
    ...     def __call__(self, shape, dtype=None): return np.full(shape, 2.0)
    >>> Twos()((2,)).tolist()
    [2.0, 2.0]
    """

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        """A tensor of that shape and dtype (default `floatx`)."""
        raise UnsupportedError(f"{type(self).__name__} has no __call__(shape, dtype=None); define it.")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initializer."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """An initializer from what `get_config` returned."""
        return cls(**config)

    def clone(self) -> Self:
        """A copy; a random one without a seed draws other numbers than this one."""
        return type(self).from_config(copy.copy(self.get_config()))

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


def checked_shape(place: str, shape: Any, rank: str = "") -> tuple[int, ...]:
    """A shape as a tuple of integers; `rank` 'matrix' or 'at least a matrix' asks for two axes, or for more."""
    sizes = tuple(shape) if isinstance(shape, (list, tuple, np.ndarray)) else (shape,)
    if any(not hasattr(n, "__index__") or n < 0 for n in sizes):
        raise ShapeError(f"{place}: expected a shape of non-negative integers; got {shape!r}.")
    if (rank == "matrix" and len(sizes) != 2) or (rank and len(sizes) < 2):
        raise ShapeError(f"{place}: expected the shape of {rank}; got {sizes}, which has {len(sizes)} axes.")
    return tuple(int(n) for n in sizes)


def checked_dtype(dtype: Any) -> str:
    """The name of the dtype asked for, `floatx` for None."""
    return dtype_name(dtype or settings.floatx())


def checked_number(place: str, name: str, value: Any) -> float:
    """A Python number from a number."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise ArgumentError(f"{place}: expected {name} to be a number; got {value!r} ({type(value).__name__}).")
    return value if isinstance(value, (int, float)) else float(value)
