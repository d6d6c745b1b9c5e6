"""A model as a drawing: text for Graphviz, or an SVG picture made here."""

from __future__ import annotations

import os
import shutil
import warnings
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ..errors import ArgumentError, NotBuiltError, UnsupportedError
from ..files import write_atomically

_LETTER, _LINE, _GAP, _DROP = 7.2, 18, 30, 40  # pixels: of a letter, a line of text, between boxes, between rows


@dataclass
class Dot:
    """A drawing: boxes by name with their lines of text, and arrows between them.

    `to_string()` gives it in the language of Graphviz, `to_svg()` as a picture.
    """

    boxes: dict[str, list[str]] = field(default_factory=dict)
    arrows: list[tuple[str, str]] = field(default_factory=list)
    rankdir: str = "TB"
    splines: str = "ortho"
    dpi: int = 200

    def to_string(self) -> str:
        """Text for Graphviz's `dot`."""
        lines = ["digraph G {", f'rankdir={self.rankdir};', f"splines={self.splines};", f"dpi={self.dpi};",
                 'node [shape=record, fontname="Helvetica"];']  # fmt: skip
        for name, texts in self.boxes.items():
            label = "|".join(_quoted(text) for text in texts)
            lines.append(f'"{name}" [label="{{{label}}}"];')
        lines += [f'"{a}" -> "{b}";' for a, b in self.arrows]
        return "\n".join([*lines, "}"]) + "\n"

    def to_svg(self) -> str:
        """The picture: boxes in rows by how far they are from the inputs, arrows as straight lines."""
        places, width, height = self._places()
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            'font-family="Helvetica, sans-serif" font-size="12">',
            '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
            '<path d="M0,0 L8,4 L0,8 z"/></marker></defs>',
        ]
        parts += [self._arrow(places[a], places[b]) for a, b in self.arrows]
        parts += [_box(places[name], texts) for name, texts in self.boxes.items()]
        return "\n".join([*parts, "</svg>"]) + "\n"

    def _arrow(self, start: tuple[float, ...], end: tuple[float, ...]) -> str:
        if self.rankdir in ("LR", "RL"):
            from_x, from_y, to_x, to_y = start[0] + start[2], start[1] + start[3] / 2, end[0], end[1] + end[3] / 2
        else:
            from_x, from_y, to_x, to_y = start[0] + start[2] / 2, start[1] + start[3], end[0] + end[2] / 2, end[1]
        return (f'<line x1="{from_x:.0f}" y1="{from_y:.0f}" x2="{to_x:.0f}" y2="{to_y:.0f}" stroke="black" '
                'marker-end="url(#tip)"/>')  # fmt: skip

    def _places(self) -> tuple[dict[str, tuple[float, float, float, float]], float, float]:
        """(left, top, width, height) of each box, and the size of the whole."""
        sizes = {n: (_LETTER * max(map(len, t)) + 16, _LINE * len(t) + 8.0) for n, t in self.boxes.items()}
        level = dict.fromkeys(self.boxes, 0)
        for a, b in self.arrows:  # arrows come in the order in which the layers are computed
            level[b] = max(level[b], level[a] + 1)
        rows = [[n for n in self.boxes if level[n] == k] for k in range(max(level.values(), default=-1) + 1)]
        across = self.rankdir in ("LR", "RL")
        along, wide = (1, 0) if across else (0, 1)
        breadth = max((sum(sizes[n][along] + _GAP for n in row) for row in rows), default=0)
        places, depth = {}, float(_GAP)
        for row in rows:
            offset = (breadth - sum(sizes[n][along] + _GAP for n in row)) / 2 + _GAP
            for name in row:
                left, top = (depth, offset) if across else (offset, depth)
                places[name] = (left, top, *sizes[name])
                offset += sizes[name][along] + _GAP
            depth += max(sizes[n][wide] for n in row) + _DROP
        total = (depth, breadth + _GAP) if across else (breadth + _GAP, depth)
        return places, *total


def _box(place: tuple[float, float, float, float], texts: list[str]) -> str:
    left, top, width, height = place
    lines = [f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" fill="white" '
             'stroke="black"/>']  # fmt: skip
    for k, text in enumerate(texts):
        y = top + _LINE * (k + 1)
        weight = ' font-weight="bold"' if k == 0 else ""
        lines.append(f'<text x="{left + width / 2:.0f}" y="{y:.0f}" text-anchor="middle"{weight}>{escape(text)}</text>')
    return "\n".join(lines)


def _quoted(text: str) -> str:
    for sign in '\\{}|<>"':
        text = text.replace(sign, "\\" + sign)
    return text


def model_to_dot(
    model: Any, show_shapes: bool = False, show_dtype: bool = False, show_layer_names: bool = True, rankdir: str = "TB",
    expand_nested: bool = False, dpi: int = 200, subgraph: bool = False, show_layer_activations: bool = False,
    show_trainable: bool = False, splines: str = "ortho", **kwargs: Any,
) -> Dot:  # fmt: skip
    """A drawing of a model: a box a layer, an arrow for each tensor.

    Args:
        model: a built one; show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable: what
            stands in the boxes.
        rankdir: 'TB' (default: downwards) or 'LR' (to the right); expand_nested: the layers of models inside as well.
        dpi, splines: for Graphviz; subgraph: accepted.
    Raises: NotBuiltError: its layers are not connected yet; ArgumentError: rankdir.
    """
    if rankdir not in ("TB", "LR", "BT", "RL"):
        raise ArgumentError(f"model_to_dot: expected rankdir 'TB', 'LR', 'BT' or 'RL'; got {rankdir!r}.")
    if kwargs:
        raise ArgumentError(f"model_to_dot: unknown argument {next(iter(kwargs))!r}.")
    if not getattr(model, "built", False):
        raise NotBuiltError(f"model_to_dot: {model.name!r} is not built yet; call it on data or build() it first.")
    shown = {"shapes": show_shapes, "dtype": show_dtype, "names": show_layer_names,
             "activations": show_layer_activations, "trainable": show_trainable}  # fmt: skip
    drawing = Dot(rankdir=rankdir, splines=splines, dpi=dpi)
    _draw(model, drawing, shown, expand_nested, "")
    return drawing


def _draw(model: Any, drawing: Dot, shown: dict[str, bool], nested: bool, prefix: str) -> dict[int, str]:
    """Add the boxes of a model; returns which box each of its tensors comes from."""
    if getattr(model, "_graph", None) is None:
        drawing.boxes[prefix + model.name] = _texts(model, None, shown)
        return {}
    source: dict[int, str] = {}
    taken: dict[str, Any] = {}
    for node in model._graph.nodes:
        operation = node.operation
        base = str(getattr(operation, "name", None) or operation.__name__)
        owner = operation if hasattr(operation, "call") else node
        name, number = base, 1
        while taken.setdefault(name, owner) is not owner:
            name, number = f"{base}_{number}", number + 1
        place = prefix + name
        if nested and getattr(operation, "_graph", None) is not None:
            first, place = _draw_inside(operation, drawing, shown, place)
        else:
            first = place
            drawing.boxes.setdefault(place, _texts(operation, node, shown))
        pairs = [(source[id(t)], first) for t in node.inputs if id(t) in source]
        drawing.arrows += [pair for pair in dict.fromkeys(pairs) if pair not in drawing.arrows]
        for tensor in _tensors(node.outputs):
            source[id(tensor)] = place
    return source


def _draw_inside(model: Any, drawing: Dot, shown: dict[str, bool], place: str) -> tuple[str, str]:
    """A model inside: the boxes at which it begins and ends."""
    inner = _draw(model, drawing, shown, True, f"{place}/")
    boxes = [name for name in drawing.boxes if name.startswith(f"{place}/")]
    ends = [inner[id(t)] for t in model._graph.output_tensors if id(t) in inner]
    return boxes[0], (ends or boxes)[-1]


def _tensors(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [t for value in tree.values() for t in _tensors(value)]
    return [t for item in tree for t in _tensors(item)] if isinstance(tree, (list, tuple)) else [tree]


def _texts(operation: Any, node: Any, shown: dict[str, bool]) -> list[str]:
    is_layer = hasattr(operation, "call")
    kind = type(operation).__name__ if is_layer else operation.__name__
    name = f"{operation.name} ({kind})" if is_layer and shown["names"] else kind
    texts = [name]
    activation = getattr(getattr(operation, "activation", None), "__name__", None)
    if shown["activations"] and activation:
        texts.append(f"activation: {activation}")
    if node is not None and shown["shapes"]:
        texts.append(f"input: {_joined(node.inputs, 'shape') or '-'}")
        texts.append(f"output: {_joined(_tensors(node.outputs), 'shape')}")
    if node is not None and shown["dtype"]:
        texts.append(f"dtype: {_joined(_tensors(node.outputs), 'dtype')}")
    if is_layer and shown["trainable"] and operation.weights:
        texts.append("trainable" if operation.trainable else "not trainable")
    return texts


def _joined(tensors: list[Any], attribute: str) -> str:
    return ", ".join(str(getattr(t, attribute)) for t in tensors)


def plot_model(
    model: Any, to_file: Any = "model.png", show_shapes: bool = False, show_dtype: bool = False,
    show_layer_names: bool = False, rankdir: str = "TB", expand_nested: bool = False, dpi: int = 200,
    show_layer_activations: bool = False, show_trainable: bool = False, splines: str = "ortho", **kwargs: Any,
) -> str:  # fmt: skip
    """Write a drawing of a model to a file; returns the file's name.

    `.svg` is drawn here and `.dot` is text. Other formats need the program `dot` (Graphviz); without it the picture is
    written as `.svg` beside, with a warning.

    Args: to_file: its ending chooses the format; the others as for `model_to_dot`.
    Raises: UnsupportedError: `dot` fails.
    """
    drawing = model_to_dot(model, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi, False,
                           show_layer_activations, show_trainable, splines, **kwargs)  # fmt: skip
    path = os.fspath(to_file)
    stem, ending = os.path.splitext(path)
    if ending == ".dot":
        write_atomically(path, drawing.to_string().encode())
    elif ending == ".svg" or shutil.which("dot") is None:
        if ending != ".svg":
            path = f"{stem}.svg"
            warnings.warn(f"{to_file} needs the program dot (Graphviz); {path} was written instead.", stacklevel=2)
        write_atomically(path, drawing.to_svg().encode())
    else:
        import subprocess

        program = ["dot", f"-T{ending[1:] or 'png'}"]
        found = subprocess.run(program, input=drawing.to_string().encode(), capture_output=True, check=False)
        if found.returncode:
            raise UnsupportedError(f"plot_model: dot cannot write {ending}: {found.stderr.decode()[:200]}")
        write_atomically(path, found.stdout)
    return path


def get_source_inputs(tensor: Any) -> list[Any]:
    """The symbolic inputs that a symbolic tensor was computed from."""
    found: dict[int, Any] = {}
    waiting = [tensor]
    while waiting:
        t = waiting.pop()
        if t.node is None or not t.node.inputs:
            found.setdefault(id(t), t)
        else:
            waiting += reversed(t.node.inputs)
    return list(found.values())
