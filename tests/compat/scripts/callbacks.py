# All the usual callbacks at once
import os

import numpy as np
import tensorflow as tf
from tensorflow.keras.callbacks import CSVLogger, EarlyStopping, LambdaCallback, ModelCheckpoint, ReduceLROnPlateau

np.random.seed(1)
tf.random.set_seed(1)
x = np.random.normal(size=(300, 5))
y = (x @ np.array([1.0, -2.0, 0.5, 0.0, 1.5]) + 0.3 * np.random.normal(size=300) > 0).astype("float32")

model = tf.keras.Sequential([
    tf.keras.layers.Dense(32, activation=tf.nn.relu, input_shape=(5,)),
    tf.keras.layers.BatchNormalization(),
    tf.keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.05), loss="binary_crossentropy", metrics=["accuracy"])


class PrintLoss(tf.keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.losses = []

    def on_batch_end(self, batch, logs=None):
        self.losses.append(logs.get("loss"))

    def on_epoch_end(self, epoch, logs=None):
        if logs.get("accuracy") > 0.999:
            print("\nReached 99.9% accuracy so cancelling training!")
            self.model.stop_training = True


printer = PrintLoss()
callbacks = [
    EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True, verbose=1),
    ModelCheckpoint("best.keras", monitor="val_loss", save_best_only=True, verbose=0),
    ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=2, min_lr=1e-5),
    LambdaCallback(on_epoch_end=lambda epoch, logs: print("epoch", epoch, "keys", sorted(logs)) if epoch == 0 else None),
    CSVLogger("training.csv"),
    printer,
]
history = model.fit(x, y, epochs=50, batch_size=32, validation_split=0.2, callbacks=callbacks, verbose=0)

print("checkpoint:", os.path.exists("best.keras"))
print("log lines:", len(open("training.csv").readlines()) - 1 == len(history.history["loss"]))
print("batches seen:", len(printer.losses) == 8 * len(history.history["loss"]))
best = tf.keras.models.load_model("best.keras")
loss, accuracy = best.evaluate(x[240:], y[240:], verbose=0)
print("best val_loss matches:", abs(loss - min(history.history["val_loss"])) < 1e-5)
print("learning rate:", float(model.optimizer.learning_rate) <= 0.05)
