"""A compiled Program that can be called."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np

from ...errors import IndexRangeError, ProgramError
from ...ir import Equation, Program, type_of
from .driver import Driver
from .dump import dump
from .living import living
from .machine import Code
from .plan import plan_program

_ENTRY = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class Executable:
    """Takes arrays, gives new arrays. Inputs are read where they lie; calls may overlap in several threads."""

    def __init__(self, program: Program) -> None:
        self.program = living(program)
        plan = plan_program(self.program)
        driver = Driver(plan)
        text = driver.text()
        self._code = dump(program.name, plan, text, Code)
        self._run = _ENTRY(self._code.address)
        self._faults = driver.faults
        self._constants = [np.ascontiguousarray(c) for c in driver.constants]
        self._types = self.program.input_types
        self._arenas: list[np.ndarray] = []
        self.arena_bytes = plan.size

    def __call__(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        operands = [np.asarray(a) for a in arrays]
        found = tuple(type_of(a) for a in operands)
        if found != self._types:
            raise ProgramError(f"program {self.program.name!r} takes {self._types}; got {found}.")
        operands = [a if a.flags.c_contiguous and a.flags.aligned else np.array(a, order="C") for a in operands]
        results = [np.empty(t.shape, t.dtype) for t in self.program.output_types]
        everything = (*operands, *results, *self._constants)
        pointers = (ctypes.c_void_p * len(everything))(*[a.ctypes.data for a in everything])
        fault = (ctypes.c_int64 * 4)()
        arena = self._arenas.pop() if self._arenas else np.empty(self.arena_bytes + 64, np.uint8)
        try:
            failed = self._run(pointers, (arena.ctypes.data + 63) // 64 * 64, fault)
        finally:
            self._arenas.append(arena)
        if failed:
            raise fault_error(self._faults[fault[0]], *fault[1:])
        return results


def fault_error(e: Equation, axis: int, value: int, position: int) -> Exception:
    """The error that the reference raises for the same index."""
    name, shape = e.primitive.name, e.inputs[0].type.shape
    if name.startswith("dynamic"):
        sizes = e.params.sizes if name == "dynamic_slice" else e.inputs[1].type.shape
        text = f"{name} C4: expected 0 <= start <= {shape[axis] - sizes[axis]} on axis {axis}; got {value}."
    else:
        place = tuple(int(i) for i in np.unravel_index(position, e.inputs[1].type.shape[:-1]))
        text = f"{name} C3: expected indices from 0 to {shape[axis] - 1} on axis {axis}; "
        text += f"got {value} at position {place} of the indices."
    return IndexRangeError(text).located(str(e.where))
