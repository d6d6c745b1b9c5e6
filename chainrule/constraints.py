"""Limits on weights, applied after every update, under Keras's names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from . import config as settings
from . import ops
from .serialization import builtin, deserialize_keras_object, resolve, serialize_keras_object

Axis = int | Sequence[int]


@builtin
class Constraint:
    """Base of all constraints: a subclass overrides `__call__` (weights -> weights) and `get_config`.

    >>> class AtMostOne(Constraint):
    ...     def __call__(self, w): return ops.minimum(w, 1.0)
    >>> AtMostOne()([0.5, 3.0]).tolist()
    [0.5, 1.0]
    """

    def __call__(self, w: Any) -> Any:
        """The weights nearest to w that are allowed."""
        return w

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal constraint."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A constraint from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


def _norms(w: Any, axis: Axis) -> Any:
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


def _rescaled(w: Any, norms: Any, wanted: Any) -> Any:
    """Vectors of length `norms` brought to the length `wanted`; a vector of zeros stays one."""
    return w * (wanted / (norms + settings.epsilon()))


@builtin
class MaxNorm(Constraint):
    """Vectors longer than max_value are shortened to it.

    Args: max_value: number (default 2); axis: the axis or axes along which a vector of weights runs (default 0: the
        weights into one unit of a dense layer; (0, 1, 2) for a filter of a 2D convolution).
    Source: Srivastava et al. 2014, "Dropout", section 5.1.

    >>> [round(v, 4) for v in MaxNorm(1.0)([3.0, 4.0]).tolist()]
    [0.6, 0.8]
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        return _rescaled(w, norms, ops.minimum(norms, self.max_value))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


@builtin
class NonNeg(Constraint):
    """Negative weights become 0.

    >>> NonNeg()([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __call__(self, w: Any) -> Any:
        return ops.where(ops.less(w, 0), 0, w)


@builtin
class UnitNorm(Constraint):
    """Vectors get the length 1.

    Args: axis: the axis or axes along which a vector of weights runs (default 0).

    >>> [round(v, 4) for v in UnitNorm()([3.0, 4.0]).tolist()]
    [0.6, 0.8]
    """

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return _rescaled(w, _norms(w, self.axis), 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


@builtin
class MinMaxNorm(Constraint):
    """The length of vectors is brought (by the share `rate` of the way) between min_value and max_value.

    Args: min_value: number (default 0); max_value: number (default 1); rate: number (default 1: all the way);
        axis: the axis or axes along which a vector of weights runs (default 0).

    >>> [round(v, 4) for v in MinMaxNorm(0.0, 1.0, rate=0.5)([3.0, 4.0]).tolist()]
    [1.8, 2.4]
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        wanted = ops.clip(norms, self.min_value, self.max_value) * self.rate + norms * (1.0 - self.rate)
        return _rescaled(w, norms, wanted)

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm  # Keras's other names

ALL: dict[str, type[Constraint]] = {
    **{cls.__name__: cls for cls in (Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm)},
    "constraint": Constraint, "max_norm": MaxNorm, "min_max_norm": MinMaxNorm, "non_neg": NonNeg,
    "unit_norm": UnitNorm,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """The constraint that an argument stands for: a name, plain data, an object, a function, or None.

    Raises: ArgumentError: the name is not known.

    >>> get("max_norm")
    MaxNorm(max_value=2, axis=0)
    """
    return resolve("constraint", identifier, ALL)


def serialize(constraint: Any) -> Any:
    """Plain data for a constraint.

    >>> serialize(UnitNorm(axis=1))["config"]
    {'axis': 1}
    """
    return serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The constraint behind plain data.

    >>> deserialize(serialize(MaxNorm(3)))
    MaxNorm(max_value=3, axis=0)
    """
    return get(config) if isinstance(config, str) else deserialize_keras_object(config, custom_objects)


__all__ = [
    "ALL", "Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "max_norm",
    "min_max_norm", "non_neg", "serialize", "unit_norm",
]  # fmt: skip
