"""Vectors for indices."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .. import constraints, initializers, ops, regularizers
from .. import primitives as P
from ..errors import ShapeError
from ..ir import INTEGER
from ..serialization import builtin
from .adapting import Adaptable, Matrix
from .checks import label, positive_integer


@builtin
class Embedding(Adaptable):
    """A learned vector for each index from 0 to `input_dim - 1`.

    Args:
        input_dim: int, the number of indices.
        output_dim: int, the size of a vector.
        embeddings_initializer: default 'uniform'.
        embeddings_regularizer, embeddings_constraint: default None.
        mask_zero: whether index 0 means "nothing here" (default False): `compute_mask` then tells the other places.
        weights: an array (input_dim, output_dim) to begin with (default None).

    Shapes: (batch, ...) integers -> (batch, ..., output_dim). Weight: embeddings (input_dim, output_dim).
    Raises: IndexRangeError: an index below 0 or of input_dim and above.
    Source: Bengio et al. 2003, "A neural probabilistic language model", section 2.

    Example:
    >>> Embedding(2, 3, weights=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])([1, 0]).tolist()
    [[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]]
    """

    matrix_name = "embeddings"
    embeddings = Matrix()
    modes = ("int8", "int4")

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.pop("input_length", None) is not None:
            warnings.warn("Embedding: input_length has no effect; leave it out.", stacklevel=2)
        super().__init__(**self._take_variants(kwargs))
        self.input_dim = positive_integer(self, "input_dim", input_dim)
        self.output_dim = positive_integer(self, "output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = self.supports_masking = mask_zero
        self.autocast = False  # indices stay what they are
        if weights is not None:
            self._start(weights)

    def _start(self, weights: Any) -> None:
        table = np.asarray(weights[0] if isinstance(weights, list) and np.ndim(weights) == 3 else weights)
        if table.shape != (self.input_dim, self.output_dim):
            raise ShapeError(
                f"{label(self)}: expected weights of shape {(self.input_dim, self.output_dim)}; got {table.shape}."
            )
        self.build()
        self.embeddings.assign(table)

    def build(self, input_shape: Any = None) -> None:
        """Create the table of vectors, whatever the input's shape is: once, however often it is called."""
        if self.built:
            return
        self._add_matrix(
            (self.input_dim, self.output_dim), self.embeddings_initializer, self.embeddings_regularizer,
            self.embeddings_constraint,
        )  # fmt: skip
        self._finish_build()

    def call(self, inputs: Any) -> Any:
        """The vectors of the indices."""
        indices = inputs if inputs.type.dtype in INTEGER else ops.cast(inputs, "int32")
        indices = ops.expand_dims(indices, -1)
        chosen = lambda kept: P.gather(kept.value, indices)  # noqa: E731
        rows = chosen(self._stored) if self._scheme is None else self._scheme.rows(self, chosen)
        return rows + self._addition(P.gather(self._low_rank()[0].value, indices)) if self.lora_enabled else rows

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where the index is not 0, if `mask_zero`; else None."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape and `output_dim`."""
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; the vectors themselves are weights."""
        own = {
            "input_dim": self.input_dim, "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": regularizers.serialize(self.embeddings_regularizer),
            "embeddings_constraint": constraints.serialize(self.embeddings_constraint), "mask_zero": self.mask_zero,
        }  # fmt: skip
        return {**self._base_config(), **own}
