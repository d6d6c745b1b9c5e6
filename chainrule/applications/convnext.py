"""ConvNeXt: a convolutional network in the manner of transformers.

Source: Liu et al. 2022, "A ConvNet for the 2020s".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import initializers, layers
from ..models import Model, Sequential
from ..serialization import register_keras_serializable
from .frame import Form, Kind, build, conv

_SIZES = {
    "Tiny": ((3, 3, 9, 3), 96), "Small": ((3, 3, 27, 3), 96), "Base": ((3, 3, 27, 3), 128),
    "Large": ((3, 3, 27, 3), 192), "XLarge": ((3, 3, 27, 3), 256),
}  # fmt: skip
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@register_keras_serializable("chainrule")
class LayerScale(layers.Layer):
    """Each channel times a weight that is small at first.

    Args: init_values: at first; projection_dim: the number of channels.
    """

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.init_values, self.projection_dim = init_values, projection_dim

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        self.gamma = self.add_weight((self.projection_dim,), initializers.Constant(self.init_values))

    def call(self, x: Any) -> Any:
        """The product."""
        return x * self.gamma


def _normal(name: str | None = None) -> Any:
    return layers.LayerNormalization(epsilon=1e-6, name=name)


def _block(x: Any, width: int, name: str) -> Any:
    before = x
    x = conv(x, width, 7, f"{name}_depthwise_conv", padding="same", groups=width)
    x = layers.Dense(4 * width, name=f"{name}_pointwise_conv_1")(_normal(f"{name}_layernorm")(x))
    x = layers.Activation("gelu", name=f"{name}_gelu")(x)
    x = layers.Dense(width, name=f"{name}_pointwise_conv_2")(x)
    x = LayerScale(1e-6, width, name=f"{name}_layer_scale")(x)
    return before + layers.Activation("linear", name=f"{name}_identity")(x)


def _down(x: Any, width: int, stage: int, name: str) -> Any:
    """A stage's beginning: fewer places, more channels."""
    if stage == 0:
        steps = [layers.Conv2D(width, 4, strides=4, name=f"{name}_stem_conv"), _normal(f"{name}_stem_layernorm")]
        return Sequential(steps, name=f"{name}_stem")(x)
    steps = [_normal(f"{name}_downsampling_layernorm_{stage - 1}"),
             layers.Conv2D(width, 2, strides=2, name=f"{name}_downsampling_conv_{stage - 1}")]  # fmt: skip
    return Sequential(steps, name=f"{name}_downsampling_block_{stage - 1}")(x)


def _network(size: str) -> Callable[..., Model]:
    depths, width = _SIZES[size]
    title = f"ConvNeXt{size}"
    kind = Kind(title, 224, 32, f"convnext_{size.lower()}{{}}.h5")

    def body(x: Any, form: Form, prepares: bool) -> Any:
        if prepares and x.shape[-1] == 3:
            x = layers.Normalization(mean=[255 * m for m in _MEAN], variance=[(255 * d) ** 2 for d in _DEVIATION],
                                     name=f"{form.name}_prestem_normalization")(x)  # fmt: skip
        for stage, depth in enumerate(depths):
            x = _down(x, width * 2**stage, stage, form.name)
            for k in range(depth):
                x = _block(x, width * 2**stage, f"{form.name}_stage_{stage}_block_{k}")
        return x

    def network(
        include_top: bool = True, include_preprocessing: bool = True, weights: Any = "imagenet",
        input_tensor: Any = None, input_shape: Any = None, pooling: str | None = None, classes: int = 1000,
        classifier_activation: Any = "softmax", name: str = f"convnext_{size.lower()}",
    ) -> Model:  # fmt: skip
        form = Form(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name)
        return build(kind, form, lambda x: body(x, form, include_preprocessing), lambda x: _top(x, form),
                     lambda x: _normal()(_pooled(x, form)))  # fmt: skip

    network.__name__ = network.__qualname__ = title
    network.__doc__ = (
        f"The network {title}. Args: include_preprocessing: begin with Normalization (default True); the others as of "
        "`chainrule.applications.frame.Form`."
    )
    return network


def _pooled(x: Any, form: Form) -> Any:
    if form.pooling == "avg":
        return layers.GlobalAveragePooling2D()(x)
    return layers.GlobalMaxPooling2D()(x) if form.pooling == "max" else x


def _top(x: Any, form: Form) -> Any:
    x = layers.GlobalAveragePooling2D(name=f"{form.name}_head_gap")(x)
    x = _normal(f"{form.name}_head_layernorm")(x)
    return layers.Dense(form.classes, activation=form.classifier_activation, name=f"{form.name}_head_dense")(x)


ConvNeXtTiny, ConvNeXtSmall, ConvNeXtBase, ConvNeXtLarge, ConvNeXtXLarge = (_network(size) for size in _SIZES)

__all__ = ["ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtSmall", "ConvNeXtTiny", "ConvNeXtXLarge", "LayerScale"]
