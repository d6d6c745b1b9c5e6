"""What the lookup layers share: a vocabulary, its special tokens, and how it is found in data."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...errors import ArgumentError, FileError, NotBuiltError, UnsupportedError
from ..checks import label, number, one_of, positive_integer
from .host import MODES, HostLayer, dtype_for, encoded_shape


class Lookup(HostLayer):
    """Base: tokens as their places in a vocabulary, and back with `invert`."""

    default_oov: ClassVar[Any]

    def _keep(
        self, max_tokens: Any, num_oov_indices: Any, mask_token: Any, oov_token: Any, vocabulary: Any,
        idf_weights: Any, invert: bool, output_mode: str, pad_to_max_tokens: bool, sparse: bool,
    ) -> None:  # fmt: skip
        self.max_tokens = None if max_tokens is None else positive_integer(self, "max_tokens", max_tokens)
        if self.max_tokens == 1:
            raise ArgumentError(f"{label(self)}: expected max_tokens above 1, or None; got 1.")
        self.num_oov_indices = int(number(self, "num_oov_indices", num_oov_indices, 0))
        self.mask_token, self.oov_token = mask_token, oov_token
        self.invert = bool(invert)
        mode = "multi_hot" if output_mode == "binary" else str(output_mode).replace("-", "_")
        self.output_mode = one_of(self, "output_mode", mode, MODES)
        self.pad_to_max_tokens = bool(pad_to_max_tokens)
        if sparse:
            raise UnsupportedError(f"{label(self)}: sparse tensors are not available; leave sparse out.")
        if self.invert and self.output_mode != "int":
            raise ArgumentError(f"{label(self)}: expected output_mode='int' with invert; got {self.output_mode!r}.")
        if self.pad_to_max_tokens and max_tokens is None:
            raise ArgumentError(f"{label(self)}: expected max_tokens with pad_to_max_tokens=True; got none.")
        if idf_weights is not None and vocabulary is None:
            raise ArgumentError(f"{label(self)}: expected idf_weights together with a vocabulary; got none.")
        self.sparse = False
        self._terms: list[Any] | None = None
        self.idf_weights: list[float] | None = None
        self.reset_state()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    # the vocabulary

    @property
    def _special(self) -> list[Any]:
        mask = [self.mask_token] if self.mask_token is not None and self.output_mode == "int" else []
        return [*mask, *[self.oov_token] * self.num_oov_indices]

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens, in the order of their places.

        Args: include_special_tokens: the mask token and the one for unknown tokens, which come first, too (default
            True).
        """
        return [*(self._special if include_special_tokens else []), *(self._terms or [])]

    def vocabulary_size(self) -> int:
        """The number of tokens, special ones included."""
        return len(self._special) + len(self._terms or [])

    def _token(self, value: Any) -> Any:
        """A token of the vocabulary from what a user gives."""
        raise NotImplementedError

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take tokens as the vocabulary.

        Args:
            vocabulary: tokens, or a text file with one a line; special tokens at its beginning are recognized.
            idf_weights: for output_mode='tf_idf', one for each token.

        Raises: ArgumentError: a token twice, a special token at the wrong place, more than max_tokens, or idf_weights
            that do not fit; FileError: the file cannot be read.
        """
        tokens = self._read(vocabulary) if isinstance(vocabulary, (str, os.PathLike)) else list(vocabulary)
        terms = [self._token(token) for token in tokens]
        given = len(terms)
        terms = self._without_special(terms)
        twice = [token for token, count in Counter(terms).items() if count > 1]
        if twice:
            raise ArgumentError(f"{label(self)}: expected every token once; got {twice[:5]} more often.")
        size = len(terms) + len(self._special)
        if self.max_tokens is not None and size > self.max_tokens:
            raise ArgumentError(
                f"{label(self)}: expected a vocabulary of at most max_tokens={self.max_tokens}; got {size} tokens, "
                "special ones included."
            )
        if self.output_mode == "tf_idf":
            self.idf_weights = self._fitting_weights(idf_weights, len(terms), given)
        self._terms = terms
        self._place = {token: place for place, token in enumerate(terms, len(self._special))}
        self.vocabulary_changed()

    def vocabulary_changed(self) -> None:
        """Called when the vocabulary is another one."""

    def _read(self, path: Any) -> list[str]:
        try:
            return Path(path).read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise FileError(f"{label(self)}: the vocabulary cannot be read ({error}).") from None

    def _without_special(self, terms: list[Any]) -> list[Any]:
        mask = [] if self.mask_token is None else [self.mask_token]
        start = mask + [self.oov_token] * self.num_oov_indices
        for special in (start, start[len(mask) :] if mask else start):
            if special and terms[: len(special)] == special:
                terms = terms[len(special) :]
                break
        wrong = [token for token in {self.mask_token, self.oov_token} - {None} if token in terms]
        if wrong and (self.num_oov_indices or wrong != [self.oov_token]):
            raise ArgumentError(
                f"{label(self)}: expected special tokens at the beginning of the vocabulary, in the order {start}, or "
                f"nowhere; got {wrong[0]!r} at place {terms.index(wrong[0])}."
            )
        return terms

    def _fitting_weights(self, idf_weights: Any, count: int, given: int) -> list[float]:
        if idf_weights is None:
            raise ArgumentError(f"{label(self)}: expected idf_weights with a vocabulary for 'tf_idf'; got none.")
        found = [float(w) for w in np.asarray(idf_weights).ravel()]
        if len(found) not in (count, given):
            raise ArgumentError(f"{label(self)}: expected {count} idf_weights; got {len(found)}.")
        return found[len(found) - count :]

    @property
    def _all_weights(self) -> list[float] | None:
        """Weights of all places: unknown tokens have the mean of the others; places without a token have 0."""
        if self.idf_weights is None:
            return None
        mean = float(np.mean(self.idf_weights)) if self.idf_weights else 0.0
        found = [mean] * len(self._special) + self.idf_weights
        return found + [0.0] * (self._size() - len(found))

    # finding it

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Find the vocabulary of data: the most frequent tokens first, of equally frequent ones the last first.

        Args: data: an array or list, or an iterable of batches; batch_size: accepted; steps: how many batches are taken
            (default None: all).
        """
        self.reset_state()
        for batch in self._batches(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def _batches(self, data: Any, steps: int | None) -> Iterable[Any]:
        raise NotImplementedError

    def _tokens_of(self, data: Any) -> list[Sequence[Any]]:
        """The tokens of each document."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Forget what `adapt` has counted."""
        self._counts: Counter[Any] = Counter()
        self._documents: Counter[Any] = Counter()
        self._document_count = 0

    def update_state(self, data: Any) -> None:
        """Count the tokens of one more batch."""
        self.count(self._tokens_of(data))

    def count(self, documents: Sequence[Sequence[Any]]) -> None:
        """Count the tokens of documents, and for 'tf_idf' the documents that hold them."""
        self._counts.update(itertools.chain.from_iterable(documents))
        if self.output_mode == "tf_idf":
            for tokens in documents:
                self._documents.update(set(tokens))
        self._document_count += len(documents)

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        if not self._document_count:
            raise ArgumentError(f"{self._label()}: expected data with at least one token to adapt to; got none.")
        hidden = {self.mask_token, self.oov_token}
        found = sorted(((count, token) for token, count in self._counts.items() if token not in hidden), reverse=True)
        free = None if self.max_tokens is None else max(self.max_tokens - len(self._special), 0)
        terms = [token for _, token in found[:free]]
        weights = [float(np.log(1 + self._document_count / (1 + self._documents[t]))) for t in terms]
        self.set_vocabulary(terms, weights if self.output_mode == "tf_idf" else None)
        self.reset_state()

    # calling

    def _ready(self) -> list[Any]:
        if self._terms is None:
            raise NotBuiltError("it has no vocabulary yet: call adapt(data) first, or give vocabulary=.")
        return self._terms

    def _size(self) -> int:
        """The size of encoded vectors."""
        return self.max_tokens if self.pad_to_max_tokens and self.max_tokens else self.vocabulary_size()

    @property
    def output_dtype(self) -> str:
        """The dtype of the result."""
        return dtype_for(self.dtype, self.output_mode)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the result."""
        return encoded_shape(input_shape, self._size(), self.output_mode)

    def _unknown(self, tokens: Iterable[Any]) -> ArgumentError:
        listed = ", ".join(map(repr, list(tokens)[:5]))
        return ArgumentError(f"expected tokens of the vocabulary, since num_oov_indices=0; got {listed}.")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; the vocabulary is among them, also if `adapt` found it."""
        plain = None if self._terms is None else [getattr(token, "item", lambda t=token: t)() for token in self._terms]
        return {
            **self._base_config(), "invert": self.invert, "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices, "oov_token": self.oov_token, "mask_token": self.mask_token,
            "output_mode": self.output_mode, "sparse": False, "pad_to_max_tokens": self.pad_to_max_tokens,
            "idf_weights": self.idf_weights, "vocabulary": plain,
            "vocabulary_size": None if plain is None else self.vocabulary_size(),
            "oov_method": "floormod", "salt": self.salt,
        }  # fmt: skip

    salt: Any = None
