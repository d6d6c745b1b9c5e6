"""MobileNet: convolutions of single channels, and then of single pixels.

Source: Howard et al. 2017, "MobileNets"; Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks".
"""

from __future__ import annotations

from typing import Any

from .. import layers
from ..models import Model
from .frame import Form, Kind, build, conv, padding_for, rounded

_FIRST = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))
_SECOND = ((16, 1, 1, 1), (24, 2, 6, 2), (32, 2, 6, 3), (64, 2, 6, 4), (96, 1, 6, 3), (160, 2, 6, 3), (320, 1, 6, 1))


def MobileNet(  # noqa: N802 - Keras's name
    input_shape: Any = None, alpha: float = 1.0, depth_multiplier: int = 1, dropout: float = 0.001,
    include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, pooling: str | None = None,
    classes: int = 1000, classifier_activation: Any = "softmax", name: str | None = None,
) -> Model:  # fmt: skip
    """The network MobileNet.

    Args: alpha: a factor for all numbers of filters (default 1.0); depth_multiplier: filters for each channel;
        dropout: in the top; the others as of `chainrule.applications.frame.Form`.
    """
    form = Form(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation,
                name or f"mobilenet_{alpha:.2f}_{_size(input_shape)}")  # fmt: skip
    kind = Kind("MobileNet", 224, 32, f"mobilenet_{_text(alpha)}_224_tf{{}}.h5", "_no_top")

    def body(x: Any) -> Any:
        x = conv(x, int(32 * alpha), 3, "conv1", strides=2, padding="same", use_bias=False)
        x = layers.ReLU(6.0, name="conv1_relu")(layers.BatchNormalization(name="conv1_bn")(x))
        for k, (filters, stride) in enumerate(_FIRST, 1):
            x = _apart(x, int(filters * alpha), stride, depth_multiplier, k)
        return x

    def top(x: Any) -> Any:
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = conv(layers.Dropout(dropout, name="dropout")(x), classes, 1, "conv_preds", padding="same")
        x = layers.Reshape((classes,), name="reshape_2")(x)
        return layers.Activation(classifier_activation, name="predictions")(x)

    return build(kind, form, body, top, lambda x: _pooled(x, form))


def _text(alpha: float) -> str:
    return {1.0: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5"}.get(alpha, str(alpha).replace(".", "_"))


def _size(shape: Any) -> Any:
    return 224 if shape is None or shape[0] is None else shape[0]


def _pooled(x: Any, form: Form) -> Any:
    if form.pooling == "avg":
        return layers.GlobalAveragePooling2D()(x)
    return layers.GlobalMaxPooling2D()(x) if form.pooling == "max" else x


def _apart(x: Any, filters: int, stride: int, multiplier: int, k: int) -> Any:
    """A convolution of each channel by itself, and one of each pixel by itself."""
    x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{k}")(x) if stride == 2 else x
    x = layers.DepthwiseConv2D(
        3, padding="valid" if stride == 2 else "same", depth_multiplier=multiplier, strides=stride, use_bias=False,
        name=f"conv_dw_{k}",
    )(x)  # fmt: skip
    x = layers.ReLU(6.0, name=f"conv_dw_{k}_relu")(layers.BatchNormalization(name=f"conv_dw_{k}_bn")(x))
    x = conv(x, filters, 1, f"conv_pw_{k}", padding="same", use_bias=False)
    return layers.ReLU(6.0, name=f"conv_pw_{k}_relu")(layers.BatchNormalization(name=f"conv_pw_{k}_bn")(x))


def _normal(x: Any, name: str) -> Any:
    return layers.BatchNormalization(epsilon=1e-3, momentum=0.999, name=name)(x)


def MobileNetV2(  # noqa: N802 - Keras's name
    input_shape: Any = None, alpha: float = 1.0, include_top: bool = True, weights: Any = "imagenet",
    input_tensor: Any = None, pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Model:  # fmt: skip
    """The network MobileNetV2.

    Args: alpha: a factor for all numbers of filters (default 1.0); the others as of
        `chainrule.applications.frame.Form`.
    """
    form = Form(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation,
                name or f"mobilenetv2_{alpha:.2f}_{_size(input_shape)}")  # fmt: skip
    size = _size(input_shape) if _size(input_shape) in (96, 128, 160, 192, 224) else 224
    kind = Kind("MobileNetV2", 224, 32, f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{alpha}_{size}{{}}.h5",
                "_no_top")  # fmt: skip

    def body(x: Any) -> Any:
        x = conv(x, rounded(32 * alpha), 3, "Conv1", strides=2, padding="same", use_bias=False)
        x = layers.ReLU(6.0, name="Conv1_relu")(_normal(x, "bn_Conv1"))
        number = 0
        for filters, stride, wider, depth in _SECOND:
            for k in range(depth):
                x = _inverted(x, wider, stride if k == 0 else 1, rounded(int(filters * alpha)), number)
                number += 1
        x = conv(x, rounded(1280 * alpha) if alpha > 1 else 1280, 1, "Conv_1", use_bias=False)
        return layers.ReLU(6.0, name="out_relu")(_normal(x, "Conv_1_bn"))

    def top(x: Any) -> Any:
        x = layers.GlobalAveragePooling2D()(x)
        return layers.Dense(classes, activation=classifier_activation, name="predictions")(x)

    return build(kind, form, body, top, lambda x: _pooled(x, form))


def _inverted(x: Any, wider: int, stride: int, filters: int, number: int) -> Any:
    """A block that is wide inside and narrow outside."""
    before, name = x, f"block_{number}_" if number else "expanded_conv_"
    if number:
        x = conv(x, wider * before.shape[-1], 1, f"{name}expand", padding="same", use_bias=False)
        x = layers.ReLU(6.0, name=f"{name}expand_relu")(_normal(x, f"{name}expand_BN"))
    x = layers.ZeroPadding2D(padding_for(x, 3), name=f"{name}pad")(x) if stride == 2 else x
    x = layers.DepthwiseConv2D(3, strides=stride, use_bias=False, padding="valid" if stride == 2 else "same",
                               name=f"{name}depthwise")(x)  # fmt: skip
    x = layers.ReLU(6.0, name=f"{name}depthwise_relu")(_normal(x, f"{name}depthwise_BN"))
    x = _normal(conv(x, filters, 1, f"{name}project", padding="same", use_bias=False), f"{name}project_BN")
    same = before.shape[-1] == filters and stride == 1
    return layers.Add(name=f"{name}add")([before, x]) if same else x


__all__ = ["MobileNet", "MobileNetV2"]
