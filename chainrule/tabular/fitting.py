"""From a table in a file to a trained and evaluated network."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import __version__
from ..data import (
    Table,
    TableEncoder,
    Target,
    count_duplicates,
    count_shared,
    find_target,
    inspect_columns,
    read_table,
    split_rows,
)
from ..errors import ArgumentError, FileError, NonFiniteError
from ..files import write_atomically
from . import scores
from .model import LOG, METRICS, TableModel, write_json
from .network import Training, as_targets, build, plan, train


@dataclass(frozen=True)
class Options:
    """What the user may choose; the defaults are `chainrule fit`'s.

    Args: target: name or position of the target column; task: None (found out), 'classification' or 'regression';
        test: a file of its own to evaluate on; test_size: else the share of rows held out; validation_size: the share
        of the remaining rows that decides when to stop; seed; training: sizes and rates; header, delimiter, encoding:
        how the file is read; drop: columns to leave out.
    """

    target: str
    task: str | None = None
    test: str | None = None
    test_size: float = 0.2
    validation_size: float = 0.15
    seed: int = 0
    training: Training = field(default_factory=Training)
    header: Any = "auto"
    delimiter: str | None = None
    encoding: str = "utf-8"
    drop: tuple[str, ...] = ()


@dataclass
class Fitted:
    """What came out: the model, the numbers, and sentences about the data."""

    model: TableModel
    metrics: dict[str, Any]
    notes: list[str]
    log: list[dict[str, Any]]
    training: Training
    interrupted: bool


@dataclass
class _Parts:
    """The three parts of the data, encoded."""

    encoder: TableEncoder
    x: dict[str, np.ndarray]
    y: dict[str, np.ndarray]


Show = Callable[[str], None]


def fit_table(path: str, options: Options, say: Show, progress: Callable[[int, dict[str, Any], bool], None]) -> Fitted:
    """Read, clean, split, encode, train, evaluate.

    Args: path: the table; options; say: called with each sentence for the user; progress: called after each epoch with
        (epoch, logs, whether it is the best so far).
    """
    started = time.perf_counter()
    table = _read(path, options)
    target = find_target(table, options.target, options.task)
    encoded = target.encode(table)
    table = table.take(encoded.rows)
    notes = list(encoded.notes)
    say(f"{path}: {len(table)} rows, {len(table.names) - 1} columns and the target {target.name!r}")
    say(f"task: {target.task} ({target.reason})")
    parts = _split(table, encoded.values, target, options, notes)
    for note in notes:
        say(f"note: {note}")
    rows = {name: len(values) for name, values in parts.y.items()}
    say(f"split: {rows['train']} rows train, {rows['validation']} decide when to stop, {rows['test']} test")
    training = plan(options.training, rows["train"])
    scale = (0.0, 1.0) if target.is_classification else _scale(parts.y["train"])
    network = build(parts.encoder.width, target, training, options.seed)
    hidden = " - ".join(map(str, training.layers or ())) or "no hidden layer"
    say(f"network: {parts.encoder.width} inputs - {hidden} - {network.output_shape[-1]} outputs, "
        f"{network.count_params():,} weights, seed {options.seed}")  # fmt: skip
    y = {name: as_targets(values, target, scale) for name, values in parts.y.items()}
    validation = (parts.x["validation"], y["validation"]) if rows["validation"] else None
    watch, interrupted = train(network, training, parts.x["train"], y["train"], validation, options.seed, progress)
    if watch.weights is None and not interrupted:
        raise NonFiniteError("training gave no finite loss in any epoch. Try a smaller --learning-rate.")
    say(f"stopped after {watch.epochs} epochs: {watch.reason}; the weights are those of epoch {watch.best_epoch}")
    model = TableModel(network, parts.encoder, target, scale)
    metrics = _metrics(model, parts, options, watch, path, time.perf_counter() - started)
    return Fitted(model, metrics, notes, watch.log, training, interrupted)


def _read(path: str, options: Options, names: Any = None) -> Table:
    return read_table(
        path, header=options.header, delimiter=options.delimiter, encoding=options.encoding, known_names=names
    )


def _split(table: Table, values: np.ndarray, target: Target, options: Options, notes: list[str]) -> _Parts:
    labels = values if target.is_classification else None
    outside = options.test is not None
    split = split_rows(
        len(table), test_size=0.0 if outside else options.test_size, validation_size=options.validation_size,
        labels=labels, seed=options.seed,
    )  # fmt: skip
    kinds = dict.fromkeys(options.drop, "unused")
    reports = inspect_columns(table, target.name, kinds)
    notes += [note for report in reports for note in ((() if report.used else (report.reason,)) + report.notes)]
    tables = {name: table.take(getattr(split, name)) for name in ("train", "validation", "test")}
    y = {name: values[getattr(split, name)] for name in tables}
    if options.test is not None:
        tables["test"], y["test"] = _test_file(options, table, target, notes)
    _note_duplicates(tables, notes)
    encoder = TableEncoder().fit(tables["train"], reports, target.name)
    x = {name: encoder.transform(part, notes) if len(part) else np.zeros((0, encoder.width), np.float32)
         for name, part in tables.items()}  # fmt: skip
    return _Parts(encoder, x, y)


def _test_file(options: Options, table: Table, target: Target, notes: list[str]) -> tuple[Table, np.ndarray]:
    other = _read(str(options.test), options, table.names)
    if not table.header and not other.header and len(other.names) != len(table.names):
        found = len(other.names)
        raise ArgumentError(f"{options.test}: expected {len(table.names)} columns as in the data; got {found}.")
    encoded = target.encode(other)
    notes += [f"{options.test}: {note}" for note in encoded.notes]
    return other.take(encoded.rows), encoded.values


def _note_duplicates(tables: dict[str, Table], notes: list[str]) -> None:
    copies = count_duplicates(tables["train"])
    if copies:
        notes.append(f"{copies} training rows are exact copies of other training rows; they are kept")
    if len(tables["test"]):
        shared = count_shared(tables["train"], tables["test"])
        if shared:
            notes.append(f"{shared} of {len(tables['test'])} test rows also occur among the training rows: "
                         "the test scores are that much too good")  # fmt: skip


def _scale(values: np.ndarray) -> tuple[float, float]:
    deviation = float(values.std())
    return float(values.mean()), deviation if deviation > 0 else 1.0


def _metrics(
    model: TableModel, parts: _Parts, options: Options, watch: Any, path: str, seconds: float
) -> dict[str, Any]:
    target = model.target
    found: dict[str, Any] = {
        "chainrule": __version__, "task": target.task, "target": target.name, "data": os.path.basename(path),
        "rows": {name: len(values) for name, values in parts.y.items()}, "seed": options.seed,
        "labels": list(target.labels), "epochs": watch.epochs, "best_epoch": watch.best_epoch,
        "stopped": watch.reason, "weights": model.network.count_params(),
    }  # fmt: skip
    for name in ("test", "validation"):
        if len(parts.y[name]):
            found[name] = _finite(model.score(model.outputs_of(parts.x[name]), parts.y[name]))
    measured = "test" if "test" in found else "validation" if "validation" in found else "train"
    if target.is_classification:
        baseline = scores.classification_baseline(parts.y["train"], parts.y[measured], len(target.labels))
    else:
        baseline = scores.regression_baseline(parts.y["train"], parts.y[measured])
    found.setdefault("test", None)
    found["measured_on"] = measured
    if measured == "train":
        found["train"] = _finite(model.score(model.outputs_of(parts.x["train"]), parts.y["train"]))
    return {**found, "baseline": _finite(baseline), "seconds": round(seconds, 3)}


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN: None instead."""
    return {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in values.items()}


def check_folder(folder: str, force: bool) -> None:
    """Refuse early, before any training: an existing folder without `force`, a place that cannot be written."""
    if os.path.lexists(folder) and not force:
        raise FileError(f"{folder} exists already. Choose another --out, or replace it with --force.")
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise FileError(f"{folder} is a file, not a folder. Choose another --out.")
    if os.path.isdir(folder) and os.listdir(folder) and not os.path.exists(os.path.join(folder, METRICS)):
        raise FileError(f"{folder} was not written by `chainrule fit` and is not replaced. Choose another --out.")
    parent = os.path.dirname(os.path.abspath(folder))
    try:
        os.makedirs(parent, exist_ok=True)
        os.rmdir(tempfile.mkdtemp(prefix=".chainrule-", dir=parent))
    except OSError as error:
        raise FileError(f"cannot write into {parent}: {error.strerror or error}. Choose another --out.") from None


def save_fitted(fitted: Fitted, folder: str, report: str) -> None:
    """Write everything into a folder that appears only when it is complete."""
    parent = os.path.dirname(os.path.abspath(folder))
    temporary = tempfile.mkdtemp(prefix=".chainrule-", dir=parent)
    try:
        fitted.model.save(temporary)
        write_json(os.path.join(temporary, METRICS), fitted.metrics)
        write_atomically(os.path.join(temporary, LOG), _log_text(fitted.log).encode())
        write_atomically(os.path.join(temporary, "report.txt"), report.encode())
        os.chmod(temporary, 0o755)
        _swap(temporary, folder)
    except OSError as error:
        raise FileError(f"cannot write {folder}: {getattr(error, 'strerror', None) or error}.") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _swap(temporary: str, folder: str) -> None:
    """Put a finished folder in place; an older one goes only after the new one is complete."""
    if not os.path.lexists(folder):
        os.rename(temporary, folder)
        return
    old = tempfile.mkdtemp(prefix=".chainrule-old-", dir=os.path.dirname(os.path.abspath(folder)))
    os.rename(folder, os.path.join(old, "old"))
    os.rename(temporary, folder)
    shutil.rmtree(old, ignore_errors=True)


def _log_text(log: list[dict[str, Any]]) -> str:
    buffer = io.StringIO()
    if log:
        writer = csv.DictWriter(buffer, list(log[0]), restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(log)
    return buffer.getvalue()
