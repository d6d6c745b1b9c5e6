# XOR
import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])

model = Sequential()
model.add(Dense(8, input_dim=2, activation="tanh"))
model.add(Dense(1, activation="sigmoid"))
sgd = SGD(learning_rate=0.1, momentum=0.9)
model.compile(loss="binary_crossentropy", optimizer=sgd, metrics=["binary_accuracy"])
model.fit(X, y, batch_size=1, epochs=200, verbose=0)
print(model.predict(X, verbose=0).round())
print(model.evaluate(X, y, verbose=0)[1])
