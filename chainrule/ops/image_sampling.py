"""Images read at other places: moved, turned, seen from another side, wrinkled. All are differentiable."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from .. import primitives as P
from ..errors import ArgumentError, ShapeError
from ..ir import FLOAT, Tensor
from ..primitives.arithmetic import as_operand, broadcast_to, cast
from . import random
from .image_resizing import as_dtype, channels_back, channels_to_end, space_axes
from .image_windows import blurred
from .math import clip, floor, logical_and, minimum, mod, round, where
from .shaping import arange, expand_dims, reshape, squeeze, stack
from .symbolic import op

MODES = ("constant", "nearest", "wrap", "mirror", "reflect")
INTERPOLATIONS = ("nearest", "bilinear")
_calls = itertools.count()  # one for each draw without a seed


def inside(index: Tensor, size: int, mode: str) -> Tensor:
    """An index beyond the edge as the index that is read instead: integers in float or integer dtype.

    'reflect' repeats the pixel at the edge (d c b a | a b c d | d c b a), 'mirror' does not (d c b | a b c d | c b a).
    """
    if mode == "wrap":
        return mod(index, size)
    if mode == "reflect":
        index = mod(index, 2 * size)
        return minimum(index, 2 * size - 1 - index)
    if mode == "mirror":
        index = mod(index, max(2 * size - 2, 1))
        return minimum(index, max(2 * size - 2, 1) - index) if size > 1 else index * 0
    return clip(index, 0, size - 1)


def read(x: Tensor, before: Sequence[Tensor], index: Sequence[Tensor], mode: str, fill: Any) -> Tensor:
    """x at integer places: `before` name its first axes, `index` those that have an edge."""
    sizes = x.shape[len(before) : len(before) + len(index)]
    places = [inside(i, n, mode) for i, n in zip(index, sizes, strict=True)]
    found = P.gather(x, stack([*before, *places], -1))
    if mode != "constant":
        return found
    good: Any = None
    for i, n in zip(index, sizes, strict=True):
        here = logical_and(i >= 0, i < n)
        good = here if good is None else logical_and(good, here)
    good = reshape(good, (*good.shape, *([1] * (found.ndim - good.ndim))))
    return where(broadcast_to(good, found.shape), found, cast(as_operand(fill), found.dtype))


def sampled(
    x: Tensor, before: Sequence[Tensor], places: Sequence[Tensor], order: int, mode: str, fill: Any, rounded: Any
) -> Tensor:
    """x at places between its elements: the nearest one (order 0) or straight lines between neighbours (1)."""
    far = 2.0**30  # farther away nothing changes, and integers would overflow
    places = [clip(p, -far, far) for p in places]
    if order == 0:
        return read(x, before, [cast(rounded(p), "int32") for p in places], mode, fill)
    low = [floor(p) for p in places]
    total: Any = None
    for corner in itertools.product((0, 1), repeat=len(places)):
        index = [cast(one, "int32") + bit for one, bit in zip(low, corner, strict=True)]
        weight: Any = 1.0
        for p, one, bit in zip(places, low, corner, strict=True):
            weight = weight * (p - one if bit else 1.0 - (p - one))
        found = read(x, before, index, mode, fill)
        part = found * reshape(cast(weight, found.dtype), (*weight.shape, *([1] * (found.ndim - weight.ndim))))
        total = part if total is None else total + part
    return total


def sampled_images(images: Tensor, ys: Tensor, xs: Tensor, interpolation: str, mode: str, fill: Any) -> Tensor:
    """(n, rows, columns, channels) at rows `ys` and columns `xs`, both (n, new rows, new columns)."""
    if interpolation not in INTERPOLATIONS:
        raise ArgumentError(f"expected interpolation to be 'nearest' or 'bilinear'; got {interpolation!r}.")
    if mode not in MODES:
        raise ArgumentError(f"expected fill_mode to be one of {', '.join(MODES)}; got {mode!r}.")
    dtype = images.type.dtype
    floats = images if images.type.dtype in ("float32", "float64") else cast(images, "float32")
    number = P.iota(shape=ys.shape, axis=0, dtype="int32")
    found = sampled(
        floats, [number], [ys, xs], INTERPOLATIONS.index(interpolation), mode, fill, lambda p: floor(p + 0.5)
    )
    return as_dtype(found, dtype)


def _batched(name: str, images: Any, data_format: str | None) -> tuple[Tensor, bool]:
    """(n, rows, columns, channels), and whether there was one image only."""
    images = as_operand(images)
    space_axes(name, images, data_format)
    single = images.ndim == 3
    return channels_to_end(expand_dims(images, 0) if single else images, data_format), single


def _given_back(images: Tensor, single: bool, data_format: str | None) -> Tensor:
    images = channels_back(images, data_format)
    return squeeze(images, 0) if single else images


def transformed(images: Tensor, transform: Tensor, interpolation: str, mode: str, fill: Any) -> Tensor:
    """(n, rows, columns, channels) under (n, 8) or (1, 8) transforms, as `affine_transform` has them."""
    n, height, width, _ = images.shape
    t = reshape(broadcast_to(transform, (n, 8)), (n, 8, 1, 1))
    y = reshape(arange(height, dtype=t.dtype), (1, height, 1))
    x = reshape(arange(width, dtype=t.dtype), (1, 1, width))
    below = t[:, 6] * x + t[:, 7] * y + 1.0
    xs = (t[:, 0] * x + t[:, 1] * y + t[:, 2]) / below
    ys = (t[:, 3] * x + t[:, 4] * y + t[:, 5]) / below
    return sampled_images(images, ys, xs, interpolation, mode, fill)


@op
def affine_transform(
    images: Any, transform: Any, interpolation: str = "bilinear", fill_mode: str = "constant", fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images moved, turned, scaled and sheared.

    Args:
        images: (rows, columns, channels), or a batch of them.
        transform: (8,), or (batch, 8): with a0, a1, a2, b0, b1, b2, c0, c1 the pixel (x, y) of the result is the one at
            ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) of the input, k = c0 x + c1 y + 1.
        interpolation: 'nearest' or 'bilinear' (default).
        fill_mode: what lies beyond the edge: 'constant' (default), 'nearest', 'wrap', 'mirror' or 'reflect'.
        fill_value: for 'constant' (default 0); data_format: default `image_data_format()`.

    Raises: ArgumentError, ShapeError.

    >>> import numpy as np
    >>> affine_transform(np.arange(3.0).reshape(1, 3, 1), [1, 0, 1, 0, 1, 0, 0, 0]).ravel().tolist()
    [1.0, 2.0, 0.0]
    """
    x, single = _batched("affine_transform", images, data_format)
    t = as_operand(transform)
    t = cast(t, "float32") if t.type.dtype not in FLOAT else t
    t = expand_dims(t, 0) if t.ndim == 1 else t
    if t.ndim != 2 or t.shape[1] != 8 or t.shape[0] not in (1, x.shape[0]):
        raise ShapeError(f"affine_transform: expected a transform of shape (8,) or ({x.shape[0]}, 8); got {t.shape}.")
    return _given_back(transformed(x, t, interpolation, fill_mode, fill_value), single, data_format)


def _of_square(points: Tensor) -> list[list[Any]]:
    """The matrix that takes (0, 0), (1, 0), (0, 1), (1, 1) to four points (n, 4, 2), entries (n,) (Heckbert 1989)."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = [(points[:, k, 0], points[:, k, 1]) for k in range(4)]
    dx1, dx2, dy1, dy2 = x1 - x3, x2 - x3, y1 - y3, y2 - y3
    sx, sy = x0 - x1 + x3 - x2, y0 - y1 + y3 - y2
    det = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det
    return [
        [x1 - x0 + g * x1, x2 - x0 + h * x2, x0], [y1 - y0 + g * y1, y2 - y0 + h * y2, y0], [g, h, g * 0.0 + 1.0],
    ]  # fmt: skip


def _adjugate(m: list[list[Any]]) -> list[list[Any]]:
    """The inverse of a 3 x 3 matrix, up to a factor."""

    def cofactor(i: int, j: int) -> Any:
        (a, b), (c, d) = [[m[r][k] for k in range(3) if k != j] for r in range(3) if r != i]
        return (a * d - b * c) * (-1.0) ** (i + j)

    return [[cofactor(j, i) for j in range(3)] for i in range(3)]


def homography(start_points: Tensor, end_points: Tensor) -> Tensor:
    """(n, 8): the transform for `affine_transform` that reads `start_points` where the result has `end_points`."""
    inverse, forward = _adjugate(_of_square(end_points)), _of_square(start_points)
    product: list[list[Any]] = [
        [forward[i][0] * inverse[0][j] + forward[i][1] * inverse[1][j] + forward[i][2] * inverse[2][j]
         for j in range(3)] for i in range(3)
    ]  # fmt: skip
    flat = [entry / product[2][2] for row in product for entry in row]
    return stack(flat[:8], -1)


@op
def perspective_transform(
    images: Any, start_points: Any, end_points: Any, interpolation: str = "bilinear", fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images seen from another side: the four `start_points` of the input come to lie at the `end_points`.

    Args: images: (rows, columns, channels), or a batch of them; start_points, end_points: (4, 2) or (batch, 4, 2), the
        columns x and y of the corners top left, top right, bottom left, bottom right; interpolation: 'nearest' or
        'bilinear' (default); fill_value: what lies beyond the edge (default 0); data_format: default
        `image_data_format()`.
    Source: Heckbert 1989, "Fundamentals of texture mapping and image warping", section 2.2.3.

    >>> corners = [[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [2.0, 1.0]]
    >>> import numpy as np
    >>> perspective_transform(np.arange(6.0).reshape(2, 3, 1), corners, corners).ravel().tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """
    x, single = _batched("perspective_transform", images, data_format)
    start, end = (reshape(as_operand(p, "float32"), (-1, 4, 2)) for p in (start_points, end_points))
    return _given_back(transformed(x, homography(start, end), interpolation, "constant", fill_value), single,
                       data_format)  # fmt: skip


@op
def map_coordinates(
    inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Tensor:
    """A tensor at places between its elements.

    Args:
        inputs: tensor of any number of axes.
        coordinates: (axes, ...): for each axis where to read.
        order: 0 for the nearest element, 1 for straight lines between neighbours.
        fill_mode: what lies beyond the edge: 'constant' (default), 'nearest', 'wrap', 'mirror' or 'reflect'.
        fill_value: for 'constant' (default 0).

    Raises: ArgumentError: another order or mode; ShapeError: not one coordinate for each axis.

    >>> map_coordinates([0.0, 10.0, 20.0], [[0.5, 2.0, 7.0]], 1, "nearest").tolist()
    [5.0, 20.0, 20.0]
    """
    x, places = as_operand(inputs), as_operand(coordinates)
    if order not in (0, 1) or fill_mode not in MODES:
        raise ArgumentError(
            f"map_coordinates: expected order 0 or 1 and fill_mode one of {', '.join(MODES)}; got {order!r}, "
            f"{fill_mode!r}."
        )
    if places.ndim < 2 or places.shape[0] != x.ndim:
        raise ShapeError(f"map_coordinates: expected {x.ndim} rows of coordinates; got shape {places.shape}.")
    floats = x if x.type.dtype in ("float32", "float64") else cast(x, "float32")
    places = places if places.type.dtype in FLOAT else cast(places, "float32")
    found = sampled(floats, [], [places[k] for k in range(x.ndim)], order, fill_mode, fill_value, round)
    return as_dtype(found, x.type.dtype)


def key_from(seed: Any) -> Any:
    """A key from an integer, from something with `next()` (a SeedGenerator), or from None: a new one at every call."""
    if seed is None:
        return random.key_of(next(_calls), 1)
    return seed.next() if hasattr(seed, "next") else random.key_of(int(seed))


def wrinkled(
    images: Tensor, key: Any, alpha: Any, sigma: float, interpolation: str, mode: str, fill: Any
) -> Tensor:
    """(n, rows, columns, channels) read at places moved by smooth random steps; alpha a number or (n, 1, 1)."""
    n, height, width, _ = images.shape
    noise = random.uniform(key, (n, height, width, 2), -1.0, 1.0, "float32")
    size = 2 * int(3 * sigma + 0.5) + 1
    steps = blurred(noise, (size, size), (sigma, sigma))
    y = cast(reshape(arange(height), (1, height, 1)), "float32")
    x = cast(reshape(arange(width), (1, 1, width)), "float32")
    return sampled_images(
        images, y + steps[..., 0] * alpha, x + steps[..., 1] * alpha, interpolation, mode, fill
    )


@op
def elastic_transform(
    images: Any, alpha: float = 20.0, sigma: float = 5.0, interpolation: str = "bilinear", fill_mode: str = "reflect",
    fill_value: float = 0.0, seed: Any = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images wrinkled: every pixel moved by a random step, the steps of neighbours alike.

    Args: images: (rows, columns, channels), or a batch of them; alpha: size of the steps (default 20); sigma: how far
        neighbours are alike, in pixels (default 5); interpolation, fill_mode, fill_value: as for `affine_transform`;
        seed: integer, SeedGenerator or None; data_format: default `image_data_format()`.
    Source: Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks".

    >>> import numpy as np
    >>> elastic_transform(np.ones((1, 4, 4, 1)), seed=1).shape
    (1, 4, 4, 1)
    """
    x, single = _batched("elastic_transform", images, data_format)
    return _given_back(
        wrinkled(x, key_from(seed), alpha, sigma, interpolation, fill_mode, fill_value), single, data_format
    )
