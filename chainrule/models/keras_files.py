"""Models and weights in the files that Keras writes: `.keras`, `.weights.h5` and the older `.h5`."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import ArgumentError, ChainruleError, FileError, ShapeError
from ..serialization import deserialize_keras_object, objects_shared
from ..training import Trainer
from ..variables import Variable
from .archive import BROKEN, member
from .hdf5 import Hdf5, read_hdf5
from .keras_config import translated
from .keras_saving import own_content
from .keras_vocabularies import with_vocabularies
from .keras_weights import found_weights, load_in_own_ways, named_weights, not_built, optimizer_arrays


def model_from_archive(config: Any, data: bytes, file: Hdf5, custom_objects: Any, compile: bool, path: str) -> Any:
    """The model of a `.keras` file of Keras.

    Args:
        config: what config.json holds; data: the file; file: the HDF5 inside.
        custom_objects: `{name: class or function}`; compile: as it was, with the optimizer's state.
    """
    model = _made(with_vocabularies(config, file, texts_in_archive(data, path)), custom_objects, path)
    _build(model, config)
    _restore(model, file, config.get("compile_config") if compile else None, custom_objects, path)
    return model


def model_from_hdf5(file: Hdf5, custom_objects: Any, compile: bool, path: str) -> Any:
    """The model of a whole-model `.h5` file, as Keras 2 wrote them and Keras 3 still can."""
    model = _made(_described(file, path), custom_objects, path)
    training = file.attributes[""].get("training_config")
    _restore(model, file, _modern_compile(json.loads(training)) if compile and training else None, custom_objects, path)
    return model


def _described(file: Hdf5, path: str) -> dict[str, Any]:
    found = file.attributes[""].get("model_config")
    if not isinstance(found, str):
        raise FileError(f"{path} holds weights alone: make the model and call its load_weights().")
    return dict(json.loads(found))


def older_content(data: bytes, path: str) -> tuple[Hdf5, tuple[dict[str, Any], dict[str, np.ndarray]] | None]:
    """What is in a whole-model `.h5` file, and what chainrule knows of it if it wrote the file, else None."""
    file = read_hdf5(data, path)
    described, about = _described(file, path), file.attributes[""]
    if not isinstance(about.get("chainrule"), str):
        return file, None
    if "training_config" in about:
        described["compile_config"] = _modern_compile(json.loads(about["training_config"]))
    return file, own_content(described, json.loads(about["chainrule"]), file, path)


def load_keras_weights(
    model: Any, file: Hdf5, path: str, skip_mismatch: bool = False, by_name: bool = False,
    kept: tuple[Variable, ...] = (),
) -> None:  # fmt: skip
    """Assign the weights of a file of Keras. All are checked before any is assigned.

    Raises: ArgumentError: the file lacks some; ShapeError: a shape differs. Neither with `skip_mismatch`, which leaves
        out what does not fit, and says so. With `by_name` only layers that the file names are looked at;
        those of `kept` need not be there.
    """
    found = named_weights(model, file, path) if by_name else found_weights(model, file, path, skip_mismatch, kept)
    wrong = [(v, place, array) for v, place, array in found if v.shape != array.shape]
    if wrong and not skip_mismatch:
        variable, place, array = wrong[0]
        raise ShapeError(
            f"{path}: weight {variable.path!r} expected shape {variable.shape}; the file has {array.shape} "
            f"({place!r}). Nothing was changed."
        )
    fitting = {id(v): (v, array) for v, _, array in found if v.shape == array.shape}
    in_own_ways = load_in_own_ways(model, file)
    in_own_ways += [v for layer in model._flatten_layers() for v in layer._settled()]
    settled = {*fitting, *map(id, in_own_ways), *map(id, kept)}
    left = [] if by_name else [v.path for v in model.weights if id(v) not in settled] + not_built(model, file)
    if left:
        names = ", ".join(left[:4]) + (", ..." if len(left) > 4 else "")
        warnings.warn(f"{path} was read in part; left as they were: {names}.", stacklevel=5)
    for variable, array in fitting.values():
        variable.assign(array)


def member_of(data: bytes, name: str, path: str) -> bytes:
    """A file in a `.keras` file.

    Raises: FileError: there is none of that name.
    """
    with _opened(data, path) as archive:
        if name not in archive.namelist():
            raise FileError(f"{path}: expected {name} inside; there are {', '.join(archive.namelist())}.")
        return member(archive, name, len(data))


def weights_in_archive(data: bytes, path: str) -> Hdf5:
    """The HDF5 part of a `.keras` file."""
    return read_hdf5(member_of(data, "model.weights.h5", path), path)


def texts_in_archive(data: bytes, path: str) -> dict[str, str]:
    """The text files that layers keep beside their weights: vocabularies."""
    with _opened(data, path) as archive:
        names = [name for name in archive.namelist() if name.startswith("assets/") and name.endswith(".txt")]
        return {name.removeprefix("assets/"): member(archive, name, len(data)).decode("utf-8") for name in names}


@contextmanager
def _opened(data: bytes, path: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive
    except ChainruleError:
        raise
    except BROKEN as error:
        raise FileError(f"{path} is damaged ({error}).") from None


def _made(config: Any, custom_objects: Any, path: str) -> Any:
    with objects_shared():
        model = deserialize_keras_object(translated(config), custom_objects)
    if not isinstance(model, Trainer):
        raise FileError(f"{path} holds a {type(model).__name__} where a model should be.")
    return model


def _build(model: Any, config: dict[str, Any]) -> None:
    """A model without a graph is built for the shapes that the file names."""
    built = config.get("build_config") or {}
    shape = built.get("input_shape", built.get("shapes_dict"))
    if shape is not None and (getattr(model, "_graph", None) is None):
        model.build(_shapes(shape))


def _shapes(value: Any) -> Any:
    if isinstance(value, dict):
        shapes = [_shapes(item) for item in value.values()]
        return shapes[0] if len(shapes) == 1 else {key: _shapes(item) for key, item in value.items()}
    is_shape = all(n is None or isinstance(n, int) for n in value)
    return tuple(value) if is_shape else [_shapes(item) for item in value]


def _restore(model: Any, file: Hdf5, compiled: Any, custom_objects: Any, path: str) -> None:
    load_keras_weights(model, file, path)
    if compiled is None:
        return
    model.compile_from_config(deserialize_keras_object(translated(compiled), custom_objects))
    arrays = optimizer_arrays(file)
    if not arrays:
        return
    model.optimizer.build(model.trainable_variables)
    variables = model.optimizer.variables
    if [v.shape for v in variables] != [a.shape for a in arrays]:
        warnings.warn(f"{path}: the state of the optimizer does not fit and was left out.", stacklevel=5)
        return
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


_COMPILED = ("loss", "metrics", "weighted_metrics", "loss_weights")


def _modern_compile(training: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `compile` as older files keep them."""
    optimizer = training.get("optimizer_config", training.get("optimizer"))
    found = {"optimizer": optimizer, **{key: training.get(key) for key in _COMPILED}}
    if optimizer is None:
        raise ArgumentError("the file's training_config names no optimizer; load it with compile=False.")
    return found
