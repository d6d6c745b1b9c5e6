"""Whole models and weights as `.h5`, in the layout of Keras 2 that Keras 3 still reads.

attributes of the file   architecture, arguments of compile; what Keras has no place for ("chainrule")
model_weights            layer by layer, in order: trainable weights, then the others
optimizer_weights        the state of the optimizer, in order
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import losses
from ..variables import Variable
from .hdf5 import Hdf5, write_hdf5
from .keras_saving import LAYOUT, parts
from .keras_weights import TOP

_MOST_NAMES = 3000  # in one attribute: HDF5 has room for 64 KB, 16 bytes a name
_ABOUT = {"backend": "tensorflow", "keras_version": LAYOUT}  # whose order of axes the weights have


def older_archive(model: Any, config: dict[str, Any], tensors: dict[str, np.ndarray], with_optimizer: bool) -> bytes:
    """The bytes of a whole-model `.h5` file.

    Args: model; config, tensors: what is known about it, as chainrule's own format has them; with_optimizer: whether
        the arguments of compile and the optimizer's state are part of it.
    """
    metadata, description = parts(config, tensors)
    compiled = description.pop("compile_config", None)
    content = Hdf5()
    content.groups[""] = []
    about = {**_ABOUT, "model_config": json.dumps(description), "chainrule": json.dumps(metadata)}
    if compiled is not None and with_optimizer:
        optimizer = compiled.pop("optimizer")
        training = {**compiled, "loss": _in_full(compiled.get("loss")), "optimizer_config": optimizer}
        about["training_config"] = json.dumps(training)
        if model.optimizer.built:
            _add(content, "optimizer_weights", model.optimizer.variables)
    content.attributes[""] = about
    _add_layers(content, "model_weights", model)
    return write_hdf5(content)


def _in_full(loss: Any) -> Any:
    """Losses with their names in full: Keras 3 does not find the short ones when it reads such a file.

    >>> _in_full({"a": "mse", "b": "crossentropy"})
    {'a': 'mean_squared_error', 'b': 'crossentropy'}
    """
    if isinstance(loss, str):
        return getattr(losses.ALL.get(loss), "__name__", loss)
    if isinstance(loss, list):
        return [_in_full(item) for item in loss]
    is_dict = isinstance(loss, dict) and "class_name" not in loss
    return {key: _in_full(item) for key, item in loss.items()} if is_dict else loss


def older_weights(model: Any) -> bytes:
    """The bytes of a `.h5` file with the weights alone."""
    content = Hdf5()
    _add_layers(content, "", model)
    return write_hdf5(content)


def _add_layers(content: Hdf5, root: str, model: Any) -> None:
    names = [layer.name for layer in model.layers]
    content.groups[root] = []
    content.attributes[root] = {**_ABOUT, **_in_pieces("layer_names", names)}
    for layer in sorted(model.layers, key=lambda layer: layer.name):
        weights = [*layer.trainable_weights, *layer.non_trainable_weights]
        _add(content, f"{root}/{layer.name}".lstrip("/"), weights)
    _add(content, f"{root}/{TOP}".lstrip("/"), model._own())


def _add(content: Hdf5, group: str, variables: Iterable[Variable]) -> None:
    """Variables with their paths; one that occurs again gets a number."""
    arrays: dict[str, np.ndarray] = {}
    for variable in variables:
        path, count = variable.path, 0
        while path in arrays:
            count += 1
            path = f"{variable.path}_{count}"
        arrays[path] = variable.numpy()
    content.groups[group] = []
    content.attributes[group] = _in_pieces("weight_names", list(arrays))
    content.arrays |= {f"{group}/{path}": array for path, array in arrays.items()}


def _in_pieces(key: str, names: Sequence[str]) -> dict[str, Any]:
    """A list of names as attributes: several ones if it is long.

    >>> list(_in_pieces("names", ["a"])), list(_in_pieces("names", ["a"] * 5000))
    (['names'], ['names0', 'names1'])
    """
    if len(names) <= _MOST_NAMES:
        return {key: list(names)}
    starts = range(0, len(names), _MOST_NAMES)
    return {f"{key}{k}": list(names[start : start + _MOST_NAMES]) for k, start in enumerate(starts)}
