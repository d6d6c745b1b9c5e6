"""`tf.data` in trainings: whole epochs for rows in memory, one batch at a time for other pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.compat import active
from chainrule.errors import ArgumentError, DataError

X = np.sin(np.arange(60, dtype="float32")).reshape(20, 3)
Y = X.sum(1, keepdims=True)


@pytest.fixture(name="tf")
def tensorflow() -> Iterator[Any]:
    with active():
        import tensorflow

        yield tensorflow


def model() -> Any:
    made = cr.Sequential([cr.Input((3,)), cr.layers.Dense(1, kernel_initializer="ones")])
    made.compile(cr.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return made


def kinds(trained: Any) -> set[str]:
    return {key[1] for key in trained._engine._cache if key[0] == "train"}


def test_a_pipeline_in_memory_is_an_epoch_and_gives_what_its_batches_give(tf: Any) -> None:
    def rows() -> Any:
        return tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(20, seed=3).batch(6)

    whole, streamed = model(), model()
    one = whole.fit(rows().prefetch(tf.data.AUTOTUNE), epochs=3, verbose=0).history
    other = streamed.fit(rows().map(lambda x, y: (x, y)), epochs=3, verbose=0).history
    assert one == other and np.array_equal(whole.get_weights()[0], streamed.get_weights()[0])
    assert kinds(whole) == {"epoch"} and "epoch" not in kinds(streamed)


def test_without_shuffling_it_is_what_arrays_give(tf: Any) -> None:
    one, other = model(), model()
    data = tf.data.Dataset.from_tensor_slices((X, Y)).take(17)
    found = one.fit(data.batch(5, drop_remainder=True), epochs=2, verbose=0, validation_data=data.batch(4)).history
    expected = other.fit(X[:15], Y[:15], batch_size=5, epochs=2, verbose=0, shuffle=False,
                         validation_data=(X[:17], Y[:17]), validation_batch_size=4).history  # fmt: skip
    assert found == expected and kinds(one) == {"epoch"}
    assert one.evaluate(data.batch(4), verbose=0) == other.evaluate(X[:17], Y[:17], batch_size=4, verbose=0)
    outputs = one.predict(tf.data.Dataset.from_tensor_slices(X).batch(7), verbose=0)
    assert np.array_equal(outputs, other.predict(X, batch_size=7, verbose=0))


def test_predictions_come_in_the_order_of_the_data_set(tf: Any) -> None:
    data = tf.data.Dataset.from_tensor_slices(X).shuffle(20, seed=1, reshuffle_each_iteration=False).batch(6)
    order = np.concatenate(list(data.as_numpy_iterator()))
    np.testing.assert_allclose(model().predict(data, verbose=0), order.sum(1, keepdims=True), rtol=1e-5, atol=1e-6)
    again = tf.data.Dataset.from_tensor_slices(X).shuffle(20, seed=1).batch(6)
    found = model().predict(again, verbose=0)
    assert not np.allclose(found, Y) and np.allclose(np.sort(found[:, 0]), np.sort(Y[:, 0]), atol=1e-5)


def test_a_new_order_for_each_pass_unless_told_otherwise(tf: Any) -> None:
    for data in (tf.data.Dataset.range(50), tf.data.Dataset.range(50).map(lambda x: x)):
        one = data.shuffle(50, seed=2)
        passes = [list(one.as_numpy_iterator()) for _ in range(2)]
        assert passes[0] != passes[1] and sorted(passes[0]) == sorted(passes[1]) == list(range(50))
        fixed = data.shuffle(50, seed=2, reshuffle_each_iteration=False)
        assert list(fixed.as_numpy_iterator()) == list(fixed.as_numpy_iterator()) != list(range(50))
        same = data.shuffle(50, seed=2)
        assert list(same.as_numpy_iterator()) == passes[0]


def test_a_small_buffer_keeps_elements_near_their_places(tf: Any) -> None:
    drawn = list(tf.data.Dataset.range(200).map(lambda x: x).shuffle(5, seed=0).as_numpy_iterator())
    assert sorted(drawn) == list(range(200)) and all(value <= place + 5 for place, value in enumerate(drawn))


def test_data_without_an_end(tf: Any) -> None:
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8).repeat()
    history = model().fit(data, epochs=2, steps_per_epoch=5, verbose=0, validation_data=data, validation_steps=2)
    assert len(history.history["val_loss"]) == 2
    with pytest.raises(ArgumentError, match=r"no end.*steps_per_epoch"):
        model().fit(data, verbose=0)
    with pytest.raises(TypeError, match="infinite"):
        len(data)


def test_sample_weights_and_dictionaries(tf: Any) -> None:
    weights = np.linspace(0, 2, 20, dtype="float32")
    one, other = model(), model()
    data = tf.data.Dataset.from_tensor_slices((X, Y, weights)).batch(5)
    found = one.fit(data, epochs=2, verbose=0).history
    assert found == other.fit(X, Y, batch_size=5, epochs=2, shuffle=False, sample_weight=weights, verbose=0).history
    inputs = cr.Input((3,), name="x")
    named = cr.Model({"x": inputs}, cr.layers.Dense(1)(inputs))
    named.compile("sgd", "mse")
    assert len(named.fit(tf.data.Dataset.from_tensor_slices(({"x": X}, Y)).batch(5), verbose=0).epoch) == 1


def test_a_cache_is_filled_once(tf: Any) -> None:
    calls: list[int] = []

    def seen(x: Any) -> Any:
        calls.append(int(x))
        return x

    data = tf.data.Dataset.range(3).map(seen).cache()
    assert [list(data.as_numpy_iterator()) for _ in range(3)] == [[0, 1, 2]] * 3 and calls == [0, 1, 2]


def test_random_numbers_in_a_map_are_new_each_time(tf: Any) -> None:
    data = tf.data.Dataset.range(3).map(lambda x: tf.random.uniform(()))
    drawn = [float(v) for v in [*data, *data]]
    assert len(set(drawn)) == 6


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda d: d.from_tensor_slices((X, Y[:3])), DataError, "one number of rows"),
    (lambda d: d.range(3).batch(0), ArgumentError, "positive batch_size"),
    (lambda d: list(d.from_generator(lambda: [np.ones(2), np.ones(3)], "float32").batch(2)), DataError, "padded_batch"),
    (lambda d: d.list_files("/nowhere/*.png"), DataError, "no file matches"),
])  # fmt: skip
def test_mistakes_are_named(tf: Any, make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(tf.data.Dataset)


def test_a_loop_over_a_data_set_inside_a_function_is_plain_python(tf: Any) -> None:
    data = tf.data.Dataset.range(4)

    @tf.function
    def total(start: Any) -> Any:
        for x in data:
            start = start + x
        return start

    with pytest.warns(UserWarning, match="total .*plain Python"):
        assert int(total(tf.constant(1, "int64"))) == 7


def test_lines_of_files(tf: Any, tmp_path: Any) -> None:
    for name, text in (("a.txt", "one two\nthree\n"), ("b.txt", "four")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    lines = tf.data.TextLineDataset([str(tmp_path / "a.txt"), str(tmp_path / "b.txt")])
    assert list(lines.as_numpy_iterator()) == ["one two", "three", "four"]
    assert list(lines.map(tf.strings.upper).take(2).as_numpy_iterator()) == ["ONE TWO", "THREE"]


def test_rows_of_text_as_numpy_has_them(tf: Any) -> None:
    assert list(tf.data.Dataset.from_tensor_slices(["a", "b"]).as_numpy_iterator()) == ["a", "b"]
