# A loss, a metric function and a metric class of one's own
import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential


def rmse(y_true, y_pred):
    return K.sqrt(K.mean(K.square(y_pred - y_true)))


def my_huber(y_true, y_pred, threshold=1.0):
    error = y_true - y_pred
    small = tf.abs(error) <= threshold
    return tf.where(small, tf.square(error) / 2, threshold * (tf.abs(error) - 0.5 * threshold))


class HalfMAE(tf.keras.losses.Loss):
    def call(self, y_true, y_pred):
        return 0.5 * tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)


class WithinOne(tf.keras.metrics.Metric):
    def __init__(self, name="within_one", **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_weight(name="hits", initializer="zeros")
        self.seen = self.add_weight(name="seen", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        close = tf.cast(tf.abs(y_true - y_pred) < 1.0, tf.float32)
        self.hits.assign_add(tf.reduce_sum(close))
        self.seen.assign_add(tf.reduce_sum(tf.ones_like(close)))

    def result(self):
        return self.hits / self.seen

    def reset_state(self):
        self.hits.assign(0.0)
        self.seen.assign(0.0)


x = np.random.RandomState(0).normal(size=(200, 3)).astype("float32")
y = (x @ [[1.0], [2.0], [-1.0]]).astype("float32")
for loss in (rmse, my_huber, HalfMAE()):
    model = Sequential([Dense(8, activation="tanh", input_shape=(3,)), Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.02), loss=loss, metrics=[rmse, WithinOne()])
    history = model.fit(x, y, epochs=20, verbose=0)
    print(sorted(history.history), history.history["loss"][-1] < history.history["loss"][0])
    error = model.predict(x, verbose=0) - y
    loss_value, rmse_value, within = model.evaluate(x, y, batch_size=200, verbose=0)
    print(np.isclose(rmse_value, np.sqrt(np.mean(error**2)), atol=1e-4), np.isclose(within, np.mean(abs(error) < 1), atol=1e-4))
