"""Attention under Keras's names."""

from __future__ import annotations

import math
from typing import Any

from .. import primitives as P
from ..errors import ShapeError, UnsupportedError
from ..ir import Tensor
from ..primitives.arithmetic import as_operand, cast, result_type
from .math import floating, logical_and, where
from .nn import softmax
from .shaping import arange, expand_dims, repeat
from .summation import einsum
from .symbolic import op


@op
def dot_product_attention(
    query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, scale: Any = None, is_causal: bool = False,
    flash_attention: bool | None = None, attn_logits_soft_cap: float | None = None,
) -> Tensor:  # fmt: skip
    """softmax(scale q k^T + bias) v for every head: means of the values, weighed by how well keys match queries.

    Args: query, key, value: tensors; key and value may have fewer heads, each then serves several of the query's;
        bias: added to the scores (default None); mask: truth values, false where nothing is looked at (default None);
        scale: number (default None: 1 / sqrt(size)); is_causal: whether a query sees no later keys (default False);
        flash_attention: accepted as None or False; attn_logits_soft_cap: c, the scores s become c tanh(s / c)
        (default None: they stay).
    Shapes: query (batch, queries, heads, size), key (batch, keys, heads, size), value (batch, keys, heads, n)
        -> (batch, queries, heads, n); bias and mask broadcast to (batch, heads, queries, keys). A query that sees
        nothing gets the mean of all values.
    Raises: ShapeError: other than 4 axes, or heads that do not fit; UnsupportedError: flash_attention is True.
    Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1.

    >>> x = [[[[1.0, 0.0]], [[0.0, 1.0]]]]
    >>> dot_product_attention(x, x, x, is_causal=True)[0, 0].tolist()
    [[1.0, 0.0]]
    """
    if flash_attention:
        raise UnsupportedError("dot_product_attention: flash_attention=True is not available; leave it out.")
    dtype = result_type(*map(floating, (query, key, value)))
    q, k, v = (as_operand(t, dtype) for t in (query, key, value))
    if {t.ndim for t in (q, k, v)} != {4}:
        raise ShapeError("dot_product_attention: expected query, key and value with 4 axes (batch, steps, heads, "
                         f"size); got {q.shape}, {k.shape} and {v.shape}.")  # fmt: skip
    k, v = (_for_heads(t, q.shape[2]) for t in (k, v))
    scores = _scores(q, k, scale)
    if attn_logits_soft_cap is not None:
        scores = P.tanh(scores * (1.0 / attn_logits_soft_cap)) * attn_logits_soft_cap
    scores = scores if bias is None else scores + as_operand(bias, scores.dtype)
    if is_causal:
        causal = expand_dims(arange(q.shape[1]), 1) >= arange(k.shape[1])
        mask = causal if mask is None else logical_and(mask, causal)
    if mask is not None:
        scores = where(mask, scores, lowest_score(scores.type.dtype))
    return einsum("bnts,bsnh->btnh", cast(softmax(scores), dtype), v)


def lowest_score(dtype: str) -> float:
    """A score so low that e to the power of its distance to any real score is 0."""
    return -0.7 * (65500.0 if dtype == "float16" else 3.38953e38)


def _scores(q: Tensor, k: Tensor, scale: Any) -> Tensor:
    """(batch, heads, queries, keys), in float32 at least."""
    wide = result_type(q, "float32")
    scores = einsum("btnh,bsnh->bnts", cast(q, wide), cast(k, wide))
    return scores * (1.0 / math.sqrt(q.shape[-1]) if scale is None else scale)


def _for_heads(x: Tensor, heads: int) -> Tensor:
    """Keys or values with as many heads as there are queries."""
    if x.shape[2] == 0 or heads % x.shape[2]:
        raise ShapeError(f"dot_product_attention: expected key and value with {heads} heads, or a divisor of them; got "
                         f"shape {x.shape}.")  # fmt: skip
    return x if x.shape[2] == heads else repeat(x, heads // x.shape[2], 2)
