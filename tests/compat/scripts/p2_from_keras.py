import numpy as np
from keras.layers import Dense
from keras.losses import BinaryCrossentropy
from keras.models import Model as KerasModel
from keras.optimizers import Adam

X_train = np.random.rand(1000, 10)
y_train = np.random.randint(0, 2, (1000, 1))


class Model(KerasModel):
    def __init__(self):
        super(Model, self).__init__()
        self.dense1 = Dense(10, activation='relu')
        self.dense2 = Dense(1, activation='sigmoid')

    def call(self, inputs):
        x = self.dense1(inputs)
        return self.dense2(x)


model = Model()
loss_fn = BinaryCrossentropy()
optimizer = Adam()
model.compile(optimizer=optimizer, loss=loss_fn, metrics=['accuracy'])
model.fit(X_train, y_train, epochs=10)
