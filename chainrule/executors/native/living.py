"""Only what is needed is compiled: equations whose results nobody uses are left out, in sub-programs too."""

from __future__ import annotations

from typing import Any

from ...ir import Equation, Params, Program


def living(program: Program) -> Program:
    """The Program without equations whose results are not used.

    >>> from chainrule.ir import parse_program
    >>> p = parse_program('program f(%0: float32[]) -> (float32[]) { %1: float32[] = neg(%0) return %0 }')
    >>> len(living(p).equations)
    0
    """
    needed, kept = set(program.outputs), []
    for equation in reversed(program.equations):
        if any(v in needed for v in equation.outputs):
            needed.update(equation.inputs)
            kept.append(_within(equation))
    return program.replace(equations=tuple(kept[::-1]))


def _within(equation: Equation) -> Equation:
    if not any(equation.params.programs()):
        return equation
    params = Params({key: _value(value) for key, value in equation.params.items()})
    return Equation(equation.primitive, equation.inputs, params, equation.outputs, equation.where)


def _value(value: Any) -> Any:
    if isinstance(value, Program):
        return living(value)
    if isinstance(value, tuple):
        return tuple(_value(item) for item in value)
    return value
