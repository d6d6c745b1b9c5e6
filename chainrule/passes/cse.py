"""Common subexpressions: what is computed twice is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir import Equation, Params, Program, Var
from ..ir.text import print_equation
from .rewrite import Rewriter, rewrite

COMMUTATIVE = ("add", "mul", "eq", "ne", "bit_and", "bit_or", "bit_xor")


def cse(program: Program) -> Program:
    """Let equations of one primitive, the same operands and the same parameters share their results.

    Every primitive is a function of its operands, random bits too (of their key). The first equation stays.

    >>> from chainrule.ir import parse_program
    >>> p = parse_program('program f(%0: float32[]) -> (float32[]) {'
    ...                   '%1: float32[] = exp(%0) %2: float32[] = exp(%0) %3: float32[] = add(%1, %2) return %3 }')
    >>> print(cse(p))
    program f(%0: float32[]) -> (float32[]) {
      %1: float32[] = exp(%0)
      %2: float32[] = add(%1, %1)
      return %2
    }
    """
    return rewrite(program, _share)


def _share(r: Rewriter, e: Equation) -> Sequence[Var] | None:
    name, inputs = e.primitive.name, e.inputs
    if name in COMMUTATIVE:
        inputs = tuple(sorted(inputs, key=id))
    first = r.memory.setdefault((name, exact(e.params), inputs), e)
    if first is not e and e.params.has_programs() and _text(first) != _text(e):
        first = r.memory.setdefault((_text(e), inputs), e)
    return None if first is e else first.outputs


def exact(value: Any) -> Any:
    """What stands for a parameter as a key: -0 is not 0, 1 is neither 1.0 nor True, and NaN is NaN.

    Sub-programs are only told apart by their size: that is quick, and two of one size are rare.
    """
    kind = value.__class__
    if kind is int or kind is str:
        return value
    if kind is tuple:
        return tuple([exact(item) for item in value])
    if kind is Params:
        return tuple([(key, exact(value[key])) for key in sorted(value)])
    if kind is np.ndarray:
        return value.dtype.name, value.shape, value.tobytes()
    return (kind, len(value.equations)) if kind is Program else (kind, repr(value))


def _text(e: Equation) -> str:
    return print_equation(Equation(e.primitive, (), e.params, ()), {})
