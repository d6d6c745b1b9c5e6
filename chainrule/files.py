"""Writing files so that nothing is lost: a temporary name first, then a rename."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from .errors import FileError


def write_atomically(path: Any, data: bytes, overwrite: bool = True) -> None:
    """Write `data` to `path`: either the whole file is there afterwards, or what was there before.

    Args: path: links are followed; data; overwrite: replace a file of that name (default True).
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
    target = os.path.realpath(path)
    temporary = os.path.join(os.path.dirname(target), f".chainrule-{os.urandom(8).hex()}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException as error:  # Ctrl-C too leaves no half-written file behind
        with suppress(OSError):
            os.unlink(temporary)
        if not isinstance(error, OSError):
            raise
        why = error.strerror or error
        raise FileError(f"cannot write {path}: {why}. What was there before is unchanged.") from None


def read_bytes(path: Any) -> bytes:
    """The contents of a file.

    Raises: FileError: it is missing, a folder, or may not be read.
    """
    path = os.fspath(path)
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}.") from None
