"""How variables change with their gradients, under Keras's names.

>>> get("adam").name.startswith("adam")
True
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentError
from ..serialization import deserialize_keras_object, resolve, serialize_keras_object
from . import schedules
from .adam import Adam, Adamax, AdamW, Lamb, Nadam, ScheduleFreeAdamW
from .adaptive import Adadelta, Adafactor, Adagrad, Ftrl, RMSprop
from .base import Optimizer
from .descent import SGD, Lion, Muon
from .wrappers import LossScaleOptimizer, MultiOptimizer, OptimizerMap

_RULES: tuple[type[Optimizer], ...] = (
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam, RMSprop, SGD, ScheduleFreeAdamW,
)  # fmt: skip
ALL: dict[str, Any] = {cls.__name__.lower(): cls for cls in _RULES}  # names are taken in any case


def get(identifier: Any) -> Optimizer | None:
    """The optimizer that a name ('adam', in any case), plain data, a class or an object stands for; None stays None.

    Raises: ArgumentError for a name that is not known, or something that is not an optimizer.

    >>> float(get("SGD").learning_rate) == float(SGD().learning_rate)
    True
    """
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str) and identifier.lower() in ALL:
        identifier = identifier.lower()
    found = resolve("optimizer", identifier, ALL)
    if found is not None and not isinstance(found, Optimizer):
        raise ArgumentError(f"optimizer: expected a name or an Optimizer; got {identifier!r}.")
    return found


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """An optimizer as plain data, without its state."""
    data: dict[str, Any] = serialize_keras_object(optimizer)
    return data


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Optimizer:
    """The optimizer behind plain data; names of chainrule's own are taken in any case.

    >>> deserialize(serialize(Adam(beta_1=0.5))).beta_1
    0.5
    """
    own = ALL.get(str(config.get("class_name")).lower())
    name = own.__name__ if own else config.get("class_name")
    optimizer: Optimizer = deserialize_keras_object({**config, "class_name": name}, custom_objects)
    return optimizer


__all__ = [
    "ALL", "SGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion",
    "LossScaleOptimizer", "MultiOptimizer", "Muon", "Nadam", "Optimizer", "OptimizerMap", "RMSprop",
    "ScheduleFreeAdamW", "deserialize", "get", "schedules", "serialize",
]  # fmt: skip
