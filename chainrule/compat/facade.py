"""The modules that a script sees: names that are looked up in chainrule when they are asked for."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from ..errors import ChainruleError, MissingNameError, did_you_mean
from .table import MODULES, canonical, children, hint, is_module, names_of


class MissingModuleError(ChainruleError, ModuleNotFoundError):
    """A module of Keras or TensorFlow, or a name imported from one, is not part of chainrule."""


class Facade(ModuleType):
    """A module of the table. Its attributes are those of the chainrule modules that it stands for.

    Args:
        name: a key of `MODULES`, or a name above one.
        family: all facades by name; one that is made here is entered.
    """

    def __init__(self, name: str, family: dict[str, Facade]) -> None:
        super().__init__(name, f"{name}, as chainrule has it.")
        self._family = family
        if name == "tensorflow":
            self.newaxis = None  # the one name that stands for nothing
        self.__path__: list[str] = []  # every module may have modules below it; the finder answers for them

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return dir(self)
        if is_module(f"{self.__name__}.{name}"):
            return facade(f"{self.__name__}.{name}", self._family)
        for module, names in map(names_of, MODULES.get(self.__name__, ())):
            own = (None if name.startswith("_") else name) if names is None else names.get(name)
            found = own and _look_up(importlib.import_module(module), own)
            if found is not None:
                return found
        if name.startswith("__"):
            raise AttributeError(name)  # Python asks modules for such names: the answer need not be polite
        raise MissingNameError(missing(self, name))

    def __dir__(self) -> list[str]:
        names = set(children(self.__name__))
        for module_name, listed in map(names_of, MODULES.get(self.__name__, ())):
            module = importlib.import_module(module_name)
            pairs = listed if listed is not None else {name: name for name in _public(module)}
            names.update(name for name, own in pairs.items() if _look_up(module, own) is not None)
        return sorted(n for n in names if not n.startswith("_"))


def facade(name: str, family: dict[str, Facade]) -> Facade:
    """The one facade of a name and its aliases."""
    full = canonical(name)
    if full not in family:
        family[full] = Facade(full, family)
    return family[full]


def _public(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", None) or [n for n in dir(module) if not n.startswith("_")])


def _look_up(module: ModuleType, name: str) -> Any:
    """A public attribute, None if there is none: modules and what comes from elsewhere do not count."""
    if name not in getattr(module, "__all__", [name]):
        return None
    value = getattr(module, name, None)
    foreign = getattr(value, "__module__", "") in ("typing", "__future__", "collections.abc")
    return None if isinstance(value, ModuleType) or foreign else value


def missing(module: ModuleType, name: str) -> str:
    """The message for a name that is absent from a module."""
    full = f"{module.__name__}.{name}"
    return f"{full} is not part of chainrule yet.{hint(full)}{did_you_mean(name, dir(module))}"
