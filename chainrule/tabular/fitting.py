"""From a table in a file to trained and evaluated networks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .. import __version__
from ..data import Target
from ..errors import ArgumentError
from . import conformal
from .budget import allowed_seconds
from .calibration import reliability
from .combining import Combined, combine, cross_validation
from .members import Member, Show, train_members
from .model import TableModel
from .network import Plan, plan
from .options import check_options
from .preparing import prepared
from .problem import Options, Problem, read_problem
from .streaming import is_large, train_streamed
from .threshold import threshold_of
from .training import Watch
from .words import count

_OF_THE_TIME = 0.8  # training ends then at the latest: the rest is for encoding, evaluating and writing


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


def fit_table(path: Any, options: Options, show: Show | None = None) -> Fitted:
    """Read, clean, split, encode, train, evaluate.

    Args:
        path: str, or a data frame. The table.
        options: Options.
        show: Show or None, default None (silent).

    Raises:
        FileError, DataError: the file or its contents cannot be used.
        ArgumentError: an option is out of range.
        NonFiniteError: no epoch gave a finite loss.
        KeyboardInterrupt: Ctrl-C before an epoch was over; later on, the best weights so far are kept.
    """
    started, show = time.monotonic(), show or Silent()
    check_options(options)
    plan(options.training, 1)  # an option out of range is said before a large file is read
    if options.stream and not isinstance(path, (str, os.PathLike)):
        raise ArgumentError("stream: expected a file or the URL of a database; a frame is in memory already.")
    if options.stream or (options.stream is None and is_large(path)):
        return _fit_streamed(os.fspath(path), options, show, started)
    problem = read_problem(path, options)
    return fit_problem(problem, options, show, _name(path), started)


def _fit_streamed(path: str, options: Options, show: Show, started: float) -> Fitted:
    """The same for a table that is not held in memory."""
    began = time.monotonic()
    found = train_streamed(path, options, show)
    for line in [*found.problem.summary[1:], *(f"note: {note}" for note in found.problem.notes)]:
        show.line(line)
    trained = _Trained(found.problem, found.plans, found.members, found.interrupted, time.monotonic() - began)
    fitted = _finish(trained, options, show, _name(path), started)
    fitted.metrics["rows"]["train"] = found.rows
    return fitted


def fit_problem(problem: Problem, options: Options, show: Show, name: str, started: float) -> Fitted:
    """Encode, train, evaluate.

    Args:
        problem: Problem.
        options: Options. Reading and splitting are done: only `seed`, `training` and `test` are looked at.
        show: Show.
        name: str. What the data are called.
        started: float. `time.monotonic()` at the beginning of it all.

    Raises: as `fit_table`.
    """
    for line in [*problem.summary, *(f"note: {note}" for note in problem.notes)]:
        show.line(line)
    began = time.monotonic()
    training = options.training if options.budget is None else replace(options.training, seconds=options.budget)
    allowed = allowed_seconds(training)
    until = started + _OF_THE_TIME * allowed if allowed else None
    plans, tried = prepared(problem, training, options.seed, show, until)
    members, interrupted = train_members(problem, plans, options.seed, show, until)
    trained = _Trained(problem, plans, members, interrupted, time.monotonic() - began, tried)
    return _finish(trained, options, show, name, started)


@dataclass(frozen=True)
class _Trained:
    """Networks, what they were trained on, what was tried. The fields: see `Fitted`, `train_members`, `prepared`."""

    problem: Problem
    plans: list[Plan]
    members: list[Member]
    interrupted: bool
    seconds: float
    tried: dict[str, Any] = field(default_factory=dict)


def _finish(trained: _Trained, options: Options, show: Show, name: str, started: float) -> Fitted:
    """Weigh the networks, evaluate, and say it."""
    problem, plans, members = trained.problem, trained.plans, trained.members
    combined = combine(members, problem, len(plans))
    for line in _kind_lines(plans, combined, members) if len(plans) > 1 else ():
        show.line(line)
    model = _model(combined, _with_threshold(problem.target, options, combined, problem, show), problem)
    if options.training.folds and combined.is_crossed:
        show.line(_folds_line(cross_validation(combined, problem, model.score)))
    late: list[str] = []
    measured, truth, outputs = _measure(model, problem, combined, late)
    if options.test is not None:  # of rows split off, the notes on the whole table have said it
        for note in late:
            show.line(f"note: {options.test}: {note}")
    notes = [*problem.notes, *(late if options.test is not None else [])]
    metrics = {
        "chainrule": __version__, "task": model.target.task, "target": model.target.name, "data": name, **measured,
        "labels": list(model.target.labels), "seed": options.seed, **_settings(plans, combined), **trained.tried,
        "networks": [m.watch.report() for m in members], "interrupted": trained.interrupted, "notes": notes,
        "seconds": round(time.monotonic() - started, 3),
    }  # fmt: skip
    log = [row for m in members for row in m.watch.log]
    return Fitted(model, metrics, log, trained.interrupted, problem, truth, outputs, trained.seconds)


def _model(combined: Combined, target: Target, problem: Problem) -> TableModel:
    """The networks that count, and how wrong they were on rows held out."""
    wrong = conformal.nonconformity(combined.outputs, problem.train.values[combined.held])
    return TableModel(
        [m.network for m in combined.members], [m.encoder for m in combined.members], target, problem.prior,
        combined.weights, conformal.summary(wrong) if len(wrong) else None,
    )  # fmt: skip


def _settings(plans: Sequence[Plan], combined: Combined) -> dict[str, Any]:
    """For `metrics.json`: the settings of the first kind of networks, and of all kinds with their weights."""
    found = [{**vars(chosen), "layers": list(chosen.layers)} for chosen in plans]
    kinds = [{**settings, "weight": weight} for settings, weight in zip(found, combined.kinds, strict=True)]
    return {"settings": found[0], "kinds": kinds, "temperature": combined.temperature}


def _name(data: Any) -> str:
    """What the data are called: the name of the file, without a place or a password; or the kind of frame."""
    return os.path.basename(data) if isinstance(data, (str, os.PathLike)) else type(data).__name__


def _with_threshold(target: Target, options: Options, combined: Combined, problem: Problem, show: Show) -> Target:
    """The target with the threshold that the user asked for."""
    truth = problem.train.values[combined.held]
    threshold = threshold_of(options.threshold, target, truth, combined.outputs)
    if threshold is None:
        return target
    show.line(f"threshold: {target.labels[1]!r} is the answer from a probability of {threshold:.4g} on")
    return replace(target, threshold=threshold)


def _kind_lines(plans: Sequence[Plan], combined: Combined, members: Sequence[Member]) -> Iterator[str]:
    """How the networks of each kind did on the rows that they held out, and how much they count."""
    for kind, chosen in enumerate(plans):
        own, loss = [member.watch for member in members if member.kind == kind], combined.losses[kind]
        if not own or loss is None:
            continue
        epochs = sorted(watch.epochs for watch in own)
        value = f"log loss {loss:.4f}" if combined.outputs.ndim > 1 else f"RMSE {loss**0.5:.5g}"
        lasted = count(epochs[0], "epoch") if epochs[0] == epochs[-1] else f"{epochs[0]} to {epochs[-1]} epochs"
        yield (f"{chosen.preset}: {count(len(own), 'network')} of {lasted}, {value} on rows held out; counts "
               f"{combined.kinds[kind]:.0%}")  # fmt: skip
    if combined.outputs.ndim > 1 and len(combined.held):
        yield f"calibration: logits divided by {combined.temperature:.3f}, found on the rows held out"


def _folds_line(found: dict[str, Any]) -> str:
    """The scores over folds in a sentence."""
    names = {"log_loss": "log loss", "accuracy": "accuracy", "rmse": "RMSE", "r2": "R2"}
    parts = [f"{word} {found[name]['mean']:.5g} (deviation {found[name]['deviation']:.2g})"
             for name, word in names.items() if name in found]  # fmt: skip
    return f"cross-validation over {found['folds']} folds: {', '.join(parts)}"


def _measure(
    model: TableModel, problem: Problem, combined: Combined, notes: list[str]
) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Scores on the test rows, on rows that a network held out, or else on the training rows; and of the baseline.

    Also the truth and the outputs that the first of these are scores of.
    """
    held = combined.held
    truth = {"test": problem.test.values, "validation": problem.train.values[held], "train": problem.train.values}
    found: dict[str, Any] = {"rows": {name: len(truth[name]) for name in ("train", "validation", "test")}, "test": None}
    outputs = {}
    if len(held):
        outputs["validation"] = combined.outputs
    if len(problem.test):
        outputs["test"] = model.outputs(problem.test.table, notes)
    elif not len(held):
        outputs["train"] = model.outputs(problem.train.table, notes)
    found |= {name: model.score(of, truth[name]) for name, of in outputs.items()}
    part = next(name for name in ("test", "validation", "train") if name in outputs)
    if combined.is_crossed:
        found["cross_validation"] = cross_validation(combined, problem, model.score)
    if problem.target.is_classification:
        found["calibration"] = reliability(outputs[part], truth[part])
    if part == "test":
        found["coverage"] = conformal.statement(model.held, outputs[part], truth[part])
    return {**found, "measured_on": part, "baseline": model.baseline(truth[part])}, truth[part], outputs[part]
