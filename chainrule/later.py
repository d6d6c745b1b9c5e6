"""Names of a package that are imported when they are first used, so that a short script need not wait for all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from .errors import MissingNameError, did_you_mean


def later(package: str, modules: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """The `__getattr__` of a package: which of its modules has which names.

    Returns: a function from a name to its value, which becomes an attribute of the package. It raises MissingNameError
        for names that are not listed.

    >>> later("chainrule.errors", {})("grumble")
    Traceback (most recent call last):
        ...
    chainrule.errors.MissingNameError: chainrule.errors has no 'grumble' yet.
    """
    places = {name: module for module, names in modules.items() for name in names}

    def find(name: str) -> Any:
        if name in modules:
            return import_module(f"{package}.{name}")
        if name not in places:
            known = getattr(sys.modules[package], "__all__", places)
            raise MissingNameError(f"{package} has no {name!r} yet.{did_you_mean(name, known)}")
        value = getattr(import_module(f"{package}.{places[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return find
