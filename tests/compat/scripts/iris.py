# Classify iris flowers with one-hot targets
import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential
from tensorflow.keras.utils import to_categorical

iris = load_iris()
X = StandardScaler().fit_transform(iris.data)
y = to_categorical(iris.target)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)

model = Sequential()
model.add(Dense(16, input_dim=4, activation="relu"))
model.add(Dense(3, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=120, batch_size=8, verbose=0)

loss, acc = model.evaluate(X_test, y_test, verbose=0)
print("Test accuracy: %.3f" % acc)
predicted = np.argmax(model.predict(X_test, verbose=0), axis=1)
print("Predicted:", predicted[:5], "True:", np.argmax(y_test, axis=1)[:5])
print("Epochs:", len(history.history["loss"]))
