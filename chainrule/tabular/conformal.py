"""Sets of classes and intervals that hold the truth as often as was asked for.

How wrong networks were on rows that they had held out is kept with the model. If new rows come from where those came
from, the set (or interval) made with the quantile of these errors holds the truth with at least the coverage asked for,
whatever the networks are like; the mean of all networks, which answers for new rows, is if anything less wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, UnsupportedError

_KEPT = 2000


def nonconformity(outputs: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """How far from the truth each answer was: 1 - p(true class), or the absolute error.

    Args:
        outputs: (n, classes) probabilities, or (n,) values.
        truth: (n,) class numbers or values.

    >>> nonconformity(np.array([[0.9, 0.1], [0.7, 0.3]]), np.array([0, 1])).round(6).tolist()
    [0.1, 0.7]
    """
    if outputs.ndim == 1:
        return np.abs(outputs - truth)
    return 1.0 - outputs[np.arange(len(truth)), truth]


def summary(scores: np.ndarray) -> dict[str, Any]:
    """What is kept of the scores: all of them in order, or 2,000 quantiles, rounded up.

    >>> summary(np.array([0.3, 0.1]))
    {'rows': 2, 'scores': [0.1, 0.3]}
    """
    ordered = np.sort(scores)
    if len(ordered) > _KEPT:
        ordered = np.quantile(ordered, np.linspace(0, 1, _KEPT), method="higher")
    return {"rows": len(scores), "scores": [float(s) for s in ordered]}


def radius(kept: dict[str, Any] | None, coverage: float) -> float:
    """The score that a share of at least `coverage` of new rows will not exceed; infinite for too few rows.

    Args:
        kept: dict, from `summary`; None for a model without rows held out.
        coverage: float between 0 and 1.

    Raises:
        ArgumentError: the coverage is out of range.
        UnsupportedError: no rows were held out.

    Source: Vovk, Gammerman, Shafer 2005; Lei et al. 2018, section 2.2; across folds: Vovk 2015; Barber et al. 2021.

    >>> radius(summary(np.arange(1.0, 10.0)), 0.8), radius(summary(np.arange(1.0, 10.0)), 0.95)
    (8.0, inf)
    """
    if not 0 < coverage < 1:
        raise ArgumentError(f"--coverage: expected a share between 0 and 1, like 0.9; got {coverage}.")
    if kept is None or not kept["rows"]:
        raise UnsupportedError("--coverage: the model had no rows held out to learn from how wrong it is. Fit it again "
                               "on more rows.")  # fmt: skip
    rows, scores = kept["rows"], kept["scores"]
    rank = int(np.ceil((rows + 1) * coverage - 1e-9))  # of the rows in order, from 1
    if rank > rows:
        return float("inf")
    place = rank - 1 if rows == len(scores) else int(np.ceil((rank - 1) / max(rows - 1, 1) * (len(scores) - 1)))
    return float(scores[min(place, len(scores) - 1)])


def class_sets(outputs: np.ndarray, limit: float) -> np.ndarray:
    """Which classes belong to the set of each row: those with 1 - p of at most `limit`, and always the likeliest.

    >>> class_sets(np.array([[0.6, 0.3, 0.1]]), 0.75).tolist()
    [[True, True, False]]
    """
    inside = 1.0 - outputs <= limit
    inside[np.arange(len(outputs)), outputs.argmax(1)] = True
    return np.asarray(inside)


def covered(outputs: np.ndarray, truth: np.ndarray, limit: float) -> float:
    """The share of rows whose set or interval holds the truth."""
    if outputs.ndim == 1:
        return float(np.mean(np.abs(outputs - truth) <= limit))
    return float(np.mean(class_sets(outputs, limit)[np.arange(len(truth)), truth]))


def statement(kept: dict[str, Any] | None, outputs: np.ndarray, truth: np.ndarray,
              levels: Sequence[float] = (0.8, 0.9, 0.95)) -> list[dict[str, Any]]:  # fmt: skip
    """For `metrics.json`: what was asked for and what came of it on rows with known answers.

    Args:
        kept: from `summary`, or None.
        outputs, truth: of the rows.
        levels: coverages.
    """
    if kept is None or not kept["rows"] or not len(truth):
        return []
    found = []
    for level in levels:
        limit = radius(kept, level)
        size = 2 * limit if outputs.ndim == 1 else float(class_sets(outputs, limit).sum(1).mean())
        found.append({"asked": level, "found": covered(outputs, truth, limit),
                      "size": size if np.isfinite(size) else None})  # fmt: skip
    return found
