"""Model files as bytes: a zip of JSON and safetensors. Reading one never runs code from it.

metadata.json        format version, chainrule version
config.json          the architecture, the arguments of compile, the shapes it was built for
weights.safetensors  the weights by position and path; state of random generators and optimizer
"""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from typing import Any

import numpy as np

from .. import __version__
from ..errors import FileError, UnsupportedError
from ..files import read_bytes
from ..ir import dtype_of
from .hdf5 import SIGNATURE

FORMAT, FORMAT_AS_KERAS = 1, 2
_DTYPES = {  # as safetensors calls them
    "BOOL": "bool", "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64", "U8": "uint8", "U16": "uint16",
    "U32": "uint32", "U64": "uint64", "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64",
}  # fmt: skip
BROKEN = (zipfile.BadZipFile, KeyError, ValueError, RuntimeError, EOFError, zlib.error)  # of a bad zip or bad JSON


def own_members(config: dict[str, Any], tensors: dict[str, np.ndarray]) -> dict[str, bytes]:
    """The files inside a model file of chainrule's own layout, by name."""
    metadata = {"format": FORMAT, "chainrule_version": __version__}
    return {
        "metadata.json": to_json(metadata), "config.json": to_json(config), "weights.safetensors": pack_tensors(tensors)
    }  # fmt: skip


def pack_members(members: dict[str, bytes]) -> bytes:
    """The bytes of a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)  # a time stamp would differ
    return buffer.getvalue()


def read_model_bytes(path: Any) -> bytes:
    """The bytes of a model file; a folder with the parts of one counts as one.

    Raises: FileError: it is missing or may not be read; UnsupportedError: a folder that TensorFlow wrote.
    """
    folder = os.fspath(path)
    if folder.startswith("hf://"):
        raise UnsupportedError(f"{folder}: models are not fetched from elsewhere; download the file and load that.")
    if os.path.exists(os.path.join(folder, "saved_model.pb")):
        raise UnsupportedError(
            f"{folder} is a SavedModel, which only TensorFlow can run. Save the model there with model.save('x.keras')."
        )
    if not os.path.exists(os.path.join(folder, "config.json")):
        return read_bytes(folder)
    found: dict[str, bytes] = {}
    for parent, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            place = os.path.join(parent, name)
            found[os.path.relpath(place, folder).replace(os.sep, "/")] = read_bytes(place)
    return pack_members(found)


def unpack_archive(data: bytes, path: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The config and the tensors of a model file.

    Raises: UnsupportedError: a file of another program or of a later version; FileError: anything else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            metadata = json.loads(member(archive, "metadata.json", len(data)))
            check_format(metadata, path)
            config = json.loads(member(archive, "config.json", len(data)))
            tensors = member(archive, "weights.safetensors", len(data))
    except UnsupportedError:
        raise
    except BROKEN as error:
        raise FileError(f"{path} is not a model file written by chainrule, or it is damaged ({error}).") from None
    if not isinstance(config, dict) or not isinstance(config.get("model"), dict):
        raise FileError(f"{path} is damaged: its config.json does not describe a model.")
    return config, unpack_tensors(tensors, path)


def member(archive: zipfile.ZipFile, name: str, size: int) -> bytes:
    """One file of an archive of `size` bytes.

    Raises: those of `BROKEN`: it is not there, or damaged, or claims to be far larger than a model can be.
    """
    if archive.getinfo(name).file_size > 100 * size:  # compressed far beyond what a model is: it would fill the memory
        raise ValueError(f"{name} claims to be too large")
    return archive.read(name)


def check_format(metadata: Any, path: str) -> None:
    """Raise unless this chainrule reads files like this one.

    Raises: UnsupportedError: a later version wrote it; ValueError: no format is named.
    """
    found = metadata.get("format") if isinstance(metadata, dict) else None
    if not isinstance(found, int):
        raise ValueError("metadata.json names no format")
    if found > FORMAT_AS_KERAS:
        raise UnsupportedError(f"{path} has format {found}; this chainrule reads up to {FORMAT_AS_KERAS}. Update it.")


def config_of_keras(data: bytes, path: str) -> tuple[Any, Any] | None:
    """What config.json and metadata.json of a file in Keras's layout hold; None if the file is none.

    Raises: FileError: it is one, but damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "model.weights.h5" not in archive.namelist():
                return None
            config = json.loads(member(archive, "config.json", len(data)))
            metadata = json.loads(member(archive, "metadata.json", len(data)))
    except BROKEN as error:
        if zipfile.is_zipfile(io.BytesIO(data)):
            raise FileError(f"{path} is damaged: its JSON cannot be read ({error}).") from None
        return None
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        raise FileError(f"{path} is damaged: its config.json does not describe a model.")
    return config, metadata


def is_hdf5(data: bytes) -> bool:
    """Whether these are the bytes of an HDF5 file."""
    return data.startswith(SIGNATURE)


def to_json(value: Any) -> bytes:
    """Plain data as JSON, keys sorted."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode()


def pack_tensors(tensors: dict[str, np.ndarray]) -> bytes:
    """Arrays by name, as safetensors."""
    from safetensors.numpy import save

    return save({name: np.array(array, order="C") for name, array in tensors.items()})


def unpack_tensors(data: bytes, path: str) -> dict[str, np.ndarray]:
    """Arrays by name, sorted by name."""
    from safetensors import SafetensorError, deserialize

    try:
        found = {
            name: np.frombuffer(part["data"], dtype_of(_DTYPES[part["dtype"]])).reshape(part["shape"])
            for name, part in deserialize(data)
        }
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise FileError(f"{path} is damaged, or no file of weights: they cannot be read ({error}).") from None
    return {name: found[name] for name in sorted(found)}
