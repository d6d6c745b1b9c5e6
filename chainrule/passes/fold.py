"""Constant folding: what is computed from constants alone, and is small, is computed now."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import ChainruleError
from ..ir import Equation, Program, Var
from .rewrite import SMALL, Rewriter, rewrite

_LIMIT = 1024  # elements of all operands together: folding must stay cheap


def fold(program: Program) -> Program:
    """Replace equations of constants by constants of up to 16 elements, or by one number repeated.

    Random numbers and control flow are left alone, and so is an equation that would raise an error.

    >>> from chainrule.ir import parse_program
    >>> p = parse_program('program f() -> (int32[2]) {'
    ...                   '%0: int32[2] = constant() {value=int32[2]<3, 4>} %1: int32[2] = mul(%0, %0) return %1 }')
    >>> print(fold(p))
    program f() -> (int32[2]) {
      %0: int32[2] = constant() {value=int32[2]<3, 4>}
      %1: int32[2] = constant() {value=int32[2]<9, 16>}
      return %1
    }
    """
    return rewrite(program, _fold)


def _fold(r: Rewriter, e: Equation) -> Sequence[Var] | None:
    if not e.inputs or not all(_may_be_known(r, v) for v in e.inputs) or e.primitive.family in ("control", "random"):
        return None
    if sum(v.type.size for v in e.outputs) <= SMALL and sum(v.type.size for v in e.inputs) <= _LIMIT:
        return _values(r, e, [r.constant(v) for v in e.inputs])
    if e.primitive.family != "elementwise":
        return None
    number = _values(r, e, [r.splat(v) for v in e.inputs])
    return number and [r.emit("broadcast", number[0], shape=e.outputs[0].type.shape, axes=())]


def _may_be_known(r: Rewriter, v: Var) -> bool:
    made = r.made_by.get(v)
    return made is not None and made.primitive.name in ("constant", "broadcast")


def _values(r: Rewriter, e: Equation, operands: Sequence[np.ndarray | None]) -> list[Var] | None:
    known = [a for a in operands if a is not None]
    if len(known) < len(operands):
        return None
    try:
        with np.errstate(all="ignore"):
            results = e.primitive.evaluate_arrays(e.params, known)
    except ChainruleError:  # an index out of range: it is raised when, and if, the equation runs
        return None
    return [r.emit("constant", value=value) for value in results]
