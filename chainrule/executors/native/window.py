"""Convolution: a product whose rows of A are the pixels under the window.

Padding and spread (zeros between pixels) are made real in one of two ways. Images that lie one after the other are
framed a few at a time in the workspace of a thread, which then multiplies them while they are in its cache. Where an
image is not a piece of memory, or there are too few of them for all threads, the whole operand is framed in a step
before (`framed`, one of the table in ways.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ...ir import Equation, Params, TensorType
from ...primitives.window import dilated
from .contraction import Product, multiply, workspace_of
from .emit import SIZE, aligned
from .kernel import Kernel, Row
from .movement import copy_inside, fill
from .sources import Source, contiguous, merged, move_slice, whole
from .writing import Writer

_FRAMES = 1 << 18  # bytes of the frames of a unit: they stay in the second-level cache
_LARGEST = 1 << 21  # bytes of an image that is framed by its thread
_IMAGES = 16  # fewer images are not enough for all threads
_TILE = 8  # rows of a tile that keep the processor busy
_ROWS = 512  # rows of A in a unit: more do not make a product faster


def _is_plain(p: Params) -> bool:
    return not any(map(any, p.padding)) and max((1, *p.spread)) == 1


def is_plain(p: Params, x: Source) -> bool:
    """Whether a convolution of an operand is one product, without a frame."""
    return _is_plain(cropped(p, x)[0])


def _frame(p: Params, shape: Sequence[int]) -> tuple[int, ...]:
    """The shape of the operand with padding and spread made real."""
    space = zip(shape[2:-1], p.spread, p.padding, strict=True)
    return (*shape[:2], *(dilated(n, s) + sum(pad) for n, s, pad in space), shape[-1])


def cropped(p: Params, x: Source) -> tuple[Params, Source]:
    """Negative padding as a view."""
    p, cut = without_negative_padding(p, x.type.shape)
    return p, move_slice(cut, x) if cut else x


def without_negative_padding(p: Params, shape: Sequence[int]) -> tuple[Params, Params | None]:
    """(what remains, the slice of the operand that does the rest; None if there is nothing to do)."""
    if min((0, *map(min, p.padding))) == 0 or max((1, *p.spread)) > 1:
        return p, None
    pads = [(0, 0), (0, 0), *p.padding, (0, 0)]
    start = [min(n, max(0, -lo)) for n, (lo, _) in zip(shape, pads, strict=True)]
    stop = [max(first, n - max(0, -hi)) for first, n, (_, hi) in zip(start, shape, pads, strict=True)]
    padding = [
        (max(0, lo), max(0, hi)) if first < last else (n + lo + hi, 0)  # nothing is left but zeros
        for first, last, n, (lo, hi) in zip(start[2:-1], stop[2:-1], shape[2:-1], p.padding, strict=True)
    ]
    cut = Params(start=tuple(start), stop=tuple(stop), strides=(1,) * len(shape))
    return Params({**p, "padding": tuple(padding)}), cut


def framed(e: Equation, operands: Sequence[Source]) -> Sequence[Equation]:
    """A convolution after its padding is made real; none if that can be done while it is multiplied."""
    p, x = e.params, operands[0]
    shape = _frame(p, x.type.shape)
    size = math.prod(shape[2:]) * SIZE[x.type.dtype]
    alone = x.strides[-1] == 1 and math.prod(x.type.shape[:2]) >= _IMAGES and size <= _LARGEST
    if alone or not x.type.size or not e.outputs[0].type.size or is_plain(p, x):
        return ()
    order = sorted(range(x.type.rank), key=lambda a: -abs(x.strides[a]))  # in which the axes lie in memory
    entries = [(0, 0, 0), (0, 0, 0), *((*pad, s - 1) for pad, s in zip(p.padding, p.spread, strict=True)), (0, 0, 0)]
    low, high, interior = zip(*(entries[a] for a in order), strict=True)
    w, rank = Writer(e), len(p.strides)
    frame = w.emit("pad", w.emit("transpose", e.inputs[0], axes=order), low=low, high=high, interior=interior, value=0)
    back = w.emit("transpose", frame, axes=sorted(range(len(order)), key=order.__getitem__))
    plain = {**p, "padding": ((0, 0),) * rank, "spread": (1,) * rank}
    return w.finished(w.emit(e.primitive, back, e.inputs[1], **plain))


class Unit(NamedTuple):
    """What a thread frames and multiplies at a time: so many images of one group."""

    images: int
    frame: Source
    result: Source


def _unit(p: Params, x: Source, y: TensorType) -> Unit:
    shape, rows = _frame(p, x.type.shape), math.prod(y.shape[2:-1])
    size = math.prod(shape[2:]) * SIZE[y.dtype]
    images = 1
    for n in range(2, x.type.shape[1] + 1):
        if x.type.shape[1] % n == 0 and n * size <= _FRAMES and (n - 1) * rows < _ROWS:
            images = n
    frame, result = y.with_shape((1, images, *shape[2:])), y.with_shape((1, images, *y.shape[2:]))
    return Unit(images, *(Source(t, None, contiguous(t.shape)) for t in (frame, result)))


def conv_product(p: Params, x: Source, w: Source, y: Source, reads: Sequence[Source] = ()) -> Product:
    """The pixels under the window are rows of A that lie `stride` apart; sums are over the window and the channels.

    `reads` have the shape of the result.
    """
    a, b, along = x.strides, w.strides, [y.strides, *(s.strides for s in reads)]
    size, nothing = y.type.shape, (0,) * x.type.rank
    pixels = (a[1], *(step * n for step, n in zip(a[2:-1], p.strides, strict=True)))
    window = (*(step * n for step, n in zip(a[2:-1], p.dilation, strict=True)), a[-1])
    sums = merged((*w.type.shape[1:-2], x.type.shape[-1]), [window, b[1:-1], *[nothing[2:]] * len(along)])
    return Product(
        y.type.dtype,
        merged(size[:1], [a[:1], b[:1], *(c[:1] for c in along)]),
        _longest_last(merged(size[1:-1], [pixels, nothing[2:], *(c[1:-1] for c in along)])),
        merged(size[-1:], [(0,), b[-1:], *(c[-1:] for c in along)]),
        sorted(sums, key=lambda loop: -abs(loop[1][0])),
        (x.offset, w.offset, *(s.offset for s in reads)),
    )


def _longest_last(loops: list) -> list:
    """The rows of a tile come from the last loop: a short one leaves the processor's registers empty."""
    if loops and loops[-1][0] < _TILE:
        longest = max(loops, key=lambda loop: loop[0])
        return [*(loop for loop in loops if loop is not longest), longest]
    return loops


def conv_workspace(e: Equation, sources: Sequence[Source]) -> int:
    """Bytes of the framed images, and of what the product packs."""
    (x, w, *reads), t = sources, e.outputs[0].type
    if not t.size:
        return 0
    p, x = cropped(e.params, x)
    if _is_plain(p):
        return workspace_of(conv_product(p, x, w, whole(e.outputs[0]), reads))
    unit = _unit(p, x, t)
    return _frame_bytes(unit) + workspace_of(conv_product(p, unit.frame, w, unit.result))


def _frame_bytes(unit: Unit) -> int:
    return aligned(unit.frame.type.size * SIZE[unit.frame.type.dtype])


def lower_conv(k: Kernel) -> None:
    """A product of the operand as it lies, or of some framed images after the other."""
    t = k.equation.outputs[0].type
    if not t.size:
        return
    p, x = cropped(k.equation.params, k.sources[0])
    kernel = k.operand(1)
    if _is_plain(p):
        product = conv_product(p, x, kernel.source, whole(k.equation.outputs[0]), k.sources[2:])
        multiply(k, product, k.pointer(x.buffer), kernel.pointer, k.result(), finish=k.finish)
        return
    unit = _unit(p, x, t)
    product = conv_product(p, unit.frame, kernel.source, unit.result)
    fill(k, k.workspace, unit.frame.type.size, k.f.const(t.dtype, 0))  # what no image covers stays so
    groups, count = t.shape[0], t.shape[1] // unit.images
    with k.part(groups * count).loop(groups * count) as loop:
        group, number = k.f.digits(loop.index, (groups, count))
        _into_frame(k, p, x, unit, group, number)
        places = [(kernel.pointer, k.f.index(0, [(group, kernel.source.strides[0])])),
                  (k.result(), k.f.index(0, [(loop.index, unit.result.type.size)]))]  # fmt: skip
        b, c = (k.f.address(pointer, t.dtype, offset) for pointer, offset in places)
        with k.alone():
            multiply(k, product, k.workspace, b, c, _frame_bytes(unit))


def _into_frame(k: Kernel, p: Params, x: Source, unit: Unit, group: str, number: str) -> None:
    """Copy the images of a unit into the middle of their frames."""
    shape = (1, unit.images, *x.type.shape[2:])
    block = replace(x, type=x.type.with_shape(shape))
    shift = k.f.index(0, [(group, x.strides[0]), (number, unit.images * x.strides[1])])
    pads, spread = [(0, 0), (0, 0), *p.padding, (0, 0)], (1, 1, *p.spread, 1)
    low = [lo for lo, _ in pads]
    copy_inside(k, block, k.workspace, unit.frame.type.shape, low, spread, shift)


ROWS = {"conv": Row(lower_conv, views=True, workspace=conv_workspace)}
