"""`tf.io.gfile`: files and folders, with Python's own functions."""

from __future__ import annotations

import glob as _glob
import os
import shutil
from collections.abc import Iterator
from typing import Any


def GFile(name: Any, mode: str = "r") -> Any:  # noqa: N802 - TensorFlow's name
    """An open file."""
    return open(name, mode)


def glob(pattern: Any) -> list[str]:
    """The names that match a pattern, in order."""
    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    return sorted(found for one in patterns for found in _glob.glob(str(one)))


def exists(path: Any) -> bool:
    """Whether there is a file or folder."""
    return os.path.exists(path)


def isdir(path: Any) -> bool:
    """Whether there is a folder."""
    return os.path.isdir(path)


def listdir(path: Any) -> list[str]:
    """The names in a folder."""
    return os.listdir(path)


def mkdir(path: Any) -> None:
    """Make a folder."""
    os.mkdir(path)


def makedirs(path: Any) -> None:
    """Make a folder and those above it; there may be one already."""
    os.makedirs(path, exist_ok=True)


def remove(path: Any) -> None:
    """Remove a file."""
    os.remove(path)


def rmtree(path: Any) -> None:
    """Remove a folder with all that is in it."""
    shutil.rmtree(path)


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copy a file. Raises: FileExistsError: there is one already, and `overwrite` is False."""
    if os.path.exists(dst) and not overwrite:
        raise FileExistsError(f"{dst} exists already. Use overwrite=True.")
    shutil.copyfile(src, dst)


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Give a file another name. Raises: FileExistsError: that name is taken, and `overwrite` is False."""
    if os.path.exists(dst) and not overwrite:
        raise FileExistsError(f"{dst} exists already. Use overwrite=True.")
    os.replace(src, dst)


def join(path: Any, *paths: Any) -> str:
    """Parts of a path joined."""
    return os.path.join(path, *paths)


def walk(top: Any, topdown: bool = True, onerror: Any = None) -> Iterator[Any]:
    """(folder, folders in it, files in it), for all folders below one."""
    return os.walk(top, topdown, onerror)


__all__ = [
    "GFile", "copy", "exists", "glob", "isdir", "join", "listdir", "makedirs", "mkdir", "remove", "rename", "rmtree",
    "walk",
]  # fmt: skip
