"""DenseNet: each block sees the maps of all blocks before it.

Source: Huang et al. 2017, "Densely connected convolutional networks".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import layers
from ..models import Model
from .frame import Form, Kind, architecture, conv

_DEPTHS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}
_GROWTH = 32


def _ready(x: Any, name: str, relu: str) -> Any:
    return layers.Activation("relu", name=relu)(layers.BatchNormalization(epsilon=1.001e-5, name=name)(x))


def _block(x: Any, name: str) -> Any:
    new = conv(_ready(x, f"{name}_0_bn", f"{name}_0_relu"), 4 * _GROWTH, 1, f"{name}_1_conv", use_bias=False)
    new = _ready(new, f"{name}_1_bn", f"{name}_1_relu")
    new = conv(new, _GROWTH, 3, f"{name}_2_conv", padding="same", use_bias=False)
    return layers.Concatenate(name=f"{name}_concat")([x, new])


def _body(depths: tuple[int, ...]) -> Callable[[Any, Form], Any]:
    def body(x: Any, form: Form) -> Any:
        x = conv(layers.ZeroPadding2D(3)(x), 64, 7, "conv1_conv", strides=2, use_bias=False)
        x = layers.ZeroPadding2D(1)(_ready(x, "conv1_bn", "conv1_relu"))
        x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
        for stage, depth in enumerate(depths, 2):
            for k in range(1, depth + 1):
                x = _block(x, f"conv{stage}_block{k}")
            if stage < 5:
                x = _ready(x, f"pool{stage}_bn", f"pool{stage}_relu")
                x = conv(x, x.shape[-1] // 2, 1, f"pool{stage}_conv", use_bias=False)
                x = layers.AveragePooling2D(2, strides=2, name=f"pool{stage}_pool")(x)
        return _ready(x, "bn", "relu")

    return body


def _network(depth: int) -> Callable[..., Model]:
    title = f"DenseNet{depth}"
    kind = Kind(title, 224, 32, f"{title.lower()}_weights_tf_dim_ordering_tf_kernels{{}}.h5")
    return architecture(kind, title.lower(), _body(_DEPTHS[depth]))


DenseNet121, DenseNet169, DenseNet201 = (_network(depth) for depth in (121, 169, 201))

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201"]
