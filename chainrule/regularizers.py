"""Penalties on weights, added to the loss, under Keras's names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

from . import ops
from .errors import ArgumentError, ShapeError, UnsupportedError
from .serialization import builtin, deserialize_keras_object, resolve, serialize_keras_object


@builtin
class Regularizer:
    """Base of all regularizers: a subclass overrides `__call__` (weights -> penalty, a scalar) and `get_config`.

    >>> class Largest(Regularizer):
    ...     def __call__(self, x): return ops.max(x)
    >>> float(Largest()([1.0, 3.0]))
    3.0
    """

    def __call__(self, x: Any) -> Any:
        """The penalty for weights x."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer."""
        raise UnsupportedError(f"{type(self).__name__} has no get_config(); define it, so that a model with it can be "
                               "saved.")  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A regularizer from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in vars(self).items())
        return f"{type(self).__name__}({arguments})"


def _factor(name: str, value: Any) -> float:
    """A penalty's factor: a finite number that is not negative; None counts as 0."""
    value = 0.0 if value is None else value
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise ArgumentError(f"{name}: expected a non-negative number; got {value!r} ({type(value).__name__}).")
    number = float(value)
    if not 0 <= number < math.inf:
        raise ArgumentError(f"{name}: expected a non-negative finite number; got {value!r}.")
    return number


@builtin
class L1L2(Regularizer):
    """l1 sum(|x|) + l2 sum(x^2).

    Args: l1, l2: non-negative numbers (default 0).
    Raises: ArgumentError: a factor is negative or not finite.
    Source: Zou and Hastie 2005, "Regularization and variable selection via the elastic net", equation 3.

    >>> float(L1L2(l1=1.0, l2=0.5)([3.0, -4.0]))
    19.5
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _factor("l1", l1), _factor("l2", l2)

    def __call__(self, x: Any) -> Any:
        penalty = ops.sum(ops.absolute(x)) * self.l1 if self.l1 else None
        if self.l2:
            squares = ops.sum(ops.square(x)) * self.l2
            return squares if penalty is None else penalty + squares
        return ops.zeros((), ops.convert_to_tensor(x).dtype) if penalty is None else penalty

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


@builtin
class L1(Regularizer):
    """l1 sum(|x|): drives weights to exactly 0.

    Args: l1: non-negative number (default 0.01).
    Raises: ArgumentError: the factor is negative or not finite.
    Source: Tibshirani 1996, "Regression shrinkage and selection via the lasso".

    >>> float(L1(0.5)([3.0, -4.0]))
    3.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", 0.01 if l1 is None else l1)

    def __call__(self, x: Any) -> Any:
        return ops.sum(ops.absolute(x)) * self.l1

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


@builtin
class L2(Regularizer):
    """l2 sum(x^2): keeps weights small.

    Args: l2: non-negative number (default 0.01).
    Raises: ArgumentError: the factor is negative or not finite.
    Source: Hoerl and Kennard 1970, "Ridge regression".

    >>> float(L2(0.5)([3.0, -4.0]))
    12.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: Any) -> Any:
        return ops.sum(ops.square(x)) * self.l2

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


@builtin
class OrthogonalRegularizer(Regularizer):
    """factor times the mean of |cosine| over all pairs of different rows (or columns) of a matrix.

    Args: factor: non-negative number (default 0.01); mode: 'rows' (default) or 'columns'.
    Shapes: a matrix.
    Raises: ArgumentError: factor or mode is not allowed; ShapeError: not a matrix.

    >>> float(OrthogonalRegularizer(1.0)([[1.0, 0.0], [0.0, 2.0]]))
    0.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        if mode not in ("rows", "columns"):
            raise ArgumentError(f"OrthogonalRegularizer: expected mode 'rows' or 'columns'; got {mode!r}.")
        self.factor, self.mode = _factor("factor", factor), mode

    def __call__(self, inputs: Any) -> Any:
        x = ops.convert_to_tensor(inputs)
        if x.ndim != 2:
            raise ShapeError(f"OrthogonalRegularizer: expected a matrix; got shape {x.shape}.")
        unit = ops.normalize(x if self.mode == "rows" else ops.transpose(x), axis=1)
        size = unit.shape[0]
        cosines = ops.absolute(ops.matmul(unit, ops.transpose(unit))) * (1.0 - ops.eye(size, dtype=unit.dtype))
        return ops.sum(cosines) * (self.factor / max(size * (size - 1), 1))

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer  # Keras's other names

ALL: dict[str, type[Regularizer]] = {
    **{cls.__name__: cls for cls in (Regularizer, L1, L2, L1L2, OrthogonalRegularizer)},
    "regularizer": Regularizer, "l1": L1, "l2": L2, "l1l2": L1L2, "l1_l2": L1L2,
    "orthogonal_regularizer": OrthogonalRegularizer,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """The regularizer that an argument stands for: a name, plain data, an object, a function, or None.

    Raises: ArgumentError: the name is not known.

    >>> get("l2")
    L2(l2=0.01)
    """
    return resolve("regularizer", identifier, ALL)


def serialize(regularizer: Any) -> Any:
    """Plain data for a regularizer.

    >>> serialize(L2(0.5))["config"]
    {'l2': 0.5}
    """
    return serialize_keras_object(regularizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The regularizer behind plain data.

    >>> deserialize(serialize(L1(0.5)))
    L1(l1=0.5)
    """
    return get(config) if isinstance(config, str) else deserialize_keras_object(config, custom_objects)


__all__ = [
    "ALL", "L1", "L1L2", "L2", "OrthogonalRegularizer", "Regularizer", "deserialize", "get", "l1", "l1_l2", "l2",
    "orthogonal_regularizer", "serialize",
]  # fmt: skip
