"""How good predictions are, in plain NumPy: what the report and `metrics.json` say.

The trained network and its metrics are recorded in Programs; these scores are computed once, from finished
predictions, by independent and exact formulas (the AUC by ranks, not by thresholds).
"""

from __future__ import annotations

from typing import Any

import numpy as np

_TINY = 1e-15


def classification_scores(
    classes: np.ndarray, probabilities: np.ndarray, threshold: float | None = None
) -> dict[str, Any]:
    """Accuracy and its kin.

    Args:
        classes: int array (n,): the true class numbers.
        probabilities: float array (n, k), rows that sum to 1.
        threshold: float or None, default None. Of two classes: from which probability on the second is the answer.

    Returns:
        `accuracy`, `error_rate`, `balanced_accuracy`, `log_loss` (nats), `roc_auc` (one against the rest, mean over
        the classes that occur with and without; None where undefined), `f1` (of class 1 for two classes, else the mean
        over classes), `confusion` (rows: true class).

    >>> scores = classification_scores(np.array([0, 1, 1]), np.array([[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]]))
    >>> round(scores["accuracy"], 3), scores["roc_auc"], scores["confusion"]
    (0.667, 1.0, [[1, 0], [1, 1]])
    """
    n, k = probabilities.shape
    predicted = chosen_classes(probabilities, threshold)
    confusion = np.zeros((k, k), np.int64)
    np.add.at(confusion, (classes, predicted), 1)
    accuracy = float(np.trace(confusion) / n)
    recall = [confusion[c, c] / confusion[c].sum() for c in range(k) if confusion[c].sum()]
    return {
        "accuracy": accuracy,
        "error_rate": 1.0 - accuracy,
        "balanced_accuracy": float(np.mean(recall)),
        "log_loss": log_loss(classes, probabilities),
        "roc_auc": _mean_auc(classes, probabilities),
        "f1": _f1(confusion, 1) if k == 2 else float(np.mean([_f1(confusion, c) for c in range(k)])),
        "confusion": confusion.tolist(),
    }


def chosen_classes(probabilities: np.ndarray, threshold: float | None = None) -> np.ndarray:
    """The likeliest class of each row; with a threshold, the second of two from that probability on.

    >>> chosen_classes(np.array([[0.7, 0.3], [0.8, 0.2]]), 0.25)
    array([1, 0])
    """
    if threshold is None:
        return probabilities.argmax(1)
    return (probabilities[:, 1] >= threshold).astype(np.int64)


def log_loss(classes: np.ndarray, probabilities: np.ndarray) -> float:
    """The mean of -log p(true class), in nats.

    Args:
        classes: int array (n,).
        probabilities: float array (n, k).

    >>> round(log_loss(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]])), 4)
    0.6931
    """
    chosen = np.clip(probabilities[np.arange(len(classes)), classes], _TINY, None)
    return float(-np.mean(np.log(chosen)))


def _f1(confusion: np.ndarray, c: int) -> float:
    """2 tp / (2 tp + fp + fn); 0 where nothing was found and nothing was there."""
    total = int(confusion[c].sum() + confusion[:, c].sum())
    return float(2 * confusion[c, c] / total) if total else 0.0


def _mean_auc(classes: np.ndarray, probabilities: np.ndarray) -> float | None:
    k = probabilities.shape[1]
    wanted = [1] if k == 2 else range(k)
    found = [roc_auc(classes == c, probabilities[:, c]) for c in wanted]
    known = [v for v in found if v is not None]
    return float(np.mean(known)) if known else None


def roc_auc(positive: np.ndarray, score: np.ndarray) -> float | None:
    """The probability that a positive row scores higher than a negative one, ties counting half; None without both.

    Source: Mann and Whitney 1947; Hanley and McNeil 1982.

    >>> roc_auc(np.array([False, True, True]), np.array([0.1, 0.9, 0.1]))
    0.75
    """
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    _, index, counts = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[index]  # the mean rank of equal scores
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def regression_scores(values: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """`rmse`, `mae` and `r2` (1 - squared error over squared distance from the mean; None if all values are equal).

    >>> regression_scores(np.array([1.0, 3.0]), np.array([1.0, 2.0]))["r2"]
    0.5
    """
    error = values - predicted
    spread = float(np.sum((values - values.mean()) ** 2))
    return {
        "rmse": float(np.sqrt(np.mean(error**2))),
        "mae": float(np.mean(np.abs(error))),
        "r2": 1.0 - float(np.sum(error**2)) / spread if spread > 0 else None,
    }
