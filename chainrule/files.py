"""Writing files so that nothing is lost: a temporary name first, then a rename."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .errors import FileError, MissingFileError


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
        kind = MissingFileError if isinstance(error, FileNotFoundError) else FileError
        raise kind(f"cannot read {path}: {error.strerror or error}.") from None


def write_folder(path: Any, members: Mapping[str, bytes], overwrite: bool = True) -> None:
    """Write files into a folder: either the folder holds all of them afterwards, or what it held before.

    Args: path; members: contents by name; overwrite: replace a folder or file of that name (default True).
    Raises: FileError: as for `write_atomically`.

    >>> import tempfile
    >>> place = os.path.join(tempfile.mkdtemp(), "things")
    >>> write_folder(place, {"a.txt": b"hello"})
    >>> os.listdir(place)
    ['a.txt']
    """
    target = os.path.abspath(os.fspath(path))
    if not overwrite and os.path.exists(target):
        raise FileError(f"{path} exists already. Give another name, or allow it to be overwritten.")
    beside = os.path.join(os.path.dirname(target), f".chainrule-{os.urandom(8).hex()}")
    try:
        os.mkdir(beside)
        for name, data in members.items():
            write_atomically(os.path.join(beside, name), data)
        if os.path.exists(target):
            os.rename(target, f"{beside}.before")
        os.rename(beside, target)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror or error}.") from None
    finally:
        _restored(target, f"{beside}.before")
        shutil.rmtree(beside, ignore_errors=True)


def _restored(target: str, before: str) -> None:
    """What was set aside comes back if nothing has taken its place, and goes if something has."""
    if not os.path.exists(before):
        return
    if not os.path.exists(target):
        os.rename(before, target)
    elif os.path.isdir(before):
        shutil.rmtree(before, ignore_errors=True)
    else:
        os.unlink(before)
