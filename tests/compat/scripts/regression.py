# Diabetes progression: regression with MAE, plotted where matplotlib is installed
import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

data = load_diabetes(as_frame=True)
features, target = data.data, data.target
train_x, test_x, train_y, test_y = train_test_split(features, target, test_size=0.2, random_state=0)

normalizer = layers.Normalization(axis=-1)
normalizer.adapt(train_x.to_numpy())

model = keras.Sequential([
    normalizer,
    layers.Dense(64, activation="relu"),
    layers.Dropout(0.1),
    layers.Dense(32, activation="relu"),
    layers.Dense(1),
])
model.compile(loss="mean_absolute_error", optimizer=keras.optimizers.RMSprop(0.005), metrics=["mae", "mse"])
history = model.fit(train_x, train_y, epochs=60, validation_split=0.2, verbose=0)

hist = pd.DataFrame(history.history)
hist["epoch"] = history.epoch
print(hist.tail(2))
loss, mae, mse = model.evaluate(test_x, test_y, verbose=0)
print("Testing set Mean Abs Error: {:5.2f}".format(mae))
baseline = (test_y - train_y.mean()).abs().mean()
print("better than the mean:", mae < baseline)

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("matplotlib is not installed, nothing is plotted")
else:
    plt.plot(history.history["loss"], label="loss")
    plt.plot(history.history["val_loss"], label="val_loss")
    plt.legend()
