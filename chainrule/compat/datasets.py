"""`keras.datasets`: sets that lie where Keras keeps them, `~/.keras/datasets`. Nothing is fetched from the network."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, FileError

Part = tuple[np.ndarray, np.ndarray]
_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def folder() -> Path:
    """Where the files are looked for: `$KERAS_HOME/datasets`, or `~/.keras/datasets`."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def _file(dataset: str, path: str, origin: str = "") -> Path:
    file = folder() / path
    if not file.is_file():
        raise FileError(
            f"keras.datasets.{dataset}.load_data(): there is no file {file}, and chainrule does not download. Get it "
            f"from {_ORIGIN}{origin or Path(path).name} (or copy it from a machine where Keras ran) and put it there."
        )
    return file


def _arrays(dataset: str, path: str, *names: str) -> list[np.ndarray]:
    file = _file(dataset, path)
    try:
        with np.load(file, allow_pickle=False) as archive:
            return [archive[name] for name in names]
    except (OSError, KeyError, ValueError) as error:
        raise DataError(
            f"keras.datasets.{dataset}.load_data(): expected {file} to be an .npz archive with the arrays "
            f"{', '.join(names)}; reading it failed: {error}."
        ) from None


def _halves(x: np.ndarray, y: np.ndarray, test_split: float, seed: int) -> tuple[Part, Part]:
    """Shuffled as Keras does (the same rows in the same halves), the last `test_split` of them for testing."""
    if not 0 <= test_split < 1:
        raise ArgumentError(f"load_data: expected test_split from 0 to below 1; got {test_split!r}.")
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y = x[order], y[order]
    at = int(len(x) * (1 - test_split))
    return (x[:at], y[:at]), (x[at:], y[at:])


def mnist(path: str = "mnist.npz") -> tuple[Part, Part]:
    """Handwritten digits: `(x_train, y_train), (x_test, y_test)`, images uint8 (n, 28, 28), classes uint8 (n,).

    Args: path: the file's name (default 'mnist.npz').

    Raises: FileError: no such file; DataError: it holds something else.
    """
    x_train, y_train, x_test, y_test = _arrays("mnist", path, "x_train", "y_train", "x_test", "y_test")
    return (x_train, y_train), (x_test, y_test)


def fashion_mnist() -> tuple[Part, Part]:
    """Pictures of clothes: `(x_train, y_train), (x_test, y_test)`, images uint8 (n, 28, 28), classes uint8 (n,).

    Raises: FileError: a file of the four is missing.
    """
    parts = []
    for name in ("train", "t10k"):
        labels = _bytes(f"{name}-labels-idx1-ubyte.gz", header=8)
        images = _bytes(f"{name}-images-idx3-ubyte.gz", header=16)
        parts.append((images.reshape(len(labels), 28, 28), labels))
    return parts[0], parts[1]


def _bytes(name: str, header: int) -> np.ndarray:
    file = _file("fashion_mnist", f"fashion-mnist/{name}")
    try:
        with gzip.open(file, "rb") as stream:
            return np.frombuffer(stream.read(), np.uint8, offset=header)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"keras.datasets.fashion_mnist.load_data(): cannot read {file}: {error}.") from None


def boston_housing(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> tuple[Part, Part]:
    """Prices of houses in Boston: 13 features, 506 rows.

    Args: path: the file's name; test_split: share of rows for testing (default 0.2); seed: of the shuffling.

    Raises: FileError: no such file; DataError: it holds something else; ArgumentError: a wrong `test_split`.
    """
    x, y = _arrays("boston_housing", path, "x", "y")
    return _halves(x, y, test_split, seed)


def california_housing(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Part, Part]:
    """Prices of houses in California: 8 features.

    Args: version: 'large' (20,640 rows) or 'small' (600); path, test_split, seed: as for `boston_housing`.

    Raises: FileError: no such file; DataError: it holds something else; ArgumentError: a wrong argument.
    """
    if version not in ("large", "small"):
        raise ArgumentError(f"california_housing: expected version 'large' or 'small'; got {version!r}.")
    x, y = _arrays("california_housing", path, "x", "y")
    rows = slice(None) if version == "large" else slice(600)
    return _halves(x[rows], y[rows], test_split, seed)


def _refused(dataset: str) -> Any:
    def load_data(*args: Any, **kwargs: Any) -> Any:
        raise FileError(
            f"keras.datasets.{dataset}.load_data(): Keras keeps this set in pickle files, and reading a pickle can run "
            "any code: chainrule does not. Convert it to arrays once (np.savez) and load those with np.load."
        )

    load_data.__doc__ = f"Always an error: {dataset} is kept in pickle files."
    return load_data


cifar10, cifar100, imdb, reuters = (_refused(name) for name in ("cifar10", "cifar100", "imdb", "reuters"))
