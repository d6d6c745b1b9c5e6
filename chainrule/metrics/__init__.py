"""Metrics: what is reported about training, under Keras's names. State adds up over batches, `result()` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    cosine_similarity,
    crossentropy_name,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from ..losses.loss import snake_case
from ..serialization import deserialize_keras_object, resolve, serialize_keras_object
from .accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from .correlation import (
    ConcordanceCorrelation,
    PearsonCorrelation,
    R2Score,
    concordance_correlation,
    pearson_correlation,
)
from .curve import (
    AUC,
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from .fscore import F1Score, FBetaScore
from .iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from .metric import Metric
from .precision import FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives
from .probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from .reduction import Mean, MeanMetricWrapper, Sum
from .regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    RootMeanSquaredError,
)

CLASSES: tuple[Any, ...] = (
    AUC, Accuracy, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, CategoricalAccuracy, CategoricalCrossentropy,
    CategoricalHinge, ConcordanceCorrelation, CosineSimilarity, F1Score, FBetaScore, FalseNegatives, FalsePositives,
    Hinge, IoU, KLDivergence, LogCoshError, Mean, MeanAbsoluteError, MeanAbsolutePercentageError, MeanIoU,
    MeanMetricWrapper, MeanSquaredError, MeanSquaredLogarithmicError, Metric, OneHotIoU, OneHotMeanIoU,
    PearsonCorrelation, Poisson, Precision, PrecisionAtRecall, R2Score, Recall, RecallAtPrecision,
    RootMeanSquaredError, SensitivityAtSpecificity, SparseCategoricalAccuracy, SparseCategoricalCrossentropy,
    SparseTopKCategoricalAccuracy, SpecificityAtSensitivity, SquaredHinge, Sum, TopKCategoricalAccuracy,
    TrueNegatives, TruePositives,
)  # fmt: skip
FUNCTIONS: tuple[Any, ...] = (
    accuracy, binary_accuracy, binary_crossentropy, binary_focal_crossentropy, categorical_accuracy,
    categorical_crossentropy, categorical_focal_crossentropy, categorical_hinge, concordance_correlation,
    cosine_similarity, hinge, huber, kl_divergence, log_cosh, mean_absolute_error, mean_absolute_percentage_error,
    mean_squared_error, mean_squared_logarithmic_error, pearson_correlation, poisson, sparse_categorical_accuracy,
    sparse_categorical_crossentropy, sparse_top_k_categorical_accuracy, squared_hinge, top_k_categorical_accuracy,
)  # fmt: skip
_SHORT: dict[str, Any] = {
    "bce": BinaryCrossentropy, "kld": KLDivergence, "mae": MeanAbsoluteError, "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError, "msle": MeanSquaredLogarithmicError,
}  # fmt: skip
ALL: dict[str, Any] = {
    **{cls.__name__: cls for cls in CLASSES},
    **{snake_case(cls.__name__): cls for cls in CLASSES},
    **_SHORT,
    **{name.upper(): cls for name, cls in _SHORT.items()},
}


def get(identifier: Any) -> Any:
    """The metric that an argument stands for: a name, plain data, a class, a function or an object.

    >>> get("mse")
    <MeanSquaredError name=mean_squared_error>
    """
    return deserialize(identifier) if isinstance(identifier, dict) else resolve("metric", identifier, ALL)


def serialize(metric: Any) -> Any:
    """Plain data for a metric."""
    return serialize_keras_object(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The metric behind plain data, or of that name.

    >>> deserialize(serialize(Precision(thresholds=0.3))).thresholds
    [0.3]
    """
    if isinstance(config, dict):
        return deserialize_keras_object({"module": __name__, **config}, custom_objects)
    return resolve("metric", config, {**ALL, **(custom_objects or {})})


def resolve_accuracy(y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...], name: str = "accuracy") -> Metric:
    """The metric that `'accuracy'` means for a target and an output of these shapes.

    One output: `BinaryAccuracy`; targets without a class axis: `SparseCategoricalAccuracy`; else
    `CategoricalAccuracy`.

    >>> resolve_accuracy((32,), (32, 10))
    <SparseCategoricalAccuracy name=accuracy>
    """
    kind = crossentropy_name(y_true_shape, y_pred_shape).removesuffix("crossentropy")
    return ALL[f"{kind}accuracy"](name=name)  # type: ignore[no-any-return]


def resolve_crossentropy(
    y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...], name: str = "crossentropy"
) -> Metric:
    """The metric that `'crossentropy'` means for a target and an output of these shapes.

    >>> resolve_crossentropy((32, 10), (32, 10))
    <CategoricalCrossentropy name=crossentropy>
    """
    return ALL[crossentropy_name(y_true_shape, y_pred_shape)](name=name)  # type: ignore[no-any-return]


_BY_SHAPE = {"accuracy": resolve_accuracy, "acc": resolve_accuracy, "crossentropy": resolve_crossentropy,
             "ce": resolve_crossentropy}  # fmt: skip


def resolve_metric(identifier: Any, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> Metric | None:
    """The `Metric` that `compile(metrics=[identifier])` means for a target and an output of these shapes.

    A name that is given stays the name of the metric; a function is averaged; None stays None.

    >>> resolve_metric("acc", (32, 1), (32, 1)), resolve_metric("mse", (32, 1), (32, 1))
    (<BinaryAccuracy name=acc>, <MeanSquaredError name=mse>)
    """
    if isinstance(identifier, str) and identifier in _BY_SHAPE:
        return _BY_SHAPE[identifier](y_true_shape, y_pred_shape, name=identifier)
    found = get(identifier)
    if isinstance(found, Metric):
        if isinstance(identifier, str):
            found.name = identifier
        return found
    return None if found is None else MeanMetricWrapper(found, name=_name_of(found))


def _name_of(function: Any) -> str | None:
    """As Keras calls a function among the metrics.

    >>> def MyError(y_true, y_pred): ...
    >>> _name_of(MyError), _name_of(lambda y_true, y_pred: 0)
    ('my_error', 'lambda')
    """
    name = getattr(function, "__name__", None)
    return None if name is None else snake_case(name.strip("<>"))


__all__ = [  # noqa: PLE0604 - the names of the tables
    "ALL", *(found.__name__ for found in (*CLASSES, *FUNCTIONS)),
    "crossentropy_name", "deserialize", "get", "resolve_accuracy", "resolve_crossentropy", "resolve_metric",
    "serialize",
]  # fmt: skip
