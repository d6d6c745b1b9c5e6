"""Losses between distributions and for counts."""

from __future__ import annotations

from typing import Any

from .. import config, ops
from ..ir import Tensor
from ..serialization import builtin
from .alignment import bounded, pair, published
from .loss import MEAN, NamedLoss, Reduction


@published
def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """sum(y_true log(y_true / y_pred)) over the last axis; both are kept between `epsilon` and 1.

    >>> kl_divergence([[0.5, 0.5]], [[0.5, 0.5]]).tolist()
    [0.0]
    """
    y_true, y_pred = pair("kl_divergence", y_true, y_pred)
    t, p = (bounded(y, config.epsilon(), 1.0) for y in (y_true, y_pred))
    return ops.sum(t * ops.log(t / p), axis=-1)


@builtin
class KLDivergence(NamedLoss):
    """sum(y_true log(y_true / y_pred)): how far the distribution y_pred is from y_true.

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, classes), probabilities.
    Source: Kullback and Leibler (1951), On information and sufficiency.

    Example:
    >>> round(float(KLDivergence()([[1.0, 0.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


@published
def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """mean(y_pred - y_true log(y_pred)) over the last axis.

    >>> round(float(poisson([[2.0]], [[1.0]])[0]), 4)
    1.0
    """
    y_true, y_pred = pair("poisson", y_true, y_pred)
    return ops.mean(y_pred - y_true * ops.log(y_pred + config.epsilon()), axis=-1)


@builtin
class Poisson(NamedLoss):
    """mean(y_pred - y_true log(y_pred)): for counts with the expected count as output.

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same; y_pred positive.

    Example:
    >>> round(float(Poisson()([[2.0]], [[1.0]])), 4)
    1.0
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "poisson", dtype: Any = None) -> None:
        super().__init__(poisson, reduction, name, dtype)
