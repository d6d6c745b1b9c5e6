"""`tf.image`: boxes in images, and comparisons of images. Boxes are (top, left, bottom, right)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ... import ops
from ...ir import FLOAT


def non_max_suppression(
    boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5, score_threshold: Any = float("-inf"),
    name: Any = None,
) -> Any:  # fmt: skip
    """The numbers of the boxes with the highest scores, of those that overlap only the best. Outside of Programs.

    Args: boxes: (n, 4); scores: (n,); max_output_size; iou_threshold: overlap from which one is left out (default
        0.5); score_threshold: boxes below it are left out.

    >>> non_max_suppression([[0, 0, 1, 1], [0, 0, 1, 0.9], [2, 2, 3, 3]], [0.9, 0.8, 0.7], 5).tolist()
    [0, 2]
    """
    corners, values = np.asarray(boxes, np.float64), np.asarray(scores, np.float64)
    return ops.convert_to_tensor(
        np.asarray(
            _chosen(corners, values, int(max_output_size), float(iou_threshold), float(score_threshold)), "int32"
        )
    )


def _chosen(boxes: np.ndarray, scores: np.ndarray, most: int, overlap: float, least: float) -> list[int]:
    order = [int(k) for k in np.argsort(-scores, kind="stable") if scores[k] > least]
    kept: list[int] = []
    while order and len(kept) < most:
        best = order.pop(0)
        kept.append(best)
        shares = _iou(boxes[best], boxes[order])
        order = [k for k, share in zip(order, shares, strict=True) if share <= overlap]
    return kept


def _iou(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The share that boxes have in common."""

    def sized(b: np.ndarray) -> np.ndarray:
        return np.concatenate([np.minimum(b[..., :2], b[..., 2:]), np.maximum(b[..., :2], b[..., 2:])], -1)

    one, others = sized(one), sized(others)
    common = np.maximum(np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2]), 0).prod(-1)
    whole = (one[2:] - one[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(-1) - common
    return np.where(whole > 0, common / np.where(whole > 0, whole, 1), 0)


class Suppressed(NamedTuple):
    """What `combined_non_max_suppression` gives."""

    nmsed_boxes: Any
    nmsed_scores: Any
    nmsed_classes: Any
    valid_detections: Any


def combined_non_max_suppression(
    boxes: Any, scores: Any, max_output_size_per_class: Any, max_total_size: Any, iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"), pad_per_class: bool = False, clip_boxes: bool = True, name: Any = None,
) -> Suppressed:  # fmt: skip
    """Non-maximum suppression for each class of each image, the best of all classes. Outside of Programs.

    Args: boxes: (batch, n, 1 or classes, 4); scores: (batch, n, classes); the others as there; clip_boxes: keep boxes
        inside of 0 to 1 (default True).
    """
    corners, values = np.asarray(boxes, np.float32), np.asarray(scores, np.float32)
    total, found = int(max_total_size), []
    for image_boxes, image_scores in zip(corners, values, strict=True):
        rows = []
        for c in range(image_scores.shape[1]):
            own = image_boxes[:, min(c, image_boxes.shape[1] - 1)]
            limits = int(max_output_size_per_class), float(iou_threshold), float(score_threshold)
            rows += [(image_scores[k, c], c, own[k]) for k in _chosen(own, image_scores[:, c], *limits)]
        found.append(_padded(sorted(rows, key=lambda row: -row[0])[:total], total, clip_boxes))
    columns = [ops.convert_to_tensor(np.stack(column)) for column in zip(*found, strict=True)]
    return Suppressed(*columns)


def _padded(rows: list[Any], total: int, clip: bool) -> tuple[Any, ...]:
    kept, scores = np.zeros((total, 4), np.float32), np.zeros(total, np.float32)
    classes = np.zeros(total, np.float32)
    for k, (score, c, box) in enumerate(rows):
        kept[k], scores[k], classes[k] = np.clip(box, 0, 1) if clip else box, score, c
    return kept, scores, classes, np.int32(len(rows))


def crop_and_resize(
    image: Any, boxes: Any, box_indices: Any, crop_size: Any, method: str = "bilinear",
    extrapolation_value: float = 0.0, name: Any = None,
) -> Any:  # fmt: skip
    """Parts of images, each resized: (boxes, rows, columns, channels).

    Args: image: (batch, rows, columns, channels); boxes: (n, 4), 0 to 1; box_indices: the image of each box;
        crop_size: (rows, columns); extrapolation_value: what lies outside of the image.
    """
    x, corners = ops.cast(image, "float32"), ops.cast(boxes, "float32")
    rows, columns = (int(n) for n in crop_size)
    places = [_grid(corners[:, a], corners[:, a + 2], n, x.shape[1 + a]) for a, n in ((0, rows), (1, columns))]
    (y, yes), (z, also) = places
    taken = ops.take(x, ops.cast(box_indices, "int32"), 0)
    taken = _between(taken, y, 1)
    taken = _between(taken, z, 2)
    inside = ops.logical_and(ops.expand_dims(yes, 2), ops.expand_dims(also, 1))
    return ops.where(ops.expand_dims(inside, -1), taken, extrapolation_value)


def _grid(low: Any, high: Any, count: int, size: int) -> tuple[Any, Any]:
    """Where `count` points of each box lie along an axis, and whether inside."""
    steps = np.linspace(0, 1, count, dtype="float32") if count > 1 else np.full(1, 0.5, "float32")
    at = (ops.expand_dims(low, 1) + ops.expand_dims(high - low, 1) * steps) * float(size - 1)
    return at, ops.logical_and(at >= 0, at <= size - 1)


def _between(x: Any, at: Any, axis: int) -> Any:
    """The values at places between pixels along an axis, by linear interpolation."""
    low = ops.clip(ops.floor(at), 0, x.shape[axis] - 1)
    high = ops.clip(low + 1, 0, x.shape[axis] - 1)
    shape = [at.shape[0], *[1] * (x.ndim - 1)]
    shape[axis] = at.shape[1]
    share = ops.reshape(at - low, shape)
    first, second = (ops.take_along_axis(x, ops.reshape(ops.cast(k, "int32"), shape), axis) for k in (low, high))
    return first * (1 - share) + second * share


def draw_bounding_boxes(images: Any, boxes: Any, colors: Any = None, name: Any = None) -> Any:
    """Images with the edges of boxes drawn in. Outside of Programs.

    Args: images: (batch, rows, columns, channels); boxes: (batch, n, 4), 0 to 1; colors: (m, channels), in turn
        (default: yellow first, as TensorFlow's).
    """
    pixels = np.array(images, copy=True)
    palette = np.asarray(_COLORS if colors is None else colors, np.float32)
    scale = 255.0 if pixels.dtype.kind in "iu" and colors is None else 1.0
    rows, columns = pixels.shape[1:3]
    for picture, own in zip(pixels, np.asarray(boxes, np.float64), strict=True):
        for k, box in enumerate(own):
            top, left, bottom, right = (int(v * (n - 1)) for v, n in zip(box, (rows, columns) * 2, strict=True))
            top, bottom = (int(np.clip(v, 0, rows - 1)) for v in (top, bottom))
            left, right = (int(np.clip(v, 0, columns - 1)) for v in (left, right))
            color = palette[k % len(palette)][: pixels.shape[-1]] * scale
            picture[[top, bottom], left : right + 1] = color
            picture[top : bottom + 1, [left, right]] = color
    return ops.convert_to_tensor(pixels)


_COLORS = [[1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1], [0.5, 0.5, 0, 1]]


def total_variation(images: Any, name: Any = None) -> Any:
    """The sum of the absolute differences of neighbouring pixels, for each image."""
    x = ops.convert_to_tensor(images)
    down, right = x[..., 1:, :, :] - x[..., :-1, :, :], x[..., 1:, :] - x[..., :-1, :]
    axes = (-3, -2, -1)
    return ops.sum(ops.absolute(down), axes) + ops.sum(ops.absolute(right), axes)


def psnr(a: Any, b: Any, max_val: Any, name: Any = None) -> Any:
    """The ratio of peak signal to noise in decibels, for each image."""
    x, y = (ops.convert_to_tensor(t) for t in (a, b))
    scale = 1.0 if x.type.dtype in FLOAT else float(np.iinfo(x.dtype).max)
    error = ops.mean(ops.square(ops.cast(x, "float32") / scale - ops.cast(y, "float32") / scale), (-3, -2, -1))
    return 20.0 * ops.log10(ops.cast(max_val, "float32") / scale) - 10.0 * ops.log10(error)


def image_gradients(image: Any) -> tuple[Any, Any]:
    """The differences to the next row and to the next column, zero in the last one."""
    x = ops.convert_to_tensor(image)
    down, right = x[:, 1:] - x[:, :-1], x[:, :, 1:] - x[:, :, :-1]
    return ops.pad(down, ((0, 0), (0, 1), (0, 0), (0, 0))), ops.pad(right, ((0, 0), (0, 0), (0, 1), (0, 0)))


__all__ = [
    "combined_non_max_suppression", "crop_and_resize", "draw_bounding_boxes", "image_gradients", "non_max_suppression",
    "psnr", "total_variation",
]  # fmt: skip
