"""Convolutions of several widths over the words of a sentence: is a film review for or against?

Shows: TextVectorization, Embedding, parallel Conv1D branches with pooling over time, L2 limits on the last kernel,
EarlyStopping on validation rows, the mean of five networks. `sentence_cnn.py sst2` takes SST-2 instead of rt-polarity.
Source: Kim 2014, "Convolutional Neural Networks for Sentence Classification", arXiv:1408.5882 (CNN-rand: embeddings
that start at random). Here the widths are 1 to 3 words, not 3 to 5: without embeddings learnt elsewhere long patterns
are too rare.
Expect: about 76.9 % on rt-polarity (Kim: 76.1 in ten-fold cross-validation; one network alone 75.8), about 82.2 % on
SST-2 (83.5 are published with its labelled phrases as well; here are only its sentences).
"""

import sys

import keras
from keras import layers, ops
from sources import pick, report, sentences

keras.utils.set_random_seed(3)
name = sys.argv[1] if len(sys.argv) > 1 else "rt_polarity"
words, length, width, filters, networks = pick(20_000, 2000), 56, pick(64, 16), pick(100, 16), pick(5, 1)

train, valid, test = sentences(name)
vectorize = layers.TextVectorization(
    max_tokens=words, output_sequence_length=length, standardize=None, split="whitespace"
)
vectorize.adapt(train[0])
x_train, x_valid, x_test = (ops.convert_to_numpy(vectorize(texts)) for texts, _ in (train, valid, test))


def network():
    inputs = keras.Input((length,), dtype="int32")
    x = layers.Embedding(words, width, embeddings_initializer=keras.initializers.RandomUniform(-0.25, 0.25))(inputs)
    x = layers.SpatialDropout1D(0.2)(x)
    branches = [layers.GlobalMaxPooling1D()(layers.Conv1D(filters, size, activation="relu")(x)) for size in (1, 2, 3)]
    x = layers.Dropout(0.5)(layers.concatenate(branches))
    outputs = layers.Dense(1, activation="sigmoid", kernel_constraint=keras.constraints.MaxNorm(3))(x)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.Adam(pick(1e-3, 5e-3)), loss="binary_crossentropy", metrics=["accuracy"])
    return model


chances = 0.0
for number in range(1, networks + 1):
    model = network()
    model.fit(
        x_train, train[1], batch_size=50, epochs=pick(15, 3), validation_data=(x_valid, valid[1]), verbose=0,
        callbacks=[keras.callbacks.EarlyStopping("val_accuracy", patience=3, restore_best_weights=True)],
    )  # fmt: skip
    alone = [model.evaluate(x, y, verbose=0)[1] for x, y in ((x_valid, valid[1]), (x_test, test[1]))]
    print(f"network {number}: {alone[0]:.4f} of the validation rows right, {alone[1]:.4f} of the test rows")
    chances = chances + model.predict(x_test, verbose=0)[:, 0] / networks
report("test accuracy", ((chances > 0.5) == test[1]).mean())
