"""Gradients of pooling: what each element gets from the windows that hold it.

Along an axis with stride s, element i = q s + r is the one at place a s + r of window q - a. So the gradient is a sum
over a few shifts a of the result's cotangent, seen through a mask that depends on r. Windows that do not overlap have
the one shift 0, and no element is visited twice.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from ..ir import Params, Tensor
from ..primitives import add, broadcast, constant, eq, pad, reshape, select, slice
from ..primitives.arithmetic import full, zeros_like
from ..primitives.window import dilated, offsets

Shift = tuple[int, ...]


class _Windows:
    """The windows of a pooling, counted in strides."""

    def __init__(self, p: Params, x: Tensor) -> None:
        self.p, self.x, self.low = p, x, tuple(lo for lo, _ in p.padding)
        self.extent = tuple(map(dilated, p.window, p.dilation))
        self.shifts = tuple(-(-e // s) for e, s in zip(self.extent, p.strides, strict=True))
        self.counts = tuple(-(-(n + lo) // s) for n, lo, s in zip(x.shape, self.low, p.strides, strict=True))
        self.places = tuple(a * s for a, s in zip(self.shifts, p.strides, strict=True))

    @property
    def none(self) -> bool:
        """Whether all of the operand is cut off, or there is none."""
        return min((1, *self.counts)) <= 0 or not self.x.size

    def spread(self, t: Tensor, each: int = 0) -> Tensor:
        """One value a stride (or with `each` = 1 one a place in a stride) for every element: axes q and r by turns."""
        shape = [n for pair in zip(self.counts, self.p.strides, strict=True) for n in pair]
        return broadcast(t, shape=shape, axes=range(each, len(shape), 2))

    def shifted(self, t: Tensor, value: float) -> Iterator[Tensor]:
        """For each shift one value a stride: that of the window; `value` where there is none."""
        low = [a - 1 for a in self.shifts]
        high = [n - m for n, m in zip(self.counts, t.shape, strict=True)]
        whole = pad(t, low=low, high=high, value=value) if any((*low, *high)) else t
        for shift in self.every_shift():
            start = [lo - a for lo, a in zip(low, shift, strict=True)]
            stop = [b + n for b, n in zip(start, self.counts, strict=True)]
            yield slice(whole, start=start, stop=stop)

    def every_shift(self) -> Iterator[Shift]:
        """In the order of the places."""
        return itertools.product(*map(range, self.shifts))

    def numbers(self, shift: Shift) -> np.ndarray:
        """For each place in a stride the number of the place in the window, as `number` counts."""
        steps = zip(shift, self.p.strides, strict=True)
        lines = [np.arange(a * s, a * s + s) for a, s in steps]
        return np.ravel_multi_index(np.ix_(*lines), self.places) if lines else np.array(0)

    def number(self, offset: Sequence[int]) -> int:
        """The number of an element of the window."""
        place = tuple(o * d for o, d in zip(offset, self.p.dilation, strict=True))
        return int(np.ravel_multi_index(place, self.places)) if place else 0

    def elements(self, t: Tensor) -> Tensor:
        """The elements of the operand, from axes q and r by turns."""
        joined = reshape(t, shape=[n * s for n, s in zip(self.counts, self.p.strides, strict=True)])
        stop = [lo + n for lo, n in zip(self.low, self.x.shape, strict=True)]
        cut = slice(joined, start=[max(0, lo) for lo in self.low], stop=stop)
        missing = [max(0, -lo) for lo in self.low]
        return pad(cut, low=missing, high=[0] * len(missing)) if any(missing) else cut


def unwindow_sum(p: Params, g: Tensor, x: Tensor) -> Tensor:
    """For each element the sum of `g` over the windows that hold it."""
    windows = _Windows(p, x)
    if not g.size or windows.none:
        return zeros_like(x)
    held = np.isin(np.arange(math.prod(windows.places)), [windows.number(o) for o in offsets(p.window)])
    total = None
    for shift, part in zip(windows.every_shift(), windows.shifted(g, 0), strict=True):
        term, mask = windows.spread(part), held[windows.numbers(shift)]
        if not mask.all():
            term = select(windows.spread(constant(value=mask), 1), term, zeros_like(term))
        total = term if total is None else add(total, term)
    assert total is not None
    return windows.elements(total)


def unwindow_max(p: Params, g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """`g` goes to the first largest element of its window: each window notes which one that is."""
    windows = _Windows(p, x)
    if not g.size or windows.none:
        return zeros_like(x)
    low, high = zip(*p.padding, strict=True) if p.padding else ((), ())
    padded = pad(x, low=low, high=high, value=float("-inf")) if any((*low, *high)) else x
    kind = "int8" if math.prod(windows.places) <= 127 else "int32"
    first = full(g.shape, -1, kind)
    for offset in reversed(list(offsets(p.window))):
        start = [o * d for o, d in zip(offset, p.dilation, strict=True)]
        stop = [b + dilated(n, s) for b, n, s in zip(start, g.shape, p.strides, strict=True)]
        hit = eq(slice(padded, start=start, stop=stop, strides=p.strides), y)
        first = select(hit, full(g.shape, windows.number(offset), kind), first)
    total = None
    parts = zip(windows.every_shift(), windows.shifted(g, 0), windows.shifted(first, -1), strict=True)
    for shift, part, winner in parts:
        number = windows.spread(constant(value=windows.numbers(shift).astype(kind)), 1)
        spread = windows.spread(part)
        term = select(eq(windows.spread(winner), number), spread, zeros_like(spread))
        total = term if total is None else add(total, term)
    assert total is not None
    return windows.elements(total)
