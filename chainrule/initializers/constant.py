"""Initializers without chance: constants, the identity, the short-time Fourier transform."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, ShapeError, listed
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object
from .base import Initializer, Shape, checked_dtype, checked_number, checked_shape


@builtin
class Zeros(Initializer):
    """Zeros.

    >>> Zeros()((2,)).tolist()
    [0.0, 0.0]
    """

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        return ops.zeros(checked_shape("Zeros", shape), checked_dtype(dtype))


@builtin
class Ones(Initializer):
    """Ones.

    >>> Ones()((2,)).tolist()
    [1.0, 1.0]
    """

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        return ops.ones(checked_shape("Ones", shape), checked_dtype(dtype))


@builtin
class Constant(Initializer):
    """One number everywhere, or given numbers.

    Args: value: a number (default 0), or an array that broadcasts to the shape.
    Raises: ShapeError: the array does not broadcast to the shape.

    >>> Constant(0.5)((2,)).tolist()
    [0.5, 0.5]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        return ops.full(checked_shape("Constant", shape), self.value, checked_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        plain = isinstance(self.value, (bool, int, float))
        return {"value": self.value if plain else serialize_keras_object(np.asarray(self.value))}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constant:
        return cls(deserialize_keras_object(config["value"]))


@builtin
class Identity(Initializer):
    """gain times the identity matrix; for other than square shapes, ones on the main diagonal.

    Args: gain: number (default 1).
    Shapes: a matrix.
    Raises: ShapeError: not the shape of a matrix.

    >>> Identity(2.0)((2, 2)).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = checked_number("Identity", "gain", gain)

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        return ops.eye(*checked_shape("Identity", shape, "matrix"), dtype=checked_dtype(dtype)) * self.gain

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}


_COSINES = {  # the coefficients of 1, -cos(t), cos(2t), ...
    "boxcar": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}


_EDGES = {  # from the distance to the nearer end, as a share of the whole
    "bartlett": lambda s: 2 * s,
    "tukey": lambda s: np.where(s < 0.25, (1 - np.cos(4 * math.pi * s)) / 2, 1.0),
}
WINDOWS = (*_COSINES, *_EDGES)


def named_window(name: str, length: int, periodic: bool) -> np.ndarray:
    """One of `WINDOWS`, of a length: one period of its cosines, the last sample left out if periodic."""
    s = np.arange(length) / max(length if periodic else length - 1, 1)
    if name in _EDGES:
        return _EDGES[name](np.minimum(s, 1 - s))
    return np.sum([c * (-1) ** k * np.cos(2 * math.pi * k * s) for k, c in enumerate(_COSINES[name])], axis=0)


@builtin
class STFT(Initializer):
    """The kernel of a 1D convolution that computes a short-time Fourier transform, its real or its imaginary part.

    Args: side: 'real' (default) or 'imag'; window: 'hann' (default), another name, its numbers, or None (no window, and
        no scaling); scaling: 'density' (default), 'spectrum' or None; periodic: bool (default False), whether the
        window is one period rather than symmetric.
    Shapes: (length of the frame, 1, n), with n frequencies from 0 to 2 (n - 1) samples a period.
    Raises: ArgumentError: an argument is not one of those; ShapeError: another shape, or the window has another length.
    Source: Allen and Rabiner 1977, "A unified approach to short-time Fourier analysis and synthesis".

    >>> STFT(window=None)((2, 1, 2)).tolist()
    [[[1.0, 1.0]], [[1.0, -1.0]]]
    """

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ) -> None:
        for name, value, allowed in [
            ("side", side, ("real", "imag")),
            ("window", window if isinstance(window, str) else None, (*WINDOWS, None)),
            ("scaling", scaling, ("density", "spectrum", None)),
        ]:
            if value not in allowed:
                raise ArgumentError(f"STFT: expected {name} to be one of {listed(allowed)}; got {value!r}.")
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        sizes = checked_shape("STFT", shape)
        if len(sizes) != 3 or sizes[1] != 1:
            raise ShapeError(f"STFT: expected a shape (length of the frame, 1, frequencies); got {sizes}.")
        (length, _, count), dtype = sizes, checked_dtype(dtype)
        angles = 2 * math.pi * np.outer(np.arange(length), np.arange(count)) / max(2 * (count - 1), 1)
        waves = np.cos(angles) if self.side == "real" else -np.sin(angles)
        return ops.convert_to_tensor((waves * self._factors(length)[:, None])[:, None, :].astype(dtype))

    def _factors(self, length: int) -> np.ndarray:
        """The window, scaled."""
        if self.window is None:
            return np.ones(length)
        named = isinstance(self.window, str)
        window = named_window(self.window, length, self.periodic) if named else np.asarray(self.window, np.float64)
        if window.shape != (length,):
            raise ShapeError(f"STFT: expected a window of {length} numbers, as the frame has; got {window.shape}.")
        scale = {"density": math.sqrt(np.sum(window**2)), "spectrum": np.sum(np.abs(window)), None: 1.0}
        return window / scale[self.scaling]

    def get_config(self) -> dict[str, Any]:
        window = self.window if isinstance(self.window, (str, type(None))) else np.asarray(self.window).tolist()
        return {"side": self.side, "window": window, "scaling": self.scaling, "periodic": self.periodic}
