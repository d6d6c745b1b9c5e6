"""Pooling: for each row of the result, window by window or place by place."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from .emit import Value
from .kernel import Kernel, Row
from .reductions import combine, start_of, wide_of
from .sources import contiguous

_UNROLLED = 25  # places of a window that are put together in a register


def _pool(reduction: str) -> Callable[[Kernel], None]:
    def lower(k: Kernel) -> None:
        if k.equation.outputs[0].type.size:
            _Pool(k, reduction).emit()

    return lower


class _Pool:
    """One result row after another: the last two axes make a row, whoever does the others.

    Where all windows lie inside, an element is put together in a register. Elsewhere, for every place in the window the
    windows of the row that have an element there take it in.
    """

    def __init__(self, k: Kernel, reduction: str) -> None:
        self.k, self.f, self.p, self.reduction = k, k.f, k.equation.params, reduction
        self.pointer, self.type = k.operand(0).pointer, k.equation.outputs[0].type
        self.size = k.sources[0].type.shape
        self.from_, self.to = contiguous(self.size), contiguous(self.type.shape)
        self.first = max(0, self.type.rank - 2)  # of the axes of a row

    def emit(self) -> None:
        """Every row."""
        rows = self.type.shape[: self.first]
        with self._rows(rows) as indices:
            target = self.f.index(0, list(zip(indices, self.to, strict=False)))
            if self._inside() and math.prod(self.p.window) <= _UNROLLED:
                self._windows(indices, target)
            else:
                self._fill(target)
                self._place(0, indices, [], "0", target)

    @contextmanager
    def _rows(self, shape: Sequence[int]) -> Iterator[list[str]]:
        """This thread's rows, as indices along the axes in front."""
        with self.k.part(math.prod(shape)).loop(math.prod(shape)) as loop:
            yield self.f.digits(loop.index, shape)

    def _inside(self) -> bool:
        """Whether no window reaches over an edge."""
        p = self.p
        axes = zip(self.size, self.type.shape, p.window, p.strides, p.padding, p.dilation, strict=True)
        return all(lo <= 0 and (count - 1) * s + (w - 1) * d - lo < n for n, count, w, s, (lo, _), d in axes)

    def _windows(self, indices: Sequence[str], target: str) -> None:
        """Every window of a row, element by element."""
        f, dtype, wide = self.f, self.type.dtype, wide_of(self.type.dtype)
        with self.k.over(self.type.shape[self.first :]) as inner:
            index = [*indices, *inner]
            corner = -sum(lo * step for (lo, _), step in zip(self.p.padding, self.from_, strict=True))
            terms = [(i, s * step) for i, s, step in zip(index, self.p.strides, self.from_, strict=True)]
            source, total = f.index(corner, terms), f.const(wide, start_of(self.reduction, wide))
            for place in itertools.product(*map(range, self.p.window)):
                steps = zip(place, self.p.dilation, self.from_, strict=True)
                value = f.load(self.pointer, dtype, f.index(sum(i * d * s for i, d, s in steps), [(source, 1)]))
                total = combine(self.reduction, total, value.to(wide))
            where = f.index(0, [(target, 1), *zip(inner, self.to[self.first :], strict=True)])
            f.store(total.to(dtype), self.k.result(), where)

    def _fill(self, target: str) -> None:
        value = self.f.const(self.type.dtype, start_of(self.reduction, self.type.dtype))
        with self.f.loop(math.prod(self.type.shape[self.first :])) as loop:
            self.f.store(value, self.k.result(), self.f.index(0, [(target, 1), (loop.index, 1)]))

    def _place(self, a: int, indices: Sequence[str], ranges: list, source: str, target: str) -> None:
        """The loops over the places in a window: along the axes in front, only places inside the operand."""
        f = self.f
        if a == self.type.rank:
            self._shifted(0, ranges, source, target)
            return
        step, low = self.from_[a], self.p.padding[a][0]
        with f.loop(self.p.window[a]) as loop:
            shift = f.index(-low, [(loop.index, self.p.dilation[a])])
            if a >= self.first:
                self._place(a + 1, indices, [*ranges, self._range(a, shift)], source, target)
                return
            at = f.index(0, [(indices[a], self.p.strides[a]), (shift, 1)])
            with f.when(f.op(f"icmp ult i64 {at}, {self.size[a]}")):
                self._place(a + 1, indices, ranges, f.index(0, [(source, 1), (at, step)]), target)

    def _range(self, a: int, shift: str) -> tuple[str, str, str]:
        """(first, last + 1, shift): the windows i with 0 <= i stride + shift < size."""
        f, stride = self.f, self.p.strides[a]
        zero = f.const("int64", 0)
        lacking = zero - Value(f, "int64", shift)
        room = lacking + self.size[a]
        first = lacking.compare("gt", 0).where((lacking + (stride - 1)).binary("", "udiv", stride), zero)
        fit = room.compare("gt", 0).where((room + (stride - 1)).binary("", "udiv", stride), zero)
        last = fit.compare("lt", self.type.shape[a]).where(fit, self.type.shape[a])
        return first.name, last.name, shift

    def _shifted(self, n: int, ranges: list, source: str, target: str) -> None:
        """Every window of the row that has an element at this place takes it in."""
        f, dtype, wide = self.f, self.type.dtype, wide_of(self.type.dtype)
        if n == len(ranges):
            value, old = f.load(self.pointer, dtype, source), f.load(self.k.result(), dtype, target)
            f.store(combine(self.reduction, old.to(wide), value.to(wide)).to(dtype), self.k.result(), target)
            return
        (first, last, shift), a = ranges[n], self.first + n
        with f.when(f.op(f"icmp slt i64 {first}, {last}")), f.loop(last, start=first) as loop:
            terms = [(source, 1), (loop.index, self.from_[a] * self.p.strides[a]), (shift, self.from_[a])]
            self._shifted(n + 1, ranges, f.index(0, terms), f.index(0, [(target, 1), (loop.index, self.to[a])]))


ROWS = {"window_sum": Row(_pool("reduce_sum")), "window_max": Row(_pool("reduce_max"))}
