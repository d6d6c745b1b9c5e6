"""A variational autoencoder draws digits.

Shows: a train_step of one's own with a GradientTape, a layer that draws random numbers, metrics kept by hand.
Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes", arXiv:1312.6114.
Expect: a bound of about 108 nats a digit with 10 latent numbers on the test digits of MNIST; codes near normal.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sources import images, pick, report

keras.utils.set_random_seed(13)
latent, units = pick(10, 4), pick(400, 64)

(x_train, _), (x_test, _) = images("mnist")
x_train, x_test = x_train.reshape(-1, 784), x_test.reshape(-1, 784)


class Sampling(layers.Layer):
    """A draw from the normal distribution with the mean and the logarithm of the variance that it is given."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seeds = keras.random.SeedGenerator(13)

    def call(self, inputs):
        mean, log_variance = inputs
        return mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean), seed=self.seeds)


inputs = keras.Input((784,))
x = layers.Dense(units, activation="relu")(inputs)
mean, log_variance = layers.Dense(latent)(x), layers.Dense(latent)(x)
encoder = keras.Model(inputs, [mean, log_variance, Sampling()([mean, log_variance])])
decoder = keras.Sequential(
    [keras.Input((latent,)), layers.Dense(units, activation="relu"), layers.Dense(784, activation="sigmoid")]
)


class VariationalAutoencoder(keras.Model):
    """Minimises the negative bound: reconstruction and distance of the codes from the normal distribution."""

    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder
        self.bound = keras.metrics.Mean(name="bound")
        self.distance = keras.metrics.Mean(name="distance")

    @property
    def metrics(self):
        return [self.bound, self.distance]

    def losses_of(self, x):
        """Reconstruction and distance, in nats, means over the batch."""
        mean, log_variance, code = self.encoder(x)
        reconstruction = 784 * ops.mean(keras.losses.binary_crossentropy(x, self.decoder(code)))
        distance = -0.5 * ops.sum(1 + log_variance - ops.square(mean) - ops.exp(log_variance), axis=1)
        return reconstruction, ops.mean(distance)

    def train_step(self, x):
        with tf.GradientTape() as tape:
            reconstruction, distance = self.losses_of(x)
            loss = reconstruction + distance
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        return self.noted(loss, distance)

    def test_step(self, x):
        reconstruction, distance = self.losses_of(x)
        return self.noted(reconstruction + distance, distance)

    def noted(self, bound, distance):
        """The metrics with a batch more."""
        self.bound.update_state(bound)
        self.distance.update_state(distance)
        return {"bound": self.bound.result(), "distance": self.distance.result()}


model = VariationalAutoencoder(encoder, decoder)
model.compile(optimizer=keras.optimizers.Adam(pick(1e-3, 3e-3)))
model.fit(x_train, batch_size=pick(128, 32), epochs=pick(20, 6), verbose=2)
scores = model.evaluate(x_test, batch_size=500, verbose=0, return_dict=True)
drawn = decoder.predict(np.random.default_rng(0).standard_normal((3, latent)), verbose=0).reshape(3, 28, 28)
for row in np.concatenate(list(drawn), axis=1)[4:26:2]:
    print("".join(" .+#"[min(int(value * 4), 3)] for value in row))
report("test bound in nats", scores["bound"])
