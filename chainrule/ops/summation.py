"""Sums of products: of matrices, over pairs of axes, and as an equation over axis letters (Einstein's summation)."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import primitives as P
from ..errors import ShapeError
from ..ir import Tensor
from ..primitives.arithmetic import OPERATORS, as_operand, broadcast_to, cast, full, result_type
from .math import normalize_axis, sum
from .symbolic import op

_Term = tuple[Tensor, str]  # a tensor and the letter of each of its axes


@op
def matmul(x1: Any, x2: Any) -> Tensor:
    """The matrix product over the last axis of x1 and the last but one of x2; axes before are batch axes.

    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]]).tolist()
    [[11.0]]
    """
    x1, x2 = as_operand(x1), as_operand(x2)
    dtypes = {x1.type.dtype, x2.type.dtype}
    if dtypes == {"bool"}:
        return cast(OPERATORS["matmul"](cast(x1, "int32"), cast(x2, "int32")), "bool")
    return OPERATORS["matmul"](cast(x1, "int32") if dtypes == {"int8"} else x1, x2)


@op
def dot(x1: Any, x2: Any) -> Tensor:
    """NumPy's dot: the sum over the last axis of x1 and the last but one of x2."""
    x1, x2 = as_operand(x1), as_operand(x2)
    if not x1.ndim or not x2.ndim:
        return OPERATORS["mul"](x1, x2)
    if x1.ndim <= 2 and x2.ndim <= 2:
        return cast(matmul(x1, x2), result_type(x1, x2))  # unlike `matmul`, integers of 8 bits stay so
    return tensordot(x1, x2, ([x1.ndim - 1], [max(x2.ndim - 2, 0)]))


@op
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Tensor:
    """The sum over pairs of axes: the last `axes` of x1 with the first of x2, or two lists of axes."""
    x1, x2 = as_operand(x1), as_operand(x2)
    if isinstance(axes, int):
        axes = (list(range(x1.ndim - axes, x1.ndim)), list(range(axes)))
    left, right = ([a] if isinstance(a, int) else list(a) for a in axes)
    dtype = result_type(x1, x2)
    contract = (
        [normalize_axis(a, x1.ndim) for a in left],
        [normalize_axis(a, x2.ndim) for a in right],
    )
    return P.dot_general(cast(x1, dtype), cast(x2, dtype), contract=contract)


@op
def einsum(subscripts: str, *operands: Any) -> Tensor:
    """Sums of products along lettered axes: `"ij,jk->ik"` is the matrix product.

    Args:
        subscripts: one term of letters an operand, separated by commas; after `->` the letters of the result. A letter
            missing there is summed over. Without `->` the result has the letters that occur once, in alphabetical
            order. `...` stands for any further axes; they broadcast.
        operands: tensors.

    Shapes: one size a letter; an axis of size 1 is repeated where the letter has another size.
    Raises: ShapeError: the equation and the shapes do not fit.

    >>> einsum("ij,jk->ik", [[1.0, 2.0]], [[3.0], [4.0]]).tolist()
    [[11.0]]
    >>> einsum("ii", [[1.0, 2.0], [3.0, 4.0]]).tolist()
    5.0
    """
    tensors = [as_operand(x) for x in operands]
    terms, result = _parse(subscripts, tensors)
    dtype = result_type(*tensors)
    dtype = "int32" if dtype == "int8" else dtype  # as `matmul` counts
    sizes = _sizes(subscripts, terms, tensors)
    named = [_stretched(cast(x, dtype), term, sizes) for x, term in zip(tensors, terms, strict=True)]
    named = [_diagonal(x, letters) for x, letters in named]
    while len(named) > 1:
        i, j = _cheapest(named, result, sizes)
        rest = [term for k, term in enumerate(named) if k not in (i, j)]
        needed = set(result).union(*(letters for _, letters in rest))
        named = [*rest, _contract(named[i], named[j], needed)]
    return _arranged(_summed(named[0], set(result)), result)


def _parse(subscripts: str, tensors: Sequence[Tensor]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, `...` replaced by letters of its own."""
    inputs, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(tensors):
        raise ShapeError(
            f"einsum: expected one term an operand; got {len(terms)} in {subscripts!r} for {len(tensors)}."
        )
    spare = [c for c in string.ascii_letters if c not in subscripts]
    hidden = [x.ndim - len(term.replace("...", "")) for term, x in zip(terms, tensors, strict=True)]
    most = max((h for h, term in zip(hidden, terms, strict=True) if "..." in term), default=0)
    for term, h, x in zip(terms, hidden, tensors, strict=True):
        if h < 0 or (h and "..." not in term):
            raise ShapeError(f"einsum: expected {term!r} to name the axes of its operand; got shape {x.shape}.")
    dots = "".join(spare[:most])
    if not arrow:
        seen = Counter(inputs.replace(",", "").replace(".", ""))
        result = "..." + "".join(sorted(c for c, n in seen.items() if n == 1))
    full_terms = [term.replace("...", dots[most - h :] if h > 0 else "") for term, h in zip(terms, hidden, strict=True)]
    result = result.replace("...", dots)
    if len(set(result)) < len(result) or set(result) - set("".join(full_terms)):
        raise ShapeError(f"einsum: expected each letter of the result once, and in an operand; got {subscripts!r}.")
    return full_terms, result


def _sizes(subscripts: str, terms: Sequence[str], tensors: Sequence[Tensor]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for term, x in zip(terms, tensors, strict=True):
        for letter, n in zip(term, x.shape, strict=True):
            known = sizes.setdefault(letter, n)
            if known == 1:
                sizes[letter] = n
            elif n not in (1, known):
                shapes = " and ".join(str(t.shape) for t in tensors)
                raise ShapeError(f"einsum {subscripts!r}: expected one size for {letter!r}; got {known} and {n} in "
                                 f"shapes {shapes}.")  # fmt: skip
    return sizes


def _stretched(x: Tensor, term: str, sizes: dict[str, int]) -> _Term:
    return broadcast_to(x, [sizes[letter] for letter in term]), term


def _diagonal(x: Tensor, term: str) -> _Term:
    """Repeated letters: only elements whose positions on those axes agree stay; then the other axes are summed."""
    for letter in dict.fromkeys(c for c in term if term.count(c) > 1):
        first = term.index(letter)
        while term.count(letter) > 1:
            second = term.index(letter, first + 1)
            same = np.eye(x.shape[first], dtype=bool)
            keep = P.broadcast(as_operand(same), shape=x.shape, axes=(first, second))
            x = sum(P.select(keep, x, full(x.shape, 0, x.dtype)), second)
            term = term[:second] + term[second + 1 :]
    return x, term


def _cheapest(terms: Sequence[_Term], result: str, sizes: dict[str, int]) -> tuple[int, int]:
    """The pair of operands whose product has the fewest elements."""
    if len(terms) == 2:
        return 0, 1

    def size(i: int, j: int) -> int:
        others = set(result).union(*(letters for k, (_, letters) in enumerate(terms) if k not in (i, j)))
        return int(np.prod([sizes[c] for c in set(terms[i][1] + terms[j][1]) & others], dtype=np.int64))

    pairs = [(i, j) for i in range(len(terms)) for j in range(i + 1, len(terms))]
    return min(pairs, key=lambda pair: size(*pair))


def _contract(left: _Term, right: _Term, needed: set[str]) -> _Term:
    """The product of two operands, summed over the letters that nothing else needs."""
    left, right = _summed(left, needed | set(right[1])), _summed(right, needed | set(left[1]))
    (x, a), (w, b) = left, right
    shared = [c for c in a if c in b]
    contracted, batch = [c for c in shared if c not in needed], [c for c in shared if c in needed]
    y = P.dot_general(
        x, w, contract=([a.index(c) for c in contracted], [b.index(c) for c in contracted]),
        batch=([a.index(c) for c in batch], [b.index(c) for c in batch]),
    )  # fmt: skip
    return y, "".join([*batch, *(c for c in a if c not in shared), *(c for c in b if c not in shared)])


def _summed(term: _Term, needed: set[str]) -> _Term:
    x, letters = term
    gone = [i for i, c in enumerate(letters) if c not in needed]
    return (sum(x, gone), "".join(c for c in letters if c in needed)) if gone else term


def _arranged(term: _Term, result: str) -> Tensor:
    x, letters = term
    return x if letters == result else P.transpose(x, axes=[letters.index(c) for c in result])
