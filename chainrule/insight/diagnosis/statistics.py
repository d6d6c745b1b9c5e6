"""The few statistics that judgements rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..finding import Gain

LEVEL = 0.95
_TINY = 1e-9


def student_quantile(p: float, freedom: int) -> float:
    """The p-quantile of Student's t distribution, p at least 0.5.

    Args:
        p: float in [0.5, 1).
        freedom: int from 1, degrees of freedom.

    Source: the density integrated numerically (Gauss-Legendre), the quantile by bisection.

    >>> round(student_quantile(0.975, 4), 4), round(student_quantile(0.975, 1000), 3)
    (2.7764, 1.962)
    """
    nodes, weights = np.polynomial.legendre.leggauss(64)
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)

    def above_half(t: float) -> float:
        angle = math.atan(t / math.sqrt(freedom)) / 2 * (nodes + 1)  # t = sqrt(v) tan(a): a finite interval
        density = constant * np.cos(angle) ** (freedom + 1) * math.sqrt(freedom) / np.cos(angle) ** 2
        return float(weights @ density) * math.atan(t / math.sqrt(freedom)) / 2

    low, high = 0.0, 1.0
    while above_half(high) < p - 0.5 and high < 1e12:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if above_half(middle) < p - 0.5 else (low, middle)
    return (low + high) / 2


def gain_on_folds(
    measure: str, before: Sequence[float], after: Sequence[float], held_share: float, tried: int = 1
) -> Gain:
    """The gain of a remedy over folds, with an interval that knows that the trainings share rows.

    Args:
        measure: str. What the numbers are; smaller is better. Losses are compared by their ratio (so that one bad fold
            does not decide) and averaged geometrically, rates of errors by their difference.
        before, after: one number a fold, in pairs.
        held_share: float. Rows held out for each row trained on.
        tried: int, default 1. How many remedies were tried: the intervals of all together hold at the level
            (Bonferroni).

    Source: Nadeau and Bengio 2003, "Inference for the generalization error": the variance of the mean difference is
        (1 / k + held / trained) times the variance between folds.

    >>> gain = gain_on_folds("log loss", [0.5, 0.52, 0.51, 0.49, 0.5], [0.4, 0.41, 0.42, 0.4, 0.39], 0.25)
    >>> gain.is_proven, round(gain.value, 3), gain.low < gain.value < gain.high
    (True, 0.1, True)
    """
    pairs = np.maximum(np.asarray([before, after], float), _TINY)
    by_ratio = measure in ("log loss", "RMSE", "loss")
    values = np.log(pairs) if by_ratio else pairs
    differences, folds = values[0] - values[1], pairs.shape[1]
    spread = float(differences.std(ddof=1)) if folds > 1 else math.inf
    confidence = 1 - (1 - LEVEL) / max(1, tried)
    reach = student_quantile(0.5 + confidence / 2, max(1, folds - 1)) * spread * math.sqrt(1 / folds + held_share)
    low, mean, high = (float(differences.mean()) + step for step in (-reach, 0.0, reach))
    start = float(values[0].mean())
    if not by_ratio:
        return Gain(measure, start, start - mean, low, high, LEVEL, folds)
    first = math.exp(start)
    gains = [first * -math.expm1(-min(max(v, -50.0), 50.0)) for v in (low, mean, high)]
    return Gain(measure, first, first - gains[1], gains[0], gains[2], LEVEL, folds)


def class_auc(classes: np.ndarray, probabilities: np.ndarray) -> float:
    """How well probabilities rank: the area under the ROC curve, each class against the rest, mean over classes.

    Args:
        classes: int array (n,).
        probabilities: (n, k).

    >>> class_auc(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.6, 0.4]]))
    1.0
    """
    from ...tabular.scores import roc_auc

    found = [roc_auc(classes == c, probabilities[:, c]) for c in range(probabilities.shape[1])]
    known = [area for area in found if area is not None]
    return float(np.mean(known)) if known else 0.5
