"""A generator against a critic that is kept smooth by a penalty on its gradient.

Shows: a GradientTape inside another one (the gradient by the inputs is part of a loss), several critic steps for each
generator step, results of a train_step without metrics. The data are points on a circle, where a weak penalty (0.1, not
the 10 of pictures) is what trains steadily.
Source: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", arXiv:1704.00028.
Expect: a mean distance from the circle below 0.1; untrained about 0.7.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sources import pick, report

keras.utils.set_random_seed(31)
noise_size, units, critic_steps, penalty = 4, pick(64, 32), 5, 0.1


def network(inputs, outputs):
    """Two hidden layers."""
    hidden = [layers.Dense(units, activation="relu") for _ in range(2)]
    return keras.Sequential([keras.Input((inputs,)), *hidden, layers.Dense(outputs)])


class WassersteinGan(keras.Model):
    """The critic answers higher for real points; the generator wants high answers."""

    def __init__(self, generator, critic):
        super().__init__()
        self.generator, self.critic = generator, critic

    def compile(self, g_optimizer, d_optimizer):
        super().compile()
        self.g_optimizer, self.d_optimizer = g_optimizer, d_optimizer

    def steepness(self, real, drawn):
        """How far the critic's gradient between real and drawn points is from length 1."""
        share = tf.random.uniform([tf.shape(real)[0], 1])
        between = real + share * (drawn - real)
        with tf.GradientTape() as tape:
            tape.watch(between)
            answers = self.critic(between, training=True)
        slope = tape.gradient(answers, between)
        length = tf.sqrt(tf.reduce_sum(tf.square(slope), axis=1) + 1e-12)
        return tf.reduce_mean(tf.square(length - 1.0))

    def train_step(self, real):
        rows = tf.shape(real)[0]
        for _ in range(critic_steps):
            drawn = self.generator(tf.random.normal([rows, noise_size]), training=True)
            with tf.GradientTape() as tape:
                d_loss = tf.reduce_mean(self.critic(drawn, training=True))
                d_loss -= tf.reduce_mean(self.critic(real, training=True))
                d_loss += penalty * self.steepness(real, drawn)
            weights = self.critic.trainable_variables
            self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
        with tf.GradientTape() as tape:
            drawn = self.generator(tf.random.normal([rows, noise_size]), training=True)
            g_loss = -tf.reduce_mean(self.critic(drawn, training=True))
        weights = self.generator.trainable_variables
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        return {"d_loss": d_loss, "g_loss": g_loss}


rng = np.random.default_rng(31)
angle = rng.uniform(0, 2 * np.pi, 4000)
points = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype("float32")
noise = rng.standard_normal((1000, noise_size)).astype("float32")
gan = WassersteinGan(network(noise_size, 2), network(2, 1))
gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5, beta_2=0.9), keras.optimizers.Adam(1e-3, beta_1=0.5, beta_2=0.9))


def distance():
    """From drawn points to the circle, mean."""
    return float(np.abs(np.linalg.norm(gan.generator.predict(noise, verbose=0), axis=1) - 1).mean())


print(f"distance before: {distance():.4f}")
gan.fit(points, batch_size=100, epochs=pick(60, 25), verbose=0)
report("mean distance of drawn points", distance())
