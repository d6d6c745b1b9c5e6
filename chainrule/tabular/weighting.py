"""How much each kind of network counts: chosen on rows that its networks had held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .scores import log_loss

ROUNDS, _MOST = 20, 50


def greedy_weights(
    outputs: Sequence[np.ndarray], truth: np.ndarray, loss: Callable[[np.ndarray, np.ndarray], float],
    rounds: int = ROUNDS,
) -> list[float]:  # fmt: skip
    """Weights that sum to 1: in each round the kind is added once more that lowers the loss most.

    It begins with every kind several times (`beginning`), so that few rows do not drop a kind by chance.

    Args:
        outputs: for each kind its answers (n, ...) on the same rows, none of which it was trained on.
        truth: (n,) class numbers or values.
        loss: function (truth, outputs) -> float.
        rounds: int, default 20.

    Source: Caruana, Niculescu-Mizil, Crew, Ksikes 2004, section 2; beginning with a good start: section 2.2.

    >>> truth = np.array([0.0, 1.0, 2.0])
    >>> weights = greedy_weights([truth + 1, truth - 1, truth + 2], truth, lambda t, o: float(np.mean((t - o) ** 2)))
    >>> [round(weight, 2) for weight in weights]
    [0.29, 0.41, 0.29]
    """
    kinds, begin = np.arange(len(outputs)), beginning(len(truth))
    counts, total = np.full(len(outputs), begin), begin * np.sum(outputs, axis=0)
    best: tuple[float, np.ndarray] = (loss(truth, total / counts.sum()), counts)
    for _ in range(rounds):
        losses = [loss(truth, (total + one) / (counts.sum() + 1)) for one in outputs]
        chosen = int(np.argmin(losses))
        counts, total = counts + (kinds == chosen), total + outputs[chosen]
        if losses[chosen] < best[0] - 1e-12:
            best = (losses[chosen], counts)
    return [float(count / best[1].sum()) for count in best[1]]


def beginning(rows: int) -> int:
    """How often every kind counts before one is chosen: 3 times for 1,000 rows, 30 times for 100.

    The rows held out are also those that the networks stop by. The fewer they are, the more is a low loss luck, and
    that of kinds whose loss jumps from epoch to epoch most of all.

    Args:
        rows: int. Rows by which the kinds are judged.

    >>> beginning(100), beginning(1000), beginning(10_000)
    (30, 3, 1)
    """
    return int(min(_MOST, max(1, round(3000 / max(1, rows)))))


def loss_of(task: str) -> Callable[[np.ndarray, np.ndarray], float]:
    """Log loss, or the mean squared error.

    Args:
        task: str. "binary", "multiclass" or "regression".

    >>> loss_of("regression")(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    2.0
    """
    if task == "regression":
        return lambda truth, outputs: float(np.mean((truth - outputs) ** 2))
    return log_loss
