"""A layer on the boxes in images: as many for each image."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...serialization import builtin
from ..checks import positive_integer
from .image_layer import Drawn, ImageLayer, boxes_with_labels


@builtin
class MaxNumBoundingBoxes(ImageLayer):
    """As many boxes for each image: those beyond are dropped, missing ones filled up.

    Args: max_number: int, how many; fill_value: int, the numbers and labels of the boxes that fill up (default -1);
        data_format: default `config.image_data_format()`.
    Shapes: a dict of `images` and `bounding_boxes` with `boxes` (batch, n, 4) and `labels` (batch, n) -> the same with
        max_number for n.

    Example:
    >>> boxes = {"boxes": [[[1.0, 2, 3, 4]]], "labels": [[5]]}
    >>> found = MaxNumBoundingBoxes(2)({"images": [[[[0.0]]]], "bounding_boxes": boxes})["bounding_boxes"]
    >>> found["boxes"].tolist(), found["labels"].tolist()
    ([[[1.0, 2.0, 3.0, 4.0], [-1.0, -1.0, -1.0, -1.0]]], [[5, -1]])
    """

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any) -> None:
        data_format = kwargs.pop("data_format", None)
        super().__init__(**kwargs)
        self._start(None, data_format, random=False)
        self.max_number = positive_integer(self, "max_number", max_number)
        self.fill_value = int(fill_value)

    def transform_images(self, images: Any, transformation: Drawn | None = None, training: bool | None = True) -> Any:
        """The images, as they are."""
        return images

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Drawn | None = None, training: bool | None = True
    ) -> Any:
        """The boxes, as many as asked for."""
        boxes = boxes_with_labels(bounding_boxes)
        single = boxes["boxes"].ndim == 2
        return {**boxes, **{key: self._counted(boxes[key], 0 if single else 1) for key in ("boxes", "labels")}}

    def _counted(self, x: Any, axis: int) -> Any:
        x = x[: self.max_number] if axis == 0 else x[:, : self.max_number]
        missing = self.max_number - x.shape[axis]
        return ops.pad(x, [(0, missing if a == axis else 0) for a in range(x.ndim)], constant_values=self.fill_value)
