"""`tf.Module`: an object whose Variables are found by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...layers.layer import Layer
from ...variables import Variable


class Module:
    """Base of classes that keep Variables and other modules as attributes.

    Args: name: default: that of the class.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.slope = Variable(2.0)
    ...     def __call__(self, x): return self.slope * x
    >>> len(Line().trainable_variables)
    1
    """

    def __init__(self, name: str | None = None) -> None:
        self._name = name or type(self).__name__.lower()

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All Variables in it, each once."""
        return tuple(dict.fromkeys(v for value in vars(self).values() for v in _variables(value)))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those that training may change."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def submodules(self) -> tuple[Any, ...]:
        """The modules in it."""
        found = [m for value in vars(self).values() for m in _modules(value)]
        return tuple(dict.fromkeys([*found, *(inner for m in found for inner in getattr(m, "submodules", ()))]))


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, (list, tuple)):
        yield from value
    else:
        yield value


def _variables(value: Any) -> Iterator[Variable]:
    for part in _parts(value):
        if isinstance(part, Variable):
            yield part
        elif isinstance(part, (Module, Layer)):
            yield from part.variables
        elif part is not value:
            yield from _variables(part)


def _modules(value: Any) -> Iterator[Any]:
    for part in _parts(value):
        if isinstance(part, (Module, Layer)):
            yield part
        elif part is not value:
            yield from _modules(part)


__all__ = ["Module"]
