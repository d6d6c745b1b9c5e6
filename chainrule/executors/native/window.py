"""Convolution and pooling."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ...ir import Equation
from ...primitives.window import dilated
from .contraction import Product, multiply, workspace_of
from .emit import SIZE, Value, aligned
from .kernel import Kernel, Row
from .movement import fill, pad_into
from .reductions import combine, start_of
from .sources import Source, contiguous, merged


def _framed(e: Equation) -> tuple[tuple[int, ...], bool]:
    """The shape of the operand with padding and spread made real, and whether it differs from the operand."""
    p, shape = e.params, e.inputs[0].type.shape
    space = zip(shape[2:-1], p.spread, p.padding, strict=True)
    sizes = [dilated(n, s) + sum(pad) for n, s, pad in space]
    frame = (*shape[:2], *sizes, shape[-1])
    return frame, any(map(any, p.padding)) or max((1, *p.spread)) > 1


def _frame_bytes(e: Equation) -> int:
    frame, differs = _framed(e)
    return aligned(math.prod(frame) * SIZE[e.inputs[0].type.dtype]) if differs and e.outputs[0].type.size else 0


def conv_workspace(e: Equation, sources: Sequence[Source]) -> int:
    """Bytes of the padded operand, and of what the product packs."""
    return _frame_bytes(e) + (workspace_of(conv_product(e)) if e.outputs[0].type.size else 0)


def conv_product(e: Equation) -> Product:
    """The pixels under the window are rows of A that lie `stride` apart; one batch a group."""
    p = e.params
    x, w, y = (v.type.shape for v in (*e.inputs, *e.outputs))
    a, b, c = contiguous(_framed(e)[0]), contiguous(w), contiguous(y)
    space, zeros = range(len(p.strides)), (0,) * len(p.strides)
    steps = [a[2 + i] * p.strides[i] for i in space]
    inside = [a[2 + i] * p.dilation[i] for i in space]
    return Product(
        e.outputs[0].type.dtype,
        merged(y[:1], [a[:1], b[:1], c[:1]]),
        merged(y[1:-1], [(a[1], *steps), (0, *zeros), c[1:-1]]),
        merged(y[-1:], [(0,), (1,), (1,)]),
        merged((*w[1:-2], x[-1]), [(*inside, 1), b[1:-1], (0, *zeros)]),
    )


def lower_conv(k: Kernel) -> None:
    """A product; padding and spread are made real in the workspace first."""
    e, t = k.equation, k.equation.outputs[0].type
    if not t.size:
        return
    frame, differs = _framed(e)
    pixels = k.workspace if differs else k.operand(0).pointer
    if differs:
        low = (0, 0, *(lo for lo, _ in e.params.padding), 0)
        pad_into(k, k.sources[0], pixels, frame, low, (1, 1, *e.params.spread, 1), k.f.const(t.dtype, 0))
    multiply(k, conv_product(e), pixels, k.operand(1).pointer, k.result(), _frame_bytes(e))


def _pool(reduction: str, start: Callable[[str], object]) -> Callable[[Kernel], None]:
    def lower(k: Kernel) -> None:
        x, t = k.operand(0), k.equation.outputs[0].type
        fill(k, k.result(), t.size, k.f.const(t.dtype, start(t.dtype)))
        if t.size and x.type.size:
            _Pool(k, reduction, x.pointer).axis(0, "0", "0")

    return lower


class _Pool:
    """For every place in the window: the windows that have an element there take it in."""

    def __init__(self, k: Kernel, reduction: str, pointer: str) -> None:
        self.k, self.f, self.p, self.reduction, self.pointer = k, k.f, k.equation.params, reduction, pointer
        self.type, self.size = k.equation.outputs[0].type, k.sources[0].type.shape
        self.from_, self.to = contiguous(self.size), contiguous(self.type.shape)
        self.ranges: list[tuple[str, str, str]] = []  # first window, behind the last, shift

    def axis(self, a: int, source: str, target: str) -> None:
        """First the loops over places in the window, then those over windows."""
        if a < self.type.rank:
            with self.f.loop(self.p.window[a]) as loop:
                self._range(a, loop.index)
                self.axis(a + 1, source, target)
                self.ranges.pop()
            return
        self._windows(0, source, target)

    def _range(self, a: int, place: str) -> None:
        """Windows i with 0 <= i stride + place dilation - low < size."""
        f, stride = self.f, self.p.strides[a]
        shift = Value(f, "int64", f.index(-self.p.padding[a][0], [(place, self.p.dilation[a])]))
        zero = f.const("int64", 0)
        lacking = zero - shift
        first = lacking.compare("gt", 0).where((lacking + (stride - 1)).binary("", "udiv", stride), zero)
        room = zero + self.size[a] - shift
        fit = room.compare("gt", 0).where((room + (stride - 1)).binary("", "udiv", stride), zero)
        last = fit.compare("lt", self.type.shape[a]).where(fit, self.type.shape[a])
        self.ranges.append((first.name, last.name, shift.name))

    def _windows(self, a: int, source: str, target: str) -> None:
        f = self.f
        if a == self.type.rank:
            value, old = f.load(self.pointer, self.type.dtype, source), f.load(self.k.result(), self.type.dtype, target)
            wide = "float32" if self.type.dtype == "float16" else self.type.dtype
            f.store(combine(self.reduction, old.to(wide), value.to(wide)).to(self.type.dtype), self.k.result(), target)
            return
        first, last, shift = self.ranges[a]
        some = Value(f, "int64", first).compare("lt", Value(f, "int64", last))
        with f.when(some.name), f.loop(last, start=first) as loop:
            terms = [(source, 1), (loop.index, self.from_[a] * self.p.strides[a]), (shift, self.from_[a])]
            self._windows(a + 1, f.index(0, terms), f.index(0, [(target, 1), (loop.index, self.to[a])]))


ROWS = {
    "conv": Row(lower_conv, workspace=conv_workspace),
    "window_sum": Row(_pool("reduce_sum", lambda dtype: 0)),
    "window_max": Row(_pool("reduce_max", lambda dtype: start_of("reduce_max", dtype))),
}
