"""Convolutions with fewer multiplications: minimal filters (filters.py) along the last axis of space.

A row of an image is cut into tiles of six numbers that overlap; the other axes of space stay windows. With three taps a
tile has four results, and six products of matrices do what twelve did.

    split      tiles of an image, or the taps of a kernel, at each point
    product    a convolution whose window is one number wide; the points are its groups
    join       results from what all points say

The layer and its gradient by the input do all three for some rows at a time, in the workspace of a thread, while they
are in its cache. The gradient by the kernel is a filter with as many results as the kernel has taps, whose taps are the
gradients of the results; its products sum over all images, so that split and join are steps of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ... import config
from ...ir import Equation, Params, TensorType, Var
from ...primitives.window import dilated
from .contraction import Product, multiply, workspace_of
from .emit import SIZE, aligned
from .filters import SIZE as POINTS
from .filters import Factors, Filter, filter_with
from .grids import Grid, Pads, Walk, join, split
from .kernel import Kernel, Row
from .movement import digits
from .sources import Source, contiguous, move_reshape, move_transpose, whole
from .vectors import lanes_in
from .window import conv_product, cropped

_TAPS = range(2, POINTS)  # for which there is a filter
_SAVED = 1.3  # times fewer multiplications
_SUMMED = 48  # numbers that a product sums: fewer are done before the tiles are made
_WORK = 1 << 20  # multiplications of a convolution that is worth it
_NEAR = 3 << 17  # bytes of tiles and results of a unit: they stay in the second-level cache
_LARGE = 1 << 20  # bytes of a kernel that does not
_ROWS = 24  # rows of a product that keep the processor busy
_UNITS = 8  # for threads to have something to do
_LINE = 4  # the rank of operands with one axis of space: there are only rows


class Part(NamedTuple):
    """What becomes a node."""

    name: str
    sources: list[Source]
    equation: Equation


Copy = Callable[[Source], Source]


def in_parts(e: Equation, operands: Sequence[Source], copy: Copy) -> list[Part]:
    """The steps that do what a convolution does, with fewer multiplications; none where it should stay as it is."""
    w, y = operands[1], e.outputs[0].type
    size = y.size * math.prod(w.type.shape[1:-1])
    if y.dtype != "float32" or size < _WORK or not e.params.strides or not config.filters_minimally():
        return []
    p, x = cropped(e.params, operands[0])
    if max(*p.spread, p.strides[-1], p.dilation[-1]) > 1 or min(map(min, p.padding)) < 0:
        return []
    if _is_layer(p, x, w.type, y):
        return _layer(e, p, x, w, copy)
    return _kernel(e, p, x, w) if _is_kernel(x, w, y) else []


def _is_layer(p: Params, x: Source, w: TensorType, y: TensorType) -> bool:
    taps, channels = w.shape[-3], w.shape[-2:]
    if taps not in _TAPS or x.strides[-1] != 1 or not _fill_vectors(channels):
        return False
    if math.prod(w.shape[1:-3]) * channels[0] < _SUMMED or not _saves(y.shape[-2], taps, filter_with(taps=taps)):
        return False
    return _unit(p, x.type, w, y) is not None


def _is_kernel(x: Source, w: Source, y: TensorType) -> bool:
    results, taps = y.shape[-2], w.type.shape[-3]
    if results not in _TAPS or taps in _TAPS or not x.strides[1] == w.strides[-1] == 1:
        return False
    return _fill_vectors((x.type.shape[1], y.shape[-1])) and _saves(results, taps, filter_with(results=results))


def _fill_vectors(channels: Sequence[int]) -> bool:
    return all(n >= 16 and n % lanes_in(4) == 0 for n in channels)


def _saves(results: int, taps: int, f: Filter) -> bool:
    """Whether rows with so many results and taps are done with fewer multiplications."""
    return results * taps >= _SAVED * POINTS * -(-results // f.results) * -(-taps // f.taps)


# the layer, and its gradient by the input


@dataclass(frozen=True)
class Unit:
    """What a thread does at a time: so many images of one group, or rows of one image."""

    p: Params
    w: TensorType  # the kernel before it was split
    y: TensorType
    width: int  # of a row of the operand
    images: int
    rows: int  # along the first axis of space, if that is not the row itself

    @property
    def filter(self) -> Filter:
        return filter_with(taps=self.w.shape[-3])

    @property
    def counts(self) -> tuple[int, ...]:
        """Results along the axes of space but the row."""
        return (self.rows, *self.y.shape[3:-2]) if self.y.rank > _LINE else ()

    @cached_property
    def image(self) -> Grid:
        """Of the tiles. All axes but the row have their padding."""
        along = zip(self.counts, self.p.strides, self.w.shape[1:-3], self.p.dilation, strict=False)
        frame = tuple((n - 1) * step + dilated(k, far) for n, step, k, far in along)
        front, f = (1, self.images, *frame), self.filter
        return Grid(front, self.result.tiles, self.w.shape[-2], self.width, POINTS, f.results, self.p.padding[-1][0])

    @cached_property
    def result(self) -> Grid:
        width, m = self.y.shape[-2], self.filter.results
        return Grid((1, self.images, *self.counts), -(-width // m), self.w.shape[-1], width, m, m)

    @cached_property
    def bytes(self) -> tuple[int, int]:
        """Of both grids."""
        return aligned(self.image.elements * SIZE["float32"]), aligned(self.result.elements * SIZE["float32"])

    @property
    def kernel(self) -> tuple[int, ...]:
        """The shape of the kernel that was split: points, groups, the window, channels, filters."""
        return (POINTS, self.w.shape[0], *self.w.shape[1:-3], 1, *self.w.shape[-2:])

    def product(self) -> Product:
        strides = contiguous(self.kernel)
        kernel = Source(self.y.with_shape((POINTS, *self.kernel[2:])), None, (strides[0], *strides[2:]))
        a, c = (Source(self.y.with_shape(shape), None, contiguous(shape))
                for shape in ((POINTS, *grid.shape[2:]) for grid in (self.image, self.result)))  # fmt: skip
        return conv_product(_without_row(self.p), a, kernel, c)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many units there are: along groups, images, rows."""
        rows = self.y.shape[2] // self.rows if self.y.rank > _LINE else 1
        return self.y.shape[0], self.y.shape[1] // self.images, rows

    @property
    def is_good(self) -> bool:
        """Whether grids stay near, products have enough rows, and threads enough units."""
        kernel = SIZE["float32"] * math.prod(self.kernel) // self.w.shape[0]
        least = _ROWS if kernel <= _LARGE else 2 * _ROWS  # a large kernel must be worth reading
        near = sum(self.bytes) <= max(_NEAR, min(kernel, 2 * _LARGE))
        return near and math.prod(self.sizes) >= _UNITS and self.result.tiles * math.prod(self.result.front) >= least


def _unit(p: Params, x: TensorType, w: TensorType, y: TensorType) -> Unit | None:
    """The largest good unit."""
    images, rows = y.shape[1], y.shape[2] if y.rank > _LINE else 1
    cuts = [(n, rows) for n in range(images, 0, -1) if images % n == 0]
    cuts += [(1, n) for n in range(rows - 1, 0, -1) if rows % n == 0]
    units = (Unit(p, w, y, x.shape[-2], *cut) for cut in cuts)
    return next((unit for unit in units if unit.is_good), None)


def _unit_of(e: Equation, x: Source) -> Unit:
    unit = _unit(e.params, x.type, e.inputs[1].type, e.outputs[0].type)
    assert unit
    return unit


def _without_row(p: Params) -> Params:
    """Of the products: padding is made real, and nothing along the row is left to do."""
    return Params({**p, "padding": ((0, 0),) * len(p.strides), "strides": (*p.strides[:-1], 1)})


def _layer(e: Equation, p: Params, x: Source, w: Source, copy: Copy) -> list[Part]:
    *front, taps, channels, filters = w.type.shape
    rows = Params(shape=(*front, taps, channels * filters))
    flat = move_reshape(rows, w)
    if flat is None or flat.strides[-1] != 1:
        flat = move_reshape(rows, copy(w))
    assert flat
    grid = Grid(tuple(front), 1, channels * filters, taps, taps, taps)
    part = _split_part(e, flat, grid, [(0, 0)] * len(front), filter_with(taps=taps).kernel)
    equation = Equation(e.primitive, e.inputs, p, e.outputs, e.where)
    return [part, Part("filtered_conv", [x, whole(part.equation.outputs[0])], equation)]


def flops_of_filtered(e: Equation, x: Source) -> float:
    """Multiplications and additions of the products; not those of split and join."""
    unit = _unit_of(e, x)
    return 2.0 * math.prod(unit.sizes) * unit.result.elements * math.prod(unit.kernel[2:-1])


def _workspace(e: Equation, sources: Sequence[Source]) -> int:
    unit = _unit_of(e, sources[0])
    return sum(unit.bytes) + workspace_of(unit.product())


def lower_filtered(k: Kernel) -> None:
    """Unit after unit: split, multiply, join."""
    (x, _, *reads), t, f = k.sources, k.equation.outputs[0].type, k.f
    unit, kernel = _unit_of(k.equation, x), k.operand(1)
    sums, after = f.address(k.workspace, "uint8", str(unit.bytes[0])), sum(unit.bytes)
    with k.part(math.prod(unit.sizes)).loop(math.prod(unit.sizes)) as loop, k.alone():
        group, *number = digits(f, loop.index, unit.sizes)
        image, row = (_times(k, i, n) for i, n in zip(number, (unit.images, unit.rows), strict=True))
        pads = ((0, 0), (0, 0), *unit.p.padding[:-1])
        starts = _starts(unit, group, image, _times(k, row, unit.p.strides[0]))
        split(Walk(k, unit.image, k.workspace, t.dtype, starts), x, pads, unit.filter.image)
        b = f.address(kernel.pointer, t.dtype, _times(k, group, math.prod(unit.kernel[2:])))
        multiply(k, unit.product(), k.workspace, b, sums, after)
        walk = Walk(k, unit.result, sums, t.dtype, _starts(unit, group, image, row))
        results = [whole(k.equation.outputs[0]), *reads]
        join(walk, results, unit.filter.result, "" if k.finish else k.result(), k.finish)


def _times(k: Kernel, name: str, factor: int) -> str:
    return "0" if name == "0" else k.f.index(0, [(name, factor)])


def _starts(unit: Unit, group: str, image: str, row: str) -> list[str]:
    return [group, image, *[row, *["0"] * unit.y.rank][: len(unit.counts)]]


# the gradient by the kernel


def _kernel(e: Equation, p: Params, x: Source, w: Source) -> list[Part]:
    """Rows of images and of what the kernel's place is taken by, both split; then joined sums."""
    y, rank = e.outputs[0].type, len(p.strides)
    f = filter_with(results=y.shape[-2])
    image = move_transpose(Params(axes=(0, rank + 2, *range(2, 2 + rank), 1)), x)
    taps = move_transpose(Params(axes=(0, rank + 1, *range(1, 1 + rank), rank + 2)), w)
    tiles = -(-taps.type.shape[-2] // f.taps)
    pads = [(0, 0), (0, 0), *p.padding[:-1]]
    front = tuple(n + sum(pad) for n, pad in zip(image.type.shape, pads, strict=False))
    grids = (
        Grid(front, tiles, image.type.shape[-1], image.type.shape[-2], POINTS, f.taps, p.padding[-1][0]),
        Grid(taps.type.shape[:-2], tiles, taps.type.shape[-1], taps.type.shape[-2], f.taps, f.taps),
    )
    parts = [_split_part(e, image, grids[0], pads, f.image),
             _split_part(e, taps, grids[1], [(0, 0)] * len(front), f.kernel)]  # fmt: skip
    a, b = (_points_in_groups(whole(part.equation.outputs[0])) for part in parts)
    a = move_transpose(Params(axes=(0, rank + 2, *range(2, 2 + rank), 1)), a)
    b = move_transpose(Params(axes=(0, *range(2, 2 + rank), 1, rank + 2)), b)
    sums = Var(y.with_shape((a.type.shape[0], *y.shape[1:-2], 1, y.shape[-1])))
    product = Equation(e.primitive, (), _without_row(p), (sums,), e.where)
    grid = Grid(y.shape[:-2], 1, y.shape[-1], y.shape[-2], f.results, f.results)
    joined = Equation(e.primitive, (), Params(grid=grid, matrices=f.result), e.outputs, e.where)
    return [*parts, Part("conv", [a, b], product), Part("join", [whole(sums)], joined)]


def _points_in_groups(s: Source) -> Source:
    found = move_reshape(Params(shape=(s.type.shape[0] * s.type.shape[1], *s.type.shape[2:])), s)
    assert found
    return found


# steps


def _split_part(e: Equation, x: Source, grid: Grid, pads: Pads, matrices: Factors) -> Part:
    params = Params(grid=grid, pads=pads, matrices=matrices)
    return Part("split", [x], Equation(e.primitive, (), params, (Var(x.type.with_shape(grid.shape)),), e.where))


def lower_split(k: Kernel) -> None:
    p = k.equation.params
    split(Walk(k, p.grid, k.result(), "float32"), k.sources[0], p.pads, p.matrices)


def lower_join(k: Kernel) -> None:
    p = k.equation.params
    join(Walk(k, p.grid, k.operand(0).pointer, "float32"), [whole(k.equation.outputs[0])], p.matrices, k.result())


ROWS = {
    "filtered_conv": Row(lower_filtered, views=True, workspace=_workspace),
    "split": Row(lower_split, views=True),
    "join": Row(lower_join),
}
