"""Focal losses: cross-entropy with less weight on what is already right.

Source: Lin et al. (2017), Focal loss for dense object detection.
"""

from __future__ import annotations

from typing import Any

from .. import config, ops
from ..ir import Tensor
from ..primitives.arithmetic import as_operand
from ..serialization import builtin
from .alignment import bounded, pair, published
from .crossentropy import ONE_HOT, ONE_UNIT, logits_first, smoothed
from .loss import MEAN, NamedLoss, Reduction


@published
def binary_focal_crossentropy(
    y_true: Any, y_pred: Any, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0,
    from_logits: bool = False, label_smoothing: float = 0.0, axis: Any = -1,
) -> Tensor:  # fmt: skip
    """mean((1 - p_t)^gamma binary_crossentropy) along an axis, where p_t is the probability of the target.

    >>> round(float(binary_focal_crossentropy([[1.0]], [[0.5]])[0]), 4)
    0.1733
    """
    y_true, y_pred = pair("binary_focal_crossentropy", y_true, y_pred, ONE_UNIT)
    y_true = smoothed(y_true, label_smoothing, 2)
    p = ops.sigmoid(y_pred) if from_logits else y_pred
    source, from_logits = logits_first(y_pred, from_logits, "sigmoid")
    values = ops.binary_crossentropy(y_true, source, from_logits=from_logits)
    right = y_true * p + (1.0 - y_true) * (1.0 - p)
    values = (1.0 - right) ** gamma * values
    if apply_class_balancing:
        values = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * values
    return ops.mean(values, axis=axis)


@builtin
class BinaryFocalCrossentropy(NamedLoss):
    """(1 - p_t)^gamma times the binary cross-entropy: easy samples weigh less.

    Args:
        apply_class_balancing: whether target 1 is weighted by alpha and target 0 by 1 - alpha (default False).
        alpha: that weight (default 0.25).
        gamma: how much less easy samples weigh (default 2.0; 0 is plain cross-entropy).
        from_logits, label_smoothing, axis: see `BinaryCrossentropy`.
        reduction, name, dtype: see `Loss`.
    Shapes: y_true (n, ...) of 0 and 1, y_pred (n, ...), the same.
    Source: Lin et al. (2017), Focal loss for dense object detection, equations 4 and 5.

    Example:
    >>> round(float(BinaryFocalCrossentropy()([[1.0]], [[0.5]])), 4)
    0.1733
    """

    def __init__(
        self, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False,
        label_smoothing: float = 0.0, axis: Any = -1, reduction: Reduction = MEAN,
        name: str = "binary_focal_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            binary_focal_crossentropy, reduction, name, dtype, apply_class_balancing=apply_class_balancing,
            alpha=alpha, gamma=gamma, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


@published
def categorical_focal_crossentropy(
    y_true: Any, y_pred: Any, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False,
    label_smoothing: float = 0.0, axis: int = -1,
) -> Tensor:  # fmt: skip
    """-sum(alpha (1 - p)^gamma y_true log(p)) along an axis; y_true is one-hot.

    >>> round(float(categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
    0.0433
    """
    y_true, y_pred = pair("categorical_focal_crossentropy", y_true, y_pred, ONE_HOT)
    y_true = smoothed(y_true, label_smoothing, y_true.shape[axis])
    p = ops.softmax(y_pred, axis) if from_logits else y_pred
    p = bounded(p / ops.sum(p, axis=axis, keepdims=True), config.epsilon(), 1.0 - config.epsilon())
    weight = as_operand(alpha, p.dtype) * (1.0 - p) ** gamma
    return -ops.sum(weight * y_true * ops.log(p), axis=axis)


@builtin
class CategoricalFocalCrossentropy(NamedLoss):
    """alpha (1 - p)^gamma times the cross-entropy: easy samples weigh less.

    Args:
        alpha: the weight of all classes, or one a class (default 0.25).
        gamma: how much less easy samples weigh (default 2.0).
        from_logits, label_smoothing, axis: see `CategoricalCrossentropy`.
        reduction, name, dtype: see `Loss`.
    Shapes: y_true and y_pred (n, ..., classes).
    Source: Lin et al. (2017), Focal loss for dense object detection.

    Example:
    >>> round(float(CategoricalFocalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
    0.0433
    """

    def __init__(
        self, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0,
        axis: int = -1, reduction: Reduction = MEAN, name: str = "categorical_focal_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            categorical_focal_crossentropy, reduction, name, dtype,
            alpha=alpha, gamma=gamma, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip
