"""A network that knows upright digits learns turned ones with few new weights, then shrinks to a quarter.

Shows: `enable_lora`, which trains two thin factors beside a frozen matrix; what is trained and what is not; a
plain network made of the sums; `quantize("int8")`.
Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", arXiv:2106.09685.
Expect: from one of ten turned digits right to 95 of a hundred, with a twentieth of the weights trained.
"""

import keras
import numpy as np
from keras import layers
from sources import images, pick, report

keras.utils.set_random_seed(45)
(x, y), (x_test, y_test) = images("mnist")
x, y = x[: pick(20_000, 1500)], y[: pick(20_000, 1500)]


def turned(pictures):
    """A quarter turn to the left."""
    return np.rot90(pictures, axes=(1, 2))


def accuracy(model, pictures):
    """The share of test digits that are right."""
    return float(np.mean(model.predict(pictures, verbose=0).argmax(-1) == y_test))


def fit(model, pictures, rate, epochs):
    """Train what is trainable now."""
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(pictures, y, batch_size=64, epochs=epochs, verbose=0)


model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Flatten(),
        layers.Dense(pick(256, 64), activation="relu", name="first"),
        layers.Dense(pick(256, 64), activation="relu", name="second"),
        layers.Dense(10, activation="softmax", name="head"),
    ]
)
fit(model, x, 1e-3, pick(5, 8))
print(f"upright: {accuracy(model, x_test):.3f}, turned: {accuracy(model, turned(x_test)):.3f}")

model.get_layer("first").enable_lora(rank=8)
model.get_layer("second").enable_lora(rank=8)
few = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
print(f"weights to train: {few} of {model.count_params()}")
fit(model, turned(x), 3e-3, pick(5, 15))
adapted = accuracy(model, turned(x_test))
print(f"turned, adapted: {adapted:.3f}")

merged = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten()])
for name in ("first", "second", "head"):
    old = model.get_layer(name)
    new = layers.Dense(old.units, activation=old.activation, name=name)
    merged.add(new)
    new.kernel.assign(old.kernel)  # of an adapted layer: the matrix and what its factors add
    new.bias.assign(old.bias)
merged.quantize("int8")
report("turned digits right, in 8 bits", accuracy(merged, turned(x_test)))
