"""How often the prediction is right."""

from __future__ import annotations

from typing import Any

from .. import config, ops
from ..ir import Tensor
from ..losses.alignment import floating, pair, published
from ..losses.crossentropy import class_numbers
from ..primitives.arithmetic import as_operand
from ..serialization import builtin
from .reduction import NamedMean

_ONE_HOT = "For integer targets use sparse_categorical_accuracy, or one-hot encode them (utils.to_categorical)."


def _hits(right: Any) -> Tensor:
    return ops.cast(right, config.floatx())


@published
def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where y_true == y_pred, else 0.

    >>> accuracy([1, 2], [1, 3]).tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = pair("accuracy", y_true, y_pred, "Compare labels with labels, not with probabilities.")
    return _hits(ops.equal(y_true, y_pred))


@builtin
class Accuracy(NamedMean):
    """How often the label y_pred is the label y_true.

    Args: name (default 'accuracy'), dtype. Shapes: y_true and y_pred the same; (n,) and (n, 1) fit together.

    Example:
    >>> float(Accuracy()([1, 2], [[1], [3]]))
    0.5
    """

    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


@published
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """1 where y_true == (y_pred > threshold), else 0.

    >>> binary_accuracy([[1, 0]], [[0.8, 0.6]]).tolist()
    [[1.0, 0.0]]
    """
    y_true, y_pred = pair("binary_accuracy", y_true, y_pred)
    return _hits(ops.equal(y_true, ops.cast(ops.greater(y_pred, threshold), y_true.dtype)))


@builtin
class BinaryAccuracy(NamedMean):
    """How often the output is on the side of the threshold where its target 0 or 1 is.

    Args: name (default 'binary_accuracy'), dtype, threshold (default 0.5).
    Shapes: y_true and y_pred the same; (n,) and (n, 1) fit together.

    Example:
    >>> float(BinaryAccuracy()([1, 0], [[0.8], [0.6]]))
    0.5
    """

    def __init__(self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


@published
def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where y_true (one-hot) and y_pred have their largest number at the same place of the last axis.

    >>> categorical_accuracy([[0, 1]], [[0.4, 0.6]]).tolist()
    [1.0]
    """
    y_true, y_pred = pair("categorical_accuracy", y_true, y_pred, _ONE_HOT)
    return _hits(ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1)))


@builtin
class CategoricalAccuracy(NamedMean):
    """How often the largest output is that of the right class, y_true one-hot.

    Args: name (default 'categorical_accuracy'), dtype. Shapes: y_true and y_pred (n, ..., classes).

    Example:
    >>> float(CategoricalAccuracy()([[0, 1], [1, 0]], [[0.4, 0.6], [0.4, 0.6]]))
    0.5
    """

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


@published
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where y_true (integers) is the place of the largest number of y_pred's last axis.

    >>> sparse_categorical_accuracy([1, 0], [[0.4, 0.6], [0.4, 0.6]]).tolist()
    [1.0, 0.0]
    """
    y_pred = as_operand(y_pred)
    numbers = class_numbers("sparse_categorical_accuracy", y_true, y_pred)
    return _hits(ops.equal(numbers, ops.argmax(y_pred, axis=-1)))


@builtin
class SparseCategoricalAccuracy(NamedMean):
    """How often the largest output is that of the right class, y_true integers.

    Args: name (default 'sparse_categorical_accuracy'), dtype.
    Shapes: y_true (n, ...) or (n, ..., 1), y_pred (n, ..., classes).

    Example:
    >>> float(SparseCategoricalAccuracy()([1, 0], [[0.4, 0.6], [0.4, 0.6]]))
    0.5
    """

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


@published
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where the right class (y_true one-hot) is among the k largest of y_pred's last axis.

    >>> top_k_categorical_accuracy([[0, 0, 1]], [[0.5, 0.2, 0.3]], k=2).tolist()
    [1.0]
    """
    y_true, y_pred = pair("top_k_categorical_accuracy", y_true, y_pred, _ONE_HOT)
    return _hits(ops.in_top_k(ops.argmax(y_true, axis=-1), y_pred, k))


@builtin
class TopKCategoricalAccuracy(NamedMean):
    """How often the right class is among the k largest outputs, y_true one-hot.

    Args: k (default 5), name (default 'top_k_categorical_accuracy'), dtype.
    Shapes: y_true and y_pred (n, ..., classes).

    Example:
    >>> float(TopKCategoricalAccuracy(k=2)([[0, 0, 1], [0, 1, 0]], [[0.5, 0.2, 0.3], [0.5, 0.2, 0.3]]))
    0.5
    """

    def __init__(self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


@published
def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Tensor:
    """1 where the right class (y_true integers) is among the k largest of y_pred's last axis.

    With `from_sorted_ids` y_pred holds class numbers, best first.

    >>> sparse_top_k_categorical_accuracy([2], [[0.5, 0.2, 0.3]], k=2).tolist()
    [1.0]
    """
    y_pred = as_operand(y_pred)
    numbers = class_numbers("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        found = ops.equal(ops.expand_dims(numbers, -1), ops.cast(y_pred[..., :k], "int32"))  # type: ignore[index]
        return _hits(ops.any(found, axis=-1))
    return _hits(ops.in_top_k(numbers, floating(y_pred), k))


@builtin
class SparseTopKCategoricalAccuracy(NamedMean):
    """How often the right class is among the k largest outputs, y_true integers.

    Args: k (default 5), name (default 'sparse_top_k_categorical_accuracy'), dtype, from_sorted_ids (outputs are class
        numbers, best first; default False).
    Shapes: y_true (n, ...) or (n, ..., 1), y_pred (n, ..., classes).

    Example:
    >>> float(SparseTopKCategoricalAccuracy(k=2)([2, 1], [[0.5, 0.2, 0.3], [0.5, 0.2, 0.3]]))
    0.5
    """

    def __init__(
        self, k: int = 5, name: str = "sparse_top_k_categorical_accuracy", dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
