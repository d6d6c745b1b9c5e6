"""Digits through a bottleneck of 32 numbers, and principal components for comparison.

Shows: encoder and decoder as models of their own, joined in a third; a comparison with the best linear method.
Source: Hinton and Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks".
Expect: a mean squared error about half of that of 32 principal components, on the test digits of MNIST.
"""

import keras
import numpy as np
from keras import layers
from sources import images, pick, report

keras.utils.set_random_seed(11)
code = pick(32, 8)

(x_train, _), (x_test, _) = images("mnist")
x_train, x_test = x_train.reshape(-1, 784), x_test.reshape(-1, 784)

encoder = keras.Sequential(
    [
        keras.Input((784,)),
        layers.Dense(pick(256, 128), activation="relu"),
        layers.Dense(pick(128, 64), activation="relu"),
        layers.Dense(code),
    ],
    name="encoder",
)
decoder = keras.Sequential(
    [
        keras.Input((code,)),
        layers.Dense(pick(128, 64), activation="relu"),
        layers.Dense(pick(256, 128), activation="relu"),
        layers.Dense(784, activation="sigmoid"),
    ],
    name="decoder",
)
inputs = keras.Input((784,))
autoencoder = keras.Model(inputs, decoder(encoder(inputs)))
autoencoder.compile(optimizer=keras.optimizers.Adam(pick(1e-3, 2e-3)), loss="mse")
autoencoder.fit(
    x_train, x_train, batch_size=pick(256, 32), epochs=pick(20, 8), validation_data=(x_test, x_test), verbose=2
)

mean = x_train.mean(axis=0)
centred = x_train[:10_000] - mean
directions = np.linalg.eigh(centred.T @ centred)[1][:, -code:]
linear = (x_test - mean) @ directions @ directions.T + mean
print(f"{code} principal components: mean squared error {np.mean((linear - x_test) ** 2):.4f}")

codes = encoder.predict(x_test, batch_size=500, verbose=0)
print(f"codes: {codes.shape}, of spread {codes.std():.2f}")
restored = decoder.predict(codes, batch_size=500, verbose=0)
report("test mean squared error", float(np.mean((restored - x_test) ** 2)))
