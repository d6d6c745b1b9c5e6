"""Letters to a help desk: one network reads title and text and says who answers, and how much it hurries.

Shows: a functional model with three inputs and two outputs, an embedding shared by both texts, losses, weights and
metrics by the name of the output, and a look at what a layer inside says.
Source: Caruana 1997, "Multitask Learning", Machine Learning 28; the letters are made.
Expect: nine departments of ten right; the commonest is right for a quarter.
"""

import keras
import numpy as np
from keras import layers
from sources import pick, report

keras.utils.set_random_seed(41)
WORDS, DEPARTMENTS, FLAGS = 200, 4, 3
rng = np.random.default_rng(41)


def letters(rows):
    """Words of title and text, filled up with 0; what is known of the sender; who answers; how urgent it is."""
    department = rng.integers(0, DEPARTMENTS, rows)
    urgent = rng.random(rows) < 0.3
    title = rng.integers(1, WORDS, (rows, 6))
    text = rng.integers(1, WORDS, (rows, 20))
    text[np.arange(20) >= rng.integers(8, 21, rows)[:, None]] = 0
    for words, share in ((title, 0.3), (text, 0.15)):  # every department has ten words of its own, among others
        own = 10 * department[:, None] + rng.integers(1, 11, words.shape)
        words[:] = np.where((rng.random(words.shape) < share) & (words > 0), own, words)
    title[:, 0] = np.where(urgent, rng.integers(100, 110, rows), title[:, 0])
    flags = (rng.random((rows, FLAGS)) < 0.5).astype("float32")
    urgency = np.clip(0.6 * urgent + 0.3 * flags[:, 0] + 0.05 * rng.normal(size=rows), 0, 1)
    return {"title": title, "text": text, "flags": flags}, {"department": department, "urgency": urgency[:, None]}


def network():
    """Both texts through one embedding, then two heads."""
    title, text = keras.Input((None,), name="title"), keras.Input((None,), name="text")
    flags = keras.Input((FLAGS,), name="flags")
    embedding = layers.Embedding(WORDS, 16, mask_zero=True, name="words")
    parts = [layers.GlobalAveragePooling1D()(embedding(title)), layers.GRU(16)(embedding(text)), flags]
    hidden = layers.Dense(32, activation="relu", name="hidden")(layers.concatenate(parts))
    outputs = {
        "department": layers.Dense(DEPARTMENTS, name="department")(hidden),
        "urgency": layers.Dense(1, activation="sigmoid", name="urgency")(hidden),
    }
    return keras.Model([title, text, flags], outputs)


x, y = letters(pick(4000, 800))
x_new, y_new = letters(1000)
model = network()
model.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss={
        "department": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "urgency": keras.losses.MeanSquaredError(),
    },
    loss_weights={"department": 1.0, "urgency": 10.0},
    metrics={"department": "accuracy", "urgency": "mae"},
)
model.fit(x, y, batch_size=32, epochs=pick(12, 12), verbose=0)
found = model.evaluate(x_new, y_new, verbose=0, return_dict=True)
mean = np.abs(y_new["urgency"] - y["urgency"].mean()).mean()
print(f"mean error of the urgency: {found['urgency_mae']:.3f} (always the mean: {mean:.3f})")

inside = keras.Model(model.inputs, model.get_layer("hidden").output)
print(f"what the last layer before the heads says of one letter: {inside.predict(x_new, verbose=0)[0].round(1)[:12]}")
report("share of letters that reach the right department", found["department_accuracy"])
