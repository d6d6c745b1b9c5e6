"""Small networks, one for each layer, loss and optimizer, trained for a few steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule
from chainrule import config, layers, losses, optimizers

ROWS, BATCH = 24, 10  # the last batch is a short one
LINE, SERIES, IMAGE, VOLUME = (6,), (8, 5), (8, 8, 3), (4, 4, 4, 2)


def normalization() -> Any:
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(1).normal(2.0, 3.0, (50, 6)).astype("float32"))
    return layer


def series(layer: Callable[..., Any], *arguments: Any, **named: Any) -> Callable[[Any], Any]:
    """Queries and values from the same series."""
    return lambda x: layer(*arguments, **named)([x, layers.Dense(5)(x)])


def there_and_back(layer: Any) -> Any:
    """Vectors for indices, then a score of every index for each."""
    return lambda x: layer(layer(whole(x)), reverse=True)


def pair(layer: Callable[..., Any], *arguments: Any, **named: Any) -> Callable[[Any], Any]:
    """Two branches that a layer brings together."""
    return lambda x: layer(*arguments, **named)([layers.Dense(4, "tanh")(x), layers.Dense(4)(x)])


def attention(layer: Callable[..., Any], *arguments: Any) -> Callable[[Any], Any]:
    return lambda x: layer(*arguments)(x, x)


LAYERS: dict[str, tuple[tuple[int, ...], Callable[[], Callable[[Any], Any]]]] = {
    # name: shape of an example, the layer
    "Activation": (LINE, lambda: layers.Activation("gelu")),
    "ActivityRegularization": (LINE, lambda: layers.ActivityRegularization(l1=0.01, l2=0.01)),
    "AdaptiveAveragePooling1D": (SERIES, lambda: layers.AdaptiveAveragePooling1D(3)),
    "AdaptiveAveragePooling2D": (IMAGE, lambda: layers.AdaptiveAveragePooling2D((3, 2))),
    "AdaptiveAveragePooling3D": (VOLUME, lambda: layers.AdaptiveAveragePooling3D((3, 2, 1))),
    "AdaptiveMaxPooling1D": (SERIES, lambda: layers.AdaptiveMaxPooling1D(3)),
    "AdaptiveMaxPooling2D": (IMAGE, lambda: layers.AdaptiveMaxPooling2D((3, 2))),
    "AdaptiveMaxPooling3D": (VOLUME, lambda: layers.AdaptiveMaxPooling3D((3, 2, 1))),
    "Add": (LINE, lambda: pair(layers.Add)),
    "AdditiveAttention": (SERIES, lambda: series(layers.AdditiveAttention)),
    "AlphaDropout": (LINE, lambda: layers.AlphaDropout(0.3)),
    "Attention": (SERIES, lambda: series(layers.Attention, use_scale=True)),
    "Average": (LINE, lambda: pair(layers.Average)),
    "AveragePooling1D": (SERIES, lambda: layers.AveragePooling1D(3, padding="same")),
    "AveragePooling2D": (IMAGE, lambda: layers.AveragePooling2D((3, 2), strides=1, padding="same")),
    "AveragePooling3D": (VOLUME, lambda: layers.AveragePooling3D(2)),
    "BatchNormalization": (IMAGE, lambda: layers.BatchNormalization()),
    "Bidirectional": (SERIES, lambda: layers.Bidirectional(layers.LSTM(4))),
    "CategoryEncoding": (LINE, lambda: lambda x: layers.CategoryEncoding(9, "multi_hot")(whole(x))),
    "Concatenate": (LINE, lambda: pair(layers.Concatenate)),
    "Conv1D": (SERIES, lambda: layers.Conv1D(7, 3, padding="causal", dilation_rate=2)),
    "Conv1DTranspose": (SERIES, lambda: layers.Conv1DTranspose(4, 3, strides=2)),
    "Conv2D": (IMAGE, lambda: layers.Conv2D(9, (3, 2), strides=2, padding="same", activation="relu")),
    "Conv2DTranspose": (IMAGE, lambda: layers.Conv2DTranspose(5, 3, strides=2, padding="same")),
    "Conv3D": (VOLUME, lambda: layers.Conv3D(3, 2)),
    "Conv3DTranspose": (VOLUME, lambda: layers.Conv3DTranspose(3, 2, strides=2)),
    "ConvLSTM1D": ((3, 5, 2), lambda: layers.ConvLSTM1D(3, 2)),
    "ConvLSTM2D": ((3, 4, 4, 2), lambda: layers.ConvLSTM2D(3, 2)),
    "ConvLSTM3D": ((2, 3, 3, 3, 2), lambda: layers.ConvLSTM3D(2, 2)),
    "Cropping1D": (SERIES, lambda: layers.Cropping1D((1, 2))),
    "Cropping2D": (IMAGE, lambda: layers.Cropping2D(((1, 2), (0, 3)))),
    "Cropping3D": (VOLUME, lambda: layers.Cropping3D(1)),
    "Dense": (LINE, lambda: layers.Dense(7, "selu", kernel_regularizer="l2", kernel_constraint="max_norm")),
    "DepthwiseConv1D": (SERIES, lambda: layers.DepthwiseConv1D(3, depth_multiplier=2)),
    "DepthwiseConv2D": (IMAGE, lambda: layers.DepthwiseConv2D(3, padding="same")),
    "Discretization": (LINE, lambda: layers.Discretization([-0.5, 0.1, 0.9])),
    "Dot": (LINE, lambda: pair(layers.Dot, axes=1, normalize=True)),
    "Dropout": (IMAGE, lambda: layers.Dropout(0.4)),
    "ELU": (LINE, lambda: layers.ELU()),
    "EinsumDense": (SERIES, lambda: layers.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d")),
    "Embedding": (LINE, lambda: lambda x: layers.Embedding(9, 5)(whole(x))),
    "Flatten": (IMAGE, lambda: layers.Flatten()),
    "GRU": (SERIES, lambda: layers.GRU(6, return_sequences=True)),
    "GaussianDropout": (LINE, lambda: layers.GaussianDropout(0.3)),
    "GaussianNoise": (LINE, lambda: layers.GaussianNoise(0.3)),
    "GlobalAveragePooling1D": (SERIES, lambda: layers.GlobalAveragePooling1D()),
    "GlobalAveragePooling2D": (IMAGE, lambda: layers.GlobalAveragePooling2D()),
    "GlobalAveragePooling3D": (VOLUME, lambda: layers.GlobalAveragePooling3D()),
    "GlobalMaxPooling1D": (SERIES, lambda: layers.GlobalMaxPooling1D()),
    "GlobalMaxPooling2D": (IMAGE, lambda: layers.GlobalMaxPooling2D()),
    "GlobalMaxPooling3D": (VOLUME, lambda: layers.GlobalMaxPooling3D()),
    "GroupNormalization": (IMAGE, lambda: layers.GroupNormalization(3)),
    "GroupQueryAttention": (SERIES, lambda: attention(layers.GroupQueryAttention, 4, 4, 2)),
    "Identity": (LINE, lambda: layers.Identity()),
    "LSTM": (SERIES, lambda: layers.LSTM(6, go_backwards=True)),
    "Lambda": (LINE, lambda: layers.Lambda(lambda x: x * x)),
    "LayerNormalization": (SERIES, lambda: layers.LayerNormalization()),
    "LeakyReLU": (LINE, lambda: layers.LeakyReLU()),
    "Masking": (SERIES, lambda: lambda x: layers.SimpleRNN(3)(layers.Masking(0.0)(x))),
    "MaxPooling1D": (SERIES, lambda: layers.MaxPooling1D(2)),
    "MaxPooling2D": (IMAGE, lambda: layers.MaxPooling2D(3, strides=2, padding="same")),
    "MaxPooling3D": (VOLUME, lambda: layers.MaxPooling3D(2)),
    "Maximum": (LINE, lambda: pair(layers.Maximum)),
    "Minimum": (LINE, lambda: pair(layers.Minimum)),
    "MultiHeadAttention": (SERIES, lambda: attention(layers.MultiHeadAttention, 2, 4)),
    "Multiply": (LINE, lambda: pair(layers.Multiply)),
    "Normalization": (LINE, normalization),
    "PReLU": (LINE, lambda: layers.PReLU()),
    "Permute": (SERIES, lambda: layers.Permute((2, 1))),
    "RMSNormalization": (SERIES, lambda: layers.RMSNormalization()),
    "RNN": (SERIES, lambda: layers.RNN([layers.GRUCell(4), layers.LSTMCell(3)])),
    "ReLU": (LINE, lambda: layers.ReLU(max_value=1.0, negative_slope=0.1)),
    "RepeatVector": (LINE, lambda: layers.RepeatVector(3)),
    "Rescaling": (LINE, lambda: layers.Rescaling(0.5, 1.0)),
    "Reshape": (IMAGE, lambda: layers.Reshape((16, -1))),
    "ReversibleEmbedding": (LINE, lambda: there_and_back(layers.ReversibleEmbedding(9, 5, tie_weights=False))),
    "SeparableConv1D": (SERIES, lambda: layers.SeparableConv1D(6, 3)),
    "SeparableConv2D": (IMAGE, lambda: layers.SeparableConv2D(6, 3)),
    "SimpleRNN": (SERIES, lambda: layers.SimpleRNN(6)),
    "Softmax": (SERIES, lambda: layers.Softmax()),
    "SpatialDropout1D": (SERIES, lambda: layers.SpatialDropout1D(0.4)),
    "SpatialDropout2D": (IMAGE, lambda: layers.SpatialDropout2D(0.4)),
    "SpatialDropout3D": (VOLUME, lambda: layers.SpatialDropout3D(0.4)),
    "SpectralNormalization": (LINE, lambda: layers.SpectralNormalization(layers.Dense(4))),
    "Subtract": (LINE, lambda: pair(layers.Subtract)),
    "TimeDistributed": (SERIES, lambda: layers.TimeDistributed(layers.Dense(3, "relu"))),
    "UnitNormalization": (LINE, lambda: layers.UnitNormalization()),
    "UpSampling1D": (SERIES, lambda: layers.UpSampling1D(2)),
    "UpSampling2D": (IMAGE, lambda: layers.UpSampling2D(2, interpolation="bilinear")),
    "UpSampling3D": (VOLUME, lambda: layers.UpSampling3D(2)),
    "ZeroPadding1D": (SERIES, lambda: layers.ZeroPadding1D(2)),
    "ZeroPadding2D": (IMAGE, lambda: layers.ZeroPadding2D(((1, 2), (0, 3)))),
    "ZeroPadding3D": (VOLUME, lambda: layers.ZeroPadding3D(1)),
}


def whole(x: Any) -> Any:
    """Categories from 0 to 8."""
    return layers.Lambda(lambda v: chainrule.ops.cast(chainrule.ops.clip(v * 3.0 + 4.0, 0.0, 8.0), "int32"))(x)


def around(name: str) -> Any:
    """A network with a layer in the middle: weights before it, so that gradients go through it."""
    shape, make = LAYERS[name]
    x = layers.Input(shape)
    h = layers.Dense(shape[-1])(x)
    h = layers.Flatten()(make()(h))
    h = layers.Lambda(lambda v: chainrule.ops.cast(v, "float32"))(h)
    model = chainrule.Model(x, layers.Dense(1)(h))
    model.compile(optimizer=optimizers.SGD(0.01), loss="mse")
    return model


def plain(optimizer: Any, loss: Any = "mse", outputs: int = 1, activation: Any = None) -> Any:
    """A network that is smooth everywhere."""
    model = chainrule.Sequential(
        [layers.Input(LINE), layers.Dense(8, "tanh"), layers.Dense(5, "tanh"), layers.Dense(outputs, activation)]
    )
    model.compile(optimizer=optimizer, loss=loss)
    return model


OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "SGD": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    **{name: (lambda name=name: getattr(optimizers, name)(0.01)) for name in (
        "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam",
        "RMSprop", "ScheduleFreeAdamW")},
    "LossScaleOptimizer": lambda: optimizers.LossScaleOptimizer(optimizers.Adam(0.01), dynamic_growth_steps=2),
}  # fmt: skip


def unit(x: Any) -> Any:
    """Rows of length 1."""
    return chainrule.ops.normalize(x, axis=-1)


CLASSES = {"outputs": 3, "activation": "softmax"}
LOSSES: dict[str, tuple[str, dict[str, Any]]] = {
    # name: what the targets are, the end of the network
    **dict.fromkeys(("Huber", "LogCosh", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError"),
                    ("real", {})),
    **dict.fromkeys(("MeanSquaredLogarithmicError", "Poisson"), ("positive", {"activation": "softplus"})),
    **dict.fromkeys(("BinaryCrossentropy", "BinaryFocalCrossentropy", "Dice", "Hinge", "SquaredHinge", "Tversky"),
                    ("truth", {"activation": "sigmoid"})),
    **dict.fromkeys(("CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge", "CosineSimilarity",
                     "KLDivergence"), ("one of three", CLASSES)),
    **dict.fromkeys(("CategoricalGeneralizedCrossEntropy", "SparseCategoricalCrossentropy"), ("class", CLASSES)),
    "Circle": ("class", {"outputs": 4, "activation": unit}),
    "CTC": ("words", {}),
}  # fmt: skip
STEEP = {"MeanAbsolutePercentageError", "Circle"}  # longer steps leap to and fro over kinks


def loss_network(name: str) -> Any:
    """A network that is trained with a loss."""
    loss = getattr(losses, name)()
    rate = 1e-5 if name in STEEP else 0.01
    if name != "CTC":
        return plain(optimizers.SGD(rate), loss, **LOSSES[name][1])
    model = chainrule.Sequential([layers.Input(SERIES), layers.Dense(6, "tanh"), layers.Dense(4)])
    model.compile(optimizer=optimizers.SGD(0.01), loss=loss)
    return model


def targets(kind: str) -> np.ndarray:
    rng = np.random.default_rng(3)
    classes = rng.integers(0, 3, ROWS)
    return {
        "real": rng.normal(size=(ROWS, 1)).astype("float32"), "positive": rng.random((ROWS, 1), "float32"),
        "truth": rng.integers(0, 2, (ROWS, 1)).astype("float32"), "class": classes.astype("int32"),
        "one of three": np.eye(3, dtype="float32")[classes], "words": rng.integers(1, 4, (ROWS, 3)).astype("int32"),
    }[kind]  # fmt: skip


def trained(executor: str, make: Callable[[], Any], y: np.ndarray, epochs: int = 2) -> list[np.ndarray]:
    """The losses, and all weights and optimizer slots, after some epochs on an executor."""
    before = config.executor()
    config.set_executor(executor)
    try:
        chainrule.utils.set_random_seed(5)
        model = make()
        x = np.random.default_rng(2).normal(size=(ROWS, *model.inputs[0].shape[1:])).astype("float32")
        history = model.fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0)
        slots = [np.asarray(v) for v in model.optimizer.variables]
        return [np.asarray(history.history["loss"]), *model.get_weights(), *slots]
    finally:
        config.set_executor(before)

