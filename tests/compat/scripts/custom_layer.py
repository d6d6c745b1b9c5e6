# A layer of one's own, saved and loaded
import numpy as np
import tensorflow as tf
from tensorflow import keras


class Linear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True)
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True, name="b")

    def call(self, inputs):
        return tf.matmul(inputs, self.w) + self.b

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


class MyModel(keras.Model):
    def __init__(self):
        super(MyModel, self).__init__()
        self.hidden = Linear(8)
        self.dropout = keras.layers.Dropout(0.2)
        self.out = Linear(1)

    def call(self, x, training=False):
        x = tf.nn.relu(self.hidden(x))
        x = self.dropout(x, training=training)
        return self.out(x)


x = np.random.rand(100, 4).astype("float32")
y = x.sum(axis=1, keepdims=True)
subclassed = MyModel()
subclassed.compile(optimizer="adam", loss="mse")
subclassed.fit(x, y, epochs=3, verbose=0)
print("trainable weights:", len(subclassed.trainable_weights), [tuple(v.shape) for v in subclassed.trainable_variables])

model = keras.Sequential([keras.Input(shape=(4,)), Linear(8, name="mine"), keras.layers.ReLU(), keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")
model.fit(x, y, epochs=5, verbose=0)
model.save("mine.keras")
again = keras.models.load_model("mine.keras", custom_objects={"Linear": Linear})
print("same predictions:", np.allclose(model.predict(x, verbose=0), again.predict(x, verbose=0)))
print("called directly:", model(x[:2]).numpy().shape, again.get_layer("mine").units)
