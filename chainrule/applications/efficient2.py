"""EfficientNetV2. Source: Tan and Le 2021, "EfficientNetV2: smaller models and faster training"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import layers
from ..models import Model
from .efficient import active, added, kernels, squeezed, tops
from .frame import Form, Kind, build, conv, named_top

# blocks, filters in, filters out, wider, stride, squeezed? (blocks that are not squeezed are fused)
_B = ((1, 32, 16, 1, 1, 0), (2, 16, 32, 4, 2, 0), (2, 32, 48, 4, 2, 0), (3, 48, 96, 4, 2, 1), (5, 96, 112, 6, 1, 1),
      (8, 112, 192, 6, 2, 1))  # fmt: skip
_S = ((2, 24, 24, 1, 1, 0), (4, 24, 48, 4, 2, 0), (4, 48, 64, 4, 2, 0), (6, 64, 128, 4, 2, 1), (9, 128, 160, 6, 1, 1),
      (15, 160, 256, 6, 2, 1))  # fmt: skip
_M = ((3, 24, 24, 1, 1, 0), (5, 24, 48, 4, 2, 0), (5, 48, 80, 4, 2, 0), (7, 80, 160, 4, 2, 1), (14, 160, 176, 6, 1, 1),
      (18, 176, 304, 6, 2, 1), (5, 304, 512, 6, 1, 1))  # fmt: skip
_L = ((4, 32, 32, 1, 1, 0), (7, 32, 64, 4, 2, 0), (7, 64, 96, 4, 2, 0), (10, 96, 192, 4, 2, 1), (19, 192, 224, 6, 1, 1),
      (25, 224, 384, 6, 2, 1), (7, 384, 640, 6, 1, 1))  # fmt: skip
# stages, width, depth, size of the image
_SCALES = {"B0": (_B, 1.0, 1.0, 224), "B1": (_B, 1.0, 1.1, 240), "B2": (_B, 1.1, 1.2, 260), "B3": (_B, 1.2, 1.4, 300),
           "S": (_S, 1.0, 1.0, 384), "M": (_M, 1.0, 1.0, 480), "L": (_L, 1.0, 1.0, 480)}  # fmt: skip
_DROPPED = 0.2
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def _filters(count: float, width: float) -> int:
    """A multiple of 8."""
    return max(8, int(count * width + 4) // 8 * 8)


def _block(x: Any, row: tuple[int, ...], rate: float, name: str) -> Any:
    """A block, fused or with a convolution of single channels."""
    inside, outside, wider, stride, apart = row
    before, made = x, {"padding": "same", "use_bias": False, "kernel_initializer": kernels()}
    fused, first = not apart, 1 if apart else 3
    if wider != 1:
        x = conv(x, inside * wider, first, f"{name}expand_conv", strides=stride if fused else 1, **made)
        x = active(x, f"{name}expand_bn", f"{name}expand_activation", momentum=0.9)
    if apart:
        x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False, depthwise_initializer=kernels(),
                                   name=f"{name}dwconv2")(x)  # fmt: skip
        x = squeezed(active(x, f"{name}bn", f"{name}activation", momentum=0.9), max(1, int(inside * 0.25)), name)
    last = fused and wider == 1
    x = conv(x, outside, 3 if last else 1, f"{name}project_conv", strides=stride if last else 1, **made)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}project_bn")(x)
    x = layers.Activation("swish", name=f"{name}project_activation")(x) if last else x
    return added(before, x, rate, name) if stride == 1 and inside == outside else x


def _prepared(x: Any, small: bool) -> Any:
    """Numbers from 0 to 255 as the weights expect them."""
    if small and x.shape[-1] == 3:
        x = layers.Rescaling(scale=1 / 255)(x)
        return layers.Normalization(mean=_MEAN, variance=[d**2 for d in _DEVIATION], axis=3)(x)
    return layers.Rescaling(scale=1 / 128, offset=-1)(x)


def _body(key: str, prepares: bool) -> Callable[[Any], Any]:
    stages, width, depth, _ = _SCALES[key]

    def body(x: Any) -> Any:
        made: dict[str, Any] = {"padding": "same", "use_bias": False, "kernel_initializer": kernels()}
        x = _prepared(x, key.startswith("B")) if prepares else x
        x = conv(x, _filters(stages[0][1], width), 3, "stem_conv", strides=2, **made)
        x = active(x, "stem_bn", "stem_activation", momentum=0.9)
        total, number = sum(row[0] for row in stages), 0
        for stage, (blocks, given, made_of, wider, stride, apart) in enumerate(stages, 1):
            for k in range(math.ceil(depth * blocks)):
                inside, outside = _filters(given if k == 0 else made_of, width), _filters(made_of, width)
                row = (inside, outside, wider, stride if k == 0 else 1, apart)
                x = _block(x, row, _DROPPED * number / total, f"block{stage}{chr(k + 97)}_")
                number += 1
        x = conv(x, _filters(1280, width), 1, "top_conv", **made)
        return active(x, "top_bn", "top_activation", momentum=0.9)

    return body


def _network(key: str) -> Callable[..., Model]:
    title = f"EfficientNetV2{key}"
    usual = f"efficientnetv2-{key.lower()}"
    kind = Kind(title, _SCALES[key][3], 32, f"{usual}{{}}.h5")

    def network(
        include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
        pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax",
        include_preprocessing: bool = True, name: str = usual,
    ) -> Model:  # fmt: skip
        form = Form(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name)
        top = lambda x: named_top(x, form, 0.2, kernel_initializer=tops())  # noqa: E731
        return build(kind, form, _body(key, include_preprocessing), top)

    network.__name__ = network.__qualname__ = title
    network.__doc__ = (
        f"The network {title}. Args: include_preprocessing: begin with Rescaling (default True); the others as of "
        "`chainrule.applications.frame.Form`."
    )
    return network


globals().update({f"EfficientNetV2{key}": _network(key) for key in _SCALES})
__all__ = [f"EfficientNetV2{key}" for key in _SCALES]
