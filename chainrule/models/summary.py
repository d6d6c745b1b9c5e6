"""The table that `model.summary()` prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..layers import Layer


def print_summary(
    model: Any, line_length: int | None, print_fn: Callable[[str], Any] | None, nested: bool, show_trainable: bool
) -> None:
    """Print name, type, output shape and number of weights of each layer, then the totals."""
    head = ["Layer (type)", "Output Shape", "Param #", *(["Trainable"] if show_trainable else [])]
    rows = [_row(layer, level, show_trainable) for layer, level in _walk(model, nested)]
    widths = [max(len(r[k]) for r in [head, *rows]) + 2 for k in range(len(head))]
    if line_length:
        widths[0] = max(widths[0], line_length - sum(widths[1:]) - len(widths) - 1)
    lines = [f'Model: "{model.name}"', _rule(widths, "┏┳┓", "━"), _line(head, widths, "┃"), _rule(widths, "┡╇┩", "━")]
    for position, row in enumerate(rows):
        lines += [_rule(widths, "├┼┤", "─")] if position else []
        lines.append(_line(row, widths, "│"))
    lines.append(_rule(widths, "└┴┘", "─"))
    optimizer: Any = getattr(model, "optimizer", None)
    slots = optimizer.variables if getattr(optimizer, "built", False) else []
    groups = [
        ("Total", [*model.weights, *slots]), ("Trainable", model.trainable_variables),
        ("Non-trainable", model.non_trainable_weights), *([("Optimizer", slots)] if slots else []),
    ]  # fmt: skip
    lines += [f" {name} params: {_count(group):,} ({_size(group)})" for name, group in groups]
    text = "\n".join(lines)
    (print_fn or print)(text)


def _walk(model: Any, nested: bool, level: int = 0) -> list[tuple[Layer, int]]:
    found = []
    for layer in model.layers:
        found.append((layer, level))
        if nested and hasattr(layer, "layers"):
            found += _walk(layer, nested, level + 1)
    return found


def _row(layer: Layer, level: int, show_trainable: bool) -> list[str]:
    count = f"{_count(layer.weights):,}" if layer.built else "0 (unbuilt)"
    cells = ["  " * level + f"{layer.name} ({type(layer).__name__})", _shape(layer), count]
    return [*cells, *(["Y" if layer.trainable else "N"] if show_trainable else [])]


def _shape(layer: Layer) -> str:
    nodes = layer._inbound
    if not nodes:
        return "?"
    outputs = nodes[-1].outputs
    if isinstance(outputs, (list, tuple)):
        return ", ".join(str(t.shape) for t in outputs)
    return str(outputs.shape) if hasattr(outputs, "shape") else "?"


def _rule(widths: list[int], corners: str, dash: str) -> str:
    return corners[0] + corners[1].join(dash * w for w in widths) + corners[2]


def _line(cells: list[str], widths: list[int], bar: str) -> str:
    pairs = zip(cells, widths, strict=True)
    padded = (c.rjust(w - 1) + " " if k == 2 else " " + c.ljust(w - 1) for k, (c, w) in enumerate(pairs))
    return bar + bar.join(padded) + bar


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
