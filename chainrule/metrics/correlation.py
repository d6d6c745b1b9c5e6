"""How much of the targets' variation the outputs explain."""

from __future__ import annotations

from typing import Any

from .. import config, ops
from ..errors import ArgumentError, ShapeError
from ..ir import Tensor
from ..losses.alignment import SAME_SHAPE, broadcast_weight, floating, mismatch, pair, published, same_rank
from ..serialization import builtin
from .metric import Metric, ratio
from .reduction import NamedMean


@published
def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """sum((y_true - mean)(y_pred - mean)) / sqrt(sum((y_true - mean)^2) sum((y_pred - mean)^2)) along an axis.

    Source: Pearson (1895).

    >>> round(float(pearson_correlation([[1.0, 2.0, 3.0]], [[2.0, 4.0, 6.0]])[0]), 4)
    1.0
    """
    pairs = pair("pearson_correlation", y_true, y_pred)
    t, p = (ops.normalize(y - ops.mean(y, axis=axis, keepdims=True), axis=axis) for y in pairs)
    return ops.sum(t * p, axis=axis)


@builtin
class PearsonCorrelation(NamedMean):
    """The mean correlation of targets and outputs along an axis: 1 for a rising straight line, -1 for a falling one.

    Args: name (default 'pearson_correlation'), dtype, axis (default -1).

    Example:
    >>> round(float(PearsonCorrelation()([[1.0, 2.0, 3.0]], [[6.0, 4.0, 2.0]])), 4)
    -1.0
    """

    def __init__(self, name: str = "pearson_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


@published
def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """2 covariance / (var(y_true) + var(y_pred) + (mean(y_true) - mean(y_pred))^2) along an axis.

    Source: Lin (1989), A concordance correlation coefficient to evaluate reproducibility.

    >>> round(float(concordance_correlation([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]])[0]), 4)
    1.0
    """
    t, p = pair("concordance_correlation", y_true, y_pred)
    t_mean, p_mean = (ops.mean(y, axis=axis, keepdims=True) for y in (t, p))
    covariance = ops.mean((t - t_mean) * (p - p_mean), axis=axis)
    shift = ops.square(ops.squeeze(t_mean - p_mean, axis))
    return 2.0 * covariance / (ops.var(t, axis=axis) + ops.var(p, axis=axis) + shift + config.epsilon())


@builtin
class ConcordanceCorrelation(NamedMean):
    """The mean concordance of targets and outputs along an axis: 1 only where they are equal.

    Args: name (default 'concordance_correlation'), dtype, axis (default -1).
    Source: Lin (1989), A concordance correlation coefficient to evaluate reproducibility.

    Example:
    >>> round(float(ConcordanceCorrelation()([[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0]])), 4)
    0.5714
    """

    def __init__(self, name: str = "concordance_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)


@builtin
class R2Score(Metric):
    """1 - sum((y_true - y_pred)^2) / sum((y_true - mean)^2): 1 is perfect, 0 is as good as the mean.

    Targets that do not vary give 1 if they are met and 0 if not.

    Args:
        class_aggregation: over the outputs: `'uniform_average'` (default), `'variance_weighted_average'` or None (one
            number an output).
        num_regressors: p > 0 gives the adjusted score 1 - (1 - R2)(n - 1) / (n - p - 1), where n - p - 1 > 0
            (default 0).
        name: default 'r2_score'; dtype.
    Shapes: y_true and y_pred (n, outputs); (n,) fits (n, 1).
    Source: batches are joined as in Chan, Golub and LeVeque (1979), so that a large mean costs no digits.

    Example:
    >>> float(R2Score()([[1.0], [2.0], [3.0]], [[1.0], [2.0], [2.0]]))
    0.5
    """

    def __init__(
        self, class_aggregation: str | None = "uniform_average", num_regressors: int = 0, name: str = "r2_score",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(dtype, name)
        allowed = (None, "uniform_average", "variance_weighted_average")
        if class_aggregation not in allowed:
            raise ArgumentError(f"{name}: expected class_aggregation among {allowed}; got {class_aggregation!r}.")
        if num_regressors < 0:
            raise ArgumentError(f"{name}: expected num_regressors of at least 0; got {num_regressors!r}.")
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_weight(name="num_samples")

    def build(self, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> None:
        """Make the state for as many outputs as there are."""
        if not self.built:
            outputs = (int(y_pred_shape[-1]) if len(y_pred_shape) == 2 else 1,)
            self.count = self.add_weight(outputs, name="count")
            self.mean = self.add_weight(outputs, name="mean")
            self.spread = self.add_weight(outputs, name="spread")
            self.residual = self.add_weight(outputs, name="residual")
        super().build(y_true_shape, y_pred_shape)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        true, pred = same_rank(floating(y_true, self.dtype), floating(y_pred, self.dtype))
        if true.shape != pred.shape or pred.ndim != 2:
            raise mismatch(self.name, true, pred, f"Both must be (n, outputs). {SAME_SHAPE}")
        self.build(true.shape, pred.shape)
        weight = ops.ones_like(true)
        if sample_weight is not None:
            given = ops.cast(sample_weight, self.dtype)
            weight = broadcast_weight(ops.expand_dims(given, 1) if given.ndim == 1 else given, true.shape)
        self._join(true, weight)
        self.residual.assign_add(ops.sum(weight * ops.square(ops.subtract(true, pred)), axis=0))
        self.num_samples.assign_add(float(true.size))  # as in Keras: elements, not rows

    def _join(self, true: Any, weight: Any) -> None:
        """The mean, and the sum of squared distances from it, of the batches so far and this one."""
        count = ops.sum(weight, axis=0)
        mean = ratio(ops.sum(weight * true, axis=0), count)
        spread = ops.sum(weight * ops.square(true - mean), axis=0)
        total = self.count.value + count
        shift = mean - self.mean.value
        self.spread.assign_add(spread + ratio(ops.square(shift) * self.count.value * count, total))
        self.mean.assign_add(ratio(shift * count, total))
        self.count.assign(total)

    def result(self) -> Tensor:
        """The score, a scalar, or one number an output."""
        if not self.built:
            raise ShapeError(f"{self.name}: the number of outputs is not known before the first update_state.")
        residual, spread = self.residual.value, self.spread.value
        met = ops.cast(ops.equal(residual, 0), self.dtype)
        score = ops.where(ops.equal(spread, 0), met, 1.0 - ratio(residual, spread))
        if self.class_aggregation == "uniform_average":
            score = ops.mean(score)
        elif self.class_aggregation == "variance_weighted_average":
            score = ops.sum(score * ratio(spread, ops.sum(spread)))
        return self._adjusted(score) if self.num_regressors else score

    def _adjusted(self, score: Any) -> Any:
        samples = self.num_samples.value
        left = samples - self.num_regressors - 1.0
        return ops.where(left > 0, 1.0 - (1.0 - score) * ratio(samples - 1.0, left), score)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}
