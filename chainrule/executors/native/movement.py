"""Movement that strides cannot say: padding and concatenation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from .emit import Function, Value
from .kernel import Kernel, Row
from .sources import Source, contiguous, merged

LINE = 64  # elements: parts of a long loop begin at multiples of it


@contextmanager
def lines(k: Kernel, count: int | str) -> Iterator[str]:
    """This thread's rounds of an innermost loop: whole lines of the cache; gives the index."""
    if not k.sharing:
        with k.f.loop(count) as loop:
            yield loop.index
        return
    f = k.f
    units = f.op(f"udiv i64 {f.op(f'add nuw nsw i64 {count}, {LINE - 1}')}, {LINE}")
    part = k.part(units)
    start, stop = (f.op(f"mul nuw nsw i64 {n}, {LINE}") for n in (part.first, part.last))
    stop = f.call("i64", "llvm.smin.i64", f"i64 {stop}", f"i64 {count}")
    with f.when(f.op(f"icmp slt i64 {start}, {stop}")), f.loop(stop, start=start) as loop:
        yield loop.index


@contextmanager
def shared_over(k: Kernel, sizes: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Loops over a shape without zeros, the first of them shared; gives the indices."""
    if not sizes:
        with k.part(1).loop(1):
            yield ()
    elif len(sizes) == 1:
        with lines(k, sizes[0]) as index:
            yield (index,)
    else:
        with k.part(sizes[0]).loop(sizes[0]) as loop, k.over(sizes[1:]) as rest:
            yield (loop.index, *rest)


def copy_block(
    k: Kernel, source: Source, target: str, strides: Sequence[int], offset: int = 0, shift: str = "0", base: str = "0"
) -> None:
    """target[offset + shift + i strides] = source[base + i] for every index i of the source."""
    if not source.type.size:
        return
    loops = merged(source.type.shape, [source.strides, strides])
    with shared_over(k, [n for n, _ in loops]) as indices:
        pairs = list(zip(indices, (steps for _, steps in loops), strict=True))
        value = k.at(source, k.f.index(source.offset, [(i, s[0]) for i, s in pairs] + [(base, 1)] * (base != "0")))
        place = k.f.index(offset, [(i, s[1]) for i, s in pairs] + [(shift, 1)] * (shift != "0"))
        k.f.store(value, target, place)


def fill(k: Kernel, target: str, count: int, value: Value, place: str = "0") -> None:
    """`count` elements of a buffer from `place` on become one number."""
    if count:
        with k.f.loop(count) as loop:
            k.f.store(value, target, k.f.index(0, [(place, 1)] * (place != "0") + [(loop.index, 1)]))


class Axis(NamedTuple):
    """An axis of a padded operand: `n` elements `stride` apart become elements low, low + step, ... of `size`."""

    n: int
    size: int
    low: int
    step: int
    stride: int

    @property
    def plain(self) -> bool:
        """Whether there is nothing beside the elements."""
        return self.n == self.size and not self.low and self.step == 1

    @property
    def inside(self) -> list[int]:
        """The elements that are not cut off."""
        return [i for i in range(self.n) if 0 <= self.low + i * self.step < self.size]


def axes_of(source: Source, shape: Sequence[int], low: Sequence[int], steps: Sequence[int]) -> list[Axis]:
    """The axes of a padded operand; one that only goes on with what the one before has is joined to it."""
    found: list[Axis] = []
    for new in map(Axis, source.type.shape, shape, low, steps, source.strides):
        if new.plain and new.n == 1:
            continue  # whatever its stride
        old = found[-1] if found else None
        if old and new.plain and new.n and old.step == 1 and old.stride == new.stride * new.n:
            found[-1] = Axis(old.n * new.n, old.size * new.n, old.low * new.n, 1, new.stride)
        else:
            found.append(new)
    return found or [Axis(1, 1, 0, 1, 0)]


def copy_inside(
    k: Kernel, source: Source, target: str, shape: Sequence[int], low: Sequence[int], steps: Sequence[int], base: str
) -> None:  # fmt: skip
    """The elements of the source (from `base` on) go to row-major `target` of a shape, `steps` apart from `low` on."""
    axes = list(map(Axis, source.type.shape, shape, low, steps, source.strides))
    first, counts = [min(a.inside, default=0) for a in axes], [len(a.inside) for a in axes]
    begin = source.offset + sum(i * a.stride for i, a in zip(first, axes, strict=True))
    places = contiguous(shape)
    offset = sum((a.low + i * a.step) * s for i, a, s in zip(first, axes, places, strict=True))
    block = replace(source, type=source.type.with_shape(counts), offset=begin)
    with k.alone():
        copy_block(k, block, target, [a.step * s for a, s in zip(axes, places, strict=True)], offset, base=base)


def lower_pad(k: Kernel) -> None:
    """Row after row of the result: what lies in it comes from the operand."""
    p, t = k.equation.params, k.equation.outputs[0].type
    if not t.size:
        return
    source, value = k.sources[0], k.f.const(t.dtype, p.value)
    *outer, row = axes_of(source, t.shape, p.low, [i + 1 for i in p.interior])
    count = math.prod(a.size for a in outer)
    with k.part(count).loop(count) as loop:
        place = k.f.index(0, [(loop.index, row.size)])
        if not source.type.size:
            fill(k, k.result(), row.size, value, place)
            return
        start, inside = _where(k.f, outer, k.f.digits(loop.index, [a.size for a in outer]), source.offset)
        if inside:
            with k.f.when(inside):
                _row(k, row, start, place, value)
            with k.f.when(k.f.op(f"xor i1 {inside}, true")):
                fill(k, k.result(), row.size, value, place)
        else:
            _row(k, row, start, place, value)


def _where(f: Function, axes: Sequence[Axis], indices: Sequence[str], offset: int) -> tuple[str, str]:
    """(offset into the operand of the row at an index, whether there is one: "" if there always is)."""
    terms, inside = [], ""
    for axis, index in zip(axes, indices, strict=True):
        if axis.plain:
            terms.append((index, axis.stride))
            continue
        index = f.index(-axis.low, [(index, 1)])
        here = f.op(f"icmp ult i64 {index}, {axis.n * axis.step}")
        if axis.step > 1:
            hit = f.op(f"icmp eq i64 {f.op(f'urem i64 {index}, {axis.step}')}, 0")
            here, index = f.op(f"and i1 {here}, {hit}"), f.op(f"udiv i64 {index}, {axis.step}")
        inside = f.op(f"and i1 {inside}, {here}") if inside else here
        terms.append((index, axis.stride))
    return f.index(offset, terms), inside


def _row(k: Kernel, row: Axis, start: str, place: str, value: Value) -> None:
    """One row of the result that begins at `place`, from the elements that begin at `start`."""
    f, inside = k.f, row.inside
    first = row.low + inside[0] * row.step if inside else row.size
    behind = first + len(inside) if row.step == 1 else first
    fill(k, k.result(), first, value, place)
    fill(k, k.result(), row.size - behind, value, f.index(behind, [(place, 1)]))
    if inside:
        with f.loop(len(inside)) as loop:
            element = k.at(k.sources[0], f.index(inside[0] * row.stride, [(start, 1), (loop.index, row.stride)]))
            f.store(element, k.result(), f.index(first, [(place, 1), (loop.index, row.step)]))


def lower_concatenate(k: Kernel) -> None:
    """Block after block."""
    axis, strides = k.equation.params.axis, contiguous(k.equation.outputs[0].type.shape)
    done = 0
    for source in k.sources:
        copy_block(k, source, k.result(), strides, done * strides[axis])
        done += source.type.shape[axis]


ROWS = {
    "pad": Row(lower_pad, views=True),
    "concatenate": Row(lower_concatenate, views=True),
}
