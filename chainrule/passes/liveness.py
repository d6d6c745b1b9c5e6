"""From where to where each value of a Program is needed: what executors plan their memory by."""

from __future__ import annotations

from typing import NamedTuple

from ..ir import Program, Var


class Interval(NamedTuple):
    """The equations between which a value is held, both included."""

    birth: int  # the equation that makes it; -1 for an input
    death: int  # the last equation that reads it; the number of equations for an output


def liveness(program: Program) -> dict[Var, Interval]:
    """The interval of every value; a value that nobody reads dies where it is born.

    >>> from chainrule.ir import parse_program
    >>> p = parse_program('program f(%0: float32[]) -> (float32[]) {'
    ...                   '%1: float32[] = exp(%0) %2: float32[] = neg(%1) return %2 }')
    >>> [tuple(interval) for interval in liveness(p).values()]
    [(-1, 0), (0, 1), (1, 2)]
    """
    birth = dict.fromkeys(program.inputs, -1)
    death = dict(birth)
    for i, e in enumerate(program.equations):
        birth.update(dict.fromkeys(e.outputs, i))
        death.update(dict.fromkeys((*e.inputs, *e.outputs), i))
    death.update(dict.fromkeys(program.outputs, len(program.equations)))
    return {v: Interval(birth[v], death[v]) for v in birth}
