"""Layers that erase parts of images, mix images with one another, and choose among other layers at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...errors import UnsupportedError
from ...random import beta, gamma
from ...serialization import builtin
from ..checks import number, positive_integer
from .colors import RandomBrightness, RandomColorDegeneration, RandomContrast, RandomHue, RandomSaturation
from .image_layer import Drawn, ImageLayer, PointwiseLayer, boxes_with_labels, factor_of
from .moving import RandomRotation, RandomShear, RandomTranslation
from .tones import AutoContrast, Equalization, RandomPosterization, RandomSharpness, Solarization


def boxes(layer: ImageLayer, shape: tuple[int, ...], high: Any, wide: Any) -> tuple[Any, Any]:
    """A box in each image at a random place, its sides shares (n,) of the image: (inside, share of the area).

    `inside` is bool (n, rows, columns, 1).
    """
    n, rows, columns, _ = shape
    inside: Any = True
    area: Any = 1.0
    for share, size, axis in ((high, rows, 1), (wide, columns, 2)):
        length = share * float(size)
        start = layer.uniform((n,)) * (float(size) - length)
        place = np.arange(size, dtype="float32").reshape([size if a == axis else 1 for a in range(4)])
        first, last = (ops.reshape(v, (n, 1, 1, 1)) for v in (start, start + length))
        inside = ops.logical_and(ops.logical_and(first <= place, last > place), inside)
        area = area * length / float(size)
    return inside, area


@builtin
class RandomErasing(PointwiseLayer):
    """In training replaces a box in some images.

    Args:
        factor: with which probability: a number f for one drawn from 0 to f, or (lowest, highest) (default 1).
        scale: (lowest, highest) share of the area; the sides are square roots of two shares (default (0.02, 0.33)).
        fill_value: what the box is filled with (default None: normal noise within value_range).
        value_range: what values pixels may have (default (0, 255)).
        seed: int (default None: the next default seed); data_format: default `config.image_data_format()`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.
    Source: Zhong et al. 2017, arXiv:1708.04896.

    Example:
    >>> RandomErasing((1.0, 1.0), scale=(1.0, 1.0), fill_value=7.0)([[[1.0], [2.0]]]).ravel().tolist()
    [7.0, 7.0]
    """

    def __init__(
        self, factor: Any = 1.0, scale: Any = (0.02, 0.33), fill_value: Any = None, value_range: Any = (0, 255),
        seed: int | None = None, data_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, 0, 1, False)
        self.scale = factor_of(self, "scale", scale, 0, 1, False)
        self.fill_value = fill_value
        self._keep_range(value_range)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """Which images lose a box, where it is, and what comes instead."""
        shares = ops.sqrt(self.uniform((2, shape[0]), *self.scale))
        inside, _ = boxes(self, shape, shares[0], shares[1])
        drawn = {"chosen": ops.logical_and(self.chosen(shape[0], self.factor), inside)}
        if self.fill_value is None:
            low, high = self.value_range
            noise = ops.random.normal(self.generator.next(), shape, dtype="float32")
            drawn["fill"] = self.in_range(noise * ((high - low) / 2) + (high + low) / 2)
        else:
            drawn["fill"] = ops.convert_to_tensor(self.fill_value, "float32")
        return drawn

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, boxes in some of them replaced."""
        return ops.where(drawn["chosen"], ops.cast(drawn["fill"], x.dtype), x)


class _Mixing(ImageLayer):
    """Base: each image, and its label, is mixed with another one of the batch."""

    def change_labels(self, labels: Any, drawn: Drawn) -> Any:
        """The labels (n, classes), mixed as the images are."""
        y = ops.cast(labels, self.compute_dtype)
        weight = ops.cast(ops.reshape(drawn["weight"], (-1, *([1] * (y.ndim - 1)))), y.dtype)
        return weight * y + (1.0 - weight) * ops.take(y, drawn["order"], 0)

    def _order(self, n: int) -> Any:
        return ops.random.permutation(self.generator.next(), n)


@builtin
class MixUp(_Mixing):
    """In training blends each image, and its label, with another one of the batch.

    Args: alpha: number above 0: the weight of the image itself is a beta number with both parameters alpha (default
        0.2); data_format: default `config.image_data_format()`; seed: int (default None: the next default seed).
    Shapes: a batch (batch, rows, columns, channels) -> the same; or a dict with `images` and one-hot `labels`.
    Source: Zhang et al. 2017, arXiv:1710.09412.

    Example:
    >>> MixUp()([[[[1.0]]], [[[1.0]]]]).ravel().tolist()
    [1.0, 1.0]
    """

    def __init__(self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.alpha = number(self, "alpha", alpha, 1e-6)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """The other image, and the weight of the first."""
        n = shape[0]
        return {"order": self._order(n), "weight": beta((n,), self.alpha, self.alpha, seed=self.generator)}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, blended."""
        weight = ops.cast(ops.reshape(drawn["weight"], (-1, 1, 1, 1)), x.dtype)
        return weight * x + (1.0 - weight) * ops.take(x, drawn["order"], 0)

    def change_masks(self, x: Any, drawn: Drawn) -> Any:
        """Masks stay: they cannot be blended."""
        return x

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Drawn | None, training: bool | None = True
    ) -> Any:
        """The boxes of both images, one after the other."""
        boxes = boxes_with_labels(bounding_boxes)
        if transformation is None:
            return boxes
        both = lambda t: ops.concatenate([t, ops.take(t, transformation["order"], 0)], 1)  # noqa: E731
        return {**boxes, "boxes": both(boxes["boxes"]), "labels": both(boxes["labels"])}


@builtin
class CutMix(_Mixing):
    """In training puts a box of another image of the batch into each image; labels are mixed by its area.

    Args: factor: the share that stays is a beta number whose parameters are drawn from this range, a number f for 0 to
        f, or (lowest, highest) (default 1); seed: int (default None: the next default seed); data_format: default
        `config.image_data_format()`.
    Shapes: a batch (batch, rows, columns, channels) -> the same; or a dict with `images` and one-hot `labels`.
    Source: Yun et al. 2019, arXiv:1905.04899.

    Example:
    >>> CutMix()([[[[1.0]]], [[[1.0]]]]).ravel().tolist()
    [1.0, 1.0]
    """

    moves = True

    def __init__(self, factor: Any = 1.0, seed: int | None = None, data_format: str | None = None,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self.factor = factor_of(self, "factor", factor, 0, 1, False)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """The other image, the box, and the share that stays."""
        n = shape[0]
        alpha = self.uniform((), *self.factor) + 1e-6
        side = ops.sqrt(1.0 - beta((n,), alpha, alpha, seed=self.generator))
        inside, area = boxes(self, shape, side, side)
        return {"order": self._order(n), "inside": inside, "weight": 1.0 - area}

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """Not available."""
        raise UnsupportedError("CutMix: boxes do not follow; leave them out.")

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, each with a box of another one."""
        return ops.where(drawn["inside"], ops.take(x, drawn["order"], 0), x)


def _augmentations(strength: float, value_range: Any, interpolation: str, seed: int | None) -> list[ImageLayer]:
    """The layers that RandAugment and AugMix choose from, at a strength from 0 to 1."""
    seeds = [None if seed is None else seed + 1 + k for k in range(13)]
    pointwise: dict[str, Any] = {"value_range": value_range, "data_format": "channels_last"}
    moving: dict[str, Any] = {"interpolation": interpolation, "fill_mode": "constant", "data_format": "channels_last"}
    bits = max(1, 8 - round(strength * 7))
    return [
        RandomShear((0.0, strength), 0.0, seed=seeds[0], **moving),
        RandomShear(0.0, (0.0, strength), seed=seeds[1], **moving),
        RandomTranslation(0.0, strength, seed=seeds[2], **moving),
        RandomTranslation(strength, 0.0, seed=seeds[3], **moving),
        RandomRotation(strength * 0.5, seed=seeds[4], **moving),
        RandomBrightness(strength, seed=seeds[5], **pointwise),
        RandomColorDegeneration(strength, seed=seeds[6], **pointwise),
        RandomContrast((strength, strength), seed=seeds[7], **pointwise),
        RandomSharpness((0.5 - strength / 2, 0.5 + strength / 2), seed=seeds[8], **pointwise),
        RandomPosterization((bits, 8), seed=seeds[9], **pointwise),
        Solarization((0.0, strength), (1.0 - strength, 1.0), seed=seeds[10], **pointwise),
        AutoContrast(**pointwise),
        Equalization(**pointwise),
        RandomHue((0.0, strength), seed=seeds[11], **pointwise),
        RandomSaturation((0.5 - strength / 4, 0.5 + strength / 4), seed=seeds[12], **pointwise),
    ]


class _Choosing(PointwiseLayer):
    """Base: applies layers that are chosen at random for each image."""

    moves = True

    def _keep_layers(self, strength: float, interpolation: str, seed: int | None, colours: bool = True) -> None:
        self.interpolation = interpolation
        found = _augmentations(strength, self.value_range, interpolation, seed)
        self._choices = found if colours else found[:5]

    def change_boxes(self, boxes: Any, drawn: Drawn) -> Any:
        """The boxes, moved as the images are."""
        for step in drawn["steps"]:
            moved = boxes
            for k, (layer, own) in enumerate(step["own"]):
                chosen = ops.squeeze(ops.equal(step["choice"], float(k)), -1)
                moved = ops.where(chosen, layer.change_boxes(boxes, {**own, "size": drawn["size"]}), moved)
            boxes = moved
        return boxes

    def _drawn_once(self, shape: tuple[int, ...]) -> Drawn:
        """Which layer each image gets, and what each layer draws."""
        kinds = [layer for layer in self._choices if shape[3] == 3 or not _needs_colours(layer)]
        choice = ops.floor(self.uniform((shape[0], 1, 1, 1)) * float(len(kinds)))
        return {"choice": choice, "own": [(layer, layer.draw(shape)) for layer in kinds]}

    def _changed_once(self, x: Any, drawn: Drawn, masks: bool = False) -> Any:
        y = x
        for k, (layer, own) in enumerate(drawn["own"]):
            if masks and not layer.moves:
                continue
            changed = layer.change_masks(x, own) if masks else layer.change(x, own)
            y = ops.where(ops.equal(drawn["choice"], float(k)), changed, y)
        return y


def _needs_colours(layer: ImageLayer) -> bool:
    return isinstance(layer, (RandomHue, RandomSaturation, RandomColorDegeneration))


@builtin
class RandAugment(_Choosing):
    """In training changes each image by a few layers that are chosen at random for it.

    Args:
        value_range: what values pixels may have (default (0, 255)).
        num_ops: int, how many layers one after the other (default 2).
        factor: how strongly: a number f, or (lowest, highest) whose upper end counts, from 0 to 1 (default 0.5).
        interpolation: of the layers that move pixels (default 'bilinear').
        seed: int (default None: the next default seed); data_format: default `config.image_data_format()`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.
    Source: Cubuk et al. 2019, arXiv:1909.13719.

    Example:
    >>> RandAugment()([[[10.0, 20.0, 30.0]]], training=False).ravel().tolist()
    [10.0, 20.0, 30.0]
    """

    def __init__(
        self, value_range: Any = (0, 255), num_ops: int = 2, factor: Any = 0.5, interpolation: str = "bilinear",
        seed: int | None = None, data_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self._keep_range(value_range)
        self.num_ops = int(number(self, "num_ops", num_ops, 0))
        self.factor = factor_of(self, "factor", factor, 0, 1, False)
        self._keep_layers(self.factor[1], interpolation, seed)

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """The layers of each step."""
        return {"steps": [self._drawn_once(shape) for _ in range(self.num_ops)]}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, changed one step after the other."""
        for step in drawn["steps"]:
            x = self._changed_once(x, step)
        return x

    def change_masks(self, x: Any, drawn: Drawn) -> Any:
        """The masks, moved as the images are."""
        for step in drawn["steps"]:
            x = self._changed_once(x, step, masks=True)
        return x


@builtin
class AugMix(_Choosing):
    """In training blends each image with a mixture of differently changed copies of it.

    Args:
        value_range: what values pixels may have (default (0, 255)).
        num_chains: int, how many copies (default 3); chain_depth: int, how many layers for a copy (default 3).
        factor: how strongly: a number f, or (lowest, highest) whose upper end counts, from 0 to 1 (default 0.3).
        alpha: number above 0: the weights are Dirichlet and beta numbers of this parameter (default 1).
        all_ops: whether colours are changed too (default True), or pixels moved only.
        interpolation: of the layers that move pixels (default 'bilinear').
        seed: int (default None: the next default seed); data_format: default `config.image_data_format()`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same.
    Source: Hendrycks et al. 2019, arXiv:1912.02781.

    Example:
    >>> AugMix()([[[10.0, 20.0, 30.0]]], training=False).ravel().tolist()
    [10.0, 20.0, 30.0]
    """

    def __init__(
        self, value_range: Any = (0, 255), num_chains: int = 3, chain_depth: int = 3, factor: Any = 0.3,
        alpha: float = 1.0, all_ops: bool = True, interpolation: str = "bilinear", seed: int | None = None,
        data_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(seed, data_format)
        self._keep_range(value_range)
        self.num_chains = positive_integer(self, "num_chains", num_chains)
        self.chain_depth = positive_integer(self, "chain_depth", chain_depth)
        self.factor = factor_of(self, "factor", factor, 0, 1, False)
        self.alpha, self.all_ops = number(self, "alpha", alpha, 1e-6), bool(all_ops)
        self._keep_layers(self.factor[1], interpolation, seed, self.all_ops)
        self.moves = False  # masks cannot be blended

    def draw(self, shape: tuple[int, ...]) -> Drawn:
        """The weights of the copies and of the mixture, and the layers of each copy."""
        n = shape[0]
        parts = gamma((self.num_chains, n), self.alpha, seed=self.generator)
        chains = [[self._drawn_once(shape) for _ in range(self.chain_depth)] for _ in range(self.num_chains)]
        mixture = beta((n,), self.alpha, self.alpha, seed=self.generator)
        return {"parts": parts / ops.sum(parts, 0, keepdims=True), "chains": chains, "mixture": mixture}

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images, each blended with its copies."""
        total: Any = 0.0
        for k, chain in enumerate(drawn["chains"]):
            y = x
            for step in chain:
                y = self._changed_once(y, step)
            total = total + y * _weights(drawn["parts"][k], x)
        share = _weights(drawn["mixture"], x)
        return self.in_range(share * x + (1.0 - share) * total)


def _weights(numbers: Any, x: Any) -> Any:
    return ops.cast(ops.reshape(numbers, (-1, 1, 1, 1)), x.dtype)
