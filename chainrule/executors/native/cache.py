"""The folder of compiled code: a file for each Program and each kernel that was compiled, found again by its key.

A file holds machine code that will be executed, so only files that nobody else can have written are read: of this user,
in a folder of this user, neither of them writable by others. A file that is damaged, cut short, or made for another
machine or version is a file that is not there. Files are written under another name and renamed, so processes may share
the folder. Whatever goes wrong with a file costs no more than compiling again: nothing here raises. See
docs/design/016-object-cache.md.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import stat
import struct
import time
from contextlib import suppress
from typing import Any

from ... import config
from .keys import surroundings

_MAGIC = b"chainrule code 1"
_CHECK = 32  # bytes of the checksum, which follows; it covers all that comes after it
_SUFFIX, _TEMPORARY = ".code", ".part"
_FORGOTTEN = 3600  # seconds after which a temporary file belongs to nobody
_BLOCK = 4096  # bytes that a file takes at least
_SPARED = 0.8  # how much of the limit is left full when old files are removed


def load(key: str) -> tuple[dict[str, Any], bytes] | None:
    """The facts and the code saved under a key; None if there are none that can be trusted."""
    folder = config.cache_folder()
    if not folder or not _is_private(folder):
        return None
    path = _path(folder, key)
    try:
        data = _read(path)
        found = None if data is None else _unpacked(data, key)
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None
    if found is not None:
        with suppress(OSError):
            os.utime(path)  # used just now
    return found


def save(key: str, facts: dict[str, Any], code: bytes) -> None:
    """Keep facts (what JSON can hold) and code under a key, if there is a folder for it."""
    folder = config.cache_folder()
    if not folder:
        return
    path = _path(folder, key)
    with suppress(OSError):
        os.makedirs(folder, 0o700, exist_ok=True)
        if _is_private(folder):
            _write(f"{path}.{os.urandom(8).hex()}{_TEMPORARY}", path, _packed(key, facts, code))
            _tidy(folder)


@functools.cache
def _tidy(folder: str) -> None:
    """Once in a process that adds something."""
    remove_oldest(folder, config.cache_bytes())


def _path(folder: str, key: str) -> str:
    return os.path.join(folder, key + _SUFFIX)


def _packed(key: str, facts: dict[str, Any], code: bytes) -> bytes:
    head = json.dumps({"key": key, "made for": _made_for(), "facts": facts}).encode()
    body = struct.pack("<QQ", len(head), len(code)) + head + code
    return _MAGIC + hashlib.blake2b(body, digest_size=_CHECK).digest() + body


def _made_for() -> str:
    """The processor and the versions, in short."""
    return hashlib.blake2b("\n\n".join(surroundings()).encode(), digest_size=16).hexdigest()


def _unpacked(data: bytes, key: str) -> tuple[dict[str, Any], bytes] | None:
    begin = len(_MAGIC) + _CHECK
    body = data[begin:]
    if data[: len(_MAGIC)] != _MAGIC or hashlib.blake2b(body, digest_size=_CHECK).digest() != data[len(_MAGIC) : begin]:
        return None
    (size, length), start = struct.unpack_from("<QQ", body), 16
    head = json.loads(body[start : start + size])
    code = body[start + size :]
    if len(code) != length or head["key"] != key or head["made for"] != _made_for():
        return None
    return head["facts"], code


def _read(path: str) -> bytes | None:
    """A file, if it is one that only this user can write."""
    with open(path, "rb") as file:
        return file.read() if _is_own(os.fstat(file.fileno()), stat.S_ISREG) else None


def _is_private(folder: str) -> bool:
    try:
        return _is_own(os.stat(folder), stat.S_ISDIR)
    except OSError:
        return False


def _is_own(found: os.stat_result, of_kind: Any) -> bool:
    if os.name != "posix":  # a profile folder of Windows is private by its place
        return bool(of_kind(found.st_mode))
    return of_kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(temporary: str, path: str, data: bytes) -> None:
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def remove_oldest(folder: str, limit: int) -> None:
    """Let the files of a folder take no more than `limit` bytes: what was not used for longest goes first."""
    files = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((_SUFFIX, _TEMPORARY)):
                with suppress(OSError):  # another process has removed it
                    found = entry.stat(follow_symlinks=False)
                    files.append((found.st_mtime, -(-found.st_size // _BLOCK) * _BLOCK, entry.path))
    total = sum(size for _, size, _ in files)
    aim = total if total <= limit else _SPARED * limit
    for used, size, path in sorted(files):
        is_forgotten = path.endswith(_TEMPORARY) and used < time.time() - _FORGOTTEN
        if total > aim or is_forgotten:
            with suppress(OSError):
                os.unlink(path)
            total -= size
