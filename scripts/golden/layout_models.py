"""Models that are made with Keras and with chainrule alike, to compare the files that come of them."""

from __future__ import annotations

from typing import Any


def image(keras: Any) -> Any:
    """Convolutions and what stands between them."""
    layers = keras.layers
    return keras.Sequential([
        keras.Input((8, 8, 2), name="x"), layers.Rescaling(0.5, name="scaled"),
        layers.Conv2D(2, 3, padding="same", use_bias=False, name="c"), layers.BatchNormalization(name="n"),
        layers.ReLU(name="r"), layers.MaxPooling2D(name="p"), layers.SeparableConv2D(2, 2, name="s"),
        layers.SpatialDropout2D(0.1, name="d"), layers.GlobalAveragePooling2D(name="g"),
        layers.Dense(2, kernel_regularizer="l2", bias_constraint=keras.constraints.NonNeg(), name="o"),
    ], name="image")  # fmt: skip


def graph(keras: Any) -> Any:
    """Two inputs, a shared layer, ops, models inside, one of them called twice."""
    layers, ops = keras.layers, keras.ops
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(4, activation="relu", name="shared")
    z = layers.Add(name="sum_of_both")([shared(a), shared(b)])
    z = (z * 2.0 + ops.mean(shared(a), axis=-1, keepdims=True))[:, :3]
    z = ops.concatenate([ops.reshape(z, (-1, 3, 1)), ops.expand_dims(z, -1)], axis=-1)
    z = ops.where(z > 0, z, 0.1 * ops.einsum("abc->abc", z))
    z = layers.Bidirectional(layers.LSTM(2, name="l"), name="both")(z)
    stack = keras.Sequential([keras.Input((4,), name="x"), layers.Dense(2, activation="gelu", name="h")], name="stack")
    i = keras.Input((2,), name="i")
    inside = keras.Model(i, layers.Dense(2, name="o")(i), name="inside")
    y = inside(stack(layers.BatchNormalization(name="n")(z)))
    return keras.Model({"a": a, "b": b}, {"u": inside(y * 3.0), "v": y[..., 0]}, name="graph")


def words(keras: Any) -> Any:
    """Attention, a mask, cells."""
    layers = keras.layers
    t = keras.Input((4,), dtype="int32", name="t")
    e = layers.Embedding(9, 4, mask_zero=True, name="e")(t)
    a = layers.LayerNormalization(name="n")(e + layers.MultiHeadAttention(2, 3, name="m")(e, e))
    a = layers.GroupQueryAttention(4, 2, 2, name="q")(a, a)
    g = layers.TimeDistributed(layers.Dense(2, name="each"), name="steps")(a)
    r = layers.RNN([layers.GRUCell(2, name="g"), layers.LSTMCell(2, name="l")], name="r")(g)
    return keras.Model(t, r, name="words")


MODELS = {"image": image, "graph": graph, "words": words}
COMPILED = {"image": ("rmsprop", "mse"), "words": ("adam", "mse")}
