"""Attention without projections: queries, keys and values as they are given."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...errors import ArgumentError
from ...ops import random
from ...serialization import builtin
from ...variables import SeedGenerator
from ..checks import number, one_of
from ..layer import Layer


@builtin
class Attention(Layer):
    """Means of the values, weighed by how well keys match queries: `softmax(scores) v`.

    Args:
        use_scale: whether the scores have a learned factor (default False).
        score_mode: 'dot', `q k^T` (default), or 'concat', `sum(tanh(q + k))` with a learned factor.
        dropout: the share of the weights that is dropped in training (default 0).
        seed: int, of the dropout (default None: the next default seed).

    Shapes: a list: query (batch, queries, n), value (batch, keys, m), and key (batch, keys, n) (default: the value)
        -> (batch, queries, m). In the call also: `mask`, a list of truth values of the query's and the value's steps;
        `use_causal_mask`: no query sees later keys; `return_attention_scores`: the weights (batch, queries, keys) are
        returned too. Weights: scale (), concat_score_weight (), if there are any.
    Raises: ArgumentError: an argument is not allowed, or other than two or three inputs.
    Source: Luong, Pham and Manning 2015, arXiv:1508.04025, section 3.1.

    Example:
    >>> query, value = ops.cast([[[9.0, 0.0]]], "float32"), ops.cast([[[9.0, 0.0], [0.0, 9.0]]], "float32")
    >>> Attention()([query, value]).numpy().round(3).tolist()
    [[[9.0, 0.0]]]
    """

    def __init__(
        self, use_scale: bool = False, score_mode: str = "dot", dropout: float = 0.0, seed: int | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.score_mode = one_of(self, "score_mode", score_mode, ("dot", "concat"))
        self.dropout = number(self, "dropout", dropout, 0, 1)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Create the factors."""
        _checked(input_shape)
        self.scale = self.add_weight((), "ones", name="scale") if self.use_scale else None
        self.concat_score_weight = None
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")
        self.built = True

    def call(
        self, inputs: Any, mask: Any = None, training: bool | None = False, return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        """The means, and the weights if `return_attention_scores`."""
        query, value, key = _checked(inputs)
        query_mask, value_mask = (None, None) if mask is None else _checked_masks(mask)
        scores = self._scores(query, key)
        seen = None if value_mask is None else ops.expand_dims(ops.cast(value_mask, "bool"), -2)
        if use_causal_mask:
            causal = ops.expand_dims(ops.arange(scores.shape[-2]), 1) >= ops.arange(scores.shape[-1])
            seen = causal if seen is None else ops.logical_and(seen, causal)
        if seen is not None:
            scores = ops.where(seen, scores, scores - (65504.0 if scores.type.dtype == "float16" else 1e9))
        weights = ops.softmax(scores)
        if training and self.dropout > 0:
            weights = random.dropout(self.seed_generator.next(), weights, self.dropout)
        means = ops.matmul(weights, value)
        if query_mask is not None:
            means = ops.where(ops.expand_dims(ops.cast(query_mask, "bool"), -1), means, 0.0)
        return (means, weights) if return_attention_scores else means

    def _scores(self, query: Any, key: Any) -> Any:
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return scores if self.scale is None else scores * self.scale
        both = ops.expand_dims(query, -2) + ops.expand_dims(key, -3)
        return ops.sum(ops.tanh(both if self.scale is None else self.scale * both), -1) * self.concat_score_weight

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the query."""
        return None if mask is None else _checked_masks(mask)[0]


@builtin
class AdditiveAttention(Attention):
    """Means of the values, weighed by how well keys match queries: `softmax(sum(scale tanh(q + k))) v`.

    Args:
        use_scale: whether each element of the sum has a learned factor (default True).
        dropout, seed: as for `Attention`.

    Shapes: those of `Attention`. Weights: scale (n,) with use_scale.
    Raises: ArgumentError: an argument is not allowed, or other than two or three inputs.
    Source: Bahdanau, Cho and Bengio 2015, arXiv:1409.0473, appendix A.1.2.

    Example:
    >>> AdditiveAttention(use_scale=False)([ops.ones((1, 1, 1)), ops.ones((1, 2, 1))]).tolist()
    [[[1.0]]]
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Create the factors."""
        size = _checked(input_shape)[0][-1]
        self.scale = self.add_weight((size,), "glorot_uniform", name="scale") if self.use_scale else None
        self.built = True

    def _scores(self, query: Any, key: Any) -> Any:
        both = ops.tanh(ops.expand_dims(query, -2) + ops.expand_dims(key, -3))
        return ops.sum(both if self.scale is None else self.scale * both, -1)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {**super().get_config(), "seed": self.seed}


def _checked(inputs: Any) -> tuple[Any, Any, Any]:
    """Query, value and key from two inputs or three."""
    shape = isinstance(inputs, (list, tuple)) and any(isinstance(n, int) for n in inputs)  # of a single tensor
    if shape or not isinstance(inputs, (list, tuple)) or len(inputs) not in (2, 3):
        raise ArgumentError(f"expected a list of inputs, [query, value] or [query, value, key]; got {inputs!r:.80}.")
    return inputs[0], inputs[1], inputs[-1]


def _checked_masks(mask: Any) -> tuple[Any, Any]:
    """The masks of query and value."""
    if not isinstance(mask, (list, tuple)) or len(mask) not in (2, 3):
        raise ArgumentError(f"expected a list of masks, of the query and of the value; got {mask!r:.80}.")
    return mask[0], mask[1]
