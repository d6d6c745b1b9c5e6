"""EfficientNet: width, depth and size of the image grow together.

Source: Tan and Le 2019, "EfficientNet: rethinking model scaling for convolutional neural networks".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import layers
from ..initializers import VarianceScaling
from ..models import Model
from .frame import Form, Kind, architecture, conv, named_top, padding_for, rounded

# width, depth, size of the image, dropout
_SCALES = (
    (1.0, 1.0, 224, 0.2), (1.0, 1.1, 240, 0.2), (1.1, 1.2, 260, 0.3), (1.2, 1.4, 300, 0.3), (1.4, 1.8, 380, 0.4),
    (1.6, 2.2, 456, 0.4), (1.8, 2.6, 528, 0.5), (2.0, 3.1, 600, 0.5),
)  # fmt: skip
# window, blocks, filters in, filters out, wider, stride
_STAGES = (
    (3, 1, 32, 16, 1, 1), (3, 2, 16, 24, 6, 2), (5, 2, 24, 40, 6, 2), (3, 3, 40, 80, 6, 2), (5, 3, 80, 112, 6, 1),
    (5, 4, 112, 192, 6, 2), (3, 1, 192, 320, 6, 1),
)  # fmt: skip
_DEVIATIONS = (0.229, 0.224, 0.225)
_DROPPED = 0.2  # of whole blocks, at the end


def kernels() -> VarianceScaling:
    """How convolutions begin."""
    return VarianceScaling(2.0, "fan_out", "truncated_normal")


def tops() -> VarianceScaling:
    """How the last layer begins."""
    return VarianceScaling(1 / 3, "fan_out", "uniform")


def active(x: Any, name: str, after: str, **kwargs: Any) -> Any:
    """Batch normalisation and swish."""
    return layers.Activation("swish", name=after)(layers.BatchNormalization(name=name, **kwargs)(x))


def squeezed(x: Any, filters: int, name: str) -> Any:
    """Channels times weights from 0 to 1, which follow from their means."""
    weights = layers.GlobalAveragePooling2D(name=f"{name}se_squeeze")(x)
    weights = layers.Reshape((1, 1, x.shape[-1]), name=f"{name}se_reshape")(weights)
    made = {"padding": "same", "kernel_initializer": kernels()}
    weights = conv(weights, filters, 1, f"{name}se_reduce", activation="swish", **made)
    weights = conv(weights, x.shape[-1], 1, f"{name}se_expand", activation="sigmoid", **made)
    return layers.Multiply(name=f"{name}se_excite")([x, weights])


def added(before: Any, x: Any, rate: float, name: str) -> Any:
    """What a block made, for some images left out, added to what it was given."""
    x = layers.Dropout(rate, noise_shape=(None, 1, 1, 1), name=f"{name}drop")(x) if rate > 0 else x
    return layers.Add(name=f"{name}add")([x, before])


def _block(x: Any, window: int, inside: int, outside: int, wider: int, stride: int, rate: float, name: str) -> Any:
    before, made = x, {"padding": "same", "use_bias": False, "kernel_initializer": kernels()}
    if wider != 1:
        x = conv(x, inside * wider, 1, f"{name}expand_conv", **made)
        x = active(x, f"{name}expand_bn", f"{name}expand_activation")
    x = layers.ZeroPadding2D(padding_for(x, window), name=f"{name}dwconv_pad")(x) if stride == 2 else x
    x = layers.DepthwiseConv2D(
        window, strides=stride, padding="valid" if stride == 2 else "same", use_bias=False,
        depthwise_initializer=kernels(), name=f"{name}dwconv",
    )(x)  # fmt: skip
    x = squeezed(active(x, f"{name}bn", f"{name}activation"), max(1, int(inside * 0.25)), name)
    x = layers.BatchNormalization(name=f"{name}project_bn")(conv(x, outside, 1, f"{name}project_conv", **made))
    return added(before, x, rate, name) if stride == 1 and inside == outside else x


def _body(width: float, depth: float) -> Callable[[Any, Form], Any]:
    def body(x: Any, form: Form) -> Any:
        x = layers.Normalization(axis=3)(layers.Rescaling(1 / 255)(x))
        if form.weights == "imagenet":
            x = layers.Rescaling([1 / math.sqrt(d) for d in _DEVIATIONS])(x)
        x = layers.ZeroPadding2D(padding_for(x, 3), name="stem_conv_pad")(x)
        made = {"use_bias": False, "kernel_initializer": kernels()}
        x = active(conv(x, rounded(32 * width), 3, "stem_conv", strides=2, **made), "stem_bn", "stem_activation")
        total, number = sum(math.ceil(depth * row[1]) for row in _STAGES), 0
        for stage, (window, blocks, given, made_of, wider, stride) in enumerate(_STAGES, 1):
            for k in range(math.ceil(depth * blocks)):
                inside = rounded((given if k == 0 else made_of) * width)
                x = _block(x, window, inside, rounded(made_of * width), wider, stride if k == 0 else 1,
                           _DROPPED * number / total, f"block{stage}{chr(k + 97)}_")  # fmt: skip
                number += 1
        return active(conv(x, rounded(1280 * width), 1, "top_conv", padding="same", **made), "top_bn", "top_activation")

    return body


def _network(number: int) -> Callable[..., Model]:
    width, depth, size, dropout = _SCALES[number]
    title = f"EfficientNetB{number}"
    kind = Kind(title, size, 32, f"{title.lower()}{{}}.h5")

    def top(x: Any, form: Form) -> Any:
        return named_top(x, form, dropout, kernel_initializer=tops())

    return architecture(kind, title.lower(), _body(width, depth), top)


globals().update({f"EfficientNetB{k}": _network(k) for k in range(8)})
__all__ = [f"EfficientNetB{k}" for k in range(8)]
