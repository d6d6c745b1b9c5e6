"""Models whose summaries are compared: made with Keras and with chainrule alike."""

from __future__ import annotations

from typing import Any


def chain(keras: Any) -> Any:
    """A Sequential with a frozen layer and long names."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((8, 8, 3)), layers.Conv2DTranspose(4, 3, name="a_transposed_convolution_of_a_long_name"),
        layers.BatchNormalization(name="n"), layers.Flatten(name="f"), layers.Dense(1234, name="d"),
    ], name="chain")  # fmt: skip
    model.layers[3].trainable = False
    return model


def nested(keras: Any) -> Any:
    """A functional chain with models inside, one in the other."""
    layers = keras.layers
    i = keras.Input((4,), name="i")
    deep = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="deepest")], name="deep")
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="a"), deep], name="inner")
    return keras.Model(i, layers.Dense(1, name="o")(inner(i)), name="outer")


def branched(keras: Any) -> Any:
    """Two inputs, a shared layer, ops, several results."""
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(3, name="shared")
    both = layers.Concatenate(name="both")([shared(a), shared(b)])
    x, h, c = layers.LSTM(2, return_state=True, name="lstm")(layers.Reshape((2, 3), name="r")(both))
    total = keras.ops.relu(x + h * 2.0)
    return keras.Model([a, b], [total, layers.Dense(1, name="out")(c)], name="branched")


def unbuilt(keras: Any) -> Any:
    """No shapes are known."""
    return keras.Sequential([keras.layers.Dense(3, name="d"), keras.layers.Dense(1, name="e")], name="unbuilt")


MODELS = {"chain": chain, "nested": nested, "branched": branched, "unbuilt": unbuilt}
OPTIONS: list[dict[str, Any]] = [
    {}, {"line_length": 60}, {"line_length": 78, "show_trainable": True}, {"expand_nested": True},
    {"expand_nested": True, "show_trainable": True},
]  # fmt: skip
