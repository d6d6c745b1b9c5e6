"""Recurrent layers: what holds beyond the golden values."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Model, Sequential, layers, ops, optimizers
from chainrule.errors import ArgumentError, ShapeError
from chainrule.ir import TensorType, trace
from chainrule.utils import set_random_seed
from chainrule.variables import StateScope

from .golden_layers import numbers, same_after_saving

ALL = [layers.LSTM, layers.GRU, layers.SimpleRNN]
ROWS = numbers((4, 5, 3), 1).astype("float32")


def program_of(layer, shape, **arguments):
    """What a call records, its equations by the name of the primitive."""
    layer(np.zeros(shape, "float32"))
    with StateScope():
        program, _ = trace(lambda x: [layer(x, **arguments)], [TensorType("float32", shape)])
    return program.equations


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("training", [False, True])
def test_all_steps_are_one_product_and_one_loop(cls, training):
    equations = program_of(cls(6, return_sequences=True, dropout=0.5), (2, 9, 3), training=training)
    outside = [e for e in equations if e.primitive.name == "dot_general"]
    assert [e.outputs[0].type.shape[:2] for e in outside] == [(9, 2)]
    (loop,) = [e for e in equations if e.primitive.name == "loop"]
    assert loop.params.length == 9
    inside = [e.primitive.name for e in loop.params.body.equations]
    assert inside.count("dot_general") == 1
    assert "random_bits" not in inside


def test_stacked_cells_are_layers_one_after_another():
    cells = [layers.LSTMCell(4), layers.GRUCell(3), layers.SimpleRNNCell(2)]
    together = layers.RNN(cells, return_sequences=True)
    apart = [layers.RNN(cell, return_sequences=True) for cell in cells]
    expected = ROWS
    wanted = together(ROWS)
    for layer in apart:
        expected = layer(expected)
    np.testing.assert_allclose(wanted, expected, rtol=1e-6, atol=1e-6)


class Counting(layers.Layer):
    """A cell with a state of one number: the steps so far, and the sum of what came in."""

    state_size = (1, 2)

    def call(self, inputs, states):
        count, total = states
        return ops.concatenate([count + 1.0, total + inputs], -1), [count + 1.0, total + inputs]


def test_a_cell_of_ones_own():
    x = ROWS[..., :2]
    y, count, total = layers.RNN(Counting(), return_sequences=True, return_state=True)(x)
    np.testing.assert_allclose(y[..., 0], np.broadcast_to(np.arange(1, 6), (4, 5)))
    np.testing.assert_allclose(y[..., 1:], np.cumsum(x, 1), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(total, x.sum(1), rtol=1e-5, atol=1e-6)
    assert count.shape == (4, 1)
    start = [np.full((4, 1), 10, "float32"), np.zeros((4, 2), "float32")]
    assert float(layers.RNN(Counting())(x, initial_state=start)[0, 0]) == 15


def test_a_cell_that_is_no_layer():
    class Plain:
        state_size = 2

        def call(self, inputs, states):
            return inputs + states[0], inputs + states[0]

    found = layers.RNN(Plain())(ROWS[..., :2])
    np.testing.assert_allclose(found, ROWS[..., :2].sum(1), rtol=1e-5, atol=1e-6)


def test_a_cell_derived_from_ours_with_its_own_call_is_called():
    class Doubled(layers.SimpleRNNCell):
        def call(self, inputs, states, training=False):
            output, new = super().call(inputs, states, training)
            return output * 2.0, new

    cell = Doubled(3)
    y = layers.RNN(cell)(ROWS)
    plain = layers.SimpleRNNCell(3)
    plain.build((4, 3))
    plain.set_weights(cell.get_weights())
    np.testing.assert_allclose(y, np.asarray(layers.RNN(plain)(ROWS)) * 2, rtol=1e-6)


class Noisy(layers.Layer):
    """A cell with state of its own: random numbers, and moving statistics."""

    def __init__(self):
        super().__init__()
        self.state_size = 3
        self.drop, self.norm = layers.Dropout(0.5, seed=1), layers.BatchNormalization(momentum=0.5)

    def call(self, inputs, states, training=False):
        y = self.norm(self.drop(inputs, training=training), training=training) + states[0]
        return y, [y]


def test_what_a_cell_assigns_is_carried_from_step_to_step():
    layer = layers.RNN(Noisy(), return_sequences=True)
    layer(ROWS)
    before = layer.cell.norm.moving_mean.numpy()
    y = np.asarray(layer(ROWS, training=True))
    cell = Noisy()
    cell(ROWS[:, 0], [np.zeros((4, 3), "float32")])
    state = np.zeros((4, 3), "float32")
    for t in range(5):
        state, _ = cell(ROWS[:, t], [state], training=True)
        np.testing.assert_allclose(y[:, t], state, rtol=1e-4, atol=1e-5)
    assert not np.array_equal(before, layer.cell.norm.moving_mean.numpy())
    for ours, theirs in zip(layer.cell.norm.weights, cell.norm.weights, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cls", ALL)
def test_a_stateful_layer_goes_on_where_it_stopped(cls):
    layer = cls(3, stateful=True, return_sequences=True)
    plain = cls(3, return_sequences=True)
    whole = np.asarray(plain(ROWS))
    layer(ROWS)
    layer.set_weights(plain.get_weights())
    layer.reset_state()
    halves = [np.asarray(layer(part)) for part in (ROWS[:, :2], ROWS[:, 2:])]
    np.testing.assert_allclose(np.concatenate(halves, 1), whole, rtol=1e-5, atol=1e-6)
    assert [w.name for w in layer.weights] == ["kernel", "recurrent_kernel", "bias"]
    layer.reset_states()
    np.testing.assert_allclose(layer(ROWS[:, :2]), whole[:, :2], rtol=1e-5, atol=1e-6)
    with pytest.raises(ShapeError, match=r"expected states of shape \(3, 3\) for input of shape \(3, 2, 3\)"):
        layer(ROWS[:3, :2])


def test_a_stateful_layer_in_training_and_prediction():
    model = Sequential([layers.Input(batch_shape=(4, 5, 3)), layers.GRU(3, stateful=True), layers.Dense(1)])
    model.compile("sgd", "mse")
    first = model.predict(ROWS, batch_size=4, verbose=0)
    second = model.predict(ROWS, batch_size=4, verbose=0)
    assert not np.allclose(first, second)
    model.layers[0].reset_state()
    np.testing.assert_array_equal(model.predict(ROWS, batch_size=4, verbose=0), first)
    model.fit(np.tile(ROWS, (2, 1, 1)), np.zeros((8, 1)), batch_size=4, shuffle=False, verbose=0)
    assert np.isfinite(model.layers[0].states[0].numpy()).all()


@pytest.mark.parametrize("cls", ALL)
def test_dropout_drops_the_same_at_every_step(cls):
    layer = cls(3, dropout=0.5, return_sequences=True, seed=3, use_bias=False)
    layer(np.zeros((1, 1, 200), "float32"))
    weights = layer.get_weights()
    layer.set_weights([np.full_like(weights[0], 0.01), *(np.zeros_like(w) for w in weights[1:])])  # no memory
    x = np.tile(np.random.default_rng(0).normal(size=(8, 1, 200)), (1, 6, 1)).astype("float32")
    y = np.asarray(layer(x, training=True))
    if cls is layers.SimpleRNN:
        np.testing.assert_allclose(y, np.broadcast_to(y[:, :1], y.shape), rtol=1e-5, atol=1e-6)
    masks = layer.cell.draw((8, 200), True)[0]
    assert abs(float((np.asarray(masks) == 0).mean()) - 0.5) < 5 * 0.5 / 40
    np.testing.assert_allclose(np.unique(masks), [0, 2])
    np.testing.assert_array_equal(layer(x), layer(x))
    assert not np.allclose(layer(x, training=True), layer(x, training=True))


@pytest.mark.parametrize("cls", ALL)
def test_recurrent_dropout_multiplies_the_states(cls):
    layer = cls(4, recurrent_dropout=0.4, dropout=0.3, return_sequences=True, seed=3)
    plain = np.asarray(layer(ROWS))
    layer.cell.seed_generator.state.assign(np.array([3, 0], "uint32"))
    y = np.asarray(layer(ROWS, training=True))
    layer.cell.seed_generator.state.assign(np.array([3, 0], "uint32"))
    masks = layer.cell.draw((4, 3), True)
    state = [np.zeros((4, 4), "float32") for _ in range(2 if cls is layers.LSTM else 1)]
    for t in range(5):
        output, state = layer.cell.step(layer.cell.project(ROWS[:, t], masks), state, masks)
        np.testing.assert_allclose(y[:, t], output, rtol=1e-5, atol=1e-6)
    assert not np.allclose(plain, y)
    many = masks[1] if isinstance(masks[1], list) else [masks[1]]
    assert len(many) == layer.cell.gates
    zeros = sorted({round(float(v), 4) for m in many for v in np.unique(m)})
    assert zeros == [0.0, 1.6667]


def test_dropout_in_training_is_the_same_for_the_same_seed():
    def losses():
        set_random_seed(4)
        model = Sequential([layers.Input((5, 3)), layers.LSTM(4, dropout=0.2, recurrent_dropout=0.2), layers.Dense(1)])
        model.compile("adam", "mse")
        return model.fit(ROWS, np.ones((4, 1)), batch_size=2, epochs=3, verbose=0).history["loss"]

    assert losses() == losses()


@pytest.mark.parametrize("cls", ALL)
def test_masks_come_from_the_layers_before(cls):
    ids = np.array([[1, 2, 0, 0], [3, 0, 1, 2]])
    table = layers.Embedding(4, 3, mask_zero=True)
    first, second = cls(3, return_sequences=True), cls(2)
    y = second(first(table(ids)))
    mask = ids != 0
    expected = second(first(table(ids), mask=mask), mask=mask)
    np.testing.assert_array_equal(y, expected)
    assert not np.allclose(y, second(first(np.asarray(table(ids)))))
    np.testing.assert_allclose(y[0], second(first(np.asarray(table(ids[:1, :2]))))[0], rtol=1e-5)


def test_both_directions_leave_masked_steps_out():
    ids = np.array([[1, 2, 3, 0, 0]])
    table, layer = layers.Embedding(4, 3, mask_zero=True), layers.Bidirectional(layers.GRU(2, return_sequences=True))
    y = np.asarray(layer(table(ids)))
    short = np.asarray(layer(np.asarray(table(ids[:, :3]))))
    np.testing.assert_allclose(y[:, :3], short, rtol=1e-5, atol=1e-6)
    assert not y[:, 3:].any()


def test_two_directions_begin_with_given_weights():
    arrays = layers.Bidirectional(layers.LSTM(2))
    arrays(ROWS)
    weights = [w + 0.1 for w in arrays.get_weights()]
    layer = layers.Bidirectional(layers.LSTM(2), weights=weights)
    layer(ROWS)
    for found, wanted in zip(layer.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(found, wanted)
    names = (layer.forward_layer.name, layer.backward_layer.name)
    assert [name.split("_")[0] for name in names] == ["forward", "backward"]


def test_an_encoder_hands_its_states_to_a_decoder(tmp_path):
    set_random_seed(2)
    source, target = layers.Input((None, 3)), layers.Input((None, 2))
    _, h, c = layers.LSTM(8, return_state=True)(source)
    decoded = layers.LSTM(8, return_sequences=True)(target, initial_state=[h, c])
    model = Model([source, target], layers.TimeDistributed(layers.Dense(1))(decoded))
    assert tuple(model.outputs[0].shape) == (None, None, 1)
    model.compile(optimizers.Adam(0.02), "mse")
    given = [ROWS, np.zeros((4, 2, 2), "float32")]
    losses = model.fit(given, ROWS[:, :2, :1], epochs=40, verbose=0).history["loss"]
    assert losses[-1] < 0.2 * losses[0]
    same_after_saving(model, given, tmp_path)


def test_all_kinds_in_one_saved_model(tmp_path):
    model = Sequential([
        layers.Input((4, 6, 6, 2)), layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True),
        layers.TimeDistributed(layers.Flatten()), layers.Bidirectional(layers.GRU(3, return_sequences=True)),
        layers.RNN([layers.LSTMCell(3), layers.SimpleRNNCell(2)]),
    ])  # fmt: skip
    same_after_saving(model, numbers((3, 4, 6, 6, 2), 1).astype("float32"), tmp_path)


def test_the_number_of_steps_may_be_unknown():
    symbol = layers.Input((None, 3))
    assert layers.LSTM(4, return_sequences=True)(symbol).shape == (None, None, 4)
    assert layers.Bidirectional(layers.GRU(4))(symbol).shape == (None, 8)
    assert [y.shape for y in layers.LSTM(4, return_state=True)(symbol)] == [(None, 4)] * 3
    assert layers.TimeDistributed(layers.Dense(2))(symbol).shape == (None, None, 2)
    film = layers.Input((None, None, None, 3))
    assert layers.ConvLSTM2D(2, 3, return_sequences=True)(film).shape == (None, None, None, None, 2)


@pytest.mark.parametrize("rank,shape", [(1, (2, 3, 5, 2)), (2, (2, 3, 4, 5, 2)), (3, (1, 2, 3, 4, 3, 2))])
def test_convolutional_memory_with_the_channels_first(rank, shape):
    cls = getattr(layers, f"ConvLSTM{rank}D")
    arguments = {"filters": 2, "kernel_size": 2, "return_sequences": True, "return_state": True}
    last, first = cls(**arguments), cls(**arguments, data_format="channels_first")
    x = numbers(shape, 1).astype("float32")
    wanted = last(x)
    first(np.moveaxis(x, -1, 2))
    first.set_weights(last.get_weights())
    found = first(np.moveaxis(x, -1, 2))
    np.testing.assert_allclose(found[0], np.moveaxis(np.asarray(wanted[0]), -1, 2), rtol=1e-5, atol=1e-6)
    for a, b in zip(found[1:], wanted[1:], strict=True):
        np.testing.assert_allclose(a, np.moveaxis(np.asarray(b), -1, 1), rtol=1e-5, atol=1e-6)


def test_convolutional_memory_with_dropout():
    layer = layers.ConvLSTM2D(2, 2, dropout=0.4, recurrent_dropout=0.4, seed=1)
    x = numbers((2, 3, 4, 4, 2), 1).astype("float32")
    np.testing.assert_array_equal(layer(x), layer(x))
    assert not np.allclose(layer(x), layer(x, training=True))
    equations = program_of(layer, x.shape, training=True)
    (loop,) = [e for e in equations if e.primitive.name == "loop"]
    assert "random_bits" not in [e.primitive.name for e in loop.params.body.equations]


class Centred(layers.Layer):
    def call(self, inputs):
        return inputs - ops.mean(inputs, 0, keepdims=True)


MIXING = [
    (Centred(), True), (layers.Lambda(lambda x: x - ops.mean(x, 0, keepdims=True)), True),
    (layers.Softmax(axis=0), True), (layers.Dense(2), False), (layers.LayerNormalization(), False),
    (Sequential([layers.Dense(2)]), False),
]  # fmt: skip


@pytest.mark.parametrize("layer,loops", MIXING, ids=lambda v: type(v).__name__)
def test_what_looks_at_other_rows_is_called_step_by_step(layer, loops):
    over = layers.TimeDistributed(layer)
    y = np.asarray(over(ROWS))
    for t in range(5):
        np.testing.assert_allclose(y[:, t], layer(ROWS[:, t]), rtol=1e-5, atol=1e-6)
    found = [e.primitive.name for e in program_of(over, ROWS.shape)]
    assert ("loop" in found) == loops


def test_a_model_with_ops_is_called_step_by_step():
    symbol = layers.Input((3,))
    inner = Model(symbol, symbol - ops.mean(symbol, 0, keepdims=True))
    y = np.asarray(layers.TimeDistributed(inner)(ROWS))
    np.testing.assert_allclose(y, ROWS - ROWS.mean(0), rtol=1e-5, atol=1e-6)


def test_losses_of_each_step_are_summed():
    inner = layers.Dense(2, activity_regularizer="l2")
    layer = layers.TimeDistributed(inner)
    layer(ROWS)
    (loss,) = layer.losses
    each = []
    for t in range(5):
        inner(ROWS[:, t])
        each += inner.losses
    np.testing.assert_allclose(float(loss), sum(map(float, each)), rtol=1e-5)
    model = Sequential([layers.Input((5, 3)), layer])
    model.compile("sgd", "mse")
    shown = model.evaluate(ROWS, np.zeros((4, 5, 2)), verbose=0)
    np.testing.assert_allclose(shown, float(loss) + np.square(np.asarray(layer(ROWS))).mean(), rtol=1e-5)
    assert np.isfinite(model.fit(ROWS, np.zeros((4, 5, 2)), verbose=0).history["loss"][0])


def test_losses_of_a_cell_are_summed():
    class Costly(layers.Layer):
        state_size = 3

        def call(self, inputs, states):
            self.add_loss(ops.sum(inputs))
            return inputs, [inputs]

    layer = layers.RNN(Costly())
    layer(ROWS)
    np.testing.assert_allclose([float(loss) for loss in layer.losses], [ROWS.sum()], rtol=1e-4)


def test_each_step_has_its_part_of_the_mask():
    class Shown(layers.Layer):
        def call(self, inputs, mask=None):
            return inputs * ops.expand_dims(ops.cast(mask, "float32"), -1)

    mask = numbers((4, 5), 1) > 0
    y = layers.TimeDistributed(Shown())(ROWS, mask=mask)
    np.testing.assert_allclose(y, ROWS * mask[..., None])
    with pytest.raises(ShapeError, match=r"expected a mask whose shape begins with \(4, 5\); got \(4, 3\)"):
        layers.TimeDistributed(Shown())(ROWS, mask=mask[:, :3])


WRONG = [
    (lambda: layers.LSTM(0), "LSTMCell 'lstm_cell': expected units to be a positive integer; got units=0"),
    (lambda: layers.GRU(2, dropout=1.5), "expected dropout to be a number from 0 to 1"),
    (lambda: layers.LSTM(2, unit=3), "unknown argument 'unit'"),
    (lambda: layers.RNN(layers.Dense(2)), "expected a cell with call.* without state_size"),
    (lambda: layers.StackedRNNCells([layers.Dense(2)]), "expected cells with call and state_size"),
    (lambda: layers.Bidirectional(layers.Dense(2)), "expected a recurrent layer"),
    (lambda: layers.Bidirectional(layers.LSTM(2), "max"), "expected merge_mode to be one of 'concat', 'sum', 'ave'"),
    (lambda: layers.Bidirectional(layers.LSTM(2), backward_layer=layers.LSTM(2)), "different directions"),
    (lambda: layers.Bidirectional(layers.LSTM(2), backward_layer=layers.LSTM(2, go_backwards=True, return_state=True)),
     "expected the same return_state of both layers; got False and True"),
    (lambda: layers.TimeDistributed("dense"), "expected layer to be a Layer"),
    (lambda: layers.ConvLSTM2D(2, 3, padding="causal"), "expected padding to be one of valid, same"),
    (lambda: layers.LSTM(2)(ROWS, initial_state=[ROWS[:, 0, :2]]), "expected initial_state to have 2 tensors; got 1"),
    (lambda: layers.LSTM(2)(ROWS[0]), "expected input with 3 axes"),
    (lambda: layers.LSTM(2, stateful=True)(layers.Input((5, 3))), "stateful=True needs a fixed batch size"),
    (lambda: layers.TimeDistributed(layers.Dense(2))(ROWS[:, 0]), "expected input with at least 3 axes"),
]  # fmt: skip


@pytest.mark.parametrize("make,message", WRONG, ids=lambda v: v[:30] if isinstance(v, str) else "")
def test_arguments_that_are_wrong(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()
