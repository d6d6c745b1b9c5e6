"""`keras.tree`: nested lists, tuples and dicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ArgumentError
from ..ir.tree import flatten, map_structure, structure, unflatten

MAP_TO_NONE = object()  # what a function of `traverse` returns to put None in place of something


def map_shape_structure(func: Callable[..., Any], structure: Any) -> Any:
    """The same nesting with `func(shape)` in place of each shape: a tuple or list of integers and None.

    >>> map_shape_structure(len, [(1, 2), {"a": (None, 3, 4)}])
    [2, {'a': 3}]
    """
    if isinstance(structure, Mapping):
        return {key: map_shape_structure(func, value) for key, value in structure.items()}
    if all(n is None or isinstance(n, int) for n in structure):
        return func(structure)
    return type(structure)(map_shape_structure(func, item) for item in structure)


def is_nested(structure: Any) -> bool:
    """Whether something is a list, tuple or dict.

    >>> is_nested([1]), is_nested(1)
    (True, False)
    """
    return isinstance(structure, (list, tuple, Mapping))


def pack_sequence_as(structure: Any, flat_sequence: Any) -> Any:
    """The nesting of `structure` with other leaves, from left to right.

    >>> pack_sequence_as({"a": 0, "b": [0]}, [1, 2])
    {'a': 1, 'b': [2]}
    """
    return unflatten(structure, list(flat_sequence)) if is_nested(structure) else next(iter(flat_sequence))


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raises: ArgumentError: two nestings differ."""
    if _plain(a) != _plain(b):
        raise ArgumentError(f"expected two trees of one structure; got {a!r} and {b!r}.")


def _plain(tree: Any) -> Any:
    return structure(map_structure(lambda leaf: 0, tree)) if is_nested(tree) else "*"


def assert_same_paths(a: Any, b: Any) -> None:
    """Raises: ArgumentError: the leaves of two nestings lie at different paths."""
    first, second = ([path for path, _ in flatten_with_path(tree)] for tree in (a, b))
    if first != second:
        raise ArgumentError(f"expected leaves at the same paths; got {first} and {second}.")


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """The leaves with their paths of keys and positions.

    >>> flatten_with_path({"a": [5, 6]})
    [(('a', 0), 5), (('a', 1), 6)]
    """
    if isinstance(structure, Mapping):
        pairs: Any = [(key, structure[key]) for key in sorted(structure)]
    elif isinstance(structure, (list, tuple)):
        pairs = enumerate(structure)
    else:
        return [((), structure)]
    return [((key, *path), leaf) for key, item in pairs for path, leaf in flatten_with_path(item)]


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """`func` of what stands in the structures where `shallow_structure` has leaves."""
    if isinstance(shallow_structure, Mapping):
        return {
            key: map_structure_up_to(shallow_structure[key], func, *(s[key] for s in structures))
            for key in shallow_structure
        }
    if isinstance(shallow_structure, (list, tuple)):
        rows = zip(shallow_structure, *structures, strict=True)
        return type(shallow_structure)([map_structure_up_to(first, func, *rest) for first, *rest in rows])
    return func(*structures)


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """The nesting with each part replaced by what `func` returns for it; None leaves it, MAP_TO_NONE makes it None.

    Args: func: of a part, nested or not; structure; top_down: whole parts before what is in them (default True).
    """
    if top_down:
        found = func(structure)
        if found is not None:
            return None if found is MAP_TO_NONE else found
    if isinstance(structure, Mapping):
        inner: Any = {key: traverse(func, value, top_down) for key, value in structure.items()}
    elif isinstance(structure, (list, tuple)):
        inner = type(structure)([traverse(func, item, top_down) for item in structure])
    else:
        inner = structure
    if top_down:
        return inner
    found = func(inner)
    return inner if found is None else None if found is MAP_TO_NONE else found


def lists_to_tuples(structure: Any) -> Any:
    """The nesting with tuples in place of lists.

    >>> lists_to_tuples([1, [2]])
    (1, (2,))
    """
    if isinstance(structure, Mapping):
        return {key: lists_to_tuples(value) for key, value in structure.items()}
    return tuple(lists_to_tuples(item) for item in structure) if isinstance(structure, (list, tuple)) else structure


__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]
