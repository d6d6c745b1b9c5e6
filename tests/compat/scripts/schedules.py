# Learning rates that change
import math

import numpy as np
import tensorflow as tf
from tensorflow.keras.callbacks import LearningRateScheduler
from tensorflow.keras.optimizers import SGD, Adam
from tensorflow.keras.regularizers import l2

x = np.random.RandomState(0).rand(96, 3)
y = x.sum(axis=1)
schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True)
print([float(schedule(step)) for step in (0, 10, 20)])


def net(optimizer):
    model = tf.keras.Sequential()
    model.add(tf.keras.layers.Dense(6, kernel_regularizer=l2(0.001), activation="elu", input_shape=(3,)))
    model.add(tf.keras.layers.Dense(1))
    model.compile(optimizer=optimizer, loss="mse")
    return model


model = net(SGD(learning_rate=schedule, momentum=0.9, nesterov=True))
model.fit(x, y, epochs=5, verbose=0)


def step_decay(epoch, lr):
    return 0.1 * math.pow(0.5, epoch)


model = net(Adam())
history = model.fit(x, y, epochs=3, callbacks=[LearningRateScheduler(step_decay, verbose=1)], verbose=0)
print(np.round(history.history["learning_rate"], 4).tolist())
model.optimizer.learning_rate = 0.01
print(round(float(model.optimizer.learning_rate.numpy()), 4))
