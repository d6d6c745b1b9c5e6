"""`keras.preprocessing.text` and `.sequence`: what older tutorials prepare words and series with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..utils import PyDataset
from ..variables import SeedGenerator
from .tensorflow.data_batches import numbers_of

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(input_text: str, filters: str = _FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text, without the characters of `filters`.

    >>> text_to_word_sequence("Good, bad.")
    ['good', 'bad']
    """
    text = input_text.lower() if lower else input_text
    text = text.translate({ord(c): split for c in filters})
    return [word for word in text.split(split) if word]


class Tokenizer:
    """Numbers for words: 1 for the most frequent one, and so on; 0 is for nothing.

    Args: num_words: only words with numbers below it are kept (default None: all); filters: characters left out;
        lower: small letters (default True); split: what lies between words; char_level: characters instead of words;
        oov_token: a word, numbered 1, in place of unknown ones (default None: they are left out).

    >>> words = Tokenizer()
    >>> words.fit_on_texts(["a b a", "b a c"])
    >>> words.word_index, words.texts_to_sequences(["c a"])
    ({'a': 1, 'b': 2, 'c': 3}, [[3, 1]])
    """

    def __init__(
        self, num_words: int | None = None, filters: str = _FILTERS, lower: bool = True, split: str = " ",
        char_level: bool = False, oov_token: str | None = None, analyzer: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: dict[str, int] = {}
        self.word_docs: Counter[str] = Counter()
        self.document_count = 0
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> list[str]:
        if isinstance(text, (list, tuple)) or self.char_level:
            return [str(w).lower() if self.lower else str(w) for w in text]
        if self.analyzer is not None:
            return list(self.analyzer(text))
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count words, and give them numbers."""
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            self.word_docs.update(set(words))
        order = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        order = order if self.oov_token is None else [self.oov_token, *order]
        self.word_index = {word: k + 1 for k, word in enumerate(order)}
        self.index_word = {k: word for word, k in self.word_index.items()}

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """The numbers of the words of texts."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """The numbers of the words of one text after the other."""
        unknown = None if self.oov_token is None else self.word_index.get(self.oov_token)
        for text in texts:
            numbers = [self.word_index.get(word) for word in self._words(text)]
            limit = self.num_words or len(self.word_index) + 1
            kept = [unknown if k is None or k >= limit else k for k in numbers]
            yield [k for k in kept if k is not None]

    def sequences_to_texts(self, sequences: Iterable[Any]) -> list[str]:
        """The words of numbers, with spaces between."""
        unknown = self.oov_token
        found = [[self.index_word.get(int(k), unknown) for k in row] for row in sequences]
        return [" ".join(word for word in row if word is not None) for row in found]

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """(texts, words): mode 'binary', 'count', 'freq' or 'tfidf'."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> np.ndarray:
        """(texts, words) of the numbers of texts."""
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ArgumentError(f"expected mode 'binary', 'count', 'freq' or 'tfidf'; got {mode!r}.")
        width = self.num_words or len(self.word_index) + 1
        found = np.zeros((len(sequences), width))
        for k, row in enumerate(sequences):
            for word, count in Counter(row).items():
                docs = self.word_docs[self.index_word[word]]
                weight = (1 + np.log(count)) * np.log(1 + self.document_count / (1 + docs))
                found[k, word] = {"binary": 1, "count": count, "freq": count / len(row), "tfidf": weight}[mode]
        return found

    def get_config(self) -> dict[str, Any]:
        """Everything, as plain data."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        return {**{n: getattr(self, n) for n in names}, "word_counts": json.dumps(self.word_counts),
                "word_docs": json.dumps(self.word_docs), "word_index": json.dumps(self.word_index)}  # fmt: skip

    def to_json(self, **kwargs: Any) -> str:
        """Everything, as JSON for `tokenizer_from_json`."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **kwargs)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The Tokenizer of a text that `to_json` made, or Keras 2's."""
    config = json.loads(json_string)["config"]
    names = ("num_words", "filters", "lower", "split", "char_level", "oov_token")
    made = Tokenizer(**{n: config[n] for n in names})
    made.document_count = config["document_count"]
    made.word_counts = json.loads(config["word_counts"])
    made.word_docs = Counter(json.loads(config["word_docs"]))
    made.word_index = json.loads(config["word_index"])
    made.index_word = {k: word for word, k in made.word_index.items()}
    return made


def one_hot(input_text: str, n: int, filters: str = _FILTERS, lower: bool = True, split: str = " ") -> list[int]:
    """A number from 1 to n - 1 for each word, by its hash; not one-hot, in spite of the name."""
    return hashing_trick(input_text, n, "md5", filters, lower, split)


def hashing_trick(
    text: str, n: int, hash_function: Any = None, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[int]:
    """A number from 1 to n - 1 for each word, by its hash (MD5, or a function)."""
    import hashlib

    find = hash_function if callable(hash_function) else lambda w: int(hashlib.md5(w.encode()).hexdigest(), 16)
    return [find(word) % (n - 1) + 1 for word in text_to_word_sequence(text, filters, lower, split)]


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """The probability with which the i-th most frequent word is kept, by Zipf's law."""
    rank = np.arange(size, dtype=float)
    rank[0] = 1
    share = 1.0 / (rank * (np.log(rank) + 0.577) + 0.5 - 1.0 / (12.0 * rank)) * sampling_factor
    return np.minimum(1.0, np.sqrt(share))


def skipgrams(
    sequence: Any, vocabulary_size: int, window_size: int = 4, negative_samples: float = 1.0, shuffle: bool = True,
    categorical: bool = False, sampling_table: Any = None, seed: Any = None,
) -> tuple[list[list[int]], list[Any]]:  # fmt: skip
    """Pairs of words near one another (label 1), and of words by chance (label 0).

    Args: sequence: numbers, 0 is no word; vocabulary_size; window_size: how far apart at most; negative_samples: how
        many pairs by chance for each other one; sampling_table: the probability with which each word is kept.
    """
    random = numbers_of(SeedGenerator(None if seed is None else int(seed), name="skipgrams"))
    pairs: list[list[int]] = []
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        near = range(max(0, i - window_size), min(len(sequence), i + window_size + 1))
        pairs += [[int(word), int(sequence[j])] for j in near if j != i and sequence[j]]
    count = int(len(pairs) * negative_samples)
    words = [pair[0] for pair in pairs]
    random.shuffle(words)
    others = [[words[k % len(words)], int(random.integers(1, vocabulary_size - 1))] for k in range(count)]
    labels: list[Any] = [[0, 1] if categorical else 1] * len(pairs) + [[1, 0] if categorical else 0] * len(others)
    couples = pairs + others
    order = random.permutation(len(couples)) if shuffle else np.arange(len(couples))
    return [couples[k] for k in order], [labels[k] for k in order]


class TimeseriesGenerator(PyDataset):
    """Batches of stretches of a series, each with the target that follows it.

    Args: data: (time, ...); targets: one for each time; length: of a stretch; sampling_rate, stride: between steps and
        stretches; start_index, end_index: of the part that is used; shuffle, reverse, batch_size.

    >>> x, y = TimeseriesGenerator(np.arange(5), np.arange(5), length=2, batch_size=2)[0]
    >>> x.tolist(), y.tolist()
    ([[0, 1], [1, 2]], [2, 3])
    """

    def __init__(
        self, data: Any, targets: Any, length: int, sampling_rate: int = 1, stride: int = 1, start_index: int = 0,
        end_index: int | None = None, shuffle: bool = False, reverse: bool = False, batch_size: int = 128,
    ) -> None:  # fmt: skip
        super().__init__()
        self.data, self.targets = np.asarray(data), np.asarray(targets)
        if len(self.data) != len(self.targets):
            raise ArgumentError(f"TimeseriesGenerator: {len(self.data)} steps, and {len(self.targets)} targets.")
        last = len(self.data) - 1 if end_index is None else end_index
        self.length, self.rate, self.reverse, self.batch_size = length, sampling_rate, reverse, batch_size
        self.rows = np.arange(start_index + length, last + 1, stride)
        if not len(self.rows):
            raise ArgumentError(f"TimeseriesGenerator: no stretch of length {length} fits.")
        if shuffle:
            self.rows = numbers_of(SeedGenerator(None, name="timeseries")).permutation(self.rows)

    def __len__(self) -> int:
        return (len(self.rows) + self.batch_size - 1) // self.batch_size

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.rows[index * self.batch_size : (index + 1) * self.batch_size]
        x = np.stack([self.data[row - self.length : row : self.rate] for row in rows])
        return (x[:, ::-1] if self.reverse else x), self.targets[rows]


__all__ = [
    "TimeseriesGenerator", "Tokenizer", "hashing_trick", "make_sampling_table", "one_hot", "skipgrams",
    "text_to_word_sequence", "tokenizer_from_json",
]  # fmt: skip
