"""Noise taken out of pictures of digits.

Shows: Conv2D down, Conv2DTranspose up; noisy inputs and clean targets.
Source: Vincent et al. 2008, "Extracting and Composing Robust Features with Denoising Autoencoders".
Expect: a mean squared error below 0.012 on noisy test digits of MNIST, whose own error is about 0.08.
"""

import keras
import numpy as np
from keras import layers
from sources import images, pick, report

keras.utils.set_random_seed(12)
width = pick(32, 8)

(x_train, _), (x_test, _) = images("mnist")
x_train, x_test = x_train[: pick(20_000, 1000)], x_test[: pick(None, 200)]
rng = np.random.default_rng(12)


def noisy(x):
    """Normal noise of deviation 0.4, cut to 0 to 1."""
    return np.clip(x + 0.4 * rng.standard_normal(x.shape), 0, 1).astype("float32")


noisy_train, noisy_test = noisy(x_train), noisy(x_test)

inputs = keras.Input((28, 28, 1))
x = layers.Conv2D(width, 3, strides=2, activation="relu", padding="same")(inputs)
x = layers.Conv2D(width, 3, strides=2, activation="relu", padding="same")(x)
x = layers.Conv2DTranspose(width, 3, strides=2, activation="relu", padding="same")(x)
x = layers.Conv2DTranspose(width, 3, strides=2, activation="relu", padding="same")(x)
outputs = layers.Conv2D(1, 3, activation="sigmoid", padding="same")(x)
model = keras.Model(inputs, outputs)
model.summary()
model.compile(optimizer=keras.optimizers.Adam(pick(1e-3, 5e-3)), loss="binary_crossentropy")
model.fit(
    noisy_train,
    x_train,
    batch_size=pick(128, 32),
    epochs=pick(10, 5),
    validation_split=0.1,
    verbose=2,
)

clean = model.predict(noisy_test, batch_size=500, verbose=0)
print(f"noisy pictures: mean squared error {np.mean((noisy_test - x_test) ** 2):.4f}")
for row in clean[0, 4:24:2, 2:26, 0]:
    print("".join(" .+#"[min(int(value * 4), 3)] for value in row))
report("test mean squared error", float(np.mean((clean - x_test) ** 2)))
