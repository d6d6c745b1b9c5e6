"""Gather, scatter and slices that begin where an operand says. Indices are checked before anything is touched."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .emit import Value
from .kernel import Kernel, Operand, Row
from .movement import copy_block, shared_over
from .reductions import wide_of
from .sources import contiguous
from .vectors import Vectors

_WIDE = 64  # elements of a row that threads share
_LANES = 16  # elements of a row that one thread takes at least
_MANY = 1024  # rows
_AT_ONCE = 4  # vectors of a row that are copied together
_LARGEST = (1 << 31) - 1  # of the numbers that an int32 holds


def _check(k: Kernel, indices: Operand, count: str, width: int, axis: int, size: int) -> None:
    """Fail if one of the indices (count, width) lies outside 0 .. size-1 on an axis; the first one is reported."""
    limit = Value(k.f, "int64", k.number(size))

    def outside(position: str) -> tuple[Value, Value]:
        index = k.f.load(indices.pointer, indices.type.dtype, k.f.index(axis, [(position, width)]))
        return index, index.to("int64").compare("lt", 0) | index.to("int64").compare("ge", limit)

    is_row = width == 1 and indices.type.dtype == "int32" and size <= _LARGEST
    found = _any_in_row(k, indices, count, limit) if is_row and Vectors(k.f, "int32").masks_are_cheap else ""
    if not found:
        some = k.variable("int32")
        k.set(some, k.f.const("int32", 0))
        with k.f.loop(count) as loop:
            k.set(some, k.get(some, "int32") | outside(loop.index)[1].to("int32"))
        found = k.get(some, "int32").compare("ne", 0).name
    with k.f.when(found), k.f.loop(count) as loop:
        index, bad = outside(loop.index)
        with k.f.when(bad.name):
            k.fail(axis, index, loop.index)


def _any_in_row(k: Kernel, indices: Operand, count: str, limit: Value) -> str:
    """Whether one of `count` indices, side by side, is not in 0 .. limit-1. A negative one is a large number."""
    f, v = k.f, Vectors(k.f, "int32")
    kind, bits = f"<{v.lanes} x i1>", f"i{v.lanes}"
    limits, some = v.spread(limit.to("int32").name), k.f.fresh("x")
    k.allocas.append(f"  {some} = alloca {kind}")
    f.line(f"store {kind} zeroinitializer, ptr {some}")
    vectors = f.op(f"udiv i64 {f.index(v.lanes - 1, [(count, 1)])}, {v.lanes}")
    with f.loop(vectors) as loop:
        at = f.index(0, [(loop.index, v.lanes)])
        mask = v.below(count, at)
        bad = f.op(f"icmp uge {v.type} {v.load_masked(v.pointer(indices.pointer, at), mask)}, {limits}")
        bad = f.op(f"and {kind} {bad}, {mask}")
        before = f.op(f"load {kind}, ptr {some}")
        f.line(f"store {kind} {f.op(f'or {kind} {before}, {bad}')}, ptr {some}")
    whole = f.op(f"bitcast {kind} {f.op(f'load {kind}, ptr {some}')} to {bits}")
    return f.op(f"icmp ne {bits} {whole}, 0")


def _rows(k: Kernel, indices: Operand, shape: tuple[int, ...]) -> tuple[str, int, int]:
    """Check all indices: (how many index vectors, "" for none, their width, elements of a row).

    How many there are and where the axes end the caller says, so that batches of all sizes share their code.
    """
    width, count = indices.type.shape[-1], math.prod(indices.type.shape[:-1])
    if not count:
        return "", width, math.prod(shape[width:])
    rows = k.number(count)
    for axis in range(width):
        _check(k, indices, rows, width, axis, shape[axis])
    return rows, width, math.prod(shape[width:])


def _start(k: Kernel, indices: Operand, position: str, width: int, shape: tuple[int, ...]) -> str:
    """The offset of the row that an index vector names."""
    terms = []
    for axis, stride in enumerate(contiguous(shape)[:width]):
        index = k.f.load(indices.pointer, indices.type.dtype, k.f.index(axis, [(position, width)]))
        terms.append((index.to("int64").name, stride))
    return k.f.index(0, terms)


def lower_gather(k: Kernel) -> None:
    x, indices = k.operand(0), k.operand(1)
    rows, width, row = _rows(k, indices, x.type.shape)
    if not rows or not row:
        return
    v = Vectors(k.f, x.type.dtype)
    is_short = math.prod(indices.type.shape[:-1]) < _MANY  # else what LLVM makes of all loops is worth its time
    in_vectors = is_short and (row >= v.lanes or (row > 1 and v.masks_are_cheap))
    if is_short:
        k.passes = "registers" if in_vectors or row == 1 else "scalars"
    with k.part(rows).loop(rows) as loop:
        start = _start(k, indices, loop.index, width, x.type.shape)
        source, target = v.pointer(x.pointer, start), v.pointer(k.result(), k.f.index(0, [(loop.index, row)]))
        if in_vectors:
            _copy_row(v, source, target, row)
        else:
            with k.f.loop(row) as inner:
                k.f.store(k.f.load(source, x.type.dtype, inner.index), target, inner.index)


def _copy_row(v: Vectors, source: str, target: str, row: int) -> None:
    """In vectors, several at a time; the last ones may be copied twice."""
    if row < v.lanes:
        v.store(v.load(source, live=row), target, live=row)
        return
    several = min(_AT_ONCE, row // v.lanes)
    width = several * v.lanes
    with v.f.loop(row // width) as loop:
        at = v.f.index(0, [(loop.index, width)])
        _copy_vectors(v, v.pointer(source, at), v.pointer(target, at), range(0, width, v.lanes))
    done = row - row % width
    rest = [min(at, row - v.lanes) for at in range(done, row, v.lanes)]
    _copy_vectors(v, source, target, rest)


def _copy_vectors(v: Vectors, source: str, target: str, places: Sequence[int]) -> None:
    for at, vector in [(at, v.load(source, at)) for at in places]:
        v.store(vector, target, at)


def _copied(k: Kernel) -> None:
    """The result begins as operand 0, unless it lies in its place."""
    if k.operand(0).pointer != k.result():
        with k.alone():
            copy_block(k, k.sources[0], k.result(), contiguous(k.sources[0].type.shape))


def _columns(k: Kernel, row: int) -> tuple[str, str]:
    """Which elements of every row are this thread's: so each of them sees the updates in order."""
    if row < _WIDE or not k.sharing:
        return "0", str(row)
    part = k.part(-(-row // _LANES))
    first, last = (k.f.op(f"mul nuw nsw i64 {n}, {_LANES}") for n in (part.first, part.last))
    return first, k.f.call("i64", "llvm.smin.i64", f"i64 {last}", f"i64 {row}")


def _scatter(k: Kernel, add: bool) -> None:
    """Update after update."""
    f, shape = k.f, k.sources[0].type.shape
    rows, width, row = _rows(k, k.operand(1), shape)
    first, last = _columns(k, row)
    if not k.is_shared:
        _copied(k)
    if not row:
        return
    with f.when(f.op(f"icmp slt i64 {first}, {last}")):
        if k.is_shared and k.operand(0).pointer != k.result():
            with f.loop(math.prod(shape[:width])) as loop, f.loop(last, start=first) as inner:
                place = f.index(0, [(loop.index, row), (inner.index, 1)])
                f.store(k.at(k.sources[0], place), k.result(), place)
        if rows:
            with f.loop(rows) as loop:
                start = _start(k, k.operand(1), loop.index, width, shape)
                with f.loop(last, start=first) as inner:
                    source = f.index(0, [(loop.index, row), (inner.index, 1)])
                    _update(k, add, source, f.index(0, [(start, 1), (inner.index, 1)]))


def _update(k: Kernel, add: bool, source: str, place: str) -> None:
    """One element of an update goes to its place, or is added to what is there."""
    f, dtype = k.f, k.sources[0].type.dtype
    value = f.load(k.operand(2).pointer, dtype, source)
    if add:
        wide = wide_of(dtype)
        value = (f.load(k.result(), dtype, place).to(wide) + value.to(wide)).to(dtype)
    f.store(value, k.result(), place)


def lower_scatter(k: Kernel) -> None:
    _scatter(k, add=False)


def lower_scatter_add(k: Kernel) -> None:
    _scatter(k, add=True)


def _first(k: Kernel, start: Operand, shape: tuple[int, ...], sizes: tuple[int, ...]) -> str:
    """The offset of the block that begins at `start`, checked."""
    terms = []
    for axis, (n, size, stride) in enumerate(zip(sizes, shape, contiguous(shape), strict=True)):
        index = k.f.load(start.pointer, start.type.dtype, str(axis)).to("int64")
        with k.f.when((index.compare("lt", 0) | index.compare("gt", size - n)).name):
            k.fail(axis, index, "0")
        terms.append((index.name, stride))
    return k.f.index(0, terms)


def lower_dynamic_slice(k: Kernel) -> None:
    x, t = k.operand(0), k.equation.outputs[0].type
    first = _first(k, k.operand(1), x.type.shape, t.shape)
    if not t.size:
        return
    with shared_over(k, t.shape) as indices:
        places = list(zip(indices, contiguous(x.type.shape), strict=True))
        value = k.f.load(x.pointer, t.dtype, k.f.index(0, [*places, (first, 1)]))
        k.f.store(value, k.result(), k.f.index(0, list(zip(indices, contiguous(t.shape), strict=True))))


def lower_dynamic_update_slice(k: Kernel) -> None:
    x, update = k.operand(0), k.sources[1]
    first = _first(k, k.operand(2), x.type.shape, update.type.shape)
    _copied(k)
    with k.alone():
        copy_block(k, update, k.result(), contiguous(x.type.shape), shift=first)


ROWS = {
    "gather": Row(lower_gather),
    "scatter": Row(lower_scatter, inplace=True, literal=True),
    "scatter_add": Row(lower_scatter_add, inplace=True, literal=True),
    "dynamic_slice": Row(lower_dynamic_slice),
    "dynamic_update_slice": Row(lower_dynamic_update_slice, inplace=True),
}
