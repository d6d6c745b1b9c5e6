# Saving the whole model, its weights, its architecture
import numpy as np
import tensorflow as tf

x = np.random.rand(64, 5)
y = np.random.randint(0, 3, 64)


def create_model():
    model = tf.keras.models.Sequential([
        tf.keras.layers.Dense(16, activation="relu", input_shape=(5,)),
        tf.keras.layers.Dropout(0.2),
        tf.keras.layers.Dense(3),
    ])
    model.compile(
        optimizer="adam",
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
    )
    return model


model = create_model()
model.fit(x, y, epochs=3, verbose=2)
model.save("model.keras")
restored = tf.keras.models.load_model("model.keras")
print(np.abs(restored.predict(x, verbose=0) - model.predict(x, verbose=0)).max() < 1e-6)
loss, acc = restored.evaluate(x, y, verbose=0)
print("Restored model, accuracy: {:5.2f}%".format(100 * acc))
restored.fit(x, y, epochs=1, verbose=0)

model.save_weights("my.weights.h5")
other = create_model()
other.load_weights("my.weights.h5")
print(np.allclose(other.predict(x, verbose=0), model.predict(x, verbose=0)))

json_config = model.to_json()
rebuilt = tf.keras.models.model_from_json(json_config)
rebuilt.set_weights(model.get_weights())
print(np.allclose(rebuilt(x), model(x), atol=1e-6))
clone = tf.keras.models.clone_model(model)
print(len(clone.get_weights()) == len(model.get_weights()))
