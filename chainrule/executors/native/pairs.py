"""Products of bfloat16 by an instruction that adds two products to a float32 at once: twice as many in the same time.

    pairs      neighbours along an axis that is summed over, put into 32 bits; nothing is done where they lie so already
    product    that of `tiles.py` in all respects, but that a number is a pair, and its product the sum of two

See docs/design/039-bfloat16.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...ir import Equation, Params, Primitive, TensorType, Var
from ...primitives.contraction import infer_dot_general
from .contraction import Product, multiply, product_of, workspace_of
from .kernel import Kernel, Row
from .machine import machine
from .sources import Source
from .writing import Writer

PAIR = "uint32"  # the dtype of pairs


def in_pairs(e: Equation, operands: Sequence[Source]) -> Sequence[Equation]:
    """The equations that multiply pairs; none where the processor cannot, and for other dtypes."""
    p = e.params
    if e.outputs[0].type.dtype != "bfloat16" or not p.contract[0] or not machine().adds_pairs:
        return ()

    def worth(place: int) -> tuple[int, int]:
        axes = [axes[place] for axes in p.contract]
        return sum(map(_lie_in_pairs, operands, axes)), operands[0].type.shape[axes[0]]

    place = max(range(len(p.contract[0])), key=worth)
    w = Writer(e)
    pairs = [_paired(w, v, s, axes[place]) for v, s, axes in zip(e.inputs, operands, p.contract, strict=True)]
    return w.finished(w.emit("convert", w.emit(_PRODUCT, *pairs, **p, place=place), dtype="bfloat16"))


def _lie_in_pairs(s: Source, axis: int) -> bool:
    """Whether the buffer can be read as one of pairs along an axis."""
    steps = [step for a, step in enumerate(s.strides) if a != axis and s.type.shape[a] != 1]
    sizes = (s.type.shape[axis], s.offset, *steps)
    return s.root is not None and s.strides[axis] == 1 and all(n % 2 == 0 for n in sizes)


def _paired(w: Writer, v: Var, s: Source, axis: int) -> Var:
    """`v`, if it can be read in pairs, or else its pairs; a last one that has no neighbour gets a zero."""
    if _lie_in_pairs(s, axis):
        return v
    shape, odd = v.type.shape, v.type.shape[axis] % 2
    if odd:
        none = (0,) * len(shape)
        v = w.emit("pad", v, low=none, high=tuple(int(a == axis) for a in range(len(shape))), interior=none, value=0)
    counts = tuple((n + odd) // 2 if a == axis else n for a, n in enumerate(shape))
    steps = [2 if a == axis else 1 for a in range(len(shape))]
    halves = (w.cut(v, [first * (step - 1) for step in steps], counts, steps) for first in (0, 1))
    return w.emit(_PAIRED, *halves)


def _type_of_pairs(t: TensorType, axis: int) -> TensorType:
    if t.dtype == PAIR:
        return t
    return TensorType(PAIR, tuple(n // 2 if a == axis else n for a, n in enumerate(t.shape)))


def _infer_product(p: Params, *types: TensorType) -> TensorType:
    pairs = [_type_of_pairs(t, axes[p.place]) for t, axes in zip(types, p.contract, strict=True)]
    return infer_dot_general(p, *pairs).with_dtype("float32")


_PAIRED = Primitive("pair", "elementwise", lambda p, low, high: low.with_dtype(PAIR), NotImplemented, doc="")
_PRODUCT = Primitive("dot_of_pairs", "native", _infer_product, NotImplemented, doc="")


def _of_pairs(s: Source, axis: int) -> Source:
    """A buffer of bfloat16 read as one of pairs."""
    if s.type.dtype == PAIR:
        return s
    strides = tuple(1 if a == axis else step // 2 for a, step in enumerate(s.strides))
    return replace(s, type=_type_of_pairs(s.type, axis), strides=strides, offset=s.offset // 2)


def _product(e: Equation, sources: Sequence[Source]) -> Product:
    p, reads = e.params, sources[2:]
    x, w = (_of_pairs(s, axes[p.place]) for s, axes in zip(sources, p.contract, strict=False))
    return replace(product_of(x, w, p.contract, p.batch, reads), dtype="float32", pairs=True)


def lower_product(k: Kernel) -> None:
    x, w = k.operand(0), k.operand(1)
    multiply(k, _product(k.equation, k.sources), x.pointer, w.pointer, k.result(), finish=k.finish)


ROWS = {
    "dot_of_pairs": Row(lower_product, views=True, workspace=lambda e, sources: workspace_of(_product(e, sources))),
}
