"""Complex numbers in `tf`: a pair of tensors that is reckoned with as one. Tensors themselves hold real numbers."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ... import ops
from ...ir import Tensor

_OPERATORS = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.true_divide: operator.truediv,
}  # fmt: skip


class Complex:
    """A tensor of complex numbers. Args: re, im: tensors of one shape.

    >>> z = Complex(ops.convert_to_tensor([3.0]), ops.convert_to_tensor([4.0]))
    >>> abs(z).tolist(), (z * z).numpy().tolist()
    ([5.0], [(-7+24j)])
    """

    def __init__(self, re: Any, im: Any) -> None:
        self.re, self.im = ops.convert_to_tensor(re), ops.convert_to_tensor(im)

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes."""
        return self.re.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def dtype(self) -> str:
        """'complex64', or 'complex128' for parts in float64."""
        return "complex128" if self.re.type.dtype == "float64" else "complex64"

    def numpy(self) -> np.ndarray:
        """NumPy's complex numbers."""
        return (np.asarray(self.re) + 1j * np.asarray(self.im)).astype(self.dtype)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self.numpy(), dtype or self.dtype)

    def __array_ufunc__(self, function: Any, method: str, *operands: Any, **kwargs: Any) -> Any:
        """NumPy's functions of the numbers; its operators, between an array and these, leave the work to this class."""
        if function in _OPERATORS and method == "__call__" and not kwargs:
            return _OPERATORS[function](as_complex(operands[0]), operands[1])
        arrays = (np.asarray(x) for x in operands)
        return getattr(function, method)(*arrays, **kwargs)

    def __len__(self) -> int:
        return len(self.re)

    def __getitem__(self, key: Any) -> Complex:
        return Complex(self.re[key], self.im[key])

    def __abs__(self) -> Tensor:
        return ops.sqrt(self.re * self.re + self.im * self.im)  # type: ignore[no-any-return]

    def __neg__(self) -> Complex:
        return Complex(-self.re, -self.im)

    def __add__(self, other: Any) -> Complex:
        z = as_complex(other)
        return Complex(self.re + z.re, self.im + z.im)

    def __sub__(self, other: Any) -> Complex:
        z = as_complex(other)
        return Complex(self.re - z.re, self.im - z.im)

    def __rsub__(self, other: Any) -> Complex:
        return as_complex(other) - self

    def __mul__(self, other: Any) -> Complex:
        z = as_complex(other)
        return Complex(self.re * z.re - self.im * z.im, self.re * z.im + self.im * z.re)

    def __truediv__(self, other: Any) -> Complex:
        z = as_complex(other)
        size, up = z.re * z.re + z.im * z.im, self * Complex(z.re, -z.im)
        return Complex(up.re / size, up.im / size)

    def __rtruediv__(self, other: Any) -> Complex:
        return as_complex(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __repr__(self) -> str:
        return repr(self.numpy()).replace("array(", "Complex(", 1)


def as_complex(value: Any) -> Complex:
    """A complex tensor, whose imaginary part is zero for real numbers."""
    if isinstance(value, Complex):
        return value
    if isinstance(value, builtins.complex) or (isinstance(value, np.ndarray) and value.dtype.kind == "c"):
        kind = "float64" if getattr(value, "dtype", None) == np.complex128 else "float32"
        return Complex(np.asarray(np.real(value), kind), np.asarray(np.imag(value), kind))
    x = ops.convert_to_tensor(value)
    return Complex(x, ops.zeros_like(x))


def on_parts(function: Callable[..., Any]) -> Callable[..., Any]:
    """A linear function of tensors that takes complex ones too: it is applied to both parts."""

    @wraps(function)
    def wrapper(x: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(x, Complex):
            return Complex(function(x.re, *args, **kwargs), function(x.im, *args, **kwargs))
        if isinstance(x, (list, tuple)) and any(isinstance(item, Complex) for item in x):
            parts = [as_complex(item) for item in x]
            found = [function([getattr(z, side) for z in parts], *args, **kwargs) for side in ("re", "im")]
            return Complex(*found)
        return function(x, *args, **kwargs)

    return wrapper


def complex(real: Any, imag: Any, name: str | None = None) -> Complex:
    """Complex numbers from their parts."""
    return Complex(real, imag)


def real(input: Any, name: str | None = None) -> Any:
    """The real parts."""
    return input.re if isinstance(input, Complex) else ops.convert_to_tensor(input)


def imag(input: Any, name: str | None = None) -> Any:
    """The imaginary parts."""
    return as_complex(input).im


def conj(x: Any, name: str | None = None) -> Any:
    """The conjugates."""
    return Complex(x.re, -x.im) if isinstance(x, Complex) else x


def angle(input: Any, name: str | None = None) -> Any:
    """The angles."""
    z = as_complex(input)
    return ops.arctan2(z.im, z.re)


__all__ = ["Complex", "angle", "complex", "conj", "imag", "real"]
