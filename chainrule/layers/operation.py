"""Functions of tensors as objects that can be part of a model."""

from __future__ import annotations

from typing import Any

from ..serialization import builtin
from .layer import Layer


@builtin
class Operation(Layer):
    """Base of functions with settings: a subclass keeps them in `__init__` and computes in `call`.

    Args: name: default the class in snake_case, numbered.

    Example:
    >>> class Power(Operation):
    ...     def __init__(self, exponent, *, name=None):
    ...         super().__init__(name=name)
    ...         self.exponent = exponent
    ...     def call(self, x):
    ...         return x**self.exponent
    >>> Power(2)([3.0]).tolist(), Power(2, name="p").get_config()
    ([9.0], {'name': 'p', 'exponent': 2})
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name=name)
        self.autocast = False
        self.built = True

    def build(self, *shapes: Any) -> None:
        """There is nothing to create."""

    def _base_config(self) -> dict[str, Any]:
        return {"name": self.name}


__all__ = ["Operation"]
