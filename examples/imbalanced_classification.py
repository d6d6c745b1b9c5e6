"""One fraud in five hundred payments: weights for classes, and scores that do not hide behind the common class.

Shows: class_weight, an initial bias from the share of the class, precision, recall and the area under their curve.
The table is made: 12 numbers a payment, frauds shifted along three directions.
Source: King and Zeng 2001, "Logistic Regression in Rare Events Data" (bias and weights).
Expect: an area under precision and recall of about 0.37, with one fraud in 500; a guess has 0.002.
"""

import keras
import numpy as np
from keras import layers
from sources import pick, report

keras.utils.set_random_seed(28)
NUMBERS, SHARE = 12, pick(0.002, 0.01)


def payments(rows, seed):
    """Numbers (rows, 12) with heavy tails, and 1 for each fraud."""
    rng = np.random.default_rng(seed)
    y = (rng.random(rows) < SHARE).astype("float32")
    x = rng.standard_t(5, (rows, NUMBERS))
    kind = rng.integers(0, 3, rows)
    for k in range(3):
        rare = (y == 1) & (kind == k)
        x[rare, 3 * k : 3 * k + 3] += np.array([2.5, -2.5, 3.0])
    return x.astype("float32"), y


x_train, y_train = payments(pick(100_000, 6000), 0)
x_valid, y_valid = payments(pick(25_000, 2000), 1)
x_test, y_test = payments(pick(50_000, 4000), 2)
frauds = y_train.sum()
print(f"{len(y_train)} payments, {frauds:.0f} frauds")

normalize = layers.Normalization()
normalize.adapt(x_train)
model = keras.Sequential(
    [
        keras.Input((NUMBERS,)),
        normalize,
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(
            1,
            activation="sigmoid",
            bias_initializer=keras.initializers.Constant(float(np.log(frauds / (len(y_train) - frauds)))),
        ),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(pick(1e-3, 3e-3)),
    loss="binary_crossentropy",
    metrics=[
        keras.metrics.Precision(name="precision"),
        keras.metrics.Recall(name="recall"),
        keras.metrics.AUC(curve="PR", name="area"),
    ],
)
model.fit(
    x_train, y_train, batch_size=pick(1024, 256), epochs=pick(25, 8), validation_data=(x_valid, y_valid), verbose=2,
    class_weight={0: 1.0, 1: float(np.sqrt((len(y_train) - frauds) / frauds))},
    callbacks=[keras.callbacks.EarlyStopping("val_area", mode="max", patience=6, restore_best_weights=True)],
)  # fmt: skip
scores = model.evaluate(x_test, y_test, batch_size=2000, verbose=0, return_dict=True)
print(f"precision {scores['precision']:.3f}, recall {scores['recall']:.3f}")
report("area under precision and recall", scores["area"])
