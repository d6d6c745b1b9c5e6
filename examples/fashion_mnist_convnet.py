"""A convolutional network with residual blocks on Fashion-MNIST.

Shows: the functional API; shortcuts; pictures mirrored by chance during training; AdamW with a rate that falls along a
cosine.
Source: Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747 (the data); He et al. 2016, arXiv:1512.03385 (the blocks).
Expect: 92.5 % of the 10,000 test pictures right after 8 epochs.
"""

import keras
import numpy as np
from keras import layers
from sources import images, pick, report

keras.utils.set_random_seed(2)
epochs, batch_size, width = pick(8, 3), pick(128, 64), pick(24, 8)

(x_train, y_train), (x_test, y_test) = images("fashion_mnist")
held_out = len(x_train) // 12
x_valid, y_valid = x_train[:held_out], y_train[:held_out]
x_train, y_train = x_train[held_out:], y_train[held_out:]


def residual(x, filters):
    """Two convolutions beside a shortcut."""
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    y = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(momentum=0.9)(y)
    return layers.Activation("relu")(layers.add([layers.Conv2D(filters, 1, use_bias=False)(x), y]))


inputs = keras.Input((28, 28, 1))
x = layers.RandomFlip("horizontal")(inputs)
x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))
x = residual(layers.MaxPooling2D()(x), 2 * width)
x = residual(layers.MaxPooling2D()(x), 4 * width)
x = layers.GlobalAveragePooling2D()(x)
outputs = layers.Dense(10)(layers.Dropout(0.3)(x))
model = keras.Model(inputs, outputs)

steps = epochs * int(np.ceil(len(x_train) / batch_size))
model.compile(
    optimizer=keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(3e-3, steps), weight_decay=0.05),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x_train, y_train, batch_size=batch_size, epochs=epochs, validation_data=(x_valid, y_valid), verbose=2)
loss, accuracy = model.evaluate(x_test, y_test, batch_size=500, verbose=0)
report("test accuracy", accuracy)
