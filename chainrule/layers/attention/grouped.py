"""Attention whose keys and values are shared by groups of heads."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...errors import ArgumentError, ShapeError
from ...serialization import builtin
from ..checks import label, positive_integer
from .base import Heads, carried


@builtin
class GroupQueryAttention(Heads):
    """Like `MultiHeadAttention` with fewer heads for keys and values: each of them serves a group of query heads.

    Args:
        head_dim: int, the size of a head's queries, keys and values.
        num_query_heads: int, how many heads.
        num_key_value_heads: int, how many of keys and values, a divisor of num_query_heads.
        dropout, use_bias, sliding_window, flash_attention, kernel_initializer, bias_initializer, kernel_regularizer,
            bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, use_gate, seed: as for
            `MultiHeadAttention`.

    Shapes: query (batch, queries, n), value (batch, keys, m), key like value (default: the value) -> (batch, queries,
        n). In the call also what `MultiHeadAttention` takes.
    Raises: ArgumentError: an argument is not allowed. ShapeError: value and key do not fit.
    Source: Ainslie et al. 2023, arXiv:2305.13245.

    Example:
    >>> x = ops.ones((1, 4, 6))
    >>> GroupQueryAttention(3, num_query_heads=4, num_key_value_heads=2)(x, x).shape
    (1, 4, 6)
    """

    def __init__(
        self, head_dim: int, num_query_heads: int, num_key_value_heads: int, dropout: float = 0.0,
        use_bias: bool = True, sliding_window: int | None = None, flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
        bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
        bias_constraint: Any = None, use_gate: bool = False, seed: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.head_dim = positive_integer(self, "head_dim", head_dim)
        self.num_query_heads = positive_integer(self, "num_query_heads", num_query_heads)
        self.num_key_value_heads = positive_integer(self, "num_key_value_heads", num_key_value_heads)
        if self.num_query_heads % self.num_key_value_heads:
            raise ArgumentError(f"{label(self)}: expected num_query_heads to be a multiple of num_key_value_heads="
                                f"{self.num_key_value_heads}; got {self.num_query_heads}.")  # fmt: skip
        self._keep(
            dropout, use_bias, sliding_window, flash_attention, kernel_initializer, bias_initializer,
            kernel_regularizer, bias_regularizer, kernel_constraint, bias_constraint, use_gate, seed,
        )  # fmt: skip

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Create the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(value_shape, key_shape)
        many, few = (self.num_query_heads, self.head_dim), (self.num_key_value_heads, self.head_dim)
        self.query_dense = self._projection("query", "bqm,muh->bquh", many, query_shape)
        self.key_dense = self._projection("key", "bkm,mvh->bkvh", few, key_shape)
        if self.use_gate:
            self.gate_dense = self._projection("gate", "bqm,muh->bquh", many, query_shape, "sigmoid")
        self.value_dense = self._projection("value", "bkm,mvh->bkvh", few, value_shape)
        heads = (*query_shape[:-1], *many)
        self.output_dense = self._projection("attention_output", "bquh,uhm->bqm", query_shape[-1:], heads)
        self.built = True

    def call(
        self, query: Any, value: Any, key: Any = None, query_mask: Any = None, value_mask: Any = None,
        key_mask: Any = None, attention_mask: Any = None, return_attention_scores: bool = False,
        training: bool | None = None, use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        """The mixed heads, and the weights if `return_attention_scores`."""
        masks = carried(query_mask, query), carried(value_mask, value), None if key is None else carried(key_mask, key)
        mask = self._mask(query, value, masks, attention_mask, use_causal_mask)
        q, k, v = self.query_dense(query), self.key_dense(value if key is None else key), self.value_dense(value)
        group = self.num_query_heads // self.num_key_value_heads
        q = ops.reshape(q, (*q.shape[:2], self.num_key_value_heads, group, self.head_dim))
        mask = mask if mask is None or mask.ndim < 4 else _in_groups(mask, group)
        equations = "bqvgh,bkvh->bvgqk", "bvgqk,bkvh->bqvgh"
        means, weights = self._attend(equations, q, k, v, mask, 1, return_attention_scores)
        means = ops.reshape(means, (*means.shape[:2], self.num_query_heads, self.head_dim))
        y = self.output_dense(means * self.gate_dense(query) if self.use_gate else means)
        weights = ops.reshape(weights, (weights.shape[0], self.num_query_heads, *weights.shape[3:]))
        return (y, weights) if return_attention_scores else y

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:
        """The query's shape, whose last axis must have the size of the value's."""
        if query_shape[-1] != value_shape[-1]:
            raise ShapeError(f"{label(self)}: expected query and value of the same size on the last axis; got "
                             f"{tuple(query_shape)} and {tuple(value_shape)}.")  # fmt: skip
        self._check_shapes(value_shape, value_shape if key_shape is None else key_shape)
        return tuple(query_shape)


def _in_groups(mask: Any, group: int) -> Any:
    """A mask (batch, heads or 1, queries, keys) with heads as groups and their members."""
    heads = mask.shape[1]
    split = (1, 1) if heads == 1 else (heads // group, group)
    return ops.reshape(mask, (mask.shape[0], *split, *mask.shape[2:]))
