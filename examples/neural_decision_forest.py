"""Decision trees whose branches are probabilities, so that a whole forest is trained by gradients.

Shows: a subclassed model with weights of its own (`add_weight`), an ensemble kept in a list, trees as products of
probabilities with ops. The rows are made: two classes in four corners, and columns without meaning.
Source: Kontschieder et al. 2015, "Deep Neural Decision Forests", ICCV.
Expect: a test accuracy above 0.9; a guess 0.5.
"""

import keras
import numpy as np
from keras import layers, ops
from sources import pick, report

keras.utils.set_random_seed(36)
rng = np.random.default_rng(36)
trees, depth, columns = pick(10, 5), 4, 12


class Tree(keras.Model):
    """Every inner node sends a row left with a probability; every leaf holds class scores."""

    def __init__(self, used):
        super().__init__()
        self.used, self.leaves = used, 2**depth
        self.scores = self.add_weight(shape=(self.leaves, 2), initializer="random_normal", name="scores")
        self.decide = layers.Dense(self.leaves, activation="sigmoid")

    def call(self, x):
        rows = ops.shape(x)[0]
        left = ops.expand_dims(self.decide(ops.take(x, self.used, axis=1)), axis=2)
        ways = ops.concatenate([left, 1 - left], axis=2)
        reached = ops.ones((rows, 1, 1))
        for level in range(depth):
            here = ways[:, 2**level : 2 ** (level + 1), :]
            reached = ops.reshape(ops.tile(ops.reshape(reached, (rows, -1, 1)), (1, 1, 2)) * here, (rows, -1, 1))
        return ops.matmul(ops.reshape(reached, (rows, self.leaves)), ops.softmax(self.scores))


class Forest(keras.Model):
    """The mean of trees, each of which sees some of the columns."""

    def __init__(self):
        super().__init__()
        chosen = [np.append(rng.choice(np.arange(2, columns), 4, False), (0, 1)) for _ in range(trees)]
        self.ensemble = [Tree(np.sort(used)) for used in chosen]

    def call(self, x):
        return sum(tree(x) for tree in self.ensemble) / trees


x = rng.normal(size=(pick(6000, 1500), columns)).astype("float32")
y = (x[:, 0] * x[:, 1] > 0).astype("int32")
test = len(x) // 5
inputs = layers.Input((columns,))
model = keras.Model(inputs, Forest()(layers.BatchNormalization()(inputs)))
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[test:], y[test:], batch_size=64, epochs=pick(30, 15), verbose=0)
report("test accuracy", model.evaluate(x[:test], y[:test], verbose=0)[1])
