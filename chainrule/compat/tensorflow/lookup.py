"""`tf.lookup`: tables from keys to values, held in Python; they are looked up outside of Programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import ops
from ...errors import ArgumentError
from ...files import read_bytes
from ...layers.preprocessing.fingerprint import fingerprint64
from ...layers.preprocessing.reading import reads_text
from ...layers.preprocessing.strings import is_text, text_array


class KeyValueTensorInitializer:
    """What a table begins with.

    Args: keys, values: of one length, strings or numbers; key_dtype, value_dtype: default: theirs.
    """

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None
    ) -> None:
        found = _plain(keys), _plain(values)
        if len(found[0]) != len(found[1]):
            raise ArgumentError(f"KeyValueTensorInitializer: {len(found[0])} keys, and {len(found[1])} values.")
        self.pairs = dict(zip(*found, strict=True))
        self.key_dtype, self.value_dtype = _dtype(keys, key_dtype), _dtype(values, value_dtype)


class TextFileIndex:
    """What a column of `TextFileInitializer` is: the number of the line, or the whole line."""

    LINE_NUMBER, WHOLE_LINE = -1, -2


class TextFileInitializer:
    """Keys and values from the lines of a file.

    Args: filename; key_dtype, key_index, value_dtype, value_index: a column's number or one of `TextFileIndex`;
        vocab_size: at most so many lines; delimiter: between columns (default a tab).
    """

    def __init__(
        self, filename: Any, key_dtype: Any, key_index: int, value_dtype: Any, value_index: int,
        vocab_size: int | None = None, delimiter: str = "\t", **kwargs: Any,
    ) -> None:  # fmt: skip
        lines = read_bytes(filename).decode("utf-8").splitlines()[:vocab_size]
        column = {-1: lambda k, line: k, -2: lambda k, line: line}

        def part(index: int, dtype: Any) -> list[Any]:
            take: Callable[[int, str], Any] = column.get(index) or (lambda k, line: line.split(delimiter)[index])
            return [str(take(k, line)) if str(dtype) == "string" else int(take(k, line))
                    for k, line in enumerate(lines)]  # fmt: skip

        self.pairs = dict(zip(part(key_index, key_dtype), part(value_index, value_dtype), strict=True))
        self.key_dtype, self.value_dtype = str(key_dtype), str(value_dtype)


def _plain(values: Any) -> list[Any]:
    return text_array(values).tolist() if is_text(values) else np.asarray(values).tolist()


def _dtype(values: Any, dtype: Any) -> str:
    if dtype is not None:
        return str(dtype)
    return "string" if is_text(values) else str(ops.convert_to_tensor(values).type.dtype)


class StaticHashTable:
    """A table that stays as it is.

    Args: initializer; default_value: what keys give that are not in it.

    >>> table = StaticHashTable(KeyValueTensorInitializer(["a", "b"], [1, 2]), default_value=-1)
    >>> table.lookup(["b", "x"]).tolist(), int(table.size())
    ([2, -1], 2)
    """

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None, **kwargs: Any) -> None:
        self._pairs, self._default = dict(initializer.pairs), default_value
        self.key_dtype, self.value_dtype, self.name = initializer.key_dtype, initializer.value_dtype, name

    @reads_text
    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys."""
        return _found(keys, lambda key: self._pairs.get(key, self._default), self.value_dtype)

    __getitem__ = __call__ = lookup

    def size(self, name: str | None = None) -> Any:
        """How many keys there are."""
        return ops.convert_to_tensor(np.int64(len(self._pairs)))

    def export(self, name: str | None = None) -> tuple[Any, Any]:
        """All keys and all values."""
        return _column(list(self._pairs), self.key_dtype), _column(list(self._pairs.values()), self.value_dtype)


def _column(values: list[Any], dtype: str) -> Any:
    return text_array(values) if dtype == "string" else ops.convert_to_tensor(np.asarray(values, dtype))


def _found(keys: Any, find: Callable[[Any], Any], dtype: str) -> Any:
    array = text_array(keys) if is_text(keys) else np.asarray(keys)
    values = [find(key) for key in array.ravel().tolist()]
    if dtype == "string":
        found = np.empty(array.shape, object)
        found.ravel()[:] = values
        return text_array(found)
    return ops.convert_to_tensor(np.asarray(values, dtype).reshape(array.shape))


class StaticVocabularyTable:
    """Numbers of known keys; others share `num_oov_buckets` further numbers, by FarmHash.

    Args: initializer: None: none is known; num_oov_buckets; the others are accepted.
    """

    def __init__(self, initializer: Any, num_oov_buckets: int, lookup_key_dtype: Any = None, name: Any = None) -> None:
        self._pairs = {} if initializer is None else dict(initializer.pairs)
        self._others, self.name = int(num_oov_buckets), name

    @reads_text
    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The numbers of keys."""
        return _found(keys, self._number, "int64")

    def _number(self, key: Any) -> int:
        if key in self._pairs:
            return int(self._pairs[key])
        return len(self._pairs) + fingerprint64(str(key).encode()) % self._others

    __getitem__ = __call__ = lookup

    def size(self, name: str | None = None) -> Any:
        """How many numbers there are."""
        return ops.convert_to_tensor(np.int64(len(self._pairs) + self._others))


class DenseHashTable(StaticHashTable):
    """A table that grows.

    Args: key_dtype, value_dtype; default_value: what unknown keys give; the others are accepted.
    """

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(KeyValueTensorInitializer([], [], key_dtype, value_dtype), default_value)

    def insert(self, keys: Any, values: Any, name: str | None = None) -> None:
        """Add keys with their values."""
        self._pairs.update(zip(_plain(keys), _plain(values), strict=True))


MutableHashTable = DenseHashTable
__all__ = [
    "DenseHashTable", "KeyValueTensorInitializer", "MutableHashTable", "StaticHashTable", "StaticVocabularyTable",
    "TextFileIndex", "TextFileInitializer",
]  # fmt: skip
