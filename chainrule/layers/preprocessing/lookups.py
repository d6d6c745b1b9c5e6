"""Layers that turn strings and integers into places in a vocabulary."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from ... import ops
from ...errors import ArgumentError, DataError
from ...ir import Tensor
from ...serialization import builtin
from ..checks import label, one_of
from ..layer import Layer
from .fingerprint import fingerprint64
from .host import encoded_in_program, encoded_on_host
from .lookup import Lookup
from .strings import Text, batches_of_text, is_text, text_array


@builtin
class StringLookup(Lookup):
    """Strings as their places in a vocabulary.

    Args:
        max_tokens: int, the largest size of the vocabulary, special tokens included (default None: any).
        num_oov_indices: int, how many places unknown strings share (default 1); 0: they are an error.
        mask_token: a string that has place 0 of its own (default None: none).
        oov_token: what unknown strings become with `invert` (default '[UNK]').
        vocabulary: strings, or a text file with one a line (default None: `adapt` finds them).
        idf_weights: for 'tf_idf', a weight for each string of the vocabulary.
        invert: whether the layer goes back, from places to strings (default False).
        output_mode: 'int' (default): the place; 'one_hot'; 'multi_hot', 'count': one vector for all on the last axis;
            'tf_idf': counts times weights.
        pad_to_max_tokens: whether vectors have max_tokens entries whatever the vocabulary (default False).
        sparse: must be False; encoding: of bytes (default 'utf-8'); salt: accepted.

    Inputs: strings in lists and arrays (of str, bytes or objects). Shapes: 'int': the result has the shape of the
        input, int64; 'one_hot' adds an axis; the others replace the last one.
    Raises: ArgumentError; NotBuiltError: there is no vocabulary yet.

    Example:
    >>> StringLookup(vocabulary=["a", "b"])([["a", "b", "z"]]).tolist()
    [[1, 2, 0]]
    """

    default_oov: ClassVar[Any] = "[UNK]"

    def __init__(
        self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: Any = None,
        oov_token: Any = "[UNK]", vocabulary: Any = None, idf_weights: Any = None, invert: bool = False,
        output_mode: str = "int", pad_to_max_tokens: bool = False, sparse: bool = False, encoding: str = "utf-8",
        name: str | None = None, salt: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        for unused in ("vocabulary_size", "oov_method"):
            kwargs.pop(unused, None)
        super().__init__(name=name, **kwargs)
        self.encoding, self.salt = encoding, salt
        self._keep(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode,
            pad_to_max_tokens, sparse,
        )  # fmt: skip

    def _token(self, value: Any) -> str:
        if not isinstance(value, (str, bytes)):
            raise ArgumentError(f"{label(self)}: expected strings in the vocabulary; got {value!r}.")
        return value.decode(self.encoding) if isinstance(value, bytes) else str(value)

    def _batches(self, data: Any, steps: int | None) -> Iterable[Any]:
        return batches_of_text(data, steps, self.encoding)

    def _tokens_of(self, data: Any) -> list[Sequence[Any]]:
        array = text_array(data, self.encoding)
        return [[row] if isinstance(row, str) else row.ravel().tolist() for row in np.atleast_1d(array)]

    @property
    def output_dtype(self) -> str:
        """The dtype of the result; 'string' with `invert`."""
        return "string" if self.invert else super().output_dtype

    def on_host(self, inputs: Any) -> Any:
        """The places of strings, or the strings at places."""
        self._ready()
        if self.invert:
            return self._strings_at(inputs)
        text = text_array(inputs, self.encoding)
        indices = self.places(text.ravel().tolist()).reshape(text.shape)
        return encoded_on_host(indices, self._size(), self.output_mode, self.output_dtype, self._all_weights)

    def places(self, tokens: Sequence[str]) -> np.ndarray:
        """The places of strings, int64; the mask token has none where vectors are made."""
        oov = len(self._special) - self.num_oov_indices
        known = self._place
        places = np.fromiter(map(known.get, tokens, itertools.repeat(-1)), np.int64, len(tokens))
        unknown = np.flatnonzero(places < 0)
        missing = {tokens[k] for k in unknown.tolist()}
        where = {token: oov + (fingerprint64(token.encode(self.encoding)) % self.num_oov_indices
                 if self.num_oov_indices > 1 else 0) for token in missing}  # fmt: skip
        if self.mask_token in where:
            where[self.mask_token] = 0 if self.output_mode == "int" else -1
        if missing - {self.mask_token} and not self.num_oov_indices:
            raise self._unknown(sorted(missing - {self.mask_token}))
        places[unknown] = [where[tokens[k]] for k in unknown.tolist()]
        return places

    def _strings_at(self, inputs: Any) -> Text:
        if is_text(inputs):
            raise DataError("expected places (integers), since invert=True; got text.")
        places = np.asarray(inputs).astype(np.int64)
        table = np.array([*self.get_vocabulary(), self.oov_token], object)
        good = (places >= 0) & (places < len(table) - 1)
        return np.asarray(table[np.where(good, places, len(table) - 1)], object).view(Text)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; the vocabulary is among them, also if `adapt` found it."""
        return {**super().get_config(), "encoding": self.encoding}


@builtin
class IntegerLookup(Lookup):
    """Integers as their places in a vocabulary.

    Args:
        max_tokens, num_oov_indices, idf_weights, invert, output_mode, sparse, pad_to_max_tokens: as for `StringLookup`;
            unknown integers share their places by their remainder.
        mask_token: an integer that has place 0 of its own (default None: none).
        oov_token: what unknown places become with `invert` (default -1).
        vocabulary: integers, or a text file with one a line (default None: `adapt` finds them).
        vocabulary_dtype: 'int64' (default) or 'int32', of the result with `invert`.
        oov_method: 'floormod'; salt: accepted.

    Shapes: as for `StringLookup`. It is part of the compiled model.
    Raises: ArgumentError; NotBuiltError: there is no vocabulary yet.

    Example:
    >>> IntegerLookup(vocabulary=[10, 20])([[10, 20, 7]]).tolist()
    [[1, 2, 0]]
    """

    default_oov: ClassVar[Any] = -1
    runs_on_host = False

    def __init__(
        self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: Any = None, oov_token: Any = -1,
        vocabulary: Any = None, vocabulary_dtype: str = "int64", idf_weights: Any = None, invert: bool = False,
        output_mode: str = "int", sparse: bool = False, pad_to_max_tokens: bool = False, oov_method: str = "floormod",
        salt: Any = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        kwargs.pop("vocabulary_size", None)
        super().__init__(name=name, **kwargs)
        self.vocabulary_dtype = one_of(self, "vocabulary_dtype", vocabulary_dtype, ("int64", "int32"))
        self.oov_method, self.salt = one_of(self, "oov_method", oov_method, ("floormod",)), salt
        self._keep(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode,
            pad_to_max_tokens, sparse,
        )  # fmt: skip

    def _token(self, value: Any) -> int:
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ArgumentError(f"{label(self)}: expected integers in the vocabulary; got {value!r}.") from None

    def vocabulary_changed(self) -> None:
        """Keep the vocabulary in ascending order, for searching."""
        terms = np.array(self._terms, np.int64)
        order = np.argsort(terms, kind="stable")
        self._sorted = terms[order], (order + len(self._special)).astype(np.int64)

    def _batches(self, data: Any, steps: int | None) -> Iterable[Any]:
        if hasattr(data, "__array__") or isinstance(data, (list, tuple)):
            return [data]
        return (batch for k, batch in enumerate(data) if steps is None or k < steps)

    def _tokens_of(self, data: Any) -> list[Sequence[Any]]:
        array = np.atleast_1d(np.asarray(data)).astype(np.int64)
        return [np.atleast_1d(row).ravel().tolist() for row in array]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return Layer.__call__(self, *args, **kwargs)

    def _symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._ready()
        return Layer._symbolic_outputs(self, args, kwargs)

    @property
    def input_dtype(self) -> str:
        """The dtype that a model's input has in front of this layer."""
        return "int64"

    def call(self, inputs: Any) -> Any:
        """The places of integers, or the integers at places."""
        self._ready()
        x = ops.cast(inputs, "int64")
        if self.invert:
            table = np.array([*self.get_vocabulary(), self.oov_token], np.int64)
            last = len(table) - 1
            good = ops.logical_and(x >= 0, x < last)
            return ops.cast(ops.take(table, ops.where(good, x, last), 0), self.vocabulary_dtype)
        return encoded_in_program(self._found(x), self._size(), self.output_mode, self.output_dtype, self._all_weights)

    def _found(self, x: Any) -> Any:
        """The places of integers, found by halving the sorted vocabulary again and again."""
        terms, places = self._sorted
        at = ops.zeros(x.shape, "int64")
        step = 1 << max(len(terms).bit_length() - 1, 0)
        while step and len(terms):
            probe = at + step
            inside = probe < len(terms)
            below = ops.take(terms, ops.minimum(probe, len(terms) - 1), 0) <= x
            at, step = ops.where(ops.logical_and(inside, below), probe, at), step // 2
        known = ops.equal(ops.take(terms, at, 0), x) if len(terms) else ops.zeros(x.shape, "bool")
        unknown = ops.logical_not(known)
        masked = ops.equal(x, self.mask_token) if self.mask_token is not None else ops.zeros(x.shape, "bool")
        self._check_known(x, ops.logical_and(unknown, ops.logical_not(masked)))
        oov = ops.mod(x, max(self.num_oov_indices, 1)) + (len(self._special) - self.num_oov_indices)
        found = ops.take(places, at, 0) if len(terms) else oov
        return ops.where(masked, 0 if self.output_mode == "int" else -1, ops.where(known, found, oov))

    def _check_known(self, x: Any, unknown: Any) -> None:
        """Values that are there are looked at; those of a compiled model cannot be."""
        if not self.num_oov_indices and type(unknown) is Tensor and bool(unknown.numpy().any()):
            raise self._unknown(np.unique(x.numpy()[unknown.numpy()]).tolist())

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; the vocabulary is among them, also if `adapt` found it."""
        return {**super().get_config(), "vocabulary_dtype": self.vocabulary_dtype}
