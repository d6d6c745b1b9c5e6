"""A functional model as plain data, and back."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError
from ..ir.tree import flatten
from ..layers import Layer
from ..ops.symbolic import OPS, KerasTensor, Node
from ..serialization import deserialize_keras_object, serialize_keras_object
from .graph import Graph


def graph_config(name: str, trainable: bool, graph: Graph) -> dict[str, Any]:
    """Layers with their calls; a tensor is named by (layer, which call of it, which result)."""
    names = node_names(graph)
    history = {}
    calls: dict[Any, list[Node]] = {}
    for node in graph.nodes:
        calls.setdefault(names[node], []).append(node)
        for index, tensor in enumerate(_leaves(node.outputs)):
            history[id(tensor)] = [names[node], len(calls[names[node]]) - 1, index]
    entries = []
    for label, nodes in calls.items():
        operation = nodes[0].operation
        if isinstance(operation, Layer):
            entry = serialize_keras_object(operation)
        else:
            entry = {"module": "chainrule", "class_name": "op", "config": operation.__name__}
        entry["name"] = label
        entry["inbound_nodes"] = [
            {"args": _encode(n.args, history), "kwargs": _encode(n.kwargs, history)} for n in nodes if n.inputs
        ]
        entries.append(entry)
    return {
        "name": name, "trainable": trainable, "layers": entries,
        "input_layers": _encode(graph.inputs, history), "output_layers": _encode(graph.outputs, history),
    }  # fmt: skip


def node_names(graph: Graph) -> dict[Node, str]:
    """A name for each node's layer or op; names of different operations differ."""
    taken: dict[str, Any] = {}
    found: dict[Node, str] = {}
    for node in graph.nodes:
        is_layer = isinstance(node.operation, Layer)
        owner = node.operation if is_layer else node
        name = base = node.operation.name if is_layer else node.operation.__name__
        number = 1
        while taken.setdefault(name, owner) is not owner:
            name, number = f"{base}_{number}", number + 1
        found[node] = name
    return found


def _leaves(tree: Any) -> list[KerasTensor]:
    return [t for t in flatten(tree) if isinstance(t, KerasTensor)]


def _encode(value: Any, history: dict[int, Any]) -> Any:
    if isinstance(value, KerasTensor):
        config = {"shape": list(value.shape), "dtype": value.dtype, "keras_history": history[id(value)]}
        return {"class_name": "__keras_tensor__", "config": config}
    if isinstance(value, dict):
        return {key: _encode(item, history) for key, item in value.items()}
    if isinstance(value, tuple):
        return {"class_name": "__tuple__", "config": [_encode(item, history) for item in value]}
    if isinstance(value, slice):
        ends = (value.start, value.stop, value.step)
        return {"class_name": "__slice__", "config": [_encode(v, history) for v in ends]}
    if value is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(value, list):
        return [_encode(item, history) for item in value]
    return serialize_keras_object(value)


def graph_from_config(config: dict[str, Any], custom_objects: Any = None) -> tuple[str, bool, Any, Any]:
    """(name, trainable, inputs, outputs) with new layers."""
    made: dict[str, list[Any]] = {}  # by name: the results of each call
    operations: dict[str, Any] = {}
    waiting = []
    if any("args" not in call for entry in config["layers"] for call in entry["inbound_nodes"]):
        raise ArgumentError("the saved model is not of Keras 3: its calls are lists, not args and kwargs.")
    for entry in config["layers"]:
        label = entry["name"]
        if entry["class_name"] == "op":
            if entry["config"] not in OPS:
                raise ArgumentError(f"the saved model uses ops.{entry['config']}, which chainrule does not have.")
            operations[label] = OPS[entry["config"]]
        else:
            operations[label] = deserialize_keras_object(entry, custom_objects)
        made[label] = [operations[label].output] if not entry["inbound_nodes"] else []
        waiting += [(label, number, call) for number, call in enumerate(entry["inbound_nodes"])]
    while waiting:
        rest = []
        for label, number, call in waiting:
            if len(made[label]) == number and _ready((call["args"], call["kwargs"]), made):
                args, kwargs = _decode(call["args"], made), _decode(call["kwargs"], made)
                made[label].append(operations[label](*args, **kwargs))
            else:
                rest.append((label, number, call))
        if len(rest) == len(waiting):
            raise ArgumentError(f"the saved model is incomplete: the inputs of {rest[0][0]!r} are never made.")
        waiting = rest
    return (
        config["name"], config.get("trainable", True),
        _decode(config["input_layers"], made), _decode(config["output_layers"], made),
    )  # fmt: skip


def _ready(value: Any, made: dict[str, list[Any]]) -> bool:
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        layer, call, _ = value["config"]["keras_history"]
        return len(made.get(layer, ())) > call
    if isinstance(value, dict):
        return all(_ready(item, made) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(_ready(item, made) for item in value)
    return True


def _decode(value: Any, made: dict[str, list[Any]]) -> Any:
    if isinstance(value, list):
        return [_decode(item, made) for item in value]
    if not isinstance(value, dict):
        return value
    kind, inner = value.get("class_name"), value.get("config")
    if kind == "__keras_tensor__":
        layer, call, index = value["config"]["keras_history"]
        return _leaves(made[layer][call])[index]
    if kind == "__tuple__":
        return tuple(_decode(item, made) for item in value["config"])
    if kind == "__slice__":
        return slice(*(_decode(item, made) for item in value["config"]))
    if kind == "__ellipsis__":
        return Ellipsis
    if kind is not None and inner is not None:
        return deserialize_keras_object(value)
    return {key: _decode(item, made) for key, item in value.items()}
