"""Boxes around things in images: how their four numbers are written, cut, moved, compared, and told from anchors.

The formats: 'xyxy' (left, top, right, bottom), 'yxyx', 'xywh' (left, top, width, height), 'center_xywh' (middle, width,
height), 'center_yxhw'; 'rel_xyxy', 'rel_yxyx', 'rel_xywh' and 'rel_center_xywh' are shares of the image's sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from .. import config, ops
from ..errors import ArgumentError, ShapeError, UnsupportedError, did_you_mean
from ..ir import Tensor
from ..primitives.arithmetic import as_operand, cast

_RELATIVE = "rel_"
_PLAIN = ("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw")
FORMATS = (*_PLAIN, "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")
_ENCODINGS = ("center_xywh", "center_yxhw")


def _parts(boxes: Tensor) -> list[Tensor]:
    return ops.split(boxes, 4, axis=-1)


_TO_CORNERS: dict[str, Callable[..., tuple[Tensor, ...]]] = {
    "xyxy": lambda *corners: corners,
    "yxyx": lambda top, left, bottom, right: (left, top, right, bottom),
    "xywh": lambda x, y, w, h: (x, y, x + w, y + h),
    "center_xywh": lambda x, y, w, h: (x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0),
    "center_yxhw": lambda y, x, h, w: (x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0),
}
_FROM_CORNERS: dict[str, Callable[..., tuple[Tensor, ...]]] = {
    "xyxy": lambda *corners: corners,
    "yxyx": lambda left, top, right, bottom: (top, left, bottom, right),
    "xywh": lambda left, top, right, bottom: (left, top, right - left, bottom - top),
    "center_xywh": lambda x, y, r, b: (x + (r - x) / 2.0, y + (b - y) / 2.0, r - x, b - y),
    "center_yxhw": lambda x, y, r, b: (y + (b - y) / 2.0, x + (r - x) / 2.0, b - y, r - x),
}


def convert_format(
    boxes: Any, source: str, target: str, height: Any = None, width: Any = None, dtype: Any = "float32"
) -> Any:
    """Boxes of one format in another.

    Args:
        boxes: numbers (..., 4), or a dict with them under 'boxes', in which they are replaced.
        source, target: formats, in any case of letters.
        height, width: of the image; needed if one of the formats is relative.
        dtype: of the result (default 'float32').

    Raises: ArgumentError: no such format, or height and width are missing; ShapeError: not four numbers a box.

    Example:
    >>> convert_format([[10, 20, 30, 60]], "xyxy", "center_xywh").tolist()
    [[20.0, 40.0, 20.0, 40.0]]
    >>> convert_format([[16, 20, 32, 60]], "xyxy", "rel_xyxy", height=80, width=128).tolist()
    [[0.125, 0.25, 0.25, 0.75]]
    """
    if isinstance(boxes, dict):
        boxes["boxes"] = convert_format(boxes["boxes"], source, target, height, width, dtype)
        return boxes
    boxes = cast(as_operand(boxes), dtype)
    if not boxes.ndim or boxes.shape[-1] != 4:
        raise ShapeError(f"convert_format: expected boxes of shape (..., 4); got {boxes.shape}.")
    source, target = _known(source), _known(target)
    relative = [name.startswith(_RELATIVE) for name in (source, target)]
    if any(relative) and (height is None or width is None):
        raise ArgumentError(f"convert_format: {source!r} to {target!r} needs the height and width of the image.")
    if source == target:
        return boxes
    corners = _TO_CORNERS[source.removeprefix(_RELATIVE)](*_parts(boxes))
    if relative[0] != relative[1]:
        sides = [cast(as_operand(side), boxes.dtype) for side in (width, height)] * 2
        corners = tuple(c * s if relative[0] else c / s for c, s in zip(corners, sides, strict=True))
    return ops.concatenate(list(_FROM_CORNERS[target.removeprefix(_RELATIVE)](*corners)), -1)


def _known(name: str) -> str:
    lower = str(name).lower()
    if lower not in FORMATS:
        raise ArgumentError(
            f"bounding boxes: expected a format among {', '.join(FORMATS)}; got {name!r}.{did_you_mean(lower, FORMATS)}"
        )
    return lower


def _only(name: str, format: str, allowed: tuple[str, ...] = ("xyxy",)) -> None:
    if format not in allowed:
        raise UnsupportedError(
            f"{name}: expected a format among {', '.join(allowed)}; got {format!r}. Use convert_format first."
        )


def clip_to_image_size(
    bounding_boxes: Mapping[str, Any], height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> dict[str, Any]:
    """Boxes cut at the edges of the image; a label of which nothing is left becomes -1.

    Args: bounding_boxes: dict with 'boxes' (..., n, 4) and perhaps 'labels' (..., n); height, width: of the image;
        bounding_box_format: 'xyxy' (default) or 'rel_xyxy'.
    Returns: a new dict.

    Example:
    >>> found = clip_to_image_size({"boxes": [[-5.0, 2, 8, 9], [12, 1, 15, 3]], "labels": [4, 7]}, 10, 10)
    >>> found["boxes"].tolist(), found["labels"].tolist()
    ([[0.0, 2.0, 8.0, 9.0], [10.0, 1.0, 10.0, 3.0]], [4, -1])
    """
    _only("clip_to_image_size", bounding_box_format, ("xyxy", "rel_xyxy"))
    relative = bounding_box_format == "rel_xyxy"
    if not relative and (height is None or width is None):
        raise ArgumentError("clip_to_image_size: boxes in 'xyxy' need the height and width of the image.")
    boxes = as_operand(bounding_boxes["boxes"])
    sides = (1.0, 1.0) if relative else tuple(cast(as_operand(side), boxes.dtype) for side in (width, height))
    left, top, right, bottom = (ops.clip(c, 0, side) for c, side in zip(_parts(boxes), sides * 2, strict=True))
    found = {**bounding_boxes, "boxes": ops.concatenate([left, top, right, bottom], -1)}
    if found.get("labels") is not None:
        area = ops.squeeze((right - left) * (bottom - top), -1)
        found["labels"] = ops.where(area > 0, as_operand(found["labels"]), -1)
    return found


def crop(boxes: Any, top: Any, left: Any, height: Any, width: Any, bounding_box_format: str = "xyxy") -> Tensor:
    """Boxes as they lie in a part of the image that begins at (top, left), cut at its edges.

    Args: boxes: (..., 4); top, left, height, width: of the part; bounding_box_format: 'xyxy'.

    Example:
    >>> crop([[10.0, 20, 50, 60]], top=10, left=20, height=40, width=30).tolist()
    [[0.0, 10.0, 30.0, 40.0]]
    """
    _only("crop", bounding_box_format)
    x1, y1, x2, y2 = _parts(as_operand(boxes))
    across, down = (ops.clip(v - left, 0, width) for v in (x1, x2)), (ops.clip(v - top, 0, height) for v in (y1, y2))
    (x1, x2), (y1, y2) = across, down
    return ops.concatenate([x1, y1, x2, y2], -1)


def pad(
    boxes: Any, top: Any, left: Any, height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> Tensor:
    """Boxes as they lie in an image to which rows were added above and columns at the left.

    Args: boxes: (..., 4); top, left: how many; height, width: accepted, not needed; bounding_box_format: 'xyxy'.

    Example:
    >>> pad([[1.0, 2, 3, 4]], top=10, left=20).tolist()
    [[21.0, 12.0, 23.0, 14.0]]
    """
    _only("pad", bounding_box_format)
    x1, y1, x2, y2 = _parts(as_operand(boxes))
    return ops.concatenate([x1 + left, y1 + top, x2 + left, y2 + top], -1)


def affine_transform(
    boxes: Any, angle: Any, translate_x: Any, translate_y: Any, scale: Any, shear_x: Any, shear_y: Any, height: Any,
    width: Any, center_x: Any = None, center_y: Any = None, bounding_box_format: str = "xyxy",
) -> Tensor:  # fmt: skip
    """The upright boxes around boxes that were turned, shifted, scaled and slanted, one transform an image.

    Args:
        boxes: (batch, n, 4).
        angle: degrees, (batch,); translate_x, translate_y: shares of the sides; scale: factors; shear_x, shear_y:
            degrees; all of them (batch,).
        height, width: of the images; center_x, center_y: shares at which the centre lies (default 0.5).
        bounding_box_format: 'xyxy'.

    Example:
    >>> zero, one = as_operand([0.0]), as_operand([1.0])
    >>> moved = affine_transform([[[0.0, 0, 4, 2]]], zero, as_operand([0.5]), zero, one, zero, zero, 11, 11)
    >>> moved.tolist()
    [[[5.0, 0.0, 9.0, 2.0]]]
    """
    _only("affine_transform", bounding_box_format)
    middle = (0.5 if center_x is None else center_x, 0.5 if center_y is None else center_y)
    angle, slant_x, slant_y = (-as_operand(v) * (math.pi / 180.0) for v in (angle, shear_x, shear_y))
    (across, shift_x), (down, shift_y) = _turned(angle, slant_x, slant_y, scale, middle, (translate_x, translate_y),
                                                 (width, height))  # fmt: skip
    x1, y1, x2, y2 = (ops.squeeze(c, -1) for c in _parts(cast(as_operand(boxes), angle.dtype)))
    xs, ys = ops.stack([x1, x2, x2, x1], -1), ops.stack([y1, y1, y2, y2], -1)
    per_box = lambda v: ops.expand_dims(ops.expand_dims(v, -1), -1)  # noqa: E731
    new_x, new_y = (
        xs * per_box(a) + ys * per_box(b) + per_box(shift)
        for a, b, shift in ((*across, shift_x), (*down, shift_y))
    )
    return ops.stack([ops.min(new_x, -1), ops.min(new_y, -1), ops.max(new_x, -1), ops.max(new_y, -1)], -1)


def _turned(
    angle: Tensor, slant_x: Tensor, slant_y: Tensor, scale: Any, middle: Any, shift: Any, sides: Any
) -> tuple[Any, Any]:
    """The rows of the inverse transform, ((a, b), shift) each; rotation and slant have determinant 1."""
    x, y = (m * (side - 1) for m, side in zip(middle, sides, strict=True))
    from_x, from_y = x - shift[0] * (sides[0] - 1), y - shift[1] * (sides[1] - 1)
    a = ops.cos(angle - slant_y) / ops.cos(slant_y)
    c = -ops.sin(angle - slant_y) / ops.cos(slant_y)
    b, d = a * ops.tan(slant_x) + ops.sin(angle), ops.cos(angle) - c * ops.tan(slant_x)
    across, down = (d * scale, -b * scale), (-c * scale, a * scale)
    return (across, x - across[0] * from_x - across[1] * from_y), (down, y - down[0] * from_x - down[1] * from_y)


def _sides(image_shape: Any) -> dict[str, Any]:
    return {} if image_shape is None else {"height": image_shape[0], "width": image_shape[1]}


def _variance(variance: Any) -> Tensor | None:
    if variance is None:
        return None
    found = as_operand(variance, "float32")
    if not found.ndim or found.shape[-1] != 4:
        raise ArgumentError(f"bounding boxes: expected variance as 4 numbers; got {variance!r}.")
    return found


def _encoding(name: str, value: str) -> str:
    if value not in _ENCODINGS:
        raise ArgumentError(f"{name}: expected one of {', '.join(_ENCODINGS)}; got {value!r}.")
    return value


def encode_box_to_deltas(
    anchors: Any, boxes: Any, anchor_format: str, box_format: str, encoding_format: str = "center_yxhw",
    variance: Any = None, image_shape: Any = None,
) -> Tensor:  # fmt: skip
    """How boxes differ from anchors: the steps between the middles in anchor sizes, and logarithms of ratios of sizes.

    Args:
        anchors: (n, 4); boxes: (n, 4) or (batch, n, 4); anchor_format, box_format: their formats.
        encoding_format: 'center_yxhw' (default) or 'center_xywh', the order of the result.
        variance: 4 numbers by which the result is divided (default None); image_shape: (height, width, channels), for
            relative formats.

    Source: Ren et al. 2015, arXiv:1506.01497, equation 2.

    Example:
    >>> encode_box_to_deltas([[0.0, 0, 10, 10]], [[5.0, 0, 15, 10]], "xyxy", "xyxy").tolist()
    [[0.0, 0.5, 0.0, 0.0]]
    """
    divisor, format = _variance(variance), _encoding("encoding_format", encoding_format)
    there = convert_format(anchors, anchor_format, format, **_sides(image_shape))
    here = convert_format(boxes, box_format, format, **_sides(image_shape))
    size, own = (ops.maximum(t[..., 2:], config.epsilon()) for t in (there, here))
    deltas = ops.concatenate([(here[..., :2] - there[..., :2]) / size, ops.log(own / size)], -1)
    return deltas if divisor is None else deltas / divisor


def decode_deltas_to_boxes(
    anchors: Any, boxes_delta: Any, anchor_format: str, box_format: str, encoded_format: str = "center_yxhw",
    variance: Any = None, image_shape: Any = None,
) -> Any:  # fmt: skip
    """The boxes that `encode_box_to_deltas` told from anchors.

    Args: as for `encode_box_to_deltas`; anchors and boxes_delta may be dicts of levels.

    Example:
    >>> decode_deltas_to_boxes([[0.0, 0, 10, 10]], [[0.0, 0.5, 0.0, 0.0]], "xyxy", "xyxy").tolist()
    [[5.0, 0.0, 15.0, 10.0]]
    """
    factor, format = _variance(variance), _encoding("encoded_format", encoded_format)
    if isinstance(anchors, dict) and isinstance(boxes_delta, dict):
        each = (anchor_format, box_format, encoded_format, variance, image_shape)
        return {level: decode_deltas_to_boxes(anchors[level], boxes_delta[level], *each) for level in anchors}
    there = convert_format(anchors, anchor_format, format, **_sides(image_shape))
    deltas = as_operand(boxes_delta) if factor is None else as_operand(boxes_delta) * factor
    middle = deltas[..., :2] * there[..., 2:] + there[..., :2]
    boxes = ops.concatenate([middle, ops.exp(deltas[..., 2:]) * there[..., 2:]], -1)
    return convert_format(boxes, format, box_format, **_sides(image_shape))


def compute_iou(
    boxes1: Any, boxes2: Any, bounding_box_format: str, use_masking: bool = False, mask_val: Any = -1,
    image_shape: Any = None,
) -> Tensor:  # fmt: skip
    """The area that each box shares with each other box, divided by the area of both together.

    Args:
        boxes1, boxes2: (m, 4) and (n, 4), or batches of them; bounding_box_format: of both.
        use_masking: put `mask_val` (default -1) where a box has only negative numbers (default False).
        image_shape: (height, width, channels), for relative formats.

    Returns: (m, n) or (batch, m, n).

    Example:
    >>> compute_iou([[0.0, 0, 2, 2]], [[0.0, 0, 2, 1], [5, 5, 6, 6]], "xyxy").tolist()
    [[0.5, 0.0]]
    """
    first, second = as_operand(boxes1), as_operand(boxes2)
    if first.ndim not in (2, 3) or second.ndim not in (2, 3):
        raise ShapeError(f"compute_iou: expected boxes (n, 4) or (batch, n, 4); got {first.shape}, {second.shape}.")
    if "rel" in bounding_box_format and image_shape is None:
        raise ArgumentError(f"compute_iou: {bounding_box_format!r} needs image_shape as (height, width, channels).")
    first, second = (convert_format(b, bounding_box_format, "xyxy", **_sides(image_shape)) for b in (first, second))
    a = [ops.expand_dims(ops.squeeze(c, -1), -1) for c in _parts(first)]
    b = [ops.expand_dims(ops.squeeze(c, -1), -2) for c in _parts(second)]
    common = _overlap(a, b)
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (a, b)]
    found = common / (areas[0] + areas[1] - common + config.epsilon())
    if not use_masking:
        return found
    negative = [ops.max(boxes, -1) < 0 for boxes in (first, second)]
    background = ops.logical_or(ops.expand_dims(negative[0], -1), ops.expand_dims(negative[1], -2))
    return ops.where(background, cast(as_operand(mask_val), found.dtype), found)


def _overlap(a: Any, b: Any) -> Tensor:
    """The common area of boxes given by their corners."""
    wide = ops.maximum(ops.minimum(a[2], b[2]) - ops.maximum(a[0], b[0]), 0.0)
    return wide * ops.maximum(ops.minimum(a[3], b[3]) - ops.maximum(a[1], b[1]), 0.0)


def compute_ciou(boxes1: Any, boxes2: Any, bounding_box_format: str, image_shape: Any = None) -> Tensor:
    """How well boxes fit box by box: the IoU less a share for the distance of the middles and one for the proportions.

    Args: boxes1, boxes2: (..., 4); bounding_box_format: of both, not a relative one; image_shape: not needed.
    Source: Zheng et al. 2020, arXiv:1911.08287, equations 9 to 12.

    Example:
    >>> compute_ciou([[0.0, 0, 2, 2], [0, 0, 1, 1]], [[0.0, 0, 2, 2], [1, 1, 2, 2]], "xyxy").numpy().round(3).tolist()
    [1.0, -0.25]
    """
    if "rel" in bounding_box_format:
        raise ArgumentError(f"compute_ciou: expected a format in pixels; got {bounding_box_format!r}.")
    a, b = (
        [ops.squeeze(c, -1) for c in _parts(convert_format(boxes, bounding_box_format, "xyxy", **_sides(image_shape)))]
        for boxes in (boxes1, boxes2)
    )
    tiny, common = config.epsilon(), _overlap(a, b)
    wide, high = [v[2] - v[0] for v in (a, b)], [v[3] - v[1] + tiny for v in (a, b)]
    iou = common / (wide[0] * high[0] + wide[1] * high[1] - common + 2 * tiny)
    around = [ops.maximum(a[k + 2], b[k + 2]) - ops.minimum(a[k], b[k]) for k in (0, 1)]
    apart = [((a[k] + a[k + 2]) - (b[k] + b[k + 2])) / 2.0 for k in (0, 1)]
    distance = (apart[0] ** 2 + apart[1] ** 2) / (around[0] ** 2 + around[1] ** 2 + tiny)
    shape = (4 / math.pi**2) * (ops.arctan(wide[1] / high[1]) - ops.arctan(wide[0] / high[0])) ** 2
    return iou - distance - shape * shape / (shape - iou + (1.0 + tiny))


__all__ = [
    "affine_transform", "clip_to_image_size", "compute_ciou", "compute_iou", "convert_format", "crop",
    "decode_deltas_to_boxes", "encode_box_to_deltas", "pad",
]  # fmt: skip
