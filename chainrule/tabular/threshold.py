"""From which probability on the second of two classes is the answer."""

from __future__ import annotations

import numpy as np

from ..data import Target
from ..errors import ArgumentError


def threshold_of(
    wanted: str | float | None, target: Target, classes: np.ndarray, probabilities: np.ndarray
) -> float | None:
    """The threshold that the user asked for.

    Args:
        wanted: None (the likelier class is the answer), "f1", "balanced", or a probability.
        target: Target.
        classes: int array (n,). True classes of rows that no network was trained on.
        probabilities: float (n, k).

    Raises:
        ArgumentError: there are not two classes, or no rows to choose it on.
    """
    if wanted is None:
        return None
    if target.task != "binary":
        raise ArgumentError(f"--threshold: expected a target of two classes; {target.name!r} is {target.task}.")
    if not isinstance(wanted, str):
        return float(wanted)
    if not len(classes):
        raise ArgumentError(f"--threshold {wanted}: no rows are held out to choose it on. Give a probability.")
    return best_threshold(classes, probabilities[:, 1], wanted)


def best_threshold(classes: np.ndarray, scores: np.ndarray, measure: str) -> float:
    """The threshold with the highest F1 of class 1, or the highest balanced accuracy.

    Every cut between two neighbouring scores is tried; of equals the one nearest to a half is taken.

    Args:
        classes: int array (n,), 0 or 1.
        scores: float (n,). The probability of class 1.
        measure: str. "f1" or "balanced".

    >>> best_threshold(np.array([0, 0, 0, 1, 1]), np.array([0.05, 0.1, 0.2, 0.3, 0.4]), "f1")
    0.25
    """
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(classes[order])  # positives among the k highest
    taken = np.arange(1, len(classes) + 1)
    positives, negatives = max(int(classes.sum()), 1), max(int((classes == 0).sum()), 1)
    if measure == "f1":
        quality = 2 * found / (taken + positives)
    else:
        quality = (found / positives + (negatives - (taken - found)) / negatives) / 2
    descending = scores[order]
    below = np.append(descending[1:], 0.0)
    possible = descending > below
    cuts = (descending + below) / 2
    best = quality == quality[possible].max()
    allowed = np.flatnonzero(possible & best)
    return float(cuts[allowed[np.abs(cuts[allowed] - 0.5).argmin()]])
