"""Losses: what training makes small, under Keras's names. Functions give one number a sample, classes reduce them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..serialization import deserialize_keras_object, resolve, serialize_keras_object
from .circle import Circle, circle
from .crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    categorical_generalized_cross_entropy,
    sparse_categorical_crossentropy,
)
from .ctc import CTC, ctc
from .divergence import KLDivergence, Poisson, kl_divergence, poisson
from .focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from .hinge import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from .loss import Loss, LossFunctionWrapper
from .overlap import Dice, Tversky, dice, tversky
from .regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)

CLASSES: tuple[Any, ...] = (
    BinaryCrossentropy, BinaryFocalCrossentropy, CTC, CategoricalCrossentropy, CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle, CosineSimilarity, Dice, Hinge, Huber, KLDivergence,
    LogCosh, Loss, LossFunctionWrapper, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, SparseCategoricalCrossentropy, SquaredHinge, Tversky,
)  # fmt: skip
FUNCTIONS: tuple[Any, ...] = (
    binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy, categorical_focal_crossentropy,
    categorical_generalized_cross_entropy, categorical_hinge, circle, cosine_similarity, ctc, dice, hinge, huber,
    kl_divergence, log_cosh, mean_absolute_error, mean_absolute_percentage_error, mean_squared_error,
    mean_squared_logarithmic_error, poisson, sparse_categorical_crossentropy, squared_hinge, tversky,
)  # fmt: skip
_SHORT: dict[str, Callable[..., Any]] = {
    "bce": binary_crossentropy, "kld": kl_divergence, "mae": mean_absolute_error,
    "mape": mean_absolute_percentage_error, "mse": mean_squared_error, "msle": mean_squared_logarithmic_error,
}  # fmt: skip
ALL: dict[str, Any] = {
    **{found.__name__: found for found in (*CLASSES, *FUNCTIONS)},
    **_SHORT,
    **{name.upper(): function for name, function in _SHORT.items()},
}


def get(identifier: Any) -> Any:
    """The loss that an argument stands for: a name, plain data, a class, a function or an object.

    >>> get("mse") is mean_squared_error
    True
    """
    return deserialize(identifier) if isinstance(identifier, dict) else resolve("loss", identifier, ALL)


def serialize(loss: Any) -> Any:
    """Plain data for a loss."""
    return serialize_keras_object(loss)


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The loss behind plain data, or of that name.

    >>> deserialize(serialize(Huber(2.0))).get_config()["delta"]
    2.0
    """
    if isinstance(name, dict):
        return deserialize_keras_object({"module": __name__, **name}, custom_objects)
    return resolve("loss", name, {**ALL, **(custom_objects or {})})


def resolve_loss(identifier: Any, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> Any:
    """The `Loss` that `compile(loss=identifier)` means for a target and an output of these shapes.

    `'crossentropy'` and `'ce'` choose among the three cross-entropies; a function is wrapped, and a name given stays
    the name of the loss; None stays None.

    >>> resolve_loss("ce", (32,), (32, 10)).fn is sparse_categorical_crossentropy
    True
    """
    if identifier is None or isinstance(identifier, Loss):
        return identifier
    found = get(crossentropy_name(y_true_shape, y_pred_shape) if identifier in ("crossentropy", "ce") else identifier)
    if isinstance(found, Loss):
        return found
    name = identifier if isinstance(identifier, str) else getattr(found, "__name__", None)
    return LossFunctionWrapper(found, name=None if name == "<lambda>" else name)


def crossentropy_name(y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> str:
    """Which cross-entropy fits: binary for one output, sparse for targets without a class axis, else categorical.

    >>> crossentropy_name((32, 1), (32, 1)), crossentropy_name((32, 1), (32, 10))
    ('binary_crossentropy', 'sparse_categorical_crossentropy')
    """
    if len(y_pred_shape) < 2 or y_pred_shape[-1] == 1:
        return "binary_crossentropy"
    sparse = len(y_true_shape) < len(y_pred_shape) or y_true_shape[-1] == 1
    return "sparse_categorical_crossentropy" if sparse else "categorical_crossentropy"


__all__ = [  # noqa: PLE0604 - the names of the tables
    "ALL", *(found.__name__ for found in (*CLASSES, *FUNCTIONS)),
    "crossentropy_name", "deserialize", "get", "resolve_loss", "serialize",
]  # fmt: skip
