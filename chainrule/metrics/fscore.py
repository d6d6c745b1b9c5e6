"""F-scores: precision and recall in one number."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..ir import Tensor
from ..losses.alignment import SAME_SHAPE, broadcast_weight, floating, mismatch, same_rank
from ..primitives.arithmetic import as_operand
from ..serialization import builtin
from .counting import Counter
from .metric import ratio

AVERAGES = (None, "micro", "macro", "weighted")


@builtin
class FBetaScore(Counter):
    """(1 + beta^2) precision recall / (beta^2 precision + recall).

    Args:
        average: None (default: one number a class), `'micro'` (counts of all classes together), `'macro'` (mean over
            classes) or `'weighted'` (mean over classes by their true samples).
        beta: how many times recall matters as much as precision (default 1.0).
        threshold: an output above is a positive; None (default) takes the largest output of each row.
        name: default 'fbeta_score'; dtype.
    Shapes: y_true (0 or 1) and y_pred (n, classes); (n,) fits (n, 1).
    Raises: ArgumentError: an argument is out of range. ShapeError: outputs are not (n, classes).

    Example:
    >>> FBetaScore(threshold=0.5)([[1, 0], [1, 1]], [[0.9, 0.2], [0.1, 0.8]]).tolist()
    [0.6666..., 1.0]
    """

    kinds = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")

    def __init__(
        self, average: str | None = None, beta: float = 1.0, threshold: float | None = None,
        name: str | None = "fbeta_score", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(dtype, name)
        if average not in AVERAGES:
            raise ArgumentError(f"{self.name}: expected average None, 'micro', 'macro' or 'weighted'; got {average!r}.")
        if not isinstance(beta, float) or beta <= 0:
            raise ArgumentError(f"{self.name}: expected beta, a float above 0; got {beta!r}.")
        if threshold is not None and not (isinstance(threshold, float) and 0 < threshold <= 1):
            raise ArgumentError(f"{self.name}: expected threshold None or a float in (0, 1]; got {threshold!r}.")
        self.average, self.beta, self.threshold = average, beta, threshold

    def build(self, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> None:
        """Make the state for as many classes as the outputs have."""
        if not self.built:
            classes = y_pred_shape[-1] if len(y_pred_shape) == 2 else 1
            self.add_counts(() if self.average == "micro" else (int(classes),))
        super().build(y_true_shape, y_pred_shape)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        y_true, y_pred = same_rank(as_operand(y_true), floating(y_pred, self.dtype))
        if y_true.shape != y_pred.shape or y_pred.ndim != 2:
            raise mismatch(self.name, y_true, y_pred, f"Both must be (n, classes). {SAME_SHAPE}")
        self.build(y_true.shape, y_pred.shape)
        positive = self._positive(y_pred)
        true = ops.cast(ops.cast(y_true, "bool"), self.dtype)
        weight = ops.ones_like(true)
        if sample_weight is not None:
            weight = broadcast_weight(ops.cast(sample_weight, self.dtype), y_pred.shape)
        axis = None if self.average == "micro" else 0
        parts = (true * positive, (1.0 - true) * positive, true * (1.0 - positive), true)
        sums = (ops.sum(part * weight, axis=axis) for part in parts)
        self.add(dict(zip(self.kinds, sums, strict=True)))

    def _positive(self, y_pred: Any) -> Any:
        if self.threshold is not None:
            return ops.cast(ops.greater(y_pred, self.threshold), self.dtype)
        largest = ops.equal(y_pred, ops.max(y_pred, axis=-1, keepdims=True))
        return ops.cast(ops.logical_and(largest, ops.abs(y_pred) > 1e-9), self.dtype)

    def result(self) -> Tensor:
        """One number a class, or their average."""
        if not self.built:
            raise ShapeError(f"{self.name}: the number of classes is not known before the first update_state.")
        hits, alarms, missed, true = (getattr(self, kind).value for kind in self.kinds)
        precision, recall = ratio(hits, hits + alarms), ratio(hits, hits + missed)
        square = self.beta**2
        scores = ratio((1.0 + square) * precision * recall, square * precision + recall)
        if self.average == "weighted":
            return ops.sum(scores * ratio(true, ops.sum(true)))
        return scores if self.average is None else ops.mean(scores)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


@builtin
class F1Score(FBetaScore):
    """2 precision recall / (precision + recall): the harmonic mean of precision and recall.

    Args: average, threshold: see `FBetaScore`; name: default 'f1_score'; dtype.

    Example:
    >>> round(float(F1Score(average="micro", threshold=0.5)([[1], [1], [0]], [[0.9], [0.8], [0.7]])), 4)
    0.8
    """

    def __init__(
        self, average: str | None = None, threshold: float | None = None, name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        config = super().get_config()
        return {key: value for key, value in config.items() if key != "beta"}
