"""Products in tiles: some rows of C times some vectors along its columns, summed in registers.

    for each group of rows, for blocks of k:          the group's part of A is packed, if that pays
        for each piece of columns:                    its part of B is packed, if that pays
            for each piece of rows in the group:
                tile[r, :] = the sum over k of A[r, k] B[k, :]
                C[rows, columns] = tile               added, from the second block of k on

A unit of work, which any thread may do, is a piece of C: all of its blocks of k. Names follow the case that vectors run
along the columns of C; where B has no such vectors and A has, the roles of A and B are exchanged. Threads that share
rows or columns pack them each for itself: a kernel has no place where they could wait for one another. For the same
reason k is never cut between threads, however long it is: somebody would have to add the parts up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from .cuts import Span, moved
from .emit import Value
from .finish import Finish
from .kernel import Kernel
from .packing import Packer
from .registers import Dots, Piece, Tile, pieces_of
from .scheme import scheme_of
from .vectors import Pairs, Vectors

if TYPE_CHECKING:
    from .contraction import Product


def lower_tiles(
    k: Kernel, product: Product, pointers: tuple[str, str, str], workspace: int, finish: Finish | None
) -> None:
    """Emit a float product; its packed operands lie from the byte `workspace` of the kernel's workspace on."""
    _Tiles(k, product, pointers, workspace, finish).emit()


class Place(NamedTuple):
    """Where a vector of a finished tile goes: constant offsets into C and the buffers that follow it."""

    offsets: tuple[int, ...]
    live: int
    value: str


def _behind(start: tuple[int, ...], n: int, step: tuple[int, ...]) -> tuple[int, ...]:
    """Offsets after n steps."""
    return tuple(o + n * s for o, s in zip(start, step, strict=True))


class _Tiles:
    """One product: `single` is the operand read number by number, `vector` the one read in vectors."""

    def __init__(
        self, k: Kernel, product: Product, pointers: tuple[str, str, str], workspace: int, finish: Finish | None
    ) -> None:
        self.k, self.f, self.finish = k, k.f, finish
        self.v = (Pairs if product.pairs else Vectors)(k.f, product.dtype)
        self.scheme = s = scheme_of(product)
        order = (1, 0) if s.swapped else (0, 1)
        self.single, self.vector = pointers[order[0]], pointers[order[1]]
        self.c = pointers[2]
        self.start = [str(at) for at in (*(product.start[x] for x in order), 0, *product.start[2:])]
        places = (workspace, workspace + s.vector_bytes) if s.bytes else ()
        self.packed = [self.f.address(k.workspace, "uint8", str(at)) for at in places]
        is_plain = not s.dots and not s.bytes and len(s.sums.loops) == s.sums.count == 1
        self.length = k.number(s.k) if is_plain else ""  # batches of all sizes share the gradients of weights

    def emit(self) -> None:
        """This thread's units."""
        s = self.scheme
        inner = s.groups * s.columns.count * s.group
        count = math.prod(n for n, _ in s.outside) * inner
        part = self.k.part(count)
        with (Span(count) if part.first == "0" else Span(count, part.first, part.last)).some(self.f) as span:
            self._outside(span, inner)

    def _outside(self, span: Span, inner: int) -> None:
        """The loops around: batches, and axes that could not be merged."""
        s, f = self.scheme, self.f
        with span.nested(f, inner) as (index, units):
            indices = f.digits(index, [n for n, _ in s.outside])
            base = moved(f, self.start, indices, [steps for _, steps in s.outside])
            blocks = Span(s.sums.count)
            with units.nested(f, s.columns.count * s.group) as (group, inside), blocks.nested(f) as (block, _):
                self._block(base, inside, group, block)

    def _block(self, base: list[str], span: Span, group: str, block: str) -> None:
        """A block of k for a group of rows."""
        s, f = self.scheme, self.f
        before = f.index(0, [(group, s.group)])
        base = [*s.sums.base(f, block, base[:2]), *base[2:]]
        if s.pack_single:
            self._pack_single(base[0], span, before, block)
        with span.nested(f, s.group) as (column, rows):
            for width in s.columns.kinds:
                with s.columns.when(f, column, width):
                    at = s.columns.base(f, column, base)
                    if s.pack_vector:
                        self._pack_vector(at[1], width, block)
                    with self._existing(rows, before) as row:
                        self._rows(at, before, row, width, block)

    @contextmanager
    def _existing(self, rows: Span, before: str) -> Iterator[str]:
        """The numbers of pieces of rows; the last group may have fewer than the others."""
        s, f = self.scheme, self.f
        if s.rows.count % s.group == 0:
            with rows.nested(f) as (row, _):
                yield row
            return
        with rows.below(f, before, s.rows.count).some(f) as some, some.nested(f) as (row, _):
            yield row

    def _sums(self, block: str) -> list[tuple[int | str, tuple[int, ...]]]:
        """The loops over k in a block."""
        sums = self.scheme.sums
        return [(self.length or sums.rounds(self.f, block), sums.loops[sums.at][1]), *sums.loops[sums.at + 1 :]]

    def _packer(self, x: int, block: str) -> tuple[Packer, list]:
        s = self.scheme
        least = min(s.sums.kinds) if s.sums.at == len(s.sums.loops) - 1 else s.sums.loops[-1][0]
        slots = (s.height, s.columns.size)[x]
        packer = Packer(self.v, (self.single, self.vector)[x], self.packed[1 - x], slots, least)
        return packer, [(n, steps[x]) for n, steps in self._sums(block)]

    def _pack_single(self, base: str, span: Span, before: str, block: str) -> None:
        s, f = self.scheme, self.f
        packer, sums = self._packer(0, block)
        rows = span.across(f, s.group)
        with packer.slices(sums) as (part, k), self._existing(rows, before) as row:
            index = f.index(0, [(before, 1), (row, 1)])
            for rounds in s.rows.kinds:
                with s.rows.when(f, index, rounds):
                    source = f.index(0, [(s.rows.base(f, index, [base])[0], 1), (k, part[0][1])])
                    members = [offsets[0] for offsets in s.rows.members(rounds)]
                    packer.panel(members, part, source, f.index(0, [(row, s.depth * s.height), (k, s.height)]))

    def _pack_vector(self, base: str, width: int, block: str) -> None:
        packer, sums = self._packer(1, block)
        step = self.scheme.columns.loops[0][1][1]
        packer.panel([i * step for i in range(width)], sums, base, "0")

    def _rows(self, base: list[str], before: str, row: str, width: int, block: str) -> None:
        s, f = self.scheme, self.f
        index = f.index(0, [(before, 1), (row, 1)])
        for rounds in s.rows.kinds:
            with s.rows.when(f, index, rounds):
                at = s.rows.base(f, index, base)
                if s.pack_single:
                    at[0] = f.index(0, [(row, s.depth * s.height)])
                if s.pack_vector:
                    at[1] = "0"
                self._tile(at, rounds, width, block)

    def _tile(self, at: list[str], rounds: int, width: int, block: str) -> None:
        """One tile: the sum, the store."""
        s, v = self.scheme, self.v
        members = s.rows.members(rounds)
        offsets = range(len(members)) if s.pack_single else [o[0] for o in members]
        if s.dots:
            tile: Tile = Dots(v, offsets, [i * s.columns.loops[0][1][1] for i in range(width)])
        else:
            tile = Tile(v, offsets, pieces_of(width, v.lanes))
        pointers = (self.packed[1] if s.pack_single else self.single, self.packed[0] if s.pack_vector else self.vector)
        if (s.blocked or s.is_far) and not s.turned:
            self._expect(at[2], members, width)
        values = tile.sum(pointers, self._steps(block), at[:2])
        if s.turned:
            self._turned(values, [o[2:] for o in members], tile.pieces, at[2:], block)
            return
        column, pieces = s.columns.loops[0][1][2:], tile.pieces
        places = [(_behind(o[2:], p.at, column), p.live) for o in members for p in pieces]
        self._store([Place(o, live, value) for (o, live), value in zip(places, values, strict=True)], at[2:], block)

    def _turned(self, values: list[str], rows: list, pieces: Sequence[Piece], base: list[str], block: str) -> None:
        """C is contiguous across the vectors. They go through memory, so that the code for one serves all."""
        f, v, height = self.f, self.v, len(rows)
        kept = f.fresh("tile")
        self.k.allocas.append(f"  {kept} = alloca [{len(values)} x {v.type}], align 64")
        for i, value in enumerate(values):
            r, p = divmod(i, len(pieces))
            v.store(value, kept, (p * height + r) * v.lanes)
        column = self.scheme.columns.loops[0][1][2:]
        for live, group in groupby(pieces, lambda piece: piece.live):
            first, *others = group
            with Span(1 + len(others)).nested(f) as (index, _):
                where = v.pointer(kept, f.index(first.at * height, [(index, height * v.lanes)]))
                to = [f.index(first.at * c, [(b, 1), (index, v.lanes * c)]) for b, c in zip(base, column, strict=True)]
                for top in range(0, height, v.lanes):
                    count = min(v.lanes, height - top)
                    lines = v.transpose([v.load(where, (top + r) * v.lanes) for r in range(count)])
                    places = [Place(_behind(rows[top], i, column), count, lines[i]) for i in range(live)]
                    self._store(places, to, block)

    def _expect(self, base: str, members: Sequence[tuple[int, ...]], width: int) -> None:
        """Fetch the part of C that the tile will be added to, or written to where C is large."""
        s, v = self.scheme, self.v
        column = s.columns.loops[0][1][2]
        pointer = v.pointer(self.c, base)
        for offsets in members:
            for at in range(0, width, v.lanes):
                v.prefetch(v.pointer(pointer, str(offsets[2] + at * column)))

    def _steps(self, block: str) -> list:
        """The loops over k in a tile: packed operands lie in the order in which they are needed."""
        s, loops = self.scheme, self._sums(block)
        if s.pack_single and s.pack_vector:
            count = self.f.index(0, [(str(loops[0][0]), s.sums.inside)])
            return [(count, (s.height, s.columns.size))]
        found = []
        for i, (n, steps) in enumerate(loops):
            inner = math.prod(int(m) for m, _ in loops[i + 1 :])
            single = inner * s.height if s.pack_single else steps[0]
            found.append((n, (single, inner * s.columns.size if s.pack_vector else steps[1])))
        return found

    def _store(self, places: Sequence[Place], base: Sequence[str], block: str) -> None:
        """Store what is done, or add it to what is there; after the last block of k, finish it."""
        s, f = self.scheme, self.f
        if s.blocked:
            places = self._added(places, base[0], block)
        if not self.finish:
            self._keep(places, base[0])
        elif not s.blocked:
            self._finish(self.finish, places, base)
        else:
            last = f.op(f"icmp eq i64 {block}, {s.sums.count - 1}")
            with f.when(last):
                self._finish(self.finish, places, base)
            with f.when(f.op(f"xor i1 {last}, true")):
                self._keep(places, base[0])

    def _added(self, places: Sequence[Place], base: str, block: str) -> list[Place]:
        f, v = self.f, self.v
        pointer, fresh = v.pointer(self.c, base), f.op(f"icmp eq i64 {block}, 0")
        found = []
        for offsets, live, value in places:
            old = v.read(pointer, offsets[0], self._along()[0], live)
            old = f.op(f"select i1 {fresh}, {v.type} zeroinitializer, {v.type} {old}")
            found.append(Place(offsets, live, v.add(value, old)))
        return found

    def _along(self) -> tuple[int, ...]:
        """Steps from one lane of a stored vector to the next, in C and the buffers behind it."""
        s = self.scheme
        return (s.rows.loops[-1] if s.turned else s.columns.loops[-1])[1][2:]

    def _keep(self, places: Sequence[Place], base: str) -> None:
        pointer = self.v.pointer(self.c, base)
        for offsets, live, value in places:
            self.v.write(value, pointer, offsets[0], self._along()[0], live)

    def _finish(self, finish: Finish, places: Sequence[Place], base: Sequence[str]) -> None:
        work = finish.at(self.f, base, self._along())
        for offsets, live, value in places:
            work.emit(Value(self.f, self.v.dtype, value, self.v.lanes), offsets, live)
