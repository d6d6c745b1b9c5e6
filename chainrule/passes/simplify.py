"""Algebraic and movement identities that leave every bit of the result as it is (the payload of a NaN aside).

That rules out much of school algebra for floats: x + 0 is not x for x = -0, x 0 is not 0 for NaN and infinities,
and sums may not be put in another order. The identities keep derivatives too, so `stop_gradient` stays: a Program
may be simplified before it is differentiated or after.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from ..ir import Equation, Primitive, Program, Var
from . import identities as i
from .pads import neighbours
from .rewrite import Rewriter, rewrite


def simplify(program: Program) -> Program:
    """Replace equations by simpler ones with the same results, in sub-programs too.

    >>> from chainrule.ir import parse_program
    >>> p = parse_program('program f(%0: float32[2]) -> (float32[2]) {'
    ...                   '%1: float32[2] = neg(%0) %2: float32[2] = neg(%1) return %2 }')
    >>> print(simplify(p))
    program f(%0: float32[2]) -> (float32[2]) {
      %1: float32[2] = neg(%0)
      return %0
    }
    """
    return rewrite(program, _apply)


def _apply(r: Rewriter, e: Equation) -> Sequence[Var] | None:
    for identity in _identities_of(e.primitive):
        found = identity(r, e)
        if found is not None:
            return found if isinstance(found, list) else [found]
    return None


@functools.cache
def _identities_of(primitive: Primitive) -> tuple[i.Identity, ...]:
    return (*IDENTITIES.get(primitive.name, ()), *FAMILIES.get(primitive.family, ()))


IDENTITIES: dict[str, tuple[i.Identity, ...]] = {
    **dict.fromkeys(("neg", "bit_not"), (i.twice,)),
    **dict.fromkeys(("floor", "ceil", "round", "sign", "stop_gradient"), (i.again,)),
    "abs": (i.again, i.signs),
    "add": (i.special_number, i.signs, neighbours),
    **dict.fromkeys(("sub", "mul", "div"), (i.special_number, i.signs)),
    **dict.fromkeys(("pow", "bit_xor", "shift_left", "shift_right"), (i.special_number,)),
    **dict.fromkeys(("bit_and", "bit_or"), (i.special_number, i.equal_operands)),
    **dict.fromkeys(("max", "min"), (i.equal_operands,)),
    "select": (i.known_choice, i.equal_operands),
    "convert": (i.same_value, i.lossless_convert),
    **dict.fromkeys(("reshape", "reverse", "slice"), (i.same_value, i.merged, i.repeated_number)),
    "transpose": (i.same_value, i.merged, i.repeated_number, i.only_shape),
    "broadcast": (i.same_value, i.merged, i.new_axes, i.only_shape),
    **dict.fromkeys(("pad", "concatenate", "reduce_max", "reduce_min", "reduce_prod"), (i.same_value,)),
    "cond": (i.known_branch,),
}
FAMILIES: dict[str, tuple[i.Identity, ...]] = {"elementwise": (i.repeat_later,)}
