# TensorFlow 2 quickstart for beginners, with made-up images in place of MNIST
import numpy as np
import tensorflow as tf

print("TensorFlow version:", tf.__version__)
print("Num GPUs Available: ", len(tf.config.list_physical_devices("GPU")))

rng = np.random.RandomState(0)
y_train, y_test = rng.randint(0, 10, 500), rng.randint(0, 10, 100)
patterns = rng.randint(0, 256, (10, 28, 28))
x_train = np.clip(patterns[y_train] + rng.normal(0, 40, (500, 28, 28)), 0, 255).astype("uint8")
x_test = np.clip(patterns[y_test] + rng.normal(0, 40, (100, 28, 28)), 0, 255).astype("uint8")
x_train, x_test = x_train / 255.0, x_test / 255.0

model = tf.keras.models.Sequential([
    tf.keras.layers.Flatten(input_shape=(28, 28)),
    tf.keras.layers.Dense(128, activation="relu"),
    tf.keras.layers.Dropout(0.2),
    tf.keras.layers.Dense(10),
])
predictions = model(x_train[:1]).numpy()
print(tf.nn.softmax(predictions).numpy().sum().round(3))
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
print("first loss:", loss_fn(y_train[:1], predictions).numpy() > 0)
model.compile(optimizer="adam", loss=loss_fn, metrics=["accuracy"])
model.fit(x_train, y_train, epochs=5)
model.evaluate(x_test, y_test, verbose=2)
probability_model = tf.keras.Sequential([model, tf.keras.layers.Softmax()])
print(probability_model(x_test[:5]).shape)
print("right:", (np.argmax(probability_model.predict(x_test), axis=1) == y_test).mean() > 0.9)
