"""`keras.datasets.imdb` and `reuters`: texts as lists of numbers of words, read from Keras's cache folder."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError
from .arrays_in_pickles import read_npz
from .datasets import Part, file_of

_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def imdb(
    path: str = "imdb.npz", num_words: int | None = None, skip_top: int = 0, maxlen: int | None = None, seed: int = 113,
    start_char: int | None = 1, oov_char: int | None = 2, index_from: int = 3, **kwargs: Any,
) -> tuple[Part, Part]:  # fmt: skip
    """Reviews of films and whether they are good: `(x_train, y_train), (x_test, y_test)`, x lists of numbers of words.

    Args:
        path: the file's name; num_words: only the most frequent words (default None: all); skip_top: without the most
            frequent ones; maxlen: only reviews shorter than this; seed: of the shuffling.
        start_char, oov_char: the numbers of the beginning and of a word left out; None leaves them out.
        index_from: added to the number of each word.
    Raises: FileError: no such file; DataError: it holds something else, or nothing is left.
    """
    _refuse("imdb", kwargs)
    found = _arrays("imdb", path, "x_train", "y_train", "x_test", "y_test")
    shuffled = [_shuffled(found[0], found[1], seed), _shuffled(found[2], found[3], seed)]
    halves = [_short(_begun(x, start_char, index_from), y, maxlen) for x, y in shuffled]
    words = num_words or max(max(text) for x, _ in halves for text in x)
    (x, y), (x_test, y_test) = ((_as_lists(_known(x, skip_top, words, oov_char)), y) for x, y in halves)
    return (x, y), (x_test, y_test)


def reuters(
    path: str = "reuters.npz", num_words: int | None = None, skip_top: int = 0, maxlen: int | None = None,
    test_split: float = 0.2, seed: int = 113, start_char: int | None = 1, oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[Part, Part]:  # fmt: skip
    """News and their topics (46): like `imdb`, the last `test_split` of the shuffled texts for testing."""
    if not 0 <= test_split < 1:
        raise ArgumentError(f"reuters: expected test_split from 0 to below 1; got {test_split!r}.")
    found = _arrays("reuters", path, "x", "y")
    x, y = _shuffled(found[0], found[1], seed)
    texts, labels = _short(_begun(x, start_char, index_from), y, maxlen)
    words = num_words or max(max(text) for text in texts)
    texts = _known(texts, skip_top, words, oov_char)
    at = int(len(texts) * (1 - test_split))
    return (_as_lists(texts[:at]), labels[:at]), (_as_lists(texts[at:]), labels[at:])


def imdb_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word of the reviews, before `index_from` is added."""
    return _words("imdb", path)


def reuters_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The number of each word of the news, before `index_from` is added."""
    return _words("reuters", path)


def reuters_label_names() -> tuple[str, ...]:
    """The names of the topics.

    >>> len(reuters_label_names())
    46
    """
    return tuple(_TOPICS.split())


def _refuse(dataset: str, kwargs: dict[str, Any]) -> None:
    if kwargs and set(kwargs) != {"nb_words"}:
        raise ArgumentError(f"{dataset}: unknown argument {next(iter(kwargs))!r}.")


def _arrays(dataset: str, path: str, *names: str) -> list[np.ndarray]:
    file = file_of(dataset, path)
    found = read_npz(file)
    if not set(names) <= set(found):
        raise DataError(f"{file}: expected the arrays {', '.join(names)}; got {', '.join(sorted(found))}.")
    return [found[name] for name in names]


def _words(dataset: str, path: str) -> dict[str, int]:
    file = file_of(dataset, path)
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise DataError(f"{file} is damaged: {error}.") from None


def _shuffled(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    return x[order], y[order]


def _begun(x: Any, start: int | None, index_from: int) -> list[list[int]]:
    first = [] if start is None else [start]
    return [first + [word + index_from for word in text] for text in x]


def _short(x: list[list[int]], y: np.ndarray, maxlen: int | None) -> tuple[list[list[int]], np.ndarray]:
    if not maxlen:
        return x, y
    kept = [k for k, text in enumerate(x) if len(text) < maxlen]
    if not kept:
        raise DataError(f"no text is shorter than maxlen={maxlen}.")
    return [x[k] for k in kept], np.asarray(y)[kept]


def _known(x: list[list[int]], skip_top: int, words: int, oov: int | None) -> list[list[int]]:
    if oov is None:
        return [[word for word in text if skip_top <= word < words] for text in x]
    return [[word if skip_top <= word < words else oov for word in text] for text in x]


def _as_lists(x: list[list[int]]) -> np.ndarray:
    found = np.empty(len(x), object)
    found[:] = x
    return found
