"""What `chainrule derive` is given: a folder of `chainrule fit`, a `.keras` file or a script; and rows for it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import losses, optimizers
from ..data import find_target, read_table, resolve_target
from ..errors import ArgumentError, DataError, FileError, NotBuiltError, did_you_mean, listed
from ..files import read_bytes
from ..models import load_model
from ..training.trainer import Trainer

_LOSSES = {"binary": "BinaryCrossentropy", "multiclass": "SparseCategoricalCrossentropy"}


@dataclass
class Subject:
    """A compiled model, and data for it.

    Args:
        model: Model.
        x, y, weight: as for `fit`; None where there are none.
        notes: list of str. What should be said of them.
    """

    model: Any
    x: Any = None
    y: Any = None
    weight: Any = None
    notes: list[str] = field(default_factory=list)


def open_subject(
    path: str, data: str | None = None, target: str | None = None, network: int = 1, **reading: Any
) -> Subject:
    """A model from a path, and rows from a table.

    Args:
        path: str. A folder written by `chainrule fit`, a `.keras` file, or a Python script.
        data: str or None. A table; a script may bring its own data (what it gives to `fit`).
        target: str or None. The column of the targets, for a `.keras` file or a script (default: the last one); which
            model of a folder of several targets (default: the first one).
        network: int from 1. Which network of a folder that holds several.
        reading: arguments of `read_table`.

    Raises: FileError: there is nothing of that kind; DataError: the table does not fit; NotBuiltError: the model was
        never compiled; ArgumentError: there is no such network.
    """
    if os.path.isdir(path):
        return _from_folder(_of_target(path, target), data, network, reading)
    if not os.path.exists(path):
        raise FileError(f"derive: there is no {path!r}. Give a folder written by `chainrule fit`, a .keras file or a "
                        "Python script.")  # fmt: skip
    if path.endswith(".py"):
        subject = _from_script(path)
    elif path.endswith(".keras"):
        subject = Subject(load_model(path))
    else:
        raise FileError(f"derive: expected a folder written by `chainrule fit`, a .keras file or a Python script; got "
                        f"{path!r}.")  # fmt: skip
    if data is not None:
        _add_table(subject, data, target, reading)
    return subject


def _of_target(path: str, target: str | None) -> str:
    """The folder of the model of a target, where a folder holds several; the first one without a target."""
    from ..tabular.several import folders_of

    folders = folders_of(path)
    if target is None or "" in folders:
        return next(iter(folders.values()))
    if target not in folders:
        raise ArgumentError(f"--target: {path} holds models of {listed(folders)}; got {target!r}."
                            f"{did_you_mean(target, folders)}")  # fmt: skip
    return folders[target]


def _from_folder(path: str, data: str | None, network: int, reading: Any) -> Subject:
    from ..tabular import TableModel
    from ..tabular.network import as_targets

    model = TableModel.load(path)
    if not 1 <= network <= len(model.networks):
        raise ArgumentError(f"--network: expected a number from 1 to {len(model.networks)}; got {network}.")
    chosen, encoder = model.networks[network - 1], model.encoders[network - 1]
    subject = Subject(chosen)
    if not chosen.compiled:
        subject.notes += _compile(chosen, path, model.target.task)
    if len(model.networks) > 1:
        subject.notes.append(f"{path} averages {len(model.networks)} networks; this is number {network} (--network).")
    if data is not None:
        table = read_table(data, known_names=model.names, **reading)
        encoded = model.target.encode(table)
        subject.x = encoder.transform(table.take(encoded.rows), subject.notes)
        subject.y = as_targets(encoded.values, model.target, model.prior)
        dropped = len(table) - len(encoded.rows)
        if dropped:
            subject.notes.append(f"{dropped} rows of {data} have no target; --row counts the others.")
    return subject


def _compile(network: Any, folder: str, task: str) -> list[str]:
    """As `fit` did: its settings are in metrics.json. Returns what should be said."""
    from ..tabular.member_loss import MemberLoss
    from ..tabular.network import kind_of

    settings = _settings(network, folder)
    rate, decay = settings.get("learning_rate", 1e-3), settings.get("weight_decay")
    optimizer: Any = optimizers.AdamW(rate, weight_decay=decay) if decay else optimizers.Adam(rate)
    if decay:
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    loss: Any = losses.get(_LOSSES.get(task, "MeanSquaredError"))
    network.compile(optimizer=optimizer, loss=MemberLoss(loss) if kind_of(network) == "tabm" else loss)
    varies = settings.get("schedule") == "waves"
    return [f"the learning rate had a schedule; here it is {rate} throughout."] if varies else []


def _settings(network: Any, folder: str) -> dict[str, Any]:
    """Those of the kind of networks that this one is of, as far as the folder tells."""
    from ..tabular.network import kind_of

    found: dict[str, Any] = {}
    with contextlib.suppress(FileError, ValueError):
        found = json.loads(read_bytes(os.path.join(folder, "metrics.json")))
    kinds = {kind.get("preset"): kind for kind in found.get("kinds", ())}
    settings: dict[str, Any] = kinds.get(kind_of(network), found.get("settings", {}))
    return settings


class _Found(SystemExit):
    """Ends a script as soon as its first model is given data."""


def _from_script(path: str) -> Subject:
    """Run a script until its first compiled model is trained; at its end that model without data."""
    from ..compat import run_script

    found: list[Subject] = []
    with _watching(found), contextlib.redirect_stdout(sys.stderr):
        status = run_script(path)
    if not found:
        why = f" (it ended with status {status})" if status else ""
        raise NotBuiltError(f"derive: {path} compiles no model{why}. Expected a call of model.compile(...).")
    return found[0]


@contextlib.contextmanager
def _watching(found: list[Subject]) -> Iterator[None]:
    """Inside, the first model that is compiled is noted, and its first training ends the script."""
    compile_, fit, on_batch = Trainer.compile, Trainer.fit, Trainer.train_on_batch

    def noting(model: Any, *args: Any, **kwargs: Any) -> None:
        compile_(model, *args, **kwargs)
        if not found:
            found.append(Subject(model))

    def ending(model: Any, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        if not found or found[0].model is not model:
            return fit(model, x, y, *args, **kwargs)
        if y is None and not isinstance(x, np.ndarray):
            x, y = _first_batch(x)
        found[0].x, found[0].y, found[0].weight = x, y, kwargs.get("sample_weight")
        raise _Found(0)

    try:
        Trainer.compile, Trainer.fit = noting, ending  # type: ignore[assignment, method-assign]
        Trainer.train_on_batch = ending  # type: ignore[assignment, method-assign]
        yield
    finally:
        Trainer.compile, Trainer.fit, Trainer.train_on_batch = compile_, fit, on_batch  # type: ignore[method-assign]


def _first_batch(batches: Any) -> tuple[Any, Any]:
    batch = batches[0] if hasattr(batches, "__getitem__") else next(iter(batches))
    return (batch[0], batch[1]) if isinstance(batch, (tuple, list)) else (batch, None)


def _add_table(subject: Subject, data: str, target: str | None, reading: Any) -> None:
    """Numbers from a table: one column is the target, all others are the inputs, in their order."""
    table = read_table(data, **reading)
    name = resolve_target(table, "last" if target is None else target)
    inputs = [c for c in table.columns if c.name != name]
    for column in inputs:
        if np.isnan(column.numbers()).any():
            row = int(np.flatnonzero(np.isnan(column.numbers()))[0])
            raise DataError(f"{data}: column {column.name!r}, row {row + 1}: expected a number; got "
                            f"{column.text(row)!r}. The network takes numbers as they are.")  # fmt: skip
    encoded = find_target(table, name).encode(table)
    own = next(c for c in table.columns if c.name == name).numbers()
    is_number = not np.isnan(own[encoded.rows]).any()
    subject.x = np.stack([c.numbers() for c in inputs], axis=1).astype(np.float32)[encoded.rows]
    subject.y = own[encoded.rows].astype(np.float32)[:, None] if is_number else encoded.values.astype(np.int32)
    width = getattr(subject.model, "input_shape", None)
    if isinstance(width, tuple) and width[1:] and width[1:] != (len(inputs),):
        raise DataError(
            f"{data}: the network takes {width[1:]} numbers a row; there are {len(inputs)} columns besides "
            f"the target {name!r}: {listed(c.name for c in inputs)}. Name the target with --target."
        )
