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

from ... import config
from ...ir import Equation, Params, Primitive, TensorType, Var
from ...primitives.window import dilated
from .contraction import Product, multiply, workspace_of
from .emit import SIZE, aligned
from .filters import POINTS, Factors, Filter, filter_with
from .grids import Grid, Pads, Walk, join, split
from .kernel import Kernel, Row
from .sources import Source, contiguous, whole
from .vectors import lanes_in
from .window import conv_product, cropped, without_negative_padding
from .writing import Writer

_TAPS = range(2, POINTS)  # for which there is a filter
_SAVED = 1.3  # times fewer multiplications
_SUMMED = 48  # numbers that a product sums: fewer are done before the tiles are made
_WORK = 1 << 20  # multiplications of a convolution that is worth it
_NEAR = 3 << 17  # bytes of tiles and results of a unit: they stay in the second-level cache
_LARGE = 1 << 20  # bytes of a kernel that does not
_ROWS = 24  # rows of a product that keep the processor busy
_UNITS = 8  # for threads to have something to do
_LINE = 4  # the rank of operands with one axis of space: there are only rows


def with_minimal_filters(e: Equation, operands: Sequence[Source]) -> Sequence[Equation]:
    """The steps that do what a convolution does, with fewer multiplications; none where it should stay as it is."""
    w, y = operands[1], e.outputs[0].type
    size = y.size * math.prod(w.type.shape[1:-1])
    if y.dtype != "float32" or size < _WORK or not e.params.strides or not config.filters_minimally():
        return ()
    p, x = cropped(e.params, operands[0])
    if max(*p.spread, p.strides[-1], p.dilation[-1]) > 1 or min(map(min, p.padding)) < 0:
        return ()
    if _is_layer(p, x, w.type, y):
        return _Writer(e).layer()
    return _Writer(e).gradient_by_kernel() if _is_kernel(x, w, y) else ()


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


def _without_row(p: Params) -> Params:
    """Of the products: padding is made real, and nothing along the row is left to do."""
    return Params({**p, "padding": ((0, 0),) * len(p.strides), "strides": (*p.strides[:-1], 1)})


# the equations


def _step(name: str, infer: Callable[..., TensorType]) -> Primitive:
    """What only this compiler does: a primitive without a meaning of its own in NumPy."""
    return Primitive(name, "native", infer, NotImplemented, doc="")


_SPLIT = _step("split", lambda p, x: x.with_shape(p.grid.shape))
_JOIN = _step("join", lambda p, x: x.with_shape((*p.grid.front, p.grid.width, p.grid.channels)))
_FILTERED = _step("filtered_conv", lambda p, x, w: p.unit.y)


class _Writer(Writer):
    def __init__(self, e: Equation) -> None:
        super().__init__(e)
        self.y, (self.x, self.w) = e.outputs[0].type, e.inputs
        self.p, cut = without_negative_padding(e.params, self.x.type.shape)
        if cut:
            self.x = self.emit("slice", self.x, **cut)

    def layer(self) -> list[Equation]:
        """The kernel split, then all else in one step."""
        *front, taps, channels, filters = self.w.type.shape
        unit = _unit(self.p, self.x.type, self.w.type, self.y)
        flat = self.emit("reshape", self.w, shape=(*front, taps, channels * filters))
        grid = Grid(tuple(front), 1, channels * filters, taps, taps, taps)
        points = self._split(flat, grid, [(0, 0)] * len(front), filter_with(taps=taps).kernel)
        return self.finished(self.emit(_FILTERED, self.x, points, unit=unit))

    def gradient_by_kernel(self) -> list[Equation]:
        """Rows of images and of what the kernel's place is taken by, both split; then joined sums."""
        y, rank, space = self.y, self.rank, range(2, 2 + self.rank)
        f = filter_with(results=y.shape[-2])
        image = self.emit("transpose", self.x, axes=(0, rank + 2, *space, 1))
        taps = self.emit("transpose", self.w, axes=(0, rank + 1, *(a - 1 for a in space), rank + 2))
        tiles = -(-taps.type.shape[-2] // f.taps)
        pads = [(0, 0), (0, 0), *self.p.padding[:-1]]
        front = tuple(n + sum(pad) for n, pad in zip(image.type.shape, pads, strict=False))
        grids = (
            Grid(front, tiles, image.type.shape[-1], image.type.shape[-2], POINTS, f.taps, self.p.padding[-1][0]),
            Grid(taps.type.shape[:-2], tiles, taps.type.shape[-1], taps.type.shape[-2], f.taps, f.taps),
        )
        a = self._points_in_groups(self._split(image, grids[0], pads, f.image))
        b = self._points_in_groups(self._split(taps, grids[1], [(0, 0)] * len(front), f.kernel))
        a = self.emit("transpose", a, axes=(0, rank + 2, *space, 1))
        b = self.emit("transpose", b, axes=(0, *space, 1, rank + 2))
        sums = self.emit(self.e.primitive, a, b, **_without_row(self.p))
        grid = Grid(y.shape[:-2], 1, y.shape[-1], y.shape[-2], f.results, f.results)
        return self.finished(self.emit(_JOIN, sums, grid=grid, matrices=f.result))

    def _split(self, v: Var, grid: Grid, pads: Pads, matrices: Factors) -> Var:
        return self.emit(_SPLIT, v, grid=grid, pads=pads, matrices=matrices)

    def _points_in_groups(self, v: Var) -> Var:
        points, groups, *rest = v.type.shape
        return self.emit("reshape", v, shape=(points * groups, *rest))


# the kernels


def flops_of_filtered(e: Equation) -> float:
    """Multiplications and additions of the products; not those of split and join."""
    unit = e.params.unit
    return 2.0 * math.prod(unit.sizes) * unit.result.elements * math.prod(unit.kernel[2:-1])


def _workspace(e: Equation, sources: Sequence[Source]) -> int:
    unit = e.params.unit
    return sum(unit.bytes) + workspace_of(unit.product())


def lower_filtered(k: Kernel) -> None:
    """Unit after unit: split, multiply, join."""
    (x, _, *reads), t, f = k.sources, k.equation.outputs[0].type, k.f
    unit, kernel = k.equation.params.unit, k.operand(1)
    sums, after = f.address(k.workspace, "uint8", str(unit.bytes[0])), sum(unit.bytes)
    with k.part(math.prod(unit.sizes)).loop(math.prod(unit.sizes)) as loop, k.alone():
        group, *number = f.digits(loop.index, unit.sizes)
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


def lower_split(k: Kernel) -> None:
    p = k.equation.params
    split(Walk(k, p.grid, k.result(), "float32"), k.sources[0], p.pads, p.matrices)


def lower_join(k: Kernel) -> None:
    p = k.equation.params
    join(Walk(k, p.grid, k.operand(0).pointer, "float32"), [whole(k.equation.outputs[0])], p.matrices, k.result())


ROWS = {
    "filtered_conv": Row(lower_filtered, views=True, workspace=_workspace),
    "split": Row(lower_split, rows=True),
    "join": Row(lower_join),
}
