"""Models in files. A model file is a zip of JSON and safetensors; reading one never runs code from it.

    metadata.json        format version, chainrule version
    config.json          the architecture, the arguments of compile, the shapes it was built for
    weights.safetensors  the weights by path, the optimizer's state
"""

from __future__ import annotations

import io
import json
import os
import warnings
import zipfile
from typing import Any

import numpy as np

from .. import __version__
from ..errors import ArgumentError, FileError, ShapeError, UnsupportedError, listed
from ..files import read_bytes, write_atomically
from ..layers.trees import map_tensors
from ..ops.symbolic import KerasTensor
from ..serialization import deserialize_keras_object, serialize_keras_object
from ..variables import Variable

FORMAT = 1


def save_model(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write a model to one `.keras` file, atomically."""
    path = os.fspath(filepath)
    if not path.endswith((".keras", ".h5", ".chainrule")):
        raise ArgumentError(f"save: expected a file name that ends in .keras; got {path!r}.")
    tensors = {f"weights/{k}": v for k, v in named_arrays(model.weights).items()}
    config = {"model": serialize_keras_object(model), "build": _build_config(model), "compile": None}
    if model.compiled:
        config["compile"] = compile_config(model)
        if model.optimizer.built:
            tensors |= {f"optimizer/{k}": v for k, v in named_arrays(model.optimizer.variables).items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        _put(archive, "metadata.json", _json({"format": FORMAT, "chainrule_version": __version__}))
        _put(archive, "config.json", _json(config))
        _put(archive, "weights.safetensors", _pack(tensors))
    write_atomically(path, buffer.getvalue(), overwrite)


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)  # no time stamp: same model, same bytes


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _pack(tensors: dict[str, np.ndarray]) -> bytes:
    from safetensors.numpy import save

    return save({name: np.array(array, order="C") for name, array in tensors.items()})


def _unpack(data: bytes, path: str) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(data)
    except SafetensorError as error:
        raise FileError(f"{path} is damaged: its weights cannot be read ({error}).") from None


def load_model(filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True) -> Any:
    """Read a model written by `save`.

    Args:
        custom_objects: `{name: class or function}` that the file may refer to.
        compile: whether to compile it as it was when saved (with the optimizer's state).
        safe_mode: accepted for Keras scripts; no code is ever taken from a file.
    """
    path, parts = os.fspath(filepath), {}
    data = read_bytes(filepath)
    if data[:8] == b"\x89HDF\r\n\x1a\n":
        raise UnsupportedError(f"{path} is an HDF5 file. Save the model as .keras with Keras, or only its weights.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        metadata, config = json.loads(parts["metadata.json"]), json.loads(parts["config.json"])
    except (zipfile.BadZipFile, KeyError, ValueError, UnicodeDecodeError) as error:
        raise FileError(f"{path} is not a model file written by chainrule, or it is damaged ({error}).") from None
    if "format" not in metadata:
        writer = f"Keras {metadata.get('keras_version', '')}"
        raise UnsupportedError(f"{path} was written by {writer}; chainrule cannot read it yet.")
    if metadata["format"] > FORMAT:
        found = metadata["format"]
        raise UnsupportedError(f"{path} has format {found}; this chainrule reads up to {FORMAT}. Update it.")
    model = deserialize_keras_object(config["model"], custom_objects)
    if config["build"] is not None and not model.built:
        model._build_symbolically(_symbols_from(config["build"]))
    tensors = _unpack(parts["weights.safetensors"], path)
    assign_named(model.weights, _with_prefix(tensors, "weights/"), path)
    if compile and config["compile"] is not None:
        _compile_from(model, config["compile"], custom_objects, _with_prefix(tensors, "optimizer/"), path)
    return model


def _with_prefix(tensors: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name[len(prefix) :]: array for name, array in tensors.items() if name.startswith(prefix)}


def _compile_from(model: Any, config: Any, custom_objects: Any, optimizer: dict[str, np.ndarray], path: str) -> None:
    arguments = {key: deserialize_keras_object(value, custom_objects) for key, value in config.items()}
    model.compile(**arguments)
    if optimizer:
        model.optimizer.build(model.trainable_variables)
        assign_named(model.optimizer.variables, optimizer, path)


def compile_config(model: Any) -> dict[str, Any]:
    """The arguments of `compile` as plain data. Functions that are not registered are left out, with a warning."""
    arguments = {**model._compile_arguments, "optimizer": model.optimizer}
    found = {}
    for key, value in arguments.items():
        if key in ("run_eagerly", "steps_per_execution", "jit_compile"):
            continue
        if _has_unknown_function(value):
            warnings.warn(
                f"compile argument {key!r} holds a function that is not registered; it is not saved. Decorate it with "
                "@chainrule.saving.register_keras_serializable().", stacklevel=2,
            )  # fmt: skip
            continue
        found[key] = serialize_keras_object(value)
    return found


def _has_unknown_function(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_has_unknown_function(item) for item in value)
    if isinstance(value, dict):
        return any(_has_unknown_function(item) for item in value.values())
    is_function = callable(value) and not hasattr(value, "get_config")
    return is_function and not hasattr(value, "__registered_name__")


def named_arrays(variables: list[Variable]) -> dict[str, np.ndarray]:
    """Arrays by path; a path that occurs again is numbered."""
    found: dict[str, np.ndarray] = {}
    for variable in variables:
        name, number = variable.path, 1
        while name in found:
            name, number = f"{variable.path}#{number + 1}", number + 1
        found[name] = variable.numpy()
    return found


def assign_named(variables: list[Variable], arrays: dict[str, np.ndarray], path: str, skip: bool = False) -> None:
    """Assign arrays by path, or in order where only the names differ. All are checked before any is assigned."""
    expected = list(named_arrays(variables))
    if set(expected) != set(arrays):
        if len(expected) != len(arrays):
            missing = [n for n in expected if n not in arrays]
            raise ArgumentError(
                f"{path}: expected {len(expected)} weights; the file has {len(arrays)}"
                + (f" and lacks {listed(missing, 4)}." if missing else ".")
            )
        arrays = dict(zip(expected, arrays.values(), strict=True))
    for name, variable in zip(expected, variables, strict=True):
        if arrays[name].shape != variable.shape and not skip:
            raise ShapeError(
                f"{path}: weight {name!r} expected shape {variable.shape}; the file has {arrays[name].shape}. Nothing "
                "was changed."
            )
    for name, variable in zip(expected, variables, strict=True):
        if arrays[name].shape == variable.shape:
            variable.assign(arrays[name])


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write the weights alone to a safetensors file, whatever the name ends in."""
    write_atomically(filepath, _pack(_ordered(named_arrays(model.weights))), overwrite)


def _ordered(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """safetensors sorts names: a number in front keeps the order of the weights."""
    return {f"{position:05d}:{name}": array for position, (name, array) in enumerate(arrays.items())}


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """Read weights written by `save_weights`, or those of a saved model."""
    path, data = os.fspath(filepath), read_bytes(filepath)
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            arrays = _with_prefix(_unpack(archive.read("weights.safetensors"), path), "weights/")
    else:
        numbered = _unpack(data, path)
        arrays = {name.split(":", 1)[-1]: numbered[name] for name in sorted(numbered)}
    assign_named(model.weights, arrays, path, skip_mismatch)


def to_json(model: Any, **kwargs: Any) -> str:
    """The architecture as JSON."""
    return json.dumps(serialize_keras_object(model), **kwargs)


def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """A model from `to_json`, with new weights."""
    return deserialize_keras_object(json.loads(json_string), custom_objects)


def clone_model(model: Any, input_tensors: Any = None, clone_function: Any = None, **kwargs: Any) -> Any:
    """A model of the same architecture with new weights."""
    copy = deserialize_keras_object(serialize_keras_object(model))
    build = _build_config(model)
    if build is not None and not copy.built:
        copy._build_symbolically(_symbols_from(build))
    return copy


def _build_config(model: Any) -> Any:
    symbols = getattr(model, "_input_symbols", None)
    if model._graph is not None or symbols is None:
        return None
    return map_tensors(symbols, lambda t: {"__shape__": list(t.shape), "dtype": t.dtype})


def _symbols_from(tree: Any) -> Any:
    if isinstance(tree, dict) and "__shape__" in tree:
        return KerasTensor(tree["__shape__"], tree["dtype"])
    if isinstance(tree, dict):
        return {key: _symbols_from(value) for key, value in tree.items()}
    return [_symbols_from(item) for item in tree]


__all__ = ["clone_model", "load_model", "model_from_json", "save_model"]
