"""The micro-kernel: a tile of C in registers, fed by one vector of B and single numbers of A at a time.

    for blocks of k (of rows):                       [large products: operands packed into panels first]
        for the columns of C, some vectors at a time, and its rows, `height` at a time:
            tile[r, :] = the sum over k of A[r, k] B[k, :]
            C[rows, columns] = tile                  [or added, when k comes in blocks]

A may have any strides. The vectors run along an axis on which B and C are contiguous; where there is none, the roles of
A and B are exchanged, or B is packed. `scheme_of` decides, from the shape and the machine's registers and caches alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .emit import LLVM, SIZE
from .kernel import Kernel
from .machine import machine
from .packing import Operand, heights, pack, widths

if TYPE_CHECKING:
    from .contraction import Product

_DEPTH = 320  # k of a block: a panel of B stays in the first-level cache
_PANELS = 24  # panels of A in a block: they stay in the second level
_SMALL = 1 << 15  # elements of an operand that need no packing: they stay in the first and second level

Strides = tuple[int, ...]


@dataclass(frozen=True)
class Scheme:
    """How a product is cut up."""

    swapped: bool  # the vectors run along the rows of C
    width: int  # columns of a tile
    height: int  # rows of a tile
    pack_vector: bool
    pack_single: bool
    depth: int  # k of a block
    rows: int  # rows of a block
    vector_bytes: int  # of packed B; packed A follows
    bytes: int


def scheme_of(product: Product) -> Scheme:
    """The plan of a product."""
    swapped = not _runs(product.columns, 1) and _runs(product.rows, 0)
    rows, columns = (product.columns, product.rows) if swapped else (product.rows, product.columns)
    vector = 0 if swapped else 1
    m, n = (loops[-1][0] if loops else 1 for loops in (rows, columns))
    k = math.prod(size for size, _ in product.sums)
    lanes, size = machine().vector_bytes // SIZE[product.dtype], SIZE[product.dtype]
    runs = _runs(columns, vector)
    pack_vector = m >= 4 and n > 1 and (not runs or (k * n > 2 * _SMALL and m >= 32))
    vectors = 2 if n > lanes and (runs or pack_vector) else 1
    height = min((machine().registers - 4) // vectors, 16)
    pack_single = pack_vector and m * k > _SMALL and n >= 4 * lanes and len(product.sums) == 1
    blocks = -(-k // _DEPTH) if pack_vector and len(product.sums) == 1 and k * n > 2 * _SMALL else 1
    depth = -(-k // blocks)
    block = min(m, _PANELS * height) if pack_single else m
    packed = -(-depth * n * size * pack_vector // 64) * 64
    total = packed + block * depth * size * pack_single
    return Scheme(swapped, vectors * lanes, height, pack_vector, pack_single, depth, block, packed, total)


def _runs(loops: Sequence, which: int) -> bool:
    """Whether operand and result are contiguous along the last of these loops."""
    return bool(loops) and loops[-1][1][which] == 1 and loops[-1][1][2] == 1


def lower_tiles(k: Kernel, product: Product, a: str, b: str, c: str, workspace: int = 0) -> None:
    """Emit a float product; its packed operands lie from the byte `workspace` of the kernel's workspace on."""
    _Tiles(k, product, (a, b, c), workspace).emit()


class _Tiles:
    """One product: `single` is the operand read number by number, `vector` the one read in vectors."""

    def __init__(self, k: Kernel, product: Product, pointers: tuple[str, str, str], workspace: int) -> None:
        self.k, self.f, self.product, self.c = k, k.f, product, pointers[2]
        self.scheme = scheme_of(product)
        self.s, self.v = (1, 0) if self.scheme.swapped else (0, 1)  # which stride belongs to which operand
        loops = (product.rows, product.columns)
        *self.outer_rows, self.row = loops[self.s] or [(1, (0, 0, 0))]
        *self.outer_columns, self.column = loops[self.v] or [(1, (0, 0, 0))]
        self.single, self.vector = pointers[self.s], pointers[self.v]
        self.lanes = machine().vector_bytes // SIZE[product.dtype]
        self.type = LLVM[product.dtype]
        self.packed = self._packed(workspace)
        self.blocked = self.scheme.depth < math.prod(n for n, _ in product.sums)

    def _packed(self, workspace: int) -> tuple[str, str]:
        """Pointers to the packed vector and single operands."""
        if not self.scheme.bytes:
            return "", ""
        places = (workspace, workspace + self.scheme.vector_bytes)
        first, second = (self.f.address(self.k.workspace, "uint8", str(at)) for at in places)
        return first, second

    def emit(self) -> None:
        """The loops around: batches, and axes that could not be merged."""
        outside = [*self.product.batch, *self.outer_rows, *self.outer_columns]
        with self.k.over([n for n, _ in outside]) as indices:
            terms = list(zip(indices, (s for _, s in outside), strict=True))
            start = self.product.start
            base = [self.f.index(start[x] if x < 2 else 0, [(i, s[x]) for i, s in terms]) for x in (self.s, self.v, 2)]
            if self.blocked:
                self._clear(base[2])
            self._depths(base)

    def _clear(self, base: str) -> None:
        with self.k.over([self.row[0], self.column[0]]) as (i, j):
            where = self.f.index(0, [(base, 1), (i, self.row[1][2]), (j, self.column[1][2])])
            self.f.store(self.f.const(self.product.dtype, 0), self.c, where)

    def _depths(self, base: list[str]) -> None:
        """Blocks of k."""
        if not self.blocked:
            self._panels(base, list(self.product.sums))
            return
        ((n, steps),) = self.product.sums
        for first, size, blocks in heights(n, self.scheme.depth):
            with self.f.loop(blocks) as loop:
                moved = [
                    self.f.index(first * steps[x], [(o, 1), (loop.index, size * steps[x])])
                    for o, x in zip(base, (self.s, self.v), strict=False)
                ]
                self._panels([*moved, base[2]], [(size, steps)])

    def _panels(self, base: list[str], sums: list) -> None:
        """Pack what is to be packed, then all tiles of this block of k."""
        columns = list(widths(self.column[0], self.scheme.width, self.lanes))
        if self.scheme.pack_vector:
            operand = Operand(self.vector, base[1], self.column[1][self.v], [(n, s[self.v]) for n, s in sums])
            pack(self.f, self.product.dtype, operand, columns, self.packed[0], self.lanes)
        for first, size, blocks in heights(self.row[0], self.scheme.rows):
            with self.f.loop(blocks) as loop:
                moved = [
                    self.f.index(first * self.row[1][x], [(o, 1), (loop.index, size * self.row[1][x])])
                    for o, x in zip((base[0], base[2]), (self.s, 2), strict=True)
                ]
                self._block([moved[0], base[1], moved[1]], sums, size, columns)

    def _block(self, base: list[str], sums: list, count: int, columns: list) -> None:
        rows = list(heights(count, self.scheme.height))
        if self.scheme.pack_single:
            operand = Operand(self.single, base[0], self.row[1][self.s], [(n, s[self.s]) for n, s in sums])
            pack(self.f, self.product.dtype, operand, rows, self.packed[1], self.lanes)
        depth = math.prod(n for n, _ in sums)
        for first_column, width, blocks in columns:
            with self.f.loop(blocks) as column:
                for first_row, height, more in rows:
                    with self.f.loop(more) as row:
                        at = ((first_row, height, row.index), (first_column, width, column.index))
                        self._tile(base, sums, depth, at, height, width)

    def _tile(self, base: list[str], sums: list, depth: int, at: tuple, height: int, width: int) -> None:
        """One tile: where its operands lie, the sum, the store."""
        row, column = self.row[1], self.column[1]
        a, row_step, a_sums = self._side(self.scheme.pack_single, base[0], self.s, self.row, sums, depth, at[0])
        b, column_step, b_sums = self._side(self.scheme.pack_vector, base[1], self.v, self.column, sums, depth, at[1])
        (first_row, _, i), (first_column, _, j) = at
        terms = [(base[2], 1), (i, height * row[2]), (j, width * column[2])]
        c = self.f.index(first_row * row[2] + first_column * column[2], terms)
        loops = [(n, (x, y)) for (n, x), (_, y) in zip(a_sums, b_sums, strict=True)] if sums else []
        pieces = [(start, min(self.lanes, width - start)) for start in range(0, width, self.lanes)]
        pointers = tuple(p or q for p, q in zip(self._sources(), (self.single, self.vector), strict=True))
        tile = Tile(self, pointers, (row_step, column_step), height, pieces)
        self._finish(tile.sum(loops, [a, b]), pieces, height, c)

    def _sources(self) -> tuple[str, str]:
        return self.packed[1] if self.scheme.pack_single else "", self.packed[0] if self.scheme.pack_vector else ""

    def _side(self, packed: bool, base: str, x: int, loop: tuple, sums: list, depth: int, at: tuple) -> tuple:
        """(offset, step between rows or columns, loops of k) of one operand at a tile."""
        first, size, index = at
        if packed:
            steps, length = [], size
            for n, _ in reversed(sums):
                steps.append((n, length))
                length *= n
            return self.f.index(first * depth, [(index, size * depth)]), 1, steps[::-1]
        step = loop[1][x]
        offset = self.f.index(first * step, [(base, 1), (index, size * step)])
        return offset, step, [(n, s[x]) for n, s in sums]

    def _finish(self, tile: list[str], pieces: list, height: int, c: str) -> None:
        """Store the tile, or add it to what is there."""
        row, step = self.row[1][2], self.column[1][2]
        for r in range(height):
            for p, (at, n) in enumerate(pieces):
                value = tile[r * len(pieces) + p]
                kind, offset = f"<{n} x {self.type}>", self.f.index(r * row + at * step, [(c, 1)])
                if self.blocked:
                    value = self.f.op(f"fadd {kind} {self.get(self.c, n, offset, step)}, {value}")
                self._put(value, kind, n, offset, step)

    def get(self, pointer: str, n: int, offset: str, stride: int) -> str:
        """n numbers of a buffer as a vector."""
        f, dtype = self.f, self.product.dtype
        if stride == 1 or n == 1:
            return f.op(f"load <{n} x {self.type}>, ptr {f.address(pointer, dtype, offset)}, align {SIZE[dtype]}")
        vector = "poison"
        for i in range(n):
            number = f.load(pointer, dtype, f.index(i * stride, [(offset, 1)]))
            vector = f.op(f"insertelement <{n} x {self.type}> {vector}, {number.typed}, i64 {i}")
        return vector

    def _put(self, value: str, kind: str, n: int, offset: str, stride: int) -> None:
        f, dtype = self.f, self.product.dtype
        if stride == 1 or n == 1:
            f.line(f"store {kind} {value}, ptr {f.address(self.c, dtype, offset)}, align {SIZE[dtype]}")
            return
        for i in range(n):
            number = f.op(f"extractelement {kind} {value}, i64 {i}")
            where = f.address(self.c, dtype, f.index(i * stride, [(offset, 1)]))
            f.line(f"store {self.type} {number}, ptr {where}, align {SIZE[dtype]}")


class Tile:
    """The registers of one tile and the loops that fill them."""

    def __init__(
        self, around: _Tiles, pointers: tuple[str, ...], steps: tuple[int, int], height: int, pieces: list
    ) -> None:
        self.around, self.f, self.pointers, self.steps = around, around.f, pointers, steps
        self.height, self.pieces = height, pieces
        self.dtype, self.type = around.product.dtype, around.type

    def sum(self, loops: list, offsets: list[str]) -> list[str]:
        """The registers after all k."""
        kinds = [f"<{n} x {self.type}>" for _, n in self.pieces]
        return self._level(loops, [(kind, "zeroinitializer") for _ in range(self.height) for kind in kinds], offsets)

    def _level(self, loops: list, tile: list[tuple[str, str]], offsets: list[str]) -> list[str]:
        if not loops:
            return self._multiply(tile, offsets)
        (n, steps), *rest = loops
        with self.f.loop(n, tile) as loop:
            inner = [self.f.index(0, [(o, 1), (loop.index, s)]) for o, s in zip(offsets, steps, strict=True)]
            values = [(kind, v) for (kind, _), v in zip(tile, loop.values, strict=True)]
            loop.next = self._level(rest, values, inner)
        return loop.next

    def _multiply(self, tile: list[tuple[str, str]], offsets: list[str]) -> list[str]:
        """One k: every row of the tile gets its number times the vectors."""
        f, result = self.f, []
        vectors = [
            self.around.get(self.pointers[1], n, f.index(at * self.steps[1], [(offsets[1], 1)]), self.steps[1])
            for at, n in self.pieces
        ]
        for r in range(self.height):
            number = f.load(self.pointers[0], self.dtype, f.index(r * self.steps[0], [(offsets[0], 1)]))
            for p, (_, n) in enumerate(self.pieces):
                kind, old = tile[r * len(self.pieces) + p]
                factors = (self._spread(number.name, n), vectors[p], old)
                name = f"llvm.fma.v{n}f{8 * SIZE[self.dtype]}"
                result.append(f.call(kind, name, *[f"{kind} {v}" for v in factors]))
        return result

    def _spread(self, number: str, n: int) -> str:
        kind = f"<{n} x {self.type}>"
        first = self.f.op(f"insertelement {kind} poison, {self.type} {number}, i64 0")
        return self.f.op(f"shufflevector {kind} {first}, {kind} poison, <{n} x i32> zeroinitializer")
