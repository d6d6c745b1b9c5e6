"""A convolution of an operand that is spread out, without the zeros between its elements.

That is the layer of a transposed convolution, and the gradient of one with strides by its input. Along an axis with
spread s the results s apart see the same places of the window on elements of x, and zeros at all others. So each of the
s phases is a convolution of x as it is, with every s-th element of the kernel:

    y[s q + r] = sum over j of x[q + (r + k - low) / s + j] w[k + s j],    k = (low - r) mod s

Zeros times infinity are left out with the zeros: an infinite element of the kernel reaches fewer results.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...ir import Equation, Var
from .sources import Source
from .writing import Writer

_MOST = 64  # phases: 8 x 8, or 4 x 4 x 4


def in_phases(e: Equation, operands: Sequence[Source]) -> Sequence[Equation]:
    """The equations that do what such a convolution does; none for others."""
    if not e.outputs[0].type.size or math.prod(e.params.spread) in (0, 1):
        return ()
    p = e.params
    plain = all(s == 1 or (a, d) == (1, 1) for s, a, d in zip(p.spread, p.strides, p.dilation, strict=True))
    if not plain or math.prod(p.spread) > _MOST or not all(v.type.size for v in e.inputs):
        return ()
    return _Writer(e).phases()


class _Phase(NamedTuple):
    """One axis of one phase: the places of the window, and the padding of x."""

    start: int
    places: int
    padding: tuple[int, int]


class _Writer(Writer):
    def phases(self) -> list[Equation]:
        """The phases side by side, then in each other's gaps."""
        spread, result = self.p.spread, self.e.outputs[0].type
        axes = [self._axis(a) for a in range(self.rank)]
        made = [self._phase(phase) for phase in itertools.product(*axes)]
        counts = made[0].type.shape[2:-1]
        joined = self.emit("concatenate", *(self.emit("reshape", v, shape=(1, *v.type.shape)) for v in made), axis=0)
        apart = self.emit("reshape", joined, shape=(*spread, *made[0].type.shape))
        pairs = zip(range(self.rank + 2, 2 * self.rank + 2), range(self.rank), strict=True)
        around = (self.rank, self.rank + 1), (2 * self.rank + 2,)
        mixed = self.emit("transpose", apart, axes=(*around[0], *(a for pair in pairs for a in pair), *around[1]))
        whole = [n * s for n, s in zip(counts, spread, strict=True)]
        flat = self.emit("reshape", mixed, shape=(*result.shape[:2], *whole, result.shape[-1]))
        return self.finished(self.cut(flat, (0,) * flat.type.rank, result.shape, (1,) * flat.type.rank))

    def _axis(self, a: int) -> list[_Phase]:
        """The phases along one axis of space; all have as many results, perhaps more than are asked for."""
        (low, high), s = self.p.padding[a], self.p.spread[a]
        n, window, results = (v.type.shape for v in (*self.e.inputs, self.e.outputs[0]))
        if s == 1:
            return [_Phase(0, window[1 + a], (low, high))]
        found, most = [], -(-results[2 + a] // s)
        for r in range(s):
            first = (low - r) % s
            count = max(0, -(-(window[1 + a] - first) // s))
            before = (low - r - first) // s
            found.append(_Phase(first, count, (before, most - n[2 + a] - before + count - 1)))
        return found

    def _phase(self, phase: Sequence[_Phase]) -> Var:
        x, w = self.e.inputs
        p, t = self.p, self.e.outputs[0].type
        counts = [-(-n // s) for n, s in zip(t.shape[2:-1], p.spread, strict=True)]
        if not all(axis.places for axis in phase):
            zero = self.emit("constant", value=np.zeros((), t.dtype))
            return self.emit("broadcast", zero, shape=(*t.shape[:2], *counts, t.shape[-1]), axes=())
        shape = w.type.shape
        kernel = self.cut(
            w, (0, *(axis.start for axis in phase), 0, 0), (shape[0], *(axis.places for axis in phase), *shape[-2:]),
            (1, *p.spread, 1, 1),
        )  # fmt: skip
        padding = tuple(axis.padding for axis in phase)
        return self.emit("conv", x, kernel, strides=p.strides, padding=padding, dilation=p.dilation)
