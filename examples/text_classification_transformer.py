"""Text classification with one block of a transformer.

Shows: layers of one's own around MultiHeadAttention and LayerNormalization; positions that are learnt; padding left
out by a mask.
Source: Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762.
Expect: about 79 % of the test sentences of SST-2, trained on its 6,920 whole sentences alone.
"""

import keras
from keras import layers, ops
from sources import pick, report, sentences

keras.utils.set_random_seed(4)
words, length, width, heads = pick(12_000, 2000), pick(48, 24), pick(64, 32), 2


class Positions(layers.Layer):
    """Embeddings of words and of their places, added."""

    def __init__(self, words, length, width, **kwargs):
        super().__init__(**kwargs)
        self.words = layers.Embedding(words, width, mask_zero=True)
        self.places = layers.Embedding(length, width)

    def call(self, x):
        return self.words(x) + self.places(ops.arange(ops.shape(x)[-1]))

    def compute_mask(self, x, mask=None):
        return self.words.compute_mask(x)


def transformer_block(x):
    """Attention of the words to one another, then two dense layers, each beside a shortcut."""
    seen = layers.MultiHeadAttention(heads, width // heads, dropout=0.1)(x, x)
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.2)(seen))
    thought = layers.Dense(width)(layers.Dense(2 * width, activation="relu")(x))
    return layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.2)(thought))


train, valid, test = sentences("sst2")
vectorize = layers.TextVectorization(max_tokens=words, output_sequence_length=length)
vectorize.adapt(train[0])
x_train, x_valid, x_test = (ops.convert_to_numpy(vectorize(texts)) for texts, _ in (train, valid, test))

inputs = keras.Input((length,), dtype="int32")
x = transformer_block(Positions(words, length, width)(inputs))
x = layers.Dropout(0.4)(layers.GlobalAveragePooling1D()(x))
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
model.compile(optimizer=keras.optimizers.Adam(pick(5e-4, 3e-3)), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(
    x_train, train[1], batch_size=32, epochs=pick(10, 3), validation_data=(x_valid, valid[1]), verbose=2,
    callbacks=[keras.callbacks.EarlyStopping("val_accuracy", patience=3, restore_best_weights=True)],
)  # fmt: skip
loss, accuracy = model.evaluate(x_test, test[1], verbose=0)
report("test accuracy", accuracy)
