"""A table as the subject of a diagnosis: remedies are options of `chainrule fit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from ...tabular import Options, TableModel, Training, plan
from ...tabular.members import train_members
from ...tabular.parts import balanced
from ...tabular.presets import AUTO
from ...tabular.problem import Problem
from ..finding import Remedy
from .case import Case
from .diagnose import Diagnosis, run_checks
from .gate import gate
from .subject import Trial

_ROWS = 2000  # at most so many are trained on to prove something
_FACTORS = {"rate-up": (3, 10), "rate-down": (1 / 3, 1 / 10)}
_KNOWN = {field.name for field in fields(Training)}


class _Silent:
    """A `Show` that shows nothing."""

    def line(self, text: str) -> None:
        """Nothing."""

    def epoch(self, watch: Any) -> None:
        """Nothing."""


class TableSubject:
    """The training rows of a table, and the networks that `chainrule fit` trains on them, one a training.

    Args:
        problem: Problem.
        training: Training. As the user chose it.
        seed: int.
        rows: int. At most so many rows are used, drawn at random.
    """

    def __init__(self, problem: Problem, training: Training, seed: int = 0, rows: int = _ROWS) -> None:
        some = np.arange(len(problem.train))
        if len(some) > rows:
            some = np.sort(np.random.default_rng(seed).permutation(some)[:rows])
        lines = problem.train.table.lines
        self.numbers: np.ndarray = some + 1 if lines is None else lines[some]
        self.word = "rows" if lines is None else "lines"
        self.problem, self.seed = replace(problem, train=problem.train.take(some)), seed
        self.is_auto = training.preset in (None, AUTO) and training.layers is None
        kind = "mlp" if training.preset in (None, AUTO) else training.preset
        self.training = replace(training, networks=1, preset=kind)
        self.task, self.values = problem.target.task, self.problem.train.values
        self.labels = list(problem.target.labels)
        chosen = plan(self.training, len(some))
        self.settings: dict[str, Any] = {
            name: getattr(chosen, name)
            for name in ("learning_rate", "epochs", "batch_size", "weight_decay", "dropout", "layers", "patience")
        }

    def folds(self, count: int, seed: int) -> list[np.ndarray]:
        """Rows to be held out in turns, as `fit` holds them out: by groups, by time, at random."""
        return self.problem.folds(count, seed)

    def train(
        self, change: Mapping[str, Any], learn: np.ndarray, held: np.ndarray, values: np.ndarray | None = None
    ) -> Trial:
        """Train one network; see `Subject`. It stops by itself on a fifth of the rows that it learns from."""
        everything = self.problem.train
        part = everything if values is None else replace(everything, values=values)
        learnt = part.take(learn)
        if change.get("balance"):
            learnt = balanced(learnt, self.problem.target)
        problem = replace(self.problem, train=learnt, reports=self._reports(change))
        training = replace(self.training, **{k: v for k, v in change.items() if k in _KNOWN})
        members, interrupted = train_members(problem, plan(training, len(learn)), self.seed, _Silent())
        if interrupted:  # what was trained in part proves nothing
            raise KeyboardInterrupt
        model = TableModel([members[0].network], [members[0].encoder], problem.target, problem.prior)
        log = members[0].watch.log
        names = [name for name in ("loss", "val_loss") if name in log[0]]
        history: dict[str, list[float]] = {name: [row[name] for row in log] for name in names}
        return Trial(model.outputs(part.take(held).table), model.outputs(learnt.table), history, len(log))

    def _reports(self, change: Mapping[str, Any]) -> list[Any]:
        gone = change.get("drop")
        return [replace(r, kind="unused") if r.name == gone else r for r in self.problem.reports]

    def remedies(self, kind: str) -> list[Remedy]:
        """What may be tried, as options of `chainrule fit`; see `Subject`."""
        rate, decay, patience = (self.settings[name] for name in ("learning_rate", "weight_decay", "patience"))
        if kind in _FACTORS:
            usual = plan(replace(self.training, learning_rate=None), len(self.values)).learning_rate
            rates = {float(f"{rate * factor:.1g}") for factor in _FACTORS[kind]}
            if max(usual, rate) > 3 * min(usual, rate) and (usual > rate) == (kind == "rate-up"):
                rates.add(usual)
            return [_option("learning-rate", "learning_rate", found) for found in sorted(rates)]
        if kind == "epochs":
            more = {"epochs": 3 * self.settings["epochs"], "patience": 2 * patience}
            return [Remedy("epochs", f"--epochs {more['epochs']} --patience {more['patience']}", more)]
        if kind == "overfitting":
            found = [_option("weight-decay", "weight_decay", max(4 * decay, 0.5)), _option("dropout", "dropout", 0.2)]
            smaller = tuple(max(4, n // 4) for n in self.settings["layers"])
            return found if self.is_auto else [*found, _option("smaller", "layers", smaller)]
        if kind == "larger" and not self.is_auto:  # --layers alone would leave one kind of network of several
            return [_option("larger", "layers", tuple(2 * n for n in self.settings["layers"]) or (64, 32))]
        if kind == "class-weight":
            return [Remedy("class-weight", "--balance", {"balance": True})]
        return []


def _option(key: str, name: str, value: Any) -> Remedy:
    shown = ",".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}"
    return Remedy(key, f"--{name.replace('_', '-')} {shown or 'none'}", {name: value})


def diagnose_table(problem: Problem, options: Options, model: TableModel | None = None, folds: int = 5) -> Diagnosis:
    """What is wrong with a table and the networks trained on it, with remedies as options of `chainrule fit`.

    Args:
        problem: Problem.
        options: Options, as the model was trained with.
        model: TableModel or None. The trained one: its answers on the test rows are looked at, and its units.
        folds: int, default 5.

    Returns: Diagnosis.
    """
    subject = TableSubject(problem, options.training, options.seed)
    is_sample = len(subject.values) < len(problem.train)
    case = Case(subject, folds, options.seed, kept=True, in_folds=True, is_sample=is_sample)
    if model is not None:
        first = model.networks[0]
        case.model, case.x = first, model.encoders[0].transform(subject.problem.train.table, [])
        if len(problem.test):
            case.test = model.outputs(problem.test.table), problem.test.values
    return run_checks(case, gate(problem))

