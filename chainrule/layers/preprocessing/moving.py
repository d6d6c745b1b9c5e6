"""Layers that move the pixels of images: flipped, turned, zoomed, shifted, slanted, seen from aside, wrinkled."""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...errors import ArgumentError, UnsupportedError
from ...ops.image_sampling import INTERPOLATIONS, MODES, homography, transformed, wrinkled
from ...serialization import builtin
from ..checks import label, number, one_of
from .image_layer import Drawn, ImageLayer, factor_of

FLIPS = ("horizontal", "vertical", "horizontal_and_vertical")


@builtin
class RandomFlip(ImageLayer):
    """In training mirrors each image with probability 1/2.

    Args: mode: 'horizontal' (left and right), 'vertical' or 'horizontal_and_vertical' (default: each with probability
        1/2); seed: int (default None: the next default seed); data_format: default `config.image_data_format()`.
    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> sorted({tuple(RandomFlip("horizontal", seed=k)([[[1.0], [2.0]]]).ravel().tolist()) for k in range(9)})
    [(1.0, 2.0), (2.0, 1.0)]
    """

    moves = True

    def __init__(self, mode: str = FLIPS[2], seed: int | None = None, data_format: str | None = None,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.mode = one_of(self, "mode", mode, FLIPS)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """For each image whether it is mirrored in each direction."""
        names = [name for name in ("horizontal", "vertical") if name in self.mode]
        return {name: self.uniform((shape[0], 1, 1, 1)) <= 0.5 for name in names}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, some of them mirrored."""
        for name, axis in (("horizontal", 2), ("vertical", 1)):
            if name in drawn:
                x = ops.where(drawn[name], ops.flip(x, axis), x)
        return x

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """The boxes, mirrored as their images are."""
        height, width = drawn["size"]
        corners = ops.split(boxes, 4, -1)
        for name, side, first in (("horizontal", width, 0), ("vertical", height, 1)):
            if name in drawn:
                chosen, low, high = ops.squeeze(drawn[name], -1), corners[first], corners[first + 2]
                corners[first] = ops.where(chosen, side - high, low)
                corners[first + 2] = ops.where(chosen, side - low, high)
        return ops.concatenate(corners, -1)


class _Transforming(ImageLayer):
    """Base: images under a transform with the eight numbers of `ops.image.affine_transform`."""

    moves = True
    fill_value: float
    fill_mode = "constant"

    def _keep_filling(self, fill_mode: str, interpolation: str, fill_value: float) -> None:
        self.fill_mode = one_of(self, "fill_mode", fill_mode, MODES)
        self.interpolation = one_of(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = fill_value

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, moved."""
        return transformed(x, drawn["transform"], self.interpolation, self.fill_mode, self.fill_value)

    def change_masks(self, x: Any, drawn: Drawn) -> Any:
        """The masks, moved to the nearest pixels."""
        return transformed(x, drawn["transform"], "nearest", self.fill_mode, self.fill_value)

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """The upright boxes around the moved corners."""
        return _moved(boxes, drawn["transform"])


def _transform(n: int, *eight: Any) -> Any:
    """(n, 8) from eight numbers or vectors (n,)."""
    return ops.stack([ops.broadcast_to(ops.convert_to_tensor(v, "float32"), (n,)) for v in eight], -1)


def _moved(boxes: Any, transform: Any) -> Any:
    """Boxes (n, boxes, 4) where a transform, which says where pixels come from, puts their corners."""
    a, b, c, d, e, f, g, h = (ops.reshape(v, (-1, 1, 1)) for v in ops.split(transform, 8, -1))
    x1, y1, x2, y2 = (ops.squeeze(v, -1) for v in ops.split(boxes, 4, -1))
    x, y = ops.stack([x1, x2, x2, x1], -1), ops.stack([y1, y1, y2, y2], -1)
    scale = (d * h - e * g) * x + (b * g - a * h) * y + (a * e - b * d)  # of the inverse matrix, up to a factor
    new_x = ((e - f * h) * x + (c * h - b) * y + (b * f - c * e)) / scale
    new_y = ((f * g - d) * x + (a - c * g) * y + (c * d - a * f)) / scale
    return ops.stack([ops.min(new_x, -1), ops.min(new_y, -1), ops.max(new_x, -1), ops.max(new_y, -1)], -1)


@builtin
class RandomRotation(_Transforming):
    """In training turns each image around its middle.

    Args:
        factor: a share of a whole turn, counterclockwise: a number f for angles from -f to f turns, or (lowest,
            highest), from -1 to 1.
        fill_mode: what comes in at the edges: 'reflect' (default), 'constant', 'wrap', 'nearest' or 'mirror'.
        interpolation: 'bilinear' (default) or 'nearest'.
        seed: int (default None: the next default seed).
        fill_value: number for 'constant' (default 0).
        data_format: default `config.image_data_format()`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> RandomRotation((0.25, 0.25))([[[1.0], [2.0]], [[3.0], [4.0]]]).numpy().round(3).tolist()
    [[[2.0], [4.0]], [[1.0], [3.0]]]
    """

    def __init__(
        self, factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear", seed: int | None = None,
        fill_value: float = 0.0, data_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, -1, 1, centred=True)
        self._keep_filling(fill_mode, interpolation, fill_value)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """An angle for each image."""
        n, height, width, _ = shape
        angle = self.uniform((n,), *(f * 2 * math.pi for f in self.factor))
        sine, cosine = ops.sin(angle), ops.cos(angle)
        x, y = (width - 1) / 2, (height - 1) / 2
        shift_x, shift_y = x - cosine * x + sine * y, y - sine * x - cosine * y
        return {"transform": _transform(n, cosine, -sine, shift_x, sine, cosine, shift_y, 0, 0)}


@builtin
class RandomZoom(_Transforming):
    """In training makes each image larger or smaller around its middle.

    Args:
        height_factor: how much more of the height is seen: a number f for shares from -f to f, or (lowest, highest);
            0.2 makes things a fifth smaller, -0.2 larger.
        width_factor: the same for the width (default None: the image keeps its proportions).
        fill_mode, interpolation, seed, fill_value, data_format: as for `RandomRotation`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> layer = RandomZoom((-0.5, -0.5), interpolation="nearest")
    >>> layer([[[1.0], [2.0], [3.0], [4.0]]]).ravel().tolist()
    [2.0, 2.0, 3.0, 3.0]
    """

    def __init__(
        self, height_factor: Any, width_factor: Any = None, fill_mode: str = "reflect",
        interpolation: str = "bilinear", seed: int | None = None, fill_value: float = 0.0,
        data_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.height_factor, self.width_factor = _pair(height_factor), _pair(width_factor)
        self._high = factor_of(self, "height_factor", height_factor, -1, 1, centred=True)
        same = width_factor is None
        self._wide = self._high if same else factor_of(self, "width_factor", width_factor, -1, 1, centred=True)
        self._keep_filling(fill_mode, interpolation, fill_value)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """Two factors for each image."""
        n, height, width, _ = shape
        down = self.uniform((n,), *self._high) + 1.0
        across = down if self.width_factor is None else self.uniform((n,), *self._wide) + 1.0
        shift_x, shift_y = (1.0 - across) * ((width - 1) / 2), (1.0 - down) * ((height - 1) / 2)
        return {"transform": _transform(n, across, 0, shift_x, 0, down, shift_y, 0, 0)}


@builtin
class RandomTranslation(_Transforming):
    """In training shifts each image.

    Args:
        height_factor: a share of the height, downwards: a number f for shares from -f to f, or (lowest, highest).
        width_factor: a share of the width, to the right.
        fill_mode, interpolation, seed, fill_value, data_format: as for `RandomRotation`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> layer = RandomTranslation(0, (0.5, 0.5), fill_mode="constant", fill_value=9.0)
    >>> layer([[[1.0], [2.0], [3.0], [4.0]]]).ravel().tolist()
    [9.0, 9.0, 1.0, 2.0]
    """

    def __init__(
        self, height_factor: Any, width_factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear",
        seed: int | None = None, fill_value: float = 0.0, data_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.height_factor, self.width_factor = _pair(height_factor), _pair(width_factor)
        self._high = factor_of(self, "height_factor", height_factor, -1, 1, centred=True)
        self._wide = factor_of(self, "width_factor", width_factor, -1, 1, centred=True)
        self._keep_filling(fill_mode, interpolation, fill_value)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """Two steps for each image."""
        n, height, width, _ = shape
        down, across = self.uniform((n,), *self._high) * height, self.uniform((n,), *self._wide) * width
        return {"transform": _transform(n, 1, 0, -across, 0, 1, -down, 0, 0)}


@builtin
class RandomShear(_Transforming):
    """In training slants each image.

    Args:
        x_factor: how many columns a row is shifted against the row above it: a number f for up to f in both directions,
            or (lowest, highest) with a random sign, from 0 to 1 (default 0).
        y_factor: the same for columns (default 0).
        interpolation, fill_mode, fill_value, data_format, seed: as for `RandomRotation`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> RandomShear(0.0)([[[1.0], [2.0]]]).ravel().tolist()
    [1.0, 2.0]
    """

    def __init__(
        self, x_factor: Any = 0.0, y_factor: Any = 0.0, interpolation: str = "bilinear", fill_mode: str = "reflect",
        fill_value: float = 0.0, data_format: str | None = None, seed: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.x_factor = _shearing(self, "x_factor", x_factor)
        self.y_factor = _shearing(self, "y_factor", y_factor)
        self._keep_filling(fill_mode, interpolation, fill_value)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """Two slants for each image."""
        n, sign = shape[0], self.sign((shape[0],))
        down, across = self.uniform((n,), *self.y_factor) * sign, self.uniform((n,), *self.x_factor) * sign
        return {"transform": _transform(n, 1, across, 0, down, 1, 0, 0, 0)}


def _pair(factor: Any) -> Any:
    """A number as it is, two as a tuple: what a file gives back as a list is the same to the configuration."""
    return tuple(factor) if isinstance(factor, list) else factor


def _shearing(layer: RandomShear, name: str, value: Any) -> tuple[float, float]:
    """A pair from 0 to 1, or the two that a number stands for."""
    low = -1 if isinstance(value, (list, tuple)) and tuple(value) == (-abs(value[1]), abs(value[1])) else 0
    return factor_of(layer, name, value, low, 1, centred=True)


@builtin
class RandomPerspective(_Transforming):
    """In training shows some images from another side: their corners are moved.

    Args:
        factor: with which probability: a number f for one drawn from 0 to f, or (lowest, highest) (default 1).
        scale: number from 0 to 1, how far the corners move: up to half of it times their distance (default 1).
        interpolation: 'bilinear' (default) or 'nearest'.
        fill_value: what comes in at the edges (default 0).
        seed: int (default None: the next default seed).
        data_format: default `config.image_data_format()`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> RandomPerspective(0.0)([[[1.0], [2.0]]]).ravel().tolist()
    [1.0, 2.0]
    """

    def __init__(
        self, factor: Any = 1.0, scale: float = 1.0, interpolation: str = "bilinear", fill_value: float = 0.0,
        seed: int | None = None, data_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, 0, 1, centred=False)
        self.scale = number(self, "scale", scale, 0, 1)
        self._keep_filling("constant", interpolation, fill_value)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """Where the corners go."""
        n, height, width, _ = shape
        corners = [[0.0, 0.0], [width - 1.0, 0.0], [0.0, height - 1.0], [width - 1.0, height - 1.0]]
        start = ops.broadcast_to(ops.convert_to_tensor([corners], "float32"), (n, 4, 2))
        moved = start * (1.0 + self.uniform((n, 4, 2), -0.5 * self.scale, 0.5 * self.scale))
        return {"transform": homography(start, moved), "chosen": self.chosen(n, self.factor)}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, some of them from another side."""
        return ops.where(drawn["chosen"], super().change(x, drawn), x)

    def change_masks(self, x: Any, drawn: Drawn) -> Any:
        """The masks of the images."""
        return ops.where(drawn["chosen"], super().change_masks(x, drawn), x)

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """The boxes of the images."""
        return ops.where(ops.squeeze(drawn["chosen"], -1), super().change_boxes(boxes, drawn), boxes)


@builtin
class RandomElasticTransform(ImageLayer):
    """In training wrinkles some images: every pixel is moved by a random step, the steps of neighbours alike.

    Args:
        factor: with which probability: a number f for one drawn from 0 to f, or (lowest, highest) (default 1).
        scale: how strongly: a number s for strengths from 0 to s, or (lowest, highest), from 0 to 1 (default 1: steps
            of up to a tenth of the image).
        interpolation, fill_mode, fill_value: as for `RandomRotation`.
        value_range: what values pixels may have (default (0, 255)).
        seed: int (default None: the next default seed).
        data_format: default `config.image_data_format()`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.
    Source: Simard, Steinkraus and Platt 2003.

    Example:
    >>> RandomElasticTransform(0.0)([[[1.0], [2.0]]]).ravel().tolist()
    [1.0, 2.0]
    """

    moves = True

    def __init__(
        self, factor: Any = 1.0, scale: Any = 1.0, interpolation: str = "bilinear", fill_mode: str = "reflect",
        fill_value: float = 0.0, value_range: Any = (0, 255), seed: int | None = None, data_format: str | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, 0, 1, centred=False)
        self.scale = factor_of(self, "scale", scale, 0, 1, centred=False)
        self.interpolation = one_of(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_mode, self.fill_value = one_of(self, "fill_mode", fill_mode, MODES), fill_value
        if len(value_range) != 2:
            raise ArgumentError(f"{label(self)}: expected value_range as (lowest, highest); got {value_range!r}.")
        self.value_range = tuple(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """Which images are wrinkled, how strongly, and a key for the steps."""
        n, height, width, _ = shape
        strength = self.uniform((n, 1, 1), *self.scale) * (0.1 * max(height, width))
        return {"chosen": self.chosen(n, self.factor), "alpha": strength, "key": self.generator.next()}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, some of them wrinkled."""
        return ops.clip(self._wrinkled(x, drawn, self.interpolation), *self.value_range)

    def change_masks(self, x: Any, drawn: Drawn) -> Any:
        """The masks of the images."""
        return self._wrinkled(x, drawn, "nearest")

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """Not available: what is wrinkled has no box of its own."""
        raise UnsupportedError(f"{label(self)}: boxes do not follow an elastic transform; leave them out.")

    def _wrinkled(self, x: Any, drawn: Drawn, interpolation: str) -> Any:
        sigma = max(0.05 * min(x.shape[1:3]) * self.scale[1], 0.1)
        y = wrinkled(x, drawn["key"], drawn["alpha"], sigma, interpolation, self.fill_mode, self.fill_value)
        return ops.where(drawn["chosen"], y, x)
