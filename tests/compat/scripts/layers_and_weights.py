# Looking into a model
import numpy as np
from keras.layers import Activation, Dense, Dropout
from keras.models import Sequential

model = Sequential(name="net")
model.add(Dense(4, input_shape=(3,), name="first"))
model.add(Activation("relu"))
model.add(Dropout(0.5))
model.add(Dense(2, activation="softmax", name="last", kernel_initializer="he_normal", kernel_regularizer="l2"))
model.summary()

print(len(model.layers), [layer.name for layer in model.layers][0], model.count_params())
weights, biases = model.layers[0].get_weights()
print(weights.shape, biases.shape)
last = model.get_layer("last")
last.set_weights([np.ones((4, 2)), np.array([0.0, 1.0])])
print(model.get_layer(index=3).get_weights()[1])
print(model.predict(np.zeros((1, 3)), verbose=0))
print(model.input_shape, model.output_shape)
model.layers[0].trainable = False
print(len(model.trainable_weights), len(model.non_trainable_weights))
for layer in model.layers:
    print(layer.name, layer.get_config().get("units"))
