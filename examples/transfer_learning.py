"""What was learnt from five digits helps with the other five, of which only 20 pictures each are known.

Shows: a base network trained once, its layers frozen under a new head, then all of it trained gently; the same network
from random weights for comparison.
Source: Yosinski, Clune, Bengio, Lipson 2014, "How transferable are features in deep neural networks?", arXiv:1411.1792.
Expect: about 93 % of the test digits 5 to 9 of MNIST right, two points more than from random weights.
"""

import keras
import numpy as np
from keras import layers
from sources import images, pick, report

keras.utils.set_random_seed(29)

(x_train, y_train), (x_test, y_test) = images("mnist")
low, high = y_train < 5, y_train >= 5
x_many, y_many = x_train[low][: pick(20_000, 1000)], y_train[low][: pick(20_000, 1000)]
few = np.concatenate([np.flatnonzero(y_train == digit)[:20] for digit in range(5, 10)])
x_few, y_few = x_train[few], y_train[few] - 5
x_new, y_new = x_test[y_test >= 5], y_test[y_test >= 5] - 5


def base_network():
    """Pictures to features."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(pick(32, 8), 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(pick(64, 16), 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
        ]
    )


def with_head(base):
    """The base, then five classes."""
    inputs = keras.Input((28, 28, 1))
    features = layers.Dropout(0.3)(base(inputs, training=False))
    return keras.Model(inputs, layers.Dense(5, activation="softmax")(features))


def fit(model, x, y, rate, epochs):
    """Train; weights that are frozen now stay as they are."""
    model.compile(
        optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    return model


base = base_network()
fit(with_head(base), x_many, y_many, pick(1e-3, 3e-3), pick(3, 2))

base.trainable = False
model = with_head(base)
print(f"weights to train: {len(model.trainable_weights)} of {len(model.weights)}")
kept = base.get_weights()
fit(model, x_few, y_few, 3e-3, pick(40, 15))
assert all(np.array_equal(before, after) for before, after in zip(kept, base.get_weights(), strict=True))
print(f"new head only: {model.evaluate(x_new, y_new, verbose=0)[1]:.4f}")

base.trainable = True
fit(model, x_few, y_few, 1e-4, pick(20, 5))
alone = fit(with_head(base_network()), x_few, y_few, 1e-3, pick(60, 10))
print(f"from random weights: {alone.evaluate(x_new, y_new, verbose=0)[1]:.4f}")
report("test accuracy", model.evaluate(x_new, y_new, verbose=0)[1])
