"""The folder that `chainrule fit` writes: checked before the work begins, complete or not there at all."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Mapping
from typing import Any

from ..errors import FileError
from ..files import write_atomically
from .fitting import Fitted
from .model import write_json

METRICS, LOG = "metrics.json", "log.csv"
_PACKING = (".gz", ".bz2", ".xz", ".zip")


def default_folder(data: str) -> str:
    """Where a model goes when nothing else is said: the name of the table with `.model` for its ending.

    Args:
        data: str. The path of the table.

    >>> default_folder("data/pets.v2.csv.gz"), default_folder("pets")
    ('pets.v2.model', 'pets.model')
    """
    stem, ending = os.path.splitext(os.path.basename(data))
    if ending.lower() in _PACKING:
        stem = os.path.splitext(stem)[0]
    return f"{stem}.model"


def check_folder(folder: str, force: bool) -> None:
    """Refuse early, before any training.

    Args:
        folder: str. Where the model is to go.
        force: bool. Whether an older model there may be replaced.

    Raises:
        FileError: the folder exists and `force` is False; it is a file, or was not written by `chainrule fit`; the
            place cannot be written.
    """
    if os.path.lexists(folder) and not force:
        raise FileError(f"{folder} exists already. Choose another --out, or replace it with --force.")
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise FileError(f"{folder} is a file, not a folder. Choose another --out.")
    if os.path.isdir(folder) and os.listdir(folder) and not os.path.exists(os.path.join(folder, METRICS)):
        raise FileError(f"{folder} was not written by `chainrule fit`, so it is not replaced. Choose another --out.")
    parent = _parent(folder)
    while not os.path.lexists(parent):  # folders on the way are made when there is something to put into them
        parent = os.path.dirname(parent)
    try:
        os.rmdir(tempfile.mkdtemp(prefix=".chainrule-", dir=parent))
    except OSError as error:
        raise FileError(f"cannot write into {parent}: {error.strerror or error}. Choose another --out.") from None


def save(folder: str, fitted: Fitted, texts: Mapping[str, str]) -> None:
    """Write model, `metrics.json`, `log.csv` and more files of text into a folder that appears when all are complete.

    Args:
        folder: str. An older one is replaced.
        fitted: Fitted.
        texts: mapping name of a file -> what it holds, such as `report.txt`: what was printed.

    Raises:
        FileError: it cannot be written. What was there before is unchanged.
    """
    temporary = ""
    try:
        os.makedirs(_parent(folder), exist_ok=True)
        temporary = tempfile.mkdtemp(prefix=".chainrule-", dir=_parent(folder))
        fitted.model.save(temporary)
        write_json(os.path.join(temporary, METRICS), fitted.metrics)
        write_atomically(os.path.join(temporary, LOG), _as_csv(fitted.log).encode())
        for name, text in texts.items():
            write_atomically(os.path.join(temporary, name), text.encode())
        os.chmod(temporary, 0o755)
        _swap(temporary, folder)
    except OSError as error:
        cause = error.__context__ if isinstance(error, FileError) else error  # not the name of a temporary file
        why = getattr(cause, "strerror", None) or error
        raise FileError(f"cannot write {folder}: {why}. What was there before is unchanged.") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _parent(folder: str) -> str:
    return os.path.dirname(os.path.abspath(folder))


def _swap(temporary: str, folder: str) -> None:
    """Put a finished folder in place; an older one goes only after the new one is complete."""
    if not os.path.lexists(folder):
        os.rename(temporary, folder)
        return
    old = tempfile.mkdtemp(prefix=".chainrule-old-", dir=_parent(folder))
    try:
        os.rename(folder, os.path.join(old, "model"))
        try:
            os.rename(temporary, folder)
        except BaseException:
            os.rename(os.path.join(old, "model"), folder)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _as_csv(rows: list[dict[str, Any]]) -> str:
    buffer = io.StringIO()
    if rows:
        writer = csv.DictWriter(buffer, list(rows[0]), restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return buffer.getvalue()
