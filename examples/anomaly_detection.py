"""Unusual heartbeats, found by a network that has seen usual ones only.

Shows: a convolutional autoencoder for series; the error of what it restores as a score; the area under the ROC curve.
Source: Sakurada and Yairi 2014, "Anomaly Detection Using Autoencoders with Nonlinear Dimensionality Reduction".
Expect: an area above 0.95 for kinds 2 to 5 of ECG5000 against kind 1.
"""

import keras
import numpy as np
from keras import layers
from sources import ecg5000, pick, report

keras.utils.set_random_seed(30)

(x_train, y_train), (x_test, y_test) = ecg5000()
usual = x_train[y_train == 0][..., None]
x_test, unusual = x_test[..., None], y_test > 0
held_out = len(usual) // 6
print(f"{len(usual)} usual beats to learn from; {len(x_test)} to judge, {unusual.sum()} of them unusual")

inputs = keras.Input((140, 1))
x = layers.Conv1D(32, 7, strides=2, padding="same", activation="relu")(inputs)
x = layers.Conv1D(16, 7, strides=2, padding="same", activation="relu")(x)
x = layers.Flatten()(x)
x = layers.Dense(pick(12, 6))(x)
x = layers.Reshape((35, 16))(layers.Dense(35 * 16, activation="relu")(x))
x = layers.Conv1DTranspose(32, 7, strides=2, padding="same", activation="relu")(x)
outputs = layers.Conv1DTranspose(1, 7, strides=2, padding="same")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(pick(1e-3, 3e-3)), loss="mse")
model.fit(
    usual[held_out:], usual[held_out:], batch_size=16, epochs=pick(120, 25), verbose=0,
    validation_data=(usual[:held_out], usual[:held_out]),
    callbacks=[keras.callbacks.EarlyStopping("val_loss", patience=20, restore_best_weights=True)],
)  # fmt: skip


def errors(x):
    """Mean squared error of each restored beat."""
    return np.mean((model.predict(x, batch_size=256, verbose=0) - x) ** 2, axis=(1, 2))


scores = errors(x_test)
border = np.quantile(errors(usual[:held_out]), 0.95)
print(f"above the border {border:.3f}: {np.mean(scores[unusual] > border):.3f} of the unusual beats,", end=" ")
print(f"{np.mean(scores[~unusual] > border):.3f} of the usual ones")
area = keras.metrics.AUC(num_thresholds=2000)
area.update_state(unusual.astype("float32"), scores / scores.max())
report("area under the ROC curve", float(area.result()))
