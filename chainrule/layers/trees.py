"""Nested inputs and outputs of layers: tensors found, replaced, converted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..ir import FLOAT, Tensor
from ..ir.tree import remade
from ..ops.symbolic import KerasTensor
from ..primitives.arithmetic import as_operand, cast
from ..variables import SeedGenerator, Variable

_PLAIN = (str, bytes, int, float, np.generic)
_LONG = 100  # a list this long that begins with plain values is data, and is not looked through


def tracked(value: Any) -> Iterator[Any]:
    """Layers, Variables, SeedGenerators and metrics in an attribute's value."""
    is_layer_or_metric = hasattr(value, "_flatten_layers") or hasattr(value, "update_state")
    if is_layer_or_metric or isinstance(value, (Variable, SeedGenerator)):
        yield value
    elif isinstance(value, (list, tuple)):
        if len(value) < _LONG or any(not isinstance(item, _PLAIN) for item in value[:_LONG]):
            for item in value:
                yield from tracked(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tracked(item)


def leaves(tree: Any) -> list[Any]:
    """All tensors, symbolic or not."""
    if isinstance(tree, (Tensor, KerasTensor)):
        return [tree]
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in leaves(item)]
    return []


def map_tensors(tree: Any, function: Any) -> Any:
    """The same nesting with `function(tensor)` in place of each tensor."""
    if isinstance(tree, dict):
        return {key: map_tensors(value, function) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return remade(tree, [map_tensors(item, function) for item in tree])
    return function(tree) if isinstance(tree, (Tensor, KerasTensor)) else tree


def map_shapes(tree: Any, function: Any) -> Any:
    """The same nesting with `function(shape)` in place of each shape."""
    if isinstance(tree, dict):
        return {key: map_shapes(value, function) for key, value in tree.items()}
    if all(n is None or isinstance(n, int) for n in tree):
        return function(tuple(tree))
    return remade(tree, [map_shapes(item, function) for item in tree])


def convert(value: Any, dtype: str | None) -> Any:
    """Arrays (and nested lists of numbers) become tensors; floats become `dtype`."""
    if isinstance(value, dict):
        return {key: convert(item, dtype) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and not is_numbers(value):
        return remade(value, [convert(item, dtype) for item in value])
    if value is None or isinstance(value, (str, bool)) or callable(value):
        return value
    if getattr(value, "dtype", None) == "string" or (isinstance(value, np.ndarray) and value.dtype.kind in "OSU"):
        return value  # text, for the layers that take it
    tensor = as_operand(value)
    if not dtype or tensor.type.dtype not in FLOAT or tensor.type.dtype == dtype:
        return tensor
    changed, mask = cast(tensor, dtype), getattr(tensor, "_keras_mask", None)
    if mask is not None:
        changed._keras_mask = mask
    return changed


def convert_arrays(value: Any, dtype: str | None) -> Any:
    """Arrays and tensors in an argument given by name are converted; plain numbers and lists of them stay."""
    if isinstance(value, dict):
        return {key: convert_arrays(item, dtype) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and not is_numbers(value):
        return remade(value, [convert_arrays(item, dtype) for item in value])
    is_array = hasattr(value, "__array__") and not isinstance(value, np.generic)
    return convert(value, dtype) if is_array else value


def is_numbers(value: Any) -> bool:
    """Whether a nested list holds numbers, and so is one tensor."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return isinstance(value, (int, float, np.generic))
