# An autoencoder: models used as layers of models
import keras
import numpy as np
from keras import layers, ops

x = np.random.RandomState(0).rand(200, 12).astype("float32")
inputs = keras.Input(shape=(12,))
encoder = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(3, name="code")], name="encoder")
code = encoder(inputs)
decoded = layers.Dense(12, activation="sigmoid")(layers.Dense(8, activation="relu")(code))
autoencoder = keras.Model(inputs, decoded, name="autoencoder")
autoencoder.compile(optimizer="adam", loss=lambda t, p: ops.mean(ops.square(t - p), axis=-1))
history = autoencoder.fit(x, x, epochs=15, batch_size=20, shuffle=True, validation_data=(x, x), verbose=0)
print("falls:", history.history["val_loss"][-1] < history.history["val_loss"][0])
encode = keras.Model(inputs, code)
print(encode.predict(x[:4], verbose=0).shape, encoder.predict(x[:4], verbose=0).shape)
part = keras.Model(inputs=autoencoder.input, outputs=autoencoder.layers[-2].output)
print(part.predict(x[:2], verbose=0).shape, autoencoder.count_params())
