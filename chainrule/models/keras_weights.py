"""Where Keras keeps which weight: its HDF5 files follow the attributes of objects, `layers/dense/vars/0`.

The children of a functional model or a Sequential are numbered by their class; those of any other layer are its
attributes by name, private ones last. A layer that is reached twice has its weights at the first place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..layers import InputLayer, Layer
from ..layers.naming import snake_case
from ..layers.storing import overrides
from ..variables import Variable
from .hdf5 import Hdf5

_UNDER_ANOTHER_NAME = {  # class: {our attribute: that of Keras}
    "MultiHeadAttention": {"gate_dense": "_gate_dense", "_dropout": "_dropout_layer"},
    "GroupQueryAttention": {f"{part}_dense": f"_{part}_dense" for part in ("query", "key", "value", "output", "gate")}
    | {"_dropout": "_dropout_layer"},
}
TOP = "top_level_model_weights"  # in older files: the weights of the model itself
_KEYS = ("layer_names", "layer_names0")  # what only older files have
_CLASSES = {"GroupQueryAttention": "grouped_query_attention"}


def places(model: Any) -> list[tuple[Variable, str]]:
    """Every weight of a model with its path in a file of Keras, but for those that a layer loads in its own way."""
    found = [(layer, place) for layer, place in holders(model) if not overrides(layer, "load_own_variables")]
    return [(v, f"{place}vars/{k}") for layer, place in found for k, v in enumerate(layer._saved_variables())]


def load_in_own_ways(model: Any, file: Hdf5) -> list[Variable]:
    """Let layers with a `load_own_variables` of the user's load what is theirs; the weights that they have."""
    arrays = {_modern(place): array for place, array in file.arrays.items()}
    loaded: list[Variable] = []
    for layer, place in holders(model):
        if overrides(layer, "load_own_variables"):
            start = f"{place}vars/"
            layer.load_own_variables({k.removeprefix(start): a for k, a in arrays.items() if k.startswith(start)})
            loaded += layer._own()
    return loaded


def not_built(model: Any, file: Hdf5) -> list[str]:
    """The layers that have weights in a file, but none yet in the model, by name."""
    full = {_modern(place).rpartition("/")[0] for place in file.arrays}
    return [layer.name for layer, place in holders(model) if not layer.built and f"{place}vars" in full]


def holders(model: Any) -> Iterator[tuple[Layer, str]]:
    """The model and every layer inside, with the beginning of the paths of its weights."""
    return _of_layer(model, "", set())


def _of_layer(layer: Any, place: str, seen: set[int]) -> Iterator[tuple[Layer, str]]:
    if id(layer) in seen:
        return
    seen.add(id(layer))
    yield layer, place
    if getattr(layer, "_graph", None) is not None or _class_name(layer) == "sequential":
        yield from _of_container(layer.layers, f"{place}layers/", seen)
    names = _UNDER_ANOTHER_NAME.get(type(layer).__name__, {})
    attributes = {names.get(key, key): value for key, value in vars(layer).items() if key not in layer._untracked}
    for name in sorted(attributes, key=lambda name: f"~{name}" if name.startswith("_") else name):
        value = attributes[name]
        if isinstance(value, Layer):
            yield from _of_layer(value, f"{place}{name}/", seen)
        elif isinstance(value, (list, tuple, dict)):
            yield from _of_container(value, f"{place}{name}/", seen)


def _of_container(container: Any, place: str, seen: set[int]) -> Iterator[tuple[Layer, str]]:
    counts: dict[str, int] = {}
    for item in container.values() if isinstance(container, dict) else container:
        if not isinstance(item, (Layer, list, tuple, dict)):
            continue
        base = _class_name(item) if isinstance(item, Layer) else "container"
        count = counts[base] = counts.get(base, -1) + 1
        inner = f"{place}{base}_{count}/" if count else f"{place}{base}/"
        if isinstance(item, Layer):
            yield from _of_layer(item, inner, seen)
        else:
            yield from _of_container(item, inner, seen)


def _class_name(layer: Any) -> str:
    """The class as Keras calls it: a model made of inputs and outputs is `Functional` there."""
    from .model import Model

    is_functional = type(layer) is Model and layer._graph is not None
    if isinstance(layer, InputLayer):
        return "input_layer"
    name = type(layer).__name__
    return "functional" if is_functional else _CLASSES.get(name) or snake_case(name)


def found_weights(
    model: Any, file: Hdf5, path: str, partly: bool = False, kept: tuple[Variable, ...] = ()
) -> list[tuple[Variable, str, np.ndarray]]:
    """Every weight of the model with its array in the file, whichever way the file is arranged.

    Args: model; file; path: for messages; partly: leave out what the file does not have (default False);
        kept: weights that are not looked for.
    Raises: ArgumentError: the file lacks weights that the model has.
    """
    if any(key in file.attributes.get("model_weights", file.attributes[""]) for key in _KEYS):
        return _in_order(model, file, path)
    arrays = {_modern(place): array for place, array in file.arrays.items()}
    unneeded = {id(v) for v in kept}
    wanted = [(v, place) for v, place in places(model) if id(v) not in unneeded]
    missing = [(v, place) for v, place in wanted if place not in arrays]
    if missing and not partly:
        variable, place = missing[0]
        raise ArgumentError(
            f"{path}: expected an array {place!r} for weight {variable.path!r}; the file has none there"
            f" ({len(missing)} of {len(wanted)} weights are missing). Nothing was changed."
        )
    return [(v, place, arrays[place]) for v, place in wanted if place in arrays]


def _modern(place: str) -> str:
    """The place as Keras 3 writes it; Keras 2 wrote other names for the list of layers."""
    return place.replace("\\", "/").replace("_layer_checkpoint_dependencies/", "layers/")


def _in_order(model: Any, file: Hdf5, path: str) -> list[tuple[Variable, str, np.ndarray]]:
    """Files of older versions: the layers in order, each with its weights in order, trainable ones first."""
    root = _older_root(file)
    stored = [(name, _stored(file, f"{root}/{name}".lstrip("/"))) for name in _names(file, root, "layer_names")]
    stored = [(name, arrays) for name, arrays in stored if arrays]
    layers = [layer for layer in model.layers if layer.weights]
    if len(stored) != len(layers):
        raise ArgumentError(
            f"{path}: expected {len(layers)} layers with weights; the file has {len(stored)}. Nothing was changed."
        )
    found = []
    for layer, (name, arrays) in zip(layers, stored, strict=True):
        found += _paired([*layer.trainable_weights, *layer.non_trainable_weights], arrays, layer.name, name, path)
    top = f"{root}/{TOP}".lstrip("/")
    arrays = _stored(file, top) if top in file.groups else []
    return found + (_paired(model._own(), arrays, model.name, TOP, path) if arrays else [])


def named_weights(model: Any, file: Hdf5, path: str) -> list[tuple[Variable, str, np.ndarray]]:
    """The weights of those layers that an older file has under the same names.

    Raises: ArgumentError: a layer has another number of weights, or the file does not name layers.
    """
    root = _older_root(file)
    if not any(key in file.attributes[root] for key in _KEYS):
        raise ArgumentError(f"load_weights: by_name needs an older .h5 file, which names layers; got {path}.")
    names, found = set(_names(file, root, "layer_names")), []
    for layer in model.layers:
        if layer.name in names:
            arrays = _stored(file, f"{root}/{layer.name}".lstrip("/"))
            weights = [*layer.trainable_weights, *layer.non_trainable_weights]
            found += _paired(weights, arrays, layer.name, layer.name, path)
    return found


def _older_root(file: Hdf5) -> str:
    return "model_weights" if "model_weights" in file.groups else ""


def _paired(
    weights: Sequence[Variable], arrays: Sequence[tuple[str, np.ndarray]], layer: str, name: str, path: str
) -> list[tuple[Variable, str, np.ndarray]]:  # fmt: skip
    if len(weights) != len(arrays):
        raise ArgumentError(
            f"{path}: expected {len(weights)} arrays for layer {layer!r}; the file has {len(arrays)} for {name!r}. "
            "Nothing was changed."
        )
    return [(v, place, array) for v, (place, array) in zip(weights, arrays, strict=True)]


def _names(file: Hdf5, place: str, key: str) -> list[str]:
    """A list of names in the attributes; long ones are written in several pieces."""
    attributes = file.attributes[place]
    if key in attributes:
        return list(attributes[key])
    pieces = [attributes[f"{key}{k}"] for k in range(len(attributes)) if f"{key}{k}" in attributes]
    return [name for piece in pieces for name in piece]


def _stored(file: Hdf5, place: str) -> list[tuple[str, np.ndarray]]:
    names = [f"{place}/{name}" for name in _names(file, place, "weight_names")]
    return [(name, file.arrays[name]) for name in names]


def optimizer_arrays(file: Hdf5) -> list[np.ndarray]:
    """The state of the optimizer, in the order of its variables; empty if the file has none."""
    if "optimizer_weights" in file.groups:
        names = _names(file, "optimizer_weights", "weight_names")
        return [file.arrays[f"optimizer_weights/{name}"] for name in names]
    count = sum(place.startswith("optimizer/vars/") for place in file.arrays)
    return [file.arrays[f"optimizer/vars/{k}"] for k in range(count)]
