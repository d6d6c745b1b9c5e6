"""Models in files and back: what is kept, in which order, and how it is checked before anything changes."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import ArgumentError, ChainruleError, FileError, ShapeError
from ..files import write_atomically, write_folder
from ..layers.trees import map_tensors
from ..ops.symbolic import KerasTensor
from ..serialization import deserialize_keras_object, serialize_keras_object
from ..training import Trainer
from ..variables import SeedGenerator, Variable
from . import hdf5, quantizing
from .archive import config_of_keras, is_hdf5, own_members, pack_members, read_model_bytes, unpack_archive
from .assets import asset_members, load_assets

_NOT_SAVED = ("run_eagerly", "steps_per_execution", "jit_compile")


def save_model(model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
    """Write a model to one file: architecture, weights, and what training needs to go on bit for bit.

    Args:
        model: any model.
        filepath: ends in .keras: where h5py is installed a file that Keras 3 can load, else one in chainrule's own
            layout; in .h5 or .hdf5: the older layout, which needs h5py and which Keras 2 and 3 read.
        overwrite: replace what has that name (default True).
        zipped: False: not a file but a folder with the same parts, under any name (default None: a file).
        include_optimizer: whether a .h5 file has the arguments of `compile` too (default True).
        save_format: accepted for older scripts; the name of the file decides.

    All is written under another name and then renamed: either all of it is there, or what was there before.
    Raises: FileError: it cannot be written, or exists and `overwrite` is False; ArgumentError: the name.

    Example:
    >>> import os, tempfile
    >>> import chainrule
    >>> model = chainrule.Sequential([chainrule.Input((2,)), chainrule.layers.Dense(1)])
    >>> folder = os.path.join(tempfile.mkdtemp(), "model")
    >>> save_model(model, folder, zipped=False)
    >>> sorted(os.listdir(folder))
    ['config.json', 'metadata.json', 'model.weights.h5']
    >>> len(load_model(folder).layers)
    1
    """
    unknown = [name for name in kwargs if name not in ("include_optimizer", "save_format")]
    if unknown:
        raise ArgumentError(f"save: unknown argument {unknown[0]!r}.")
    path = os.fspath(filepath)
    if zipped is False and path.endswith(".keras"):
        raise ArgumentError(f"save: a folder (zipped=False) should not end in .keras; got {path!r}.")
    if zipped is False:
        write_folder(path, _members(model, as_keras=hdf5.is_available()), overwrite)
    elif path.endswith((".h5", ".hdf5")) and hdf5.is_available():
        from .keras_older import older_archive

        write_atomically(path, older_archive(model, *_content(model), kwargs.get("include_optimizer", True)), overwrite)
    elif path.endswith((".keras", ".h5", ".hdf5")):
        if not path.endswith(".keras"):
            warnings.warn(f"{path} becomes a .keras file; for HDF5: pip install 'chainrule[keras]'.", stacklevel=3)
        write_model(model, path, overwrite, as_keras=hdf5.is_available())
    else:
        raise ArgumentError(
            f"save: expected a file name that ends in .keras; got {path!r}. The older layout ends in .h5; other "
            "programs take what model.export() writes."
        )


def write_model(model: Any, path: str, overwrite: bool, as_keras: bool) -> None:
    """`save_model` in a layout of choice: that of Keras, which needs h5py, or chainrule's own, which opens anywhere."""
    write_atomically(path, pack_members(_members(model, as_keras)), overwrite)


def _members(model: Any, as_keras: bool) -> dict[str, bytes]:
    """The files inside a model file, by name."""
    config, tensors = _content(model)
    if as_keras:
        from .keras_saving import keras_members

        return keras_members(model, config, tensors) | asset_members(model)
    return own_members(config, tensors | numbered("weights", model.weights)) | asset_members(model)


def _content(model: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """All there is to know about a model, but for its weights."""
    config = {"model": serialize_keras_object(model), "name": model.name, "build": _build_config(model),
              "frozen": _places(model, [v for v in model._flatten_layers() if not v._trainable])}  # fmt: skip
    tensors = {f"seeds/{k:05d}:{v.name}": v.numpy() for k, v in enumerate(model._seed_states())}
    config |= {key: found for key, found in quantizing.variants(model).items() if found}
    if model._graph is None and config["build"] is None:  # it knows no inputs: its layers may be built all the same
        built = [(k, v._built_for) for k, v in enumerate(model._flatten_layers()) if v.built]
        shapes = {str(k): shape for k, shape in built if shape is not None}
        config |= {"layers_built": {k: list(shape) for k, shape in shapes.items()}} if shapes else {}
    if model._graph is None and _defines(model, "__init__"):  # which knows nothing of what layers learned by `adapt`
        known = _vocabularies(model)
        config |= {"vocabularies": known} if known else {}
    compiled = model.get_compile_config()
    if compiled is not None:
        config |= {"compile": compiled, "frozen_at_compile": _places(model, model._frozen_at_compile or ())}
        if model.optimizer.built:
            tensors |= numbered("optimizer", model.optimizer.variables)
    if model._shuffle_seed is not None:
        tensors |= numbered("shuffle", [model._shuffle_seed.state])
    return config, tensors


def _vocabularies(model: Any) -> dict[str, list[Any]]:
    """The vocabularies of a model's layers, with the weights of the tokens, by the places of the layers."""
    layers = [(str(k), layer, getattr(layer, "_lookup", layer)) for k, layer in enumerate(model._flatten_layers())]
    return {k: [layer.get_vocabulary(include_special_tokens=False), lookup.idf_weights]
            for k, layer, lookup in layers if getattr(lookup, "_terms", None) is not None}  # fmt: skip


def _restore_vocabularies(model: Any, found: dict[str, list[Any]]) -> None:
    """Give them to the layers of another model."""
    for place, (terms, weights) in found.items():
        model._flatten_layers()[int(place)].set_vocabulary(terms, weights)


def _places(model: Any, layers: Any) -> list[int]:
    return [k for k, layer in enumerate(model._flatten_layers()) if layer in layers]


def numbered(kind: str, variables: Sequence[Variable]) -> dict[str, np.ndarray]:
    """Arrays by kind, position and path: safetensors sorts names, the position keeps the order."""
    return {f"{kind}/{position:05d}:{v.path}": v.numpy() for position, v in enumerate(variables)}


def of_kind(tensors: dict[str, np.ndarray], kind: str) -> dict[str, np.ndarray]:
    """The arrays of a kind by path, in order; a path that occurs again keeps its number."""
    found: dict[str, np.ndarray] = {}
    for name, array in tensors.items():
        if name.startswith(f"{kind}/"):
            path = name.split(":", 1)[-1]
            found[path if path not in found else name] = array
    return found


def load_model(filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True) -> Any:
    """Read a model written by `save`, or by Keras: its `.keras` files and its older whole-model `.h5` files.

    Args:
        filepath: the file; those of Keras need h5py (the extra `keras`).
        custom_objects: `{name: class or function}` that the file may refer to.
        compile: whether to compile it as it was when saved, with the optimizer's state (default True).
        safe_mode: accepted for Keras scripts; no code is ever taken from a file.

    Raises: FileError: the file is missing or damaged; UnsupportedError: a later version wrote it, or h5py is missing;
        ArgumentError: it names a class or function that is not known.
    """
    path, data = os.fspath(filepath), read_model_bytes(filepath)
    theirs = config_of_keras(data, path)
    if theirs is not None:
        model = _from_keras_layout(*theirs, data, custom_objects, compile, path)
        load_assets(model, data, path)
        return model
    if is_hdf5(data):
        from . import keras_files

        with _nonsense(FileError, path):
            file, own = keras_files.older_content(data, path)
            if own is None:
                return keras_files.model_from_hdf5(file, custom_objects, compile, path)
            return _model_from(*own, _assignment(file, path), custom_objects, compile, path)
    config, tensors = unpack_archive(data, path)
    with _nonsense(FileError, path):
        assign = lambda model: assign_in_order(model.weights, of_kind(tensors, "weights"), path)  # noqa: E731
        model = _model_from(config, tensors, assign, custom_objects, compile, path)
    load_assets(model, data, path)
    return model


def _from_keras_layout(config: Any, metadata: Any, data: bytes, custom_objects: Any, compile: bool, path: str) -> Any:
    """The model of a file in Keras's layout, written by chainrule or by Keras."""
    from . import keras_files
    from .keras_saving import own_content

    file = keras_files.weights_in_archive(data, path)
    with _nonsense(FileError, path):
        own = own_content(config, metadata, file, path)
        if own is None:
            return keras_files.model_from_archive(config, data, file, custom_objects, compile, path)
        return _model_from(*own, _assignment(file, path), custom_objects, compile, path)


def _assignment(file: hdf5.Hdf5, path: str) -> Callable[[Any], None]:
    from .keras_files import load_keras_weights

    return lambda model: load_keras_weights(model, file, path)


@contextmanager
def _nonsense(kind: type[ChainruleError], what: str) -> Iterator[None]:
    """Inside, errors of Python's own mean that the config makes no sense."""
    try:
        yield
    except ChainruleError:
        raise
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise kind(f"{what} does not describe a model that can be made ({error!r}).") from error


def _model_from(
    config: Any, tensors: dict[str, np.ndarray], assign: Callable[[Any], None], custom_objects: Any, compile: bool,
    path: str,
) -> Any:  # fmt: skip
    model = deserialize_keras_object(config["model"], custom_objects)
    if not isinstance(model, Trainer):
        raise FileError(f"{path} holds a {type(model).__name__} where a model should be.")
    model.name = config["name"]  # type: ignore[attr-defined]
    _restore_vocabularies(model, config.get("vocabularies", {}))
    if config.get("build") is not None and not model.built:  # type: ignore[attr-defined]
        model._build_symbolically(_symbols_from(config["build"]))  # type: ignore[attr-defined]
    for place, shape in config.get("layers_built", {}).items():
        layer = model._flatten_layers()[int(place)]  # type: ignore[attr-defined]
        if not layer.built:
            layer.build(tuple(shape))
    quantizing.make_variants(model, config)
    _freeze(model, config.get("frozen", []))
    assign(model)
    assign_in_order(model._seed_states(), of_kind(tensors, "seeds"), path)  # type: ignore[attr-defined]
    shuffle = list(of_kind(tensors, "shuffle").values())
    if shuffle:
        model._shuffle_seed = SeedGenerator(int(shuffle[0][0]), name="shuffle")
        assign_in_order([model._shuffle_seed.state], {"shuffle": shuffle[0]}, path)
    if compile and config.get("compile") is not None:
        _compile(model, config, custom_objects, of_kind(tensors, "optimizer"), path)
    return model


def _freeze(model: Any, places: Any) -> None:
    for k, layer in enumerate(model._flatten_layers()):
        if layer._trainable == (k in places):
            layer._set_trainable(k not in places)


def _compile(model: Any, config: Any, custom_objects: Any, optimizer: dict[str, np.ndarray], path: str) -> None:
    if type(model).compile is not Trainer.compile and not _defines(model, "compile_from_config"):
        warnings.warn(
            f"{type(model).__name__} has a compile() of its own and no compile_from_config(): call compile() again.",
            stacklevel=5,
        )
        return
    model.compile_from_config(deserialize_keras_object(config["compile"], custom_objects))
    places = config.get("frozen_at_compile", [])
    model._frozen_at_compile = frozenset(v for k, v in enumerate(model._flatten_layers()) if k in places)
    model._kept.clear()
    if optimizer:
        with model._as_compiled():
            model.optimizer.build(model.trainable_variables)
        assign_in_order(model.optimizer.variables, optimizer, path)


def _defines(model: Any, method: str) -> bool:
    """Whether a class of the user's defines a method."""
    own = [cls for cls in type(model).__mro__ if not cls.__module__.startswith("chainrule.") and cls is not object]
    return any(method in vars(cls) for cls in own)


def compile_config(model: Any) -> dict[str, Any]:
    """The arguments of `compile` as plain data. A lambda has no name to find it by and is left out, with a warning."""
    arguments = {**model._compile_arguments, "optimizer": model.optimizer}
    found = {}
    for key, value in arguments.items():
        if key in _NOT_SAVED:
            continue
        if _has_lambda(value):
            warnings.warn(
                f"compile argument {key!r} holds a lambda, which cannot be saved; use a function with a name.",
                stacklevel=4,
            )
            continue
        found[key] = serialize_keras_object(value)
    return found


def _has_lambda(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_has_lambda(item) for item in value)
    if isinstance(value, dict):
        return any(_has_lambda(item) for item in value.values())
    return getattr(value, "__name__", "") == "<lambda>"


def assign_in_order(
    variables: Sequence[Variable], arrays: dict[str, np.ndarray], path: str, skip_mismatch: bool = False
) -> None:
    """Assign arrays to variables, the first to the first. All are checked before any is assigned.

    Raises: ArgumentError: their number differs; ShapeError: a shape differs. Neither with `skip_mismatch`, which leaves
        out what does not fit, and says so.
    """
    if len(variables) != len(arrays) and not skip_mismatch:
        raise ArgumentError(
            f"{path}: expected {len(variables)} arrays ({_paths([v.path for v in variables])}); the file has "
            f"{len(arrays)} ({_paths(list(arrays))}). Nothing was changed."
        )
    pairs = list(zip(variables, arrays.items(), strict=not skip_mismatch))
    wrong = [(v, name, a) for v, (name, a) in pairs if v.shape != a.shape]
    if wrong and not skip_mismatch:
        variable, name, array = wrong[0]
        raise ShapeError(
            f"{path}: weight {variable.path!r} expected shape {variable.shape}; the file has {array.shape} ({name!r}). "
            "Nothing was changed."
        )
    if wrong or len(pairs) < max(len(variables), len(arrays)):
        left = [v.path for v in variables[len(pairs) :]] + [v.path for v, _, _ in wrong]
        warnings.warn(f"{path} was read in part; left as they were: {_paths(left)}.", stacklevel=4)
    for variable, (_, array) in pairs:
        if variable.shape == array.shape:
            variable.assign(array)


def _paths(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "") if names else "none"


def to_json(model: Any, **kwargs: Any) -> str:
    """The architecture as JSON, in Keras's words."""
    from .keras_description import described

    return json.dumps(described(serialize_keras_object(model)), **kwargs)


def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """A model from `to_json` (chainrule's or Keras's), with new weights.

    Args: json_string; custom_objects: `{name: class or function}` that it may refer to.
    Raises: ArgumentError: it is no JSON, or names what is not known.
    """
    try:
        config = json.loads(json_string)
    except ValueError as error:
        raise ArgumentError(f"model_from_json: expected JSON as to_json() gives it; {error}.") from None
    from .keras_config import translated

    with _nonsense(ArgumentError, "model_from_json: the JSON"):
        return deserialize_keras_object(translated(config), custom_objects)


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


__all__ = ["load_model", "model_from_json", "save_model"]
