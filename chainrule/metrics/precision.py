"""True and false positives and negatives, precision and recall."""

from __future__ import annotations

from typing import Any

from ..ir import Tensor
from ..serialization import builtin
from .counting import NOT_CHOSEN, Counter, checked_thresholds, count_at, targets_and_outputs
from .metric import ratio


class ThresholdMetric(Counter):
    """A count, or a ratio of counts, at one threshold (a scalar) or several (a vector).

    Args: thresholds, top_k, class_id: see `Precision`.
    """

    def __init__(self, thresholds: Any, top_k: int | None, class_id: int | None, name: str | None, dtype: Any) -> None:
        super().__init__(dtype, name)
        self.init_thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        self.thresholds = checked_thresholds(self.name, thresholds, 0.5 if top_k is None else NOT_CHOSEN)
        self.add_counts((len(self.thresholds),))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        y_true, y_pred, weight = targets_and_outputs(
            self.name, y_true, y_pred, sample_weight, self.dtype, self.top_k, self.class_id
        )
        self.add(count_at(y_true, y_pred, self.thresholds, weight))

    def result(self) -> Tensor:
        """A scalar for one threshold, otherwise a vector."""
        values = self._value()
        return values[0] if len(self.thresholds) == 1 else values

    def _value(self) -> Any:
        return getattr(self, self.kinds[0]).value

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


class _Count(ThresholdMetric):
    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(thresholds, None, None, name, dtype)


@builtin
class TruePositives(_Count):
    """How many targets 1 have an output above the threshold.

    Args: thresholds: one or several from 0 to 1 (default 0.5); name (default 'true_positives'), dtype.

    Example:
    >>> float(TruePositives()([0, 1, 1], [0.9, 0.8, 0.2]))
    1.0
    """

    kinds = ("true_positives",)


@builtin
class FalsePositives(_Count):
    """How many targets 0 have an output above the threshold.

    Args: thresholds: one or several from 0 to 1 (default 0.5); name (default 'false_positives'), dtype.

    Example:
    >>> float(FalsePositives()([0, 1, 1], [0.9, 0.8, 0.2]))
    1.0
    """

    kinds = ("false_positives",)


@builtin
class TrueNegatives(_Count):
    """How many targets 0 have an output not above the threshold.

    Args: thresholds: one or several from 0 to 1 (default 0.5); name (default 'true_negatives'), dtype.

    Example:
    >>> float(TrueNegatives()([0, 0, 1], [0.9, 0.1, 0.2]))
    1.0
    """

    kinds = ("true_negatives",)


@builtin
class FalseNegatives(_Count):
    """How many targets 1 have an output not above the threshold.

    Args: thresholds: one or several from 0 to 1 (default 0.5); name (default 'false_negatives'), dtype.

    Example:
    >>> float(FalseNegatives()([0, 1, 1], [0.9, 0.8, 0.2]))
    1.0
    """

    kinds = ("false_negatives",)


class _Ratio(ThresholdMetric):
    """kinds[0] / (kinds[0] + kinds[1])."""

    def __init__(
        self, thresholds: Any = None, top_k: int | None = None, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(thresholds, top_k, class_id, name, dtype)

    def _value(self) -> Any:
        hits, others = (getattr(self, kind).value for kind in self.kinds)
        return ratio(hits, hits + others)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {**super().get_config(), "top_k": self.top_k, "class_id": self.class_id}


@builtin
class Precision(_Ratio):
    """TP / (TP + FP): the share of true ones among those called positive.

    Args:
        thresholds: an output above is a positive; one (a scalar result) or several from 0 to 1 (default 0.5, with
            `top_k` none).
        top_k: of each row only the k largest outputs can be positive (default None: all).
        class_id: only this class counts (default None: all).
        name: default 'precision'; dtype.
    Shapes: y_true (0 or 1) and y_pred the same; (n,) and (n, 1) fit together.

    Example:
    >>> float(Precision()([0, 1, 1, 1], [0.9, 0.8, 0.2, 0.7]).round(4)) > 0.66
    True
    """

    kinds = ("true_positives", "false_positives")


@builtin
class Recall(_Ratio):
    """TP / (TP + FN): the share of positives found.

    Args: thresholds, top_k, class_id: see `Precision`; name: default 'recall'; dtype.
    Shapes: y_true (0 or 1) and y_pred the same; (n,) and (n, 1) fit together.

    Example:
    >>> float(Recall()([0, 1, 1, 1, 1], [0.9, 0.8, 0.2, 0.7, 0.6]))
    0.75
    """

    kinds = ("true_positives", "false_negatives")
