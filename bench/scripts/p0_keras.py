"""From a CSV file to a printed accuracy, as introductory texts do it: pandas, scikit-learn, Keras.

    python p0_keras.py FILE.csv      the last column holds two classes, the others numbers
"""

import sys

import pandas as pd
from keras.layers import Dense
from keras.models import Sequential
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

table = pd.read_csv(sys.argv[1]).dropna()
X = table.iloc[:, :-1]
y = (table.iloc[:, -1] == table.iloc[0, -1]).astype("float32")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
scaler = StandardScaler()
X_train, X_test = scaler.fit_transform(X_train), scaler.transform(X_test)

model = Sequential()
model.add(Dense(64, input_dim=X_train.shape[1], activation="relu"))
model.add(Dense(32, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=10, batch_size=32, validation_split=0.2)
loss, accuracy = model.evaluate(X_test, y_test)
print(f"accuracy: {accuracy * 100:.2f}%")
