"""A model file that brings along all that is needed: the names of its classes, the mean of its data, how it was built.

Shows: layers that keep more than weights: `save_assets` and `load_assets` for files, `save_own_variables` and
`load_own_variables` for arrays, `get_build_config` and `build_from_config`; `register_keras_serializable`.
Source: Fisher 1936, "The Use of Multiple Measurements in Taxonomic Problems"; the flowers are made around his means.
Expect: as many flowers right after loading as before, and their names; a guess gives a third.
"""

import os
import tempfile

import keras
import numpy as np
from keras import layers, ops
from sources import pick, report

keras.utils.set_random_seed(46)
rng = np.random.default_rng(46)
CENTRES = np.array([[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0]])
NAMES = ("setosa", "versicolor", "virginica")


def flowers(rows):
    """Four lengths of flowers of three kinds."""
    y = rng.integers(0, 3, rows)
    return (CENTRES[y] + 0.35 * rng.normal(size=(rows, 4))).astype("float32"), y


@keras.saving.register_keras_serializable("flowers")
class Centred(layers.Layer):
    """Takes off a mean that was measured, not trained: an array of its own in the file."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = np.zeros(())

    def call(self, x):
        return x - ops.convert_to_tensor(self.mean, x.dtype)

    def save_own_variables(self, store):
        store["mean"] = np.asarray(self.mean, "float32")

    def load_own_variables(self, store):
        self.mean = np.asarray(store["mean"])


@keras.saving.register_keras_serializable("flowers")
class Spread(layers.Layer):
    """A dense layer whose first weights depend on more than the shape of its input."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape, width=1.0):
        self.built_for = {"input_shape": input_shape, "width": width}
        start = keras.initializers.RandomUniform(-width, width)
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer=start, name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    def call(self, x):
        return ops.tanh(ops.matmul(x, self.kernel) + self.bias)

    def get_build_config(self):
        return self.built_for

    def build_from_config(self, config):
        self.build(tuple(config["input_shape"]), config["width"])

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("flowers")
class Named(layers.Layer):
    """Passes numbers on; knows what the classes are called, from a text file inside the model file."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.names = ()

    def call(self, x):
        return x

    def save_assets(self, inner_path):
        with open(os.path.join(inner_path, "names.txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(self.names))

    def load_assets(self, inner_path):
        with open(os.path.join(inner_path, "names.txt"), encoding="utf-8") as file:
            self.names = tuple(file.read().split("\n"))


x, y = flowers(pick(600, 300))
x_new, y_new = flowers(300)
centred, hidden, named = Centred(), Spread(8), Named(name="names")
hidden.build((None, 4), width=0.5)
centred.mean, named.names = x.mean(axis=0), NAMES
model = keras.Sequential([keras.Input((4,)), centred, hidden, layers.Dense(3, activation="softmax"), named])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=16, epochs=pick(30, 20), verbose=0)

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "flowers.keras")
    model.save(path)
    loaded = keras.models.load_model(path)
before, after = (one.predict(x_new, verbose=0) for one in (model, loaded))
print(f"the loaded model differs by at most {np.abs(before - after).max():.6f}; mean {loaded.layers[0].mean.round(1)}")
print(f"three flowers: {[loaded.get_layer('names').names[k] for k in after[:3].argmax(-1)]}")
report("accuracy of the loaded model", float(np.mean(after.argmax(-1) == y_new)))
