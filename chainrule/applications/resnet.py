"""ResNet: blocks that add to what they are given.

Source: He et al. 2015, "Deep residual learning for image recognition"; 2016, "Identity mappings in deep residual
networks" (V2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import layers
from ..models import Model
from .frame import Form, Kind, architecture, conv

_EPSILON = 1.001e-5
_DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def _normalized(x: Any, name: str, after: str = "") -> Any:
    """Batch normalisation, and ReLU of a name if one is given."""
    x = layers.BatchNormalization(epsilon=_EPSILON, name=name)(x)
    return layers.Activation("relu", name=after)(x) if after else x


def _block(x: Any, filters: int, stride: int, widens: bool, name: str) -> Any:
    kept = _normalized(conv(x, 4 * filters, 1, f"{name}_0_conv", strides=stride), f"{name}_0_bn") if widens else x
    x = _normalized(conv(x, filters, 1, f"{name}_1_conv", strides=stride), f"{name}_1_bn", f"{name}_1_relu")
    x = _normalized(conv(x, filters, 3, f"{name}_2_conv", padding="same"), f"{name}_2_bn", f"{name}_2_relu")
    x = _normalized(conv(x, 4 * filters, 1, f"{name}_3_conv"), f"{name}_3_bn")
    return layers.Activation("relu", name=f"{name}_out")(layers.Add(name=f"{name}_add")([kept, x]))


def _block2(x: Any, filters: int, stride: int, widens: bool, name: str) -> Any:
    ready = _normalized(x, f"{name}_preact_bn", f"{name}_preact_relu")
    if widens:
        kept = conv(ready, 4 * filters, 1, f"{name}_0_conv", strides=stride)
    else:
        kept = layers.MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    x = conv(ready, filters, 1, f"{name}_1_conv", use_bias=False)
    x = layers.ZeroPadding2D(1, name=f"{name}_2_pad")(_normalized(x, f"{name}_1_bn", f"{name}_1_relu"))
    x = conv(x, filters, 3, f"{name}_2_conv", strides=stride, use_bias=False)
    x = conv(_normalized(x, f"{name}_2_bn", f"{name}_2_relu"), 4 * filters, 1, f"{name}_3_conv")
    return layers.Add(name=f"{name}_out")([kept, x])


def _stages(x: Any, depths: tuple[int, ...], second: bool) -> Any:
    """Four stages of blocks. The first version goes down in size at a stage's beginning, the second at its end."""
    for stage, depth in enumerate(depths):
        down = (2 if stage < 3 else 1) if second else (1 if stage == 0 else 2)
        for k in range(depth):
            step = down if k == (depth - 1 if second else 0) else 1
            x = (_block2 if second else _block)(x, 64 * 2**stage, step, k == 0, f"conv{stage + 2}_block{k + 1}")
    return x


def _body(depths: tuple[int, ...], second: bool) -> Callable[[Any, Form], Any]:
    def body(x: Any, form: Form) -> Any:
        x = conv(layers.ZeroPadding2D(3, name="conv1_pad")(x), 64, 7, "conv1_conv", strides=2)
        x = x if second else _normalized(x, "conv1_bn", "conv1_relu")
        x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(layers.ZeroPadding2D(1, name="pool1_pad")(x))
        x = _stages(x, depths, second)
        return _normalized(x, "post_bn", "post_relu") if second else x

    return body


def _network(depth: int, second: bool) -> Callable[..., Model]:
    title = f"ResNet{depth}{'V2' if second else ''}"
    kind = Kind(title, 224, 32, f"{title.lower()}_weights_tf_dim_ordering_tf_kernels{{}}.h5")
    return architecture(kind, title.lower(), _body(_DEPTHS[depth], second))


ResNet50, ResNet101, ResNet152 = (_network(depth, False) for depth in (50, 101, 152))
ResNet50V2, ResNet101V2, ResNet152V2 = (_network(depth, True) for depth in (50, 101, 152))

__all__ = ["ResNet50", "ResNet50V2", "ResNet101", "ResNet101V2", "ResNet152", "ResNet152V2"]
