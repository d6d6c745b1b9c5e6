"""`tf.image`: what scripts do with images (rows, columns, channels), or with batches of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import ops
from ... import random as _random
from ...ir import FLOAT
from ...ops.image import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv, sobel_edges, ssim
from ...ops.image_resizing import METHODS


class ResizeMethod:
    """The names of the ways to resize."""

    BILINEAR, NEAREST_NEIGHBOR, BICUBIC, LANCZOS3, LANCZOS5 = "bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"


def resize(
    images: Any, size: Sequence[int], method: str = "bilinear", preserve_aspect_ratio: bool = False,
    antialias: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """Images in another size; floats, unless the method is 'nearest'.

    >>> resize(np.arange(4, dtype="uint8").reshape(1, 4, 1), (1, 2)).ravel().tolist()
    [0.5, 2.5]
    """
    x = ops.convert_to_tensor(images)
    rows, columns = (int(n) for n in size)
    if preserve_aspect_ratio:
        share = min(rows / x.shape[-3], columns / x.shape[-2])
        rows, columns = round(x.shape[-3] * share), round(x.shape[-2] * share)
    x = x if method == "nearest" or x.type.dtype in FLOAT else ops.cast(x, "float32")
    return ops.image.resize(x, (rows, columns), method if method in METHODS else str(method), antialias,
                            data_format="channels_last")  # fmt: skip


def resize_with_pad(
    image: Any, target_height: int, target_width: int, method: str = "bilinear", antialias: bool = False
) -> Any:
    """Images resized into a size with their proportions kept, zeros around them."""
    x = resize(image, (target_height, target_width), method, True, antialias)
    top, left = (target_height - x.shape[-3]) // 2, (target_width - x.shape[-2]) // 2
    return pad_to_bounding_box(x, top, left, target_height, target_width)


def flip_left_right(image: Any) -> Any:
    """Left and right exchanged."""
    return ops.flip(image, -2)


def flip_up_down(image: Any) -> Any:
    """Top and bottom exchanged."""
    return ops.flip(image, -3)


def _by_chance(image: Any, axis: int, seed: Any) -> Any:
    """Each image mirrored with probability 1/2."""
    x = ops.convert_to_tensor(image)
    chosen = _random.uniform((*x.shape[:-3], 1, 1, 1), seed=seed) < 0.5
    return ops.where(chosen, ops.flip(x, axis), x)


def random_flip_left_right(image: Any, seed: int | None = None) -> Any:
    """Left and right exchanged, with probability 1/2 for each image."""
    return _by_chance(image, -2, seed)


def random_flip_up_down(image: Any, seed: int | None = None) -> Any:
    """Top and bottom exchanged, with probability 1/2 for each image."""
    return _by_chance(image, -3, seed)


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """One channel three times."""
    return ops.repeat(images, 3, axis=-1)


def in_floats(image: Any, change: Callable[[Any], Any]) -> Any:
    """`change` of an image of floats; whole numbers become floats up to 1, and stay what they are."""
    x = ops.convert_to_tensor(image)
    if x.type.dtype in FLOAT:
        return change(x)
    return convert_image_dtype(change(convert_image_dtype(x, "float32")), x.type.dtype, saturate=True)


def adjust_brightness(image: Any, delta: Any) -> Any:
    """A number added to floats, of which 1 is the largest."""
    return in_floats(image, lambda x: x + delta)


def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """Distances from the mean of each channel, multiplied."""

    def change(x: Any) -> Any:
        mean = ops.mean(x, axis=(-3, -2), keepdims=True)
        return (x - mean) * contrast_factor + mean

    return in_floats(images, change)


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Any:
    """Another dtype; whole numbers as shares of the largest one, and back.

    >>> convert_image_dtype(np.array([0, 255], "uint8"), "float32").tolist()
    [0.0, 1.0]
    """
    x, wanted = ops.convert_to_tensor(image), str(getattr(dtype, "name", dtype))
    if x.type.dtype == wanted:
        return x
    if x.type.dtype not in FLOAT and wanted in FLOAT:
        return ops.cast(x, wanted) / float(np.iinfo(x.dtype).max)
    if x.type.dtype in FLOAT and wanted not in FLOAT:
        top = float(np.iinfo(wanted).max)
        return ops.cast(ops.clip(x * (top + 0.5), 0.0, top), wanted)
    return ops.cast(x, wanted)


def crop_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    """A part of images."""
    return ops.image.crop_images(
        image, offset_height, offset_width, target_height=target_height, target_width=target_width,
        data_format="channels_last",
    )  # fmt: skip


def pad_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    """Images with zeros around them."""
    return ops.image.pad_images(
        image, offset_height, offset_width, target_height=target_height, target_width=target_width,
        data_format="channels_last",
    )  # fmt: skip


def central_crop(image: Any, central_fraction: float) -> Any:
    """The middle of images, a share of each side.

    >>> central_crop(np.arange(4.0).reshape(1, 4, 1), 0.5).ravel().tolist()
    [1.0, 2.0]
    """
    x = ops.convert_to_tensor(image)
    rows, columns = (int((n - n * central_fraction) / 2) for n in x.shape[-3:-1])
    return ops.image.crop_images(x, rows, columns, rows, columns, data_format="channels_last")


def extract_patches(
    images: Any, sizes: Sequence[int], strides: Sequence[int], rates: Sequence[int], padding: str,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Patches of images as rows of numbers; sizes, strides and rates are (1, rows, columns, 1)."""
    return ops.image.extract_patches(
        images, tuple(sizes)[1:3], tuple(strides)[1:3], tuple(rates)[1:3], padding.lower(), "channels_last"
    )


__all__ = [
    "ResizeMethod", "adjust_brightness", "adjust_contrast", "central_crop", "convert_image_dtype",
    "crop_to_bounding_box", "extract_patches", "flip_left_right", "flip_up_down", "grayscale_to_rgb", "hsv_to_rgb",
    "pad_to_bounding_box", "random_flip_left_right", "random_flip_up_down", "resize", "resize_with_pad",
    "rgb_to_grayscale", "rgb_to_hsv", "sobel_edges", "ssim",
]  # fmt: skip
