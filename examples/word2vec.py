"""Words as vectors, learnt from the words around them: skip-gram with negative sampling.

Shows: two embeddings and their products, pairs of words drawn with NumPy, neighbours by cosine.
Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality",
arXiv:1310.4546.
Expect: on lines held out, true neighbours told from drawn words with an area under the ROC curve of about 0.65; a
guess has 0.5.
"""

import re
from collections import Counter

import keras
import numpy as np
from keras import layers
from sources import pick, plain_text, report

keras.utils.set_random_seed(31)
rng = np.random.default_rng(31)
width, reach, drawn = pick(64, 8), 4, 3

lines = [re.findall(r"[a-z']+", line) for line in plain_text().lower().split("\n")]
counts = Counter(word for line in lines for word in line)
known = [word for word, _ in counts.most_common(pick(4000, 200))]
number = {word: k for k, word in enumerate(known)}
chances = np.array([counts[word] for word in known], float) ** 0.75
chances /= chances.sum()


def pairs(lines):
    """(word, neighbour) with 1, (word, any) with 0: numbers (rows, 2), labels (rows, 1), in a random order."""
    found = []
    for line in lines:
        codes = [number[word] for word in line if word in number]
        for place, centre in enumerate(codes):
            nearby = codes[max(0, place - reach) : place] + codes[place + 1 : place + 1 + reach]
            found += [(centre, other) for other in nearby]
    true = np.array(found, "int32")
    others = rng.choice(len(known), drawn * len(true), p=chances)
    false = np.stack([true[:, 0].repeat(drawn), others], axis=1)
    labels = np.repeat(np.array([1, 0], "float32"), [len(true), len(false)])
    order = rng.permutation(len(labels))
    return np.concatenate([true, false]).astype("int32")[order], labels[order, None]


centre, other = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")
vectors = layers.Embedding(len(known), width, name="vectors")
contexts = layers.Embedding(len(known), width, embeddings_initializer="zeros", name="contexts")
product = layers.Flatten()(layers.Dot(axes=2)([vectors(centre), contexts(other)]))
model = keras.Model([centre, other], layers.Activation("sigmoid")(product))
model.compile(
    optimizer=keras.optimizers.Adam(pick(2e-3, 1e-2)),
    loss="binary_crossentropy",
    metrics=[keras.metrics.AUC(name="auc")],
)

border = len(lines) * 9 // 10
x, y = pairs(lines[:border])
x_test, y_test = pairs(lines[border:])
print(f"{len(known)} words, {len(x)} pairs to learn from")
model.fit([x[:, :1], x[:, 1:]], y, batch_size=pick(1024, 256), epochs=pick(3, 2), verbose=2)

table = model.get_layer("vectors").get_weights()[0]
table = table / np.linalg.norm(table, axis=1, keepdims=True)
for word in known[20:pick(400, 30):pick(60, 5)]:
    near = np.argsort(-table @ table[number[word]])[1:5]
    print(f"{word}: {', '.join(known[k] for k in near)}")
scores = model.evaluate([x_test[:, :1], x_test[:, 1:]], y_test, batch_size=4096, verbose=0, return_dict=True)
report("area under the ROC curve", scores["auc"])
