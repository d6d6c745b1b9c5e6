"""`keras.datasets`: sets that lie where Keras keeps them, `~/.keras/datasets`. Nothing is fetched from the network."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np

from .. import config
from ..errors import ArgumentError, DataError, FileError
from ..utils import get_file

Part = tuple[np.ndarray, np.ndarray]
_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def folder() -> Path:
    """Where the files are looked for: `$KERAS_HOME/datasets`, or `~/.keras/datasets`."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def file_of(dataset: str, path: str, origin: str = "") -> Path:
    """A file of a data set. Raises: FileError: it is not there; the message says where to get it."""
    file = folder() / path
    if not file.is_file():
        raise FileError(
            f"keras.datasets.{dataset}.load_data(): there is no file {file}, and chainrule does not download. Get it "
            f"from {_ORIGIN}{origin or Path(path).name} (or copy it from a machine where Keras ran) and put it there."
        )
    return file


def _arrays(dataset: str, path: str, *names: str) -> list[np.ndarray]:
    file = file_of(dataset, path)
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
    file = file_of("fashion_mnist", f"fashion-mnist/{name}")
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


_TORONTO = "https://www.cs.toronto.edu/~kriz/"


def cifar10() -> tuple[Part, Part]:
    """Small pictures in 10 classes: `(x_train, y_train), (x_test, y_test)`, uint8 (n, 32, 32, 3) and uint8 (n, 1).

    Raises: FileError: no such files; DataError: they hold something else.
    """
    home = _cifar("cifar10", "cifar-10-batches-py", "cifar-10-python.tar.gz")
    parts = [_batch(home / f"data_batch_{k}", "labels") for k in range(1, 6)]
    x, y = (np.concatenate(column) for column in zip(*parts, strict=True))
    return (x, y), _batch(home / "test_batch", "labels")


def cifar100(label_mode: str = "fine") -> tuple[Part, Part]:
    """Small pictures in 100 classes ('fine') or 20 groups of them ('coarse'); like `cifar10`.

    Raises: FileError: no such files; DataError: they hold something else; ArgumentError: another `label_mode`.
    """
    if label_mode not in ("fine", "coarse"):
        raise ArgumentError(f"cifar100: expected label_mode 'fine' or 'coarse'; got {label_mode!r}.")
    home = _cifar("cifar100", "cifar-100-python", "cifar-100-python.tar.gz")
    train, test = (_batch(home / name, f"{label_mode}_labels") for name in ("train", "test"))
    return train, test


def _cifar(dataset: str, name: str, archive: str) -> Path:
    """The folder of the batches: where Keras 3 or Keras 2 unpacked it, or where the archive lies and is unpacked."""
    for place in (f"{name}-target_extracted/{name}", f"{name}-target/{name}", name):
        if (folder() / place).is_dir():
            return folder() / place
    for place in (archive, f"{name}.tar.gz", f"{name}-target"):
        if (folder() / place).is_file():
            return Path(get_file(place, extract=True, cache_dir=folder().parent)) / name
    raise FileError(
        f"keras.datasets.{dataset}.load_data(): there is no folder {folder() / name}, and chainrule does not download. "
        f"Get {_TORONTO}{archive} (or copy it from a machine where Keras ran) and put it into {folder()}."
    )


def _batch(path: Path, key: str) -> Part:
    from .arrays_in_pickles import read_pickle

    if not path.is_file():
        raise FileError(f"there is no file {path}; the data set is incomplete.")
    found = read_pickle(path)
    try:
        x = np.asarray(found[b"data"], "uint8").reshape(-1, 3, 32, 32)
        y = np.asarray(found[key.encode()], "uint8").reshape(-1, 1)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} holds no batch of pictures ({error!r}).") from None
    return (x if config.image_data_format() == "channels_first" else x.transpose(0, 2, 3, 1)), y
