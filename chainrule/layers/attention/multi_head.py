"""Attention by several heads at once."""

from __future__ import annotations

import string
from typing import Any

from ...errors import ArgumentError
from ...serialization import builtin
from ..checks import label, positive_integer
from ..masks import unmark
from .base import Heads, carried


@builtin
class MultiHeadAttention(Heads):
    """Every head looks for keys that match its queries and takes the mean of their values; the heads are then mixed.

    `head = softmax(q k^T / sqrt(key_dim)) v` with q, k and v dense projections of query, key and value.

    Args:
        num_heads: int, how many heads.
        key_dim: int, the size of a head's queries and keys.
        value_dim: int, the size of a head's values (default None: key_dim).
        dropout: the share of the weights that is dropped in training (default 0).
        use_bias: whether the projections have biases (default True).
        output_shape: int or several, the last axes of the output (default None: the last of the query).
        attention_axes: int or several, the axes that are looked along (default None: all between the first and the
            last).
        sliding_window: int n, keys n steps away and further are not seen (default None: all are).
        flash_attention: accepted as None or False.
        kernel_initializer, bias_initializer: of all projections, default 'glorot_uniform', 'zeros'.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss (default None).
        kernel_constraint, bias_constraint: functions applied to the weights after each update (default None).
        use_gate: whether the heads' outputs are multiplied by a sigmoid of a projection of the query (default False).
        seed: int, of the dropout (default None: the next default seed).

    Shapes: query (batch, queries, n), value (batch, keys, m), key like value (default: the value) -> (batch, queries,
        n). In the call also: `query_mask`, `value_mask`, `key_mask`, truth values of the steps (default: what the
        tensors carry); `attention_mask`, (batch, queries, keys), false where a query must not look;
        `use_causal_mask`: no query sees later keys; `return_attention_scores`: the weights (batch, heads, queries,
        keys) are returned too.
    Raises: ArgumentError: an argument is not allowed. ShapeError: value and key do not fit.
    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2; gate: Qiu et al. 2025, arXiv:2505.06708.

    Example:
    >>> from chainrule import ops
    >>> x = ops.ones((1, 4, 6))
    >>> y, weights = MultiHeadAttention(2, 3)(x, x, return_attention_scores=True, use_causal_mask=True)
    >>> y.shape, weights[0, 0, 1].tolist()
    ((1, 4, 6), [0.5, 0.5, 0.0, 0.0])
    """

    def __init__(
        self, num_heads: int, key_dim: int, value_dim: int | None = None, dropout: float = 0.0, use_bias: bool = True,
        output_shape: Any = None, attention_axes: Any = None, sliding_window: int | None = None,
        flash_attention: bool | None = None, kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
        use_gate: bool = False, seed: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.num_heads = positive_integer(self, "num_heads", num_heads)
        self.key_dim = positive_integer(self, "key_dim", key_dim)
        self.value_dim = self.key_dim if value_dim is None else positive_integer(self, "value_dim", value_dim)
        self.output_shape = self._several("output_shape", output_shape)
        self.attention_axes = self._several("attention_axes", attention_axes)
        self._keep(
            dropout, use_bias, sliding_window, flash_attention, kernel_initializer, bias_initializer,
            kernel_regularizer, bias_regularizer, kernel_constraint, bias_constraint, use_gate, seed,
        )  # fmt: skip

    def _several(self, name: str, value: Any) -> tuple[int, ...] | None:
        listed = (value,) if isinstance(value, int) else value
        if listed is not None and not (isinstance(listed, (list, tuple)) and all(isinstance(n, int) for n in listed)):
            raise ArgumentError(f"{label(self)}: expected {name} to be an int, several or None; got {value!r}.")
        return tuple(listed) if listed else None

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Create the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(value_shape, key_shape)
        rank = len(query_shape)
        axes = self.attention_axes or tuple(range(1, rank - 1))
        self.attention_axes = tuple(a if a >= 0 else rank + a for a in axes)
        into = _into_heads(rank)
        self.query_dense = self._projection("query", into, (self.num_heads, self.key_dim), query_shape)
        self.key_dense = self._projection("key", into, (self.num_heads, self.key_dim), key_shape)
        if self.use_gate:
            sizes = (self.num_heads, self.value_dim)
            self.gate_dense = self._projection("gate", into, sizes, query_shape, "sigmoid")
        self.value_dense = self._projection("value", into, (self.num_heads, self.value_dim), value_shape)
        outputs = self.output_shape or (query_shape[-1],)
        heads = (*query_shape[:-1], self.num_heads, self.value_dim)
        self.output_dense = self._projection("attention_output", _out_of_heads(rank, len(outputs)), outputs, heads)
        self.built = True

    def call(
        self, query: Any, value: Any, key: Any = None, query_mask: Any = None, value_mask: Any = None,
        key_mask: Any = None, attention_mask: Any = None, return_attention_scores: bool = False,
        training: bool | None = None, use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        """The mixed heads, and the weights if `return_attention_scores`."""
        masks = carried(query_mask, query), carried(value_mask, value), None if key is None else carried(key_mask, key)
        mask = self._mask(query, value, masks, attention_mask, use_causal_mask)
        unmark((query, value, key))  # as in Keras: of what comes after, only the result carries a mask
        q, k, v = self.query_dense(query), self.key_dense(value if key is None else key), self.value_dense(value)
        axes = self.attention_axes or ()
        equations = _equations(q.ndim, axes)
        strict = return_attention_scores or q.ndim != 4
        means, weights = self._attend(equations, q, k, v, mask, len(axes), strict)
        y = self.output_dense(means * self.gate_dense(query) if self.use_gate else means)
        return (y, weights) if return_attention_scores else y

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:
        """The query's shape, its last axis replaced by `output_shape` if there is one."""
        self._check_shapes(value_shape, value_shape if key_shape is None else key_shape)
        return (*query_shape[:-1], *(self.output_shape or query_shape[-1:]))


def _into_heads(rank: int) -> str:
    """`'abc,cde->abde'`: the last of `rank` axes becomes heads and their size."""
    letters = string.ascii_lowercase
    free, last, heads = letters[: rank - 1], letters[rank - 1], letters[rank : rank + 2]
    return f"{free}{last},{last}{heads}->{free}{heads}"


def _out_of_heads(rank: int, outputs: int) -> str:
    """`'abcd,cde->abe'`: heads and their size become the last axes."""
    letters = string.ascii_lowercase
    free, heads = letters[: rank - 1], letters[rank - 1 : rank + 1]
    made = letters[rank + 1 : rank + 1 + outputs]
    return f"{free}{heads},{heads}{made}->{free}{made}"


def _equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """Queries and keys to scores, scores and values to means; for (batch, queries, heads, size) looked along axis 1:

    >>> _equations(4, (1,))
    ('abcd,aecd->acbe', 'acbe,aecd->abcd')
    """
    query = string.ascii_lowercase[:rank]
    key = "".join(string.ascii_lowercase[rank + axes.index(a)] if a in axes else c for a, c in enumerate(query))
    kept = "".join(c for a, c in enumerate(query[:-1]) if a not in axes)
    scores = kept + "".join(query[a] for a in axes) + "".join(key[a] for a in axes)
    return f"{query},{key}->{scores}", f"{scores},{key}->{query}"
