"""From a CSV file to a printed accuracy with chainrule and NumPy, the same steps as `p0_keras.py`.

    python p0_chainrule.py FILE.csv      the last column holds two classes, the others numbers
"""

import csv
import sys

import numpy as np

from chainrule import Sequential
from chainrule.layers import Dense

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    rows = [row for row in list(csv.reader(file))[1:] if all(row)]
X = np.array([row[:-1] for row in rows], "float32")
labels = [row[-1] for row in rows]
y = np.array([label == labels[0] for label in labels], "float32")
order, held_out = np.random.default_rng(42).permutation(len(X)), round(0.2 * len(X))
test, train = order[:held_out], order[held_out:]
X = (X - X[train].mean(axis=0)) / X[train].std(axis=0)

model = Sequential()
model.add(Dense(64, input_dim=X.shape[1], activation="relu"))
model.add(Dense(32, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X[train], y[train], epochs=10, batch_size=32, validation_split=0.2)
loss, accuracy = model.evaluate(X[test], y[test])
print(f"accuracy: {accuracy * 100:.2f}%")
