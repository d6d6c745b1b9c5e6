"""Cross-entropies: the negative logarithm of the probability given to what happened.

Probabilities that a sigmoid or softmax has just made remember its input; the loss is then computed from that input,
which neither overflows nor saturates.
"""

from __future__ import annotations

from typing import Any

from .. import ops
from ..errors import ArgumentError
from ..ir import Tensor, is_tracing
from ..primitives.arithmetic import as_operand
from ..serialization import builtin
from .alignment import floating, logits_of, mismatch, pair, published
from .loss import MEAN, NamedLoss, Reduction

ONE_UNIT = (
    "Binary cross-entropy compares number by number: for one of several classes use a softmax layer and "
    "sparse_categorical_crossentropy (integer targets) or categorical_crossentropy (one-hot targets)."
)
ONE_HOT = "For integer targets use sparse_categorical_crossentropy, or one-hot encode them (utils.to_categorical)."
SPARSE = "For one-hot targets use categorical_crossentropy; for two classes and one output binary_crossentropy."


def smoothed(y_true: Tensor, label_smoothing: Any, classes: int) -> Tensor:
    """Targets moved towards the uniform distribution: y (1 - s) + s / classes."""
    if isinstance(label_smoothing, (int, float)) and not label_smoothing:
        return y_true
    return y_true * (1.0 - label_smoothing) + label_smoothing / classes


def logits_first(y_pred: Tensor, from_logits: bool, kind: str, axis: int = -1) -> tuple[Tensor, bool]:
    """What to compute from, and whether it is logits."""
    logits = None if from_logits else logits_of(y_pred, kind, axis)
    return (y_pred, from_logits) if logits is None else (logits, True)


@published
def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: Any = -1
) -> Tensor:
    """-mean(y_true log(p) + (1 - y_true) log(1 - p)) along an axis.

    >>> round(float(binary_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
    0.6931
    """
    y_true, y_pred = pair("binary_crossentropy", y_true, y_pred, ONE_UNIT)
    y_true = smoothed(y_true, label_smoothing, 2)
    y_pred, from_logits = logits_first(y_pred, from_logits, "sigmoid")
    return ops.mean(ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=axis)


@builtin
class BinaryCrossentropy(NamedLoss):
    """-(y log(p) + (1 - y) log(1 - p)): for yes-or-no targets and one output each.

    Args:
        from_logits: whether outputs are any real numbers, before the sigmoid (default False: probabilities).
        label_smoothing: from 0 to 1; targets 0 and 1 become s / 2 and 1 - s / 2 (default 0.0).
        axis: over which the mean is taken (default -1).
        reduction, name, dtype: see `Loss`.
    Shapes: y_true (n, ...) of 0 and 1, y_pred (n, ...), the same; (n,) and (n, 1) fit together.
    Raises: ShapeError: other shapes differ.

    Example:
    >>> round(float(BinaryCrossentropy()([1, 0], [[0.5], [0.5]])), 4)
    0.6931
    >>> float(BinaryCrossentropy(from_logits=True)([[0.0]], [[100.0]]))
    100.0
    """

    def __init__(
        self, from_logits: bool = False, label_smoothing: float = 0.0, axis: Any = -1, reduction: Reduction = MEAN,
        name: str = "binary_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_crossentropy, reduction, name, dtype, **arguments)


@published
def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """-sum(y_true log(p)) along an axis; y_true is one-hot or a distribution.

    >>> round(float(categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
    0.6931
    """
    y_true, y_pred = pair("categorical_crossentropy", y_true, y_pred, ONE_HOT)
    y_true = smoothed(y_true, label_smoothing, y_true.shape[axis])
    y_pred, from_logits = logits_first(y_pred, from_logits, "softmax", axis)
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


@builtin
class CategoricalCrossentropy(NamedLoss):
    """-sum(y log(p)): for one-hot targets, one output a class.

    Args:
        from_logits: whether outputs are any real numbers, before the softmax (default False: probabilities).
        label_smoothing: s from 0 to 1; targets become y (1 - s) + s / classes (default 0.0).
        axis: of the classes (default -1).
        reduction, name, dtype: see `Loss`.
    Shapes: y_true and y_pred (n, ..., classes).
    Raises: ShapeError: the shapes differ, for example because targets are integers.

    Example:
    >>> round(float(CategoricalCrossentropy()([[0, 1, 0]], [[0.25, 0.5, 0.25]])), 4)
    0.6931
    """

    def __init__(
        self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: Reduction = MEAN,
        name: str = "categorical_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, reduction, name, dtype, **arguments)


def class_numbers(name: str, y_true: Any, y_pred: Tensor, axis: int = -1) -> Tensor:
    """Integer targets in the shape of the outputs without their class axis.

    Raises: ShapeError: they do not fit.
    """
    y_true = as_operand(y_true)
    expected = tuple(n for a, n in enumerate(y_pred.shape) if a != axis % y_pred.ndim)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if y_true.shape != expected:
        raise mismatch(name, y_true, y_pred, f"Integer targets have shape {expected} here. {SPARSE}")
    return ops.cast(y_true, "int32")


def only_classes(name: str, values: Any, numbers: Any, classes: int) -> Tensor:
    """The values, NaN where a target is not one of the classes 0, 1, ...; at once, outside a recording, an error."""
    known = ops.logical_and(numbers >= 0, numbers < classes)
    if not is_tracing() and not bool(ops.all(known)):
        wrong = numbers.numpy()[~known.numpy()].flat[0]
        raise ArgumentError(
            f"{name}: expected integer targets from 0 to {classes - 1}, one of the {classes} classes of the last "
            f"layer; got {wrong}. Number the classes from 0, give the last layer more units, or set ignore_class."
        )
    return ops.where(known, values, float("nan"))


@published
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Tensor:
    """-log(p[y_true]) along an axis; y_true holds the numbers of the classes.

    >>> round(float(sparse_categorical_crossentropy([1], [[0.5, 0.5]])[0]), 4)
    0.6931
    """
    y_pred = floating(y_pred)
    numbers = class_numbers("sparse_categorical_crossentropy", y_true, y_pred, axis)
    source, from_logits = logits_first(y_pred, from_logits, "softmax", axis)
    counts = None if ignore_class is None else numbers != ignore_class
    numbers = numbers if counts is None else ops.where(counts, numbers, 0)
    values = ops.sparse_categorical_crossentropy(numbers, source, from_logits=from_logits, axis=axis)
    values = only_classes("sparse_categorical_crossentropy", values, numbers, y_pred.shape[axis])
    return values if counts is None else ops.where(counts, values, 0.0)


@builtin
class SparseCategoricalCrossentropy(NamedLoss):
    """-log(p[y]): for integer targets 0, 1, ..., one output a class.

    Args:
        from_logits: whether outputs are any real numbers, before the softmax (default False: probabilities).
        ignore_class: a target that does not count, neither in the sum nor in the mean (default None).
        axis: of the classes (default -1).
        reduction, name, dtype: see `Loss`.
    Shapes: y_true (n, ...) or (n, ..., 1), y_pred (n, ..., classes).
    Raises: ShapeError: the shapes do not fit, for example because targets are one-hot. ArgumentError: a target is no
        class (inside training the loss becomes NaN instead).

    Example:
    >>> round(float(SparseCategoricalCrossentropy()([1, 0], [[0.5, 0.5], [0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(
        self, from_logits: bool = False, ignore_class: int | None = None, reduction: Reduction = MEAN, axis: int = -1,
        name: str = "sparse_categorical_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        arguments = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype, **arguments)
        self.ignore_class = ignore_class

    def _target(self, y_true: Any) -> Tensor:
        """Class numbers stay integers: a narrow float could not tell large ones apart."""
        return as_operand(y_true)

    def _mask(self, y_true: Any, y_pred: Any) -> Tensor | None:
        """False at targets of `ignore_class`."""
        if self.ignore_class is None:
            return None
        numbers = class_numbers(self.name, y_true, y_pred, self._fn_kwargs["axis"])
        return ops.not_equal(numbers, self.ignore_class)


@published
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Tensor:
    """(1 - p[y_true]^q) / q; y_true holds the numbers of the classes.

    Source: Zhang and Sabuncu (2018), Generalized cross entropy loss, equation 6.

    >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], 0.5).tolist()
    [1.0]
    """
    y_pred = floating(y_pred)
    numbers = class_numbers("categorical_generalized_cross_entropy", y_true, y_pred)
    hot = ops.one_hot(numbers, y_pred.shape[-1], dtype=y_pred.dtype)
    values = (1.0 - ops.sum(hot * y_pred, axis=-1) ** q) / q
    return only_classes("categorical_generalized_cross_entropy", values, numbers, y_pred.shape[-1])


@builtin
class CategoricalGeneralizedCrossEntropy(NamedLoss):
    """(1 - p[y]^q) / q: between cross-entropy (q near 0) and absolute error (q = 1); bears wrong labels.

    Args:
        q: between 0 and 1, exclusive (default 0.5).
        reduction, name, dtype: see `Loss`. Shapes: y_true (n,) integers, y_pred (n, classes) probabilities.
    Raises: ArgumentError: q is not between 0 and 1.
    Source: Zhang and Sabuncu (2018), Generalized cross entropy loss.

    Example:
    >>> float(CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]))
    1.0
    """

    def __init__(
        self, q: float = 0.5, reduction: Reduction = MEAN, name: str = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        if not 0 < q < 1:
            raise ArgumentError(f"CategoricalGeneralizedCrossEntropy: expected q between 0 and 1; got {q!r}.")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
