"""The native executor: a Program as one function of machine code, made by LLVM. See README.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ir import Program

if TYPE_CHECKING:
    from .executable import Executable


def compile_program(program: Program, watched: str = "", profile: bool = False) -> Executable:
    """A function that runs `program` on arrays.

    Args: watched: the name of the body of a loop whose rounds are counted, and after any of which a run can be stopped;
            profile: measure every kernel.

    >>> import numpy as np
    >>> from chainrule.ir import parse_program
    >>> double = parse_program('program f(%0: float32[]) -> (float32[]) { %1: float32[] = add(%0, %0) return %1 }')
    >>> compile_program(double)([np.float32(4)])
    [array(8., dtype=float32)]
    """
    from .executable import Executable

    return Executable(program, watched, profile)


__all__ = ["compile_program"]
