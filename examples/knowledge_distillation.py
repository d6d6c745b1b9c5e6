"""A small network learns from the answers of a large one.

Shows: compute_loss overridden in a subclassed model, a model used inside another without being trained.
Source: Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network", arXiv:1503.02531.
Expect: about 98 % of the test digits of MNIST right by a student of 16 hidden units' width, a little more than alone.
"""

import keras
import numpy as np
from keras import layers, ops
from sources import images, pick, report

keras.utils.set_random_seed(22)
temperature, share, epochs = 5.0, 0.1, pick(6, 5)

(x_train, y_train), (x_test, y_test) = images("mnist")
x_train, y_train = x_train[: pick(20_000, 1000)], y_train[: pick(20_000, 1000)]


def convnet(filters, name):
    """Two convolutions with strides, one dense layer; scores of ten classes."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(2 * filters, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(10),
        ],
        name=name,
    )


class Distiller(keras.Model):
    """The student, whose loss is a mixture: the labels, and the softened answers of the teacher."""

    def __init__(self, student, teacher, **kwargs):
        super().__init__(**kwargs)
        self.student, self.teacher = student, teacher
        self.teacher.trainable = False

    def call(self, x, training=False):
        return self.student(x, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        hard = super().compute_loss(x, y, y_pred, sample_weight)
        soft = ops.softmax(self.teacher(x, training=False) / temperature)
        distance = keras.losses.kl_divergence(soft, ops.softmax(y_pred / temperature))
        return share * hard + (1 - share) * temperature**2 * ops.mean(distance)


def trained(model):
    """Its accuracy on the test digits after training."""
    model.compile(
        optimizer=keras.optimizers.Adam(pick(1e-3, 3e-3)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(x_train, y_train, batch_size=pick(128, 50), epochs=epochs, verbose=2)
    found = model.predict(x_test, batch_size=500, verbose=0).argmax(axis=1)
    return float(np.mean(found == y_test))


teacher = convnet(pick(64, 16), "teacher")
print(f"teacher: {trained(teacher):.4f}")
alone = convnet(pick(8, 4), "alone")
print(f"small network alone: {trained(alone):.4f}")
report("test accuracy of the student", trained(Distiller(convnet(pick(8, 4), "student"), teacher)))
