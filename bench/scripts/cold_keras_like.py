"""A whole short life with Keras's API: import, build, one epoch of 16,000 rows, one prediction.

    python cold_keras_like.py LIBRARY      chainrule or keras
"""

import sys
from importlib import import_module

import numpy as np

keras = import_module(sys.argv[1])
random = np.random.default_rng(0)
x = random.standard_normal((16_000, 20), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 0).astype("float32")
model = keras.Sequential([
    keras.Input((20,)),
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dense(32, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])  # fmt: skip
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=1, batch_size=32, verbose=0)
print(float(model.predict(x[:1], verbose=0)[0, 0]))
