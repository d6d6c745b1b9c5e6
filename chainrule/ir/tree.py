"""Nested lists, tuples and dicts of tensors, taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..errors import ArgumentError

_LEAF = object()


def flatten(tree: Any) -> list[Any]:
    """The leaves, left to right; dicts in the order of their keys; None is a leaf.

    >>> flatten({"b": [1, 2], "a": (3, None)})
    [3, None, 1, 2]
    """
    found: list[Any] = []
    _collect(tree, found)
    return found


def _collect(tree: Any, found: list[Any]) -> None:
    if isinstance(tree, (list, tuple)):
        for item in tree:
            _collect(item, found)
    elif isinstance(tree, dict) or (hasattr(tree, "keys") and isinstance(tree, Mapping)):  # to ask an ABC takes long
        for key in sorted(tree):
            _collect(tree[key], found)
    else:
        found.append(tree)


def unflatten(like: Any, leaves: list[Any] | Iterator[Any]) -> Any:
    """The structure of `like` with the given leaves in place of its own.

    >>> unflatten({"b": [0, 0], "a": 0}, [1, 2, 3])
    {'b': [2, 3], 'a': 1}
    """
    source = iter(leaves)
    result = _rebuild(like, source)
    if next(source, _LEAF) is not _LEAF:
        raise ArgumentError(f"unflatten: more leaves than places in {like!r}.")
    return result


def remade(like: Any, items: Iterable[Any]) -> Any:
    """A list, tuple or named tuple of the kind of another, with these items.

    >>> remade((1, 2), [3, 4])
    (3, 4)
    """
    return type(like)(*items) if hasattr(like, "_fields") else type(like)(items)


def _rebuild(like: Any, source: Iterator[Any]) -> Any:
    if isinstance(like, Mapping):
        found = {key: _rebuild(like[key], source) for key in sorted(like)}
        return {key: found[key] for key in like}
    if isinstance(like, (list, tuple)):
        return remade(like, [_rebuild(item, source) for item in like])
    leaf = next(source, _LEAF)
    if leaf is _LEAF:
        raise ArgumentError(f"unflatten: fewer leaves than places in {like!r}.")
    return leaf


def map_structure(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Apply `function` to corresponding leaves of trees of the same structure.

    >>> map_structure(lambda a, b: a + b, [1, (2,)], [10, (20,)])
    [11, (22,)]
    """
    columns = [flatten(t) for t in (tree, *others)]
    if len({len(c) for c in columns}) != 1:
        raise ArgumentError(f"map_structure: expected trees of one structure; got {(tree, *others)!r}.")
    return unflatten(tree, [function(*row) for row in zip(*columns, strict=True)])


def structure(tree: Any) -> Any:
    """A hashable description of the nesting, without the leaves.

    >>> structure([1, {"a": 2}]) == structure([5, {"a": 6}])
    True
    """
    if isinstance(tree, Mapping):
        return ("dict", tuple((key, structure(tree[key])) for key in sorted(tree)))
    if isinstance(tree, (list, tuple)):
        return (type(tree).__name__, tuple(structure(item) for item in tree))
    return None if tree is None else "*"
