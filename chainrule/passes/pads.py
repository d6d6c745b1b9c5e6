"""Sums of parts that were padded with zeros to one shape: the parts, one beside the other.

That is what the gradient of cutting a value into pieces is, the gates of an LSTM or the heads of an attention.
"""

from __future__ import annotations

import numpy as np

from ..ir import Equation, Var
from .rewrite import Rewriter


def neighbours(r: Rewriter, e: Equation) -> Var | None:
    """pad(a) + pad(b) = pad(a + 0 beside b + 0), if a lies beside b. To the bit: -0 + 0 is 0."""
    parts = [_padded(r, v) for v in e.inputs]
    if parts[0] is None or parts[1] is None or e.inputs[0] is e.inputs[1]:
        return None
    first, second = sorted((part for part in parts if part), key=lambda part: part[1])
    (axis, low, _, left), (other, next_low, next_high, right) = first, second
    if axis != other or low + left.type.shape[axis] != next_low:
        return None
    pieces = [piece for v in (left, right) for piece in _pieces(r, v, axis)]
    joined = r.emit("concatenate", *pieces, axis=axis)
    rank = joined.type.rank
    at = lambda n: [n if a == axis else 0 for a in range(rank)]  # noqa: E731
    return r.emit("pad", joined, low=at(low), high=at(next_high), interior=[0] * rank, value=0)


def _padded(r: Rewriter, v: Var) -> tuple[int, int, int, Var] | None:
    """(axis, zeros before, zeros after, what lies between), if v is just that and nobody else reads it."""
    e = r.made_by.get(v)
    if e is None or e.primitive.name != "pad" or r.uses[v] > 1:
        return None
    p, x = e.params, e.inputs[0]
    axes = [a for a in range(x.type.rank) if p.low[a] or p.high[a]]
    is_plain = len(axes) == 1 and min(*p.low, *p.high) >= 0 and not any(p.interior)
    zero = np.asarray(p.value).astype(x.type.dtype).tobytes() == np.zeros((), x.type.dtype).tobytes()
    return (axes[0], p.low[axes[0]], p.high[axes[0]], x) if is_plain and zero else None


def _pieces(r: Rewriter, v: Var, axis: int) -> list[Var]:
    """v + 0, or what it was made of here before."""
    e = r.made_by.get(v)
    if e and e.primitive.name == "concatenate" and e.params.axis == axis and all(_is_plus_zero(r, w) for w in e.inputs):
        return list(e.inputs)
    zero = r.emit("constant", value=np.zeros((), v.type.dtype))
    return [r.emit("add", v, r.emit("broadcast", zero, shape=v.type.shape, axes=()))]


def _is_plus_zero(r: Rewriter, v: Var) -> bool:
    e = r.made_by.get(v)
    zero = r.splat(e.inputs[1]) if e and e.primitive.name == "add" else None
    return zero is not None and zero.tobytes() == np.zeros_like(zero).tobytes()
