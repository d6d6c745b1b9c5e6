"""A two-layer bidirectional LSTM reads film reviews.

Shows: Embedding with a mask for padding, Bidirectional around LSTM, predictions for sentences of one's own.
Source: Schuster and Paliwal 1997, "Bidirectional recurrent neural networks"; Hochreiter and Schmidhuber 1997 (LSTM).
Expect: about 75 % of the held-out sentences of rt-polarity.
"""

import keras
import numpy as np
from keras import layers, ops
from sources import pick, report, sentences

keras.utils.set_random_seed(5)
words, length, width, units = pick(15_000, 2000), pick(40, 20), pick(64, 16), pick(48, 16)

train, valid, test = sentences("rt_polarity")
vectorize = layers.TextVectorization(max_tokens=words, output_sequence_length=length)
vectorize.adapt(train[0])


def encoded(texts):
    """(sentences, length) numbers of words, 0 after the end."""
    return ops.convert_to_numpy(vectorize(texts))


model = keras.Sequential(
    [
        keras.Input((length,), dtype="int32"),
        layers.Embedding(words, width, mask_zero=True),
        layers.SpatialDropout1D(0.3),
        layers.Bidirectional(layers.LSTM(units, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(units)),
        layers.Dropout(0.5),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(pick(1e-3, 5e-3)), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(
    encoded(train[0]), train[1], batch_size=64, epochs=pick(8, 3), verbose=2,
    validation_data=(encoded(valid[0]), valid[1]),
    callbacks=[keras.callbacks.EarlyStopping("val_accuracy", patience=2, restore_best_weights=True)],
)  # fmt: skip
loss, accuracy = model.evaluate(encoded(test[0]), test[1], verbose=0)

mine = np.array(["a warm and funny film with a great cast", "dull , far too long and badly acted"])
for text, chance in zip(mine, model.predict(encoded(mine), verbose=0)[:, 0], strict=True):
    print(f"{chance:.2f} for: {text}")
report("test accuracy", accuracy)
