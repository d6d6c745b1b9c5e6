# Written for Keras 2 in 2018: old places of today's names
from keras import backend as K
from keras.layers.core import Activation, Dense, Dropout
from keras.layers.normalization import BatchNormalization
from keras.models import Sequential
from keras.optimizers import RMSprop
from keras.utils import np_utils
import numpy as np

np.random.seed(123)
x = np.random.rand(120, 6)
labels = np.random.randint(0, 3, 120)
x[np.arange(120), labels] += 2
y = np_utils.to_categorical(labels, 3)


def recall_m(y_true, y_pred):
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    possible_positives = K.sum(K.round(K.clip(y_true, 0, 1)))
    return true_positives / (possible_positives + K.epsilon())


model = Sequential()
model.add(Dense(24, input_shape=(6,)))
model.add(BatchNormalization())
model.add(Activation("relu"))
model.add(Dropout(0.1))
model.add(Dense(3))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer=RMSprop(), metrics=["accuracy", recall_m])
history = model.fit(x, y, batch_size=20, epochs=20, verbose=0, validation_split=0.1)
score = model.evaluate(x, y, verbose=0)
print("Test accuracy above 0.8:", score[1] > 0.8, "recall:", 0 <= score[2] <= 1)
print(sorted(history.history))
