"""Losses of segmentation: how much the predicted region overlaps the true one."""

from __future__ import annotations

from typing import Any

from .. import config, ops
from ..ir import Tensor
from ..serialization import builtin
from .alignment import pair, published
from .loss import MEAN, NamedLoss, Reduction


@published
def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Tensor:
    """1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred)) over axes (None: all); 1 where nothing is to be found.

    >>> round(float(dice([[1.0, 1.0, 0.0, 0.0]], [[1.0, 0.0, 1.0, 0.0]])), 4)
    0.5
    """
    y_true, y_pred = pair("dice", y_true, y_pred)
    both = ops.sum(y_true * y_pred, axis=axis)
    either = ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis)
    return 1.0 - 2.0 * both / (either + config.epsilon())


@builtin
class Dice(NamedLoss):
    """1 - 2 |A and B| / (|A| + |B|) for a true region A and a predicted one B.

    Args:
        axis: the axes of one region; None (the default) takes the whole batch as one.
        reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same, from 0 to 1.
    Source: Milletari et al. (2016), V-Net; Dice (1945).

    Example:
    >>> round(float(Dice()([[1.0, 1.0, 0.0, 0.0]], [[1.0, 0.0, 1.0, 0.0]])), 4)
    0.5
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "dice", axis: Any = None, dtype: Any = None) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


@published
def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Tensor:
    """1 - TP / (TP + alpha FN + beta FP) over axes (None: all), for soft regions; 1 where nothing is to be found.

    >>> round(float(tversky([[1.0, 1.0, 0.0, 0.0]], [[1.0, 0.0, 1.0, 0.0]])), 4)
    0.5
    """
    y_true, y_pred = pair("tversky", y_true, y_pred)
    hit = ops.sum(y_true * y_pred, axis=axis)
    false_alarm = ops.sum((1.0 - y_true) * y_pred, axis=axis)
    missed = ops.sum(y_true * (1.0 - y_pred), axis=axis)
    return 1.0 - hit / (hit + alpha * missed + beta * false_alarm + config.epsilon())


@builtin
class Tversky(NamedLoss):
    """1 - TP / (TP + alpha FN + beta FP): the Dice loss with weights for misses and false alarms.

    Args:
        alpha: the weight of false negatives, as Keras computes it; in the paper it is the other one (default 0.5).
        beta: the weight of false positives (default 0.5).
        axis: the axes of one region; None (the default) takes the whole batch as one.
        reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same, from 0 to 1.
    Source: Salehi et al. (2017), Tversky loss function for image segmentation.

    Example:
    >>> round(float(Tversky(alpha=1.0, beta=0.0)([[1.0, 0.0, 0.0]], [[1.0, 0.0, 1.0]])), 4)
    0.0
    """

    def __init__(
        self, alpha: float = 0.5, beta: float = 0.5, reduction: Reduction = MEAN, name: str = "tversky",
        axis: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
