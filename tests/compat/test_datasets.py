"""`keras.datasets` reads what lies in `~/.keras/datasets`, fetches nothing and runs nothing."""

from __future__ import annotations

import gzip
import pickle
import tarfile
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


@pytest.mark.parametrize(
    "name", ["mnist", "fashion_mnist", "boston_housing", "california_housing", "cifar10", "cifar100", "imdb", "reuters"]
)
def test_without_a_file_it_says_where_one_belongs(name: str, home: Path, datasets: Any) -> None:
    with pytest.raises(FileError) as caught:
        getattr(datasets, name).load_data()
    message = str(caught.value)
    assert f"keras.datasets.{name}" in message and str(home) in message and "does not download" in message
    assert "https://" in message


def test_what_is_no_array_in_a_pickle_is_refused(home: Path, datasets: Any) -> None:
    evil = np.empty(1, object)
    evil[0] = print
    np.savez(home / "imdb.npz", x_train=evil, y_train=[0], x_test=evil, y_test=[0])
    with pytest.raises(DataError, match="which is never called"):
        datasets.imdb.load_data()
    (home / "cifar-10-batches-py").mkdir()
    for name in (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"):
        (home / "cifar-10-batches-py" / name).write_bytes(pickle.dumps({b"data": print}))
    with pytest.raises(DataError, match=r"builtins\.print"):
        datasets.cifar10.load_data()


def lists(*rows: list[int]) -> np.ndarray:
    found = np.empty(len(rows), object)
    found[:] = rows
    return found


def test_imdb(home: Path, datasets: Any) -> None:
    train, test = lists([5, 1], [2, 9, 3], [7], [1, 1, 1, 1]), lists([4], [8, 2])
    np.savez(home / "imdb.npz", x_train=train, y_train=[0, 1, 2, 3], x_test=test, y_test=[4, 5])
    (x, y), (x_test, y_test) = datasets.imdb.load_data(num_words=9, maxlen=5)
    order = np.arange(4)
    np.random.RandomState(113).shuffle(order)
    wanted = [[1, *(w + 3 if w + 3 < 9 else 2 for w in train[k])] for k in order if len(train[k]) + 1 < 5]
    assert x.tolist() == wanted and y.tolist() == [k for k in order if k != 3]
    assert sorted(y_test.tolist()) == [4, 5] and sorted(len(t) for t in x_test) == [2, 3]
    (x, _), _ = datasets.imdb.load_data(start_char=None, oov_char=None, index_from=0, skip_top=2)
    assert sorted(map(sorted, x.tolist())) == [[], [2, 3], [5], [7]]  # without the last word, as in Keras
    (home / "imdb_word_index.json").write_text('{"film": 1}', encoding="utf-8")
    assert datasets.imdb.get_word_index() == {"film": 1}
    with pytest.raises(DataError, match="maxlen=1"):
        datasets.imdb.load_data(maxlen=1)


def test_reuters(home: Path, datasets: Any) -> None:
    np.savez(home / "reuters.npz", x=lists(*([k] for k in range(10))), y=np.arange(10))
    (x, y), (x_test, y_test) = datasets.reuters.load_data(test_split=0.3)
    assert (len(x), len(x_test)) == (7, 3) and sorted([*y, *y_test]) == list(range(10))
    assert [t[-1] - 3 for t in x if t[-1] != 2] == [k for k in y if k + 3 < 12]  # the highest number is left out
    assert datasets.reuters.get_label_names()[3] == "earn"


@pytest.mark.parametrize(
    "place", ["cifar-10-batches-py", "cifar-10-batches-py-target_extracted/cifar-10-batches-py", "tar"]
)
def test_cifar10(place: str, home: Path, datasets: Any, tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-py" if place == "tar" else home / place
    folder.mkdir(parents=True)
    for k, name in enumerate((*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")):
        data = np.full((2, 3072), k, "uint8")
        data[:, 1] = 99
        (folder / name).write_bytes(pickle.dumps({b"data": data, b"labels": [k, k + 1]}, 2))
    if place == "tar":
        with tarfile.open(home / "cifar-10-python.tar.gz", "w:gz") as archive:
            archive.add(folder, "cifar-10-batches-py")
    (x, y), (x_test, y_test) = datasets.cifar10.load_data()
    assert (x.shape, x.dtype, y.shape) == ((10, 32, 32, 3), np.uint8, (10, 1))
    assert x[:, 0, 0, 2].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4] and x[0, 0, 1].tolist() == [99, 0, 0]
    assert x_test[0, 0, 0, 0] == 5 and y_test.ravel().tolist() == [5, 6] and y.ravel().tolist()[:2] == [0, 1]


def test_cifar100(home: Path, datasets: Any) -> None:
    folder = home / "cifar-100-python"
    folder.mkdir()
    for name in ("train", "test"):
        batch = {b"data": np.zeros((1, 3072), "uint8"), b"fine_labels": [77], b"coarse_labels": [7]}
        (folder / name).write_bytes(pickle.dumps(batch, 2))
    assert datasets.cifar100.load_data()[0][1].tolist() == [[77]]
    assert datasets.cifar100.load_data(label_mode="coarse")[1][1].tolist() == [[7]]
    with pytest.raises(ArgumentError, match="label_mode"):
        datasets.cifar100.load_data("middle")


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
