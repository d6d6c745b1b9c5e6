"""Means of cross-entropies, divergences and margins, as metrics."""

from __future__ import annotations

from typing import Any

from .. import losses, ops
from ..ir import Tensor
from ..losses.alignment import floating
from ..losses.crossentropy import class_numbers
from ..losses.loss import join_masks
from ..serialization import builtin
from .reduction import NamedMean


@builtin
class BinaryCrossentropy(NamedMean):
    """The mean of -(y log(p) + (1 - y) log(1 - p)).

    Args: name, dtype; from_logits: outputs before the sigmoid (default False); label_smoothing (default 0).

    Example:
    >>> round(float(BinaryCrossentropy()([1, 0], [[0.5], [0.5]])), 4)
    0.6931
    """

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(losses.binary_crossentropy, name, dtype, **arguments)


@builtin
class CategoricalCrossentropy(NamedMean):
    """The mean of -sum(y log(p)), y one-hot.

    Args: name, dtype; from_logits: outputs before the softmax (default False); label_smoothing (default 0); axis: of
        the classes (default -1).

    Example:
    >>> round(float(CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(
        self, name: str = "categorical_crossentropy", dtype: Any = None, from_logits: bool = False,
        label_smoothing: float = 0, axis: int = -1,
    ) -> None:  # fmt: skip
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(losses.categorical_crossentropy, name, dtype, **arguments)


@builtin
class SparseCategoricalCrossentropy(NamedMean):
    """The mean of -log(p[y]), y integers.

    Args: name, dtype; from_logits: outputs before the softmax (default False); ignore_class: a target that does not
        count (default None); axis: of the classes (default -1).

    Example:
    >>> metric = SparseCategoricalCrossentropy(ignore_class=-1)
    >>> round(float(metric([1, -1], [[0.5, 0.5], [1.0, 0.0]], sample_weight=[1, 1])), 4)
    0.6931
    """

    def __init__(
        self, name: str = "sparse_categorical_crossentropy", dtype: Any = None, from_logits: bool = False,
        ignore_class: int | None = None, axis: int = -1,
    ) -> None:  # fmt: skip
        arguments = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(losses.sparse_categorical_crossentropy, name, dtype, **arguments)

    def _mask(self, y_true: Any, y_pred: Any, weighted: bool) -> Tensor | None:
        """As in Keras: without weights an ignored sample counts as one without error."""
        ignored = self._fn_kwargs["ignore_class"]
        mask = super()._mask(y_true, y_pred, weighted)
        if ignored is None or not (weighted or mask is not None):
            return mask
        numbers = class_numbers(self.name, y_true, floating(y_pred), self._fn_kwargs["axis"])
        return join_masks(mask, ops.not_equal(numbers, ignored))


@builtin
class KLDivergence(NamedMean):
    """The mean of sum(y_true log(y_true / y_pred)).

    Args: name (default 'kl_divergence'), dtype.

    Example:
    >>> round(float(KLDivergence()([[1.0, 0.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, name: str = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(losses.kl_divergence, name, dtype)


@builtin
class Poisson(NamedMean):
    """The mean of y_pred - y_true log(y_pred).

    Args: name (default 'poisson'), dtype.

    Example:
    >>> round(float(Poisson()([[2.0]], [[1.0]])), 4)
    1.0
    """

    def __init__(self, name: str = "poisson", dtype: Any = None) -> None:
        super().__init__(losses.poisson, name, dtype)


@builtin
class Hinge(NamedMean):
    """The mean of max(1 - y_true y_pred, 0), y_true -1 or 1.

    Args: name (default 'hinge'), dtype.

    Example:
    >>> float(Hinge()([[-1.0, 1.0]], [[-2.0, 0.5]]))
    0.25
    """

    def __init__(self, name: str = "hinge", dtype: Any = None) -> None:
        super().__init__(losses.hinge, name, dtype)


@builtin
class SquaredHinge(NamedMean):
    """The mean of max(1 - y_true y_pred, 0)^2, y_true -1 or 1.

    Args: name (default 'squared_hinge'), dtype.

    Example:
    >>> float(SquaredHinge()([[-1.0, 1.0]], [[-2.0, 0.0]]))
    0.5
    """

    def __init__(self, name: str = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(losses.squared_hinge, name, dtype)


@builtin
class CategoricalHinge(NamedMean):
    """The mean of max(1 + best wrong class - right class, 0), y_true one-hot.

    Args: name (default 'categorical_hinge'), dtype.

    Example:
    >>> float(CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.5, 1.0, 0.25]]))
    0.5
    """

    def __init__(self, name: str = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(losses.categorical_hinge, name, dtype)
