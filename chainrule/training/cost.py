"""How long a Program will take, roughly."""

from __future__ import annotations

from ..ir import Equation, Program

_OVERHEAD = 4e-6  # seconds an equation
_BYTES = 4e9  # moved a second
_FLOPS = 3e10  # multiplications and additions a second


def estimate_seconds(program: Program) -> float:
    """A rough guess at the time of a Program on one core: overhead, bytes moved, multiplications.

    >>> from chainrule.ir import parse_program
    >>> text = 'program f(%0: float32[1000]) -> (float32[1000]) { %1: float32[1000] = add(%0, %0) return %1 }'
    >>> 1e-6 < estimate_seconds(parse_program(text)) < 1e-3
    True
    """
    return sum(_seconds(equation) for equation in program.equations)


def _seconds(equation: Equation) -> float:
    inner = [estimate_seconds(sub) for sub in equation.params.programs()]
    name = equation.primitive.name
    if name == "loop":
        return float(equation.params.length * sum(inner))
    values = (*equation.outputs, *equation.outputs) if name == "gather" else (*equation.inputs, *equation.outputs)
    moved = 4 * sum(v.type.size for v in values)
    return _OVERHEAD + moved / _BYTES + _flops(equation) / _FLOPS + max(inner, default=0.0)


def _flops(equation: Equation) -> float:
    if equation.primitive.name not in ("dot_general", "conv"):
        return 0.0
    right = equation.inputs[1].type
    return 2.0 * equation.outputs[0].type.size * right.size / max(1, right.shape[-1] if right.shape else 1)
