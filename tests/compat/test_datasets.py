"""`keras.datasets` reads what lies in `~/.keras/datasets`, fetches nothing and runs nothing."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule.compat import active
from chainrule.errors import ArgumentError, DataError, FileError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


@pytest.fixture
def datasets() -> Iterator[Any]:
    with active():
        from tensorflow.keras import datasets

        yield datasets


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "boston_housing", "california_housing"])
def test_without_a_file_it_says_where_one_belongs(name: str, home: Path, datasets: Any) -> None:
    with pytest.raises(FileError) as caught:
        getattr(datasets, name).load_data()
    message = str(caught.value)
    assert f"keras.datasets.{name}" in message and str(home) in message and "does not download" in message
    assert "https://" in message


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "imdb", "reuters"])
def test_pickles_are_refused(name: str, home: Path, datasets: Any) -> None:
    with pytest.raises(FileError, match="pickle"):
        getattr(datasets, name).load_data(num_words=10)


def test_the_default_place_is_keras_own(monkeypatch: pytest.MonkeyPatch, datasets: Any) -> None:
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", "/somewhere")
    with pytest.raises(FileError, match=r"/somewhere/\.keras/datasets/mnist\.npz"):
        datasets.mnist.load_data()


def test_mnist(home: Path, datasets: Any) -> None:
    images = np.ones((5, 28, 28), "uint8")
    np.savez(home / "mnist.npz", x_train=images[:3], y_train=np.arange(3), x_test=images[3:], y_test=np.arange(2))
    (x_train, y_train), (x_test, y_test) = datasets.mnist.load_data()
    assert (x_train.shape, y_train.tolist(), x_test.shape, y_test.tolist()) == (
        (3, 28, 28),
        [0, 1, 2],
        (2, 28, 28),
        [0, 1],
    )


def test_files_that_hold_something_else(home: Path, datasets: Any) -> None:
    np.savez(home / "mnist.npz", x=np.zeros(3))
    with pytest.raises(DataError, match="x_train"):
        datasets.mnist.load_data()
    np.savez(home / "boston_housing.npz", x=np.array([{}, []], object), y=np.zeros(2))
    with pytest.raises(DataError, match="boston_housing"):
        datasets.boston_housing.load_data()
    (home / "evil.npz").write_bytes(pickle.dumps(print))
    with pytest.raises(DataError):
        datasets.mnist.load_data("evil.npz")


def test_fashion_mnist(home: Path, datasets: Any) -> None:
    (home / "fashion-mnist").mkdir()
    for name, count in (("train", 3), ("t10k", 2)):
        for kind, header, data in (("labels-idx1", 8, bytes(range(count))), ("images-idx3", 16, bytes(784 * count))):
            with gzip.open(home / "fashion-mnist" / f"{name}-{kind}-ubyte.gz", "wb") as file:
                file.write(bytes(header) + data)
    (x_train, y_train), (x_test, y_test) = datasets.fashion_mnist.load_data()
    assert (x_train.shape, y_train.tolist()) == ((3, 28, 28), [0, 1, 2]) and (x_test.shape, len(y_test)) == (
        (2, 28, 28),
        2,
    )
    (home / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz").write_bytes(b"no gzip")
    with pytest.raises(DataError, match="cannot read"):
        datasets.fashion_mnist.load_data()


def test_housing_is_split_as_keras_splits_it(home: Path, datasets: Any) -> None:
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    np.savez(home / "boston_housing.npz", x=x, y=y)
    np.savez(home / "california_housing.npz", x=np.tile(x, (100, 1)), y=np.tile(y, 100))
    (x_train, y_train), (_, y_test) = datasets.boston_housing.load_data()
    order = np.arange(10)
    np.random.RandomState(113).shuffle(order)
    assert y_train.tolist() == order[:8].tolist() and y_test.tolist() == order[8:].tolist()
    np.testing.assert_array_equal(x_train[:, 0], 2 * y_train)
    (_, y_train), (_, y_test) = datasets.california_housing.load_data(version="small", test_split=0.5)
    assert len(y_train) == len(y_test) == 300
    with pytest.raises(ArgumentError, match="test_split"):
        datasets.boston_housing.load_data(test_split=1.0)
    with pytest.raises(ArgumentError, match="version"):
        datasets.california_housing.load_data(version="tiny")
