"""`tf.strings`: functions of arrays of strings, computed in NumPy. Rows of different lengths are ragged tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ...ir import Tensor
from ...layers.preprocessing.fingerprint import fingerprint64, siphash
from ...layers.preprocessing.reading import reads_text
from ...layers.preprocessing.strings import Text, is_text, text_array
from .ragged import RaggedTensor
from .ragged import constant as rows

_CAPITALS = {ord("A") + k: ord("a") + k for k in range(26)}
_SMALL = {small: capital for capital, small in _CAPITALS.items()}


def _each(function: Callable[[str], Any], value: Any) -> Any:
    if isinstance(value, RaggedTensor):
        return value.with_values(_each(function, value.flat_values))
    text = text_array(value)
    found = np.empty(text.shape, object)
    found.ravel()[:] = [function(s) for s in text.ravel().tolist()]
    return found.view(Text)


def _numbers(function: Callable[[str], Any], value: Any, dtype: str) -> Any:
    if isinstance(value, RaggedTensor):
        return value.with_values(_numbers(function, value.flat_values, dtype))
    text = text_array(value)
    return Tensor(np.array([function(s) for s in text.ravel().tolist()], dtype).reshape(text.shape))


@reads_text
def lower(input: Any, encoding: str = "", name: str | None = None) -> Text:
    """Small letters; of the Latin ones without accents only, unless encoding is 'utf-8'.

    >>> lower("AB"), lower(["Ä"], encoding="utf-8").tolist()
    (Text('ab', dtype=object), ['ä'])
    """
    return _each(str.lower if encoding == "utf-8" else lambda s: s.translate(_CAPITALS), input)


@reads_text
def upper(input: Any, encoding: str = "", name: str | None = None) -> Text:
    """Capital letters, as for `lower`."""
    return _each(str.upper if encoding == "utf-8" else lambda s: s.translate(_SMALL), input)


@reads_text
def strip(input: Any, name: str | None = None) -> Text:
    """Without white space at both ends."""
    return _each(str.strip, input)


@reads_text
def regex_replace(input: Any, pattern: str, rewrite: str, replace_global: bool = True, name: str | None = None) -> Text:
    r"""Every match of a pattern replaced, or the first; \1 stands for the first group.

    >>> regex_replace(["a<br />b"], "<br />", " ").tolist()
    ['a b']
    """
    compiled = re.compile(pattern)
    return _each(lambda s: compiled.sub(rewrite.replace(r"\0", r"\g<0>"), s, 0 if replace_global else 1), input)


@reads_text
def regex_full_match(input: Any, pattern: str, name: str | None = None) -> Tensor:
    """Whether the whole of each string matches."""
    return _numbers(lambda s: re.fullmatch(pattern, s) is not None, input, "bool")


@reads_text
def split(input: Any, sep: str | None = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The parts of each string, at white space or a separator: an array for one string, a ragged tensor for several.

    >>> split("a b").tolist(), split(["a b", "c"]).to_list()
    (['a', 'b'], [['a', 'b'], ['c']])
    """
    text = text_array(input)
    parts = [s.split(sep or None, maxsplit) for s in text.ravel().tolist()]
    return text_array(parts[0]) if not text.ndim else rows(parts, "string")


@reads_text
def unicode_split(input: Any, input_encoding: str = "UTF-8", errors: str = "replace", **kwargs: Any) -> Any:
    """The characters of each string: an array for one string, a ragged tensor for several.

    >>> unicode_split("ab").tolist()
    ['a', 'b']
    """
    text = text_array(input)
    return text_array(list(text.item())) if not text.ndim else rows([list(s) for s in text.ravel().tolist()], "string")


bytes_split = unicode_split


@reads_text
def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """The number of bytes, or of characters with unit='UTF8_CHAR'."""
    return _numbers(lambda s: len(s if unit == "UTF8_CHAR" else s.encode()), input, "int32")


@reads_text
def substr(input: Any, pos: int, len: int, unit: str = "BYTE", name: str | None = None) -> Text:
    """`len` characters of each string from place `pos` on."""
    return _each(lambda s: s[pos : pos + len if pos >= 0 or pos + len < 0 else None], input)


@reads_text
def join(inputs: Sequence[Any], separator: str = "", name: str | None = None) -> Text:
    """Strings joined element by element.

    >>> join([["a", "b"], "c"], "-").tolist()
    ['a-c', 'b-c']
    """
    if inputs and isinstance(inputs[0], RaggedTensor):
        parts = [r.flat_values if isinstance(r, RaggedTensor) else r for r in inputs]
        return inputs[0].with_values(join(parts, separator))  # type: ignore[return-value]
    arrays = np.broadcast_arrays(*[text_array(x) for x in inputs])
    found = np.empty(arrays[0].shape, object)
    found.ravel()[:] = [separator.join(parts) for parts in zip(*[a.ravel().tolist() for a in arrays], strict=True)]
    return found.view(Text)


@reads_text
def reduce_join(
    inputs: Any, axis: int | None = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> Text:
    """All strings along an axis joined into one.

    >>> reduce_join([["a", "b"], ["c", "d"]], axis=-1, separator=" ").tolist()
    ['a b', 'c d']
    """
    if isinstance(inputs, RaggedTensor):
        return text_array([separator.join(row) for row in inputs.to_list()])
    text = text_array(inputs)
    lines = text.reshape(1, -1) if axis is None else np.moveaxis(text, axis, -1).reshape(-1, text.shape[axis])
    shape = () if axis is None else tuple(n for a, n in enumerate(text.shape) if a != axis % text.ndim)
    found = np.empty(len(lines), object)
    found[:] = [separator.join(line) for line in lines]
    found = found.reshape(shape)
    if keepdims:
        found = np.expand_dims(found, tuple(range(text.ndim)) if axis is None else axis)
    return found.view(Text)


def as_string(input: Any, precision: int = -1, name: str | None = None) -> Text:
    """Numbers in decimal.

    >>> as_string([1, 2]).tolist()
    ['1', '2']
    """
    array = np.asarray(input)
    form = "{}" if array.dtype.kind in "iub" else "{:f}" if precision < 0 else f"{{:.{precision}f}}"
    found = np.empty(array.shape, object)
    found.ravel()[:] = [form.format(v) for v in array.ravel().tolist()]
    return found.view(Text)


@reads_text
def to_number(input: Any, out_type: Any = "float32", name: str | None = None) -> Tensor:
    """The numbers that strings stand for.

    >>> to_number(["1.5", "2"]).tolist()
    [1.5, 2.0]
    """
    dtype = str(getattr(out_type, "name", out_type))
    try:
        return _numbers(float if dtype.startswith("float") else int, input, dtype)
    except ValueError as error:
        raise ArgumentError(f"tf.strings.to_number: expected numbers; {error}.") from None


@reads_text
def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """A bin for each string: FarmHash's Fingerprint64."""
    return _numbers(lambda s: fingerprint64(s.encode()) % num_buckets, input, "int64")


to_hash_bucket = to_hash_bucket_fast


@reads_text
def to_hash_bucket_strong(input: Any, num_buckets: int, key: Sequence[int], name: str | None = None) -> Tensor:
    """A bin for each string: SipHash with a key."""
    return _numbers(lambda s: siphash(s.encode(), key) % num_buckets, input, "int64")


@reads_text
def ngrams(data: Any, ngram_width: Any, separator: str = " ", name: str | None = None) -> Any:
    """Neighbouring strings joined, so many at a time, for each row."""
    widths = [ngram_width] if isinstance(ngram_width, int) else list(ngram_width)
    if isinstance(data, RaggedTensor):
        return rows([_grams(row, widths, separator) for row in data.to_list()], "string")
    text = text_array(data)
    if text.ndim == 1:
        return text_array(_grams(text.tolist(), widths, separator))
    return text_array([_grams(row, widths, separator) for row in text.tolist()])


def _grams(words: list[str], widths: list[int], separator: str) -> list[str]:
    return [separator.join(words[k : k + n]) for n in widths for k in range(len(words) - n + 1)]


def format(template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: Any = None) -> Text:
    """A text with the inputs in the places of `{}`."""
    parts = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    for part in parts:
        shown = str(text_array(part)) if is_text(part) else str(np.asarray(part))
        template = template.replace(placeholder, shown, 1)
    return text_array(template)


@reads_text
def unicode_decode(input: Any, input_encoding: str = "UTF-8", **kwargs: Any) -> Any:
    """The code points of each string."""
    text = text_array(input)
    if not text.ndim:
        return Tensor(np.array([ord(c) for c in text.item()], np.int32))
    return rows([[ord(c) for c in s] for s in text.ravel().tolist()], "int32")


def unicode_encode(input: Any, output_encoding: str = "UTF-8", **kwargs: Any) -> Text:
    """The strings of code points along the last axis."""
    if isinstance(input, RaggedTensor):
        return text_array(["".join(map(chr, row)) for row in input.to_list()])
    codes = np.asarray(input)
    lines = ["".join(map(chr, row)) for row in codes.reshape(-1, codes.shape[-1])]
    return text_array(np.array(lines, object).reshape(codes.shape[:-1]))


@reads_text
def unicode_transcode(input: Any, input_encoding: str, output_encoding: str, **kwargs: Any) -> Text:
    """The strings: inside of here all text is Unicode."""
    return text_array(input)


__all__ = [
    "as_string", "bytes_split", "format", "join", "length", "lower", "ngrams", "reduce_join", "regex_full_match",
    "regex_replace", "split", "strip", "substr", "to_hash_bucket", "to_hash_bucket_fast", "to_hash_bucket_strong",
    "to_number", "unicode_decode", "unicode_encode", "unicode_split", "unicode_transcode", "upper",
]  # fmt: skip
