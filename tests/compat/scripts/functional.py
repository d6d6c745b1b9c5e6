# The functional API: two inputs, two outputs
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(0)
numbers = rng.normal(size=(256, 6)).astype("float32")
city = rng.integers(0, 4, size=(256, 1))
price = (numbers[:, :1] * 2 + city).astype("float32")
sold = (numbers[:, 1:2] + city > 1.5).astype("float32")

numbers_input = keras.Input(shape=(6,), name="numbers")
city_input = keras.Input(shape=(1,), dtype="int32", name="city")
embedded = layers.Flatten()(layers.Embedding(input_dim=4, output_dim=3)(city_input))
x = layers.concatenate([layers.Dense(16, activation="relu")(numbers_input), embedded])
x = layers.Dense(16, activation="relu")(x)
price_output = layers.Dense(1, name="price")(x)
sold_output = layers.Dense(1, activation="sigmoid", name="sold")(x)
model = keras.Model(inputs=[numbers_input, city_input], outputs=[price_output, sold_output])
model.summary()

model.compile(
    optimizer=keras.optimizers.Adam(1e-2),
    loss={"price": "mse", "sold": "binary_crossentropy"},
    loss_weights={"price": 1.0, "sold": 0.5},
    metrics={"price": ["mae"], "sold": ["accuracy"]},
)
history = model.fit(
    {"numbers": numbers, "city": city}, {"price": price, "sold": sold}, epochs=30, batch_size=32, verbose=0
)
print(sorted(history.history))
scores = model.evaluate([numbers, city], [price, sold], return_dict=True, verbose=0)
print("sold accuracy above 0.8:", scores["sold_accuracy"] > 0.8)
p, s = model.predict([numbers[:3], city[:3]], verbose=0)
print(p.shape, s.shape)
