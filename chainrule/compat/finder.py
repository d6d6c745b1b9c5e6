"""The import hook: while it is installed, `import keras` and `import tensorflow` give chainrule."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from .facade import Facade, MissingModuleError, facade, missing
from .table import ABSENT_ONLY, TOP, canonical, is_module


class Finder(MetaPathFinder, Loader):
    """A finder and loader for the meta path. Two names of one module give one module object."""

    def __init__(self) -> None:
        self._facades: dict[str, Facade] = {}
        self._hidden: dict[str, ModuleType] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The specification of a module of ours, None for the modules of others.

        Raises:
            MissingModuleError: for a name below `keras` or `tensorflow` that chainrule lacks.
        """
        if not _is_ours(name):
            return None
        if not is_module(name):
            raise MissingModuleError(self._why_not(canonical(name)))
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module for a specification, the same one for every name that it has."""
        return facade(spec.name, self._facades)

    def exec_module(self, module: ModuleType) -> None:
        """The names are looked up when they are used; with TensorFlow, tensors answer to more of them at once."""
        if module.__name__ == "tensorflow":
            import_module(".tensorflow.answers", __package__)

    def _why_not(self, name: str) -> str:
        parent, _, last = name.rpartition(".")
        if not is_module(parent):
            return self._why_not(parent)
        module = facade(parent, self._facades)
        if hasattr(module, last):
            return f"{name} is not a module. Write `from {parent} import {last}`."
        return missing(module, last)

    def hide(self) -> None:
        """Put modules of the same names that are loaded already out of sight."""
        self._hidden = {name: sys.modules.pop(name) for name in _loaded()}

    def restore(self) -> None:
        """Take our modules away and bring back what was hidden."""
        for name in _loaded():
            del sys.modules[name]
        sys.modules.update(self._hidden)
        self._facades, self._hidden = {}, {}


def _is_ours(name: str) -> bool:
    top = name.partition(".")[0]
    return top in TOP or (top in ABSENT_ONLY and not _is_elsewhere(top))


@cache
def _is_elsewhere(top: str) -> bool:
    return PathFinder.find_spec(top) is not None


def _loaded() -> list[str]:
    return [name for name in sys.modules if _is_ours(name)]


_finder = Finder()


def is_installed() -> bool:
    """Whether `keras` and `tensorflow` are imported from chainrule right now."""
    return _finder in sys.meta_path


def install() -> None:
    """From now on `import keras` and `import tensorflow` give chainrule. A second call does nothing.

    Example:
    >>> install()
    >>> from tensorflow.keras.utils import to_categorical
    >>> uninstall()
    >>> to_categorical.__module__
    'chainrule.utils.arrays'
    """
    if not is_installed():
        _finder.hide()
        sys.meta_path.insert(0, _finder)


def uninstall() -> None:
    """Undo `install()`: what these names meant before, they mean again."""
    if is_installed():
        sys.meta_path.remove(_finder)
        _finder.restore()


@contextmanager
def active() -> Iterator[None]:
    """`import keras` and `import tensorflow` give chainrule inside this block only.

    Example:
    >>> with active():
    ...     from keras import backend
    >>> backend.epsilon()
    1e-07
    """
    before = is_installed()
    install()
    try:
        yield
    finally:
        if not before:
            uninstall()
