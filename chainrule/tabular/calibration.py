"""Probabilities that mean what they say: one temperature for all, and how well they agree with what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_TINY = 1e-15
_LOWEST, _HIGHEST, _STEPS = 0.1, 4.0, 149
_FEWEST = 30
_DOUBT, _FLATTERED = 0.1, 100  # rows
_BINS = 10


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax(log(p) / T): sharper below 1, flatter above.

    Args:
        probabilities: float array (n, classes).
        temperature: float above 0.

    >>> tempered(np.array([[0.8, 0.2]]), 0.5).round(3).tolist()
    [[0.941, 0.059]]
    """
    if temperature == 1.0:
        return probabilities
    logits = np.log(np.maximum(probabilities, _TINY)) / temperature
    raised = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(raised / raised.sum(1, keepdims=True))


def fit_temperature(probabilities: np.ndarray, classes: np.ndarray, averaged: int) -> float:
    """The temperature with the lowest log loss on rows that were held out.

    Two cautions. A tenth of a row more than there are is thought to be wrong, with the usual confidence, so that rows
    that are all right do not make every answer certain; of few rows a whole one (0.1 + 100 / rows), because training
    was also stopped by them, which flatters. And the answers of a row that was held out come from one network of each
    kind, those of a new row from the mean of `averaged` of them, which is less sure already: then only half of the
    flattening (in logarithms) is taken.

    Args:
        probabilities: float array (n, classes) of the rows held out.
        classes: int array (n,).
        averaged: int. Networks of a kind that answer for a new row.

    Returns:
        float: 1.0 for fewer than 30 rows.

    Source: Guo, Pleiss, Sun, Weinberger 2017, section 4.2; averages: Rahaman and Thiery 2021.

    >>> sure = np.tile([[0.9, 0.1]], (1000, 1))
    >>> classes = (np.arange(1000) % 10 == 0).astype(int)  # a tenth is of the other class: as sure as it should be
    >>> round(fit_temperature(sure, classes, 1), 1)
    1.0
    """
    if len(classes) < _FEWEST:
        return 1.0
    logs = np.log(np.maximum(probabilities, _TINY))
    right = logs[np.arange(len(classes)), classes]
    ordered = np.sort(logs, axis=1)
    margin = float(np.median(ordered[:, -1] - ordered[:, -2]))
    doubt = _DOUBT + _FLATTERED / len(classes)

    def loss(temperature: float) -> float:
        scaled = logs / temperature
        top = scaled.max(1)
        return float(np.sum(np.log(np.exp(scaled - top[:, None]).sum(1)) + top - right / temperature))

    found = _lowest(lambda t: loss(t) + doubt * float(np.logaddexp(0.0, margin / t)))
    if found > 1.0:  # the row that was thought up must not flatten what is right
        found = max(1.0, _lowest(loss))
    return found**0.5 if found > 1.0 and averaged > 1 else found


def _lowest(loss: Callable[[float], float]) -> float:
    """The temperature of a grid with the lowest loss, which falls and then rises (it is convex in 1 / T)."""
    grid = np.exp(np.linspace(np.log(_LOWEST), np.log(_HIGHEST), _STEPS))
    first, last = 0, _STEPS - 1
    while first < last:
        middle = (first + last) // 2
        if loss(grid[middle]) <= loss(grid[middle + 1]):
            last = middle
        else:
            first = middle + 1
    return float(grid[first])


def reliability(probabilities: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
    """How often answers were right, by how sure they were.

    Args:
        probabilities: float array (n, classes).
        classes: int array (n,).

    Returns:
        dict: `bins`, a list of {`confidence`, `accuracy`, `rows`} for tenths that hold rows; `error`, the mean distance
        of the two, weighted by rows (expected calibration error).

    Source: Guo, Pleiss, Sun, Weinberger 2017, eq. 2-3.

    >>> reliability(np.array([[0.9, 0.1], [0.7, 0.3]]), np.array([0, 1]))["error"]
    0.4
    """
    confidence, right = probabilities.max(1), probabilities.argmax(1) == classes
    place = np.minimum((confidence * _BINS).astype(np.int64), _BINS - 1)
    bins = []
    for tenth in np.unique(place):
        inside = place == tenth
        bins.append({"confidence": float(confidence[inside].mean()), "accuracy": float(right[inside].mean()),
                     "rows": int(inside.sum())})  # fmt: skip
    error = sum(one["rows"] * abs(one["confidence"] - one["accuracy"]) for one in bins) / max(len(classes), 1)
    return {"bins": bins, "error": round(float(error), 12)}
