"""Two of many numbers are marked: the network adds them up, with a recurrent cell of one's own.

Shows: `layers.RNN` over a cell that is written out (two states, one of them counts), beside LSTM cells in one stack;
states handed out and given to the next call, so that a sequence may come in two halves.
Source: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", section 5.4, the adding problem; the cell is the
minimal gated unit of Zhou et al. 2016, arXiv:1603.09420.
Expect: a mean squared error of about 0.001; always the mean gives 0.167.
"""

import keras
import numpy as np
from keras import layers, ops
from sources import pick, report

keras.utils.set_random_seed(43)
STEPS = 20
rng = np.random.default_rng(43)


def sums(rows):
    """Numbers from 0 to 1 with a second feature that marks two of them; their sum."""
    x = np.zeros((rows, STEPS, 2), "float32")
    x[:, :, 0] = rng.random((rows, STEPS))
    half = STEPS // 2
    for start in (0, half):
        x[np.arange(rows), start + rng.integers(0, half, rows), 1] = 1
    return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=1, keepdims=True)


class GatedCell(layers.Layer):
    """f = sigmoid(x W + h U + b); h' = (1 - f) h + f tanh(x V + f h R + c). A second state counts open gates."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = [units, 1]
        self.output_size = units

    def build(self, shape):
        self.gate = layers.Dense(self.units, activation="sigmoid", bias_initializer=keras.initializers.Constant(-1.0))
        self.new = layers.Dense(self.units, activation="tanh")
        for part in (self.gate, self.new):
            part.build((None, shape[-1] + self.units))

    def call(self, x, states):
        before, opened = states
        gate = self.gate(ops.concatenate([x, before], axis=-1))
        new = self.new(ops.concatenate([x, gate * before], axis=-1))
        after = (1 - gate) * before + gate * new
        return after, [after, opened + ops.mean(gate, axis=-1, keepdims=True)]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


x, y = sums(pick(8000, 1500))
x_new, y_new = sums(1000)
inputs = keras.Input((None, 2))
states = [keras.Input((16,), name="before"), keras.Input((1,), name="opened")]
recurrent = layers.RNN(GatedCell(16), return_state=True)
output, *after = recurrent(inputs, initial_state=states)
head = layers.Dense(1)
by_parts = keras.Model([inputs, *states], [head(output), *after])

model = keras.Sequential([keras.Input((None, 2)), recurrent, layers.Lambda(lambda parts: parts[0]), head])
model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mse")
model.fit(x, y, batch_size=32, epochs=pick(20, 12), verbose=0)

middle = by_parts.predict([x_new[:, : STEPS // 2], np.zeros((1000, 16)), np.zeros((1000, 1))], verbose=0)[1:]
found, _, opened = by_parts.predict([x_new[:, STEPS // 2 :], *middle], verbose=0)
whole = model.predict(x_new, verbose=0)
print(f"in two halves or at once: at most {np.abs(found - whole).max():.6f} apart")
print(f"gates open {opened.mean() / STEPS:.2f} of the time")
report("mean squared error", float(np.mean((whole - y_new) ** 2)))
