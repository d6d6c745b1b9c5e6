"""The native executor: a Program as one function of machine code, made by LLVM. See README.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...ir import Program


def compile_program(program: Program) -> Callable[[Sequence[np.ndarray]], list[np.ndarray]]:
    """A function that runs `program` on arrays.

    >>> from chainrule.ir import parse_program
    >>> double = parse_program('program f(%0: float32[]) -> (float32[]) { %1: float32[] = add(%0, %0) return %1 }')
    >>> compile_program(double)([np.float32(4)])
    [array(8., dtype=float32)]
    """
    from .executable import Executable

    return Executable(program)


__all__ = ["compile_program"]
