"""Passengers of next month from those of the last twelve: an LSTM on 144 months.

Shows: a very small data set; working with logarithms of changes; the test months stay in the future.
Source: Box and Jenkins 1976, series G; Hochreiter and Schmidhuber 1997 (LSTM).
Expect: a root mean squared error of 20 to 30 thousand passengers over the last 24 months; "as many as last month"
errs by 51.8 thousand.
"""

import keras
import numpy as np
from keras import layers
from sources import airline_passengers, pick, report

keras.utils.set_random_seed(8)
window, test_months = 12, 24

passengers = airline_passengers()
logs = np.log(passengers)
changes = np.diff(logs)
scale = changes[:-test_months].std()
changes = (changes / scale).astype("float32")

x = np.lib.stride_tricks.sliding_window_view(changes, window)[:-1, :, None]
y = changes[window:]
x_train, y_train = x[:-test_months], y[:-test_months]
x_test = x[-test_months:]

model = keras.Sequential(
    [
        keras.Input((window, 1)),
        layers.LSTM(32),
        layers.Dropout(0.1),
        layers.Dense(1),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(5e-3, clipnorm=1.0), loss="mse")
history = model.fit(x_train, y_train, batch_size=16, epochs=pick(150, 60), verbose=0)
losses = history.history["loss"]
print(f"training loss: {losses[0]:.3f} in the first epoch, {losses[-1]:.3f} in the last")

predicted_change = model.predict(x_test, verbose=0)[:, 0] * scale
before, truth = passengers[-test_months - 1 : -1], passengers[-test_months:]
predicted = before * np.exp(predicted_change)


def rmse(answer):
    """Root mean squared error over the test months, in thousands of passengers."""
    return float(np.sqrt(np.mean((answer - truth) ** 2)))


print(f"as many as last month: {rmse(before):.1f}")
print(f"as many as a year ago: {rmse(passengers[-test_months - 12 : -12]):.1f}")
for month in range(0, test_months, 6):
    print(f"month {month + 1:2d} of the test: predicted {predicted[month]:.0f}, true {truth[month]:.0f}")
report("test RMSE", rmse(predicted))
