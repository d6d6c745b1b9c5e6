# A training loop by hand
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
x, y = rng.rand(128, 4), rng.rand(128, 1)
model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(1)])
model.compile(loss="mse", optimizer="adam", metrics=["mae"])
first = None
for epoch in range(5):
    order = rng.permutation(128)
    for step in range(0, 128, 32):
        rows = order[step : step + 32]
        loss, mae = model.train_on_batch(x[rows], y[rows])
    result = model.test_on_batch(x, y, return_dict=True)
    first = first or result["loss"]
    print("epoch %d loss %.4f mae %.4f" % (epoch, result["loss"], result["mae"]))
print("learned:", result["loss"] < first)
print(model.predict_on_batch(x[:2]).shape)


def batches():
    while True:
        rows = rng.randint(0, 128, 16)
        yield x[rows], y[rows]


history = model.fit(batches(), steps_per_epoch=10, epochs=2, verbose=0)
print("generator:", len(history.history["loss"]))


class Pairs(tf.keras.utils.Sequence):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)

    def __len__(self):
        return 4

    def __getitem__(self, index):
        rows = slice(index * 32, (index + 1) * 32)
        return x[rows], y[rows]


history = model.fit(Pairs(), epochs=2, verbose=0)
print("sequence:", len(history.epoch), model.predict(Pairs(), verbose=0).shape)
