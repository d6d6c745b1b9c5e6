"""The kinds of data that training takes, and what it says about data that do not fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError, DataError, DTypeError, ShapeError

from .small import REAL, X, Y, binary, linear, same_weights

FRAME = pd.DataFrame(X, columns=["a", "b", "c"])
TARGET = pd.Series(Y, name="label", index=range(100, 122))  # an index of its own must not matter


@pytest.fixture(scope="module")
def expected():
    model = binary()
    model.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    return model.get_weights()


SAME = {
    "float64": (X.astype("float64"), Y),
    "lists": (X.tolist(), Y.tolist()),
    "lists of rows": ([list(map(float, row)) for row in X], [int(v) for v in Y]),
    "data frame and series": (FRAME, TARGET),
    "data frames": (FRAME, TARGET.to_frame()),
    "bool target": (X, Y.astype(bool)),
    "float target": (X, Y.astype("float64")),
    "int64 target": (X, Y.astype("int64")),
    "fortran order": (np.asfortranarray(X), Y),
    "objects that are numbers": (X.astype(object), Y.astype(object)),
    "tensors": (cr.ops.convert_to_tensor(X), cr.ops.convert_to_tensor(Y)),
    "read-only view": (np.broadcast_to(X, X.shape), Y[::1]),
}


@pytest.mark.parametrize("kind", SAME)
def test_every_kind_of_array_gives_the_same_training(kind, expected):
    x, y = SAME[kind]
    model = binary()
    model.fit(x, y, epochs=2, shuffle=False, verbose=0)
    assert same_weights(expected, model)
    np.testing.assert_array_equal(model.predict(x, verbose=0), model.predict(X, verbose=0))


def test_mixed_data_frame_with_integers_and_booleans():
    frame = pd.DataFrame({"a": X[:, 0], "b": (X[:, 1] > 0), "c": np.arange(22)})
    model = linear()
    model.fit(frame, REAL, verbose=0)
    assert model.predict(frame, verbose=0).shape == (22, 1)


def test_integer_inputs_are_numbers_for_dense_layers():
    x = np.arange(44).reshape(22, 2) % 5
    for model in (
        cr.Sequential([layers.Dense(1)]),
        cr.Sequential([cr.Input((2,)), layers.Dense(1)]),
        cr.Sequential([layers.Dense(1, input_dim=2)]),
    ):
        model.compile("sgd", "mse")
        assert np.isfinite(model.fit(x, REAL, verbose=0).history["loss"]).all()
        np.testing.assert_allclose(
            model.predict(x, verbose=0), x @ model.layers[0].kernel.numpy() + model.layers[0].bias.numpy(), rtol=1e-5
        )


def test_sparse_matrices_are_made_dense(expected):
    sparse = pytest.importorskip("scipy.sparse")
    model = binary()
    model.fit(sparse.csr_matrix(X), Y, epochs=2, shuffle=False, verbose=0)
    assert same_weights(expected, model)


def two_inputs():
    a, b = cr.Input((2,), name="left"), cr.Input((1,), name="right")
    model = cr.Model([a, b], layers.Dense(1)(layers.Concatenate()([a, b])))
    model.set_weights([np.array([[1.0], [2.0], [3.0]]), np.array([0.5])])
    model.compile("sgd", "mse")
    return model


def test_lists_tuples_and_dicts_of_inputs():
    left, right = X[:, :2], X[:, 2:]
    results = []
    for x in (
        [left, right], (left, right), {"left": left, "right": right}, {"right": right[:, 0], "left": left},
        {"left": pd.DataFrame(left), "right": pd.Series(right[:, 0])},
    ):  # fmt: skip
        model = two_inputs()
        model.fit(x, REAL, shuffle=False, verbose=0)
        results.append((model.get_weights(), model.predict(x, verbose=0), model.evaluate(x, REAL, verbose=0)))
    for weights, predicted, loss in results[1:]:
        assert same_weights(results[0][0], weights) and loss == results[0][2]
        np.testing.assert_array_equal(predicted, results[0][1])


def test_two_inputs_given_wrongly_say_which():
    model = two_inputs()
    with pytest.raises(ArgumentError, match=r"expected 2 inputs .'left', 'right'.; got 1"):
        model.predict(X, verbose=0)
    with pytest.raises(ArgumentError, match="'right' missing"):
        model.predict({"left": X[:, :2], "other": X}, verbose=0)


# batches that come one at a time


def batches(size=8):
    for start in range(0, 22, size):
        yield X[start : start + size], Y[start : start + size]


class Batches(cr.utils.PyDataset):
    def __init__(self, size=8):
        super().__init__()
        self.size, self.calls = size, []

    def __len__(self):
        return (22 + self.size - 1) // self.size

    def __getitem__(self, index):
        self.calls.append(index)
        rows = slice(index * self.size, (index + 1) * self.size)
        return X[rows], Y[rows]

    def on_epoch_end(self):
        self.calls.append("end")


def arrays_trained(epochs=1):
    model = binary()
    model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)
    return model


def test_generator_of_one_epoch():
    model = binary()
    history = model.fit(batches(), verbose=0)
    assert same_weights(arrays_trained(), model)
    assert history.history["loss"] == binary().fit(X, Y, batch_size=8, shuffle=False, verbose=0).history["loss"]


def test_generator_with_steps_per_epoch_and_validation_generator():
    def forever():
        while True:
            yield from batches()

    model, steps = binary(), {"steps_per_epoch": 3, "validation_steps": 3}
    history = model.fit(forever(), epochs=2, verbose=0, validation_data=forever(), **steps)
    assert same_weights(arrays_trained(2), model)
    np.testing.assert_allclose(history.history["val_loss"][-1], model.evaluate(X, Y, verbose=0)[0], rtol=1e-6)


def test_generator_that_ends_early_says_so_and_keeps_what_it_learnt():
    model = binary()
    with pytest.warns(UserWarning, match="ended after 3 batches; expected 5"):
        history = model.fit(batches(), steps_per_epoch=5, verbose=0)
    assert same_weights(arrays_trained(), model) and history.epoch == [0]


def test_of_exhausted_generators_the_first_two_batches_come_again():
    """As in Keras, which looks at two batches beforehand and hands them out again."""
    sizes = []
    counting = cr.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: sizes.append(batch))
    with pytest.warns(UserWarning, match="generator is exhausted: its first two batches come again"):
        history = binary().fit(batches(), epochs=3, verbose=0, validation_data=batches(), callbacks=[counting])
    assert history.epoch == [0, 1, 2] and len(history.history["val_loss"]) == 3
    assert sizes == [0, 1, 2, 0, 1, 0, 1]
    model = binary()
    known = list(batches())
    with pytest.warns(UserWarning, match="exhausted"):
        model.fit((batch for batch in known), epochs=3, steps_per_epoch=2, verbose=0)
    other = binary()
    other.fit((known[k] for k in (0, 1, 2, 0, 1)), verbose=0)
    assert same_weights(model, other)


def test_empty_generator_is_an_error():
    with pytest.raises(DataError, match="at least one batch"):
        binary().fit(iter(()), verbose=0)


def test_pydataset_is_gone_through_in_each_epoch():
    data = Batches()
    model = binary()
    model.fit(data, epochs=2, shuffle=False, verbose=0)
    assert same_weights(arrays_trained(2), model)
    assert data.calls == [0, 1, 2, "end", 0, 1, 2, "end"]
    np.testing.assert_allclose(model.evaluate(Batches(5), verbose=0), model.evaluate(X, Y, verbose=0), rtol=1e-6)
    np.testing.assert_allclose(model.predict(Batches(5), verbose=0), model.predict(X, verbose=0), rtol=1e-6)


def test_pydataset_is_shuffled_by_batches():
    data = Batches(2)
    binary().fit(data, epochs=3, verbose=0)
    epochs = [data.calls[k * 12 : k * 12 + 11] for k in range(3)]
    assert all(sorted(epoch) == list(range(11)) for epoch in epochs) and len({tuple(e) for e in epochs}) == 3


def test_pydataset_with_steps_per_epoch_goes_on():
    data = Batches(4)
    binary().fit(data, epochs=3, steps_per_epoch=2, shuffle=False, verbose=0)
    assert [call for call in data.calls if call != "end"] == [0, 1, 2, 3, 4, 5]


def test_generator_with_sample_weights_class_weight_and_predict():
    weighted = binary()
    weighted.fit(((x, y, np.where(y == 1, 2.0, 1.0)) for x, y in batches()), verbose=0)
    by_class = binary()
    by_class.fit(batches(), class_weight={0: 1.0, 1: 2.0}, verbose=0)
    assert same_weights(weighted, by_class)
    np.testing.assert_allclose(
        by_class.predict((x for x, _ in batches()), verbose=0), by_class.predict(X, verbose=0), rtol=1e-6
    )


def test_what_cannot_go_with_generators():
    with pytest.raises(ArgumentError, match="validation_split needs arrays"):
        binary().fit(batches(), validation_split=0.2, verbose=0)
    with pytest.raises(ArgumentError, match="come with the batches"):
        binary().fit(batches(), Y, verbose=0)
    with pytest.raises(DataError, match="got 4 parts"):
        binary().fit(iter([(X, Y, Y, Y)]), verbose=0)


# data that do not fit


def test_rows_of_x_and_y_differ():
    with pytest.raises(DataError, match=r"as many rows in y as in x, 22; got 20 \(shape \(20,\)\)"):
        binary().fit(X, Y[:20], verbose=0)
    with pytest.raises(DataError, match=r"sample_weight.*22; got 3"):
        binary().fit(X, Y, sample_weight=np.ones(3), verbose=0)
    with pytest.raises(DataError, match=r"x\[1\].*22; got 5"):
        two_inputs().fit([X[:, :2], X[:5, 2:]], REAL, verbose=0)


@pytest.mark.parametrize("x", [np.array([["a", "b", "c"]] * 22), FRAME.assign(b="red"), [["a", 1, 2]] * 22])
def test_text_in_x(x):
    with pytest.raises(DTypeError, match=r"x: expected numbers; got .*Turn text into numbers"):
        binary().fit(x, Y, verbose=0)


def test_dates_and_missing_objects():
    dates = FRAME.assign(b=pd.Timestamp("2024-01-01"))
    with pytest.raises(DTypeError, match="expected numbers"):
        binary().fit(dates, Y, verbose=0)
    with pytest.raises(DTypeError, match="y: expected numbers"):
        binary().fit(X, np.array(["yes", "no"] * 11), verbose=0)


@pytest.mark.parametrize("x", [np.zeros((0, 3)), [], FRAME[:0]])
def test_empty_x(x):
    for call in (lambda m: m.fit(x, x, verbose=0), lambda m: m.predict(x, verbose=0)):
        with pytest.raises(DataError, match="x is empty"):
            call(binary())


def test_no_x_at_all_and_a_single_number():
    with pytest.raises(DataError, match="expected inputs x; got none"):
        binary().fit(verbose=0)
    with pytest.raises(DataError, match=r"single value 3.0"):
        binary().predict(np.float32(3.0), verbose=0)


def test_rows_of_different_lengths():
    with pytest.raises(DataError, match="different lengths"):
        binary().fit([[1.0, 2.0, 3.0], [1.0]], [0, 1], verbose=0)


def test_wrong_width_of_x_names_the_input_and_both_shapes():
    with pytest.raises(ShapeError, match=r"expected shape \(None, 3\).*got \(22, 2\)"):
        binary().fit(X[:, :2], Y, verbose=0)
    with pytest.raises(ShapeError, match=r"A single row is x\[None, :\]"):
        binary().predict(X[0], verbose=0)


def test_wrong_width_inside_a_model_names_the_layer_and_the_line_that_made_it():
    class Two(cr.Model):
        def __init__(self):
            super().__init__()
            self.first = layers.Dense(4, name="first")
            self.second = layers.Dense(1, name="second")

        def call(self, inputs):
            return self.second(cr.ops.concatenate([self.first(inputs), inputs], axis=-1))

    model = Two()
    model(X)
    with pytest.raises(ShapeError, match=r"Dense 'first' \(made at test_data.py:\d+\): expected input of size 3 on its "
                                         r"last axis; got shape \(22, 5\)"):  # fmt: skip
        model(np.zeros((22, 5), "float32"))


def test_target_of_a_wrong_shape_names_both_shapes():
    with pytest.raises(ShapeError, match=r"\(22, 3\).*\(22, 1\)|\(22, 1\).*\(22, 3\)"):
        binary(loss="mse").fit(X, X, verbose=0)
    model = cr.Sequential([cr.Input((3,)), layers.Dense(4, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    with pytest.raises(ShapeError, match=r"22, 3|22, 4"):
        model.fit(X, X, verbose=0)


def test_missing_target_says_so():
    with pytest.raises(ArgumentError, match="expected a target y"):
        binary().fit(X, verbose=0)


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5, 0.999])
def test_validation_split_extremes(fraction):
    with pytest.raises(ArgumentError, match="validation_split"):
        binary().fit(X, Y, validation_split=fraction, verbose=0)


@pytest.mark.parametrize(("argument", "value"), [
    ("batch_size", 0), ("batch_size", -3), ("batch_size", 2.5), ("epochs", -1), ("epochs", 1.5),
    ("steps_per_epoch", -1),
    ("initial_epoch", -1), ("validation_steps", 1.5),
])  # fmt: skip
def test_numbers_that_make_no_sense(argument, value):
    with pytest.raises(ArgumentError, match=f"expected {argument} to be .*; got {value}"):
        binary().fit(X, Y, verbose=0, **{argument: value})


def test_validation_data_of_a_wrong_form():
    with pytest.raises(ArgumentError, match="validation_data as"):
        binary().fit(X, Y, validation_data=(X, Y, Y, Y), verbose=0)


def test_split_that_misses_a_class_warns_and_others_do_not(recwarn):
    ordered = np.sort(Y)
    with pytest.warns(UserWarning, match=r"takes the last rows: classes \[1\] there, \[0, 1\] in the rest"):
        binary().fit(X, ordered, validation_split=0.2, verbose=0)
    with pytest.warns(UserWarning, match="takes the last rows"):
        model = cr.Sequential([layers.Dense(2, activation="softmax")])
        model.compile("sgd", "categorical_crossentropy")
        model.fit(X, np.eye(2)[ordered], validation_split=0.2, verbose=0)
    recwarn.clear()
    linear().fit(X, REAL, validation_split=0.2, verbose=0)
    binary().fit(X, Y, validation_split=0.4, verbose=0)
    assert not recwarn.list


def test_index_beyond_an_embedding_names_the_layer():
    model = cr.Sequential([layers.Embedding(4, 2, name="words"), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    ids = np.array([[0, 1], [2, 3], [1, 9]])
    with pytest.raises(cr.errors.IndexRangeError, match=r"words.*9|9.*words"):
        model.fit(ids, np.zeros(3), verbose=0)
    with pytest.raises(cr.errors.IndexRangeError, match="words"):
        model.predict(ids, verbose=0)


def test_validation_batches_begin_again_in_each_epoch():
    data = Batches(4)
    history = linear(loss="mse").fit(X, REAL, epochs=2, verbose=0, validation_data=data, validation_steps=2)
    assert data.calls == [0, 1, "end", 0, 1, "end"]
    assert len(history.history["val_loss"]) == 2


def test_any_iterable_of_batches():
    class Pairs:
        def __iter__(self):
            return iter([(X[:8], Y[:8]), (X[8:16], Y[8:16]), (X[16:], Y[16:])])

    model = binary()
    model.fit(Pairs(), epochs=2, verbose=0)
    assert same_weights(arrays_trained(2), model)


def test_class_weight_with_several_targets():
    inputs = cr.Input((3,))
    model = cr.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)])
    model.compile("sgd", "mse")
    with pytest.raises(ArgumentError, match="one target; got 2 targets"):
        model.fit(X, [REAL, REAL], class_weight={0: 1.0}, verbose=0)
    one, two = (model.evaluate(X, [REAL, REAL], sample_weight=w, verbose=0) for w in (Y, [Y, Y]))
    assert one == two  # one weight for all outputs


def test_empty_batches_of_a_prediction():
    with pytest.raises(DataError, match="at least one batch"):
        binary().predict(iter([]), verbose=0)
