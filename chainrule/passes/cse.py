"""Common subexpressions: what is computed twice is computed once."""

from __future__ import annotations

from collections.abc import Sequence

from ..ir import Equation, Program, Var
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
    inputs = sorted(e.inputs, key=id) if e.primitive.name in COMMUTATIVE else e.inputs
    text = print_equation(Equation(e.primitive, (), e.params, ()), {})  # exact: -0 is not 0, NaN is NaN
    first = r.memory.setdefault((text, *inputs), e)
    return None if first is e else first.outputs
