"""Objects as plain data: `{"class_name": ..., "config": ...}` and back. No code is ever taken from data.

A class can be rebuilt only if it is registered: chainrule's own are, users register theirs with
`@register_keras_serializable()` or pass them as `custom_objects`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from .errors import ArgumentError, UnknownObjectError, did_you_mean, listed

T = TypeVar("T")

_registered: dict[str, Any] = {}  # "package>name" of what users registered; what get_custom_objects() hands out
_builtin: dict[str, Any] = {}  # "losses>Huber": chainrule's own
_custom: list[Mapping[str, Any]] = []  # the open custom_object_scopes
_unloaded: dict[str, Callable[[str], Any]] = {}  # names of our own whose modules are not imported yet, and what does
_made_before: list[dict[str, Any]] = []  # what was made from which data, where a block wants objects to be shared


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Decorator: files may name this class or function.

    >>> @register_keras_serializable()
    ... def double(x): return 2 * x
    >>> serialize_keras_object(double)["registered_name"]
    'Custom>double'
    """

    def decorate(target: T) -> T:
        label = f"{package}>{name or getattr(target, '__name__', '')}"
        _registered[label] = target
        target.__registered_name__ = label  # type: ignore[attr-defined]
        return target

    return decorate


def builtin(cls: T) -> T:
    """Decorator: register one of chainrule's own classes or functions, under its package and name."""
    _builtin[f"{_package(cls)}>{cls.__name__}"] = cls  # type: ignore[attr-defined]
    return cls


def builtin_later(names: Iterable[str], find: Callable[[str], Any]) -> None:
    """Classes of chainrule's own that are registered when they are first asked for: `find(name)` imports them."""
    _unloaded.update(dict.fromkeys(names, find))


def _package(obj: Any) -> str:
    """`losses` for something of ours defined in `chainrule.losses.*`; empty for what a user defined or registered."""
    if "__registered_name__" in vars(obj):
        return ""
    parts = str(getattr(obj, "__module__", "")).split(".")
    return parts[1] if parts[0] == "chainrule" and len(parts) > 1 else ""


def get_registered_name(obj: Any) -> str:
    """The name under which files refer to a class or function."""
    return str(vars(obj).get("__registered_name__", obj.__name__))


def get_registered_object(name: str, custom_objects: Mapping[str, Any] | None = None, package: str = "") -> Any:
    """The class or function of that name, or None: the user's first, then chainrule's of `package`, or of any."""
    bare = name.split(">")[-1]
    for table in (custom_objects or {}, *reversed(_custom), _registered):
        for key in (name, bare):
            if key in table:
                return table[key]
    if bare in _unloaded:
        _unloaded[bare](bare)
    if f"{package}>{bare}" in _builtin:
        return _builtin[f"{package}>{bare}"]
    return next((found for key, found in _builtin.items() if key.endswith(f">{bare}")), None)


def known_to_users(name: str) -> Any:
    """What the user registered under that name, or None."""
    for table in (*reversed(_custom), _registered):
        if name in table:
            return table[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """The table of names that data may use everywhere, registered ones included; add to it to make more names known.

    >>> get_custom_objects()["twice"] = lambda x: 2 * x
    >>> deserialize_keras_object({"class_name": "function", "config": "twice"})(4)
    8
    >>> del get_custom_objects()["twice"]
    """
    return _registered


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Names that may appear in data read inside the block.

    >>> with custom_object_scope({"twice": lambda x: 2 * x}):
    ...     deserialize_keras_object({"class_name": "function", "config": "twice"})(4)
    8
    """
    objects = dict(custom_objects or {})
    _custom.append(objects)
    try:
        yield
    finally:
        _custom.remove(objects)


CustomObjectScope = custom_object_scope


@contextmanager
def objects_shared() -> Iterator[None]:
    """Inside, plain data with a `shared_object_id` stand for the object that was made from equal data before.

    That is how Keras writes what occurs several times in a model: the first time without a number.
    """
    _made_before.append({})
    try:
        yield
    finally:
        _made_before.pop()


def serialize_keras_object(obj: Any) -> Any:
    """Plain data (numbers, strings, lists, dicts) for an object: JSON can hold it."""
    if obj is None or isinstance(obj, (str, int, float, bool)):
        return obj
    if isinstance(obj, np.generic):
        return obj.item()
    if isinstance(obj, (list, tuple)):
        return [serialize_keras_object(item) for item in obj]
    if isinstance(obj, dict):
        return {str(key): serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, np.ndarray):
        return {"class_name": "__array__", "config": {"value": obj.tolist(), "dtype": obj.dtype.name}}
    if hasattr(obj, "get_config"):
        cls = type(obj)
        config = serialize_keras_object(obj.get_config())
        built = obj.get_build_config() if hasattr(obj, "get_build_config") else None
        kept = {} if built is None else {"build_config": serialize_keras_object(built)}
        return {"class_name": cls.__name__, "config": config, **_origin(cls), **kept}
    if hasattr(obj, "numpy"):
        return serialize_keras_object(np.asarray(obj))
    if callable(obj):
        return {"class_name": "function", "config": get_registered_name(obj), **_origin(obj)}
    raise ArgumentError(f"expected an object with get_config(); got {type(obj).__name__}, which has no plain form.")


def _origin(obj: Any) -> dict[str, Any]:
    package = _package(obj)
    return {
        "module": f"chainrule.{package}" if package else None,
        "registered_name": None if package else get_registered_name(obj),
    }


def deserialize_keras_object(config: Any, custom_objects: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
    """The object behind plain data. Only registered classes are made; nothing is imported and no code is run."""
    if not _made_before or not isinstance(config, dict) or "class_name" not in config:
        return _made(config, custom_objects)
    known, key = _made_before[-1], repr((config["class_name"], config.get("config")))
    if config.get("shared_object_id") is None or key not in known:
        known[key] = _made(config, custom_objects)
    return known[key]


def _made(config: Any, custom_objects: Mapping[str, Any] | None) -> Any:
    if isinstance(config, list):
        return [deserialize_keras_object(item, custom_objects) for item in config]
    if not isinstance(config, dict):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: deserialize_keras_object(value, custom_objects) for key, value in config.items()}
    if config["class_name"] == "__array__":
        return np.asarray(config["config"]["value"], config["config"]["dtype"])
    is_function = config["class_name"] == "function"
    name = str(config["config"] if is_function else config.get("registered_name") or config["class_name"])
    package = str(config.get("module") or "").split(".")[-1]
    found = get_registered_object(name, custom_objects, package)
    if found is None:
        known = [key.split(">")[-1] for key in (*_registered, *_builtin)]
        raise UnknownObjectError(
            f"{name!r} is not part of chainrule and not registered.{did_you_mean(name, known)} Pass "
            f"custom_objects={{{name.split('>')[-1]!r}: ...}} or decorate it with @register_keras_serializable()."
        )
    if is_function:
        return found
    if hasattr(found, "from_config"):
        with custom_object_scope(custom_objects or {}):
            made = found.from_config(dict(config["config"]))
        build = getattr(type(made), "build_from_config", None)
        if config.get("build_config") and build is not None and not build.__module__.startswith("chainrule."):
            made.build_from_config(config["build_config"])
        return made
    return found(**deserialize_keras_object(config["config"], custom_objects))


def resolve(kind: str, identifier: Any, table: Mapping[str, Any]) -> Any:
    """What a user's argument stands for: a name of `table`, plain data, a class, an object; None stays None.

    Args:
        kind: what is looked for, for messages ("optimizer").
        identifier: a string, a dict made by `serialize_keras_object`, a class, or an object (returned as it is).
        table: the known names; classes among the values are called without arguments.
    """
    if identifier is None:
        return None
    if isinstance(identifier, str):
        found = table.get(identifier)
        found = found if found is not None else known_to_users(identifier)
        if found is None:
            raise ArgumentError(
                f"{kind}: expected one of {listed(sorted(table))}; got {identifier!r}.{did_you_mean(identifier, table)}"
            )
        return found() if isinstance(found, type) else found
    if isinstance(identifier, dict):
        return deserialize_keras_object(identifier)
    if isinstance(identifier, type):
        return identifier()
    if callable(identifier) or hasattr(identifier, "get_config"):
        return identifier
    raise ArgumentError(f"{kind}: expected a name, an object or a function; got {identifier!r}.")
