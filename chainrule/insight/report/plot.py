"""Charts as SVG: axes with sensible ticks, lines, points, bars. Quiet: no box, no fill without meaning.

A chart is 360 units wide, so that on a telephone its text is as large as that around it. Colours are classes (`s1`,
`s2`, ...) that `style.py` gives for light, dark and paper; they differ in lightness and in dash, too.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .markup import Markup, tag
from .numbers import number

WIDTH, HEIGHT = 360, 250
_TOP, _BOTTOM, _RIGHT = 26, 40, 14


@dataclass(frozen=True)
class Axis:
    """A direction of a chart.

    Args:
        label: str. What it shows, with the unit.
        low, high: float. The ends; widened to whole ticks where `snug` is False.
        log: bool, default False. Powers of ten.
        form: how a tick is written, default `number`.
        snug: bool, default False. Whether the axis ends exactly at `low` and `high`.
        whole: bool, default False. Whether ticks must be whole numbers.

    >>> Axis("x", 0, 97).ticks()
    [0.0, 25.0, 50.0, 75.0, 100.0]
    >>> Axis("x", 0.02, 30, log=True).ticks()
    [0.1, 1.0, 10.0]
    """

    label: str
    low: float
    high: float
    log: bool = False
    form: Callable[[float], str] = number
    snug: bool = False
    whole: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """Where it begins and ends."""
        if self.snug or self.log:
            return self.low, self.high
        step = self._step()
        if self.low == self.high:
            return self.low - step, self.high + step
        return math.floor(self.low / step + 1e-9) * step, math.ceil(self.high / step - 1e-9) * step

    def _step(self) -> float:
        span = self.high - self.low or abs(self.high) or 1.0
        power = 10.0 ** math.floor(math.log10(span / 4))
        step = power * min((1, 2, 2.5, 5, 10), key=lambda m: abs(math.log(m * power * 4 / span)))
        return max(1.0, round(step)) if self.whole else step

    def ticks(self) -> list[float]:
        """About five round numbers."""
        low, high = self.ends
        if self.log:
            powers = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
            if len(powers) >= 2:
                return [10.0**p for p in powers[:: math.ceil(len(powers) / 5)]]
            tries = (m * 10.0**p for p in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
                     for m in (1, 2, 5))  # fmt: skip
            return [t for t in tries if low <= t <= high]
        step = self._step()
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [round(i * step, 12) for i in range(first, last + 1)]

    def share(self, value: float) -> float:
        """Where a value lies between the ends, from 0 to 1."""
        low, high = self.ends
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, low * 1e-9))
        return (value - low) / (high - low) if high > low else 0.5


@dataclass
class Plot:
    """A chart that things are drawn into.

    Args:
        x, y: Axis.
        height: int, default 250.

    >>> chart = Plot(Axis("epoch", 1, 9), Axis("loss", 0, 1))
    >>> chart.line([1, 9], [1, 0.2], "s1")
    >>> "<polyline" in chart.svg("The loss falls")
    True
    """

    x: Axis
    y: Axis
    height: int = HEIGHT
    marks: list[Markup] = field(default_factory=list)

    @cached_property
    def left(self) -> float:
        """Room for the widest tick of the vertical axis."""
        return 12 + 6.6 * max((_cells(self.y.form(t)) for t in self.y.ticks()), default=1)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The point for two values."""
        width = WIDTH - _RIGHT - self.left
        return (
            round(self.left + width * self.x.share(x), 1),
            round(_TOP + (self.height - _TOP - _BOTTOM) * (1 - self.y.share(y)), 1),
        )

    def line(self, xs: Iterable[Any], ys: Iterable[Any], kind: str) -> None:
        """A line through points; those that are no finite number are left out."""
        there = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)]
        if len(there) == 1:
            self.dot(*there[0], kind)
        elif there:
            points = " ".join("{:g},{:g}".format(*self.at(*point)) for point in there)
            self.marks.append(tag("polyline", class_=f"l {kind}", points=points))

    def dot(self, x: float, y: float, kind: str, radius: float = 3.0, title: str | None = None) -> None:
        """A point; `title` is shown under the mouse."""
        px, py = self.at(x, y)
        note = tag("title", title) if title else None
        self.marks.append(tag("circle", note, class_=f"p {kind}", cx=px, cy=py, r=f"{radius:g}"))

    def band(self, x: float, low: float, high: float, kind: str) -> None:
        """A thin upright line: where a value may lie."""
        (px, top), (_, end) = self.at(x, high), self.at(x, low)
        self.marks.append(tag("line", class_=f"l {kind} thin", x1=px, x2=px, y1=top, y2=end))

    def area(self, xs: Sequence[float], lows: Sequence[float], highs: Sequence[float], kind: str) -> None:
        """A pale area between two lines."""
        there = [self.at(x, y) for x, y in zip(xs, highs, strict=True)]
        back = [self.at(x, y) for x, y in zip(xs, lows, strict=True)][::-1]
        path = "M" + " L".join(f"{x:g},{y:g}" for x, y in [*there, *back]) + "Z"
        self.marks.append(tag("path", class_=f"a {kind}", d=path))

    def column(self, start: float, end: float, value: float, kind: str, title: str | None = None) -> None:
        """An upright bar from 0."""
        (left, top), (right, base) = self.at(start, value), self.at(end, max(0.0, self.y.ends[0]))
        note = tag("title", title) if title else None
        width = max(0.5, right - left - 1)
        self.marks.append(tag("rect", note, class_=f"b {kind}", x=left, y=top, width=f"{width:g}",
                              height=f"{max(0.0, base - top):g}"))  # fmt: skip

    def text(self, x: float, y: float, words: str, anchor: str = "start", dx: float = 0, dy: float = 0) -> None:
        """Words beside a point."""
        px, py = self.at(x, y)
        self.marks.append(tag("text", words, x=px + dx, y=py + dy, text_anchor=anchor, class_="w"))

    def svg(self, title: str) -> Markup:
        """The chart; `title` is what a screen reader says of it."""
        inside: list[Any] = [*self._grid(), *self.marks]
        return tag(
            "svg", tag("title", title), inside, viewBox=f"0 0 {WIDTH} {self.height}", role="img", class_="chart",
            xmlns="http://www.w3.org/2000/svg",
        )  # fmt: skip

    def _grid(self) -> list[Markup]:
        marks, base = [], self.height - _BOTTOM
        for tick in self.y.ticks():
            _, y = self.at(self.x.ends[0], tick)
            marks.append(tag("line", class_="g", x1=f"{self.left:g}", x2=WIDTH - _RIGHT, y1=y, y2=y))
            marks.append(tag("text", self.y.form(tick), class_="t", x=f"{self.left - 6:g}", y=y + 4, text_anchor="end"))
        for tick in self._apart(self.x.ticks()):
            x, _ = self.at(tick, self.y.ends[0])
            marks.append(tag("line", class_="g tick", x1=x, x2=x, y1=base, y2=base + 4))
            marks.append(tag("text", self.x.form(tick), class_="t", x=x, y=base + 17, text_anchor="middle"))
        marks.append(tag("text", self.y.label, class_="t", x=0, y=12))
        marks.append(tag("text", self.x.label, class_="t", x=WIDTH - _RIGHT, y=self.height - 5, text_anchor="end"))
        return marks


    def _apart(self, ticks: list[float]) -> list[float]:
        """Every second, third, ... tick of the horizontal axis, so that their texts do not touch."""
        step, (low, high) = 1, self.x.ends
        while step < len(ticks):
            shown = ticks[::step]
            widest = 6.6 * max(_cells(self.x.form(t)) for t in shown) + 10
            if all(self.at(b, 0)[0] - self.at(a, 0)[0] >= widest for a, b in itertools.pairwise(shown)):
                break
            step += 1
        if 0 in ticks and low < 0 < high:  # 0 stays
            return [t for i, t in enumerate(ticks) if (i - ticks.index(0)) % step == 0]
        return ticks[::step]


def _cells(text: str) -> float:
    """How wide a text is, in digits."""
    return sum(1.7 if ord(sign) > 0x2E80 else 0.5 if sign in ".,:" else 1.0 for sign in text)


def bars(
    rows: Sequence[tuple[str, float, str, str]], title: str, most: float | None = None,
    intervals: Sequence[tuple[float, float]] = (),
) -> Markup:  # fmt: skip
    """Lying bars with their names above and their values at the end.

    Args:
        rows: (name, value from 0, value as text, class) each.
        title: str, for screen readers.
        most: float or None, default None (the largest). What the whole width is.
        intervals: (low, high) each, or nothing: where the values may lie.
    """
    top = most or max((value for _, value, _, _ in rows), default=1.0) or 1.0
    room, marks = WIDTH - 66, []
    for i, (name, value, text, kind) in enumerate(rows):
        y = 4 + 38 * i
        length = max(1.0, room * max(0.0, value) / top)
        marks += [
            tag("text", _short(name, 48), class_="w", x=0, y=y + 11),
            tag("rect", class_=f"b {kind}", x=0, y=y + 16, width=f"{length:.1f}", height=12, rx=2),
        ]
        end = length
        if intervals:
            low, end = (min(room, max(0.0, room * bound / top)) for bound in intervals[i])
            marks.append(tag("line", class_="e", x1=f"{low:.1f}", x2=f"{end:.1f}", y1=y + 22, y2=y + 22))
        marks.append(tag("text", text, class_="w n", x=f"{max(length, end) + 6:.1f}", y=y + 26))
    return tag("svg", tag("title", title), marks, viewBox=f"0 0 {WIDTH} {4 + 38 * len(rows)}", role="img",
               class_="chart", xmlns="http://www.w3.org/2000/svg")  # fmt: skip


def small_bars(counts: Sequence[int]) -> Markup:
    """A histogram the size of a word: a picture beside numbers that stand there, so it has no title of its own.

    Args:
        counts: sequence of int.
    """
    most = max(counts, default=0) or 1
    marks = [
        tag("rect", class_="b s1", x=4 * i, y=f"{18 - 18 * n / most:.1f}", width=3, height=f"{18 * n / most:.1f}")
        for i, n in enumerate(counts)
        if n
    ]
    return tag("svg", marks, viewBox=f"0 0 {4 * len(counts)} 18", class_="small", aria_hidden="true",
               xmlns="http://www.w3.org/2000/svg")  # fmt: skip


def pushes(rows: Sequence[tuple[str, float, str]], title: str) -> Markup:
    """Bars to both sides of a line: what raises a value to the right, what lowers it to the left.

    Args:
        rows: (name, value, value as text) each.
        title: str, for screen readers.
    """
    most = max((abs(value) for _, value, _ in rows), default=1.0) or 1.0
    middle, room = 258.0, 50.0
    marks = []
    for i, (name, value, text) in enumerate(rows):
        y, length = 4 + 24 * i, max(1.0, room * abs(value) / most)
        start = middle if value >= 0 else middle - length
        end = middle + length + 5 if value >= 0 else middle - length - 5
        marks += [
            tag("text", _short(name, 24), class_="w", x=0, y=y + 13),
            tag("rect", class_=f"b {'s1' if value >= 0 else 's2'}", x=f"{start:.1f}", y=y + 3, width=f"{length:.1f}",
                height=13, rx=2),
            tag("text", text, class_="w n", x=f"{end:.1f}", y=y + 13, text_anchor="start" if value >= 0 else "end"),
        ]  # fmt: skip
    height = 4 + 24 * len(rows)
    marks.append(tag("line", class_="g tick", x1=middle, x2=middle, y1=0, y2=height))
    return tag("svg", tag("title", title), marks, viewBox=f"0 0 {WIDTH} {height}", role="img", class_="chart",
               xmlns="http://www.w3.org/2000/svg")  # fmt: skip


def _short(text: str, cells: int) -> str:
    from ...tabular.words import shortened

    return shortened(text, cells)


def key(*entries: tuple[str, str]) -> Markup:
    """What the classes of a chart mean: (class, words) each."""
    return tag("p", [tag("span", tag("i", class_=f"k {kind}"), words) for kind, words in entries], class_="key")
