"""Files of any kind that layers of the user's keep inside a model file: `save_assets` and `load_assets`."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Iterator
from typing import Any

from ..errors import FileError
from ..layers.storing import overrides
from .archive import member

FOLDER = "assets/"  # as Keras calls it


def asset_members(model: Any) -> dict[str, bytes]:
    """The files that the layers of a model write, by their names inside a model file."""
    found: dict[str, bytes] = {}
    for layer, place in _keepers(model, "save_assets"):
        with tempfile.TemporaryDirectory() as folder:
            layer.save_assets(folder)
            for parent, _, names in sorted(os.walk(folder)):
                for name in sorted(names):
                    file = os.path.join(parent, name)
                    inside = os.path.relpath(file, folder).replace(os.sep, "/")
                    with open(file, "rb") as opened:
                        found[f"{FOLDER}{place}{inside}"] = opened.read()
    return found


def load_assets(model: Any, data: bytes, path: str) -> None:
    """Let the layers of a model read the files that theirs wrote.

    Args: data: the bytes of the model file; path: for messages.
    Raises: FileError: a file inside would be written outside of its folder.
    """
    keepers = list(_keepers(model, "load_assets"))
    if not keepers:
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for layer, place in keepers:
            with tempfile.TemporaryDirectory() as folder:
                _unpack(archive, f"{FOLDER}{place}", folder, len(data), path)
                layer.load_assets(folder)


def _keepers(model: Any, method: str) -> Iterator[tuple[Any, str]]:
    from .keras_weights import holders

    return ((layer, place) for layer, place in holders(model) if _has(layer, method))


def _has(layer: Any, method: str) -> bool:
    return callable(getattr(layer, method, None)) and overrides(layer, method)


def _unpack(archive: zipfile.ZipFile, start: str, folder: str, size: int, path: str) -> None:
    for name in archive.namelist():
        inside = name.removeprefix(start)
        if not name.startswith(start) or not inside or inside.endswith("/"):
            continue
        if inside.startswith("/") or "\\" in inside or ".." in inside.split("/"):
            raise FileError(f"{path}: the file inside called {name!r} would be written outside of its folder.")
        place = os.path.join(folder, *inside.split("/"))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as opened:
            opened.write(member(archive, name, size))
