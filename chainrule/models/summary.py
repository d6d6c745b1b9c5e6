"""The table that `model.summary()` prints."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..layers import Layer
from ..layers.trees import leaves
from .functional import node_names
from .keras_operations import operations
from .text_table import column_widths, table

_IN_A_ROW = ([0.45, 0.80, 1.0], 88)  # where columns end, and the length of a line
_BRANCHED = ([0.3, 0.56, 0.74, 1.0], 108)


def print_summary(
    model: Any, line_length: int | None, print_fn: Callable[[str], Any] | None, nested: bool, show_trainable: bool,
    positions: Any = None, layer_range: Any = None,
) -> None:  # fmt: skip
    """Print name, type, output shape and number of weights of each layer, then the totals.

    A graph that is not a chain has a column more: what each layer is connected to. See `Model.summary`.
    """
    branched = model._graph is not None and not _is_chain(model._graph.nodes) and not hasattr(model, "pop")
    ends, length = _BRANCHED if branched else _IN_A_ROW
    head, alignment = ["Layer (type)", "Output Shape", "Param #"], "llr"
    if branched:
        head, alignment = [*head, "Connected to"], alignment + "l"
    ends = list(positions or ends)
    if show_trainable:
        length, ends = length + 12, [end * 0.9 for end in ends] + [1.0]
        head, alignment = [*head, "Trainable"], alignment + "c"
    widths = column_widths(ends, line_length or max(40, min(length, shutil.get_terminal_size().columns - 4)))
    rows = [
        [name, shape, count, *([connected] if branched else []), *([trained] if show_trainable else [])]
        for name, shape, count, connected, trained in _chosen(_rows(model, nested), layer_range)
    ]
    lines = [f'Model: "{model.name}"', *table(head, rows, widths, alignment), *_totals(model)]
    (print_fn or print)("\n".join(lines))


def _is_chain(nodes: list[Any]) -> bool:
    """Whether each node takes the one result of the node before, and no layer is called twice."""
    layers = [node.operation for node in nodes if isinstance(node.operation, Layer)]
    in_a_row = all(len(b.inputs) == 1 and b.inputs[0].node is a for a, b in itertools.pairwise(nodes))
    return in_a_row and len(set(layers)) == len(layers)


def _rows(model: Any, nested: bool) -> list[list[str]]:
    """Name and type, shape, number of weights, connections, and whether it is trained."""
    if model._graph is None or hasattr(model, "pop"):
        return [row for layer in model.layers for row in _of_layer(layer, nested, 0, "-")]
    names, numbers = node_names(model._graph), _numbers(model._graph.nodes)
    found: dict[str, list[list[str]]] = {}
    for node in model._graph.nodes:
        name = names[node]
        sources = [(names[t.node], numbers[t.node], t.index) for t in node.inputs]
        connected = ", ".join(f"{source}[{call}][{index}]" for source, call, index in sources)
        if name in found:
            found[name][0][3] = ", ".join(c for c in (found[name][0][3], connected) if c not in ("", "-"))
        elif isinstance(node.operation, Layer):
            found[name] = _of_layer(node.operation, nested, 0, connected or "-")
        else:
            kind = operations().get(node.operation.__name__, ("", node.operation.__name__))[1]
            found[name] = [[f"{name} ({kind})", _shape(node.outputs), "0", connected or "-", "-"]]
    return [row for rows in found.values() for row in rows]


def _numbers(nodes: list[Any]) -> dict[Any, int]:
    """Which call of its layer each node is."""
    counts: dict[int, int] = {}
    found = {}
    for node in nodes:
        found[node] = counts.get(id(node.operation), 0) if isinstance(node.operation, Layer) else 0
        counts[id(node.operation)] = found[node] + 1
    return found


def _of_layer(layer: Any, nested: bool, level: int, connected: str) -> list[list[str]]:
    prefix = "   " * level + "└ " if level else ""
    count = f"{_count(layer.weights):,}" if layer.built else "0 (unbuilt)"
    shape = _shape(layer._inbound[-1].outputs) if layer._inbound else "?"
    trained = ("Y" if layer.trainable else "N") if layer.weights else "-"
    rows = [[f"{prefix}{layer.name} ({_kind(layer)})", shape, count, connected, trained]]
    for inner in getattr(layer, "layers", ()) if nested else ():
        rows += _of_layer(inner, nested, level + 1, "-")
    return rows


def _kind(layer: Any) -> str:
    is_functional = type(layer).__name__ == "Model" and getattr(layer, "_graph", None) is not None
    return "Functional" if is_functional else type(layer).__name__


def _shape(outputs: Any) -> str:
    shapes = [f"({', '.join(str(n) for n in t.shape)})" for t in leaves(outputs)]
    return shapes[0] if len(shapes) == 1 else f"[{', '.join(shapes)}]" if shapes else "?"


def _chosen(rows: list[list[str]], layer_range: Any) -> list[list[str]]:
    """The rows from the first layer whose name matches one pattern to the last that matches another."""
    if layer_range is None:
        return rows
    names = [row[0].rpartition(" (")[0].lstrip(" └") for row in rows]
    places = [[k for k, name in enumerate(names) if re.match(str(pattern), name)] for pattern in layer_range]
    if len(places) != 2 or not all(places):
        raise ArgumentError(f"summary: expected layer_range to be the names of two layers; got {layer_range!r}.")
    return rows[places[0][0] : places[1][-1] + 1]


def _totals(model: Any) -> list[str]:
    optimizer: Any = getattr(model, "optimizer", None)
    slots = optimizer.variables if getattr(optimizer, "built", False) else []
    groups = [
        ("Total", [*model.weights, *slots]), ("Trainable", model.trainable_variables),
        ("Non-trainable", model.non_trainable_weights), *([("Optimizer", slots)] if slots else []),
    ]  # fmt: skip
    return [f" {name} params: {_count(group):,} ({_size(group)})" for name, group in groups]


def _count(variables: Any) -> int:
    return sum(int(np.prod(v.shape)) for v in variables)


def _size(variables: Any) -> str:
    """The memory of weights: `2.50 KB`."""
    size = float(sum(int(np.prod(v.shape)) * np.dtype(v.dtype).itemsize for v in variables))
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} GB"
