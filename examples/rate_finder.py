"""Two callbacks of one's own: one tries learning rates in a single pass, one stops in time and goes back.

Shows: `Callback` with `on_train_batch_end`, `on_epoch_end`, `on_train_end`; `model.stop_training`; a learning rate that
changes from batch to batch; weights kept and put back.
Source: Smith 2017, "Cyclical Learning Rates for Training Neural Networks", arXiv:1506.01186, section 3.3.
Expect: about 85 % of the test pictures of Fashion-MNIST right, at the rate that was found.
"""

import keras
import numpy as np
from keras import layers
from sources import images, pick, report

keras.utils.set_random_seed(44)


class RateFinder(keras.callbacks.Callback):
    """Raises the rate from batch to batch, until the loss is four times its best."""

    def __init__(self, low=1e-4, high=3.0, batches=100):
        super().__init__()
        self.factor = (high / low) ** (1 / batches)
        self.low, self.rates, self.losses = low, [], []
        self.total = 0.0

    def on_train_begin(self, logs=None):
        self.kept = self.model.get_weights()
        self.model.optimizer.learning_rate = self.low

    def on_train_batch_end(self, batch, logs=None):
        mean = logs["loss"]  # of the epoch so far: this batch's own is what it adds
        loss = mean * (batch + 1) - self.total
        self.total = mean * (batch + 1)
        smooth = loss if not self.losses else 0.8 * self.losses[-1] + 0.2 * loss
        self.losses.append(smooth)
        self.rates.append(float(self.model.optimizer.learning_rate))
        self.model.optimizer.learning_rate = self.rates[-1] * self.factor
        if not smooth <= 4 * min(self.losses):
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        self.model.set_weights(self.kept)

    @property
    def best(self):
        """A third of the rate at which the loss was lowest."""
        return self.rates[int(np.argmin(self.losses))] / 3


class StopAndGoBack(keras.callbacks.Callback):
    """Stops when the loss on rows held out has not fallen for a while, and puts the best weights back."""

    def __init__(self, patience):
        super().__init__()
        self.patience = patience

    def on_train_begin(self, logs=None):
        self.lowest, self.waited, self.kept, self.epoch = np.inf, 0, None, 0

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] < self.lowest:
            self.lowest, self.waited, self.kept, self.epoch = logs["val_loss"], 0, self.model.get_weights(), epoch
            return
        self.waited += 1
        self.model.stop_training = self.waited >= self.patience

    def on_train_end(self, logs=None):
        self.model.set_weights(self.kept)
        print(f"the weights after epoch {self.epoch + 1} are kept")


(x, y), (x_test, y_test) = images("fashion_mnist")
x, y = x[: pick(None, 1500)], y[: pick(None, 1500)]
model = keras.Sequential(
    [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10)]
)
model.compile(
    optimizer=keras.optimizers.SGD(0.01, momentum=0.9),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
finder = RateFinder()
model.fit(x[:3200], y[:3200], batch_size=pick(32, 15), epochs=1, callbacks=[finder], verbose=0)
print(f"tried: {finder.rates[0]:.4f} to {finder.rates[-1]:.2f}; chosen: {finder.best:.3f}")

model.optimizer.learning_rate = finder.best
model.fit(
    x, y, batch_size=32, epochs=pick(30, 10), validation_split=0.2, callbacks=[StopAndGoBack(patience=3)], verbose=0
)  # fmt: skip
report("test accuracy", model.evaluate(x_test, y_test, verbose=0)[1])
