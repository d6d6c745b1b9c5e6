"""Images through windows: blurred, cut into patches, their edges, their likeness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import primitives as P
from ..errors import ShapeError
from ..ir import FLOAT, Tensor
from ..primitives.arithmetic import as_operand, cast
from .image_resizing import as_dtype, channels_back, channels_to_end, space_axes
from .indexing import take
from .math import mean
from .shaping import expand_dims, moveaxis, pad, reshape, squeeze, stack, transpose
from .symbolic import op
from .windows import is_channels_last, padding_of, per_axis


def bell(size: int, sigma: float) -> np.ndarray:
    """A normal density at `size` places around 0, in sum 1.

    >>> bell(3, 1.0).round(3).tolist()
    [0.274, 0.452, 0.274]
    """
    places = np.arange(size) - (size - 1) / 2
    found = np.exp(-0.5 * (places / sigma) ** 2)
    return found / found.sum()


def filtered(x: Tensor, axis: int, kernel: np.ndarray, same: bool = True) -> Tensor:
    """The correlation of an axis with a kernel, zeros around it ('same') or none."""
    axis %= x.ndim
    size, length = x.shape[axis], len(kernel)
    before = (length - 1) // 2 if same else 0
    count = size if same else size - length + 1
    if count < 1:
        raise ShapeError(f"expected at least {length} pixels along axis {axis}; got {size}.")
    matrix = np.zeros((count, size))
    for offset, value in enumerate(kernel):
        at = np.arange(count) + offset - before
        good = (at >= 0) & (at < size)
        matrix[np.arange(count)[good], at[good]] = value
    y = P.dot_general(x, P.constant(value=matrix.astype(x.dtype)), contract=((axis,), (1,)))
    return P.transpose(y, axes=(*range(axis), y.ndim - 1, *range(axis, y.ndim - 1)))


def blurred(x: Tensor, size: Sequence[int], sigma: Sequence[float]) -> Tensor:
    """(..., rows, columns, channels) smoothed along rows and columns."""
    return filtered(filtered(x, -3, bell(size[0], sigma[0])), -2, bell(size[1], sigma[1]))


@op
def gaussian_blur(
    images: Any, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Tensor:
    """Images smoothed with a normal density, zeros beyond the edge.

    Args: images: (rows, columns, channels), or a batch of them; kernel_size: (rows, columns) of the window (default 3
        each); sigma: standard deviations in pixels (default 1 each); data_format: default `image_data_format()`.

    >>> gaussian_blur(np.ones((3, 3, 1)))[0, 1].numpy().round(3).tolist()
    [0.726]
    """
    images = as_operand(images)
    space_axes("gaussian_blur", images, data_format)
    x = channels_to_end(images, data_format)
    floats = x if x.type.dtype in ("float32", "float64") else cast(x, "float32")
    widths = (sigma, sigma) if np.ndim(sigma) == 0 else tuple(np.asarray(sigma))
    y = blurred(floats, per_axis("kernel_size", kernel_size, 2), [float(s) for s in widths])
    return channels_back(as_dtype(y, images.type.dtype), data_format)


def _patches(x: Tensor, size: Sequence[int], strides: Sequence[int], dilation: Sequence[int], padding: str) -> Tensor:
    """(n, *space, channels) as (n, *places, product of sizes and channels)."""
    rank = len(size)
    pads = padding_of("extract_patches", padding, x.shape[1:-1], size, strides, dilation)
    if any(pair != (0, 0) for pair in pads):
        x = pad(x, [(0, 0), *pads, (0, 0)])
    places = []
    for axis in range(rank):
        extent = (size[axis] - 1) * dilation[axis] + 1
        starts = np.arange(0, x.shape[1 + 2 * axis] - extent + 1, strides[axis])
        places.append(len(starts))
        x = _windows(x, 1 + 2 * axis, starts, size[axis], dilation[axis])
    order = (0, *range(1, 2 * rank, 2), *range(2, 2 * rank + 1, 2), 2 * rank + 1)
    return reshape(transpose(x, order), (x.shape[0], *places, -1))


def _windows(x: Tensor, axis: int, starts: np.ndarray, size: int, step: int) -> Tensor:
    """An axis as two: windows, and places in them."""
    if step == 1 and len(starts) * size == x.shape[axis] and (len(starts) == 1 or starts[1] == size):
        return reshape(x, (*x.shape[:axis], len(starts), size, *x.shape[axis + 1 :]))  # side by side
    return take(x, starts[:, None] + np.arange(size) * step, axis)


def _extract(
    name: str, x: Tensor, rank: int, size: Any, strides: Any, dilation: Any, padding: str, data_format: Any
) -> Tensor:
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeError(f"{name}: expected {rank} axes of space and one of channels, or a batch; got shape {x.shape}.")
    single = x.ndim == rank + 1
    x = expand_dims(x, 0) if single else x
    last = is_channels_last(data_format)
    x = x if last else moveaxis(x, 1, -1)
    sizes = per_axis("size", size, rank)
    steps = sizes if strides is None else per_axis("strides", strides, rank)
    y = _patches(x, sizes, steps, per_axis("dilation_rate", dilation, rank), padding)
    y = y if last else moveaxis(y, -1, 1)
    return squeeze(y, 0) if single else y


@op
def extract_patches(
    images: Any, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images cut into patches, each a row of numbers.

    Args: images: (rows, columns, channels), or a batch of them; size: an integer, or (rows, columns) of a patch, or
        (depth, rows, columns) of a patch of volumes; strides: from one patch to the next (default: size);
        dilation_rate: from one pixel of a patch to the next (default 1); padding: 'valid' (default) or 'same';
        data_format: default `image_data_format()`.
    Returns: (batch, patches down, patches across, rows * columns * channels of a patch).

    >>> extract_patches(np.arange(16.0).reshape(1, 4, 4, 1), 2)[0, 0, 1].tolist()
    [2.0, 3.0, 6.0, 7.0]
    """
    rank = 3 if isinstance(size, (list, tuple)) and len(size) == 3 else 2
    return _extract("extract_patches", as_operand(images), rank, size, strides, dilation_rate, padding, data_format)


@op
def extract_patches_3d(
    volumes: Any, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Volumes cut into patches, each a row of numbers.

    Args: volumes: (depth, rows, columns, channels), or a batch of them; the others as for `extract_patches`.

    >>> extract_patches_3d(np.zeros((1, 4, 4, 4, 1)), 2).shape
    (1, 2, 2, 2, 8)
    """
    return _extract("extract_patches_3d", as_operand(volumes), 3, size, strides, dilation_rate, padding, data_format)


@op
def sobel_edges(images: Any, data_format: str | None = None) -> Tensor:
    """How steep images are, downwards and to the right.

    Args: images: (rows, columns, channels), or a batch of them; data_format: default `image_data_format()`.
    Returns: a last axis of size 2: the slope over rows and over columns; the image is mirrored at its edges.
    Source: Sobel and Feldman 1968.

    >>> sobel_edges(np.arange(9.0).reshape(3, 3, 1))[1, 1, 0].tolist()
    [24.0, 8.0]
    """
    images = as_operand(images)
    axes = space_axes("sobel_edges", images, data_format)
    x = images if images.type.dtype in FLOAT else cast(images, "float32")
    x = pad(x, [(1, 1) if a - x.ndim in axes else (0, 0) for a in range(x.ndim)], mode="reflect")
    slope, smooth = np.array([-1.0, 0.0, 1.0]), np.array([1.0, 2.0, 1.0])
    parts = [
        filtered(filtered(x, axes[0], first, same=False), axes[1], second, same=False)
        for first, second in ((slope, smooth), (smooth, slope))
    ]
    return stack(parts, -1)


@op
def ssim(
    image1: Any, image2: Any, max_val: float = 1.0, filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01,
    k2: float = 0.03, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """How alike two images are, from -1 to 1 (equal): structural similarity, one number an image.

    Args: image1, image2: (rows, columns, channels), or batches of them; max_val: the largest value a pixel may have
        (default 1); filter_size, filter_sigma: the window (default 11 and 1.5); k1, k2: constants (default 0.01, 0.03);
        data_format: default `image_data_format()`.
    Source: Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity".

    >>> float(ssim(np.ones((12, 12, 1)), np.ones((12, 12, 1))))
    1.0
    """
    pair = [as_operand(image) for image in (image1, image2)]
    axes = space_axes("ssim", pair[0], data_format)
    x, y = (image if image.type.dtype in FLOAT else cast(image, "float32") for image in pair)
    kernel = bell(filter_size, filter_sigma)

    def local(z: Any) -> Any:
        return filtered(filtered(z, axes[0], kernel, same=False), axes[1], kernel, same=False)

    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mx, my = local(x), local(y)
    together, apart = local(x * y) - mx * my, local(x * x) + local(y * y) - mx * mx - my * my
    likeness = (2 * mx * my + c1) / (mx * mx + my * my + c1) * (2 * together + c2) / (apart + c2)
    return mean(likeness, (-3, -2, -1))
