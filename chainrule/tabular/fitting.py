"""From a table in a file to trained and evaluated networks."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import __version__
from ..data import Target
from .members import Member, Show, train_members
from .model import TableModel
from .network import plan
from .options import check_options
from .problem import Options, Problem, read_problem
from .threshold import threshold_of
from .training import Watch


@dataclass(frozen=True)
class Fitted:
    """What came out.

    Args:
        model: TableModel.
        metrics: dict, of JSON's types: `metrics.json`.
        log: list of dicts, one an epoch.
        interrupted: bool. Whether Ctrl-C ended the training.
        problem: Problem. What was learnt from.
        truth, outputs: (n,) and (n, classes) or (n,). The rows that `metrics["measured_on"]` names, and what the model
            says of them.
        training_seconds: float. Of the training alone, compiling included.
    """

    model: TableModel
    metrics: dict[str, Any]
    log: list[dict[str, Any]]
    interrupted: bool
    problem: Problem
    truth: np.ndarray
    outputs: np.ndarray
    training_seconds: float


class Silent:
    """A `Show` that shows nothing."""

    def line(self, text: str) -> None:
        """Nothing."""

    def epoch(self, watch: Watch) -> None:
        """Nothing."""


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
        KeyboardInterrupt: Ctrl-C before an epoch was over; later on, the best weights so far are kept.
    """
    started, show = time.perf_counter(), show or Silent()
    check_options(options)
    plan(options.training, 1)  # an option out of range is said before a large file is read
    problem = read_problem(path, options)
    for line in [*problem.summary, *(f"note: {note}" for note in problem.notes)]:
        show.line(line)
    chosen = plan(options.training, len(problem.train))
    began = time.perf_counter()
    members, interrupted = train_members(problem, chosen, options.seed, show)
    trained, target = time.perf_counter() - began, problem.target
    target = _with_threshold(target, options, members, problem, show)
    model = TableModel([m.network for m in members], [m.encoder for m in members], target, problem.prior)
    late: list[str] = []
    measured, truth, outputs = _measure(model, problem, members, late)
    if options.test is not None:  # of rows split off, the notes on the whole table have said it
        for note in late:
            show.line(f"note: {options.test}: {note}")
    metrics = {
        "chainrule": __version__, "task": target.task, "target": target.name, "data": os.path.basename(path),
        **measured, "labels": list(target.labels), "seed": options.seed,
        "settings": {**vars(chosen), "layers": list(chosen.layers)},
        "networks": [m.watch.report() for m in members], "interrupted": interrupted,
        "notes": [*problem.notes, *(late if options.test is not None else [])],
        "seconds": round(time.perf_counter() - started, 3),
    }  # fmt: skip
    log = [row for m in members for row in m.watch.log]
    return Fitted(model, metrics, log, interrupted, problem, truth, outputs, trained)


def _with_threshold(target: Target, options: Options, members: list[Member], problem: Problem, show: Show) -> Target:
    """The target with the threshold that the user asked for."""
    held = np.concatenate([member.held for member in members])
    outputs = np.concatenate([member.outputs for member in members])
    threshold = threshold_of(options.threshold, target, problem.train.values[held], outputs)
    if threshold is None:
        return target
    show.line(f"threshold: {target.labels[1]!r} is the answer from a probability of {threshold:.4g} on")
    return replace(target, threshold=threshold)


def _measure(
    model: TableModel, problem: Problem, members: list[Member], notes: list[str]
) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Scores on the test rows, on rows that a network held out, or else on the training rows; and of the baseline.

    Also the truth and the outputs that the first of these are scores of.
    """
    held = np.concatenate([member.held for member in members])
    truth = {"test": problem.test.values, "validation": problem.train.values[held], "train": problem.train.values}
    found: dict[str, Any] = {"rows": {name: len(truth[name]) for name in ("train", "validation", "test")}, "test": None}
    outputs = {}
    if len(held):
        outputs["validation"] = np.concatenate([member.outputs for member in members])
    if len(problem.test):
        outputs["test"] = model.outputs(problem.test.table, notes)
    elif not len(held):
        outputs["train"] = model.outputs(problem.train.table, notes)
    found |= {name: model.score(of, truth[name]) for name, of in outputs.items()}
    part = next(name for name in ("test", "validation", "train") if name in outputs)
    return {**found, "measured_on": part, "baseline": model.baseline(truth[part])}, truth[part], outputs[part]
