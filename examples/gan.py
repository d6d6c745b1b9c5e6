"""Two networks against each other: one draws points, the other tells them from real ones.

Shows: a train_step of one's own with two optimizers and two tapes, losses of one's own, metrics beside them. The data
are points on two half moons, so that a picture of success is a number: how far each drawn point is from the curve.
Source: Goodfellow et al. 2014, "Generative Adversarial Networks", arXiv:1406.2661.
Expect: a mean distance of below 0.05 after the full run; untrained about 0.2.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sources import pick, report

keras.utils.set_random_seed(14)
noise_size, units = 8, pick(64, 32)


def moons(rows, rng, spread=0.03):
    """Points (rows, 2) on two half circles."""
    angle, lower = rng.uniform(0, np.pi, rows), rng.random(rows) < 0.5
    x = np.where(lower, 1 - np.cos(angle), np.cos(angle))
    y = np.where(lower, 0.5 - np.sin(angle), np.sin(angle))
    return (np.stack([x - 0.5, y - 0.25], axis=1) + spread * rng.standard_normal((rows, 2))).astype("float32")


def network(inputs, outputs):
    """Two hidden layers."""
    hidden = [layers.LeakyReLU(negative_slope=0.2) for _ in range(2)]
    return keras.Sequential(
        [keras.Input((inputs,)), layers.Dense(units), hidden[0], layers.Dense(units), hidden[1], layers.Dense(outputs)]
    )


class Gan(keras.Model):
    """The generator draws from noise; the discriminator answers above 0 for real points."""

    def __init__(self, generator, discriminator, **kwargs):
        super().__init__(**kwargs)
        self.generator, self.discriminator = generator, discriminator
        self.seeds = keras.random.SeedGenerator(14)
        self.d_loss, self.g_loss = keras.metrics.Mean(name="d_loss"), keras.metrics.Mean(name="g_loss")

    def compile(self, d_optimizer, g_optimizer, loss):
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_of = d_optimizer, g_optimizer, loss

    @property
    def metrics(self):
        return [self.d_loss, self.g_loss]

    def train_step(self, real):
        rows = ops.shape(real)[0]
        ones, zeros = ops.ones((rows, 1)), ops.zeros((rows, 1))
        drawn = self.generator(keras.random.normal((rows, noise_size), seed=self.seeds))
        with tf.GradientTape() as tape:
            answers = self.discriminator(ops.concatenate([real, drawn]))
            d_loss = self.loss_of(ops.concatenate([0.9 * ones, zeros]), answers)
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))

        noise = keras.random.normal((rows, noise_size), seed=self.seeds)
        with tf.GradientTape() as tape:
            g_loss = self.loss_of(ones, self.discriminator(self.generator(noise)))
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        return {"d_loss": self.d_loss.result(), "g_loss": self.g_loss.result()}


rng = np.random.default_rng(14)
curve, noise = moons(2000, rng, spread=0), rng.standard_normal((500, noise_size)).astype("float32")
gan = Gan(network(noise_size, 2), network(2, 1))


def distance():
    """From each drawn point to the nearest of the curve, mean."""
    drawn = gan.generator.predict(noise, verbose=0)
    return float(np.sqrt(((drawn[:, None] - curve) ** 2).sum(-1)).min(axis=1).mean())


gan.compile(
    keras.optimizers.Adam(1e-3, beta_1=0.5),
    keras.optimizers.Adam(1e-3, beta_1=0.5),
    keras.losses.BinaryCrossentropy(from_logits=True),
)
print(f"distance before: {distance():.4f}")
gan.fit(moons(4000, rng), batch_size=100, epochs=pick(150, 30), verbose=0)
report("mean distance of drawn points", distance())
