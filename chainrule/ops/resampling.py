"""An axis made longer: new elements between the old ones, as a product with a matrix that the sizes alone decide."""

from __future__ import annotations

import numpy as np

from .. import primitives as P
from ..ir import Tensor


def _triangle(x: np.ndarray) -> np.ndarray:
    """Straight lines between neighbours."""
    return np.maximum(1.0 - np.abs(x), 0.0)


def _cubic(x: np.ndarray) -> np.ndarray:
    """Cubic convolution with a = -1/2 (Keys 1981, equation 15)."""
    x = np.abs(x)
    near, far = (1.5 * x - 2.5) * x * x + 1.0, ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def _lanczos(x: np.ndarray, reach: int) -> np.ndarray:
    """sinc(x) sinc(x / reach) within reach (Duchon 1979)."""
    return np.where(np.abs(x) < reach, np.sinc(x) * np.sinc(x / reach), 0.0)


KERNELS = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": lambda x: _lanczos(x, 3),
    "lanczos5": lambda x: _lanczos(x, 5),
}


def weights(size: int, factor: int, interpolation: str) -> np.ndarray:
    """(size factor, size): what each old element gives to each new one; the rows sum to 1, also at the edges.

    >>> weights(2, 2, "bilinear").tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    places = (np.arange(size * factor) + 0.5) / factor - 0.5  # where the middle of each new element lies
    found = KERNELS[interpolation](places[:, None] - np.arange(size))
    return found / found.sum(1, keepdims=True)


def resampled(x: Tensor, axis: int, factor: int, interpolation: str) -> Tensor:
    """x with an axis made `factor` times as long."""
    matrix = P.constant(value=weights(x.shape[axis], factor, interpolation).astype(x.dtype))
    y = P.dot_general(x, matrix, contract=((axis,), (1,)))
    return P.transpose(y, axes=(*range(axis), y.ndim - 1, *range(axis, y.ndim - 1)))
