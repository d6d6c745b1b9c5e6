"""Metrics between numbers."""

from __future__ import annotations

from typing import Any

from .. import losses, ops
from ..ir import Tensor
from ..losses.alignment import pair
from ..serialization import builtin
from .reduction import Mean, NamedMean


@builtin
class MeanSquaredError(NamedMean):
    """The mean of (y_true - y_pred)^2.

    Args: name (default 'mean_squared_error'), dtype.

    Example:
    >>> float(MeanSquaredError()([1.0, 2.0], [[2.0], [2.0]]))
    0.5
    """

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


@builtin
class RootMeanSquaredError(Mean):
    """The square root of the mean of (y_true - y_pred)^2 over all batches.

    Args: name (default 'root_mean_squared_error'), dtype.

    Example:
    >>> float(RootMeanSquaredError()([1.0, 2.0], [4.0, 5.0]))
    3.0
    """

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in a batch."""
        y_true, y_pred = pair(self.name, y_true, y_pred)
        super().update_state(ops.square(y_true - y_pred), sample_weight)

    def result(self) -> Tensor:
        """The root, a scalar."""
        return ops.sqrt(super().result())


@builtin
class MeanAbsoluteError(NamedMean):
    """The mean of |y_true - y_pred|.

    Args: name (default 'mean_absolute_error'), dtype.

    Example:
    >>> float(MeanAbsoluteError()([1.0, 2.0], [[2.0], [2.0]]))
    0.5
    """

    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


@builtin
class MeanAbsolutePercentageError(NamedMean):
    """100 times the mean of |y_true - y_pred| / |y_true|.

    Args: name (default 'mean_absolute_percentage_error'), dtype.

    Example:
    >>> float(MeanAbsolutePercentageError()([2.0, 4.0], [[3.0], [4.0]]))
    25.0
    """

    def __init__(self, name: str = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


@builtin
class MeanSquaredLogarithmicError(NamedMean):
    """The mean of (log(1 + y_true) - log(1 + y_pred))^2.

    Args: name (default 'mean_squared_logarithmic_error'), dtype.

    Example:
    >>> round(float(MeanSquaredLogarithmicError()([0.0], [[1.0]])), 4)
    0.4805
    """

    def __init__(self, name: str = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


@builtin
class LogCoshError(NamedMean):
    """The mean of log(cosh(y_pred - y_true)).

    Args: name (default 'logcosh'), dtype.

    Example:
    >>> round(float(LogCoshError()([0.0], [[1.0]])), 4)
    0.4338
    """

    def __init__(self, name: str = "logcosh", dtype: Any = None) -> None:
        super().__init__(losses.log_cosh, name, dtype)


def _cosine(y_true: Any, y_pred: Any, axis: int) -> Tensor:
    return -losses.cosine_similarity(y_true, y_pred, axis)  # type: ignore[operator]


@builtin
class CosineSimilarity(NamedMean):
    """The mean of the cosine of the angle between y_true and y_pred: 1 for the same direction.

    Args: name (default 'cosine_similarity'), dtype, axis (of the vectors, default -1).

    Example:
    >>> float(CosineSimilarity()([[0.0, 2.0]], [[0.0, 5.0]]))
    1.0
    """

    def __init__(self, name: str = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(_cosine, name, dtype, axis=axis)
