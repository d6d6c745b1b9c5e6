"""A line of sounds without borders becomes a word of symbols: connectionist temporal classification.

Shows: the CTC loss, a bidirectional GRU over frames, greedy decoding, sequences of several lengths. The sounds are
made: each symbol is a pattern of eight bands, held for two to four frames, with noise.
Source: Graves, Fernandez, Gomez, Schmidhuber 2006, "Connectionist Temporal Classification".
Expect: more than 95 % of the symbols right (1 minus the edit distance for each symbol).
"""

import keras
import numpy as np
from keras import layers, ops
from sources import pick, report

keras.utils.set_random_seed(20)
SYMBOLS, BANDS, LONGEST, FRAMES = 6, 8, 5, 24
patterns = np.random.default_rng(20).standard_normal((SYMBOLS + 1, BANDS))


def spoken(rows, seed):
    """Frames (rows, 24, 8) and symbols 1 to 6 (rows, 5), 0 after the end."""
    rng = np.random.default_rng(seed)
    x, y = 0.4 * rng.standard_normal((rows, FRAMES, BANDS)), np.zeros((rows, LONGEST), "int32")
    for row in range(rows):
        word = rng.integers(1, SYMBOLS + 1, rng.integers(2, LONGEST + 1))
        y[row, : len(word)] = word
        frame = 0
        for symbol in word:
            held = rng.integers(2, 4)
            x[row, frame : frame + held] += patterns[symbol]
            frame += held + 1  # a silent frame between two
    return x.astype("float32"), y


def distance(first, second):
    """Edit distance of two lists."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        row, before = [i], row
        for j, b in enumerate(second, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1]


model = keras.Sequential(
    [
        keras.Input((FRAMES, BANDS)),
        layers.Conv1D(pick(32, 24), 3, padding="same", activation="relu"),
        layers.Bidirectional(layers.GRU(pick(32, 24), return_sequences=True)),
        layers.Dense(SYMBOLS + 1),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(pick(3e-3, 1e-2)), loss=keras.losses.CTC())
x_train, y_train = spoken(pick(3000, 800), 0)
x_test, y_test = spoken(pick(500, 100), 1)
model.fit(x_train, y_train, batch_size=pick(32, 16), epochs=pick(15, 6), verbose=2)

scores = model.predict(x_test, verbose=0)
lengths = np.full(len(x_test), FRAMES, "int32")
(decoded,), _ = ops.ctc_decode(scores, lengths, strategy="greedy", mask_index=0)
decoded = ops.convert_to_numpy(decoded)
wrong = 0
for row, (found, truth) in enumerate(zip(decoded, y_test, strict=True)):
    found, truth = [int(k) for k in found if k > 0], [int(k) for k in truth if k > 0]
    wrong += distance(found, truth)
    if row < 3:
        print(f"heard {found}, said {truth}")
report("share of symbols right", 1 - wrong / int(np.sum(y_test > 0)))
