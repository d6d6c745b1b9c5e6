"""VGG: small convolutions, one after the other.

Source: Simonyan and Zisserman 2014, "Very deep convolutional networks for large-scale image recognition".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import layers
from ..models import Model
from .frame import Form, Kind, architecture, conv


def _network(title: str, depths: tuple[int, ...]) -> Callable[..., Model]:
    kind = Kind(title, 224, 32, f"{title.lower()}_weights_tf_dim_ordering_tf_kernels{{}}.h5")

    def body(x: Any, form: Form) -> Any:
        for block, depth in enumerate(depths, 1):
            for k in range(1, depth + 1):
                filters = min(512, 32 * 2**block)
                x = conv(x, filters, 3, f"block{block}_conv{k}", padding="same", activation="relu")
            x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
        return x

    return architecture(kind, title.lower(), body, _top)


def _top(x: Any, form: Form) -> Any:
    x = layers.Flatten(name="flatten")(x)
    for name in ("fc1", "fc2"):
        x = layers.Dense(4096, activation="relu", name=name)(x)
    return layers.Dense(form.classes, activation=form.classifier_activation, name="predictions")(x)


VGG16, VGG19 = _network("VGG16", (2, 2, 3, 3, 3)), _network("VGG19", (2, 2, 4, 4, 4))

__all__ = ["VGG16", "VGG19"]
