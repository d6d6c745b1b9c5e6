"""NASNet-A: cells that a search found, each put on the two before it.

Source: Zoph et al. 2018, "Learning transferable architectures for scalable image recognition", figure 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import layers
from ..models import Model
from .frame import Form, Kind, build, padding_for

_MOBILE = Kind("NASNetMobile", 224, 32, "nasnet_mobile{}.h5", "_no_top")
_LARGE = Kind("NASNetLarge", 331, 32, "nasnet_large{}.h5", "_no_top")


@dataclass(frozen=True)
class Scale:
    """How large a network is.

    Args: last: channels at the end; repeats: normal cells in a row; stem: filters of the first convolution; skips:
        whether the cell after a reduction sees the input of the one before it.
    """

    last: int
    repeats: int
    stem: int
    skips: bool


def _normalized(x: Any, name: str) -> Any:
    return layers.BatchNormalization(momentum=0.9997, epsilon=1e-3, name=name)(x)


def _pointwise(x: Any, filters: int, name: str) -> Any:
    return layers.Conv2D(filters, 1, padding="same", use_bias=False, kernel_initializer="he_normal", name=name)(x)


def _separable(x: Any, filters: int, size: int, block: str, halves: bool = False) -> Any:
    """Twice: ReLU, a separable convolution, batch normalisation."""
    x = layers.Activation("relu")(x)
    if halves:
        x = layers.ZeroPadding2D(padding_for(x, size), name=f"separable_conv_1_pad_{block}")(x)
    padding, strides = ("valid", 2) if halves else ("same", 1)
    x = layers.SeparableConv2D(
        filters, size, strides=strides, padding=padding, use_bias=False, name=f"separable_conv_1_{block}"
    )(x)
    x = layers.Activation("relu")(_normalized(x, f"separable_conv_1_bn_{block}"))
    x = layers.SeparableConv2D(filters, size, padding="same", use_bias=False, name=f"separable_conv_2_{block}")(x)
    return _normalized(x, f"separable_conv_2_bn_{block}")


def _adjusted(before: Any, x: Any, filters: int, block: str) -> Any:
    """The input of the cell before, brought to the size of this one's and to so many channels."""
    if before is None:
        return x
    if before.shape[-2] != x.shape[-2]:
        return _halved(before, filters, block)
    if before.shape[-1] == filters:
        return before
    y = _pointwise(layers.Activation("relu")(before), filters, f"adjust_conv_projection_{block}")
    return _normalized(y, f"adjust_bn_{block}")


def _halved(x: Any, filters: int, block: str) -> Any:
    """Every other place, and those between them, side by side."""
    x = layers.Activation("relu", name=f"adjust_relu_1_{block}")(x)
    first = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_1_{block}")(x)
    first = _pointwise(first, filters // 2, f"adjust_conv_1_{block}")
    second = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(x))
    second = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_2_{block}")(second)
    second = _pointwise(second, filters // 2, f"adjust_conv_2_{block}")
    return _normalized(layers.Concatenate()([first, second]), f"adjust_bn_{block}")


def _entered(x: Any, filters: int, kind: str, block: str) -> Any:
    y = _pointwise(layers.Activation("relu")(x), filters, f"{kind}_conv_1_{block}")
    return _normalized(y, f"{kind}_bn_1_{block}")


def _mean(x: Any, name: str) -> Any:
    return layers.AveragePooling2D(3, strides=1, padding="same", name=name)(x)


def _normal(x: Any, before: Any, filters: int, block: str) -> Any:
    """A cell that keeps the size: five sums of two, beside what came in."""
    p = _adjusted(before, x, filters, block)
    h = _entered(x, filters, "normal", block)

    def part(source: Any, size: int, side: str) -> Any:
        return _separable(source, filters, size, f"normal_{side}_{block}")

    def total(number: int, left: Any, right: Any) -> Any:
        return layers.Add(name=f"normal_add_{number}_{block}")([left, right])

    sums = [
        total(1, part(h, 5, "left1"), part(p, 3, "right1")), total(2, part(p, 5, "left2"), part(p, 3, "right2")),
        total(3, _mean(h, f"normal_left3_{block}"), p),
        total(4, _mean(p, f"normal_left4_{block}"), _mean(p, f"normal_right4_{block}")),
        total(5, part(h, 3, "left5"), h),
    ]  # fmt: skip
    return layers.Concatenate(name=f"normal_concat_{block}")([p, *sums])


def _reduction(x: Any, before: Any, filters: int, block: str) -> Any:
    """A cell that halves the size."""
    p = _adjusted(before, x, filters, block)
    h = _entered(x, filters, "reduction", block)
    padded = layers.ZeroPadding2D(padding_for(h, 3), name=f"reduction_pad_1_{block}")(h)

    def part(source: Any, size: int, side: str) -> Any:
        return _separable(source, filters, size, f"reduction_{side}_{block}", halves=True)

    def pooled(pool: Any, side: str) -> Any:
        return pool(3, strides=2, name=f"reduction_{side}_{block}")(padded)

    def total(name: str | None, left: Any, right: Any) -> Any:
        return layers.Add(name=name and f"reduction_{name}_{block}")([left, right])

    one = total("add_1", part(h, 5, "left1"), part(p, 7, "right1"))
    two = total("add_2", pooled(layers.MaxPooling2D, "left2"), part(p, 7, "right2"))
    three = total("add3", pooled(layers.AveragePooling2D, "left3"), part(p, 5, "right3"))
    four = total(None, two, _mean(one, f"reduction_left4_{block}"))
    again = _separable(one, filters, 3, f"reduction_left4_{block}")
    five = total("add4", again, pooled(layers.MaxPooling2D, "right5"))
    return layers.Concatenate(name=f"reduction_concat_{block}")([two, three, four, five])


def _body(x: Any, scale: Scale) -> Any:
    filters, n = scale.last // 24, scale.repeats
    x = layers.Conv2D(scale.stem, 3, strides=2, use_bias=False, kernel_initializer="he_normal", name="stem_conv1")(x)
    x, before = _normalized(x, "stem_bn1"), None
    for k, share in ((1, 4), (2, 2)):
        x, before = _reduction(x, before, filters // share, f"stem_{k}"), x
    for stage in range(3):
        if stage:
            reduced = _reduction(x, before, filters * 2**stage, f"reduce_{stage * n}")
            x, before = reduced, (before if scale.skips else x)
        for k in range(n):
            x, before = _normal(x, before, filters * 2**stage, str(stage * n + k + bool(stage))), x
    return layers.Activation("relu")(x)


def _network(kind: Kind, usual: str, scale: Scale) -> Callable[..., Model]:
    def network(
        input_shape: Any = None, include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None,
        pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = usual,
    ) -> Model:  # fmt: skip
        if input_shape is None and not include_top:
            input_shape = (kind.size, kind.size, 3)
        form = Form(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name)
        return build(kind, form, lambda x: _body(x, scale))

    network.__name__ = network.__qualname__ = kind.title
    network.__doc__ = f"The network {kind.title}. Args: as of `chainrule.applications.frame.Form`, input_shape first."
    return network


NASNetMobile = _network(_MOBILE, "nasnet_mobile", Scale(1056, 4, 32, False))
NASNetLarge = _network(_LARGE, "nasnet_large", Scale(4032, 6, 96, True))

__all__ = ["NASNetLarge", "NASNetMobile"]
