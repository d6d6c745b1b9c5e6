"""MobileNetV3. Source: Howard et al. 2019, "Searching for MobileNetV3"."""

from __future__ import annotations

from typing import Any

from .. import layers
from ..models import Model
from .frame import Form, Kind, build, conv, padding_for, rounded

# wider, filters, large window?, stride, squeezed?, hard swish?
_SMALL = (
    (1, 16, 0, 2, 1, 0), (72 / 16, 24, 0, 2, 0, 0), (88 / 24, 24, 0, 1, 0, 0), (4, 40, 1, 2, 1, 1), (6, 40, 1, 1, 1, 1),
    (6, 40, 1, 1, 1, 1), (3, 48, 1, 1, 1, 1), (3, 48, 1, 1, 1, 1), (6, 96, 1, 2, 1, 1), (6, 96, 1, 1, 1, 1),
    (6, 96, 1, 1, 1, 1),
)  # fmt: skip
_LARGE = (
    (1, 16, 0, 1, 0, 0), (4, 24, 0, 2, 0, 0), (3, 24, 0, 1, 0, 0), (3, 40, 1, 2, 1, 0), (3, 40, 1, 1, 1, 0),
    (3, 40, 1, 1, 1, 0), (6, 80, 0, 2, 0, 1), (2.5, 80, 0, 1, 0, 1), (2.3, 80, 0, 1, 0, 1), (2.3, 80, 0, 1, 0, 1),
    (6, 112, 0, 1, 1, 1), (6, 112, 0, 1, 1, 1), (6, 160, 1, 2, 1, 1), (6, 160, 1, 1, 1, 1), (6, 160, 1, 1, 1, 1),
)  # fmt: skip


def _normal(x: Any, name: str) -> Any:
    return layers.BatchNormalization(epsilon=0.001, momentum=0.999, name=name)(x)


def _active(x: Any, hard: bool) -> Any:
    return layers.Activation("hard_swish")(x) if hard else layers.ReLU()(x)


def _squeezed(x: Any, filters: int, name: str) -> Any:
    """Channels times weights from 0 to 1, which follow from their means."""
    weights = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}squeeze_excite_avg_pool")(x)
    weights = conv(weights, rounded(filters * 0.25), 1, f"{name}squeeze_excite_conv", padding="same")
    weights = layers.ReLU(name=f"{name}squeeze_excite_relu")(weights)
    weights = conv(weights, filters, 1, f"{name}squeeze_excite_conv_1", padding="same")
    weights = layers.ReLU(6.0)(weights + 3.0) * (1.0 / 6.0)
    return layers.Multiply(name=f"{name}squeeze_excite_mul")([x, weights])


def _block(x: Any, row: tuple[float, ...], alpha: float, plain: bool, number: int) -> Any:
    wider, size, large, stride, squeezed, hard = row
    before, name = x, f"expanded_conv_{number}_" if number else "expanded_conv_"
    filters, inner = rounded(size * alpha), rounded(before.shape[-1] * wider)
    window, is_hard = (5 if large and not plain else 3), bool(hard) and not plain
    if number:
        x = _normal(conv(x, inner, 1, f"{name}expand", padding="same", use_bias=False), f"{name}expand_bn")
        x = _active(x, is_hard)
    if stride == 2:
        x = layers.ZeroPadding2D(padding_for(x, window), name=f"{name}depthwise_pad")(x)
    x = layers.DepthwiseConv2D(window, strides=int(stride), padding="same" if stride == 1 else "valid", use_bias=False,
                               name=f"{name}depthwise")(x)  # fmt: skip
    x = _active(_normal(x, f"{name}depthwise_bn"), is_hard)
    x = _squeezed(x, inner, name) if squeezed and not plain else x
    x = _normal(conv(x, filters, 1, f"{name}project", padding="same", use_bias=False), f"{name}project_bn")
    return layers.Add(name=f"{name}add")([before, x]) if stride == 1 and before.shape[-1] == filters else x


def _network(title: str, rows: Any, last: int, form: Form, alpha: float, plain: bool, dropout: float,
             scaled: bool) -> Model:  # fmt: skip
    kind_name = f"{title[11:].lower()}{'_minimalistic' if plain else ''}_224_{alpha}_float"
    kind = Kind(title, 224, 32, f"weights_mobilenet_v3_{kind_name}{{}}.h5", "_no_top_v2")
    hard, width = not plain, rounded(last * alpha) if alpha > 1 else last

    def body(x: Any) -> Any:
        x = layers.Rescaling(1 / 127.5, -1.0)(x) if scaled else x
        x = _normal(conv(x, 16, 3, "conv", strides=2, padding="same", use_bias=False), "conv_bn")
        x = _active(x, hard)
        for number, row in enumerate(rows):
            x = _block(x, row, alpha, plain, number)
        x = _normal(conv(x, rounded(x.shape[-1] * 6), 1, "conv_1", padding="same", use_bias=False), "conv_1_bn")
        return _active(x, hard)

    def top(x: Any) -> Any:
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = _active(conv(x, width, 1, "conv_2", padding="same"), hard)
        x = layers.Dropout(dropout)(x) if dropout else x
        x = layers.Flatten()(conv(x, form.classes, 1, "logits", padding="same"))
        return layers.Activation(form.classifier_activation, name="predictions")(x)

    return build(kind, form, body, top)


def MobileNetV3Small(  # noqa: N802 - Keras's name
    input_shape: Any = None, alpha: float = 1.0, minimalistic: bool = False, include_top: bool = True,
    weights: Any = "imagenet", input_tensor: Any = None, classes: int = 1000, pooling: str | None = None,
    dropout_rate: float = 0.2, classifier_activation: Any = "softmax", include_preprocessing: bool = True,
    name: str = "MobileNetV3Small",
) -> Model:  # fmt: skip
    """The network MobileNetV3Small.

    Args: alpha: a factor for numbers of filters (default 1.0); minimalistic: plain blocks only; dropout_rate: in the
        top; include_preprocessing: begin with Rescaling; the others as of `chainrule.applications.frame.Form`.
    """
    form = Form(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name)
    return _network("MobileNetV3Small", _SMALL, 1024, form, alpha, minimalistic, dropout_rate, include_preprocessing)


def MobileNetV3Large(  # noqa: N802 - Keras's name
    input_shape: Any = None, alpha: float = 1.0, minimalistic: bool = False, include_top: bool = True,
    weights: Any = "imagenet", input_tensor: Any = None, classes: int = 1000, pooling: str | None = None,
    dropout_rate: float = 0.2, classifier_activation: Any = "softmax", include_preprocessing: bool = True,
    name: str = "MobileNetV3Large",
) -> Model:  # fmt: skip
    """The network MobileNetV3Large. Args: as of `MobileNetV3Small`."""
    form = Form(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name)
    return _network("MobileNetV3Large", _LARGE, 1280, form, alpha, minimalistic, dropout_rate, include_preprocessing)


__all__ = ["MobileNetV3Large", "MobileNetV3Small"]
