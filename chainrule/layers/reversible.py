"""Vectors for indices, and indices for vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..quantizers.quantizers import (
    AbsMaxQuantizer,
    abs_max_quantize_grouped_with_zero_point,
    pack_int4,
    unpack_int4,
)
from ..serialization import builtin
from ..variables import Variable
from .embedding import Embedding
from .masks import mark

_REVERSE = ("reverse_embeddings", "reverse_embeddings_scale", "reverse_embeddings_zero")


@builtin
class ReversibleEmbedding(Embedding):
    """An `Embedding` that can be called backwards: the score of each index for a vector.

    Args:
        input_dim, output_dim, embeddings_initializer, embeddings_regularizer, embeddings_constraint, mask_zero: as for
            `Embedding`.
        tie_weights: the same vectors both ways (default True), else a matrix of its own for the scores.
        reverse_dtype: the dtype in which scores are computed (default None: that of the layer).
        logit_soft_cap: scores are brought below this size by `cap tanh(score / cap)` (default None: they are not).

    Shapes: (batch, ...) integers -> (batch, ..., output_dim); with reverse=True (batch, ..., output_dim) ->
        (batch, ..., input_dim). Weights: embeddings (input_dim, output_dim), and reverse_embeddings (output_dim,
        input_dim) if they are not tied.
    Source: Press and Wolf 2017, "Using the output embedding to improve language models", section 3.

    Example:
    >>> layer = ReversibleEmbedding(3, 2, embeddings_initializer="ones")
    >>> layer([1, 2]).shape, layer([[1.0, 2.0]], reverse=True).tolist()
    ((2, 2), [[3.0, 3.0, 3.0]])
    """

    def __init__(
        self, input_dim: int, output_dim: int, tie_weights: bool = True, embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: bool = False,
        reverse_dtype: Any = None, logit_soft_cap: float | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.tie_weights, self.reverse_dtype, self.logit_soft_cap = tie_weights, reverse_dtype, logit_soft_cap
        super().__init__(
            input_dim, output_dim, embeddings_initializer, embeddings_regularizer, embeddings_constraint, mask_zero,
            **kwargs,
        )  # fmt: skip

    def build(self, input_shape: Any = None) -> None:
        """Create the vectors, and the matrix for the scores if they are not tied."""
        super().build(input_shape)
        if self.tie_weights:
            return
        shape = (self.output_dim, self.input_dim)
        if self.quantization_mode is None:
            self.reverse_embeddings = self.add_weight(shape, self.embeddings_initializer, name="reverse_embeddings")
        else:
            arrays = self._reverse_arrays(np.zeros(shape, "float32"))
            self._store({name: a if a.dtype.kind == "i" else np.ones_like(a) for name, a in arrays.items()})

    def _reverse_arrays(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        """The matrix for the scores in few bits: a scale for each index, or with blocks for each block of a column."""
        size, is_byte = getattr(self.dtype_policy, "block_size", None), self.quantization_mode == "int8"
        if size and size > 0:
            q, scale, *zero = map(np.asarray, abs_max_quantize_grouped_with_zero_point(matrix, size))
        else:
            plain = AbsMaxQuantizer(axis=0, value_range=(-127, 127) if is_byte else (-8, 7))
            (q, (scale,)), zero = map(np.asarray, plain(matrix)), []
        kept = q if is_byte else np.asarray(pack_int4(q, axis=0)[0])
        return dict(zip(_REVERSE, (kept, scale, *zero), strict=False))

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        """The vectors of indices, or with `reverse` the scores of all indices."""
        if not reverse:
            vectors = super().call(inputs)
            mark(vectors, super().compute_mask(inputs))
            return vectors
        matrix = self._reverse_matrix()
        dtype = self.reverse_dtype or self.compute_dtype
        scores = ops.matmul(self._seen(ops.cast(inputs, dtype)), ops.cast(matrix, dtype))
        if self.logit_soft_cap is None:
            return scores
        return ops.multiply(ops.tanh(ops.divide(scores, self.logit_soft_cap)), self.logit_soft_cap)

    def _reverse_matrix(self) -> Any:
        if self.tie_weights:
            return ops.transpose(self._matrix())
        if self.quantization_mode is None:
            return self.reverse_embeddings
        q, scale, *zero = (ops.convert_to_tensor(getattr(self, n)) for n in _REVERSE if n in self.__dict__)
        q = q if self.quantization_mode == "int8" else unpack_int4(q, self.output_dim, axis=0)
        q = ops.cast(q, self.compute_dtype)
        if not zero:
            return ops.divide(q, scale)
        block = np.arange(self.output_dim) // self.dtype_policy.block_size  # type: ignore[attr-defined]
        zero = ops.take(ops.cast(zero[0], self.compute_dtype), block, axis=0)
        return (q - zero) * ops.take(scale, block, axis=0)

    def quantize(self, mode: str | None = None, type_check: bool = True, config: Any = None) -> None:
        """Keep the vectors, and the matrix for the scores, in few bits (see `Dense.quantize`).

        Raises: as there.
        """
        super().quantize(mode, type_check, config)
        if self.tie_weights:
            return
        matrix = self.reverse_embeddings
        self._weights.remove(matrix)
        self._store(self._reverse_arrays(matrix.numpy()))

    def _saved_variables(self) -> list[Variable]:
        reverse = [self.__dict__.get(name) for name in _REVERSE]
        last = [v for v in reverse if isinstance(v, Variable)]
        first = [v for v in super()._saved_variables() if not any(v is other for other in last)]
        return first + last

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the vectors carry their mask already."""
        return None

    def compute_output_shape(self, input_shape: Any, reverse: bool = False) -> Any:
        """The input's shape and `output_dim`; with `reverse` the last size becomes `input_dim`."""
        if reverse:
            return (*input_shape[:-1], self.input_dim)
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; the vectors themselves are weights."""
        return {
            **super().get_config(), "tie_weights": self.tie_weights, "reverse_dtype": self.reverse_dtype,
            "logit_soft_cap": self.logit_soft_cap,
        }  # fmt: skip
