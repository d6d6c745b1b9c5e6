"""Vectors for indices, and indices for vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..errors import UnsupportedError
from ..quantizers.quantizers import AbsMaxQuantizer
from ..quantizers.settings import settings_for
from ..serialization import builtin
from ..variables import Variable
from .checks import label
from .embedding import Embedding
from .masks import mark


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
            self._store({"reverse_embeddings": np.zeros(shape, "int8"),
                         "reverse_embeddings_scale": np.ones(self.input_dim, "float32")})  # fmt: skip

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
        return ops.divide(ops.cast(self.reverse_embeddings, self.compute_dtype), self.reverse_embeddings_scale)

    def quantize(self, mode: str | None = None, type_check: bool = True, config: Any = None) -> None:
        """Keep the vectors, and the matrix for the scores, in few bits (see `Dense.quantize`).

        Raises: UnsupportedError: 'int4' where the two are not tied; and as there.
        """
        if not self.tie_weights and settings_for(mode, config).mode == "int4":
            raise UnsupportedError(f"{label(self)} cannot be quantized to int4 unless its weights are tied.")
        super().quantize(mode, type_check, config)
        if self.tie_weights:
            return
        matrix = self.reverse_embeddings
        self._weights.remove(matrix)
        q, scale = AbsMaxQuantizer(axis=0)(matrix.numpy())
        self._store({"reverse_embeddings": np.asarray(q), "reverse_embeddings_scale": np.asarray(scale)[0]})

    def _saved_variables(self) -> list[Variable]:
        reverse = [self.__dict__.get(name) for name in ("reverse_embeddings", "reverse_embeddings_scale")]
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
