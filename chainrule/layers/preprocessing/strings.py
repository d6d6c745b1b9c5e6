"""Text as NumPy has it: what counts as text, and arrays of it. Tensors hold numbers only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ...errors import DataError


class Word(str):
    """A string that also answers to `numpy()`, with bytes: what is at one place of a `Text`."""

    __slots__ = ()

    def numpy(self) -> bytes:
        """The string as bytes in UTF-8."""
        return self.encode("utf-8", "surrogateescape")


class Text(np.ndarray):
    """An array of strings that also answers to `numpy()`, with bytes, as TensorFlow's tensors of strings do.

    >>> text_array(["a", b"b"]), text_array(["a"]).numpy(), text_array(["a"])[0].numpy()
    (Text(['a', 'b'], dtype=object), array([b'a'], dtype=object), b'a')
    """

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return Word(found) if type(found) is str else found

    def numpy(self) -> Any:
        """The strings as bytes in UTF-8."""
        found = np.empty(self.shape, object)
        found.ravel()[:] = [s.encode("utf-8", "surrogateescape") for s in self.ravel().tolist()]
        return found if found.ndim else found[()]


def is_text(value: Any) -> bool:
    """Whether a value is a string, bytes, an array of them, or a nested list whose first element is one.

    >>> is_text("a"), is_text([["a"]]), is_text(np.array([1])), is_text([])
    (True, True, False, False)
    """
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    if isinstance(value, (str, bytes)):
        return True
    array = value.to_numpy() if hasattr(value, "to_numpy") and not isinstance(value, np.ndarray) else value
    if not isinstance(array, (np.ndarray, np.generic)):
        return False
    if array.dtype.kind == "O":
        return array.size > 0 and isinstance(array.flat[0], (str, bytes))
    return array.dtype.kind in "SU"


def text_array(value: Any, encoding: str = "utf-8") -> Text:
    """An array of str from strings, bytes, arrays and nested lists of them.

    Raises: DataError: something in it is no text.
    """
    if isinstance(value, (list, tuple)) and any(isinstance(item, (np.ndarray, list, tuple)) for item in value):
        rows = [text_array(item, encoding) for item in value]
        if len({row.shape for row in rows}) > 1:
            raise DataError("expected rows of equal length; got lists of strings of different lengths.")
        return np.stack(rows).view(Text)
    array = np.asarray(value.to_numpy() if hasattr(value, "to_numpy") else value, dtype=object)
    found = np.empty(array.shape, object)
    for place, item in enumerate(array.ravel()):
        found.ravel()[place] = item.decode(encoding, "surrogateescape") if isinstance(item, bytes) else item
    wrong = next((item for item in found.ravel() if not isinstance(item, str)), None)
    if wrong is not None:
        raise DataError(f"expected text; got {wrong!r} ({type(wrong).__name__}).")
    return found.view(Text)


def batches_of_text(data: Any, steps: int | None = None, encoding: str = "utf-8") -> Iterator[Text]:
    """Arrays of strings, from one array or list or from an iterable of strings or batches of them."""
    if is_text(data):
        yield text_array(data, encoding)
        return
    if not isinstance(data, Iterable):
        raise DataError(f"adapt: expected strings or an iterable of them; got {type(data).__name__}.")
    for count, batch in enumerate(data):
        if steps is not None and count >= steps:
            return
        if isinstance(batch, tuple) and not all(isinstance(item, (str, bytes)) for item in batch):
            raise DataError("adapt: expected batches of strings; got tuples. Keep the text: ds.map(lambda x, y: x).")
        yield text_array(batch.numpy() if hasattr(batch, "numpy") else batch, encoding)
