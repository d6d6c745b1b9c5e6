"""Connectionist temporal classification: sequences of labels without times."""

from __future__ import annotations

import math
from typing import Any

from .. import ops
from ..errors import ShapeError
from ..ir import Tensor
from ..primitives.arithmetic import as_operand
from ..serialization import builtin
from .alignment import floating, published
from .loss import MEAN, NamedLoss, Reduction

_NEVER = -1e30  # the logarithm of a probability of zero; finite, so that gradients stay numbers


@published
def ctc(y_true: Any, y_pred: Any) -> Tensor:
    """-log of the summed probability of all paths that read y_true; class 0 is the blank and fills y_true up.

    A path names a class at every time step; repeats are merged, then blanks removed. The sum runs over the labels with
    a blank before, between and after them (states), one time step after another.

    Source: Graves et al. (2006), Connectionist temporal classification, section 4.1.

    >>> round(float(ctc([[1]], [[[0.0, 0.0], [0.0, 0.0]]])[0]), 4)
    0.2877
    """
    y_pred, labels = floating(y_pred), ops.cast(as_operand(y_true), "int32")
    if labels.ndim != 2 or y_pred.ndim != 3 or labels.shape[0] != y_pred.shape[0]:
        raise ShapeError(
            f"ctc: expected labels (n, length) and outputs (n, times, classes); got y_true of shape {labels.shape} and "
            f"y_pred of shape {y_pred.shape}."
        )
    dtype, y_pred = y_pred.dtype, ops.cast(y_pred, "float64" if y_pred.dtype == "float64" else "float32")
    states = _with_blanks(labels)
    index = ops.expand_dims(states, 1)
    emitted = ops.take_along_axis(ops.log_softmax(y_pred), ops.repeat(index, y_pred.shape[1], axis=1), axis=-1)
    last: Any = _last_states(_forward(emitted, states), ops.sum(ops.cast(labels != 0, "int32"), axis=1))
    return ops.cast(ops.where(last < 0.5 * _NEVER, math.inf, -last), dtype)


def _with_blanks(labels: Tensor) -> Tensor:
    """0, l1, 0, l2, 0, ..., 0."""
    blanks = ops.zeros_like(labels)
    paired = ops.reshape(ops.stack([blanks, labels], axis=2), (labels.shape[0], -1))
    return ops.concatenate([paired, blanks[:, :1]], axis=1)


def _shifted(x: Tensor, by: int, fill: Any) -> Tensor:
    """Each state's neighbour `by` states before it."""
    return ops.pad(x, ((0, 0), (by, 0)), constant_values=fill)[:, : x.shape[1]]


def _forward(emitted: Tensor, states: Tensor) -> Tensor:
    """log probability of being in each state after the last time step."""
    jump = states != _shifted(states, 2, 0)  # over a blank between different labels
    first = ops.arange(states.shape[1]) < 2
    by_time = ops.transpose(emitted, (1, 0, 2))

    def step(reached: Tensor, now: Tensor) -> tuple[Tensor, None]:
        ways = [reached, _shifted(reached, 1, _NEVER), ops.where(jump, _shifted(reached, 2, _NEVER), _NEVER)]
        return ops.logsumexp(ops.stack(ways), axis=0) + now, None

    start = ops.where(first, by_time[0], _NEVER)
    return ops.scan(step, start, by_time[1:])[0]


def _last_states(reached: Tensor, lengths: Any) -> Tensor:
    """log probability of ending in the last label or in the blank behind it."""
    end = ops.expand_dims(2 * lengths, 1)
    places = ops.concatenate([end, ops.maximum(end - 1, 0)], axis=1)
    found = ops.take_along_axis(reached, places, axis=1)
    empty = ops.expand_dims(lengths == 0, 1)
    two = ops.concatenate([found[:, :1], ops.where(empty, _NEVER, found[:, 1:])], axis=1)
    return ops.logsumexp(two, axis=1)


@builtin
class CTC(NamedLoss):
    """-log of the probability of a label sequence whose times are unknown: speech, handwriting.

    Args: reduction, name, dtype: see `Loss`.
    Shapes: y_true (n, length) integers from 1, 0 (the blank) as filling; y_pred (n, times, classes) logits.
    Raises: ShapeError: other ranks.
    Source: Graves et al. (2006), Connectionist temporal classification.

    Example:
    >>> round(float(CTC()([[1]], [[[0.0, 0.0], [0.0, 0.0]]])), 4)
    0.2877
    """

    def __init__(self, reduction: Reduction = MEAN, name: str = "ctc", dtype: Any = None) -> None:
        super().__init__(ctc, reduction, name, dtype)
