"""`tf.image`: further colours and cuts, and those that a seed of two integers fixes (`stateless_random_...`)."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from ... import ops
from ... import random as _random
from ...errors import ArgumentError
from ...utils.images import pillow
from . import image as _image
from . import image_colors as _colors
from .generators import seed_of

_YUV = np.array([[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]],
                "float32")  # fmt: skip
_RGB = np.array([[1.0, 1.0, 1.0], [0.0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0.0]], "float32")


def rgb_to_yuv(images: Any) -> Any:
    """Brightness, and how far blue and red are from it."""
    return ops.matmul(images, _YUV)


def yuv_to_rgb(images: Any) -> Any:
    """The inverse of `rgb_to_yuv`."""
    return ops.matmul(images, _RGB)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    """gain x^gamma."""
    return _image.in_floats(image, lambda x: ops.power(x, gamma) * gain)


def transpose(image: Any, name: str | None = None) -> Any:
    """Rows and columns exchanged."""
    return ops.swapaxes(ops.convert_to_tensor(image), -3, -2)


def resize_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Any:
    """The middle of images, or zeros around them, until they have a size.

    >>> resize_with_crop_or_pad(np.ones((2, 4, 1)), 4, 2).shape
    (4, 2, 1)
    """
    x = ops.convert_to_tensor(image)
    for axis, wanted in ((-3, int(target_height)), (-2, int(target_width))):
        size = x.shape[axis]
        if wanted < size:
            x = ops.take(x, np.arange(wanted) + (size - wanted) // 2, axis)
        before = max(0, (wanted - size) // 2)
        pads = [(0, 0)] * x.ndim
        pads[axis] = (before, max(0, wanted - size) - before)
        x = ops.pad(x, pads) if wanted > size else x
    return x


resize_image_with_crop_or_pad = resize_with_crop_or_pad


def random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: Any = None) -> Any:
    """What an image becomes when it is kept as JPEG with a quality by chance. Outside of Programs."""
    quality = int(_random.randint((), min_jpeg_quality, max_jpeg_quality, seed=seed))
    return adjust_jpeg_quality(image, quality)


def adjust_jpeg_quality(image: Any, jpeg_quality: Any, name: str | None = None) -> Any:
    """What an image becomes when it is kept as JPEG. Outside of Programs."""
    module = pillow("tf.image.adjust_jpeg_quality")

    def change(x: Any) -> Any:
        pixels = (np.clip(np.asarray(x), 0, 1) * 255 + 0.5).astype(np.uint8)
        kept = io.BytesIO()
        module.fromarray(pixels.squeeze()).save(kept, "JPEG", quality=int(jpeg_quality))
        return ops.convert_to_tensor(np.asarray(module.open(kept)).reshape(pixels.shape).astype("float32") / 255.0)

    return _image.in_floats(image, change)


def stateless_random_flip_left_right(image: Any, seed: Any) -> Any:
    """Left and right exchanged, or not."""
    return _image.random_flip_left_right(image, seed_of(seed))


def stateless_random_flip_up_down(image: Any, seed: Any) -> Any:
    """Top and bottom exchanged, or not."""
    return _image.random_flip_up_down(image, seed_of(seed))


def stateless_random_brightness(image: Any, max_delta: Any, seed: Any) -> Any:
    """A number between -max_delta and max_delta added."""
    return _colors.random_brightness(image, max_delta, seed_of(seed))


def stateless_random_contrast(image: Any, lower: Any, upper: Any, seed: Any) -> Any:
    """The distance from the mean of each channel times a number between `lower` and `upper`."""
    return _colors.random_contrast(image, lower, upper, seed_of(seed))


def stateless_random_saturation(image: Any, lower: Any, upper: Any, seed: Any = None) -> Any:
    """The saturation times a number between `lower` and `upper`."""
    return _colors.random_saturation(image, lower, upper, seed_of(seed))


def stateless_random_hue(image: Any, max_delta: Any, seed: Any) -> Any:
    """The hue moved by a number between -max_delta and max_delta."""
    return _colors.random_hue(image, max_delta, seed_of(seed))


def stateless_random_crop(value: Any, size: Any, seed: Any, name: Any = None) -> Any:
    """A block of a size, from a place that the seed fixes."""
    return _colors.random_crop(value, size, seed_of(seed))


def resize_by_area(images: Any, size: Any) -> Any:
    """Each new pixel the mean of the area that it covers."""
    x = ops.cast(images, "float32")
    for axis, new in ((x.ndim - 3, int(size[0])), (x.ndim - 2, int(size[1]))):
        old = x.shape[axis]
        edges = np.arange(new + 1) * (old / new)
        share = np.minimum(edges[1:, None], np.arange(1, old + 1)) - np.maximum(edges[:-1, None], np.arange(old))
        weights = np.maximum(share, 0) * (new / old)
        x = ops.moveaxis(ops.tensordot(x, weights.astype("float32"), ((axis,), (1,))), -1, axis)
    return x


def resize(
    images: Any, size: Any, method: Any = "bilinear", preserve_aspect_ratio: bool = False, antialias: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Images in another size; see `tensorflow.image.resize`. Method 'area' and Gauss's are made here.

    >>> resize(np.arange(4.0).reshape(1, 4, 1), (1, 2), "area").ravel().tolist()
    [0.5, 2.5]
    """
    if method == "area" and not preserve_aspect_ratio:
        return resize_by_area(images, size)
    if method in ("gaussian", "mitchellcubic"):
        raise ArgumentError(f"resize: method {method!r} is not available; use 'bicubic' or 'lanczos3'.")
    return _image.resize(images, size, method, preserve_aspect_ratio, antialias)


__all__ = [
    "adjust_gamma", "adjust_jpeg_quality", "random_jpeg_quality", "resize", "resize_image_with_crop_or_pad",
    "resize_with_crop_or_pad", "rgb_to_yuv", "stateless_random_brightness", "stateless_random_contrast",
    "stateless_random_crop", "stateless_random_flip_left_right", "stateless_random_flip_up_down",
    "stateless_random_hue", "stateless_random_saturation", "transpose", "yuv_to_rgb",
]  # fmt: skip
