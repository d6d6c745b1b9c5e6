"""Checks of arguments that many layers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, DTypeError, ShapeError, UnsupportedError
from .layer import Layer


def label(layer: Layer) -> str:
    """`Dense 'hidden'`, for messages raised while the layer is made."""
    return f"{type(layer).__name__} {layer.name!r}"


def positive_integer(layer: Layer, name: str, value: Any) -> int:
    """The value as an int; raises `DTypeError` unless it is an integer, and `ArgumentError` unless above 0."""
    integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not integer or value < 1:
        raise (ArgumentError if integer else DTypeError)(
            f"{label(layer)}: expected {name} to be a positive integer; got {name}={value!r} ({type(value).__name__})."
        )
    return int(value)


def number(layer: Layer, name: str, value: Any, low: float, high: float = np.inf) -> float:
    """The value; raises `ArgumentError` unless it is a number from `low` to `high`."""
    good = isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and low <= value <= high
    if not good:
        wanted = f"from {low:g} to {high:g}" if high < np.inf else f"of at least {low:g}"
        raise ArgumentError(
            f"{label(layer)}: expected {name} to be a number {wanted}; got {name}={value!r} ({type(value).__name__})."
        )
    return value


def one_of(layer: Layer, name: str, value: Any, known: Sequence[str]) -> str:
    """The value; raises `ArgumentError` unless it is among the known ones."""
    if value not in known:
        raise ArgumentError(f"{label(layer)}: expected {name} to be one of {', '.join(known)}; got {value!r}.")
    return str(value)


def known_size(layer: Layer, shape: Sequence[int | None], axis: int = -1) -> int:
    """The size of an axis that weights depend on; raises `ShapeError` if it is missing or unknown."""
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"expected input with an axis {axis}; got shape {tuple(shape)}.")
    size = shape[axis]
    if size is None:
        where = "the last axis" if axis in (-1, len(shape) - 1) else f"axis {axis}"
        raise ShapeError(
            f"expected a known size on {where}: the weights depend on it; got shape {tuple(shape)}. Give it in Input()."
        )
    return size


def only_defaults(layer: Layer, arguments: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    """`arguments` without Keras's arguments that have no meaning here; they are accepted at their defaults only."""
    for name, default in defaults.items():
        if arguments.get(name, default) != default:
            place = f"{type(layer).__name__} {arguments['name']!r}" if arguments.get("name") else type(layer).__name__
            raise UnsupportedError(f"{place}: {name}={arguments[name]!r} is not available; leave {name} out.")
    return {key: value for key, value in arguments.items() if key not in defaults}
