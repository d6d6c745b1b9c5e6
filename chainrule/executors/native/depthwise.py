"""Convolutions in which every channel has a small kernel of its own: no products of matrices, but shifted images added.

As products they would have rows and columns of length one. Written out, with channels as the last axis, they are
elementwise equations and reductions that go through memory in vectors:

    few places in the window (the layer, its gradient by the input)   y = sum over k of x[shifted by k] w[k]
    few results (the gradient by the kernel)                          y[i] = sum over all places of x[shifted by i] w
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...ir import PRIMITIVES, Equation, Var
from ...primitives.window import offsets

_CHANNELS = 8  # fewer do not fill a vector
_TERMS = 49  # of a sum that is written out: a window of 7 x 7


def written_out(e: Equation) -> Sequence[Equation]:
    """The equations that do what an equation does; itself alone, unless it is such a convolution."""
    if e.primitive.name != "conv":
        return (e,)
    x, w = (v.type.shape for v in e.inputs)
    result = e.outputs[0].type
    if x[0] < _CHANNELS or w[-1] != 1 or not result.size or not math.prod(w):
        return (e,)
    if x[-1] == 1 and math.prod(w[1:-2]) <= _TERMS:
        return _Writer(e).shifted_sum()
    if x[1] == 1 and math.prod(result.shape[2:-1]) <= _TERMS:
        return _Writer(e).reductions()
    return (e,)


class _Writer:
    """Equations in the place of one. Images are (batch, *space, groups) in here."""

    def __init__(self, e: Equation) -> None:
        self.e, self.p, self.found = e, e.params, list[Equation]()
        self.rank = len(self.p.strides)
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
            pixels = self._cut(image, shift, self.counts, self.p.strides)
            factor = self._spread(self._cut(kernel, place, (1,) * self.rank, whole_first=False), pixels)
            term = self._emit("mul", pixels, factor)
            total = self._emit("add", total, term) if total else term
        assert total
        return self._finished(total, (self.rank + 1, *range(self.rank + 1)))

    def reductions(self) -> list[Equation]:
        """One image, whose channels are summed over: a reduction for each place of the result."""
        x, w = self.e.inputs
        image = self._framed(self._moved(x, (self.rank + 2, *self.axes, 0)))
        factor = self._moved(w, (self.rank + 1, *range(1, 1 + self.rank), 0))
        sums = []
        for place in offsets(self.counts):
            shift = [i * s for i, s in zip(place, self.p.strides, strict=True)]
            pixels = self._cut(image, shift, self.window, self.p.dilation)
            total = self._emit("reduce_sum", self._emit("mul", pixels, factor), axes=tuple(range(self.rank + 1)))
            sums.append(self._emit("reshape", total, shape=(1, *total.type.shape)))
        results = self._emit("concatenate", *sums, axis=0) if len(sums) > 1 else sums[0]
        return self._finished(results, (1, 0))

    def _emit(self, name: str, *inputs: Var, **params: Any) -> Var:
        primitive = PRIMITIVES[name]
        canonical = primitive.canonical(**params)
        (t,) = primitive.infer_types(canonical, [v.type for v in inputs])
        self.found.append(Equation(primitive, inputs, canonical, (Var(t),), self.e.where))
        return self.found[-1].outputs[0]

    def _moved(self, v: Var, axes: Sequence[int]) -> Var:
        """Some axes in another order; those that are not named have size 1 and go away."""
        others = tuple(a for a in range(v.type.rank) if a not in axes)
        moved = self._emit("transpose", v, axes=(*axes, *others))
        return self._emit("reshape", moved, shape=moved.type.shape[: len(axes)])

    def _framed(self, image: Var) -> Var:
        """With padding and spread made real."""
        p = self.p
        if not any(map(any, p.padding)) and max((1, *p.spread)) == 1:
            return image
        low, high = zip(*p.padding, strict=True)
        interior = (0, *(s - 1 for s in p.spread), 0)
        return self._emit("pad", image, low=(0, *low, 0), high=(0, *high, 0), interior=interior, value=0)

    def _cut(
        self, v: Var, start: Sequence[int], counts: Sequence[int], steps: Sequence[int] = (), whole_first: bool = True
    ) -> Var:
        """So many elements along the axes of space, some steps apart; the axes around them as a whole."""
        steps, first = steps or (1,) * self.rank, v.type.shape[: int(whole_first)]
        stop = [a + (n - 1) * s + 1 for a, n, s in zip(start, counts, steps, strict=True)]
        around = (0,) * len(first)
        return self._emit(
            "slice", v, start=(*around, *start, 0), stop=(*first, *stop, v.type.shape[-1]),
            strides=(*(1 for _ in first), *steps, 1),
        )  # fmt: skip

    def _spread(self, v: Var, like: Var) -> Var:
        """A number for each group, for all pixels."""
        flat = self._emit("reshape", v, shape=v.type.shape[-1:])
        return self._emit("broadcast", flat, shape=like.type.shape, axes=(like.type.rank - 1,))

    def _finished(self, v: Var, axes: Sequence[int]) -> list[Equation]:
        """The last two equations make the result of the convolution."""
        moved, result = self._emit("transpose", v, axes=tuple(axes)), self.e.outputs[0]
        primitive = PRIMITIVES["reshape"]
        params = primitive.canonical(shape=result.type.shape)
        return [*self.found, Equation(primitive, (moved,), params, (result,), self.e.where)]
