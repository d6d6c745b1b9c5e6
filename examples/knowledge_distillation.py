"""A small network learns from the answers of a large one.

Shows: compute_loss overridden in a subclassed model, a model used inside another without being trained.
Source: Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network", arXiv:1503.02531.
Expect: two thirds of the threes of MNIST right by a student that never saw a three: it has only the teacher's small
shares of threes in other digits to learn them from. Without a teacher it finds none.
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


def trained(model, x, y):
    """The model after some epochs over these digits."""
    model.compile(
        optimizer=keras.optimizers.Adam(pick(1e-3, 3e-3)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=pick(128, 50), epochs=epochs, verbose=2)
    return model


def accuracies(model):
    """The accuracy on all test digits, and on the threes among them."""
    right = model.predict(x_test, batch_size=500, verbose=0).argmax(axis=1) == y_test
    return float(np.mean(right)), float(np.mean(right[y_test == 3]))


teacher = trained(convnet(pick(64, 16), "teacher"), x_train, y_train)
seen = y_train != 3
alone = trained(convnet(pick(8, 4), "alone"), x_train[seen], y_train[seen])
student = trained(Distiller(convnet(pick(8, 4), "student"), teacher), x_train[seen], y_train[seen])
for name, model in (("teacher", teacher), ("alone, without threes", alone), ("student, without threes", student)):
    print("{}: {:.4f}, of the threes {:.4f}".format(name, *accuracies(model)))
report("accuracy on test digits that the student never saw", accuracies(student)[1])
