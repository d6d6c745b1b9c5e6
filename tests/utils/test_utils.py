"""`chainrule.utils`."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import utils
from chainrule.errors import ArgumentError, DTypeError, ShapeError, UnsupportedError


@pytest.mark.parametrize(("classes", "count", "shape"), [
    ([0, 2, 1], None, (3, 3)), ([[0], [1]], None, (2, 2)), ([[0, 1], [1, 0]], 4, (2, 2, 4)), (1, 3, (3,)),
    (np.array([1.0, 0.0]), None, (2, 2)), (np.array([True, False]), None, (2, 2)),
])  # fmt: skip
def test_to_categorical(classes: Any, count: int | None, shape: tuple[int, ...]) -> None:
    rows = utils.to_categorical(classes, count)
    assert rows.shape == shape and rows.dtype == np.float64
    np.testing.assert_array_equal(rows.argmax(-1), np.reshape(classes, shape[:-1]))
    np.testing.assert_array_equal(rows.sum(-1), 1)


def test_to_categorical_of_a_tensor_is_a_tensor() -> None:
    rows = utils.to_categorical(cr.ops.convert_to_tensor([[2], [0]]))
    assert isinstance(rows, cr.Tensor) and rows.tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize(("classes", "error", "said"), [
    ([0, -1], ArgumentError, "-1"), ([0, 5], ArgumentError, "from 0 to 2; got 5"), ([0.5], DTypeError, "whole numbers"),
    (["cat", "dog"], DTypeError, "LabelEncoder"), ([np.nan], DTypeError, "nan"),
])  # fmt: skip
def test_to_categorical_refuses(classes: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        utils.to_categorical(classes, 3)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("axis", [0, -1])
def test_normalize(axis: int, order: int) -> None:
    x = np.array([[3.0, 4.0, 0.0], [1.0, -2.0, 0.0]])
    for rows in (utils.normalize(x, axis, order), utils.normalize(cr.ops.convert_to_tensor(x), axis, order).numpy()):
        lengths = np.linalg.norm(rows, order, axis)
        np.testing.assert_allclose(lengths, np.linalg.norm(x, order, axis) > 0, rtol=1e-6)
    assert utils.normalize([[0.0, 2.0]]).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(("options", "expected"), [
    ({}, [[0, 0, 1], [2, 3, 4]]), ({"padding": "post"}, [[1, 0, 0], [2, 3, 4]]),
    ({"maxlen": 2}, [[0, 1], [3, 4]]), ({"maxlen": 2, "truncating": "post"}, [[0, 1], [2, 3]]),
    ({"maxlen": 4, "value": 9, "padding": "post"}, [[1, 9, 9, 9], [2, 3, 4, 9]]), ({"maxlen": 0}, [[], []]),
])  # fmt: skip
def test_pad_sequences(options: dict[str, Any], expected: list[list[int]]) -> None:
    rows = utils.pad_sequences([[1], [2, 3, 4]], **options)
    assert rows.tolist() == expected and rows.dtype == np.int32


def test_pad_sequences_of_vectors_and_mistakes() -> None:
    assert utils.pad_sequences([np.ones((1, 2)), np.ones((3, 2))], dtype="float32").shape == (2, 3, 2)
    assert utils.pad_sequences([[], [1]]).tolist() == [[0], [1]]
    with pytest.raises(ArgumentError, match="padding"):
        utils.pad_sequences([[1]], padding="front")
    with pytest.raises(ArgumentError, match="item 1 is 5"):
        utils.pad_sequences([[1], 5])
    with pytest.raises(ShapeError, match="sequence 1"):
        utils.pad_sequences([np.ones((1, 2)), np.ones((1, 3))])


def test_set_random_seed_reaches_everything() -> None:
    def draw() -> list[Any]:
        utils.set_random_seed(11)
        layer = cr.layers.Dense(2)
        layer.build((None, 3))
        return [random.random(), np.random.rand(), layer.get_weights()[0].tolist(), cr.random.normal((2,)).tolist()]

    first, second = draw(), draw()
    assert first == second
    utils.set_random_seed(12)
    assert random.random() != first[0]
    for wrong in (-1, 2**32, "1", 1.5, True):
        with pytest.raises(ArgumentError, match="set_random_seed"):
            utils.set_random_seed(wrong)  # type: ignore[arg-type]


def test_clear_session_counts_names_from_the_beginning() -> None:
    utils.clear_session()
    names = [cr.layers.Dense(1).name for _ in range(2)]
    utils.clear_session()
    assert names == ["dense", "dense_1"] and cr.layers.Dense(1).name == "dense"


class Numbers(utils.PyDataset):
    """Four batches; counts what is asked of it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asked: list[int] = []
        self.ended = 0

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        self.asked.append(index)
        x = np.full((2, 1), index, "float32")
        return x, 2 * x

    def on_epoch_end(self) -> None:
        self.ended += 1


def test_a_dataset_of_ones_own_trains_a_model() -> None:
    model = cr.Sequential([cr.Input((1,)), cr.layers.Dense(1)])
    model.compile("sgd", "mse")
    data = Numbers(workers=2, use_multiprocessing=True)
    history = model.fit(data, epochs=3, verbose=0, shuffle=False)
    assert len(history.history["loss"]) == 3 and data.ended == 3 and data.workers == 2
    assert {index: data.asked.count(index) for index in range(4)} == dict.fromkeys(range(4), 3)
    assert model.predict(data, verbose=0).shape == (8, 1) and model.evaluate(data, verbose=0) >= 0
    assert utils.Sequence is utils.PyDataset and [len(x) for x, _ in data] == [2] * 4


def test_a_dataset_without_its_methods_says_so() -> None:
    with pytest.raises(UnsupportedError, match="__len__"):
        len(utils.PyDataset())
    with pytest.raises(UnsupportedError, match="__getitem__"):
        utils.PyDataset()[0]


def test_batches_packed_and_unpacked() -> None:
    assert utils.pack_x_y_sample_weight(1) == 1 and utils.pack_x_y_sample_weight([1]) == ([1],)
    for parts in ((1, 2), (1, 2, 3)):
        assert utils.pack_x_y_sample_weight(*parts) == parts
        assert utils.unpack_x_y_sample_weight(parts) == (*parts, None)[:3]
    assert utils.unpack_x_y_sample_weight(5) == (5, None, None)
    with pytest.raises(ArgumentError, match="4 parts"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))


def test_custom_objects_are_known_everywhere() -> None:
    def halve(x: Any) -> Any:
        return x * 0.5

    utils.get_custom_objects()["halve"] = halve
    try:
        layer = cr.layers.Dense.from_config({"units": 1, "activation": "halve", "kernel_initializer": "ones"})
        assert layer(np.ones((1, 2), "float32")).tolist() == [[1.0]]
        with utils.custom_object_scope({}):
            pass
        assert utils.get_registered_object("halve") is halve
    finally:
        utils.get_custom_objects().pop("halve", None)
    assert utils.get_registered_object("halve") is None
