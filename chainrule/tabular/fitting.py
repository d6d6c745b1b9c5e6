"""From a table in a file to trained and evaluated networks."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from .. import __version__
from ..data import (
    ColumnReport,
    Table,
    Target,
    count_duplicates,
    count_shared,
    find_target,
    inspect_columns,
    read_table,
    split_rows,
)
from ..errors import ArgumentError, DataError
from .members import Members, train_members
from .model import TableModel
from .network import Plan, Training, plan
from .training import Watch


@dataclass(frozen=True)
class Options:
    """What the user may choose; the defaults are those of `chainrule fit`.

    Args:
        target: str. Name or position of the target column.
        task: None (found out), "classification" or "regression".
        test: str or None. A file of its own to evaluate on; then no row of the table is held out for it.
        test_size: float, default 0.2. Else the share of rows held out; 0 for none.
        seed: int from 0, default 0. Splits, weights and orders of rows follow from it.
        training: Training. Sizes and rates.
        header, delimiter, encoding: how the files are read, see `read_table`.
        drop: tuple of str. Columns to leave out.
    """

    target: str
    task: str | None = None
    test: str | None = None
    test_size: float = 0.2
    seed: int = 0
    training: Training = field(default_factory=Training)
    header: str | bool = "auto"
    delimiter: str | None = None
    encoding: str = "utf-8"
    drop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """What came out.

    Args:
        model: TableModel.
        metrics: dict, of JSON's types: `metrics.json`.
        log: list of dicts, one an epoch.
        interrupted: bool. Whether Ctrl-C ended the training.
    """

    model: TableModel
    metrics: dict[str, Any]
    log: list[dict[str, Any]]
    interrupted: bool


class Show(Protocol):
    """Who is told how it goes."""

    def line(self, text: str) -> None:
        """A sentence for the user."""

    def epoch(self, watch: Watch) -> None:
        """An epoch is over."""


class Silent:
    """A `Show` that shows nothing."""

    def line(self, text: str) -> None:
        """Nothing."""

    def epoch(self, watch: Watch) -> None:
        """Nothing."""


@dataclass(frozen=True)
class _Part:
    """Some rows, and their class numbers or values."""

    table: Table
    values: np.ndarray


def fit_table(path: str, options: Options, show: Show | None = None) -> Fitted:
    """Read, clean, split, encode, train, evaluate.

    Args:
        path: str. The table.
        options: Options.
        show: Show or None, default None (silent).

    Raises:
        FileError, DataError: the file or its contents cannot be used.
        ArgumentError: an option is out of range.
        NonFiniteError: no epoch gave a finite loss.
        KeyboardInterrupt: Ctrl-C came before an epoch was over; later, the best weights so far are returned.
    """
    started, show = time.perf_counter(), show or Silent()
    _check(options)
    table = _read(path, options)
    target = find_target(table, options.target, options.task)
    encoded = target.encode(table)
    everything = _Part(table.take(encoded.rows), encoded.values)
    show.line(f"{path}: {_count(len(table), 'row')}, {_count(len(table.names) - 1, 'column')} "
              f"and the target {target.name!r}")  # fmt: skip
    show.line(f"task: {_TASKS[target.task]} ({target.reason})")
    train, test, reports, notes = _prepare(everything, target, options)
    notes = [*encoded.notes, *notes]
    for note in notes:
        show.line(f"note: {note}")
    show.line(f"split: {_count(len(train.values), 'row')} to train on, {len(test.values)} to test on")
    chosen = plan(options.training, len(train.values))
    members = train_members(train.table, train.values, target, reports, chosen, options.seed, show)
    model = TableModel(members.networks, members.encoders, target, members.prior)
    metrics = _metrics(model, members, train, test, _test_notes(notes))
    found = {
        "chainrule": __version__, "task": target.task, "target": target.name, "data": os.path.basename(path),
        "rows": {"train": len(train.values), "validation": len(members.held), "test": len(test.values)},
        "seed": options.seed, "labels": list(target.labels), **metrics, "networks": [w.report() for w in members.watches],
        "settings": _settings(chosen), "interrupted": members.interrupted, "notes": notes,
        "seconds": round(time.perf_counter() - started, 3),
    }  # fmt: skip
    return Fitted(model, found, [row for watch in members.watches for row in watch.log], members.interrupted)
