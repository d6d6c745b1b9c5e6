"""What layers that change images share: batches and single images, their labels and masks, random factors."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ... import ops
from ...errors import ArgumentError, ShapeError
from ...ir import INTEGER
from ...ops.image_resizing import as_dtype
from ...ops.random import unit_uniform
from ...utils import bounding_boxes as bounding
from ...variables import SeedGenerator
from ..checks import label
from ..convolution.base import format_of
from ..layer import Layer

Drawn = dict[str, Any]


class ImageLayer(Layer):
    """Base: a layer on an image (rows, columns, channels), on a batch of images, or on a dict of `images` with
    `labels`, `segmentation_masks` and `bounding_boxes` (a dict of `boxes` (n, 4) and their `labels` (n,)) that belong
    to them. Boxes need the argument bounding_box_format, one of those of `utils.bounding_boxes`.

    A subclass defines `draw`, the random numbers for a batch, and `change`, what becomes of floats (n, rows, columns,
    channels) with these numbers.
    """

    active_always: ClassVar[bool] = False  # whether it does the same when a model is asked as when it is trained
    keeps_integers: ClassVar[bool] = False  # whether whole numbers stay whole numbers, whatever the layer's dtype
    moves: bool = False  # whether pixels change their places, so that masks follow

    def __init__(self, bounding_box_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bounding_box_format = bounding_box_format

    def _start(self, seed: int | None, data_format: str | None, random: bool = True) -> None:
        self.data_format = format_of(self, data_format)
        self.seed = seed
        if random:
            self.generator = SeedGenerator(seed)

    # what a subclass defines

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """The random numbers for images of a shape (n, rows, columns, channels)."""
        return {}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, changed."""
        raise NotImplementedError

    def change_masks(self, x: Any, drawn: Drawn) -> Any:
        """Masks of whole numbers, changed as the images are; without blending for layers that move pixels."""
        return self.change(x, drawn)

    def change_labels(self, labels: Any, drawn: Drawn) -> Any:
        """The labels that belong to the changed images."""
        return labels

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """Boxes 'xyxy' in pixels, floats (n, boxes, 4), around the same things in the changed images."""
        return boxes

    def new_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The rows and columns of images that had `size`."""
        return size

    # calling

    def call(self, data: Any, training: bool | None = True) -> Any:
        """The images changed; unless the layer acts always, in training only."""
        if not isinstance(data, dict):
            return self.transform_images(data, self.get_random_transformation(data, training), training)
        if "images" not in data:
            raise ArgumentError(f"expected a dict with 'images'; got the keys {', '.join(map(repr, data))}.")
        drawn = self.get_random_transformation(data, training)
        found = {**data, "images": self.transform_images(data["images"], drawn, training)}
        if data.get("labels") is not None:
            found["labels"] = self.transform_labels(data["labels"], drawn, training)
        if data.get("segmentation_masks") is not None:
            found["segmentation_masks"] = self.transform_segmentation_masks(data["segmentation_masks"], drawn, training)
        if data.get("bounding_boxes") is not None:
            found["bounding_boxes"] = self.transform_bounding_boxes(data["bounding_boxes"], drawn, training)
        return found

    def get_random_transformation(self, data: Any, training: bool | None = True, seed: Any = None) -> Drawn | None:
        """The random numbers for a batch of images; None where the layer does nothing."""
        if not (training or self.active_always):
            return None
        images = data["images"] if isinstance(data, dict) else data
        return self._with_size(images, self.draw(self._batch(images).shape))

    def _with_size(self, images: Any, drawn: Drawn) -> Drawn:
        """The random numbers, and the rows and columns that the images had."""
        return {**drawn, "size": self._batch(images).shape[1:3]}

    def transform_images(self, images: Any, transformation: Drawn | None, training: bool | None = True) -> Any:
        """Images with random numbers that were drawn before."""
        images = ops.convert_to_tensor(images)
        dtype = images.type.dtype if self.keeps_integers and images.type.dtype in INTEGER else self.compute_dtype
        if transformation is None:
            return ops.cast(images, dtype)
        return as_dtype(self._given_back(self.change(self._floats(images), transformation), images.ndim), dtype)

    def transform_labels(self, labels: Any, transformation: Drawn | None, training: bool | None = True) -> Any:
        """The labels of the images."""
        return labels if transformation is None else self.change_labels(labels, transformation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Drawn | None, training: bool | None = True
    ) -> Any:
        """Masks (rows, columns) or (rows, columns, 1), or a batch of them, moved as the images are."""
        masks = segmentation_masks
        if transformation is None or not self.moves:
            return masks
        flat = masks.ndim == 2 or (masks.ndim == 3 and masks.shape[-1] != 1)
        x = self._floats(ops.expand_dims(masks, -1) if flat else masks, "channels_last")
        y = self.change_masks(x, transformation)
        y = y if masks.ndim + flat == 4 else ops.squeeze(y, 0)
        return as_dtype(ops.squeeze(y, -1) if flat else y, masks.type.dtype)

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Drawn | None, training: bool | None = True
    ) -> Any:
        """The boxes of an image, or of a batch, in the layer's format; labels of boxes that leave the image become -1.

        Raises: ArgumentError: the layer has no bounding_box_format, or boxes or labels are missing.
        """
        if self.bounding_box_format is None:
            raise ArgumentError(f"{label(self)}: boxes need bounding_box_format, such as 'xyxy'.")
        boxes = boxes_with_labels(bounding_boxes)
        if transformation is None or not self.moves:
            return boxes
        single, (height, width) = boxes["boxes"].ndim == 2, transformation["size"]
        corners = bounding.convert_format(boxes["boxes"], self.bounding_box_format, "xyxy", height, width)
        corners = self.change_boxes(ops.expand_dims(corners, 0) if single else corners, transformation)
        corners = ops.squeeze(corners, 0) if single else corners
        height, width = self.new_size((height, width))
        found = bounding.clip_to_image_size({**boxes, "boxes": corners}, height, width)
        return bounding.convert_format(found, "xyxy", self.bounding_box_format, height, width)

    def _batch(self, images: Any, data_format: str | None = None) -> Any:
        """(n, rows, columns, channels)."""
        x = ops.convert_to_tensor(images)
        if x.ndim not in (3, 4):
            raise ShapeError(f"expected an image (rows, columns, channels) or a batch of them; got shape {x.shape}.")
        x = ops.expand_dims(x, 0) if x.ndim == 3 else x
        return x if (data_format or self.data_format) == "channels_last" else ops.moveaxis(x, 1, -1)

    def _floats(self, images: Any, data_format: str | None = None) -> Any:
        x = self._batch(images, data_format)
        wide = "float64" if "float64" in (x.type.dtype, self.compute_dtype) else "float32"
        return ops.cast(x, wide)

    def _given_back(self, x: Any, ndim: int) -> Any:
        x = x if self.data_format == "channels_last" else ops.moveaxis(x, -1, 1)
        return x if ndim == 4 else ops.squeeze(x, 0)

    # random numbers

    def uniform(self, shape: Any, low: Any = 0.0, high: Any = 1.0) -> Any:
        """Floats from low to high."""
        return unit_uniform(self.generator.next(), shape, "float32") * (high - low) + low

    def chosen(self, n: int, factor: tuple[float, float]) -> Any:
        """For each of n images whether it is changed: with a probability drawn from a range."""
        return ops.reshape(self.uniform((n,)) < self.uniform((n,), *factor), (n, 1, 1, 1))

    def sign(self, shape: Any) -> Any:
        """1 or -1."""
        return ops.where(self.uniform(shape) > 0.5, -1.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        format = self.bounding_box_format
        extra = {} if format is None else {"bounding_box_format": format}
        return {**super().get_config(), "data_format": self.data_format, **extra}


class PointwiseLayer(ImageLayer):
    """Base: a layer whose images have values in a range that the user gives."""

    value_range: Any

    def _keep_range(self, value_range: Any) -> None:
        good = isinstance(value_range, (list, tuple)) and len(value_range) == 2 and value_range[0] < value_range[1]
        if not good:
            raise ArgumentError(f"{label(self)}: expected value_range as (lowest, highest); got {value_range!r}.")
        self.value_range = tuple(value_range)

    def to_range(self, x: Any, low: float, high: float) -> Any:
        """Values from the layer's range brought to another one."""
        first, last = self.value_range
        if (first, last) == (low, high):
            return x
        return (x - first) * ((high - low) / (last - first)) + low

    def from_range(self, x: Any, low: float, high: float) -> Any:
        """Values from a range brought back to the layer's."""
        first, last = self.value_range
        if (first, last) == (low, high):
            return x
        return (x - low) * ((last - first) / (high - low)) + first

    def in_range(self, x: Any) -> Any:
        """Values cut to the layer's range."""
        return ops.clip(x, *self.value_range)


def boxes_with_labels(bounding_boxes: Any) -> dict[str, Any]:
    """A new dict with boxes and labels as tensors.

    Raises: ArgumentError: one of them is missing; ShapeError: they are not (n, 4) and (n,), or batches of them.
    """
    if not isinstance(bounding_boxes, dict) or not {"boxes", "labels"} <= set(bounding_boxes):
        raise ArgumentError(f"bounding_boxes: expected a dict with 'boxes' and 'labels'; got {bounding_boxes!r:.80}.")
    boxes = ops.convert_to_tensor(bounding_boxes["boxes"], "float32")
    labels = ops.convert_to_tensor(bounding_boxes["labels"])
    if boxes.ndim not in (2, 3) or boxes.shape[-1] != 4 or labels.ndim not in (boxes.ndim - 1, boxes.ndim):
        raise ShapeError(
            f"bounding_boxes: expected boxes (n, 4) with labels (n,), or batches; got {boxes.shape}, {labels.shape}."
        )
    return {**bounding_boxes, "boxes": boxes, "labels": labels}


def factor_of(layer: Layer, name: str, value: Any, low: float, high: float, centred: bool) -> tuple[float, float]:
    """A range of factors from a number or a pair; a number f stands for (-f, f), or (0, f) unless it is centred.

    Raises: ArgumentError: it is neither, or not between low and high.
    """
    pair = tuple(value) if isinstance(value, (list, tuple)) else None
    numbers = pair if pair is not None else (value,)
    good = all(isinstance(v, (int, float, np.number)) and not isinstance(v, bool) for v in numbers)
    if not good or (pair is not None and len(pair) != 2) or any(not low <= v <= high for v in numbers):
        raise ArgumentError(
            f"{label(layer)}: expected {name} to be a number, or two, from {low:g} to {high:g}; got {value!r}."
        )
    if pair is not None:
        return (min(pair), max(pair))
    return (-abs(value), abs(value)) if centred else (min(0, low) if low > 0 else 0, abs(value))


