"""The weights of a model alone, in files: safetensors, or HDF5 as Keras has it, in one piece or several."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from ..errors import ArgumentError, FileError, NotBuiltError
from ..files import read_bytes, write_atomically
from ..layers import Layer
from ..variables import Variable
from . import hdf5
from .archive import config_of_keras, is_hdf5, pack_tensors, read_model_bytes, to_json, unpack_archive, unpack_tensors
from .saving import assign_in_order, numbered, of_kind

_GIGABYTE = 1024**3
_PIECES = ".weights.json"


def save_weights(
    model: Any, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None, **kwargs: Any
) -> None:
    """Write the weights alone.

    Args:
        model: built; filepath: with h5py, a name that ends in `.weights.h5` is written as Keras 3 does, another `.h5`
            as Keras 2 did; everything else is safetensors.
        overwrite: replace files of these names (default True).
        max_shard_size: gigabytes a file: the weights are cut between layers into files `name_00000.weights.h5`, ...,
            and filepath, which ends in `.weights.json`, says which is where (default None: one file).
        objects_to_skip: layers that are left out (default none).

    Raises: FileError: it cannot be written, or exists and `overwrite` is False; ArgumentError: the name; NotBuiltError:
        there are no weights yet.
    """
    _check("save_weights", kwargs, "objects_to_skip")
    path, skipped = os.fspath(filepath), tuple(kwargs.get("objects_to_skip") or ())
    if not model.built and not model.weights:
        raise NotBuiltError(f"save_weights: {model._label()} has no weights yet; call it on data or build it first.")
    if max_shard_size is not None or path.endswith(_PIECES):
        return _save_pieces(model, path, overwrite, 5 if max_shard_size is None else max_shard_size, skipped)
    write_atomically(path, _packed(model, path, skipped), overwrite)


def _check(method: str, given: dict[str, Any], *known: str) -> None:
    for name in given:
        if name not in known:
            raise ArgumentError(f"{method}: unknown argument {name!r}.")


def _packed(model: Any, path: str, skipped: tuple[Any, ...]) -> bytes:
    if skipped and not path.endswith(".weights.h5"):
        raise ArgumentError(f"save_weights: objects_to_skip needs a name that ends in .weights.h5; got {path!r}.")
    if not path.endswith((".h5", ".hdf5")) or not hdf5.is_available():
        return pack_tensors(numbered("weights", model.weights))
    if path.endswith(".weights.h5"):
        from .keras_saving import keras_weights

        return hdf5.write_hdf5(keras_weights(model, skipped=skipped))
    from .keras_older import older_weights

    return older_weights(model)


def _save_pieces(model: Any, path: str, overwrite: bool, most: float, skipped: tuple[Any, ...]) -> None:
    from .keras_saving import keras_weights

    if not path.endswith(_PIECES):
        raise ArgumentError(f"save_weights: expected a name that ends in {_PIECES} for several files; got {path!r}.")
    if most <= 0:
        raise ArgumentError(f"save_weights: expected max_shard_size in gigabytes, above 0; got {most!r}.")
    content = keras_weights(model, skipped=skipped)
    start = os.path.basename(path).removesuffix(_PIECES)
    places: dict[str, str] = {}
    for number, piece in enumerate(_pieces(content, most * _GIGABYTE)):
        name = f"{start}_{number:05d}.weights.h5"
        write_atomically(os.path.join(os.path.dirname(path), name), hdf5.write_hdf5(piece), overwrite)
        places |= {f"/{group}": name for group in piece.groups}
    total = sum(array.nbytes for array in content.arrays.values())
    write_atomically(path, to_json({"metadata": {"total_size": total}, "weight_map": places}), overwrite)


def _pieces(content: hdf5.Hdf5, most: float) -> Iterator[hdf5.Hdf5]:
    """The groups in order, as many together as have at most so many bytes."""
    piece, size = hdf5.Hdf5(), 0
    for group in content.groups:
        arrays = {place: a for place, a in content.arrays.items() if place.rpartition("/")[0] == group}
        if not arrays:
            continue
        more = sum(array.nbytes for array in arrays.values())
        if piece.groups and size + more > most:
            yield piece
            piece, size = hdf5.Hdf5(), 0
        piece.groups[group], piece.attributes[group] = [], content.attributes[group]
        piece.arrays |= arrays
        size += more
    yield piece


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
    """Read weights written by `save_weights`, or those of a saved model, in the order of `model.weights`.

    Files of Keras (`.weights.h5`, `.weights.json`, `.keras`, `.h5`) are read too, with h5py: there each weight has its
    own place.

    Args:
        model: built; filepath.
        skip_mismatch: leave out what does not fit, with a warning (default False).
        by_name: in an older `.h5` file take the layers of the same names, and no others (default False).
        objects_to_skip: layers and Variables that keep what they have (default none).

    Raises: ArgumentError, ShapeError: the weights do not fit, and nothing was changed; FileError; UnsupportedError:
        h5py is missing.
    """
    _check("load_weights", kwargs, "by_name", "objects_to_skip")
    path, by_name = os.fspath(filepath), bool(kwargs.get("by_name"))
    if not model.weights:
        raise NotBuiltError(f"load_weights: {model._label()} has no weights yet; call it on data first.")
    kept = {v: v.numpy() for thing in kwargs.get("objects_to_skip") or () for v in _variables(thing)}
    if path.endswith(_PIECES):
        _assign_hdf5(model, _joined(path), path, skip_mismatch, by_name, tuple(kept))
    else:
        _assign(model, read_model_bytes(path), path, skip_mismatch, by_name, tuple(kept))
    for variable, value in kept.items():
        variable.assign(value)


def _variables(thing: Any) -> list[Variable]:
    if isinstance(thing, Variable):
        return [thing]
    if isinstance(thing, Layer):
        return thing.weights
    raise ArgumentError(f"load_weights: expected layers and Variables in objects_to_skip; got {thing!r}.")


def _assign(
    model: Any, data: bytes, path: str, skip_mismatch: bool, by_name: bool, kept: tuple[Variable, ...]
) -> None:
    if config_of_keras(data, path):
        from .keras_files import weights_in_archive

        return _assign_hdf5(model, weights_in_archive(data, path), path, skip_mismatch, by_name, kept)
    if is_hdf5(data):
        return _assign_hdf5(model, hdf5.read_hdf5(data, path), path, skip_mismatch, by_name, kept)
    if by_name:
        raise ArgumentError(f"load_weights: by_name needs an older .h5 file, which names layers; got {path}.")
    is_archive = zipfile.is_zipfile(BytesIO(data))
    tensors = unpack_archive(data, path)[1] if is_archive else unpack_tensors(data, path)
    assign_in_order(model.weights, of_kind(tensors, "weights"), path, skip_mismatch)


def _assign_hdf5(
    model: Any, file: hdf5.Hdf5, path: str, skip_mismatch: bool, by_name: bool, kept: tuple[Variable, ...]
) -> None:
    from .keras_files import load_keras_weights

    load_keras_weights(model, file, path, skip_mismatch, by_name, kept)


def _joined(path: str) -> hdf5.Hdf5:
    """What the several files hold that `path` speaks of, as if they were one."""
    try:
        places = json.loads(read_bytes(path))["weight_map"]
        names = sorted({name for value in places.values() for name in ([value] if isinstance(value, str) else value)})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileError(f"{path} is damaged: it does not say which weights are in which file ({error!r}).") from None
    whole = hdf5.Hdf5(attributes={"": {}})
    for name in names:
        if os.path.basename(name) != name:
            raise FileError(f"{path}: {name!r} lies in another folder, which is never read.")
        place = os.path.join(os.path.dirname(path), name)
        piece = hdf5.read_hdf5(read_bytes(place), place)
        whole.arrays |= piece.arrays
        whole.groups |= piece.groups
    return whole
