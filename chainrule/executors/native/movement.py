"""Movement that strides cannot say: padding and concatenation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from .emit import Value
from .kernel import Kernel, Row
from .sources import Source, contiguous, merged


def copy_block(
    kernel: Kernel, source: Source, target: str, strides: Sequence[int], offset: int = 0, shift: str = "0"
) -> None:
    """target[offset + shift + i strides] = source[i] for every index i of the source."""
    if not source.type.size:
        return
    loops = merged(source.type.shape, [source.strides, strides])
    with kernel.over([n for n, _ in loops]) as indices:
        pairs = list(zip(indices, (steps for _, steps in loops), strict=True))
        value = kernel.at(source, kernel.f.index(source.offset, [(i, s[0]) for i, s in pairs]))
        place = kernel.f.index(offset, [(i, s[1]) for i, s in pairs] + [(shift, 1)] * (shift != "0"))
        kernel.f.store(value, target, place)


def fill(kernel: Kernel, target: str, count: int, value: Value) -> None:
    """The first `count` elements of a buffer become one number."""
    if count:
        with kernel.f.loop(count) as loop:
            kernel.f.store(value, target, loop.index)


def part(source: Source, low: Sequence[int], count: Sequence[int]) -> Source:
    """A block of a source: `count` elements from `low` on, along each axis."""
    offset = source.offset + sum(a * s for a, s in zip(low, source.strides, strict=True))
    return replace(source, type=source.type.with_shape(count), offset=offset)


def pad_into(
    kernel: Kernel, source: Source, target: str, shape: Sequence[int], low: Sequence[int], steps: Sequence[int],
    value: Value,
) -> None:  # fmt: skip
    """Row-major `target` of a shape: the elements of the source `steps` apart from `low` on, `value` elsewhere."""
    fill(kernel, target, math.prod(shape), value)
    first, counts = [], []
    for n, lo, step, size in zip(source.type.shape, low, steps, shape, strict=True):
        inside = [k for k in range(n) if 0 <= lo + k * step < size]
        first.append(inside[0] if inside else 0)
        counts.append(len(inside))
    places = contiguous(shape)
    offset = sum((lo + k * step) * s for lo, k, step, s in zip(low, first, steps, places, strict=True))
    strides = [step * s for step, s in zip(steps, places, strict=True)]
    copy_block(kernel, part(source, first, counts), target, strides, offset)


def lower_pad(k: Kernel) -> None:
    p, t = k.equation.params, k.equation.outputs[0].type
    value = k.f.const(t.dtype, p.value)
    pad_into(k, k.sources[0], k.result(), t.shape, p.low, [i + 1 for i in p.interior], value)


def lower_concatenate(k: Kernel) -> None:
    axis, strides = k.equation.params.axis, contiguous(k.equation.outputs[0].type.shape)
    done = 0
    for source in k.sources:
        copy_block(k, source, k.result(), strides, done * strides[axis])
        done += source.type.shape[axis]


ROWS = {
    "pad": Row(lower_pad, views=True),
    "concatenate": Row(lower_concatenate, views=True),
}
