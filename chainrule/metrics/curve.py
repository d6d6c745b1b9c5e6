"""Areas under curves, and points on curves, over many thresholds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, ShapeError, did_you_mean
from ..ir import Tensor
from ..primitives.arithmetic import as_operand
from ..serialization import builtin
from .counting import (
    SMALL,
    Counter,
    checked_thresholds,
    count_at,
    count_in_bins,
    even_thresholds,
    targets_and_outputs,
)
from .metric import ratio

CURVES = ("ROC", "PR", "PRGAIN")
METHODS = ("interpolation", "minoring", "majoring")


def _choice(place: str, value: Any, allowed: tuple[str, ...]) -> str:
    for name in allowed:
        if str(getattr(value, "value", value)).casefold() == name.casefold():
            return name
    raise ArgumentError(
        f"{place}: expected one of {', '.join(map(repr, allowed))}; got {value!r}.{did_you_mean(str(value), allowed)}"
    )


class Curve(Counter):
    """The four counts at many thresholds; evenly spaced ones are counted in one pass."""

    def __init__(self, thresholds: list[float], name: str | None, dtype: Any) -> None:
        super().__init__(dtype, name)
        self.thresholds, self.num_thresholds = thresholds, len(thresholds)
        even = np.linspace(0.0, 1.0, len(thresholds))
        self._even = len(thresholds) > 1 and np.allclose(thresholds, even, rtol=0, atol=2 * SMALL)

    def count(self, y_true: Tensor, y_pred: Tensor, weight: Any, per_label: bool = False) -> None:
        """Add a batch to the state."""
        if self._even:
            self.add(count_in_bins(y_true, y_pred, self.thresholds, weight, per_label))
        else:
            self.add(count_at(y_true, y_pred, self.thresholds, weight, per_label))


@builtin
class AUC(Curve):
    """The area under a curve: ROC (the chance that a positive ranks above a negative), PR or PRGAIN.

    The curve is drawn through `num_thresholds` points and the area approximated between them.

    Args:
        num_thresholds: at least 2 (default 200).
        curve: `'ROC'` (default), `'PR'` (precision over recall) or `'PRGAIN'` (their gains over the base rate).
        summation_method: `'interpolation'` (default: trapezia, for PR the exact curve between points), `'minoring'`
            (the lower side of each piece) or `'majoring'` (the upper).
        name: default 'auc'; dtype.
        thresholds: instead of evenly spaced ones, numbers from 0 to 1.
        multi_label: whether the area is taken label by label and then averaged (default False).
        num_labels: needed only to make the state before the first batch.
        label_weights: weights of the labels, in the average or, without `multi_label`, of their samples.
        from_logits: whether outputs are before the sigmoid (default False).
    Shapes: y_true (0 or 1) and y_pred the same; (n,) and (n, 1) fit together; multi-label (n, labels).
    Source: Davis and Goadrich (2006), The relationship between precision-recall and ROC curves; Flach and Kull (2015),
        Precision-recall-gain curves.

    Example:
    >>> float(AUC()([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]))
    0.75
    """

    def __init__(
        self, num_thresholds: int = 200, curve: str = "ROC", summation_method: str = "interpolation",
        name: str | None = None, dtype: Any = None, thresholds: Any = None, multi_label: bool = False,
        num_labels: int | None = None, label_weights: Any = None, from_logits: bool = False,
    ) -> None:  # fmt: skip
        if thresholds is None and num_thresholds < 2:
            raise ArgumentError(f"AUC: expected num_thresholds of at least 2; got {num_thresholds!r}.")
        self.init_thresholds = None if thresholds is None else sorted(checked_thresholds("AUC", thresholds, 0.5))
        inner = even_thresholds(num_thresholds)[1:-1] if self.init_thresholds is None else self.init_thresholds
        super().__init__([-SMALL, *inner, 1.0 + SMALL], name, dtype)
        self.curve = _choice("AUC curve", curve, CURVES)
        self.summation_method = _choice("AUC summation_method", summation_method, METHODS)
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        self.label_weights = None if label_weights is None else np.asarray(label_weights, self.dtype).tolist()
        if not multi_label:
            self.add_counts((self.num_thresholds,))
        elif num_labels is not None:
            self.build((), (num_labels,))
        self.built = self.built or not multi_label

    def build(self, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> None:
        """Make the state for as many labels as the outputs have."""
        if not self.built and self.multi_label:
            if not y_pred_shape:
                raise ShapeError(f"{self.name}: expected outputs (n, labels); got shape {y_pred_shape}.")
            self.add_counts((self.num_thresholds, int(y_pred_shape[-1])))
        super().build(y_true_shape, y_pred_shape)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        y_true, y_pred, weight = targets_and_outputs(
            self.name, y_true, y_pred, sample_weight, self.dtype, None, None
        )  # fmt: skip
        if not self.built:
            self.build(y_true.shape, y_pred.shape)
        if self.from_logits:
            y_pred = ops.sigmoid(y_pred)
        if self.label_weights is not None and not self.multi_label:
            weight = ops.ones_like(y_pred) if weight is None else weight
            weight = ops.multiply(weight, as_operand(self.label_weights, self.dtype))
        self.count(y_true, y_pred, weight, self.multi_label)

    def result(self) -> Tensor:
        """The area, a scalar."""
        if not self.built:
            return ops.zeros((), self.dtype)
        areas = ops.sum(self._pieces(*(getattr(self, kind).value for kind in self.kinds)), axis=0)
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.mean(areas)
        weights = as_operand(self.label_weights, self.dtype)
        return ratio(ops.sum(areas * weights), ops.sum(weights))

    def _pieces(self, tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
        if self.curve == "PR" and self.summation_method == "interpolation":
            return _precision_recall_pieces(tp, fp, fn)
        x, y = _POINTS[self.curve](tp, fp, tn, fn)
        width = x[:-1] - x[1:]
        if self.summation_method == "interpolation":
            return width * (y[:-1] + y[1:]) / 2.0
        side = ops.minimum if self.summation_method == "minoring" else ops.maximum
        return width * side(y[:-1], y[1:])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        own = {} if self.init_thresholds is None else {"thresholds": self.init_thresholds}
        names = ("num_thresholds", "curve", "summation_method", "multi_label", "num_labels", "label_weights",
                 "from_logits")  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in names}, **own}


def _gains(tp: Any, fp: Any, tn: Any, fn: Any) -> tuple[Any, Any]:
    """Recall gain 1 - odds FN / TP, at least 0, and precision gain 1 - odds FP / TP (0 and 1 where TP is 0).

    The odds are those of a positive.
    """
    odds = ratio(tp + fn, fp + tn)
    recall = ops.where(ops.greater(tp, 0), 1.0 - odds * ratio(fn, tp), 0.0)
    return ops.maximum(recall, 0.0), 1.0 - odds * ratio(fp, tp)


_POINTS: dict[str, Callable[..., tuple[Any, Any]]] = {
    "ROC": lambda tp, fp, tn, fn: (ratio(fp, fp + tn), ratio(tp, tp + fn)),
    "PR": lambda tp, fp, tn, fn: (ratio(tp, tp + fn), ratio(tp, tp + fp)),
    "PRGAIN": _gains,
}


def _precision_recall_pieces(tp: Any, fp: Any, fn: Any) -> Any:
    """The areas under the precision-recall curve between neighbouring thresholds.

    There TP grows linearly with P = TP + FP, TP = a + b P; the integral of TP / P over TP is b (dTP + a log(P2 / P1)).
    """
    called = tp + fp
    gained = tp[:-1] - tp[1:]
    slope = ratio(gained, ops.maximum(called[:-1] - called[1:], 0.0))
    start = tp[1:] - slope * called[1:]
    both = ops.logical_and(called[:-1] > 0, called[1:] > 0)
    growth = ops.where(both, ratio(called[:-1], called[1:]), 1.0)
    return ratio(slope * (gained + start * ops.log(growth)), tp[1:] + fn[1:])


_RATES = {
    "sensitivity": ("true_positives", "false_negatives"), "specificity": ("true_negatives", "false_positives"),
    "precision": ("true_positives", "false_positives"), "recall": ("true_positives", "false_negatives"),
}  # fmt: skip


class _AtPoint(Curve):
    """The best value of one rate among the thresholds at which another rate is high enough."""

    given = ""  # the rate that must be high enough, also the argument's name
    sought = ""

    def __init__(self, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any) -> None:
        kind = type(self).__name__
        if not 0 <= value <= 1:
            raise ArgumentError(f"{kind}: expected {self.given} from 0 to 1; got {value!r}.")
        if num_thresholds < 1:
            raise ArgumentError(f"{kind}: expected num_thresholds of at least 1; got {num_thresholds!r}.")
        super().__init__([0.5] if num_thresholds == 1 else even_thresholds(num_thresholds), name, dtype)
        self.value, self.class_id = value, class_id
        setattr(self, self.given, value)
        self.add_counts((self.num_thresholds,))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        y_true, y_pred, weight = targets_and_outputs(
            self.name, y_true, y_pred, sample_weight, self.dtype, None, self.class_id
        )
        self.count(y_true, y_pred, weight)

    def result(self) -> Tensor:
        """The best value, a scalar; 0 if no threshold is good enough."""
        enough = ops.greater_equal(self._rate(self.given), self.value)
        return ops.max(ops.where(enough, self._rate(self.sought), 0.0))

    def _rate(self, name: str) -> Any:
        right, wrong = (getattr(self, kind).value for kind in _RATES[name])
        return ratio(right, right + wrong)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        own = {"num_thresholds": self.num_thresholds, "class_id": self.class_id, self.given: self.value}
        return {**super().get_config(), **own}


@builtin
class SensitivityAtSpecificity(_AtPoint):
    """The best TP / (TP + FN) among thresholds with TN / (TN + FP) of at least `specificity`.

    Args: specificity: from 0 to 1; num_thresholds (default 200); class_id: only this class (default None: all); name,
        dtype.

    Example:
    >>> float(SensitivityAtSpecificity(0.5)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]))
    1.0
    """

    given = "specificity"
    sought = "sensitivity"

    def __init__(
        self, specificity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


@builtin
class SpecificityAtSensitivity(_AtPoint):
    """The best TN / (TN + FP) among thresholds with TP / (TP + FN) of at least `sensitivity`.

    Args: sensitivity: from 0 to 1; num_thresholds (default 200); class_id: only this class (default None: all); name,
        dtype.

    Example:
    >>> float(SpecificityAtSensitivity(1.0)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]))
    0.5
    """

    given = "sensitivity"
    sought = "specificity"

    def __init__(
        self, sensitivity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


@builtin
class PrecisionAtRecall(_AtPoint):
    """The best TP / (TP + FP) among thresholds with TP / (TP + FN) of at least `recall`.

    Args: recall: from 0 to 1; num_thresholds (default 200); class_id: only this class (default None: all); name, dtype.

    Example:
    >>> float(PrecisionAtRecall(0.5)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]))
    1.0
    """

    given = "recall"
    sought = "precision"

    def __init__(
        self, recall: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(recall, num_thresholds, class_id, name, dtype)


@builtin
class RecallAtPrecision(_AtPoint):
    """The best TP / (TP + FN) among thresholds with TP / (TP + FP) of at least `precision`.

    Args: precision: from 0 to 1; num_thresholds (default 200); class_id: only this class (default None: all); name,
        dtype.

    Example:
    >>> float(RecallAtPrecision(0.9)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]))
    0.5
    """

    given = "precision"
    sought = "recall"

    def __init__(
        self, precision: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(precision, num_thresholds, class_id, name, dtype)
