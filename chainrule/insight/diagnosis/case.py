"""`Case`: one diagnosis: the subject, the folds, what was trained already, and what there is besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..finding import Gain, Remedy
from .statistics import gain_on_folds
from .subject import CLASSIFICATION, Subject, Trial, measure_name, measured

Score = Callable[[np.ndarray, np.ndarray], float]
_LOOK = 2  # after so many folds a remedy that has not helped is given up


@dataclass
class Case:
    """One diagnosis.

    Args:
        subject: Subject.
        folds: int, at least 2. Trainings that each judgement is made of.
        seed: int.
        history: dict of lists or None: how the model under diagnosis was trained.
        kept: bool. Whether the weights of the best epoch were kept.
        model: the network itself, with its weights, or None.
        x: its inputs, or None.
        validation, test: (outputs, values) of the model on such rows, or None.
        is_sample: bool. Whether there are more rows than the subject has.
        in_folds: bool. Whether the validation rows are those that the folds hold out.
    """

    subject: Subject
    folds: int = 5
    seed: int = 0
    history: Mapping[str, list[float]] | None = None
    kept: bool = False
    model: Any = None
    x: Any = None
    validation: tuple[np.ndarray, np.ndarray] | None = None
    test: tuple[np.ndarray, np.ndarray] | None = None
    in_folds: bool = False
    is_sample: bool = False
    trainings: int = 0
    found: set[str] = field(default_factory=set)
    is_weak: bool = False  # whether it is not clearly better than the baseline
    better: Mapping[str, Any] = field(default_factory=dict)  # settings that were proven to train it at all

    @property
    def task(self) -> str:
        """Of the subject."""
        return self.subject.task

    @property
    def is_classification(self) -> bool:
        """Whether the targets are classes."""
        return self.task in CLASSIFICATION

    @property
    def measure(self) -> str:
        """The name of what `score` gives."""
        return measure_name(self.task)

    def score(self, outputs: np.ndarray, values: np.ndarray) -> float:
        """Log loss or RMSE."""
        return measured(self.task, outputs, values)

    @cached_property
    def parts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """(rows to learn from, rows held out), one pair a fold."""
        everything = np.arange(len(self.subject.values))
        held = [part for part in self.subject.folds(self.folds, self.seed) if len(part)]
        return [(np.setdiff1d(everything, part), part) for part in held]

    @cached_property
    def asked(self) -> tuple[np.ndarray, np.ndarray] | None:
        """(outputs, values) on validation rows."""
        if not self.in_folds:
            return self.validation
        rows, outputs = self.answers
        return outputs, self.subject.values[rows]

    def train(self, change: Mapping[str, Any], fold: int, values: np.ndarray | None = None) -> Trial:
        """Train on a fold with changed settings."""
        self.trainings += 1
        learn, held = self.parts[fold]
        return self.subject.train(change, learn, held, values)

    @cached_property
    def present(self) -> list[Trial]:
        """The trainings of all folds with the settings as they are."""
        return [self.train({}, fold) for fold in range(len(self.parts))]

    @cached_property
    def answers(self) -> tuple[np.ndarray, np.ndarray]:
        """(row numbers, outputs): of every row an answer by a network that had not seen it."""
        rows = np.concatenate([held for _, held in self.parts])
        order = np.argsort(rows, kind="stable")
        return rows[order], np.concatenate([trial.outputs for trial in self.present])[order]

    @cached_property
    def curves(self) -> Mapping[str, list[float]]:
        """Losses by epoch: of the model's own training where known, else the mean of the folds."""
        own = self.history or {}
        if "loss" in own:
            return own
        histories = [t.history for t in self.present if t.history.get("loss")]
        names = set.intersection(*(set(h) for h in histories)) if histories else set()
        length = min((len(h["loss"]) for h in histories), default=0)
        return {name: np.mean([h[name][:length] for h in histories], axis=0).tolist() for name in sorted(names)}

    def prove(
        self, remedies: Sequence[Remedy], score: Score | None = None, measure: str | None = None,
        worth: float = 0.03,
    ) -> list[Remedy]:  # fmt: skip
        """Train with each remedy on the folds; those that are proven and worth it first, by gain.

        Args:
            remedies: sequence of Remedy.
            score: outputs and values -> a number to be made small (default: log loss or RMSE).
            measure: its name.
            worth: float. The least relative gain.

        Returns:
            the remedies, each with its gain, the proven ones only. A remedy that makes the first folds worse is given
            up there, and one that cannot be applied to this network is left out.
        """
        score, measure = score or self.score, measure or self.measure
        tried = [replace(r, gain=self._gain(r, score, measure, len(remedies))) for r in remedies]
        proven = [r for r in tried if r.gain is not None and r.gain.is_proven and r.gain.value >= worth * r.gain.before]
        return sorted(proven, key=lambda r: -(r.gain.value if r.gain else 0.0))

    def _gain(self, remedy: Remedy, score: Score, measure: str, tried: int) -> Gain | None:
        before, after = [], []
        values = self.subject.values
        for fold, (_, held) in enumerate(self.parts):
            trial = self.train(remedy.settings, fold)
            before.append(score(self.present[fold].outputs, values[held]))
            after.append(score(trial.outputs, values[held]))
            if not np.isfinite(after[-1]) or (fold + 1 == _LOOK and np.mean(after) >= np.mean(before)):
                return None
        learn, held = self.parts[0]
        return gain_on_folds(measure, before, after, len(held) / len(learn), tried)
