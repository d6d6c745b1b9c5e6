"""A linear part remembers, a deep part generalises; both read columns of a table file.

Shows: tf.data's make_csv_dataset, an Input for each column (text among them), StringLookup as one-hot and as numbers
for an Embedding, a functional model from a dict of inputs. The table is made.
Source: Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems", arXiv:1606.07792.
Expect: a test accuracy above 0.8; the commonest class 0.5.
"""

import csv
import os
import tempfile

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from sources import pick, report

keras.utils.set_random_seed(37)
rng = np.random.default_rng(37)
NUMBERS = ("height", "slope")
WORDS = {"area": [f"area {k}" for k in range(4)], "soil": [f"soil {k}" for k in range(20)]}
COLUMNS = (*NUMBERS, *WORDS, "cover")
DEFAULTS = [[0.0], [0.0], ["NA"], ["NA"], [0]]


def write(path, rows):
    """A table in which the cover follows from height, area and soil."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for _ in range(rows):
            height, slope, area, soil = rng.normal(), rng.random(), rng.integers(4), rng.integers(20)
            score = height + (area == 2) - 1.5 * (soil % 3 == 0) + 0.2 * rng.normal()
            cover = int(score > -0.5) + int(score > 1.2)
            table.writerow([round(2000 + 300 * height, 1), round(30 * slope, 2), f"area {area}", f"soil {soil}", cover])


def batches(path, shuffle=False):
    """Dicts of columns with the cover apart, once through the file."""
    return tf.data.experimental.make_csv_dataset(
        path, batch_size=32, column_names=COLUMNS, column_defaults=DEFAULTS, label_name="cover", num_epochs=1,
        header=True, shuffle=shuffle,
    ).cache()  # fmt: skip


def encoded(inputs, scale, embedded):
    """All columns side by side: words one-hot, or as learned vectors."""
    columns = [scale(layers.concatenate([ops.expand_dims(inputs[name], -1) for name in NUMBERS]))]
    for name, words in WORDS.items():
        mode = "int" if embedded else "one_hot"
        lookup = layers.StringLookup(vocabulary=words, mask_token=None, num_oov_indices=0, output_mode=mode)
        if embedded:
            columns.append(layers.Embedding(len(words), 4)(lookup(inputs[name])))
        else:
            columns.append(lookup(ops.expand_dims(inputs[name], -1)))
    return layers.concatenate(columns)


def wide_and_deep(scale):
    """Class probabilities from columns."""
    inputs = {name: layers.Input((), name=name, dtype="float32") for name in NUMBERS}
    inputs |= {name: layers.Input((), name=name, dtype="string") for name in WORDS}
    wide, deep = (encoded(inputs, scale, embedded) for embedded in (False, True))
    for _ in range(2):
        deep = layers.Dropout(0.1)(layers.ReLU()(layers.BatchNormalization()(layers.Dense(pick(64, 32))(deep))))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.concatenate([wide, deep])))


with tempfile.TemporaryDirectory() as folder:
    files = [os.path.join(folder, name) for name in ("train.csv", "test.csv")]
    for file, rows in zip(files, (pick(20000, 1200), pick(4000, 400)), strict=True):
        write(file, rows)
    scale = layers.Normalization()
    scale.adapt(batches(files[0]).map(lambda x, y: tf.stack([x[name] for name in NUMBERS], axis=1)))
    model = wide_and_deep(scale)
    model.compile(optimizer=keras.optimizers.Adam(pick(1e-3, 5e-3)), loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"])  # fmt: skip
    model.fit(batches(files[0], shuffle=True), epochs=pick(10, 6), verbose=0)
    report("test accuracy", model.evaluate(batches(files[1]), verbose=0)[1])
