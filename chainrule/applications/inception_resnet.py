"""InceptionResNetV2: blocks of several ways side by side, each adding a little to what came in.

Source: Szegedy et al. 2017, "Inception-v4, Inception-ResNet and the impact of residual connections on learning".
"""

from __future__ import annotations

from typing import Any

from .. import layers
from ..serialization import builtin
from .frame import Form, Kind, architecture
from .inception import Way, mixed, unit

_KIND = Kind("InceptionResNetV2", 299, 75, "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels{}.h5")

_WAYS: dict[str, tuple[Way, ...]] = {
    "mixed_5b": (((96, 1),), ((48, 1), (64, 5)), ((64, 1), (96, 3), (96, 3)), ("avg", (64, 1))),
    "block35": (((32, 1),), ((32, 1), (32, 3)), ((32, 1), (48, 3), (64, 3))),
    "mixed_6a": (((384, 3, 2),), ((256, 1), (256, 3), (384, 3, 2)), ("max",)),
    "block17": (((192, 1),), ((128, 1), (160, (1, 7)), (192, (7, 1)))),
    "mixed_7a": (((256, 1), (384, 3, 2)), ((256, 1), (288, 3, 2)), ((256, 1), (288, 3), (320, 3, 2)), ("max",)),
    "block8": (((192, 1),), ((192, 1), (224, (1, 3)), (256, (3, 1)))),
}
_STAGES = (("mixed_5b", "block35", 10, 0.17), ("mixed_6a", "block17", 20, 0.1), ("mixed_7a", "block8", 10, 0.2))


@builtin
class CustomScaleLayer(layers.Layer):
    """`inputs[0] + scale * inputs[1]`. Args: scale: float.

    Example:
    >>> CustomScaleLayer(0.5)([[1.0], [4.0]]).tolist()
    [3.0]
    """

    def __init__(self, scale: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs: Any) -> Any:
        """The first, and a share of the second."""
        return inputs[0] + inputs[1] * self.scale


def _block(x: Any, kind: str, number: int, scale: float, activated: bool = True) -> Any:
    name = f"{kind}_{number}"
    more = mixed(x, _WAYS[kind], f"{name}_mixed")
    more = layers.Conv2D(x.shape[-1], 1, padding="same", name=f"{name}_conv")(more)
    x = CustomScaleLayer(scale)([x, more])
    return layers.Activation("relu", name=f"{name}_ac")(x) if activated else x


def _body(x: Any, form: Form) -> Any:
    x = unit(unit(unit(x, 32, 3, 2), 32, 3, 1, "valid"), 64, 3)
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = unit(unit(x, 80, 1, 1, "valid"), 192, 3, 1, "valid")
    x = layers.MaxPooling2D(3, strides=2)(x)
    for first, kind, count, scale in _STAGES:
        x = mixed(x, _WAYS[first], first)
        for number in range(1, count + 1):
            is_last = kind == "block8" and number == count
            x = _block(x, kind, number, 1.0 if is_last else scale, activated=not is_last)
    return unit(x, 1536, 1, name="conv_7b")


InceptionResNetV2 = architecture(_KIND, "inception_resnet_v2", _body)

__all__ = ["CustomScaleLayer", "InceptionResNetV2"]
