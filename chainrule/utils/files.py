"""Files that scripts expect in Keras's cache folder. Nothing is fetched from the network."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, FileError

_HASHES = {32: "md5", 64: "sha256"}


def get_file(
    fname: Any = None, origin: str | None = None, untar: bool = False, md5_hash: str | None = None,
    file_hash: str | None = None, cache_subdir: str = "datasets", hash_algorithm: str = "auto", extract: bool = False,
    archive_format: Any = "auto", cache_dir: Any = None, force_download: bool = False,
) -> str:  # fmt: skip
    """The path of a file in the cache folder: it is there, or `origin` is a file on this machine and is copied.

    Args:
        fname: its name there (default: that of the origin); origin: an address; only `file://` and plain paths are
            gone to.
        untar, extract: unpack it; the path is then that of the folder: as `fname` if that has no dot or is not given
            (the archive is kept beside it, as `fname_archive`), else up to the dot, and `_extracted`.
        md5_hash, file_hash, hash_algorithm: what the contents must hash to ('auto', 'md5', 'sha256').
        cache_dir: default $KERAS_HOME, or ~/.keras; cache_subdir: the folder in it (default 'datasets').
        archive_format: accepted, the contents tell; force_download: copy anew.

    Raises: FileError: it is not there, or has other contents than the hash says; ArgumentError: no name.
    """
    if fname is None and not origin:
        raise ArgumentError("get_file: expected fname or origin; got neither.")
    from urllib.parse import urlsplit

    home = Path(cache_dir or os.environ.get("KERAS_HOME") or Path.home() / ".keras").expanduser()
    name = os.fspath(fname) if fname is not None else os.path.basename(urlsplit(str(origin).rstrip("/")).path)
    folder = home / cache_subdir
    path = folder / name
    packed = folder / f"{name}.tar.gz" if untar and not name.endswith((".tar.gz", ".tgz", ".tar")) else path
    unpacked = path if untar and packed != path else folder / f"{name.partition('.')[0] or name}_extracted"
    if extract and not untar and (fname is None or "." not in name) and not path.is_file():
        packed, unpacked = folder / f"{name}_archive", path
    if (untar or extract) and unpacked.is_dir() and not force_download:
        return str(unpacked)
    expected, kind = md5_hash or file_hash, "md5" if md5_hash else hash_algorithm
    _provide(packed, origin, force_download or not _is_expected(packed, expected, kind))
    _verify(packed, expected, kind)
    if not (untar or extract):
        return str(packed)
    _unpack(packed, folder if untar and packed != path else unpacked)
    return str(unpacked)


def _provide(path: Path, origin: str | None, anew: bool) -> None:
    """Copy the file to its place if it is not there."""
    if path.is_file() and not anew:
        return
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(origin or "")
    source = Path(unquote(parts.path)) if parts.scheme == "file" else Path(origin or "") if not parts.scheme else None
    if source is not None and source.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
    elif not path.is_file():
        raise FileError(
            f"get_file: there is no file {path}, and chainrule does not download. Get it from {origin or 'its source'} "
            "and put it there."
        )


def _is_expected(path: Path, expected: str | None, algorithm: str) -> bool:
    """Whether what lies in the cache has the contents that are wanted."""
    try:
        _verify(path, expected, algorithm)
    except (FileError, OSError):
        return False
    return True


def _verify(path: Path, expected: str | None, algorithm: str) -> None:
    if not expected:
        return
    kind = _HASHES.get(len(expected), "") if algorithm == "auto" else algorithm
    if kind not in _HASHES.values():
        raise ArgumentError(f"get_file: expected hash_algorithm 'auto', 'md5' or 'sha256'; got {algorithm!r}.")
    import hashlib

    with open(path, "rb") as file:
        found = hashlib.file_digest(file, kind).hexdigest()
    if found != expected.lower():
        raise FileError(f"get_file: {path} has the {kind} {found}; expected {expected}: another file, or damaged.")


def _unpack(path: Path, folder: Path) -> None:
    """All members of an archive, none of them outside the folder."""
    import tarfile
    import zipfile

    if tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            folder.mkdir(parents=True, exist_ok=True)
            try:
                archive.extractall(folder, filter="data")
            except tarfile.TarError as error:
                raise FileError(f"get_file: {path} cannot be unpacked: {error}.") from None
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    else:
        raise FileError(f"get_file: {path} is no zip or tar archive.")
