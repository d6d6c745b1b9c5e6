"""What is diagnosed: rows, targets, and how a network is trained on some of them with changed settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..finding import Remedy

CLASSIFICATION = ("binary", "multiclass")
_TINY = 1e-7


@dataclass(frozen=True)
class Trial:
    """One training.

    Args:
        outputs: of the rows held out: probabilities (n, classes), or values (n, ...).
        learnt: the same of the rows trained on.
        history: dict of lists, one number an epoch: "loss", "val_loss".
        epochs: int. How many epochs it ran.
    """

    outputs: np.ndarray
    learnt: np.ndarray
    history: Mapping[str, list[float]] = field(default_factory=dict)
    epochs: int = 0


class Subject(Protocol):
    """A network and its rows, ready to be trained again."""

    task: str  # "binary", "multiclass" or "regression"
    values: np.ndarray  # (n,) class numbers, or (n, ...) values
    labels: list[str]  # the names of the classes
    numbers: np.ndarray  # (n,) where each row stands in the data, counted from 1
    word: str  # what these numbers count: "rows" or "lines"
    settings: dict[str, Any]  # as it is trained at present

    def train(
        self, change: Mapping[str, Any], learn: np.ndarray, held: np.ndarray, values: np.ndarray | None = None
    ) -> Trial:
        """Train on the rows `learn` with changed settings and answer for `held`; `values`: other targets for all."""

    def folds(self, count: int, seed: int) -> list[np.ndarray]:
        """Rows to be held out in turns."""

    def remedies(self, kind: str) -> list[Remedy]:
        """What may be tried against a finding: remedies with their settings."""


def row_losses(task: str, outputs: np.ndarray, values: np.ndarray) -> np.ndarray:
    """One number a row: -log of the probability given to its class, or its squared error.

    Args:
        task: str.
        outputs: probabilities (n, classes), or values.
        values: class numbers (n,), or values.

    >>> row_losses("regression", np.array([[1.0], [2.0]]), np.array([1.0, 4.0])).tolist()
    [0.0, 4.0]
    """
    if task in CLASSIFICATION:
        return -np.log(np.clip(outputs[np.arange(len(values)), values], _TINY, None))
    error = outputs.reshape(len(values), -1) - values.reshape(len(values), -1)
    return np.mean(error**2, axis=1)


def measure_name(task: str) -> str:
    """What `measured` gives: "log loss" or "RMSE"."""
    return "log loss" if task in CLASSIFICATION else "RMSE"


def measured(task: str, outputs: np.ndarray, values: np.ndarray) -> float:
    """The mean log loss, or the root of the mean squared error.

    >>> measured("regression", np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    1.4142135623730951
    """
    mean = float(np.mean(row_losses(task, outputs, values)))
    return mean if task in CLASSIFICATION else mean**0.5


def errors(outputs: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Which rows are classified wrongly: 1.0 or 0.0."""
    return (outputs.argmax(1) != classes).astype(float)


def balanced_error(outputs: np.ndarray, classes: np.ndarray) -> float:
    """1 - the mean share of each class that is found."""
    wrong = errors(outputs, classes)
    return float(np.mean([wrong[classes == c].mean() for c in np.unique(classes)]))


def baseline(task: str, known: np.ndarray, asked: np.ndarray, classes: int) -> np.ndarray:
    """Outputs of answering without looking: the share of each class among known rows, or their mean.

    Args:
        task: str.
        known: values of the rows that it may learn from.
        asked: values of the rows to answer for; only their number counts.
        classes: int.
    """
    if task in CLASSIFICATION:
        return np.tile(np.bincount(known, minlength=classes) / len(known), (len(asked), 1))
    return np.broadcast_to(known.mean(0), asked.shape).copy()
