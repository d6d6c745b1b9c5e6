"""Convolutions of several widths over the words of a sentence: is a film review for or against?

Shows: TextVectorization, Embedding, parallel Conv1D branches with pooling over time, L2 limits on the last kernel,
EarlyStopping on validation rows. `sentence_cnn.py sst2` takes SST-2 instead of rt-polarity.
Source: Kim 2014, "Convolutional Neural Networks for Sentence Classification", arXiv:1408.5882 (CNN-rand: embeddings
that start at random).
Expect: about 75 % on rt-polarity (Kim: 76.1 in ten-fold cross-validation), about 80 % on the sentences of SST-2.
"""

import sys

import keras
from keras import layers, ops
from sources import pick, report, sentences

keras.utils.set_random_seed(3)
name = sys.argv[1] if len(sys.argv) > 1 else "rt_polarity"
words, length, width, filters = pick(20_000, 2000), 56, pick(128, 16), pick(100, 16)

train, valid, test = sentences(name)
vectorize = layers.TextVectorization(
    max_tokens=words, output_sequence_length=length, standardize=None, split="whitespace"
)
vectorize.adapt(train[0])
x_train, x_valid, x_test = (ops.convert_to_numpy(vectorize(texts)) for texts, _ in (train, valid, test))

inputs = keras.Input((length,), dtype="int32")
x = layers.Embedding(words, width, embeddings_initializer=keras.initializers.RandomUniform(-0.25, 0.25))(inputs)
x = layers.SpatialDropout1D(0.2)(x)
branches = [layers.GlobalMaxPooling1D()(layers.Conv1D(filters, size, activation="relu")(x)) for size in (3, 4, 5)]
x = layers.Dropout(0.5)(layers.concatenate(branches))
outputs = layers.Dense(1, activation="sigmoid", kernel_constraint=keras.constraints.MaxNorm(3))(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(pick(5e-4, 5e-3)), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(
    x_train, train[1], batch_size=50, epochs=pick(15, 3), validation_data=(x_valid, valid[1]), verbose=2,
    callbacks=[keras.callbacks.EarlyStopping("val_accuracy", patience=3, restore_best_weights=True)],
)  # fmt: skip
loss, accuracy = model.evaluate(x_test, test[1], verbose=0)
report("test accuracy", accuracy)
