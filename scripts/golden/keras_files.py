"""Files that Keras writes, and what their models answer: tests/golden/keras_files/ and keras_files.json.

Files hold the time and addresses in memory: unlike all others they differ from run to run.
"""

from __future__ import annotations

from typing import Any

from common import FOLDER, case, keras, np, tf, write
from keras import layers, ops
from layer_cases import numbers

HOME = FOLDER / "keras_files"


def trained(model: Any, x: Any, shape: tuple[int, ...], *arguments: Any, **more: Any) -> Any:
    """The model after one epoch, so that its optimizer has a state."""
    model.compile(*arguments, **more)
    model.fit(x, numbers(shape, 9), batch_size=2, shuffle=False, verbose=0)
    return model


def functional() -> tuple[Any, Any]:
    """Two inputs, a shared layer, ops, a model inside, recurrent layers."""
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(4, activation="relu")
    z = layers.Add()([shared(a), shared(b)])
    z = (z * 2.0 + ops.mean(shared(a), axis=-1, keepdims=True))[:, :3]
    z = ops.concatenate([ops.reshape(z, (-1, 3, 1)), ops.expand_dims(z, -1)], axis=-1)
    z = ops.where(z > 0, z, 0.1 * ops.einsum("abc->abc", z))
    z = layers.Bidirectional(layers.LSTM(2))(z)
    inside = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="gelu"), layers.Dropout(0.1),
                               layers.Dense(2)])  # fmt: skip
    x = [numbers((3, 4), 1), numbers((3, 4), 2)]  # not 4 rows: Keras adds (4, 4) and (4, 1) as if it were (1, 4)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    model = keras.Model([a, b], inside(layers.BatchNormalization()(z)))
    metrics = ["mae", keras.metrics.RootMeanSquaredError()]
    return trained(model, x, (3, 2), keras.optimizers.Adam(schedule), "mse", metrics=metrics), x


def nested() -> tuple[Any, Any]:
    """A model called twice, whose results are outputs by name."""
    p = keras.Input((3,), name="p")
    inside = keras.Model(p, [layers.Dense(2)(p), layers.Dense(2)(p)])
    i = keras.Input((3,))
    first, second = inside(i), inside(i * 2.0)
    return keras.Model(i, {"u": layers.Dense(1, name="u")(first[0]), "v": second[1]}), numbers((2, 3), 1)


def deferred() -> tuple[Any, Any]:
    """A Sequential that is built by data."""
    x = numbers((4, 4), 1)
    model = keras.Sequential([layers.Dense(3, activation="relu", kernel_regularizer="l2"), layers.Dense(2)])
    return trained(model, x, (4, 2), "sgd", keras.losses.LogCosh(), metrics=["mse"]), x


def images() -> tuple[Any, Any]:
    """Convolutions, one of them frozen."""
    x = numbers((2, 8, 8, 2), 1)
    model = keras.Sequential([
        keras.Input((8, 8, 2)), layers.Rescaling(0.5), layers.Conv2D(2, 3, padding="same", use_bias=False),
        layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(), layers.SeparableConv2D(2, 2),
        layers.GlobalAveragePooling2D(), layers.Dense(2),
    ])  # fmt: skip
    model.layers[1].trainable = False
    return trained(model, x, (2, 2), "rmsprop", "mse"), x


def tokens() -> tuple[Any, Any]:
    """Attention, a mask, cells."""
    t = keras.Input((4,), dtype="int32")
    e = layers.Embedding(9, 4, mask_zero=True)(t)
    a = layers.LayerNormalization()(e + layers.MultiHeadAttention(2, 3)(e, e))
    g = layers.TimeDistributed(layers.Dense(2))(layers.GRU(3, return_sequences=True)(a))
    model = keras.Model(t, layers.RNN([layers.GRUCell(2), layers.LSTMCell(2)])(g))
    return model, np.array([[1, 2, 3, 0], [4, 5, 6, 7]], "int32")


def normalized() -> tuple[Any, Any]:
    """Mean and variance found in data."""
    x = numbers((4, 3), 1)
    layer = layers.Normalization()
    layer.adapt(x)
    return keras.Sequential([keras.Input((3,)), layer, layers.Dense(2)]), x


def words() -> tuple[Any, Any]:
    """Vocabularies, which lie in files of their own."""
    text, number = keras.Input((1,), dtype="string"), keras.Input((1,), dtype="int64")
    vectors = layers.TextVectorization(output_sequence_length=4)
    vectors.adapt(["a cat sat", "a dog"])
    weighted = layers.TextVectorization(output_mode="tf_idf")
    weighted.adapt(["a cat sat", "a dog sat"])
    known = layers.IntegerLookup()
    known.adapt([5, 3, 5])
    inside = keras.Sequential([keras.Input((1,), dtype="int64"), known])
    outputs = [layers.Embedding(10, 2)(vectors(text)), weighted(text), inside(number)]
    return keras.Model([text, number], outputs), [np.array([["a dog sat"], ["cow"]]), np.array([[5], [9]])]


def augmented() -> tuple[Any, Any]:
    """Layers that do nothing outside training."""
    i = keras.Input((6, 6, 2))
    x = layers.RandomRotation(0.2)(layers.RandomFlip()(layers.Resizing(5, 5)(i)))
    return keras.Model(i, layers.CenterCrop(3, 3)(x)), numbers((1, 6, 6, 2), 1)


def shared() -> tuple[Any, Any]:
    """A layer in two models inside; Keras itself cannot load it."""
    i, dense = keras.Input((3,)), layers.Dense(3)
    first, second = keras.Sequential([dense, layers.ReLU()]), keras.Sequential([dense, layers.Softmax()])
    return keras.Model(i, [first(i), second(i)]), numbers((2, 3), 1)


def mixed() -> tuple[Any, Any]:
    """Weights in float32, computation in float16."""
    x = numbers((4, 3), 1)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="relu", dtype="mixed_float16"),
                              layers.Dense(2, dtype="float32")])  # fmt: skip
    return model, x


@keras.saving.register_keras_serializable("golden")
class Block(layers.Layer):
    """Layers in lists, lists of lists, dicts and private attributes, and a weight of its own."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.stack = [layers.Dense(units), [layers.Dense(units)]]
        self.named, self._hidden = {"x": layers.Dense(units)}, layers.Dense(units)

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(self.units,), initializer="ones", name="scale")
        super().build(shape)

    def call(self, x: Any) -> Any:
        for layer in (self.stack[0], self.stack[1][0], self.named["x"], self._hidden):
            x = layer(x)
        return x * self.scale

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("golden")
class Net(keras.Model):
    """A subclass of Model."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.block, self.head = units, Block(units), layers.Dense(2)

    def call(self, x: Any) -> Any:
        return self.head(self.block(x))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


def subclass() -> tuple[Any, Any]:
    x = numbers((4, 4), 1)
    return trained(Net(3), x, (4, 2), "adam", "mse"), x


def kept(make: Any, *endings: str) -> list[dict[str, Any]]:
    """Writes a model's files and tells what it answers, now and after one more epoch."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    model, x = make()
    name = make.__name__
    inputs = [a.tolist() for a in (x if isinstance(x, list) else [x])]
    x = [tf.constant(a) if a.dtype.kind == "U" else a for a in x] if isinstance(x, list) else x
    answers = [y.tolist() for y in keras.tree.flatten(model.predict(x, verbose=0))]
    for ending in endings:
        (model.save_weights if ending == "weights.h5" else model.save)(HOME / f"{name}.{ending}")
    later = None
    if model.compiled and name in ("deferred", "subclass", "images"):  # no dropout: the numbers are the same here
        model.fit(x, numbers((len(x), 2), 9), batch_size=2, shuffle=False, verbose=0)
        later = model.predict(x, verbose=0)
    return [case(file=f"{name}.{ending}", inputs=inputs, expected=answers,
                 later=None if ending == "weights.h5" else later) for ending in endings]  # fmt: skip


if __name__ == "__main__":
    HOME.mkdir(exist_ok=True)
    rows = [
        (functional, "keras", "h5", "weights.h5"), (nested, "keras", "h5"), (deferred, "keras", "h5", "weights.h5"),
        (images, "keras", "h5", "weights.h5"), (tokens, "keras"), (normalized, "keras"),
        (subclass, "keras", "weights.h5"), (words, "keras"), (augmented, "keras"), (shared, "keras"),
        (mixed, "keras"),
    ]  # fmt: skip
    write(
        "keras_files.json",
        "file: in tests/golden/keras_files/, written by model.save or save_weights; expected: the outputs of "
        "predict(inputs) as a flat list; later: predict(inputs) after fit(inputs, numbers((rows, 2), 9), batch_size=2, "
        "shuffle=False)",
        cases=[one for row in rows for one in kept(*row)],
    )
