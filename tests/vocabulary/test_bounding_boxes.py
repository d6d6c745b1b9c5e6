"""Boxes: against counted pixels, against what image layers do to a painted rectangle, and there and back again."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from chainrule import layers, ops
from chainrule.errors import ArgumentError, ShapeError
from chainrule.utils import bounding_boxes as bb

CORNERS = np.array([[[2.0, 3.0, 11.0, 8.0], [0.0, 0.0, 4.0, 10.0]], [[5.0, 1.0, 9.0, 9.0], [1.0, 2.0, 3.0, 4.0]]])
FORMATS = ("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")


@pytest.mark.parametrize(("source", "target"), list(itertools.product(FORMATS, FORMATS)))
def test_formats_there_and_back(source: str, target: str) -> None:
    start = bb.convert_format(CORNERS, "xyxy", source, height=20, width=40)
    there = bb.convert_format(start, source, target, height=20, width=40)
    np.testing.assert_allclose(there, bb.convert_format(CORNERS, "xyxy", target, 20, 40), rtol=1e-5)
    np.testing.assert_allclose(bb.convert_format(there, target, "xyxy", height=20, width=40), CORNERS, rtol=1e-5)


def test_what_the_formats_mean() -> None:
    box = [[10.0, 20.0, 30.0, 60.0]]
    assert bb.convert_format(box, "xyxy", "XYWH").tolist() == [[10.0, 20.0, 20.0, 40.0]]
    assert bb.convert_format(box, "xyxy", "center_yxhw").tolist() == [[40.0, 20.0, 40.0, 20.0]]
    assert bb.convert_format(box, "xyxy", "rel_yxyx", 80, 40).tolist() == [[0.25, 0.25, 0.75, 0.75]]
    kept = {"boxes": np.array(box), "labels": np.array([1])}
    assert bb.convert_format(kept, "xyxy", "yxyx") is kept and kept["boxes"].tolist() == [[20.0, 10.0, 60.0, 30.0]]
    for source, target, sides in (("xyxy", "xxyy", {}), ("rel_xyxy", "xyxy", {}), ("xyxy", "rel_xywh", {"width": 4})):
        with pytest.raises(ArgumentError):
            bb.convert_format(box, source, target, **sides)
    with pytest.raises(ShapeError):
        bb.convert_format([[1.0, 2.0, 3.0]], "xyxy", "xywh")


def painted(box: Any, size: tuple[int, int] = (16, 24)) -> np.ndarray:
    image = np.zeros(size, bool)
    left, top, right, bottom = (int(v) for v in box)
    image[top:bottom, left:right] = True
    return image


def test_overlap_is_counted_in_pixels() -> None:
    found = bb.compute_iou(CORNERS[0], CORNERS, "xyxy").numpy()
    for batch, i, j in itertools.product(range(2), range(2), range(2)):
        a, b = painted(CORNERS[0, i]), painted(CORNERS[batch, j])
        assert found[batch, i, j] == pytest.approx((a & b).sum() / (a | b).sum(), abs=1e-6)
    masked = bb.compute_iou([[0.0, 0, 1, 1]], [[-1.0, -1, -1, -1]], "xyxy", use_masking=True, mask_val=-7)
    assert masked.tolist() == [[-7.0]]


def test_ciou_by_its_formula() -> None:
    a, b = CORNERS[0, 0], CORNERS[1, 0]
    iou = float(bb.compute_iou([a], [b], "xyxy").item())
    middle = lambda v: np.array([v[0] + v[2], v[1] + v[3]]) / 2  # noqa: E731
    diagonal = (max(a[2], b[2]) - min(a[0], b[0])) ** 2 + (max(a[3], b[3]) - min(a[1], b[1])) ** 2
    angle = [np.arctan((v[2] - v[0]) / (v[3] - v[1])) for v in (a, b)]
    v = 4 / np.pi**2 * (angle[0] - angle[1]) ** 2
    expected = iou - ((middle(a) - middle(b)) ** 2).sum() / diagonal - v * v / (1 - iou + v)
    assert bb.compute_ciou([a], [b], "xyxy").item() == pytest.approx(expected, abs=1e-5)


def test_deltas_there_and_back() -> None:
    anchors = np.array([[0.0, 0.0, 8.0, 8.0], [4.0, 4.0, 20.0, 12.0]])
    for encoding, variance in itertools.product(("center_yxhw", "center_xywh"), (None, [0.1, 0.1, 0.2, 0.2])):
        deltas = bb.encode_box_to_deltas(anchors, CORNERS, "xyxy", "xyxy", encoding, variance)
        back = bb.decode_deltas_to_boxes(anchors, deltas, "xyxy", "xyxy", encoding, variance)
        np.testing.assert_allclose(back, CORNERS, atol=1e-4)
    first = bb.encode_box_to_deltas(anchors[:1], [[4.0, 0.0, 12.0, 16.0]], "xyxy", "xyxy", "center_xywh").numpy()
    np.testing.assert_allclose(first, [[0.5, 0.5, 0.0, np.log(2.0)]], atol=1e-6)
    with pytest.raises(ArgumentError, match="4 numbers"):
        bb.encode_box_to_deltas(anchors, CORNERS, "xyxy", "xyxy", variance=[1.0])


def test_a_quarter_turn() -> None:
    zero, one = ops.zeros((1,)), ops.ones((1,))
    turned = bb.affine_transform([[[0.0, 0.0, 4.0, 2.0]]], ops.convert_to_tensor([90.0]), zero, zero, one, zero, zero,
                                 11, 11)  # fmt: skip
    np.testing.assert_allclose(turned, [[[0.0, 6.0, 2.0, 10.0]]], atol=1e-5)  # (x, y) -> (y, 10 - x)


BOX = np.array([6.0, 4.0, 15.0, 10.0])
LAYERS = [
    layers.RandomFlip("horizontal", seed=1), layers.RandomFlip("vertical", seed=2), layers.RandomFlip(seed=3),
    layers.RandomTranslation((0.1, 0.2), (-0.2, -0.1), "constant", seed=1), layers.Resizing(32, 12),
    layers.RandomZoom((-0.3, -0.2), (-0.2, -0.1), "constant", seed=1), layers.CenterCrop(12, 20),
    layers.RandomZoom((0.3, 0.4), None, "constant", seed=1), layers.RandomRotation((0.25, 0.25), "constant", seed=1),
    layers.Resizing(24, 24, pad_to_aspect_ratio=True), layers.Resizing(24, 24, crop_to_aspect_ratio=True),
    layers.CenterCrop(32, 40), layers.RandomPerspective((1.0, 1.0), 0.3, seed=1), layers.RandomCrop(10, 18, seed=3),
    layers.RandomShear((0.1, 0.2), (0.0, 0.1), fill_mode="constant", seed=1),
]  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_boxes_follow_the_pixels(layer: Any) -> None:
    """The box around the bright pixels of a painted rectangle, to the width of a blurred edge and half a pixel."""
    layer.bounding_box_format = "xyxy"
    images = np.stack([painted(BOX)] * 2)[..., None].astype("float32")
    data = {"images": images, "bounding_boxes": {"boxes": [[BOX]] * 2, "labels": [[7]] * 2}}
    found = layer(data, training=True)
    for image, box in zip(found["images"].numpy(), found["bounding_boxes"]["boxes"].numpy(), strict=True):
        rows, columns = np.nonzero(image[..., 0] > 0.5)
        seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        np.testing.assert_allclose(box[0], seen, atol=2.1)
    assert found["bounding_boxes"]["labels"].tolist() == [[7]] * 2


def test_formats_single_images_and_labels_that_leave() -> None:
    image, boxes = np.zeros((8, 8, 3), "float32"), {"boxes": [[0.0, 0.0, 0.125, 0.125]], "labels": [3]}
    crop = layers.CenterCrop(4, 4, bounding_box_format="rel_xyxy")
    found = crop({"images": image, "bounding_boxes": boxes})
    assert found["images"].shape == (4, 4, 3) and found["bounding_boxes"]["labels"].tolist() == [-1]
    assert crop.get_config()["bounding_box_format"] == "rel_xyxy"
    assert boxes == {"boxes": [[0.0, 0.0, 0.125, 0.125]], "labels": [3]}, "what was given stays as it is"
    again = layers.CenterCrop.from_config(crop.get_config())
    assert again.bounding_box_format == "rel_xyxy" and "bounding_box_format" not in layers.RandomFlip().get_config()


def test_what_boxes_need() -> None:
    data = {"images": np.zeros((1, 8, 8, 3)), "bounding_boxes": {"boxes": np.zeros((1, 2, 4)), "labels": [[1, 2]]}}
    with pytest.raises(ArgumentError, match="bounding_box_format"):
        layers.RandomFlip()(data)
    with pytest.raises(ArgumentError, match="labels"):
        layers.RandomFlip(bounding_box_format="xyxy")({**data, "bounding_boxes": {"boxes": np.zeros((1, 2, 4))}})
    with pytest.raises(NotImplementedError):
        layers.CutMix(bounding_box_format="xyxy")(data)


def test_mixing_puts_boxes_together() -> None:
    boxes = {"boxes": CORNERS, "labels": [[1, 2], [3, 4]]}
    layer = layers.MixUp(bounding_box_format="xyxy", seed=1)
    found = layer({"images": np.zeros((2, 8, 8, 1)), "bounding_boxes": boxes})
    assert found["bounding_boxes"]["boxes"].shape == (2, 4, 4)
    assert found["bounding_boxes"]["labels"].numpy()[:, :2].tolist() == boxes["labels"]
