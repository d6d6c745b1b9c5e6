"""Nodes of a graph look at their neighbours, at some of them more than at others.

Shows: layers written with tf (gather, unsorted_segment_sum), a model that holds the whole graph and is trained on node
numbers, train_step, test_step and predict_step of one's own. The graph is made.
Source: Velickovic et al. 2018, "Graph Attention Networks", arXiv:1710.10903.
Expect: a test accuracy above 0.9; a guess 0.25.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sources import pick, report

keras.utils.set_random_seed(35)
nodes, kinds, features = pick(800, 300), 4, 24
rng = np.random.default_rng(35)
kind = rng.integers(0, kinds, nodes)
signs = rng.random((nodes, features)) < 0.15 + 0.2 * (np.arange(features) % kinds == kind[:, None])
start = rng.integers(0, nodes, 6 * nodes)
alike = np.array([rng.choice(np.flatnonzero(kind == kind[s])) for s in start])
end = np.where(rng.random(6 * nodes) < 0.8, alike, rng.integers(0, nodes, 6 * nodes))
EDGES = tf.constant(np.concatenate([np.stack([start, end], 1), np.repeat(np.arange(nodes)[:, None], 2, 1)]), tf.int32)
STATES = tf.constant(signs.astype("float32"))


class Attention(layers.Layer):
    """One head: each node becomes a weighted mean of its neighbours."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, shapes):
        self.kernel = self.add_weight(shape=(shapes[0][-1], self.units), initializer="glorot_uniform", name="kernel")
        self.score = self.add_weight(shape=(2 * self.units, 1), initializer="glorot_uniform", name="score")

    def call(self, inputs):
        states, edges = inputs
        states = tf.matmul(states, self.kernel)
        pairs = tf.reshape(tf.gather(states, edges), (tf.shape(edges)[0], -1))
        weights = tf.exp(tf.clip_by_value(tf.nn.leaky_relu(tf.matmul(pairs, self.score)), -2.0, 2.0))
        total = tf.math.unsorted_segment_sum(weights, edges[:, 0], tf.shape(states)[0])
        weights = weights / tf.gather(total, edges[:, 0])
        return tf.math.unsorted_segment_sum(tf.gather(states, edges[:, 1]) * weights, edges[:, 0], tf.shape(states)[0])


class Network(keras.Model):
    """Two layers of four heads over the whole graph; what comes out is taken at the nodes of the batch."""

    def __init__(self, units=8, heads=4):
        super().__init__()
        self.first = [Attention(units) for _ in range(heads)]
        self.second = [Attention(units) for _ in range(heads)]
        self.last = layers.Dense(kinds)

    def call(self, inputs):
        states, edges = inputs
        for heads in (self.first, self.second):
            states = tf.nn.relu(tf.concat([head([states, edges]) for head in heads], axis=-1))
        return self.last(states)

    def logits_of(self, numbers):
        return tf.gather(self([STATES, EDGES]), numbers)

    def seen(self, labels, logits, loss):
        """The metrics after a batch."""
        for metric in self.metrics:
            metric.update_state(*((loss,) if metric.name == "loss" else (labels, logits)))
        return {metric.name: metric.result() for metric in self.metrics}

    def train_step(self, data):
        numbers, labels = data
        with tf.GradientTape() as tape:
            logits = self.logits_of(numbers)
            loss = self.compute_loss(y=labels, y_pred=logits)
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return self.seen(labels, logits, loss)

    def test_step(self, data):
        numbers, labels = data
        logits = self.logits_of(numbers)
        return self.seen(labels, logits, self.compute_loss(y=labels, y_pred=logits))

    def predict_step(self, numbers):
        return tf.nn.softmax(self.logits_of(numbers))


numbers, train = np.arange(nodes), nodes // 5
model = Network()
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
)
model.fit(numbers[:train], kind[:train], batch_size=pick(32, 20), epochs=pick(40, 20), verbose=0)
print(f"probabilities: {model.predict(numbers[:3], verbose=0).round(2).tolist()}")
report("test accuracy", model.evaluate(numbers[train:], kind[train:], verbose=0, return_dict=True)["accuracy"])
