"""Which steps of a sequence matter? A layer of one's own weighs them, and leaves out those that only fill up.

Shows: layers that take part in masking: one that hands masks on, one that uses and ends them, one that changes their
length; `compute_mask`, `supports_masking`, `call(..., mask=None)`; the weights as a second output of the same layers.
Source: Bahdanau, Cho, Bengio 2015, arXiv:1409.0473, the weights of section 3.1, here for a single question.
Expect: an accuracy above 0.9; the weights lie on the loud pair of steps and are 0 where the sequence has ended.
"""

import keras
import numpy as np
from keras import layers, ops
from sources import pick, report

keras.utils.set_random_seed(42)
STEPS, FEATURES = 24, 4
rng = np.random.default_rng(42)


def sequences(rows):
    """Noise of different lengths; one pair of steps is loud, and its sign is the answer. 0 fills up."""
    x = 0.4 * rng.normal(size=(rows, STEPS, FEATURES))
    lengths = rng.integers(8, STEPS + 1, rows)
    places = 2 * (rng.random(rows) * (lengths // 2)).astype(int)
    y = rng.integers(0, 2, rows)
    for step in range(2):
        x[np.arange(rows), places + step, :2] += np.stack([1.5 * np.ones(rows), 2.0 * y - 1.0], axis=-1)
    x[np.arange(STEPS) >= lengths[:, None]] = 0
    return x.astype("float32"), y, places


class Scaled(layers.Layer):
    """Each feature times a weight: the steps stay, and so does the mask."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        return x * self.scale


class Pairs(layers.Layer):
    """Two neighbours become one step: it counts if one of them does."""

    def call(self, x):
        return ops.reshape(x, (-1, x.shape[1] // 2, 2 * x.shape[2]))

    def compute_mask(self, x, mask=None):
        return None if mask is None else ops.any(ops.reshape(mask, (-1, x.shape[1] // 2, 2)), axis=-1)


class Pooled(layers.Layer):
    """The weighted mean of the steps and the weights: softmax of scores, 0 where there is no step."""

    def build(self, shape):
        self.hidden, self.score = layers.Dense(8, activation="tanh"), layers.Dense(1)
        self.hidden.build(shape)
        self.score.build((*shape[:-1], 8))

    def call(self, x, mask=None):
        scores = ops.squeeze(self.score(self.hidden(x)), -1)
        powers = ops.exp(scores - ops.max(scores, axis=1, keepdims=True))
        powers = powers if mask is None else powers * ops.cast(mask, powers.dtype)
        weights = powers / ops.sum(powers, axis=1, keepdims=True)
        return ops.sum(x * ops.expand_dims(weights, -1), axis=1), weights

    def compute_mask(self, x, mask=None):
        return None  # there are no steps any more


x, y, _ = sequences(pick(4000, 800))
x_new, y_new, places = sequences(1000)
inputs = keras.Input((STEPS, FEATURES))
steps = Pairs()(Scaled()(layers.Masking(0.0)(inputs)))
mean, weights = Pooled()(steps)
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(mean))
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=32, epochs=pick(10, 12), verbose=0)

shares = keras.Model(inputs, weights).predict(x_new, verbose=0)
print(f"weight on the loud pair: {shares[np.arange(1000), places // 2].mean():.2f} (all alike: 0.13)")
print(f"weight on what only fills up: {shares[np.all(x_new == 0, axis=-1)[:, ::2]].sum():.2f}")
report("accuracy", model.evaluate(x_new, y_new, verbose=0)[1])
