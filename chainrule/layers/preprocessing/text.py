"""Text as numbers: cleaned, cut into tokens, looked up."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError, UnsupportedError
from ...serialization import builtin, serialize_keras_object
from ..checks import label, one_of, positive_integer
from .host import HostLayer, dtype_for, encoded_on_host
from .lookups import StringLookup
from .strings import Text, batches_of_text, text_array

_PUNCTUATION = str.maketrans("", "", "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'")
_CAPITALS = {ord("A") + k: ord("a") + k for k in range(26)}  # others keep their case, as in Keras
_SPACE = re.compile(r"[ \t\n\r\f\v]+")


def _lowered(s: str) -> str:
    return s.lower() if s.isascii() else s.translate(_CAPITALS)


def _words(s: str) -> list[str]:
    """The parts between ASCII's white space; Python's own `split` knows more kinds of it, none of them printable."""
    return s.split() if s.isascii() and s.isprintable() else [token for token in _SPACE.split(s) if token]


STANDARDIZE: dict[str, Callable[[str], str]] = {
    "lower_and_strip_punctuation": lambda s: _lowered(s).translate(_PUNCTUATION),
    "lower": _lowered,
    "strip_punctuation": lambda s: s.translate(_PUNCTUATION),
}
SPLIT: dict[str, Callable[[str], list[str]]] = {
    "whitespace": _words,
    "character": list,
}


@builtin
class TextVectorization(HostLayer):
    """Texts as rows of integers, or as vectors that say which words are in them.

    Args:
        max_tokens: int, the largest size of the vocabulary, special tokens included (default None: any).
        standardize: 'lower_and_strip_punctuation' (default), 'lower', 'strip_punctuation', None, or a function of an
            array of strings.
        split: 'whitespace' (default), 'character', None (a text is one token), or a function that gives the tokens of
            each string of an array.
        ngrams: int n for runs of 1 to n tokens, or a tuple of lengths (default None: single tokens).
        output_mode: 'int' (default): a row of places, 0 where a text has ended, 1 for unknown tokens; 'multi_hot',
            'count', 'tf_idf': one vector for each text.
        output_sequence_length: int, the length of all rows (default None: that of the longest text).
        pad_to_max_tokens: whether vectors have max_tokens entries whatever the vocabulary (default False).
        vocabulary: tokens, or a text file with one a line (default None: `adapt` finds them).
        idf_weights: for 'tf_idf', a weight for each token of the vocabulary.
        sparse: must be False; ragged: rows as long as their texts, a `tf.RaggedTensor`, in scripts that import
            tensorflow (default False: rows are padded); encoding: of bytes (default 'utf-8').

    Inputs: a string, or strings (batch,) or (batch, 1), in lists and arrays. Shapes: (batch, length), int64; vectors:
        (batch, size of the vocabulary).
    Raises: ArgumentError; NotBuiltError: there is no vocabulary yet.

    Example:
    >>> layer = TextVectorization()
    >>> layer.adapt(["The cat sat.", "the dog"])
    >>> layer.get_vocabulary()
    ['', '[UNK]', 'the', 'sat', 'dog', 'cat']
    >>> layer(["The dog!", "A cat sat"]).tolist()
    [[2, 4, 0], [1, 5, 3]]
    """

    def __init__(
        self, max_tokens: int | None = None, standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace", ngrams: Any = None, output_mode: str = "int",
        output_sequence_length: int | None = None, pad_to_max_tokens: bool = False, vocabulary: Any = None,
        idf_weights: Any = None, sparse: bool = False, ragged: bool = False, encoding: str = "utf-8",
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        kwargs.pop("vocabulary_size", None)
        super().__init__(name=name, **kwargs)
        if sparse or (ragged and not hasattr(sys.modules.get("tensorflow"), "RaggedTensor")):
            raise UnsupportedError(
                f"{label(self)}: sparse tensors are not available, and ragged ones only in scripts that import "
                "tensorflow; without them rows are padded."
            )
        self.standardize = _known(self, "standardize", standardize, STANDARDIZE)
        self.split = _known(self, "split", split, SPLIT)
        self.ngrams = tuple(ngrams) if isinstance(ngrams, (list, tuple)) else ngrams
        self._lengths = _lengths(self, ngrams)
        mode = "multi_hot" if output_mode == "binary" else str(output_mode).replace("-", "_")
        self.output_mode = one_of(self, "output_mode", mode, ("int", "multi_hot", "count", "tf_idf"))
        if output_sequence_length is not None and self.output_mode != "int":
            raise ArgumentError(f"{label(self)}: expected output_mode='int' with output_sequence_length.")
        given = output_sequence_length
        self.output_sequence_length = None if given is None else positive_integer(self, "output_sequence_length", given)
        self.sparse, self.ragged = False, bool(ragged)
        if ragged and self.output_mode != "int":
            raise ArgumentError(f"{label(self)}: expected output_mode='int' with ragged=True; got {output_mode!r}.")
        self.encoding = encoding
        self._lookup = StringLookup(
            max_tokens, vocabulary=vocabulary, idf_weights=idf_weights, mask_token="", output_mode=self.output_mode,
            pad_to_max_tokens=pad_to_max_tokens, encoding=encoding,
        )  # fmt: skip
        self._untracked = self._untracked | {"_lookup"}  # type: ignore[misc]  # a tool, not a layer of the model

    # the vocabulary

    @property
    def max_tokens(self) -> int | None:
        """The largest size of the vocabulary."""
        return self._lookup.max_tokens

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The tokens, in the order of their places; see `StringLookup`."""
        return self._lookup.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """The number of tokens, special ones included."""
        return self._lookup.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take tokens as the vocabulary; see `StringLookup`."""
        self._lookup.set_vocabulary(vocabulary, idf_weights)

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Find the vocabulary of texts: the most frequent tokens first.

        Args: data: strings in a list or array, or an iterable of batches of them; batch_size: accepted; steps: how many
            batches are taken (default None: all).
        """
        self.reset_state()
        for batch in batches_of_text(data, steps, self.encoding):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the tokens of one more batch."""
        self._lookup.count(self.tokens(text_array(data, self.encoding)))

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        self._lookup.finalize_state()

    def reset_state(self) -> None:
        """Forget what `adapt` has counted."""
        self._lookup.reset_state()

    # calling

    def tokens(self, text: Text) -> list[list[str]]:
        """The tokens of each text."""
        if text.ndim > 2 or (text.ndim == 2 and text.shape[1] != 1 and self.split is not None):
            raise ShapeError(f"expected strings of shape (batch,) or (batch, 1); got {text.shape}.")
        lines = _standardized(text, self.standardize)
        found = _split(lines, self.split)
        return [_runs(row, self._lengths) for row in found] if self._lengths else found

    def on_host(self, inputs: Any) -> Any:
        """The rows of places, or the vectors."""
        self._lookup._ready()
        text = text_array(inputs, self.encoding)
        rows = self.tokens(text)
        flat = self._lookup.places([token for row in rows for token in row])
        if self.ragged:
            return self._ragged(flat, [len(row) for row in rows])
        if self.output_mode == "int":
            found = self._padded(flat, [len(row) for row in rows])
            if self.split is None and self.output_sequence_length is None:
                return found.reshape(text.shape).astype(self.output_dtype)
        else:
            found = self._vectors(flat, [len(row) for row in rows])
        return (found[0] if text.ndim == 0 else found).astype(self.output_dtype)

    def _ragged(self, flat: np.ndarray, lengths: Sequence[int]) -> Any:
        most = self.output_sequence_length or max(lengths, default=0)
        ends = np.cumsum(lengths)
        kept = [part[:most] for part in np.split(flat, ends[:-1])] if lengths else [flat]
        values = np.concatenate(kept).astype(self.output_dtype)
        return sys.modules["tensorflow"].RaggedTensor.from_row_lengths(values, [len(part) for part in kept])

    def _padded(self, flat: np.ndarray, lengths: Sequence[int]) -> np.ndarray:
        longest = self.output_sequence_length or max(lengths, default=0)
        found = np.zeros((len(lengths), longest), np.int64)
        at = 0
        for row, length in zip(found, lengths, strict=True):
            row[: min(length, longest)] = flat[at : at + min(length, longest)]
            at += length
        return found

    def _vectors(self, flat: np.ndarray, lengths: Sequence[int]) -> np.ndarray:
        longest = max(lengths, default=0)
        rows = np.full((len(lengths), max(longest, 1)), -1, np.int64)
        rows[np.arange(rows.shape[1]) < np.array(lengths, int)[:, None]] = flat
        size, weights = self._lookup._size(), self._lookup._all_weights
        return encoded_on_host(rows, size, self.output_mode, self.output_dtype, weights)

    @property
    def output_dtype(self) -> str:
        """The dtype of the result."""
        return dtype_for(self.dtype, self.output_mode)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the result."""
        if self.output_mode != "int":
            return (*tuple(input_shape)[:1], self._lookup._size())
        if self.split is None and self.output_sequence_length is None:
            return tuple(input_shape)
        return (*tuple(input_shape)[:1], self.output_sequence_length)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; the vocabulary is among them, also if `adapt` found it."""
        lookup = self._lookup.get_config()
        shared = ("max_tokens", "pad_to_max_tokens", "vocabulary", "idf_weights")
        own = ("standardize", "split", "ngrams", "output_mode", "output_sequence_length", "sparse", "ragged",
               "encoding")  # fmt: skip
        return {
            **self._base_config(), **{key: lookup[key] for key in shared}, "vocabulary_size": self.vocabulary_size(),
            **{key: serialize_keras_object(getattr(self, key)) for key in own},
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer like the one that `config` came from."""
        from ...serialization import deserialize_keras_object

        functions = {key: deserialize_keras_object(config[key]) for key in ("standardize", "split")
                     if isinstance(config.get(key), dict)}  # fmt: skip
        return cls(**{**config, **functions})


def _known(layer: TextVectorization, name: str, value: Any, table: dict[str, Any]) -> Any:
    if value is None or callable(value) or isinstance(value, dict):
        return value
    if value not in table:
        raise ArgumentError(
            f"{label(layer)}: expected {name} to be one of {', '.join(table)}, None or a function; got {value!r}."
        )
    return value


def _lengths(layer: TextVectorization, ngrams: Any) -> list[int]:
    """The lengths of runs of tokens; none where single tokens are meant."""
    if ngrams is None:
        return []
    found = list(ngrams) if isinstance(ngrams, (list, tuple)) else list(range(1, int(ngrams) + 1))
    if not found or any(not isinstance(n, int) or n < 1 for n in found):
        raise ArgumentError(f"{label(layer)}: expected ngrams to be a positive integer or several; got {ngrams!r}.")
    return found


def _standardized(text: Text, rule: Any) -> Text:
    """One string for each text."""
    flat = text.ravel().view(Text)
    if rule is None:
        return flat
    if callable(rule):
        return text_array(rule(flat)).ravel().view(Text)
    found = np.empty(len(flat), object)
    found[:] = [STANDARDIZE[rule](s) for s in flat]
    return found.view(Text)


def _split(lines: Text, rule: Any) -> list[list[str]]:
    if rule is None:
        return [[s] for s in lines]
    if not callable(rule):
        return [SPLIT[rule](s) for s in lines]
    rows: Iterable[Any] = rule(lines)
    return [[t.decode() if isinstance(t, bytes) else str(t) for t in row] for row in rows]


def _runs(tokens: list[str], lengths: Sequence[int]) -> list[str]:
    """Runs of tokens joined by spaces, the lengths one after the other."""
    return [" ".join(tokens[k : k + n]) for n in lengths for k in range(len(tokens) - n + 1)]
