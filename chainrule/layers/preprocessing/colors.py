"""Layers that change the colours of images: brightness, contrast, hue, saturation."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...errors import ArgumentError
from ...ops.image_colors import LUMA
from ...serialization import builtin
from ..checks import label, number
from .image_layer import Drawn, ImageLayer, PointwiseLayer, factor_of


def grey_of(x: Any) -> Any:
    """The brightness of (n, rows, columns, 3), one channel."""
    return ops.sum(x * np.asarray(LUMA, x.dtype), -1, keepdims=True)


@builtin
class RandomBrightness(PointwiseLayer):
    """In training adds one random number to all pixels of an image.

    Args:
        factor: a share of the range of values: a number f for shares from -f to f, or (lowest, highest), from -1 to 1.
        value_range: what values pixels may have; the result is cut to it (default (0, 255)).
        seed: int (default None: the next default seed).

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> RandomBrightness((0.2, 0.2))([[[10.0], [250.0]]]).ravel().tolist()
    [61.0, 255.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        data_format = kwargs.pop("data_format", None)
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, -1, 1, centred=True)
        self._keep_range(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """A number for each image."""
        low, high = self.value_range
        return {"step": self.uniform((shape[0], 1, 1, 1), *self.factor) * float(high - low)}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, lighter or darker."""
        return self.in_range(x + drawn["step"])


@builtin
class RandomContrast(PointwiseLayer):
    """In training multiplies the distances of pixels from the mean of their channel.

    Args:
        factor: a number f, or (lower, upper): the multiplier is drawn from 1 - lower to 1 + upper; f stands for (0, f).
        value_range: what values pixels may have; the result is cut to it (default (0, 255)).
        seed: int (default None: the next default seed).

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.

    Example:
    >>> RandomContrast((-0.5, 0.5))([[[10.0], [30.0]]]).ravel().tolist()
    [5.0, 35.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        data_format = kwargs.pop("data_format", None)
        super().__init__(**kwargs)
        self._start(seed, data_format)
        pair = isinstance(factor, (list, tuple))
        low = -1 if pair else 0
        self.factor = factor_of(self, "factor", factor, low, 1, centred=False)
        if pair:
            self.factor = tuple(factor)
        self._keep_range(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """A multiplier for each image."""
        return {"multiplier": self.uniform((shape[0], 1, 1, 1), 1.0 - self.factor[0], 1.0 + self.factor[1])}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images with more or less contrast."""
        mean = ops.mean(x, (1, 2), keepdims=True)
        return self.in_range((x - mean) * drawn["multiplier"] + mean)


class _Colouring(PointwiseLayer):
    """Base: one factor for each image."""

    def _keep_factor(self, factor: Any, low: float, centred: bool, value_range: Any) -> None:
        self.factor = factor_of(self, "factor", factor, low, 1, centred)
        self._keep_range(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """A factor for each image."""
        return {"factor": self.uniform((shape[0], 1, 1, 1), *self.factor)}


@builtin
class RandomHue(_Colouring):
    """In training turns the hue of images on the circle of colours.

    Args:
        factor: half of it is the share of a whole turn, in a random direction: a number f for factors from 0 to f, or
            (lowest, highest), from 0 to 1.
        value_range: what values pixels may have (default (0, 255)).
        data_format: default `config.image_data_format()`; seed: int (default None: the next default seed).

    Shapes: (rows, columns, 3) or (batch, rows, columns, 3) -> the same.

    Example:
    >>> RandomHue((1.0, 1.0))([[[255.0, 0.0, 0.0]]]).numpy().round(3).ravel().tolist()
    [0.0, 255.0, 255.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self._keep_factor(factor, -1 if isinstance(factor, (list, tuple)) else 0, False, value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """A turn for each image."""
        sign = self.sign((shape[0], 1, 1, 1))
        return {"turn": super().draw(shape)["factor"] * sign * 0.5}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images in other hues."""
        hsv = ops.image.rgb_to_hsv(self.to_range(x, 0, 1), data_format="channels_last")
        hue = hsv[..., :1] + drawn["turn"]
        hue = ops.where(hue > 1.0, hue - 1.0, ops.where(hue < 0.0, hue + 1.0, hue))
        rgb = ops.image.hsv_to_rgb(ops.concatenate([hue, hsv[..., 1:]], -1), data_format="channels_last")
        return self.from_range(ops.clip(rgb, 0.0, 1.0), 0, 1)


@builtin
class RandomSaturation(_Colouring):
    """In training makes the colours of images stronger or weaker.

    Args:
        factor: 0 is grey, 0.5 changes nothing, 1 is as strong as can be: a number f for factors from -f to f (below 0
            is grey, as in Keras), or (lowest, highest).
        value_range: what values pixels may have (default (0, 255)).
        data_format: default `config.image_data_format()`; seed: int (default None: the next default seed).

    Shapes: (rows, columns, 3) or (batch, rows, columns, 3) -> the same.

    Example:
    >>> RandomSaturation((0.5, 0.5))([[[255.0, 51.0, 0.0]]]).numpy().round(3).ravel().tolist()
    [255.0, 51.0, 0.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self._keep_factor(factor, -1, True, value_range)

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images in stronger or weaker colours."""
        factor = drawn["factor"]
        hsv = ops.image.rgb_to_hsv(self.to_range(x, 0, 1), data_format="channels_last")
        strength = factor / ops.maximum(1.0 - factor, 1e-7)
        saturation = ops.clip(hsv[..., 1:2] * strength, 0.0, 1.0)
        parts = [hsv[..., :1], saturation, hsv[..., 2:]]
        rgb = ops.image.hsv_to_rgb(ops.concatenate(parts, -1), data_format="channels_last")
        return self.from_range(ops.clip(rgb, 0.0, 1.0), 0, 1)


@builtin
class RandomColorDegeneration(_Colouring):
    """In training blends images with their grey.

    Args:
        factor: the share of grey, 1 all of it: a number f for shares from -f to f, or (lowest, highest).
        value_range: what values pixels may have (default (0, 255)).
        data_format: default `config.image_data_format()`; seed: int (default None: the next default seed).

    Shapes: (rows, columns, 3) or (batch, rows, columns, 3) -> the same.

    Example:
    >>> RandomColorDegeneration((0.0, 0.0))([[[255.0, 51.0, 0.0]]]).ravel().tolist()
    [255.0, 51.0, 0.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self._keep_factor(factor, -1, True, value_range)

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images in weaker colours."""
        grey = grey_of(x)
        return self.in_range(x + (grey - x) * drawn["factor"])


@builtin
class RandomGrayscale(ImageLayer):
    """In training makes some images grey; they keep their three channels.

    Args: factor: number from 0 to 1, the probability (default 0.5); data_format: default
        `config.image_data_format()`; seed: int (default None: the next default seed).
    Shapes: (rows, columns, 3) or (batch, rows, columns, 3) -> the same.

    Example:
    >>> RandomGrayscale(1.0)([[[0.0, 100.0, 0.0]]]).numpy().round().ravel().tolist()
    [59.0, 59.0, 59.0]
    """

    keeps_integers = True

    def __init__(self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = number(self, "factor", factor, 0, 1)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """Which images become grey."""
        return {"chosen": self.uniform((shape[0], 1, 1, 1)) < self.factor}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, some of them grey."""
        return ops.where(drawn["chosen"], ops.broadcast_to(grey_of(x), x.shape), x)


@builtin
class RandomColorJitter(ImageLayer):
    """In training `RandomBrightness`, `RandomContrast`, `RandomSaturation` and `RandomHue`, one after the other.

    Args:
        value_range: what values pixels may have (default (0, 255)).
        brightness_factor, contrast_factor, saturation_factor, hue_factor: the factors of the four layers (default None:
            that layer is left out).
        seed: int (default None: the next default seed); data_format: default `config.image_data_format()`.

    Shapes: (rows, columns, 3) or (batch, rows, columns, 3) -> the same.

    Example:
    >>> RandomColorJitter(brightness_factor=(0.2, 0.2))([[[10.0, 0.0, 250.0]]]).ravel().tolist()
    [61.0, 51.0, 255.0]
    """

    def __init__(
        self, value_range: Any = (0, 255), brightness_factor: Any = None, contrast_factor: Any = None,
        saturation_factor: Any = None, hue_factor: Any = None, seed: int | None = None, data_format: str | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format, random=False)
        if not isinstance(value_range, (list, tuple)) or len(value_range) != 2:
            raise ArgumentError(f"{label(self)}: expected value_range as (lowest, highest); got {value_range!r}.")
        self.value_range = tuple(value_range)
        self.brightness_factor, self.contrast_factor = brightness_factor, contrast_factor
        self.saturation_factor, self.hue_factor = saturation_factor, hue_factor
        kinds = ((RandomBrightness, brightness_factor), (RandomContrast, contrast_factor),
                 (RandomSaturation, saturation_factor), (RandomHue, hue_factor))  # fmt: skip
        seeds = [None if seed is None else seed + k for k in range(len(kinds))]
        self._steps = [kind(factor, self.value_range, seed=s, data_format="channels_last", dtype=self.dtype)
                       for (kind, factor), s in zip(kinds, seeds, strict=True) if factor is not None]  # fmt: skip

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """What each of the layers draws."""
        return {"steps": [layer.draw(shape) for layer in self._steps]}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images in other colours."""
        for layer, own in zip(self._steps, drawn["steps"], strict=True):
            x = layer.change(x, own)
        return x
