"""What a value is: a dtype and a static shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import DTypeError, ShapeError

# The order is the order of promotion inside a kind.
BOOL = ("bool",)
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
FLOAT = ("float16", "float32", "float64")
INTEGER = SIGNED + UNSIGNED
NUMBER = INTEGER + FLOAT
DTYPES = BOOL + NUMBER


_NAMES = {np.dtype(name): name for name in DTYPES}  # NumPy's own `dtype.name` is slow


def dtype_name(dtype: Any) -> str:
    """The name of a dtype given as a name, a NumPy dtype, a Python type or anything with a `name`.

    >>> dtype_name(np.float32), dtype_name("int64"), dtype_name(bool)
    ('float32', 'int64', 'bool')
    """
    if isinstance(dtype, str) and dtype in DTYPES:
        return dtype
    if isinstance(dtype, np.dtype) and dtype in _NAMES:
        return _NAMES[dtype]
    name = getattr(dtype, "name", None)
    if name not in DTYPES:
        try:
            name = np.dtype(dtype).name
        except TypeError:
            name = repr(dtype)
    if name not in DTYPES:
        raise DTypeError(f"expected a dtype among {', '.join(DTYPES)}; got {name}.")
    return str(name)


@dataclass(frozen=True, slots=True)
class TensorType:
    """A dtype (one of `DTYPES`) and a shape of non-negative integers.

    >>> str(TensorType("float32", (32, 8)))
    'float32[32,8]'
    """

    dtype: str
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise DTypeError(f"expected a dtype among {', '.join(DTYPES)}; got {self.dtype!r}.")
        for n in self.shape:
            if not isinstance(n, int) or n < 0:
                raise ShapeError(f"expected a shape of non-negative integers; got {self.shape}.")

    def __str__(self) -> str:
        return f"{self.dtype}[{','.join(map(str, self.shape))}]"

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        size = 1
        for n in self.shape:
            size *= n
        return size

    def with_shape(self, shape: Iterable[int]) -> TensorType:
        return TensorType(self.dtype, tuple(shape))

    def with_dtype(self, dtype: str) -> TensorType:
        return TensorType(dtype, self.shape)


def type_of(array: np.ndarray) -> TensorType:
    """The type of a NumPy array.

    >>> str(type_of(np.zeros((2, 3), "float32")))
    'float32[2,3]'
    """
    return _type(array.dtype, array.shape)


@lru_cache(4096)
def _type(dtype: np.dtype[Any], shape: tuple[int, ...]) -> TensorType:
    return TensorType(dtype_name(dtype), shape)
