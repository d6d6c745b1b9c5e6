"""Arrays out of the pickle files in which some well-known data sets are kept; nothing else is read from them.

A pickle names functions that its reader is to call. Here only those by which NumPy puts arrays together can be named,
so that a file cannot run anything.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError


def _bytes(text: str, encoding: str) -> bytes:
    """Bytes as Python 3 writes them for Python 2."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it holds text in {encoding}")
    return text.encode("latin1")


_RECONSTRUCT = np.zeros(0).__reduce__()[0]  # type: ignore[index]
_ALLOWED: dict[tuple[str, str], Any] = {
    ("_codecs", "encode"): _bytes,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is never called")
        return _ALLOWED[module, name]


def read_pickle(path: Path) -> Any:
    """Lists, dicts, numbers, bytes and arrays from a pickle file; dicts written by Python 2 have bytes as keys.

    Raises: DataError: it names anything else, or is damaged.
    """
    try:
        with open(path, "rb") as file:
            return _Reader(file, encoding="bytes").load()
    except Exception as error:  # a damaged pickle can raise anything
        raise DataError(f"{path} is no pickle of arrays alone, or is damaged: {error}.") from None


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an `.npz` file, those of lists (dtype object) too.

    Raises: DataError: it holds anything else, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy"): _array(archive.read(name)) for name in archive.namelist()}
    except Exception as error:
        raise DataError(f"{path} is no .npz archive of arrays alone, or is damaged: {error}.") from None


def _array(data: bytes) -> np.ndarray:
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    _, _, dtype = read(stream)
    if not dtype.hasobject:
        return np.load(io.BytesIO(data), allow_pickle=False)
    found = _Reader(stream, encoding="latin1").load()
    if not isinstance(found, np.ndarray):
        raise ValueError(f"a {type(found).__name__} stands where an array should be")
    return found
