"""Several targets of one table: a model each, none of which sees the other targets, in one folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from ..data import Table, resolve_target
from ..errors import ArgumentError, FileError
from ..files import read_bytes, write_atomically
from .fitting import Fitted
from .folder import METRICS, _parent, _swap, save
from .model import TableModel, write_json

TARGETS = "targets.json"


def targets_of(table: Table, wanted: str) -> list[str]:
    """The columns that a text names: `a,b`, or one column whose name holds the comma.

    Args:
        table: Table.
        wanted: str. Names or positions, separated by commas.

    Raises:
        DataError: there is no such column.
        ArgumentError: one is named twice, or nothing is left to learn from.

    >>> targets_of(Table.from_columns({"a": [1], "b": [2], "c": [3]}), "c, 1")
    ['c', 'a']
    """
    if wanted in table.names:
        return [wanted]
    found = [resolve_target(table, part.strip()) for part in wanted.split(",") if part.strip()]
    if len(set(found)) < len(found):
        raise ArgumentError(f"--target: a column is named twice in {wanted!r}.")
    if len(found) == len(table.names):
        raise ArgumentError("--target: every column is a target; none is left to learn from.")
    return found


def is_several(folder: str) -> bool:
    """Whether a folder holds models of several targets.

    Args:
        folder: str.
    """
    return os.path.isfile(os.path.join(folder, TARGETS))


def load_several(folder: str) -> list[TableModel]:
    """The models of a folder, one a target, in the order of the targets; of a folder of one model, that one.

    Args:
        folder: str.

    Raises:
        FileError, UnsupportedError: as `TableModel.load`.
    """
    return [TableModel.load(place) for place in folders_of(folder).values()]


def folders_of(folder: str) -> dict[str, str]:
    """Target -> the folder of its model, in the order of the targets; of a folder of one model, "" -> that one.

    Args:
        folder: str.

    Raises:
        FileError: the list of targets is damaged.
    """
    if not is_several(folder):
        return {"": folder}
    path = os.path.join(folder, TARGETS)
    content = read_bytes(path)
    try:
        places = {str(item["name"]): str(item["folder"]) for item in json.loads(content)["targets"]}
        if not places or any(os.path.basename(p) != p or p.startswith(".") for p in places.values()):
            raise ValueError("its folders are not inside")
    except (KeyError, ValueError, TypeError) as error:
        raise FileError(f"{path} is damaged ({type(error).__name__}: {error}). Fit the models again.") from None
    return {name: os.path.join(folder, place) for name, place in places.items()}


def place_of(number: int, name: str) -> str:
    """What the folder of a target is called.

    Args:
        number: int from 1. Which target it is.
        name: str.

    >>> place_of(2, "sale price (€)")
    '2-sale_price_'
    """
    return f"{number}-{re.sub(r'[^0-9A-Za-z_-]+', '_', name)[:40]}"


def save_several(
    folder: str, fitted: Sequence[Fitted], texts: Sequence[Mapping[str, str]], whole: Mapping[str, str]
) -> None:
    """Write a folder for each target into one that appears when all are complete.

    Args:
        folder: str. An older one is replaced.
        fitted: sequence of Fitted, one a target.
        texts: for each the files of text beside its model.
        whole: the files of text beside the folders.

    Raises:
        FileError: it cannot be written. What was there before is unchanged.
    """
    os.makedirs(_parent(folder), exist_ok=True)
    temporary = tempfile.mkdtemp(prefix=".chainrule-", dir=_parent(folder))
    try:
        described: list[dict[str, Any]] = []
        for number, (one, files) in enumerate(zip(fitted, texts, strict=True), 1):
            name = one.model.target.name
            place = place_of(number, name)
            save(os.path.join(temporary, place), one, files)
            described.append({"name": name, "folder": place})
        write_json(os.path.join(temporary, TARGETS), {"format": 1, "targets": described})
        write_json(os.path.join(temporary, METRICS), {one.model.target.name: one.metrics for one in fitted})
        for file, text in whole.items():
            write_atomically(os.path.join(temporary, file), text.encode())
        os.chmod(temporary, 0o755)
        _swap(temporary, folder)
    except OSError as error:
        raise FileError(f"cannot write {folder}: {error}. What was there before is unchanged.") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
