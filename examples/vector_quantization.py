"""Pictures as a few numbered vectors of a table that is learned along.

Shows: a layer with tf.Variables and `add_loss`, gradients passed straight through a choice, `model.losses` inside a
train_step. Source of the pictures: Fashion-MNIST where it is found.
Source: van den Oord et al. 2017, "Neural Discrete Representation Learning", arXiv:1711.00937.
Expect: less than half of the variance of the pixels is left; 1 would be the mean picture.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sources import images, pick, report

keras.utils.set_random_seed(33)
size, count = 8, pick(64, 32)


class Quantizer(layers.Layer):
    """Each vector becomes the nearest one of a table."""

    def __init__(self, count, size, **kwargs):
        super().__init__(**kwargs)
        start = tf.random_uniform_initializer(-1 / count, 1 / count)
        self.count, self.size = count, size
        self.table = tf.Variable(start(shape=(size, count), dtype="float32"), trainable=True, name="table")

    def numbers(self, flat):
        """Which one of the table is nearest to each row."""
        squares = tf.reduce_sum(flat**2, axis=1, keepdims=True) + tf.reduce_sum(self.table**2, axis=0)
        return tf.argmin(squares - 2 * tf.matmul(flat, self.table), axis=1)

    def call(self, x):
        chosen = tf.one_hot(self.numbers(tf.reshape(x, [-1, self.size])), self.count)
        found = tf.reshape(tf.matmul(chosen, self.table, transpose_b=True), tf.shape(x))
        self.add_loss(0.25 * tf.reduce_mean((tf.stop_gradient(found) - x) ** 2))
        self.add_loss(tf.reduce_mean((found - tf.stop_gradient(x)) ** 2))
        return x + tf.stop_gradient(found - x)  # the gradient goes past the choice


def autoencoder():
    """28 x 28 pixels as 7 x 7 vectors, and back."""
    pictures = keras.Input((28, 28, 1))
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(pictures)
    x = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")(x)
    x = Quantizer(count, size, name="quantizer")(layers.Conv2D(size, 1, name="vectors")(x))
    x = layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu")(x)
    return keras.Model(pictures, layers.Conv2D(1, 3, padding="same")(x))


class Trainer(keras.Model):
    """Trains the autoencoder: what is lost in pixels, and what the quantizer adds."""

    def __init__(self, network, variance):
        super().__init__()
        self.network, self.variance = network, variance
        self.pixels = keras.metrics.Mean(name="pixels")

    @property
    def metrics(self):
        return [self.pixels]

    def train_step(self, x):
        with tf.GradientTape() as tape:
            lost = tf.reduce_mean((x - self.network(x, training=True)) ** 2) / self.variance
            loss = lost + sum(self.network.losses)
        weights = self.network.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        self.pixels.update_state(lost)
        return {"pixels": self.pixels.result()}


(x, _), (x_test, _) = images("fashion_mnist")
network = autoencoder()
trainer = Trainer(network, float(np.var(x)))
trainer.compile(optimizer=keras.optimizers.Adam(pick(1e-3, 3e-3)))
trainer.fit(x, epochs=pick(10, 6), batch_size=pick(128, 32), verbose=0)
vectors = keras.Model(network.input, network.get_layer("vectors").output).predict(x_test, verbose=0)
used = np.unique(network.get_layer("quantizer").numbers(vectors.reshape(-1, size)).numpy())
print(f"vectors in use: {len(used)} of {count}")
left = np.mean((network.predict(x_test, verbose=0) - x_test) ** 2) / np.mean((x.mean(axis=0) - x_test) ** 2)
report("variance left of test pixels", float(left))
