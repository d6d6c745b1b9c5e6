"""Layers that change the values of pixels: sharper, smoother, coarser, inverted, spread over the whole range."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ... import primitives as P
from ...ops.image_windows import filtered
from ...ops.windows import per_axis
from ...primitives.arithmetic import full
from ...serialization import builtin
from ..checks import positive_integer
from .image_layer import Drawn, PointwiseLayer, factor_of


@builtin
class RandomSharpness(PointwiseLayer):
    """In training makes images sharper or smoother.

    Args:
        factor: 0 is smooth, 0.5 changes nothing, 1 is sharpest: a number f for factors from 0 to f, or (lowest,
            highest), from 0 to 1.
        value_range: what values pixels may have; the result is cut to it (default (0, 255)).
        data_format: default `config.image_data_format()`; seed: int (default None: the next default seed).

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> RandomSharpness((0.5, 0.5))([[[10.0], [30.0]]]).ravel().tolist()
    [10.0, 30.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, -1 if isinstance(factor, (list, tuple)) else 0, 1, False)
        self._keep_range(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """A factor for each image."""
        return {"factor": self.uniform((shape[0], 1, 1, 1), *self.factor)}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images blended with their smoothed selves."""
        box = np.ones(3)
        smooth = (filtered(filtered(x, 1, box), 2, box) + x * 4.0) / 13.0  # the pixel counts five times
        return self.in_range(smooth + (x - smooth) * (drawn["factor"] * 2.0))


@builtin
class RandomPosterization(PointwiseLayer):
    """In training keeps only the highest bits of pixels.

    Args:
        factor: how many of 8 bits stay: an integer f for 1 to f - 1, or (lowest, highest).
        value_range: what values pixels may have (default (0, 255)).
        data_format: default `config.image_data_format()`; seed: int (default None: the next default seed).

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> RandomPosterization((2, 2))([[[10.0], [100.0], [200.0]]]).ravel().tolist()
    [0.0, 64.0, 192.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, 1, 8, False)
        if not isinstance(factor, (list, tuple)):
            self.factor = (1, factor)
        self._keep_range(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """For each image the size of a step between two values that stay."""
        low, high = self.factor
        share = self.uniform((shape[0], 1, 1, 1)) * float(max(high - low, 1))
        bits = ops.minimum(ops.floor(share) + float(low), float(max(high - 1, low)))
        return {"step": ops.power(2.0, 8.0 - bits)}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images in few values."""
        whole = ops.floor(self.to_range(x, 0, 255))
        return self.from_range(ops.floor(whole / drawn["step"]) * drawn["step"], 0, 255)


@builtin
class Solarization(PointwiseLayer):
    """In training adds a random number to pixels and inverts those that are then above a random threshold.

    Args:
        addition_factor: a share of the range that is added: a number f for shares from 0 to f, or (lowest, highest),
            from 0 to 1 (default 0).
        threshold_factor: a share of the range, the threshold; the same forms (default 0: all are inverted).
        value_range: what values pixels may have (default (0, 255)).
        seed: int (default None: the next default seed).

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> Solarization()([[[10.0], [200.0]]]).ravel().tolist()
    [245.0, 55.0]
    """

    def __init__(self, addition_factor: Any = 0.0, threshold_factor: Any = 0.0, value_range: Any = (0, 255),
                 seed: int | None = None, **kwargs: Any) -> None:  # fmt: skip
        data_format = kwargs.pop("data_format", None)
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.addition_factor = factor_of(self, "addition_factor", addition_factor, 0, 1, False)
        self.threshold_factor = factor_of(self, "threshold_factor", threshold_factor, 0, 1, False)
        self._keep_range(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """What is added, and the threshold, for each image."""
        one = (shape[0], 1, 1, 1)
        return {"added": self.uniform(one, *self.addition_factor) * 255.0,
                "threshold": self.uniform(one, *self.threshold_factor) * 255.0}  # fmt: skip

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, their light parts inverted."""
        y = ops.clip(self.to_range(x, 0, 255) + drawn["added"], 0.0, 255.0)
        return self.from_range(ops.where(y < drawn["threshold"], y, 255.0 - y), 0, 255)


@builtin
class RandomInvert(PointwiseLayer):
    """In training turns some images into their negatives.

    Args:
        factor: with which probability: a number f for one drawn from 0 to f, or (lowest, highest) (default 1).
        value_range: what values pixels may have (default (0, 255)).
        seed: int (default None: the next default seed); data_format: default `config.image_data_format()`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> RandomInvert((1.0, 1.0))([[[10.0], [200.0]]]).ravel().tolist()
    [245.0, 55.0]
    """

    def __init__(self, factor: Any = 1.0, value_range: Any = (0, 255), seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, 0, 1, False)
        self._keep_range(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """Which images are inverted."""
        return {"chosen": self.chosen(shape[0], self.factor)}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, some of them inverted."""
        return ops.where(drawn["chosen"], float(sum(self.value_range)) - x, x)


@builtin
class RandomGaussianBlur(PointwiseLayer):
    """In training smooths some images.

    Args:
        factor: with which probability: a number f for one drawn from 0 to f, or (lowest, highest) (default 1).
        kernel_size: an integer, or (rows, columns) of the window (default 3).
        sigma: standard deviation in pixels: a number s for one drawn from 0 to s, or (lowest, highest) (default 1).
        value_range: what values pixels may have; the result is cut to it (default (0, 255)).
        data_format: default `config.image_data_format()`; seed: int (default None: the next default seed).

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> RandomGaussianBlur(0.0)([[[10.0], [200.0]]]).ravel().tolist()
    [10.0, 200.0]
    """

    def __init__(
        self, factor: Any = 1.0, kernel_size: Any = 3, sigma: Any = 1.0, value_range: Any = (0, 255),
        data_format: str | None = None, seed: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, 0, 1, False)
        self.kernel_size = per_axis("kernel_size", kernel_size, 2)
        self.sigma = factor_of(self, "sigma", sigma, 0, 1e6, False)
        self._keep_range(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """Which images are smoothed, and how much along each axis."""
        return {"chosen": self.chosen(shape[0], self.factor), "sigma": self.uniform((2,), *self.sigma) + 1e-6}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, some of them smooth."""
        y = x
        for axis in (0, 1):
            y = _smoothed(y, axis + 1, self.kernel_size[axis], drawn["sigma"][axis])
        return self.in_range(ops.where(drawn["chosen"], y, x))


def _smoothed(x: Any, axis: int, size: int, sigma: Any) -> Any:
    """One axis smoothed with a normal density whose width is computed."""
    places = np.arange(size) - (size - 1) / 2
    weights = ops.softmax(np.asarray(-0.5 * places**2, "float32") / (sigma * sigma))
    before = (size - 1) // 2
    wide = ops.pad(x, [(before, size - 1 - before) if a == axis else (0, 0) for a in range(x.ndim)])
    parts = [wide[(slice(None),) * axis + (slice(k, k + x.shape[axis]),)] * weights[k] for k in range(size)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


@builtin
class AutoContrast(PointwiseLayer):
    """Spreads each channel of an image over the whole range of values, in training and after it.

    Args: value_range: what values pixels may have (default (0, 255)).
    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same. A channel of one value stays.

    Example:
    >>> AutoContrast()([[[100.0], [150.0]]]).ravel().tolist()
    [0.0, 255.0]
    """

    active_always = True

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any) -> None:
        data_format = kwargs.pop("data_format", None)
        super().__init__(**kwargs)
        self._start(None, data_format, random=False)
        self._keep_range(value_range)

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images with all the contrast there can be."""
        low, high = (f(x, (1, 2), keepdims=True) for f in (ops.min, ops.max))
        first, last = self.value_range
        span = ops.where(high > low, high - low, 1.0)
        return ops.where(high > low, (x - low) * (float(last - first) / span) + float(first), x)


def histogram(levels: Any, bins: int) -> Any:
    """How often each level 0 ... bins - 1 occurs: (m, pixels) whole numbers -> (m, bins)."""
    m, count = levels.shape
    rows = P.iota(shape=(m, count), axis=0, dtype="int32")
    ones = full((m, count), 1, "float32")
    return P.scatter_add(full((m, bins), 0, "float32"), ops.stack([rows, ops.cast(levels, "int32")], -1), ones)


def looked_up(table: Any, levels: Any) -> Any:
    """(m, bins) at (m, pixels)."""
    return ops.take_along_axis(table, ops.cast(levels, "int32"), 1)


@builtin
class Equalization(PointwiseLayer):
    """In training maps the values of each channel of an image so that all are about equally frequent.

    Args: value_range: what values pixels may have (default (0, 255)); bins: int, the number of levels (default 256);
        data_format: default `config.image_data_format()`.
    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same. Each image by itself.

    Example:
    >>> Equalization()([[[10.0], [11.0], [12.0]]]).ravel().tolist()
    [0.0, 128.0, 255.0]
    """

    def __init__(self, value_range: Any = (0, 255), bins: int = 256, data_format: str | None = None,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(None, data_format, random=False)
        self._keep_range(value_range)
        self.bins = positive_integer(self, "bins", bins)

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images with equalized values."""
        n, height, width, channels = x.shape
        lines = ops.reshape(ops.transpose(self.to_range(x, 0, 255), (0, 3, 1, 2)), (n * channels, height * width))
        levels = ops.floor(ops.clip(lines * ((self.bins - 1) / 255.0), 0.0, float(self.bins - 1)))
        counts = histogram(levels, self.bins)
        below = ops.cumsum(counts, 1)
        lowest = ops.min(ops.where(below > 0, below, float(height * width)), 1, keepdims=True)
        span = below[:, -1:] - lowest
        table = ops.round((below - lowest) * 255.0 / ops.where(span > 0, span, 1.0))
        several = ops.count_nonzero(counts, 1) > 1
        found = ops.where(ops.reshape(several, (-1, 1)), looked_up(ops.clip(table, 0.0, 255.0), levels), lines)
        back = ops.transpose(ops.reshape(ops.cast(found, x.dtype), (n, channels, height, width)), (0, 2, 3, 1))
        return self.from_range(back, 0, 255)


