"""Four days of power and oil temperature from two weeks before: a linear model with a moving average.

Shows: a layer of one's own, series of all channels as rows of one model, the split by time that publications use.
Source: Zeng, Chen, Zhang, Xu 2023, "Are Transformers Effective for Time Series Forecasting?", arXiv:2205.13504
(DLinear); Zhou et al. 2021 (ETTh1).
Expect: a mean squared error of about 0.375 on the standardised test part of ETTh1 (96 hours ahead).
"""

import keras
import numpy as np
from keras import layers, ops
from sources import pick, report, transformer_temperatures

keras.utils.set_random_seed(7)
before, ahead = pick(336, 96), pick(96, 24)

series = transformer_temperatures()
hours = np.array(pick((8640, 11520, 14400), (1500, 2000, 2500)))  # 12, 4 and 4 months
series = (series - series[: hours[0]].mean(axis=0)) / series[: hours[0]].std(axis=0)


def windows(start, end, stride=1):
    """The windows whose targets lie in start to end; each channel of each is a row: (rows, before), (rows, ahead)."""
    view = np.lib.stride_tricks.sliding_window_view(series[max(start - before, 0) : end], before + ahead, axis=0)
    rows = view[::stride].reshape(-1, before + ahead)
    return rows[:, :before], rows[:, before:]


@keras.saving.register_keras_serializable()
class MovingAverage(layers.Layer):
    """The mean over 25 hours around each hour; the ends are repeated."""

    def call(self, x):
        longer = ops.concatenate([ops.repeat(x[:, :1], 12, axis=1), x, ops.repeat(x[:, -1:], 12, axis=1)], axis=1)
        return ops.average_pool(longer[..., None], 25, strides=1)[..., 0]


x_train, y_train = windows(0, hours[0], pick(1, 4))
x_valid, y_valid = windows(hours[0], hours[1])
x_test, y_test = windows(hours[1], hours[2])

inputs = keras.Input((before,))
trend = MovingAverage()(inputs)
rest = layers.Subtract()([inputs, trend])
start = keras.initializers.Constant(1 / before)
outputs = layers.Add()([layers.Dense(ahead, kernel_initializer=start)(part) for part in (trend, rest)])
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(pick(2e-4, 2e-3)), loss="mse", metrics=["mae"])
model.fit(
    x_train, y_train, batch_size=pick(224, 64), epochs=pick(30, 5), validation_data=(x_valid, y_valid), verbose=2,
    callbacks=[
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * (1.0 if epoch < 3 else 0.8)),
        keras.callbacks.EarlyStopping("val_loss", patience=4, restore_best_weights=True),
    ],
)  # fmt: skip
loss, mae = model.evaluate(x_test, y_test, batch_size=1024, verbose=0)
print(f"repeating the last day: {np.mean((np.tile(x_test[:, -24:], ahead // 24) - y_test) ** 2):.4f}; MAE {mae:.4f}")
report("test mean squared error", loss)
