"""The reference executor: one equation at a time, by the NumPy meaning of its primitive.

It is the slowest and plainest code of the house, and what it computes is right by definition. It frees each array
after its last use, and can watch every result (`on_equation`), which is how the first NaN is found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...errors import ChainruleError, ProgramError
from ...ir import Equation, Program, Var, type_of

Watch = Callable[[Equation, Sequence[np.ndarray], Sequence[np.ndarray]], None]


def compile_program(program: Program) -> Callable[[Sequence[np.ndarray]], list[np.ndarray]]:
    """A function that runs `program` on arrays. Its results share no memory with what it was given.

    >>> from chainrule.ir import parse_program
    >>> double = parse_program('program f(%0: float32[]) -> (float32[]) { %1: float32[] = add(%0, %0) return %1 }')
    >>> compile_program(double)([np.float32(4)])
    [array(8., dtype=float32)]
    """
    return Reference().compile(program)


class Reference:
    """Runs Programs; remembers for each the last use of every value."""

    def __init__(self, on_equation: Watch | None = None) -> None:
        self.on_equation = on_equation
        self._plans: dict[Program, list[tuple[Equation, tuple[Var, ...]]]] = {}

    def compile(self, program: Program) -> Callable[[Sequence[np.ndarray]], list[np.ndarray]]:
        def run(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
            operands = [np.asarray(a) for a in arrays]
            found = tuple(type_of(a) for a in operands)
            if found != program.input_types:
                raise ProgramError(f"program {program.name!r} takes {program.input_types}; got {found}.")
            with np.errstate(all="ignore"):
                results = self.run(program, operands)
            return [np.array(r) if any(np.may_share_memory(r, a) for a in operands) else r for r in results]

        return run

    def run(self, program: Program, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Walk the equations in order."""
        values: dict[Var, np.ndarray] = dict(zip(program.inputs, arrays, strict=True))
        for equation, dead in self._plan(program):
            operands = [values[v] for v in equation.inputs]
            results = self._apply(equation, operands)
            if self.on_equation:
                self.on_equation(equation, operands, results)
            values.update(zip(equation.outputs, results, strict=True))
            for v in dead:
                del values[v]
        return [values[v] for v in program.outputs]

    def _apply(self, equation: Equation, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        primitive, params = equation.primitive, equation.params
        try:
            if primitive.family == "control":
                return tuple(primitive.evaluate(params, *operands, run=self.run))
            return primitive.evaluate_arrays(params, operands)
        except ChainruleError as error:
            raise error.located(str(equation.where)) from None

    def _plan(self, program: Program) -> list[tuple[Equation, tuple[Var, ...]]]:
        """Each equation with the values that nobody needs after it."""
        if program not in self._plans:
            needed, plan = set(program.outputs), []
            for equation in reversed(program.equations):
                used = dict.fromkeys((*equation.inputs, *equation.outputs))
                plan.append((equation, tuple(v for v in used if v not in needed)))
                needed.update(used)
            self._plans[program] = plan[::-1]
        return self._plans[program]


__all__ = ["Reference", "compile_program"]
