"""Is a Program well formed? Each rule has a number that messages cite.

V1 every value is defined before it is used, and only once
V2 the results have the types that the primitive's type rule gives
V3 a primitive is the registered one of its name
V4 the outputs are defined
V5 sub-programs are well formed, and closed: they use only their own inputs
"""

from __future__ import annotations

from ..errors import ChainruleError, ProgramError
from .program import PRIMITIVES, Equation, Program, Var
from .text import print_equation


def verify(program: Program) -> Program:
    """Return the Program unchanged, or raise `ProgramError` naming the rule and showing the equations around.

    >>> from chainrule.ir import Program, TensorType, Var
    >>> x = Var(TensorType("float32", (2,)))
    >>> verify(Program("identity", (x,), (), (x,))).name
    'identity'
    """
    defined: set[Var] = set()
    for v in program.inputs:
        if v in defined:
            raise ProgramError(f"V1: program {program.name!r} lists one input twice.")
        defined.add(v)
    for position, equation in enumerate(program.equations):
        try:
            _verify_equation(equation, defined)
        except ChainruleError as error:
            raise ProgramError(f"{error}\n{_around(program, position)}") from None
        defined.update(equation.outputs)
    if not all(v in defined for v in program.outputs):
        raise ProgramError(f"V4: an output of program {program.name!r} is never defined.")
    return program


def _verify_equation(equation: Equation, defined: set[Var]) -> None:
    name = equation.primitive.name
    if PRIMITIVES.get(name) is not equation.primitive:
        raise ProgramError(f"V3: {name!r} is not a registered primitive.")
    for v in equation.inputs:
        if v not in defined:
            raise ProgramError(f"V1: {name} uses a value that is not defined before it.")
    if any(v in defined for v in equation.outputs) or len(set(equation.outputs)) != len(equation.outputs):
        raise ProgramError(f"V1: {name} defines a value a second time.")
    for sub in equation.params.programs():
        try:
            verify(sub)
        except ProgramError as error:
            raise ProgramError(f"V5: sub-program {sub.name!r} of {name}: {error}") from None
    try:
        expected = equation.primitive.infer_types(equation.params, [v.type for v in equation.inputs])
    except ChainruleError as error:
        raise ProgramError(f"V2: {error}") from None
    except Exception as error:  # a parameter that is missing, a wrong number of operands
        raise ProgramError(f"V2: the type rule of {name} cannot read the operands and parameters: {error!r}.") from None
    found = tuple(v.type for v in equation.outputs)
    if expected != found:
        listed = [", ".join(map(str, types)) for types in (expected, found)]
        raise ProgramError(f"V2: {name} gives {listed[0]} by its type rule; the equation says {listed[1]}.")


def _around(program: Program, position: int) -> str:
    names = {v: f"%{i}" for i, v in enumerate(program.inputs)}  # the numbers that printing the whole would give
    lines = []
    for i, equation in enumerate(program.equations[: position + 3]):
        text = print_equation(equation, names)
        if i >= position - 3:
            lines.append(("  > " if i == position else "    ") + text)
    return f"in program {program.name!r}:\n" + "\n".join(lines)
