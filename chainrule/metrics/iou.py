"""Intersection over union of true and predicted regions, class by class."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..errors import ArgumentError
from ..ir import FLOAT, Tensor
from ..losses.alignment import SAME_SHAPE, broadcast_weight, mismatch, same_rank
from ..primitives.arithmetic import as_operand
from ..serialization import builtin
from .metric import Metric, ratio


@builtin
class IoU(Metric):
    """The mean over classes of TP / (TP + FP + FN).

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes over which the mean is taken.
        name: default 'io_u'; dtype: of the counts, default 'int64' (weights are then cut to integers).
        ignore_class: targets of this class do not count (default None).
        sparse_y_true, sparse_y_pred: whether they are class numbers (default True) or one output a class.
        axis: of the classes where they are not sparse (default -1).
    Raises: ArgumentError: a class is out of range.
    Source: Jaccard (1912).

    Example:
    >>> float(IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1]).round(4)) > 0.33
    True
    """

    def __init__(
        self, num_classes: int, target_class_ids: Sequence[int], name: str | None = None, dtype: Any = None,
        ignore_class: int | None = None, sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(dtype or "int64", name)
        wrong = [c for c in target_class_ids if not 0 <= c < num_classes]
        if wrong:
            raise ArgumentError(f"{self.name}: expected target_class_ids from 0 to {num_classes - 1}; got {wrong[0]}.")
        self.num_classes, self.target_class_ids = num_classes, [int(c) for c in target_class_ids]
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.total_cm = self.add_weight((num_classes, num_classes), name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch: each sample adds its weight to the field (true class, predicted class)."""
        true = self._classes(y_true, self.sparse_y_true)
        pred = self._classes(y_pred, self.sparse_y_pred)
        true, pred = same_rank(true, pred)
        if true.shape != pred.shape:
            raise mismatch(self.name, true, pred, SAME_SHAPE)
        weight = ops.ones(true.shape, self.dtype)
        if sample_weight is not None:
            if "int" in self.dtype and as_operand(sample_weight).type.dtype in FLOAT:
                warnings.warn(f"{self.name}: sample weights of type float are cut to integers, as the counts are; "
                              "dtype='float32' counts them as they are.", stacklevel=2)  # fmt: skip
            weight = broadcast_weight(ops.cast(sample_weight, self.dtype), true.shape)
        if self.ignore_class is not None:
            counts = ops.not_equal(true, self.ignore_class)
            weight = ops.where(counts, weight, ops.zeros_like(weight))
            true, pred = (ops.where(counts, y, 0) for y in (true, pred))
        self._count(ops.ravel(true), ops.ravel(pred), ops.ravel(weight))

    def _classes(self, y: Any, sparse: bool) -> Tensor:
        """Class numbers."""
        return ops.cast(as_operand(y) if sparse else ops.argmax(y, axis=self.axis), "int32")

    def _count(self, true: Tensor, pred: Tensor, weight: Tensor) -> None:
        inside = [ops.logical_and(y >= 0, y < self.num_classes) for y in (true, pred)]
        both = ops.logical_and(*inside)  # numbers that are no class do not count
        weight = ops.where(both, weight, ops.zeros_like(weight))
        true, pred = (ops.where(both, y, 0) for y in (true, pred))
        places = ops.stack([true, pred], axis=-1)
        shape = (self.num_classes, self.num_classes)
        self.total_cm.assign_add(ops.scatter(places, weight, shape))

    def result(self) -> Tensor:
        """The mean, a scalar; classes that neither occur nor are predicted are left out."""
        matrix = ops.cast(self.total_cm.value, "float32")
        hits = ops.sum(matrix * ops.eye(self.num_classes), axis=0)
        union = ops.sum(matrix, axis=0) + ops.sum(matrix, axis=1) - hits
        hits, union = (ops.take(v, self.target_class_ids, axis=0) for v in (hits, union))
        return ratio(ops.sum(ratio(hits, union)), ops.sum(ops.cast(union > 0, "float32")))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        names = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _config_without(self, *names: str) -> dict[str, Any]:
        """What `IoU` is made from, without what a subclass decides itself."""
        return {key: value for key, value in IoU.get_config(self).items() if key not in names}


@builtin
class BinaryIoU(IoU):
    """The mean over the classes 0 and 1 of TP / (TP + FP + FN), outputs above the threshold being 1.

    Args: target_class_ids: default (0, 1); threshold: default 0.5; name: default 'binary_io_u'; dtype.

    Example:
    >>> float(BinaryIoU(target_class_ids=[1])([0, 1, 1], [0.1, 0.8, 0.3]))
    0.5
    """

    def __init__(
        self, target_class_ids: Sequence[int] = (0, 1), threshold: float = 0.5, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        super().update_state(y_true, ops.greater_equal(y_pred, self.threshold), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        own = self._config_without("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**own, "threshold": self.threshold}


@builtin
class MeanIoU(IoU):
    """The mean over all classes of TP / (TP + FP + FN).

    Args: num_classes, name (default 'mean_io_u'), dtype, ignore_class, sparse_y_true, sparse_y_pred, axis: see `IoU`.

    Example:
    >>> float(MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 0, 1, 1]))
    1.0
    """

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: Any = None, ignore_class: int | None = None,
        sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        every = range(num_classes)
        super().__init__(num_classes, every, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return self._config_without("target_class_ids")


@builtin
class OneHotIoU(IoU):
    """`IoU` for one-hot targets and one output a class.

    Args: num_classes, target_class_ids, name (default 'one_hot_io_u'), dtype, ignore_class, axis: see `IoU`;
        sparse_y_pred: whether y_pred holds class numbers (default False).

    Example:
    >>> float(OneHotIoU(2, [1])([[1, 0], [0, 1]], [[0.2, 0.8], [0.1, 0.9]]))
    0.5
    """

    def __init__(
        self, num_classes: int, target_class_ids: Sequence[int], name: str | None = None, dtype: Any = None,
        ignore_class: int | None = None, sparse_y_pred: bool = False, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return self._config_without("sparse_y_true")


@builtin
class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` for one-hot targets and one output a class.

    Args: num_classes, name (default 'one_hot_mean_io_u'), dtype, ignore_class, axis: see `IoU`; sparse_y_pred:
        whether y_pred holds class numbers (default False).

    Example:
    >>> float(OneHotMeanIoU(2)([[1, 0], [0, 1]], [[0.2, 0.8], [0.1, 0.9]]))
    0.25
    """

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: Any = None, ignore_class: int | None = None,
        sparse_y_pred: bool = False, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return self._config_without("target_class_ids", "sparse_y_true")
