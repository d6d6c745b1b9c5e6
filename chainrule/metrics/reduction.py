"""Means and sums of values over all batches, and metrics that are the mean of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..ir import Tensor
from ..losses.alignment import broadcast_weight, floating, same_rank
from ..losses.loss import apply_mask, mask_of
from ..primitives.arithmetic import as_operand
from ..serialization import builtin, serialize_keras_object
from .metric import Metric, ratio


def by_rows(values: Any, sample_weight: Any, dtype: Any, reduce: Callable[..., Any]) -> tuple[Any, Any]:
    """One value for each row, times its weight, and the weights or None.

    Several values that share a weight, and then all values of a row (or their weights), are reduced to one: a row
    counts once, however long it is.
    """
    values, weight = floating(values, dtype), None
    if sample_weight is not None:
        values, weight = same_rank(values, ops.cast(sample_weight, dtype))
        if weight.ndim < values.ndim:
            values = reduce(values, axis=tuple(range(weight.ndim, values.ndim)))
        weight = broadcast_weight(weight, values.shape)
        values = values * weight
        weight = reduce(weight, axis=tuple(range(1, weight.ndim))) if weight.ndim > 1 else weight
    return reduce(values, axis=tuple(range(1, values.ndim))) if values.ndim > 1 else values, weight


@builtin
class Sum(Metric):
    """The weighted sum of values.

    Args: name (default 'sum'), dtype.

    Example:
    >>> total = Sum()
    >>> total.update_state([1.0, 2.0], sample_weight=[1.0, 0.5]); total.update_state(3.0)
    >>> float(total.result())
    5.0
    """

    def __init__(self, name: str = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values, each times its weight."""
        self.total.assign_add(ops.sum(by_rows(values, sample_weight, self.dtype, ops.sum)[0]))

    def result(self) -> Tensor:
        """The sum, a scalar."""
        return self.total.value


@builtin
class Mean(Metric):
    """The weighted mean of values: sum(weight value) / sum(weight), 0 before the first. Rows of a matrix count once.

    Args: name (default 'mean'), dtype.

    Example:
    >>> mean = Mean()
    >>> mean.update_state([1.0, 3.0]); mean.update_state(8.0, sample_weight=2.0)
    >>> float(mean.result())
    5.0
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total")
        self.count = self.add_weight(name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values, each with its weight (default 1)."""
        values, weight = by_rows(values, sample_weight, self.dtype, ops.mean)
        self.total.assign_add(ops.sum(values))
        self.count.assign_add(float(values.size) if weight is None else ops.sum(weight))

    def result(self) -> Tensor:
        """The mean, a scalar."""
        return ratio(self.total.value, self.count.value)


@builtin
class MeanMetricWrapper(Mean):
    """The mean of a function of targets and outputs.

    Args:
        fn: `fn(y_true, y_pred, **kwargs)`, one value a sample (or more).
        name: default the class's name in snake case.
        dtype: of the state; default `floatx`.
        kwargs: passed on to `fn`.

    Example:
    >>> error = MeanMetricWrapper(lambda t, p: ops.abs(t - p), name="error")
    >>> float(error([1.0, 2.0], [1.5, 2.0]))
    0.25
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name, dtype)
        self._fn = fn
        self._fn_kwargs = kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in a batch; masked time steps do not count."""
        mask = self._mask(y_true, y_pred, sample_weight is not None)
        values = self._fn(as_operand(y_true), as_operand(y_pred), **self._fn_kwargs)
        super().update_state(values, apply_mask(sample_weight, mask, self.dtype, "sum"))

    def _mask(self, y_true: Any, y_pred: Any, weighted: bool) -> Tensor | None:
        return mask_of(y_pred)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again; the function by its name."""
        return {**super().get_config(), "fn": serialize_keras_object(self._fn), **self._fn_kwargs}


class NamedMean(MeanMetricWrapper):
    """A mean whose class stands for its function: the arguments of the function are attributes of the metric."""

    def __init__(self, fn: Callable[..., Any], name: str, dtype: Any, **kwargs: Any) -> None:
        super().__init__(fn, name, dtype, **kwargs)
        for key, value in kwargs.items():
            setattr(self, key, value)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        config = super().get_config()
        return {key: value for key, value in config.items() if key != "fn"}
