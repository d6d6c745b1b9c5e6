"""The plain data in which Keras describes a model, turned into that of chainrule. Nothing is imported, no code is run.

The two differ in few places: Keras has a class of its own for functional models, writes calls of ops as objects, and
names inputs and outputs as [layer, call, result].
"""

from __future__ import annotations

import inspect
from typing import Any

from ..errors import ArgumentError
from ..ops.symbolic import OPS
from .keras_operations import op_name

_NOT_NEEDED = ("build_config", "compile_config")
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
    if kind == "DTypePolicy":
        return data["config"]["name"]
    if kind == "__keras_tensor__":
        return _tensor(data["config"]["keras_history"])
    if kind in ("Functional", "Model"):
        return _functional(data, "Model")
    if isinstance(data.get("config"), dict) and {"layers", "input_layers"} <= set(data["config"]):
        return _functional(data, kind)
    is_layer = isinstance(data.get("config"), dict) and "trainable" in data["config"]
    dropped: tuple[str, ...] = _NOT_NEEDED if is_layer else (*_NOT_NEEDED, "shared_object_id")  # others may be alone
    if not str(data.get("module")).startswith("keras") and kind is not None:
        dropped = tuple(key for key in dropped if key != "build_config")  # a layer of the user's may want to see it
    return {key: translated(value) for key, value in data.items() if key not in dropped}


def _tensor(history: Any, models: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A result of a call. Keras counts the calls of the models named in `models` from 1."""
    layer, call, result = history[:3]
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [layer, call - (layer in models), result]}}


def _functional(data: dict[str, Any], kind: Any) -> dict[str, Any]:
    config = data["config"]
    if "input_layers" not in config:
        return {**translated({**data, "class_name": None}), "class_name": kind}
    models = _models(config["layers"])
    entries = [_layer(entry, models) for entry in config["layers"]]
    rest = {key: translated(value) for key, value in config.items() if key not in ("layers", *_ENDS)}
    ends = {key: _ends(config[key], models) for key in _ENDS}
    named = {} if kind == "Model" else {"registered_name": data.get("registered_name")}
    named |= {key: data[key] for key in ("shared_object_id",) if key in data}
    return {"class_name": kind, **named, "config": {**rest, "layers": entries, **ends}}


_ENDS = ("input_layers", "output_layers")


def _models(entries: list[dict[str, Any]]) -> frozenset[str]:
    """The names of the models inside whose first call has number 1: in older files also those of a Sequential."""
    is_old = any(isinstance(call, list) for entry in entries for call in entry.get("inbound_nodes", []))
    found = [e for e in entries if "input_layers" in e["config"] or (is_old and "layers" in e["config"])]
    return frozenset(entry["name"] for entry in found)


def _ends(value: Any, models: frozenset[str]) -> Any:
    """Inputs or outputs: one [layer, call, result], a list or a dict of them."""
    if isinstance(value, dict) and "class_name" not in value:
        return {key: _ends(item, models) for key, item in value.items()}
    if _is_history(value):
        return _tensor(value, models)
    return [_ends(item, models) for item in value] if isinstance(value, list) else translated(value)


def _is_history(value: Any) -> bool:
    return isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int)


def _layer(entry: dict[str, Any], models: frozenset[str]) -> dict[str, Any]:
    """A layer or an op with its calls; one that is in chainrule's words already stays as it is."""
    if entry["class_name"] == "op":
        return entry
    calls = [_call(call, models) for call in entry.get("inbound_nodes", [])]
    if not _is_op(entry):
        made = translated({key: value for key, value in entry.items() if key != "inbound_nodes"})
        return {**made, "name": entry.get("name") or entry["config"]["name"], "inbound_nodes": calls}
    name = op_name(entry["class_name"])
    settings = {k: translated(v) for k, v in entry["config"].items() if k != "name"}
    first = [settings.pop(_POSITIONAL[entry["class_name"]])] if entry["class_name"] in _POSITIONAL else []
    settings = _known(name, settings)
    calls = [{"args": first + _indices(name, call["args"]), "kwargs": {**settings, **call["kwargs"]}} for call in calls]
    return {"module": "chainrule", "class_name": "op", "config": name, "name": entry["name"], "inbound_nodes": calls}


def _is_op(entry: dict[str, Any]) -> bool:
    """Whether an entry is the call of an op; older files do not name the module, but only layers are trainable."""
    if "module" in entry:
        return ".ops." in f"{entry['module']}."
    return not {"trainable", "batch_shape", "batch_input_shape", "layers"} & set(entry["config"])


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


def _call(call: Any, models: frozenset[str]) -> dict[str, Any]:
    """One call of a layer. Older files have a list of [layer, call, result, named arguments], one a tensor."""
    if isinstance(call, dict):
        return {"args": translated(call["args"]), "kwargs": translated(_chosen(call["kwargs"]))}
    rows = [call] if _is_history(call) else call
    tensors = [_tensor(row, models) for row in rows]
    named = rows[0][3] if len(rows[0]) > 3 else {}
    named = {key: _tensor(v, models) if _is_history(v) else translated(v) for key, v in named.items()}
    return {"args": [tensors[0] if len(tensors) == 1 else tensors], "kwargs": _chosen(named)}


def _chosen(named: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a call without `training=True`: Keras writes that default down, and fit or predict decide."""
    return {key: value for key, value in named.items() if key != "training" or value is False}
