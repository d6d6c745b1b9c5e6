"""Writing files so that nothing is lost: a temporary name first, then a rename."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from .errors import FileError


def write_atomically(path: Any, data: bytes, overwrite: bool = True) -> None:
    """Write `data` to `path`: either the whole file is there afterwards, or what was there before.

    Raises: FileError: the folder is missing, the disk is full, or the file exists and `overwrite` is False.

    >>> import pathlib, tempfile
    >>> target = pathlib.Path(tempfile.mkdtemp()) / "a.txt"
    >>> write_atomically(target, b"hello")
    >>> target.read_bytes()
    b'hello'
    """
    path = os.fspath(path)
    if not overwrite and os.path.exists(path):
        raise FileError(f"{path} exists already. Give another name, or allow it to be overwritten.")
    folder = os.path.dirname(os.path.abspath(path))
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".chainrule-", dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        why = error.strerror or error
        raise FileError(f"cannot write {path}: {why}. What was there before is unchanged.") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_bytes(path: Any) -> bytes:
    """The contents of a file; `FileError` says what is wrong with its name."""
    path = os.fspath(path)
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}.") from None
