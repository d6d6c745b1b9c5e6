"""A model's plain data in Keras's words: the way back from `keras_config.translated`."""

from __future__ import annotations

import warnings
from typing import Any

from ..optimizers import schedules
from .keras_operations import operations, split_arguments

_OF_MODELS = ("Sequential", "Model")
_WITHOUT_TRAINABLE = ("Discretization", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")  # in Keras


def described(data: Any) -> Any:
    """The same description as Keras 3 writes it.

    >>> described({"class_name": "L2", "module": "chainrule.regularizers", "config": {"l2": 0.1}})
    {'class_name': 'L2', 'module': 'keras.regularizers', 'config': {'l2': 0.1}}
    """
    if isinstance(data, list):
        return [described(item) for item in data]
    if not isinstance(data, dict):
        return data
    kind, config = data.get("class_name"), data.get("config")
    if kind is None or "config" not in data:
        return {key: described(value) for key, value in data.items()}
    if kind == "__tuple__":
        return described(config)  # Keras writes lists
    if kind == "function":
        return {"module": "builtins", "class_name": kind, "config": config, "registered_name": kind}
    if kind == "__array__":
        return {"class_name": "__numpy__", "config": config}
    if kind == "__slice__":
        return {"class_name": kind, "config": dict(zip(("start", "stop", "step"), described(config), strict=True))}
    if isinstance(config, dict) and {"layers", "input_layers"} <= set(config):
        return _functional(data)
    if kind in _WITHOUT_TRAINABLE and config:
        config = {key: value for key, value in config.items() if key != "trainable"}
    return {**data, **_place(data), "config": described(config)}


def _place(data: dict[str, Any]) -> dict[str, Any]:
    """Where Keras has the class; those of users are found by their registered names."""
    module, name = data.get("module") or "", data["class_name"]
    if not module.startswith("chainrule"):
        return {}
    if name in _OF_MODELS:
        return {"module": "keras"}
    package = module.removeprefix("chainrule.")
    return {"module": f"keras.{package}{'.schedules' if name in schedules.__all__ else ''}"}


def _functional(data: dict[str, Any]) -> dict[str, Any]:
    """A functional model: Keras has a class of its own for it. Outputs count the calls of such models inside from 1."""
    config = data["config"]
    counted = {
        e["name"] for e in config["layers"] if "input_layers" in (e["config"] if e["class_name"] != "op" else ())
    }
    known = operations()
    layers = [_entry(entry, known) for entry in config["layers"]]
    ends = {key: _ends(config[key], counted) for key in ("input_layers", "output_layers")}
    rest = {key: described(value) for key, value in config.items() if key not in ("layers", *ends)}
    place = {}
    if (data.get("module") or "").startswith("chainrule"):
        place = {"module": "keras.src.models.functional", "class_name": "Functional"}
    return {**data, **place, "config": {**rest, "layers": layers, **ends}}


def _entry(entry: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """A layer or an op with its calls."""
    name, calls = entry["name"], entry["inbound_nodes"]
    if entry["class_name"] != "op":
        made = described({key: value for key, value in entry.items() if key not in ("name", "inbound_nodes")})
        return {**made, "name": name, "inbound_nodes": [described(call) for call in calls]}
    op = "getitem" if entry["config"] == "get_item" else entry["config"]
    if op not in known:
        warnings.warn(
            f"the model uses {op if '.' in op else f'ops.{op}'}, which files of Keras have no name for: Keras cannot "
            "load it.",
            stacklevel=6,
        )
    module, kind, settings = known.get(op, ("numpy", op, []))
    called = described(calls[0])
    args, config = split_arguments(op, called["args"], called["kwargs"], settings)
    return {
        "module": f"keras.src.ops.{module}", "class_name": kind, "registered_name": kind, "name": name,
        "config": {"name": name, **config}, "inbound_nodes": [{"args": args, "kwargs": {}}],
    }  # fmt: skip


def _ends(value: Any, counted: set[str]) -> Any:
    """Inputs or outputs: [layer, call, result], or lists or dicts of them."""
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        layer, call, result = value["config"]["keras_history"]
        return [layer, call + (layer in counted), result]
    if isinstance(value, dict) and value.get("class_name") == "__tuple__":
        return _ends(value["config"], counted)
    if isinstance(value, dict):
        return {key: _ends(item, counted) for key, item in value.items()}
    return [_ends(item, counted) for item in value]
