"""HDF5 files as arrays by path, read and written. Only what lies in the file itself is read: no links elsewhere."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np

from ..errors import FileError, UnsupportedError
from ..ir import dtype_of, kind_of

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_ADVICE = "pip install 'chainrule[keras]'"


@dataclass
class Hdf5:
    """The arrays and attributes of an HDF5 file, by path ('layers/dense/vars/0'); groups in the file's order."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)


def is_available() -> bool:
    """Whether h5py is installed."""
    try:
        return find_spec("h5py") is not None
    except ValueError:  # something has taken its place
        return False


def write_hdf5(content: Hdf5) -> bytes:
    """The bytes of a file with these groups, arrays and attributes; equal contents give equal bytes."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for place in content.groups:
            file.require_group(place or "/")
        for place, array in content.arrays.items():
            dataset = file.create_dataset(place, data=array)
            if kind_of(array.dtype) == "f" and array.dtype.kind == "V":  # HDF5 knows no bfloat16: this says what it is
                dataset.attrs["dtype"] = "bfloat16"
        for place, attributes in content.attributes.items():
            file[place or "/"].attrs.update(attributes)
    return buffer.getvalue()


def read_hdf5(data: bytes, path: str) -> Hdf5:
    """What an HDF5 file holds.

    Raises: UnsupportedError: h5py is not installed; FileError: the file is damaged, refers to other files, or holds
        arrays of other things than numbers.
    """
    try:
        import h5py
    except ImportError:
        raise UnsupportedError(
            f"{path} holds HDF5, which Keras writes weights in; reading it needs h5py: {_ADVICE}."
        ) from None
    found = Hdf5()
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            _walk(file, "", found, 100 * len(data), path)
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise FileError(f"{path} is damaged: its HDF5 cannot be read ({error}).") from None
    return found


def _walk(group: Any, place: str, found: Hdf5, most: int, path: str) -> None:
    import h5py

    found.attributes[place] = {key: _plain(value) for key, value in group.attrs.items()}
    found.groups[place] = list(group)
    for name in group:
        inner = f"{place}/{name}".lstrip("/")
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise FileError(f"{path}: {inner!r} is a link to elsewhere, which is never followed.")
        item = group[name]
        if isinstance(item, h5py.Group):
            if inner.count("/") > 100:
                raise FileError(f"{path}: its groups are nested without end.")
            _walk(item, inner, found, most, path)
        else:
            found.arrays[inner] = _array(item, inner, most, path)


def _array(dataset: Any, place: str, most: int, path: str) -> np.ndarray:
    if dataset.external or dataset.is_virtual:
        raise FileError(f"{path}: the numbers of {place!r} lie in another file, which is never read.")
    if dataset.dtype.kind not in "biufV":
        raise FileError(f"{path}: {place!r} holds {dataset.dtype}, not numbers.")
    if dataset.nbytes > most:  # compressed far beyond what weights are: it would fill the memory
        raise FileError(f"{path}: {place!r} claims to be too large.")
    array = np.asarray(dataset[()])
    return array.view(dtype_of("bfloat16")) if array.dtype == np.dtype("V2") else array


def _plain(value: Any) -> Any:
    """Text and lists of text as Python has them; other attributes as they are."""
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    return value
