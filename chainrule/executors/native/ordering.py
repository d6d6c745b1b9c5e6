"""Sorting by radix, positions of extremes, and cumulative rows.

A key is an unsigned integer in the order of the elements (NaN largest, -0 equal to 0); a stable pass for each byte of
it, lowest first, sorts the positions. One way for all dtypes, no comparisons, the same bits everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ...ir import Equation
from .emit import SIZE, Value
from .kernel import Kernel, Row
from .reductions import combine, start_of, wide_of
from .sources import Source

_UNSIGNED = {1: "uint8", 2: "uint16", 4: "uint32", 8: "uint64"}
_MANY = 4096  # elements of a line for which LLVM may take its time


def _lines(shape: tuple[int, ...], axis: int) -> tuple[int, int, int]:
    """(lines before, elements of a line, the distance between them)."""
    return math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])


def order_key(x: Value, descending: bool) -> Value:
    """An unsigned integer that is in order where `x` is."""
    dtype = _UNSIGNED[SIZE[x.dtype]]
    if x.dtype == "bool":
        key = x.to("uint8")
    elif x.is_float:
        zero = x.lift(0.0)
        plain = x.is_nan().where(float("nan"), x.compare("eq", 0.0).where(zero, x))
        bits = plain.bits()
        top = 8 * SIZE[dtype] - 1
        sign = Value(x.f, dtype.replace("u", ""), bits.name) >> top
        key = bits ^ (Value(x.f, dtype, sign.name) | (1 << top))
    else:
        key = Value(x.f, dtype, x.name)
        key = key ^ (1 << (8 * SIZE[dtype] - 1)) if x.signed else key
    return key ^ -1 if descending else key


def sort_workspace(e: Equation, sources: Sequence[Source]) -> int:
    """Bytes of keys and positions, twice, and of the counts."""
    t, p = e.inputs[0].type, e.params
    n = t.shape[p.axis] if "axis" in p else t.shape[-1]
    return 2 * n * (8 + 4) + 256 * 8


class Sorter:
    """Sorts the positions of one line of operand 0."""

    def __init__(self, k: Kernel, n: int, descending: bool) -> None:
        self.k, self.n, self.descending = k, n, descending
        self.dtype = k.sources[0].type.dtype
        self.key = _UNSIGNED[SIZE[self.dtype]]
        base, size = k.workspace, n * SIZE[self.key]
        places = (0, size, 2 * size, 2 * size + 4 * n, (2 * size + 8 * n + 7) // 8 * 8)
        self.keys = [self._at(base, places[i]) for i in (0, 1)]
        self.orders = [self._at(base, places[i]) for i in (2, 3)]
        self.counts = self._at(base, places[4])

    def _at(self, base: str, offset: int) -> str:
        return self.k.f.op(f"getelementptr inbounds i8, ptr {base}, i64 {offset}") if offset else base

    def run(self, element: Callable[[str], Value]) -> str:
        """The pointer to the sorted positions (int32) of the line whose elements `element` reads."""
        f = self.k.f
        with f.loop(self.n) as loop:
            f.store(order_key(element(loop.index), self.descending), self.keys[0], loop.index)
            f.store(Value(f, "int64", loop.index).to("int32"), self.orders[0], loop.index)
        if SIZE[self.key] == 1:
            self._pass("0")
            return self.orders[1]
        with f.loop(SIZE[self.key] // 2) as loop:
            for byte in (0, 8):  # there and back
                self._pass(f.index(byte, [(loop.index, 16)]))
                self.keys.reverse()
                self.orders.reverse()
        return self.orders[0]

    def _digit(self, key: Value, shift: str) -> str:
        return ((key >> Value(key.f, "uint64", shift).to(key.dtype)) & 255).to("uint64").name

    def _pass(self, shift: str) -> None:
        """Stable counting sort by one byte, from the first buffers into the second."""
        f = self.k.f
        with f.loop(256) as loop:
            f.store(f.const("int64", 0), self.counts, loop.index)
        with f.loop(self.n) as loop:
            digit = self._digit(f.load(self.keys[0], self.key, loop.index), shift)
            f.store(f.load(self.counts, "int64", digit) + 1, self.counts, digit)
        with f.loop(256, [("i64", "0")]) as loop:
            here = f.load(self.counts, "int64", loop.index)
            f.store(Value(f, "int64", loop.values[0]), self.counts, loop.index)
            loop.next = [f.index(0, [(loop.values[0], 1), (here.name, 1)])]
        with f.loop(self.n) as loop:
            key = f.load(self.keys[0], self.key, loop.index)
            digit = self._digit(key, shift)
            place = f.load(self.counts, "int64", digit)
            f.store(place + 1, self.counts, digit)
            f.store(key, self.keys[1], place.name)
            f.store(f.load(self.orders[0], "int32", loop.index), self.orders[1], place.name)


def _sort(k: Kernel, axis: int, descending: bool, most: int, values: str, positions: str) -> None:
    """Sort every line along an axis; the first `most` values and positions are stored where wanted."""
    x = k.operand(0)
    before, n, after = _lines(x.type.shape, axis)
    if not x.type.size or not most:
        return
    k.passes = "registers" if n < _MANY else ""
    sorter = Sorter(k, n, descending)
    with k.part(before * after).loop(before * after) as line:
        i, j = k.f.digits(line.index, (before, after))
        element = lambda at: k.f.load(x.pointer, x.type.dtype, k.f.index(0, [(i, n * after), (at, after), (j, 1)]))  # noqa: E731
        order = sorter.run(element)
        with k.f.loop(most) as loop:
            position = k.f.load(order, "int32", loop.index)
            place = k.f.index(0, [(i, most * after), (loop.index, after), (j, 1)])
            if positions:
                k.f.store(position, positions, place)
            if values:
                k.f.store(element(position.to("int64").name), values, place)


def lower_argsort(k: Kernel) -> None:
    p = k.equation.params
    _sort(k, p.axis, p.descending, k.sources[0].type.shape[p.axis], "", k.result())


def lower_sort(k: Kernel) -> None:
    p = k.equation.params
    _sort(k, p.axis, p.descending, k.sources[0].type.shape[p.axis], k.result(), "")


def lower_top_k(k: Kernel) -> None:
    _sort(k, k.sources[0].type.rank - 1, True, k.equation.params.k, k.result(0), k.result(1))


def _position(largest: bool) -> Callable[[Kernel], None]:
    name = "reduce_max" if largest else "reduce_min"

    def lower(k: Kernel) -> None:
        before, n, after = _lines(k.sources[0].type.shape, k.equation.params.axis)
        if k.sources[0].type.size:
            with k.part(before).loop(before) as loop:
                if after == 1:
                    _first_extreme(k, name, n, loop.index)
                else:
                    _first_extremes(k, largest, n, after, loop.index)

    return lower


def _first_extreme(k: Kernel, name: str, n: int, line: str) -> None:
    """Of one line in memory order: its extreme, then the first place where it is found (or NaN, if it is NaN)."""
    x, f = k.operand(0), k.f
    wide = wide_of(x.type.dtype)
    element = lambda at: f.load(x.pointer, x.type.dtype, f.index(0, [(line, n), (at, 1)])).to(wide)  # noqa: E731
    best, where = k.variable(wide), k.variable("int32")
    k.set(best, f.const(wide, start_of(name, wide)))
    with f.loop(n) as loop:
        k.set(best, combine(name, k.get(best, wide), element(loop.index)))
    k.set(where, f.const("int32", n))
    extreme = k.get(best, wide)
    with f.loop(n) as loop:
        found = element(loop.index)
        hit = found.compare("eq", extreme)
        hit = hit | found.is_nan() if found.is_float else hit
        here = hit.where(Value(f, "int64", loop.index).to("int32"), f.const("int32", n))
        k.set(where, k.get(where, "int32").intrinsic("smin", here))
    f.store(k.get(where, "int32"), k.result(), line)


def _first_extremes(k: Kernel, largest: bool, n: int, after: int, block: str) -> None:
    """Of `after` lines side by side: the extremes so far lie in the workspace, their places in the result."""
    x, f = k.operand(0), k.f
    dtype = x.type.dtype

    def take(at: str, better: Callable[[Value, Value], Value] | None) -> None:
        with f.loop(after) as loop:
            new = f.load(x.pointer, dtype, f.index(0, [(block, n * after), (at, after), (loop.index, 1)]))
            place = f.index(0, [(block, after), (loop.index, 1)])
            position = Value(f, "int64", at).to("int32")
            if better:
                old = f.load(k.workspace, dtype, loop.index)
                moves = better(new, old)
                new, position = moves.where(new, old), moves.where(position, f.load(k.result(), "int32", place))
            f.store(new, k.workspace, loop.index)
            f.store(position, k.result(), place)

    def better(new: Value, old: Value) -> Value:
        found = new.compare("gt" if largest else "lt", old)
        return found | (new.is_nan() & old.is_nan().compare("eq", False)) if new.is_float else found

    take("0", None)
    if n > 1:
        with f.loop(n, start="1") as loop:
            take(loop.index, better)


def _position_workspace(e: Equation, sources: Sequence[Source]) -> int:
    """Bytes of the extremes of lines side by side."""
    after = _lines(e.inputs[0].type.shape, e.params.axis)[2]
    return after * SIZE[e.inputs[0].type.dtype] if after > 1 else 0


def _cumulative(name: str) -> Callable[[Kernel], None]:
    def lower(k: Kernel) -> None:
        x, p, f = k.operand(0), k.equation.params, k.f
        before, n, after = _lines(x.type.shape, p.axis)
        if not x.type.size:
            return
        wide = wide_of(x.type.dtype)

        def place(i: str, at: str, j: str, back: int = 0) -> str:
            terms = [(i, n * after), (at, -after if p.reverse else after), (j, 1)]
            return f.index((n - 1) * after + back * after if p.reverse else -back * after, terms)

        with k.part(before).loop(before) as line:
            i = line.index
            with f.loop(after) as inner:
                first = place(i, "0", inner.index)
                f.store(f.load(x.pointer, x.type.dtype, first), k.result(), first)
            if n > 1:
                with f.loop(n, start="1") as loop, f.loop(after) as inner:
                    here = place(i, loop.index, inner.index)
                    total = f.load(k.result(), x.type.dtype, place(i, loop.index, inner.index, 1)).to(wide)
                    value = f.load(x.pointer, x.type.dtype, here).to(wide)
                    f.store(_step(name, total, value).to(x.type.dtype), k.result(), here)

    return lower


def _step(name: str, total: Value, value: Value) -> Value:
    if name == "cumsum":
        return total + value
    if name == "cumprod":
        return total * value
    return combine("reduce_max" if name == "cummax" else "reduce_min", total, value)


ROWS = {
    "argsort": Row(lower_argsort, workspace=sort_workspace),
    "sort": Row(lower_sort, workspace=sort_workspace),
    "top_k": Row(lower_top_k, workspace=sort_workspace),
    "argmax": Row(_position(True), workspace=_position_workspace),
    "argmin": Row(_position(False), workspace=_position_workspace),
    **{name: Row(_cumulative(name)) for name in ("cumsum", "cumprod", "cummax", "cummin")},
}
