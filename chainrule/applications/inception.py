"""InceptionV3: blocks of several ways side by side.

Source: Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision".
"""

from __future__ import annotations

from typing import Any

from .. import layers
from .frame import Form, Kind, architecture

_KIND = Kind("InceptionV3", 299, 75, "inception_v3_weights_tf_dim_ordering_tf_kernels{}.h5")

# A way is a list of (filters, window, strides); "avg" and "max" are pools.
Way = tuple[Any, ...]


def unit(x: Any, filters: int, window: Any, stride: int = 1, padding: str = "same", name: str | None = None) -> Any:
    """A convolution (in steps of 2 without padding), batch normalisation without a scale, ReLU."""
    padding = "valid" if stride == 2 else padding
    x = layers.Conv2D(filters, window, strides=stride, padding=padding, use_bias=False, name=name)(x)
    x = layers.BatchNormalization(scale=False, name=name and f"{name}_bn")(x)
    return layers.Activation("relu", name=name and f"{name}_ac")(x)


def _way(x: Any, way: Way) -> Any:
    for step in way:
        if step == "avg":
            x = layers.AveragePooling2D(3, strides=1, padding="same")(x)
        elif step == "max":
            x = layers.MaxPooling2D(3, strides=2)(x)
        else:
            x = unit(x, *step)
    return x


def mixed(x: Any, ways: tuple[Way, ...], name: str) -> Any:
    """A block of several ways side by side."""
    return layers.Concatenate(name=name)([_way(x, way) for way in ways])


def _fives(pooled: int) -> tuple[Way, ...]:
    return (((64, 1),), ((48, 1), (64, 5)), ((64, 1), (96, 3), (96, 3)), ("avg", (pooled, 1)))


def _sevens(n: int) -> tuple[Way, ...]:
    row, column = (1, 7), (7, 1)
    double = ((n, 1), (n, column), (n, row), (n, column), (192, row))
    return (((192, 1),), ((n, 1), (n, row), (192, column)), double, ("avg", (192, 1)))


def _last(x: Any, k: int) -> Any:
    """A block whose ways are parted at their ends."""
    first = unit(x, 320, 1)
    second = unit(x, 384, 1)
    second = layers.Concatenate(name=f"mixed9_{k}")([unit(second, 384, (1, 3)), unit(second, 384, (3, 1))])
    third = unit(unit(x, 448, 1), 384, 3)
    third = layers.Concatenate()([unit(third, 384, (1, 3)), unit(third, 384, (3, 1))])
    pooled = _way(x, ("avg", (192, 1)))
    return layers.Concatenate(name=f"mixed{9 + k}")([first, second, third, pooled])


def _body(x: Any, form: Form) -> Any:
    x = unit(unit(unit(x, 32, 3, 2), 32, 3, 1, "valid"), 64, 3)
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = unit(unit(x, 80, 1, 1, "valid"), 192, 3, 1, "valid")
    x = layers.MaxPooling2D(3, strides=2)(x)
    for k, pooled in enumerate((32, 64, 64)):
        x = mixed(x, _fives(pooled), f"mixed{k}")
    down = (((384, 3, 2),), ((64, 1), (96, 3), (96, 3, 2)), ("max",))
    x = mixed(x, down, "mixed3")
    for k, n in enumerate((128, 160, 160, 192), 4):
        x = mixed(x, _sevens(n), f"mixed{k}")
    sevens = ((192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2))
    x = mixed(x, (((192, 1), (320, 3, 2)), sevens, ("max",)), "mixed8")
    return _last(_last(x, 0), 1)

InceptionV3 = architecture(_KIND, "inception_v3", _body)

__all__ = ["InceptionV3"]
