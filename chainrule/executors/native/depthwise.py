"""Convolutions in which every channel has a small kernel of its own: no products of matrices, but shifted images added.

As products they would have rows and columns of length one. Written out, with channels as the last axis, they are
elementwise equations and reductions that go through memory in vectors:

    few places in the window (the layer, its gradient by the input)   y = sum over k of x[shifted by k] w[k]
    few results (the gradient by the kernel)                          y[i] = sum over all places of x[shifted by i] w
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...ir import Equation, Var
from ...primitives.window import offsets
from .sources import Source
from .writing import Writer

_CHANNELS = 8  # fewer do not fill a vector
_TERMS = 49  # of a sum that is written out: a window of 7 x 7


def as_shifted_sums(e: Equation, operands: Sequence[Source]) -> Sequence[Equation]:
    """The equations that do what such a convolution does; none for others."""
    x, w = (v.type.shape for v in e.inputs)
    result = e.outputs[0].type
    if x[0] < _CHANNELS or w[-1] != 1 or not result.size or not math.prod(w):
        return ()
    if x[-1] == 1 and math.prod(w[1:-2]) <= _TERMS:
        return _Writer(e).shifted_sum()
    if x[1] == 1 and math.prod(result.shape[2:-1]) <= _TERMS:
        return _Writer(e).reductions()
    return ()


class _Writer(Writer):
    """Images are (batch, *space, groups) in here."""

    def __init__(self, e: Equation) -> None:
        super().__init__(e)
        self.axes = range(2, 2 + self.rank)
        self.counts = e.outputs[0].type.shape[2:-1]
        self.window = e.inputs[1].type.shape[1:-2]

    def shifted_sum(self) -> list[Equation]:
        """x has one channel a group: a term for each place in the window."""
        x, w = self.e.inputs
        image = self._framed(self._moved(x, (1, *self.axes, 0)))
        kernel = self._moved(w, (*range(1, 1 + self.rank), 0))
        total: Var | None = None
        for place in offsets(self.window):
            shift = [k * d for k, d in zip(place, self.p.dilation, strict=True)]
            pixels = self._pixels(image, shift, self.counts, self.p.strides)
            factor = self._spread(self._place(kernel, place), pixels)
            term = self.emit("mul", pixels, factor)
            total = self.emit("add", total, term) if total else term
        assert total
        return self.finished(self.emit("transpose", total, axes=(self.rank + 1, *range(self.rank + 1))))

    def reductions(self) -> list[Equation]:
        """One image, whose channels are summed over: a reduction for each place of the result."""
        x, w = self.e.inputs
        image = self._framed(self._moved(x, (self.rank + 2, *self.axes, 0)))
        factor = self._moved(w, (self.rank + 1, *range(1, 1 + self.rank), 0))
        sums = []
        for place in offsets(self.counts):
            shift = [i * s for i, s in zip(place, self.p.strides, strict=True)]
            pixels = self._pixels(image, shift, self.window, self.p.dilation)
            total = self.emit("reduce_sum", self.emit("mul", pixels, factor), axes=tuple(range(self.rank + 1)))
            sums.append(self.emit("reshape", total, shape=(1, *total.type.shape)))
        results = self.emit("concatenate", *sums, axis=0) if len(sums) > 1 else sums[0]
        return self.finished(self.emit("transpose", results, axes=(1, 0)))

    def _moved(self, v: Var, axes: Sequence[int]) -> Var:
        """Some axes in another order; those that are not named have size 1 and go away."""
        others = tuple(a for a in range(v.type.rank) if a not in axes)
        moved = self.emit("transpose", v, axes=(*axes, *others))
        return self.emit("reshape", moved, shape=moved.type.shape[: len(axes)])

    def _framed(self, image: Var) -> Var:
        """With padding and spread made real."""
        p = self.p
        if not any(map(any, p.padding)) and max((1, *p.spread)) == 1:
            return image
        low, high = zip(*p.padding, strict=True)
        interior = (0, *(s - 1 for s in p.spread), 0)
        return self.emit("pad", image, low=(0, *low, 0), high=(0, *high, 0), interior=interior, value=0)

    def _pixels(self, image: Var, shift: Sequence[int], counts: Sequence[int], steps: Sequence[int]) -> Var:
        """So many pixels of all images, some steps apart."""
        first, last = image.type.shape[0], image.type.shape[-1]
        return self.cut(image, (0, *shift, 0), (first, *counts, last), (1, *steps, 1))

    def _place(self, kernel: Var, place: Sequence[int]) -> Var:
        """One place of the window, for all groups."""
        ones = (1,) * self.rank
        return self.cut(kernel, (*place, 0), (*ones, kernel.type.shape[-1]), (*ones, 1))

    def _spread(self, v: Var, like: Var) -> Var:
        """A number for each group, for all pixels."""
        flat = self.emit("reshape", v, shape=v.type.shape[-1:])
        return self.emit("broadcast", flat, shape=like.type.shape, axes=(like.type.rank - 1,))
