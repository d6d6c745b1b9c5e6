"""Which films will please whom: factors of users and of films from 100,000 ratings.

Shows: a subclassed Model with embeddings, L2 penalties, a loss in stars.
Source: Koren, Bell, Volinsky 2009, "Matrix Factorization Techniques for Recommender Systems"; Harper and Konstan 2015
(MovieLens).
Expect: a root mean squared error of about 0.93 stars on a fifth of MovieLens 100k held out (mean of all: 1.12).
"""

import keras
import numpy as np
from keras import layers, ops
from sources import pick, ratings, report

keras.utils.set_random_seed(10)
factors, epochs = pick(40, 8), pick(25, 8)

users, films, stars = ratings()
test = len(stars) // 5
valid = test + len(stars) // 20
mean = stars[valid:].mean()


class Factors(keras.Model):
    """mean + bias of the user + bias of the film + product of their factors."""

    def __init__(self, users, films, **kwargs):
        super().__init__(**kwargs)
        penalty = keras.regularizers.L2(pick(2e-5, 1e-5))
        small = keras.initializers.RandomNormal(stddev=0.1)
        self.user_factors = layers.Embedding(users, factors, small, embeddings_regularizer=penalty)
        self.film_factors = layers.Embedding(films, factors, small, embeddings_regularizer=penalty)
        self.user_bias = layers.Embedding(users, 1, "zeros")
        self.film_bias = layers.Embedding(films, 1, "zeros")
        self.dropout = layers.Dropout(pick(0.3, 0.0))

    def call(self, pairs, training=False):
        user, film = pairs[:, 0], pairs[:, 1]
        taste = self.dropout(self.user_factors(user), training=training)
        product = ops.sum(taste * self.film_factors(film), axis=-1, keepdims=True)
        return product + self.user_bias(user) + self.film_bias(film) + float(mean)


pairs = np.stack([users, films], axis=1)
model = Factors(int(users.max()) + 1, int(films.max()) + 1)
model.compile(
    optimizer=keras.optimizers.Adam(pick(2e-3, 1e-2)),
    loss="mse",
    metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
)
model.fit(
    pairs[valid:], stars[valid:, None], batch_size=pick(256, 128), epochs=epochs, verbose=2,
    validation_data=(pairs[test:valid], stars[test:valid, None]),
    callbacks=[keras.callbacks.EarlyStopping("val_rmse", mode="min", patience=3, restore_best_weights=True)],
)  # fmt: skip
scores = model.evaluate(pairs[:test], stars[:test, None], batch_size=1024, verbose=0, return_dict=True)
print(f"always the mean: {np.sqrt(np.mean((stars[:test] - mean) ** 2)):.4f}")
report("test RMSE", scores["rmse"])
