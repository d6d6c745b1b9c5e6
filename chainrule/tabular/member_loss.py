"""Losses and accuracy for networks that hold several: the target is the same for every member."""

from __future__ import annotations

from typing import Any

from .. import losses, metrics, ops
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object


def _for_each(y_true: Any, y_pred: Any) -> Any:
    """Targets (batch, 1) as (batch, members, 1) where the outputs are those of members."""
    if len(y_pred.shape) < 3:
        return y_true
    return ops.repeat(ops.expand_dims(y_true, 1), y_pred.shape[1], axis=1)


@builtin
class MemberLoss(losses.Loss):
    """The mean of the losses of all members; the plain loss where outputs have no members.

    Args:
        loss: Loss. What each member is judged by.

    Example:
    >>> import numpy as np
    >>> loss = MemberLoss(losses.MeanSquaredError())
    >>> float(loss(np.zeros((1, 1), "float32"), np.array([[[1.0], [3.0]]], "float32")))
    5.0
    """

    def __init__(self, loss: Any, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name or "member_loss", **kwargs)
        self.loss = loss

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One number a row and member."""
        return self.loss.call(_for_each(y_true, y_pred), y_pred)

    def get_config(self) -> dict[str, Any]:
        """The arguments as plain data."""
        return {**super().get_config(), "loss": serialize_keras_object(self.loss)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MemberLoss:
        """The loss that `get_config` describes."""
        return cls(**{**config, "loss": deserialize_keras_object(config["loss"])})


@builtin
def member_binary_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Which answers are on the right side of a half, of members or of plain outputs."""
    return metrics.binary_accuracy(_for_each(y_true, y_pred), y_pred)


@builtin
def member_class_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Which answers are largest at the true class, of members or of plain outputs."""
    return metrics.sparse_categorical_accuracy(_for_each(y_true, y_pred), y_pred)


@builtin
def member_error(y_true: Any, y_pred: Any) -> Any:
    """The mean absolute error, of members or of plain outputs."""
    return metrics.mean_absolute_error(_for_each(y_true, y_pred), y_pred)


def member_metrics(task: str) -> list[Any]:
    """What is measured of members or of plain outputs: "accuracy" or "mae".

    Args:
        task: str. "binary", "multiclass" or "regression".
    """
    of = {"binary": member_binary_accuracy, "multiclass": member_class_accuracy}
    return [metrics.MeanMetricWrapper(of.get(task, member_error), name="accuracy" if task in of else "mae")]
