"""The plain data in which Keras describes a model, turned into that of chainrule. Nothing is imported, no code is run.

The two differ in few places: Keras has a class of its own for functional models, writes calls of ops as objects, and
names inputs and outputs as [layer, call, result].
"""

from __future__ import annotations

import inspect
from typing import Any

from ..errors import ArgumentError, did_you_mean
from ..layers.naming import snake_case
from ..ops.symbolic import OPS

_NOT_NEEDED = ("build_config", "shared_object_id", "compile_config")
_OP_NAMES = {"GetItem": "getitem", "BatchNorm": "batch_normalization", "Abs": "absolute"}
_POSITIONAL = {"Einsum": "subscripts"}  # arguments that come before the tensors


def translated(data: Any) -> Any:
    """The same description in chainrule's words.

    >>> translated({"class_name": "Dense", "module": "keras.layers", "config": {"units": 2}, "build_config": {}})
    {'class_name': 'Dense', 'module': 'keras.layers', 'config': {'units': 2}}
    """
    if isinstance(data, list):
        return [translated(item) for item in data]
    if not isinstance(data, dict):
        return data
    kind = data.get("class_name")
    if kind in ("__tensor__", "__numpy__"):
        return {**data, "class_name": "__array__"}
    if kind == "__slice__" and isinstance(data["config"], dict):
        return {"class_name": kind, "config": [translated(data["config"][k]) for k in ("start", "stop", "step")]}
    if kind == "__keras_tensor__":
        return _tensor(data["config"]["keras_history"])
    if kind in ("Functional", "Model"):
        return _functional(data, "Model")
    if isinstance(data.get("config"), dict) and {"layers", "input_layers"} <= set(data["config"]):
        return _functional(data, kind)
    return {key: translated(value) for key, value in data.items() if key not in _NOT_NEEDED}


def _tensor(history: Any) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": list(history[:3])}}


def _functional(data: dict[str, Any], kind: Any) -> dict[str, Any]:
    config = data["config"]
    if "input_layers" not in config:
        return {**translated({**data, "class_name": None}), "class_name": kind}
    entries = [_layer(entry) for entry in config["layers"]]
    rest = {key: translated(value) for key, value in config.items() if key not in ("layers", *_ENDS)}
    ends = {key: _ends(config[key]) for key in _ENDS}
    named = {} if kind == "Model" else {"registered_name": data.get("registered_name")}
    return {"class_name": kind, **named, "config": {**rest, "layers": entries, **ends}}


_ENDS = ("input_layers", "output_layers")


def _ends(value: Any) -> Any:
    """Inputs or outputs: one [layer, call, result], a list or a dict of them."""
    if isinstance(value, dict) and "class_name" not in value:
        return {key: _ends(item) for key, item in value.items()}
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        return _tensor(value)
    return [_ends(item) for item in value] if isinstance(value, list) else translated(value)


def _layer(entry: dict[str, Any]) -> dict[str, Any]:
    """A layer or an op with its calls."""
    calls = [_call(call) for call in entry.get("inbound_nodes", [])]
    if ".ops." not in f"{entry.get('module')}.":
        made = translated({key: value for key, value in entry.items() if key != "inbound_nodes"})
        return {**made, "name": entry.get("name") or entry["config"]["name"], "inbound_nodes": calls}
    name = _op_name(entry["class_name"])
    settings = {k: translated(v) for k, v in entry["config"].items() if k != "name"}
    first = [settings.pop(_POSITIONAL[entry["class_name"]])] if entry["class_name"] in _POSITIONAL else []
    settings = _known(name, settings)
    calls = [{"args": first + _indices(name, call["args"]), "kwargs": {**settings, **call["kwargs"]}} for call in calls]
    return {"module": "chainrule", "class_name": "op", "config": name, "name": entry["name"], "inbound_nodes": calls}


def _op_name(kind: str) -> str:
    name = _OP_NAMES.get(kind, snake_case(kind))
    if name not in OPS:
        raise ArgumentError(f"the file uses ops.{name}, which chainrule does not have.{did_you_mean(name, OPS)}")
    return name


def _known(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of an op without those that it does not have and that say nothing."""
    has = inspect.signature(OPS[name]).parameters
    unknown = [key for key, value in settings.items() if key not in has and value not in (None, False)]
    if unknown:
        raise ArgumentError(f"the file calls ops.{name} with {unknown[0]}, which chainrule does not have.")
    return {key: value for key, value in settings.items() if key in has}


def _indices(name: str, arguments: list[Any]) -> list[Any]:
    """JSON has no tuples: the key of `x[a, b]` comes as a list."""
    if name != "getitem" or not isinstance(arguments[1], list):
        return arguments
    return [arguments[0], {"class_name": "__tuple__", "config": arguments[1]}]


def _call(call: Any) -> dict[str, Any]:
    """One call of a layer. Older files have a list of [layer, call, result, named arguments], one a tensor."""
    if isinstance(call, dict):
        return {"args": translated(call["args"]), "kwargs": translated(call["kwargs"])}
    single = call and isinstance(call[0], str)
    rows = [call] if single else call
    tensors = [_tensor(row) for row in rows]
    named = rows[0][3] if len(rows[0]) > 3 else {}
    return {"args": [tensors[0] if len(tensors) == 1 else tensors], "kwargs": {k: _named(v) for k, v in named.items()}}


def _named(value: Any) -> Any:
    is_tensor = isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int)
    return _tensor(value) if is_tensor else translated(value)
