"""Counting hits and misses at thresholds: what precision, recall and curves are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..ir import Tensor
from ..losses.alignment import SAME_SHAPE, broadcast_weight, floating, mismatch, same_rank
from ..primitives.arithmetic import as_operand
from ..variables import Variable
from .metric import Metric

KINDS = ("true_positives", "false_positives", "true_negatives", "false_negatives")
SMALL = 1e-7  # how far below 0 and above 1 the outermost thresholds of a whole curve lie
NOT_CHOSEN = -1e10  # below every output: what top_k puts in place of the outputs that it leaves out


def checked_thresholds(name: str, thresholds: Any, default: float) -> list[float]:
    """Thresholds as a list.

    Raises: ArgumentError: one is not between 0 and 1.
    """
    found = [default] if thresholds is None else np.ravel(np.asarray(thresholds, "float64")).tolist()
    wrong = [t for t in found if not 0 <= t <= 1 and t != NOT_CHOSEN]
    if wrong or not found:
        raise ArgumentError(f"{name}: expected thresholds from 0 to 1; got {thresholds!r}.")
    return found


def even_thresholds(count: int) -> list[float]:
    """`count` thresholds at equal distances from 0 to 1.

    >>> even_thresholds(3)
    [0.0, 0.5, 1.0]
    """
    return [i / (count - 1) for i in range(count)]


def targets_and_outputs(
    name: str, y_true: Any, y_pred: Any, sample_weight: Any, dtype: str, top_k: int | None, class_id: int | None
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Both in one shape, the weights spread over it; only class `class_id` and, of each row, the `top_k` outputs."""
    y_pred = floating(y_pred, dtype)
    y_true, y_pred = same_rank(as_operand(y_true), y_pred)
    if y_true.shape != y_pred.shape:
        raise mismatch(name, y_true, y_pred, SAME_SHAPE)
    if top_k is not None:
        y_pred = _only_top(y_pred, top_k)
    if class_id is not None:
        y_true, y_pred = (_class(name, y, class_id) for y in (y_true, y_pred))
    if sample_weight is None:
        return y_true, y_pred, None
    weight = ops.cast(sample_weight, dtype)
    if class_id is not None and weight.ndim == y_pred.ndim + 1:
        weight = _class(name, weight, class_id if weight.shape[-1] > 1 else 0)
    return y_true, y_pred, broadcast_weight(weight, y_pred.shape)


def _class(name: str, y: Tensor, class_id: int) -> Tensor:
    if y.ndim < 2 or not 0 <= class_id < y.shape[-1]:
        raise ShapeError(f"{name}: expected outputs with a class {class_id} on the last axis; got shape {y.shape}.")
    return y[..., class_id]  # type: ignore[index, no-any-return]


def _only_top(y_pred: Tensor, k: int) -> Tensor:
    _, places = ops.top_k(y_pred, k)
    chosen = ops.any(ops.one_hot(places, y_pred.shape[-1], dtype="bool"), axis=-2)
    return ops.where(chosen, y_pred, NOT_CHOSEN)


def count_at(
    y_true: Any, y_pred: Any, thresholds: Sequence[float], weight: Any, per_label: bool = False
) -> dict[str, Tensor]:
    """The weight of the samples of each kind at each threshold: (thresholds,) or (thresholds, labels).

    An output above the threshold is a positive.
    """
    y_true, y_pred, weight = _in_columns(y_true, y_pred, weight, per_label)
    line = np.reshape(np.asarray(thresholds, y_pred.dtype), (-1, *[1] * y_pred.ndim))
    positive = ops.greater(ops.expand_dims(y_pred, 0), line)
    right = ops.where(ops.cast(y_true, "bool"), weight, 0.0)
    wrong = weight - right
    return {
        "true_positives": ops.sum(ops.where(positive, right, 0.0), axis=1),
        "false_positives": ops.sum(ops.where(positive, wrong, 0.0), axis=1),
        "true_negatives": ops.sum(ops.where(positive, 0.0, wrong), axis=1),
        "false_negatives": ops.sum(ops.where(positive, 0.0, right), axis=1),
    }


def count_in_bins(
    y_true: Any, y_pred: Any, thresholds: Sequence[float], weight: Any, per_label: bool = False
) -> dict[str, Tensor]:
    """The same as `count_at` in one pass over the samples, for outputs from 0 to 1 and evenly spaced thresholds.

    An output falls into the bin of the first threshold not below it; the sum of the bins above is what is positive.
    """
    count = len(thresholds)
    y_true, y_pred, weight = _in_columns(y_true, y_pred, weight, per_label)
    bins = ops.cast(ops.ceil(ops.clip(y_pred, 0.0, 1.0) * (count - 1)), "int32")
    right = ops.cast(y_true, weight.dtype) * weight
    found: dict[str, Tensor] = {}
    for part, yes, no in ((right, KINDS[0], KINDS[3]), (weight - right, KINDS[1], KINDS[2])):
        sums = _sum_from_above(bins, part, count)
        lowest = sums[:1] if thresholds[0] < 0 else sums[1:2]  # below zero: an output of 0 is positive too
        found[yes] = ops.concatenate([lowest, sums[2:], ops.zeros_like(lowest)])
        found[no] = sums[:1] - found[yes]
    return found


def _sum_from_above(bins: Any, values: Any, count: int) -> Any:
    """For each bin the sum of the values in it and above it, column by column."""
    index = [bins] if bins.ndim == 1 else [bins, ops.broadcast_to(ops.arange(bins.shape[1]), bins.shape)]
    sums = ops.scatter(ops.stack(index, axis=-1), values, (count, *bins.shape[1:]))
    return ops.flip(ops.cumsum(ops.flip(sums, 0), axis=0), 0)


def _in_columns(y_true: Any, y_pred: Any, weight: Any, per_label: bool) -> tuple[Any, Any, Any]:
    """Flat (samples,), or (samples, labels)."""
    shape = (-1, y_pred.shape[-1]) if per_label else (-1,)
    weight = ops.ones_like(y_pred) if weight is None else weight
    return ops.reshape(y_true, shape), ops.reshape(y_pred, shape), ops.reshape(weight, shape)


class Counter(Metric):
    """A metric whose state is some of the four counts at thresholds."""

    kinds: Sequence[str] = KINDS

    def add_counts(self, shape: tuple[int, ...]) -> None:
        """Make the state, one variable a kind."""
        for kind in self.kinds:
            setattr(self, kind, self.add_weight(shape, name=kind))

    def add(self, counts: dict[str, Tensor]) -> None:
        """Add the counts of a batch."""
        for kind in self.kinds:
            variable: Variable = getattr(self, kind)
            variable.assign_add(counts[kind])
