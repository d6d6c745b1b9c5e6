"""Layers that give images another size."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...errors import ArgumentError
from ...ops.image_resizing import METHODS, fitted, kept
from ...primitives.arithmetic import as_operand
from ...serialization import builtin
from ..checks import label, one_of, positive_integer
from .image_layer import Drawn, ImageLayer


def _shifted(boxes: Any, scale: tuple[float, float], shift: tuple[Any, Any]) -> Any:
    """Boxes times (across, down), less a shift."""
    return boxes * ops.convert_to_tensor([*scale, *scale], "float32") - ops.stack([*shift, *shift], -1)


class _ToSize(ImageLayer):
    """Base: images of any size become images of one."""

    height: int
    width: int
    moves = True

    def _keep_size(self, height: Any, width: Any) -> None:
        self.height = positive_integer(self, "height", height)
        self.width = positive_integer(self, "width", width)

    def new_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The layer's size."""
        return self.height, self.width

    def _stretched(self, boxes: Any, size: tuple[int, int], fit: Any = None) -> Any:
        """Boxes of images that were stretched to the layer's size, or (max, min) of both factors in both directions."""
        factors = self.height / size[0], self.width / size[1]
        down, across = factors if fit is None else (fit(factors),) * 2
        free = self.width - size[1] * across, self.height - size[0] * down  # negative: cut off
        shift = (-float(n // 2) if fit is min else float(-n // 2) for n in free)
        return _shifted(boxes, (across, down), tuple(ops.convert_to_tensor(s, "float32") for s in shift))


@builtin
class Resizing(_ToSize):
    """Images in another size, in training and after it.

    Args:
        height, width: ints, the new numbers of rows and columns.
        interpolation: 'bilinear' (default), 'nearest', 'bicubic', 'lanczos3' or 'lanczos5'.
        crop_to_aspect_ratio: cut the image to the new proportions instead of stretching it (default False).
        pad_to_aspect_ratio: add `fill_value` around it instead of stretching it (default False).
        fill_mode: 'constant'; fill_value: number (default 0).
        antialias: take all pixels that lie below a new one when the image gets smaller (default False).
        data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`).

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same with height and width. A dict of
        `images`, `labels`, `segmentation_masks` is taken too; masks are resized with 'nearest'.

    Example:
    >>> Resizing(1, 2)([[[0.0], [1.0], [2.0], [3.0]]]).tolist()
    [[[0.5], [2.5]]]
    """

    active_always = keeps_integers = True

    def __init__(
        self, height: int, width: int, interpolation: str = "bilinear", crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False, fill_mode: str = "constant", fill_value: float = 0.0,
        antialias: bool = False, data_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(None, data_format, random=False)
        self._keep_size(height, width)
        self.interpolation = one_of(self, "interpolation", str(interpolation).lower(), METHODS)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ArgumentError(f"{label(self)}: expected crop_to_aspect_ratio or pad_to_aspect_ratio; got both.")
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_mode = one_of(self, "fill_mode", fill_mode, ("constant",))
        self.fill_value, self.antialias = fill_value, antialias

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, resized."""
        return self._resized(x, self.interpolation)

    def change_masks(self, x: Any, drawn: Drawn) -> Any:
        """The masks, resized to the nearest pixels."""
        return self._resized(x, "nearest")

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """The boxes, resized; boxes of zeros or of -1, which fill up a list, become zeros."""
        fit = max if self.crop_to_aspect_ratio else min if self.pad_to_aspect_ratio else None
        empty = ops.logical_or(ops.all(boxes == -1, -1), ops.all(boxes == 0, -1))
        return ops.where(ops.expand_dims(empty, -1), 0.0, self._stretched(boxes, drawn["size"], fit))

    def _resized(self, x: Any, interpolation: str) -> Any:
        return ops.image.resize(
            x, (self.height, self.width), interpolation, self.antialias, self.crop_to_aspect_ratio,
            self.pad_to_aspect_ratio, self.fill_mode, self.fill_value, "channels_last",
        )  # fmt: skip


@builtin
class CenterCrop(_ToSize):
    """The middle of images; images that are too small are enlarged first.

    Args: height, width: ints, the numbers of rows and columns that are kept; data_format: default
        `config.image_data_format()`.
    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same with height and width.

    Example:
    >>> CenterCrop(1, 2)([[[0.0], [1.0], [2.0], [3.0]]]).tolist()
    [[[1.0], [2.0]]]
    """

    active_always = True

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._start(None, data_format, random=False)
        self._keep_size(height, width)

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The middle of the images."""
        return self._cut(x, "bilinear")

    def change_masks(self, x: Any, drawn: Drawn) -> Any:
        """The middle of the masks."""
        return self._cut(x, "nearest")

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """The boxes as they lie in the middle."""
        rows, columns = drawn["size"]
        if rows < self.height or columns < self.width:
            factor = max(self.height / rows, self.width / columns)
            cut = (columns * factor - self.width) / 2, (rows * factor - self.height) / 2
            return _shifted(boxes, (factor, factor), tuple(ops.convert_to_tensor(n, "float32") for n in cut))
        top, left = int((rows - self.height) / 2), int((columns - self.width) / 2)
        return boxes - ops.convert_to_tensor([left, top] * 2, "float32")

    def _cut(self, x: Any, interpolation: str) -> Any:
        _, rows, columns, _ = x.shape
        if rows < self.height or columns < self.width:
            return _filled(x, (self.height, self.width), interpolation)
        top, left = int((rows - self.height) / 2), int((columns - self.width) / 2)
        return kept(kept(x, 1, top, top + self.height), 2, left, left + self.width)


@builtin
class RandomCrop(_ToSize):
    """In training a part of the images at a random place, else their middle.

    Images that are too small are enlarged instead.

    Args: height, width: ints, the numbers of rows and columns that are kept; seed: int (default None: the next default
        seed); data_format: default `config.image_data_format()`.
    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same with height and width.

    Example:
    >>> RandomCrop(1, 2)([[[0.0], [1.0], [2.0], [3.0]]], training=False).tolist()
    [[[1.0], [2.0]]]
    """

    active_always = True

    def __init__(self, height: int, width: int, seed: int | None = None, data_format: str | None = None,
                 name: str | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(name=name, **kwargs)
        self._start(seed, data_format)
        self._keep_size(height, width)

    def get_random_transformation(self, data: Any, training: bool | None = True, seed: Any = None) -> Drawn | None:
        """Where the part begins."""
        images = data["images"] if isinstance(data, dict) else data
        _, rows, columns, _ = self._batch(images).shape
        if rows < self.height or columns < self.width:
            return self._with_size(images, {})
        free = rows - self.height, columns - self.width
        if not training:
            middle = as_operand([0, free[0] // 2, free[1] // 2, 0], "int32")
            return self._with_size(images, {"start": middle})
        steps = [ops.cast(ops.floor(self.uniform((1,)) * (n + 1)), "int32") for n in free]
        zero = as_operand([0], "int32")
        return self._with_size(images, {"start": ops.concatenate([zero, *steps, zero], 0)})

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The part of the images."""
        return self._cut(x, drawn, "bilinear")

    def change_masks(self, x: Any, drawn: Drawn) -> Any:
        """The same part of the masks."""
        return self._cut(x, drawn, "nearest")

    def _cut(self, x: Any, drawn: Drawn, interpolation: str) -> Any:
        if "start" not in drawn:
            return self._enlarged(x, interpolation)
        return ops.slice(x, drawn["start"], (x.shape[0], self.height, self.width, x.shape[3]))

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """The boxes as they lie in the part."""
        if "start" not in drawn:
            return self._stretched(boxes, drawn["size"])
        top, left = (ops.cast(drawn["start"][k], "float32") for k in (1, 2))
        return _shifted(boxes, (1.0, 1.0), (left, top))

    def _enlarged(self, x: Any, interpolation: str) -> Any:
        """As Keras does it: a part that begins where the crop to the proportions would begin, then stretched."""
        _, rows, columns, _ = x.shape
        size = self.height, self.width
        high, wide = min(rows, int(columns * size[0] / size[1])), min(columns, int(rows * size[1] / size[0]))
        top, left = (rows - max(high, 1)) // 2, (columns - max(wide, 1)) // 2
        part = kept(kept(x, 1, top, min(rows, top + size[0])), 2, left, min(columns, left + size[1]))
        return ops.image.resize(part, size, interpolation, data_format="channels_last")


def _filled(x: Any, size: tuple[int, int], interpolation: str) -> Any:
    """Images resized so that they fill a size, the rest cut off."""
    return ops.image.resize(fitted(x, (1, 2), size, False, 0.0), size, interpolation, data_format="channels_last")
