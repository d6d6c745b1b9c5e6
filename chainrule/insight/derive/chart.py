"""The flow of the data, and the loop of training around it: in Mermaid's language, and drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from zlib import crc32

from ...ir import Var
from ..words import Words
from .flow import Flow
from .lines import Line
from .plain import plain

_MOST = 2  # formulas in a box


@dataclass
class Box:
    """A node of the chart.

    Args:
        lines: list of str. What stands in it; the first is its name.
        after: list of int. The numbers of the boxes that an arrow comes from.
        kind: str. 'data', 'layer', 'loss', 'step'.
    """

    lines: list[str]
    kind: str
    after: list[int] = field(default_factory=list)


def boxes_of(flow: Flow, lines: list[Line], optimizer: str, say: Words) -> list[Box]:
    """Data, layers in the order of the forward pass, loss, and the three steps of training."""
    read = {v for u in flow.units for e in flow.program.equations[u.start : u.stop] for v in e.inputs}
    given = [v for v in flow.program.inputs if v in read and v in flow.batched]
    boxes = [Box([plain(flow.names.terms[v]), flow.shape(v)], "data") for v in given]
    maker: dict[Var, int] = {v: k for k, v in enumerate(given)}
    number: dict[str, int] = {}
    formulas: dict[str, list[str]] = {}
    for line in lines:
        formulas.setdefault(line.layer, []).append(plain(line.formula))
    for unit in flow.units:
        if unit.layer not in number:
            number[unit.layer] = len(boxes)
            said = formulas.get(unit.layer, [])
            shown = said[:_MOST] + (["…"] if len(said) > _MOST else [])
            boxes.append(Box([unit.layer.rpartition("/")[2] or say("derive.between"), *shown], "layer"))
        k = number[unit.layer]
        for equation in flow.program.equations[unit.start : unit.stop]:
            for v in equation.inputs:
                source = maker.get(v, k)
                if source != k and source not in boxes[k].after:
                    boxes[k].after.append(source)
            maker.update((v, k) for v in equation.outputs)
    last = maker.get(flow.program.outputs[0], len(boxes) - 1)
    boxes[last].kind = "loss"
    return [*boxes, *_training(last, len(boxes), optimizer, say)]


def _training(loss: int, count: int, optimizer: str, say: Words) -> list[Box]:
    return [
        Box([say("derive.chart_back")], "step", [loss]),
        Box([say("derive.chart_update", optimizer=optimizer)], "step", [count]),
        Box([say("derive.chart_stop")], "step", [count + 1]),
    ]


def mermaid(boxes: list[Box], say: Words) -> str:
    """The chart in Mermaid's language."""
    open_close = {"data": ("([", "])"), "layer": ("[", "]"), "loss": ("{{", "}}"), "step": ("[", "]")}
    lines = ["flowchart TD"]
    for k, box in enumerate(boxes):
        left, right = ("{", "}") if k == len(boxes) - 1 else open_close[box.kind]
        text = "<br/>".join(_quoted(line) for line in box.lines)
        lines.append(f'  n{k}{left}"{text}"{right}')
    for k, box in enumerate(boxes):
        lines += [f"  n{source} --> n{k}" for source in box.after]
    first = next(k for k, box in enumerate(boxes) if box.kind != "data")
    lines.append(f'  n{len(boxes) - 1} -- "{say("derive.chart_again")}" --> n{first}')
    lines.append(f'  done(["{say("derive.chart_done")}"])')
    lines.append(f'  n{len(boxes) - 1} -- "{say("derive.chart_enough")}" --> done')
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


_WIDE, _LINE, _GAP = 420, 18, 26


def drawn(boxes: list[Box], say: Words) -> str:
    """The chart as SVG: boxes one below the other, arrows that jump over boxes at the right side."""
    last = len(boxes) - 1
    boxes = [*boxes, Box([f"{say('derive.chart_enough')}: {say('derive.chart_done')}"], "data", [last])]
    tops, y = [], 10
    for box in boxes:
        tops.append(y)
        y += _LINE * len(box.lines) + 14 + _GAP
    parts = [_box(box, top) for box, top in zip(boxes, tops, strict=True)]
    jumps = 0
    for k, box in enumerate(boxes):
        for source in box.after:
            bottom = tops[source] + _LINE * len(boxes[source].lines) + 14
            if source == k - 1:
                parts.append(_arrow(f"M210 {bottom}V{tops[k] - 2}"))
            else:
                jumps += 1
                middle = tops[source] + 12
                parts.append(_arrow(f"M390 {middle}h{10 + 4 * jumps}V{tops[k] + 14}H392"))
    first = next(k for k, box in enumerate(boxes) if box.kind != "data")
    parts.append(_arrow(f"M30 {tops[last] + 14}H12V{tops[first] + 14}H28", dashed=True))
    words = escape(say("derive.chart_again"))
    again = f'<text x="16" y="{tops[last] - 8}" font-size="11" fill="currentColor">{words}</text>'
    shapes = "".join(parts)
    mark = f"head{crc32(shapes.encode()):08x}"  # two charts may stand on one page
    head = (
        f'<marker id="{mark}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="currentColor"/></marker>'
    )
    width = max(_WIDE, 404 + 4 * jumps)
    return (
        f'<svg viewBox="0 0 {width} {y}" width="{width}" role="img" aria-label="{escape(say("derive.chart"))}">'
        f"<defs>{head}</defs>{shapes.replace('#head', f'#{mark}')}{again}</svg>"
    )


def _box(box: Box, top: int) -> str:
    height = _LINE * len(box.lines) + 14
    round_ = {"data": height // 2, "loss": 14}.get(box.kind, 4)
    text = "".join(
        f'<text x="210" y="{top + 20 + _LINE * k}" text-anchor="middle" font-size="{13 if k == 0 else 12}" '
        f'fill="currentColor">{escape(line if len(line) < 52 else line[:50] + "…")}</text>'
        for k, line in enumerate(box.lines)
    )
    return (
        f'<rect x="30" y="{top}" width="360" height="{height}" rx="{round_}" fill="none" stroke="currentColor" '
        f'stroke-opacity=".6"/>{text}'
    )


def _arrow(path: str, dashed: bool = False) -> str:
    style = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="currentColor"{style} marker-end="url(#head)"/>'
