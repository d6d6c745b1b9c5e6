"""Losses between numbers: squared, absolute, relative and robust errors, and the angle between vectors."""

from __future__ import annotations

import math
from typing import Any

from .. import config, ops
from ..ir import Tensor
from ..serialization import builtin
from .alignment import pair, published
from .loss import MEAN, NamedLoss, Reduction


@published
def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean((y_true - y_pred)^2) over the last axis.

    >>> mean_squared_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
    [2.0]
    """
    y_true, y_pred = pair("mean_squared_error", y_true, y_pred)
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


@builtin
class MeanSquaredError(NamedLoss):
    """mean((y_true - y_pred)^2): the usual loss of regression.

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same.

    Example:
    >>> float(MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]))
    0.5
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


@published
def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis.

    >>> mean_absolute_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
    [1.0]
    """
    y_true, y_pred = pair("mean_absolute_error", y_true, y_pred)
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


@builtin
class MeanAbsoluteError(NamedLoss):
    """mean(|y_true - y_pred|): its minimum is the median, so outliers weigh less than in the squared error.

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same.

    Example:
    >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[2.0, 1.0]]))
    1.0
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


@published
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """100 mean(|y_true - y_pred| / |y_true|) over the last axis; |y_true| is at least `epsilon`.

    >>> mean_absolute_percentage_error([[2.0, 1.0]], [[1.0, 1.0]]).tolist()
    [25.0]
    """
    y_true, y_pred = pair("mean_absolute_percentage_error", y_true, y_pred)
    size = ops.maximum(ops.abs(y_true), config.epsilon())
    return 100.0 * ops.mean(ops.abs((y_true - y_pred) / size), axis=-1)


@builtin
class MeanAbsolutePercentageError(NamedLoss):
    """100 mean(|y_true - y_pred| / |y_true|): the error in percent of the target.

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same.

    Example:
    >>> float(MeanAbsolutePercentageError()([[2.0, 1.0]], [[1.0, 1.0]]))
    25.0
    """

    def __init__(
        self, reduction: Reduction = MEAN, name: str = "mean_absolute_percentage_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


@published
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean((log(1 + y_true) - log(1 + y_pred))^2) over the last axis; both are at least `epsilon`.

    >>> round(float(mean_squared_logarithmic_error([[0.0]], [[math.e - 1]])[0]), 5)
    1.0
    """
    y_true, y_pred = pair("mean_squared_logarithmic_error", y_true, y_pred)
    true_log, pred_log = (ops.log(ops.maximum(y, config.epsilon()) + 1.0) for y in (y_true, y_pred))
    return ops.mean(ops.square(true_log - pred_log), axis=-1)


@builtin
class MeanSquaredLogarithmicError(NamedLoss):
    """mean((log(1 + y_true) - log(1 + y_pred))^2): relative errors of targets that are not negative.

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same.

    Example:
    >>> round(float(MeanSquaredLogarithmicError()([[0.0]], [[math.e - 1]])), 5)
    1.0
    """

    def __init__(
        self, reduction: Reduction = MEAN, name: str = "mean_squared_logarithmic_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


@published
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """mean(e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2) over the last axis, e = y_true - y_pred.

    Source: Huber (1964), Robust estimation of a location parameter.

    >>> huber([[0.0, 0.0]], [[1.0, 3.0]]).tolist()
    [1.5]
    """
    y_true, y_pred = pair("huber", y_true, y_pred)
    size = ops.abs(y_true - y_pred)
    far = delta * size - 0.5 * delta * delta
    return ops.mean(ops.where(size <= delta, 0.5 * ops.square(size), far), axis=-1)


@builtin
class Huber(NamedLoss):
    """Squared error for small errors, absolute error for those larger than `delta`.

    Args:
        delta: where the one becomes the other (default 1.0).
        reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same.
    Source: Huber (1964), Robust estimation of a location parameter.

    Example:
    >>> float(Huber()([[0.0, 0.0]], [[1.0, 3.0]]))
    1.5
    """

    def __init__(
        self, delta: float = 1.0, reduction: Reduction = MEAN, name: str = "huber_loss", dtype: Any = None
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)


@published
def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """mean(log(cosh(y_pred - y_true))) over the last axis, without overflow.

    >>> round(float(log_cosh([[0.0]], [[100.0]])[0] + math.log(2)), 4)
    100.0
    """
    y_true, y_pred = pair("log_cosh", y_true, y_pred)
    e = y_pred - y_true
    return ops.mean(e + ops.softplus(-2.0 * e) - math.log(2.0), axis=-1)


@builtin
class LogCosh(NamedLoss):
    """mean(log(cosh(y_pred - y_true))): like half the squared error near 0, like the absolute error far away.

    Args: reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same.

    Example:
    >>> round(float(LogCosh()([[0.0, 0.0]], [[0.0, 1.0]])), 4)
    0.2169
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "log_cosh", dtype: Any = None) -> None:
        super().__init__(log_cosh, reduction, name, dtype)


def _unit(x: Any, axis: Any) -> Any:
    """x divided by its length along an axis; vectors shorter than 1e-6 stay near zero."""
    return x / ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12))


@published
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """-cos of the angle between y_true and y_pred along an axis: -1 for the same direction, 1 for the opposite.

    >>> cosine_similarity([[0.0, 2.0]], [[0.0, 5.0]]).tolist()
    [-1.0]
    """
    y_true, y_pred = pair("cosine_similarity", y_true, y_pred)
    return -ops.sum(_unit(y_true, axis) * _unit(y_pred, axis), axis=axis)


@builtin
class CosineSimilarity(NamedLoss):
    """-cos of the angle between target and output: -1 for the same direction, 1 for the opposite.

    Args:
        axis: along which the vectors lie (default -1).
        reduction, name, dtype: see `Loss`. Shapes: y_true and y_pred (n, ...), the same.

    Example:
    >>> float(CosineSimilarity()([[0.0, 2.0]], [[0.0, 5.0]]))
    -1.0
    """

    def __init__(
        self, axis: int = -1, reduction: Reduction = MEAN, name: str = "cosine_similarity", dtype: Any = None
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)
