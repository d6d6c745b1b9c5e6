"""Parameter lists of Keras's public classes, functions and methods: tests/golden/signatures.json."""

from __future__ import annotations

import inspect
import re
from typing import Any

from common import keras, write

MODULES = ("", "activations", "callbacks", "config", "constraints", "dtype_policies", "initializers", "layers",
        "losses", "metrics",
           "models", "ops", "optimizers", "optimizers.schedules", "random", "regularizers", "saving",
                   "utils")  # fmt: skip
# The classes whose public methods and properties are listed as well.
WITH_METHODS = ("Model", "Sequential", "Layer", "Loss", "Metric", "Optimizer", "Initializer", "Regularizer",
        "Variable", "KerasTensor",
                "Function", "callbacks.Callback", "callbacks.CallbackList", "callbacks.History",
                        "constraints.Constraint",
                "layers.Normalization", "layers.BatchNormalization", "layers.Dense", "layers.Embedding", "metrics.Mean",
                "optimizers.schedules.LearningRateSchedule", "random.SeedGenerator", "DTypePolicy", "utils.PyDataset",
                "utils.Progbar", "utils.FeatureSpace")  # fmt: skip
KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "p",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "pk",
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.KEYWORD_ONLY: "k",
    inspect.Parameter.VAR_KEYWORD: "**",
}


def parameters(function: Any, bound: bool) -> list[list[str]] | None:
    """[name, kind] or [name, kind, repr of the default] of each parameter; without self where bound."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    found = found[1:] if bound else found
    return [[p.name, KINDS[p.kind], *([] if p.default is p.empty else [shown(p.default)])] for p in found]


def shown(default: Any) -> str:
    """repr without what differs from run to run."""
    if inspect.isfunction(default) or inspect.isclass(default):
        return default.__name__
    return re.sub(r" at 0x[0-9a-f]+", "", repr(default))


def public(module: Any) -> list[str]:
    return sorted(name for name in dir(module) if not name.startswith("_"))


def of_module(prefix: str) -> dict[str, Any]:
    """The classes (their constructors) and functions of one public module."""
    module = keras
    for part in prefix.split("."):
        module = getattr(module, part) if part else module
    found = {}
    for name in public(module):
        thing = getattr(module, name)
        listed: dict[str, Any] | None = None
        if inspect.isclass(thing):
            listed = {"kind": "class", "parameters": parameters(thing.__init__, bound=True)}
        elif callable(thing):
            listed = {"kind": "function", "parameters": parameters(thing, bound=False)}
        if listed and listed["parameters"] is not None:
            found[".".join(filter(None, ("keras", prefix, name)))] = listed
    return found


def of_class(path: str) -> dict[str, Any]:
    """The public methods and properties of one class, inherited ones as well."""
    owner = keras
    for part in path.split("."):
        owner = getattr(owner, part)
    found: dict[str, Any] = {}
    for name in public(owner):
        thing = inspect.getattr_static(owner, name)
        if isinstance(thing, property):
            found[f"keras.{path}.{name}"] = {"kind": "property"}
        elif isinstance(thing, (staticmethod, classmethod)) or inspect.isfunction(thing):
            kind = {staticmethod: "staticmethod", classmethod: "classmethod"}.get(type(thing), "method")
            listed = parameters(getattr(owner, name), bound=kind == "method")
            if listed is not None:
                found[f"keras.{path}.{name}"] = {"kind": kind, "parameters": listed}
    return found


def bases() -> dict[str, list[str]]:
    """Which public class a public class derives from, nearest first (public names only)."""
    names: dict[Any, str] = {}
    for prefix in MODULES:
        for path in of_module(prefix):
            thing = keras
            for part in path.split(".")[1:]:
                thing = getattr(thing, part)
            if inspect.isclass(thing):
                names.setdefault(thing, path)
    return {path: [names[base] for base in thing.__mro__[1:] if base in names] for thing, path in names.items()}


if __name__ == "__main__":
    everything: dict[str, Any] = {}
    for prefix in MODULES:
        everything.update(of_module(prefix))
    for path in WITH_METHODS:
        everything.update(of_class(path))
    write(
        "signatures.json",
        "signatures: dotted name -> kind (class: its constructor without self; function; method without self; "
        "property) and parameters in order, each [name, kind] or [name, kind, repr(default)]; kinds: p positional "
        "only, pk positional or keyword, k keyword only, * and ** the variable ones; bases: public class -> its public "
        "base classes, nearest first",
        signatures=everything,
        bases={path: found for path, found in bases().items() if found},
    )
