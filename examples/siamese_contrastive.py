"""Do two pictures show the same digit? One network looks at both.

Shows: a model used twice, on two inputs; a layer for the distance; the contrastive loss as a function.
Source: Hadsell, Chopra, LeCun 2006, "Dimensionality Reduction by Learning an Invariant Mapping".
Expect: about 97 % of the pairs of test digits of MNIST right.
"""

import keras
import numpy as np
from keras import layers, ops
from sources import images, pick, report

keras.utils.set_random_seed(15)

(x_train, y_train), (x_test, y_test) = images("mnist")


def pairs(x, y, seed):
    """For each picture one of the same digit and one of another: indices of both, and 1 where they differ."""
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(y == digit) for digit in range(10)]
    same = np.array([rng.choice(rows[digit]) for digit in y])
    others = (y + rng.integers(1, 10, len(y))) % 10
    other = np.array([rng.choice(rows[digit]) for digit in others])
    first = np.concatenate([np.arange(len(y)), np.arange(len(y))])
    differ = np.repeat(np.array([0, 1], "float32"), len(y))
    return [x[first], x[np.concatenate([same, other])]], differ[:, None]


def contrastive(differ, distance):
    """Same: the distance squared. Different: what it lacks to 1, squared."""
    return ops.mean((1 - differ) * ops.square(distance) + differ * ops.square(ops.maximum(1 - distance, 0)))


def accuracy(differ, distance):
    """Different means farther apart than a half."""
    return ops.mean(ops.cast(ops.equal(differ > 0.5, distance > 0.5), "float32"))


class Distance(layers.Layer):
    """Euclidean, (rows, 1)."""

    def call(self, inputs):
        first, second = inputs
        return ops.sqrt(ops.maximum(ops.sum(ops.square(first - second), axis=1, keepdims=True), 1e-7))


tower = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(pick(16, 8), 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(pick(32, 8), 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(pick(32, 10)),
    ]
)
first, second = keras.Input((28, 28, 1)), keras.Input((28, 28, 1))
model = keras.Model([first, second], Distance()([tower(first), tower(second)]))
model.compile(optimizer=keras.optimizers.Adam(pick(1e-3, 3e-3)), loss=contrastive, metrics=[accuracy])

rows = pick(20_000, 600)
x, differ = pairs(x_train[:rows], y_train[:rows], 0)
model.fit(x, differ, batch_size=pick(128, 64), epochs=pick(8, 3), verbose=2)
x, differ = pairs(x_test, y_test, 1)
distance = model.predict(x, batch_size=500, verbose=0)
print(f"mean distance: same digit {distance[differ == 0].mean():.3f}, different {distance[differ == 1].mean():.3f}")
report("test accuracy of pairs", float(np.mean((distance > 0.5) == (differ > 0.5))))
