"""Xception. Source: Chollet 2017, "Xception: deep learning with depthwise separable convolutions"."""

from __future__ import annotations

from typing import Any

from .. import layers
from .frame import Form, Kind, architecture, conv

_KIND = Kind("Xception", 299, 71, "xception_weights_tf_dim_ordering_tf_kernels{}.h5")


def _separable(x: Any, filters: int, name: str, first: bool = True) -> Any:
    """ReLU, a separable convolution and batch normalisation."""
    x = layers.Activation("relu", name=f"{name}_act")(x) if first else x
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(name=f"{name}_bn")(x)


def _down(x: Any, inner: int, filters: int, block: int) -> Any:
    kept = layers.BatchNormalization()(conv(x, filters, 1, strides=2, padding="same", use_bias=False))
    x = _separable(x, inner, f"block{block}_sepconv1", block > 2)
    x = _separable(x, filters, f"block{block}_sepconv2")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
    return layers.Add()([x, kept])


def _body(x: Any, form: Form) -> Any:
    for k, filters in ((1, 32), (2, 64)):
        name = f"block1_conv{k}"
        x = conv(x, filters, 3, name, strides=2 if k == 1 else 1, use_bias=False)
        x = layers.Activation("relu", name=f"{name}_act")(layers.BatchNormalization(name=f"{name}_bn")(x))
    for block, filters in ((2, 128), (3, 256), (4, 728)):
        x = _down(x, filters, filters, block)
    for block in range(5, 13):
        before = x
        for k in (1, 2, 3):
            x = _separable(x, 728, f"block{block}_sepconv{k}")
        x = layers.Add()([x, before])
    x = _down(x, 728, 1024, 13)
    for k, filters in ((1, 1536), (2, 2048)):
        name = f"block14_sepconv{k}"
        x = layers.Activation("relu", name=f"{name}_act")(_separable(x, filters, name, False))
    return x

Xception = architecture(_KIND, "xception", _body)

__all__ = ["Xception"]
