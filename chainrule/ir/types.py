"""What a value is: a dtype and a static shape."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ..errors import DependencyError, DTypeError, ShapeError

# The order is the order of promotion inside a kind.
BOOL = ("bool",)
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
FLOAT = ("float16", "bfloat16", "float32", "float64")
INTEGER = SIGNED + UNSIGNED
NUMBER = INTEGER + FLOAT
DTYPES = BOOL + NUMBER


NARROW = ("float16", "bfloat16")  # floats that are stored so, and computed in float32

_NAMES = {np.dtype(name): name for name in DTYPES if name != "bfloat16"}  # NumPy's own `dtype.name` is slow


@cache
def know_bfloat16() -> None:
    """Make NumPy know the dtype 'bfloat16', by that name.

    Raises: DependencyError: ml_dtypes is not installed.
    """
    try:
        import ml_dtypes
    except ImportError:
        raise DependencyError("the dtype bfloat16 needs ml_dtypes: pip install ml_dtypes.") from None
    _NAMES[np.dtype(ml_dtypes.bfloat16)] = "bfloat16"


def dtype_of(name: str) -> np.dtype[Any]:
    """The NumPy dtype of a name among `DTYPES`.

    >>> dtype_of("bfloat16").itemsize
    2
    """
    return np.dtype(dtype_name(name))


def kind_of(dtype: np.dtype[Any]) -> str:
    """NumPy's letter for the kind of a dtype; 'f' for bfloat16 too, which NumPy itself does not know.

    >>> kind_of(np.dtype("int8")), kind_of(np.dtype("float32"))
    ('i', 'f')
    """
    return "f" if dtype.kind == "V" and _NAMES.get(dtype) == "bfloat16" else dtype.kind


def finfo(dtype: str) -> Any:
    """The limits of a float dtype, as `np.finfo` gives them.

    >>> float(finfo("bfloat16").eps)
    0.0078125
    """
    if dtype != "bfloat16":
        return np.finfo(dtype)
    know_bfloat16()
    import ml_dtypes

    return ml_dtypes.finfo("bfloat16")


def dtype_name(dtype: Any) -> str:
    """The name of a dtype given as a name, a NumPy dtype, a Python type or anything with a `name`.

    >>> dtype_name(np.float32), dtype_name("int64"), dtype_name(bool)
    ('float32', 'int64', 'bool')
    """
    if isinstance(dtype, str) and dtype in DTYPES:
        if dtype == "bfloat16":
            know_bfloat16()
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
    if name == "bfloat16":
        know_bfloat16()
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
        if self.dtype == "bfloat16":
            know_bfloat16()
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
        return math.prod(self.shape)

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
