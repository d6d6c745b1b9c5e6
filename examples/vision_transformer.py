"""A vision transformer reads digits as sixteen patches.

Shows: patches by reshape and transpose, learnt positions added by a layer, four blocks of attention that see all
patches.
Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", arXiv:2010.11929.
Expect: about 98 % of the test digits of MNIST; on so little data a convolutional network is better.
"""

import keras
import numpy as np
from keras import layers, ops
from sources import images, pick, report

keras.utils.set_random_seed(23)
patch, width, heads, blocks = 7, pick(64, 32), pick(4, 2), pick(4, 1)
epochs, batch_size = pick(10, 5), pick(128, 32)

(x_train, y_train), (x_test, y_test) = images("mnist")
x_train, y_train = x_train[: pick(None, 1000)], y_train[: pick(None, 1000)]


@keras.saving.register_keras_serializable()
class Patches(layers.Layer):
    """(rows, 28, 28, 1) to (rows, 16, 49), with places added after a dense layer: (rows, 16, width)."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.project = layers.Dense(width)

    def build(self, shape):
        self.side = shape[1] // patch
        self.project.build((None, self.side**2, patch**2))
        self.places = self.add_weight(shape=(self.side**2, width), initializer="random_normal", name="places")

    def call(self, x):
        x = ops.reshape(x, (-1, self.side, patch, self.side, patch))
        x = ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4)), (-1, self.side**2, patch**2))
        return self.project(x) + self.places


inputs = keras.Input((28, 28, 1))
x = Patches()(inputs)
for _ in range(blocks):
    normal = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.Add()([x, layers.MultiHeadAttention(heads, width // heads, dropout=0.1)(normal, normal)])
    normal = layers.LayerNormalization(epsilon=1e-6)(x)
    thought = layers.Dense(width)(layers.Dense(2 * width, activation="gelu")(normal))
    x = layers.Add()([x, layers.Dropout(0.1)(thought)])
x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=1e-6)(x))
model = keras.Model(inputs, layers.Dense(10)(x))
model.summary()

steps = epochs * int(np.ceil(len(x_train) / batch_size))
rate = keras.optimizers.schedules.CosineDecay(1e-4, steps, warmup_target=pick(1e-3, 4e-3), warmup_steps=steps // 10)
model.compile(
    optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x_train, y_train, batch_size=batch_size, epochs=epochs, verbose=2)
loss, accuracy = model.evaluate(x_test, y_test, batch_size=500, verbose=0)
report("test accuracy", accuracy)
