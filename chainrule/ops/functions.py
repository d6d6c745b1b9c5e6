"""Functions made from functions, and axes arranged as a pattern says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..ir import Tensor
from ..ir.tree import flatten, unflatten
from ..primitives.arithmetic import as_operand, broadcast_shape, broadcast_to
from .control import map
from .shaping import concatenate, flip, reshape, transpose
from .symbolic import OPS, op


@op
def vectorized_map(function: Callable[..., Any], elements: Any) -> Any:
    """`function` applied to each slice of axis 0 of a tensor (or tree of tensors), results stacked.

    >>> vectorized_map(lambda x: x * 2, np.array([1, 2])).tolist()
    [2, 4]
    """
    leaves = [as_operand(leaf) for leaf in flatten(elements)]
    return map(lambda parts: function(unflatten(elements, list(parts))), tuple(leaves))


@op
def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """The running results of an associative function along an axis, in a number of steps that grows as log(n).

    Args:
        f: (a, b) -> the combination of both, on trees of tensors like `elems`; it works on many slices at once.
        elems: a tensor, or a tree of them; reverse: from the last element to the first (default False); axis: integer.
    Source: Hillis and Steele 1986, "Data parallel algorithms".

    >>> associative_scan(lambda a, b: a + b, np.arange(4)).tolist()
    [0, 1, 3, 6]
    """
    leaves = [as_operand(leaf) for leaf in flatten(elems)]
    size = leaves[0].shape[axis]
    if any(leaf.shape[axis] != size for leaf in leaves):
        raise ShapeError(f"associative_scan: expected one size along axis {axis}; got {[t.shape for t in leaves]}.")
    leaves = [flip(leaf, axis) for leaf in leaves] if reverse else leaves
    step = 1
    while step < size:
        earlier = unflatten(elems, [_range(t, axis, 0, size - step) for t in leaves])
        later = unflatten(elems, [_range(t, axis, step, size) for t in leaves])
        combined = flatten(f(earlier, later))
        leaves = [concatenate([_range(t, axis, 0, step), as_operand(c)], axis) for t, c in
                  zip(leaves, combined, strict=True)]  # fmt: skip
        step *= 2
    return unflatten(elems, [flip(leaf, axis) for leaf in leaves] if reverse else leaves)


def _range(x: Tensor, axis: int, low: int, high: int) -> Tensor:
    keys = [slice(None)] * x.ndim
    keys[axis] = slice(low, high)
    return OPS["getitem"](x, tuple(keys))


def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None) -> Callable[..., Any]:
    """A function of tensors from one of single elements (or of small arrays, as `signature` says).

    Args:
        pyfunc: the function of one element of each argument.
        excluded: positions of arguments that are passed as they are (default none).
        signature: sizes of arguments and results, as '(n),(n)->()' (default: single elements).

    >>> vectorize(lambda x, y: x * y + 1.0)([1.0, 2.0], [[1.0], [2.0]]).tolist()
    [[2.0, 3.0], [3.0, 5.0]]
    """
    inner = [len(dims.split(",")) if dims else 0 for dims in re.findall(r"\(([^)]*)\)", _inputs_of(signature))]
    fixed = set(excluded or ())

    def wrapped(*args: Any) -> Any:
        places = [k for k in range(len(args)) if k not in fixed]
        ranks = inner if signature else [0] * len(places)
        if len(ranks) != len(places):
            raise ArgumentError(f"vectorize: the signature says {len(ranks)} arguments; got {len(places)}.")
        tensors = [as_operand(args[k]) for k in places]
        loops = [t.shape[: t.ndim - r] for t, r in zip(tensors, ranks, strict=True)]
        common = broadcast_shape(*loops)
        flat = [
            reshape(broadcast_to(t, (*common, *t.shape[t.ndim - r :])), (-1, *t.shape[t.ndim - r :]))
            for t, r in zip(tensors, ranks, strict=True)
        ]

        def one(parts: Any) -> Any:
            given = list(args)
            for k, part in zip(places, parts, strict=True):
                given[k] = part
            return pyfunc(*given)

        results = map(one, tuple(flat))
        return unflatten(results, [reshape(t, (*common, *t.shape[1:])) for t in flatten(results)])

    return wrapped


def _inputs_of(signature: str | None) -> str:
    return "" if signature is None else signature.replace(" ", "").split("->", maxsplit=1)[0]


@op
def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Tensor:
    """Axes put into another order, joined and divided, as a pattern says.

    Args: tensor; pattern: 'b (h s) c -> b h (s c)'; axes_lengths: sizes of the axes in brackets that do not follow.
    Raises: ArgumentError: the pattern; ShapeError: it does not fit the tensor.
    Source: Rogozhnikov 2022, "Einops".

    >>> rearrange([[1, 2], [3, 4]], "a b -> (b a)").tolist()
    [1, 3, 2, 4]
    """
    x = as_operand(tensor)
    left, arrow, right = pattern.partition("->")
    before, after = _axes(left, x.ndim), _axes(right, x.ndim)
    if "..." in left:
        extra = x.ndim - len(before) + 1
        before, after = (_without_dots(group, extra) for group in (before, after))
    names = [name for group in before for name in group]
    if not arrow or len(set(names)) != len(names) or sorted(names) != sorted(n for group in after for n in group):
        raise ArgumentError(f"rearrange: expected the same axes on both sides, each once; got {pattern!r}.")
    if len(before) != x.ndim:
        raise ShapeError(f"rearrange: {pattern!r} expects {len(before)} axes; got shape {x.shape}.")
    sizes = dict(axes_lengths)
    for group, size in zip(before, x.shape, strict=True):
        _solve(group, size, sizes, pattern)
    apart = reshape(x, [sizes[name] for name in names])
    turned = transpose(apart, [names.index(name) for group in after for name in group])
    return reshape(turned, [int(np.prod([sizes[name] for name in group], dtype=int)) for group in after])


def _axes(side: str, rank: int) -> list[list[str]]:
    """The axes of one side, each a list of the names that it is joined of; '1' is an axis of nothing."""
    found = re.findall(r"\(([^)]*)\)|([A-Za-z_]\w*|\.\.\.|1)", side)
    return [inside.split() if word == "" else [] if word == "1" else [word] for inside, word in found]


def _without_dots(groups: list[list[str]], count: int) -> list[list[str]]:
    names = [f"...{k}" for k in range(count)]
    found: list[list[str]] = []
    for group in groups:
        found += [[name] for name in names] if group == ["..."] else [
            [n for name in group for n in (names if name == "..." else [name])]
        ]  # fmt: skip
    return found


def _solve(group: list[str], size: int, sizes: dict[str, int], pattern: str) -> None:
    """The sizes of the axes that one axis is joined of: one of them may be unknown."""
    unknown = [name for name in group if name not in sizes]
    known = int(np.prod([sizes[name] for name in group if name in sizes], dtype=int))
    if len(unknown) > 1 or size % known or (not unknown and known != size):
        raise ShapeError(f"rearrange: {pattern!r} does not say how an axis of size {size} is divided: {sizes}.")
    if unknown:
        sizes[unknown[0]] = size // known
