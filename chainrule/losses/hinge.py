"""Margin losses: zero once the right side wins by a margin of 1."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..ir import Tensor
from ..serialization import builtin
from .alignment import pair, published
from .loss import MEAN, NamedLoss, Reduction


def _signs(y_true: Any) -> Any:
    """Targets that are all 0 or 1 become -1 or 1; others stay."""
    zero_or_one = ops.all(ops.logical_or(y_true == 0, y_true == 1))
    return ops.where(zero_or_one, 2.0 * y_true - 1.0, y_true)


def _positive_part(x: Any) -> Any:
    """max(x, 0), with slope 1 at 0 as in Keras."""
    return ops.where(x >= 0, x, 0.0)


@published
def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """mean(max(1 - y_true y_pred, 0)) over the last axis; y_true is -1 or 1, or 0 or 1 throughout.

    >>> hinge([[-1.0, 1.0]], [[-2.0, 0.5]]).tolist()
    [0.25]
    """
    y_true, y_pred = pair("hinge", y_true, y_pred)
    return ops.mean(_positive_part(1.0 - _signs(y_true) * y_pred), axis=-1)


@builtin
class Hinge(NamedLoss):
    """mean(max(1 - y_true y_pred, 0)): the loss of support vector machines.

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true (-1 or 1, or 0 or 1 throughout) and y_pred (n, ...).

    Example:
    >>> float(Hinge()([[-1.0, 1.0]], [[-2.0, 0.5]]))
    0.25
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "hinge", dtype: Any = None) -> None:
        super().__init__(hinge, reduction, name, dtype)


@published
def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """mean(max(1 - y_true y_pred, 0)^2) over the last axis; y_true is -1 or 1, or 0 or 1 throughout.

    >>> squared_hinge([[-1.0, 1.0]], [[-2.0, 0.0]]).tolist()
    [0.5]
    """
    y_true, y_pred = pair("squared_hinge", y_true, y_pred)
    return ops.mean(ops.square(_positive_part(1.0 - _signs(y_true) * y_pred)), axis=-1)


@builtin
class SquaredHinge(NamedLoss):
    """mean(max(1 - y_true y_pred, 0)^2).

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true (-1 or 1, or 0 or 1 throughout) and y_pred (n, ...).

    Example:
    >>> float(SquaredHinge()([[-1.0, 1.0]], [[-2.0, 0.0]]))
    0.5
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


@published
def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """max(1 + best wrong class - right class, 0) along the last axis; y_true is one-hot.

    >>> categorical_hinge([[0.0, 1.0, 0.0]], [[0.5, 1.0, 0.25]]).tolist()
    [0.5]
    """
    y_true, y_pred = pair("categorical_hinge", y_true, y_pred, "One-hot encode integer classes (ops.one_hot).")
    right = ops.sum(y_true * y_pred, axis=-1)
    wrong = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return _positive_part(wrong - right + 1.0)


@builtin
class CategoricalHinge(NamedLoss):
    """max(1 + best wrong class - right class, 0).

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true (n, classes) one-hot, y_pred (n, classes).

    Example:
    >>> float(CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.5, 1.0, 0.25]]))
    0.5
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
