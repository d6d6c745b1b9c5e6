"""`tf.image`: colours and cuts, chosen or by chance, of images (rows, columns, channels) or batches of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ... import ops
from ... import random as _random
from ...errors import ArgumentError
from ...ops.image import hsv_to_rgb, rgb_to_hsv
from .image import adjust_brightness, adjust_contrast, in_floats


def _in_hsv(image: Any, change: Callable[[Any, Any], tuple[Any, Any]]) -> Any:
    """The image with hue and saturation changed."""

    def changed(x: Any) -> Any:
        hsv = rgb_to_hsv(x)
        hue, saturation = change(hsv[..., 0], hsv[..., 1])
        return hsv_to_rgb(ops.stack([hue, saturation, hsv[..., 2]], axis=-1))

    return in_floats(image, changed)


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    """The hue moved by `delta` of the circle, from -1 to 1."""
    return _in_hsv(image, lambda h, s: ((h + delta) % 1.0, s))


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    """The saturation times a factor, at most 1."""
    return _in_hsv(image, lambda h, s: (h, ops.clip(s * saturation_factor, 0.0, 1.0)))


def _between(what: str, low: float, high: float, seed: Any) -> Any:
    """One number by chance."""
    if low > high:
        raise ArgumentError(f"{what}: expected lower <= upper; got {low} and {high}.")
    return _random.uniform((), low, high, seed=seed)


def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Any:
    """A number between -max_delta and max_delta added to the image."""
    return adjust_brightness(image, _between("random_brightness", -max_delta, max_delta, seed))


def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Any:
    """The distance from the mean of each channel times a number between `lower` and `upper`."""
    return adjust_contrast(image, _between("random_contrast", lower, upper, seed))


def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Any:
    """The saturation times a number between `lower` and `upper`."""
    return adjust_saturation(image, _between("random_saturation", lower, upper, seed))


def random_hue(image: Any, max_delta: float, seed: int | None = None) -> Any:
    """The hue moved by a number between -max_delta and max_delta."""
    return adjust_hue(image, _between("random_hue", -max_delta, max_delta, seed))


def random_crop(value: Any, size: Sequence[int], seed: int | None = None, name: str | None = None) -> Any:
    """A block of a size, from a place by chance.

    Raises: ArgumentError: it is larger than the tensor, or has another number of axes.
    """
    x = ops.convert_to_tensor(value)
    sizes = [int(n) for n in size]
    if len(sizes) != x.ndim or any(n > m for n, m in zip(sizes, x.shape, strict=True)):
        raise ArgumentError(f"random_crop: expected a size within {tuple(x.shape)}; got {tuple(sizes)}.")
    room = ops.convert_to_tensor([float(m - n + 1) for n, m in zip(sizes, x.shape, strict=True)])
    start = ops.floor(_random.uniform((x.ndim,), seed=seed) * room)
    return ops.slice(x, ops.cast(start, "int32"), sizes)


def per_image_standardization(image: Any) -> Any:
    """Each image with mean 0 and variance 1; a deviation below 1 / sqrt(elements) counts as that."""
    x = ops.cast(image, "float32")
    mean, variance = ops.moments(x, axes=(-3, -2, -1), keepdims=True)
    least = 1.0 / math.sqrt(math.prod(x.shape[-3:]))
    return (x - mean) / ops.maximum(ops.sqrt(variance), least)


def rot90(image: Any, k: int = 1, name: str | None = None) -> Any:
    """Turned k times by a quarter, counter-clockwise."""
    x = ops.convert_to_tensor(image)
    return ops.rot90(x, k, axes=(x.ndim - 3, x.ndim - 2))


__all__ = [
    "adjust_hue",
    "adjust_saturation",
    "per_image_standardization",
    "random_brightness",
    "random_contrast",
    "random_crop",
    "random_hue",
    "random_saturation",
    "rot90",
]  # fmt: skip
