"""Matrix products: C[b, i, j] = sum over k of A[b, i, k] B[b, k, j], each of b, i, j, k any number of axes.

`Product` says how the operands lie. float32 and float64 go to the register tiles of `tiles.py`; other dtypes, which
no network trains in, to three plain loops.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ...ir import Equation
from ...primitives.contraction import free_axes
from .cuts import Loop
from .finish import Finish
from .kernel import Kernel, Row
from .reductions import combine, start_of, wide_of
from .scheme import scheme_of
from .sources import Source, contiguous, merged
from .tiles import lower_tiles


@dataclass(frozen=True)
class Product:
    """The loops of a product as (size, (stride of A, of B, of C)), and where A and B begin.

    Operands of elementwise work on C may follow (`finish.py`): strides behind those of C, beginnings behind that of B.
    """

    dtype: str
    batch: list[tuple[int, tuple[int, ...]]]
    rows: list[tuple[int, tuple[int, ...]]]
    columns: list[tuple[int, tuple[int, ...]]]
    sums: list[tuple[int, tuple[int, ...]]]
    start: tuple[int, ...] = (0, 0)
    pairs: bool = False  # whether numbers of A and B are pairs of bfloat16 (`pairs.py`)


def product_of(x: Source, w: Source, contract: Sequence, batch: Sequence, reads: Sequence[Source] = ()) -> Product:
    """The product that `dot_general` means. `reads` have the shape of its result."""
    free = [free_axes(s.type.rank, contract[i], batch[i]) for i, s in enumerate((x, w))]
    shape = [x.type.shape[a] for a in (*batch[0], *free[0])] + [w.type.shape[a] for a in free[1]]
    along = [contiguous(shape), *(s.strides for s in reads)]
    b, r = len(batch[0]), len(free[0])
    nothing = (0,) * max(1, x.type.rank + w.type.rank)
    summed = [x.along(contract[0]), w.along(contract[1]), *[nothing[: len(contract[0])]] * len(along)]
    return Product(
        x.type.dtype,
        merged(shape[:b], [x.along(batch[0]), w.along(batch[1]), *(s[:b] for s in along)]),
        merged(shape[b : b + r], [x.along(free[0]), nothing[:r], *(s[b : b + r] for s in along)]),
        merged(shape[b + r :], [nothing[: len(free[1])], w.along(free[1]), *(s[b + r :] for s in along)]),
        merged(x.type.with_shape(x.type.shape[a] for a in contract[0]).shape, summed),
        (x.offset, w.offset, *(s.offset for s in reads)),
    )


def workspace_of(product: Product) -> int:
    """Bytes that `multiply` needs."""
    return scheme_of(product).bytes if product.dtype in ("float32", "float64") and not _empty(product) else 0


def _empty(product: Product) -> bool:
    return any(n == 0 for part in (product.batch, product.rows, product.columns, product.sums) for n, _ in part)


def multiply(
    k: Kernel, product: Product, a: str, b: str, c: str, workspace: int = 0, finish: Finish | None = None
) -> None:
    """Emit a product of the buffers at three pointers; the workspace is free from the byte `workspace` on.

    With `finish`, which only float products with something to sum have, C is not stored but what that makes of it;
    in between it may lie at `c`, half summed, which `finish` must not read therefore.
    """
    loops = (*product.batch, *product.rows, *product.columns)
    if any(n == 0 for n, _ in loops):
        return
    if any(n == 0 for n, _ in product.sums):
        with _each(k, loops) as indices:
            k.f.store(k.f.const(product.dtype, 0), c, _offset(k, 0, loops, indices, 2))
    elif product.dtype in ("float32", "float64"):
        lower_tiles(k, product, (a, b, c), workspace, finish)
    else:
        _plain(k, product, a, b, c)


def _offset(k: Kernel, start: int, loops: Sequence, indices: Sequence[str], which: int) -> str:
    return k.f.index(start, [(i, strides[which]) for i, (_, strides) in zip(indices, loops, strict=True)])


@contextmanager
def _each(k: Kernel, loops: Sequence[Loop]) -> Iterator[list[str]]:
    """The indices of each element of C, shared between threads."""
    sizes = [n for n, _ in loops]
    count = math.prod(sizes)
    with k.part(count).loop(count) as loop:
        yield k.f.digits(loop.index, sizes)


def _plain(k: Kernel, product: Product, a: str, b: str, c: str) -> None:
    loops = (*product.batch, *product.rows, *product.columns)
    wide = wide_of(product.dtype)
    total = k.variable(wide)
    with _each(k, loops) as outer:
        k.set(total, k.f.const(wide, start_of("reduce_sum", wide)))
        with k.over([n for n, _ in product.sums]) as inner:
            every, indices = (*loops, *product.sums), (*outer, *inner)
            x = k.f.load(a, product.dtype, _offset(k, product.start[0], every, indices, 0)).to(wide)
            w = k.f.load(b, product.dtype, _offset(k, product.start[1], every, indices, 1)).to(wide)
            k.set(total, combine("reduce_sum", k.get(total, wide), x * w))
        k.f.store(k.get(total, wide).to(product.dtype), c, _offset(k, 0, loops, outer, 2))


def lower_dot_general(k: Kernel) -> None:
    p = k.equation.params
    x, w = k.operand(0), k.operand(1)
    product = product_of(x.source, w.source, p.contract, p.batch, k.sources[2:])
    multiply(k, product, x.pointer, w.pointer, k.result(), finish=k.finish)


def _dot_workspace(e: Equation, sources: Sequence[Source]) -> int:
    x, w, *reads = sources
    return workspace_of(product_of(x, w, e.params.contract, e.params.batch, reads))


ROWS = {"dot_general": Row(lower_dot_general, views=True, workspace=_dot_workspace)}
