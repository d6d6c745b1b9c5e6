"""Circle loss: embeddings of one class together, those of different classes apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..ir import Tensor
from ..primitives.arithmetic import as_operand
from ..serialization import builtin
from .alignment import floating, published
from .loss import MEAN, NamedLoss, Reduction


@published
def circle(
    y_true: Any, y_pred: Any, ref_labels: Any = None, ref_embeddings: Any = None, remove_diagonal: bool = True,
    gamma: float = 80, margin: float = 0.4,
) -> Tensor:  # fmt: skip
    """log(1 + sum_j e^(gamma a_j (s_j - m)) sum_i e^(-gamma b_i (s_i - 1 + m))), one number an embedding.

    s are the cosine similarities, at most 1, to the references of other classes (j) and of the same class (i),
    a_j = max(s_j + m, 0) and b_i = max(1 + m - s_i, 0). References are the batch itself unless given. As in Keras the
    gradient goes through a and b too.

    Source: Sun et al. (2020), Circle loss, equations 6 to 8.

    >>> circle([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).round(4).tolist()
    [0.0, 0.0, 0.0]
    """
    y_pred = floating(y_pred)
    labels = _labels(y_true, y_pred)
    references = y_pred if ref_embeddings is None else floating(ref_embeddings, y_pred.dtype)
    ref_labels = labels if ref_labels is None else ops.ravel(as_operand(ref_labels))
    similar = ops.minimum(ops.matmul(y_pred, ops.transpose(references)), 1.0)
    alike = ops.expand_dims(labels, 1) == ops.expand_dims(ref_labels, 0)
    same = _without_itself(alike) if remove_diagonal and ref_embeddings is None else alike
    pull = ops.relu(1.0 + margin - similar) * (1.0 - margin - similar)
    push = ops.relu(similar + margin) * (similar - margin)
    return ops.softplus(_log_sum(gamma * pull, same) + _log_sum(gamma * push, ops.logical_not(alike)))


def _labels(y_true: Any, y_pred: Tensor) -> Tensor:
    labels = as_operand(y_true)
    if y_pred.ndim != 2 or labels.size != y_pred.shape[0]:
        raise ShapeError(
            f"circle: expected integer labels (n,) and embeddings (n, size); got y_true of shape {labels.shape} and "
            f"y_pred of shape {y_pred.shape}."
        )
    return ops.ravel(labels)


def _without_itself(alike: Tensor) -> Any:
    return ops.logical_and(alike, ~np.eye(len(alike), dtype=bool))


def _log_sum(x: Any, counts: Any) -> Any:
    """log(sum(e^x)) of a row over what counts; very small if nothing does."""
    return ops.logsumexp(ops.where(counts, x, -1e9), axis=1)


@builtin
class Circle(NamedLoss):
    """Pulls embeddings of one class together and pushes others apart, each pair by how far it is from its goal.

    Embeddings whose class occurs once in the batch do not count.

    Args:
        gamma: how strictly, the scale of similarities (default 80.0).
        margin: how far the goals are relaxed (default 0.4).
        remove_diagonal: whether an embedding is no reference for itself (default True).
        reduction, name, dtype: see `Loss`.
    Shapes: y_true (n,) integer labels, y_pred (n, size) embeddings of length 1.
    Raises: ArgumentError: gamma or margin is not positive.
    Source: Sun et al. (2020), Circle loss: a unified perspective of pair similarity optimization.

    Example:
    >>> round(float(Circle(gamma=1.0)([0, 0, 1], [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])), 4) > 0.5
    True
    """

    def __init__(
        self, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True, reduction: Reduction = MEAN,
        name: str = "circle", dtype: Any = None,
    ) -> None:  # fmt: skip
        if gamma <= 0 or margin <= 0:
            raise ArgumentError(f"Circle: expected gamma and margin above 0; got gamma={gamma!r}, margin={margin!r}.")
        super().__init__(
            circle, reduction, name, dtype, gamma=gamma, margin=margin, remove_diagonal=remove_diagonal
        )  # fmt: skip

    def _mask(self, y_true: Any, y_pred: Any) -> Tensor | None:
        """False at embeddings that have none of their class to be near to."""
        labels = _labels(y_true, y_pred)
        alike = ops.expand_dims(labels, 1) == ops.expand_dims(labels, 0)
        return ops.any(_without_itself(alike) if self._fn_kwargs["remove_diagonal"] else alike, axis=1)
