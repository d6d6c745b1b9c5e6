# The "hello world" of neural networks: learn F = 1.8 C + 32
import numpy as np
import tensorflow as tf
from tensorflow import keras

celsius = np.array([-40, -10, 0, 8, 15, 22, 38], dtype=float)
fahrenheit = np.array([-40, 14, 32, 46, 59, 72, 100], dtype=float)

l0 = tf.keras.layers.Dense(units=1, input_shape=[1])
model = tf.keras.Sequential([l0])
model.compile(loss="mean_squared_error", optimizer=tf.keras.optimizers.Adam(0.1))
history = model.fit(celsius, fahrenheit, epochs=500, verbose=False)
print("Finished training the model")
print(model.predict(np.array([100.0])))
print("These are the layer variables: {}".format(l0.get_weights()))

xs = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0], dtype=float)
ys = np.array([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0], dtype=float)
line = keras.Sequential([keras.layers.Dense(units=1, input_shape=[1])])
line.compile(optimizer="sgd", loss="mean_squared_error")
line.fit(xs, ys, epochs=500, verbose=0)
print(line.predict(np.array([10.0]), verbose=0))
