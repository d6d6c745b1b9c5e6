"""`tf.float32` and the others: strings that also answer to TensorFlow's attributes of a dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ir import DTYPES, FLOAT, INTEGER, dtype_name


class DType(str):
    """A dtype: `tf.float32 == "float32"`.

    >>> float32.is_floating, float32.name, np.zeros(2, float32).dtype
    (True, 'float32', dtype('float32'))
    """

    __slots__ = ()

    @property
    def name(self) -> str:
        """The plain name."""
        return str.__str__(self)

    @property
    def as_numpy_dtype(self) -> Any:
        """NumPy's type of this name."""
        return np.dtype(self.name).type

    @property
    def is_floating(self) -> bool:
        """Whether it holds floats."""
        return self.name in FLOAT

    @property
    def is_complex(self) -> bool:
        """Whether it holds complex numbers."""
        return self.name.startswith("complex")

    @property
    def max(self) -> Any:
        """The largest number."""
        return (np.finfo if self.is_floating else np.iinfo)(self.name).max

    @property
    def min(self) -> Any:
        """The smallest number."""
        return (np.finfo if self.is_floating else np.iinfo)(self.name).min

    @property
    def size(self) -> int:
        """The bytes of an element."""
        return np.dtype(self.name).itemsize

    @property
    def is_integer(self) -> bool:
        """Whether it holds integers."""
        return self.name in INTEGER

    @property
    def is_bool(self) -> bool:
        """Whether it holds truth values."""
        return self.name == "bool"

    def __repr__(self) -> str:
        return f"tf.{self.name}"


class TextType(DType):
    """The dtype of text, which NumPy calls otherwise: `x.dtype == tf.string` of an array of strings."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True or (isinstance(other, np.dtype) and other.kind in "OSU")

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = DType.__hash__


def as_dtype(type_value: Any) -> DType:
    """The dtype of a name, a NumPy dtype or a Python type.

    >>> as_dtype(np.int64)
    tf.int64
    """
    return DType(dtype_name(type_value))


half, double, string = DType("float16"), DType("float64"), TextType("string")
complex64, complex128, bfloat16 = DType("complex64"), DType("complex128"), DType("bfloat16")
globals().update({name: DType(name) for name in DTYPES})  # `bool = ...` would hide the type from the annotations above

__all__ = ["DType", "as_dtype", "bfloat16", "complex64", "complex128", "double", "half", "string", *DTYPES]  # noqa: PLE0604
