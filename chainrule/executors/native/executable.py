"""A compiled Program that can be called."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Sequence

import numpy as np

from ... import config
from ...errors import IndexRangeError, Interrupted, ProgramError
from ...ir import Equation, Program, type_of
from ..profile import Kernel
from . import crew as layout
from .clocks import Clocks
from .driver import Driver
from .dump import dump
from .emit import aligned
from .living import living
from .machine import Code
from .memory import check_memory
from .plan import plan_program
from .threads import crew

Watch = Callable[[int], None]

_ENTRY = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
)
_WAKING = 2e-4  # seconds of work that are worth waking other threads
_LONG = 0.02  # seconds of work that Ctrl-C need not wait for
_HUGE = 1 << 28  # bytes: more are asked for only if the machine has them


class Executable:
    """Takes arrays, gives new arrays. Inputs are read where they lie; calls may overlap in several threads.

    `watched` names the body of a loop of the Program: its rounds are counted, and it can be stopped after any of them.
    `profile`: there are clocks around the kernels.
    """

    def __init__(self, program: Program, watched: str = "", profile: bool = False) -> None:
        self.program = living(program)
        plan = plan_program(self.program)
        driver = Driver(plan, watched, profile)
        self._code = dump(program.name, plan, driver.text(), Code)
        self._run = _ENTRY(self._code.address)
        self._faults = driver.faults
        self._constants = [np.ascontiguousarray(c) for c in driver.constants]
        self._types = self.program.input_types
        self._arenas: list[np.ndarray] = []
        self.is_shared = driver.is_shared
        self.seconds = sum(step.work.seconds for step in plan.steps)  # a guess, on one core
        self._arena, self._workspace = plan.size, -(-plan.workspace // 4096) * 4096
        self._control = aligned(layout.TICKS + (16 * (1 + len(driver.timed)) if profile else 0))
        self._clocks = Clocks(driver.timed) if profile else None

    def bytes(self, threads: int = 1) -> int:
        """The memory of a call beside its inputs: results, arena, workspaces."""
        results = sum(t.size * np.dtype(t.dtype).itemsize for t in self.program.output_types)
        return results + self._arena + threads * self._workspace

    def __call__(self, arrays: Sequence[np.ndarray], watch: Watch | None = None) -> list[np.ndarray]:
        """Run once.

        Args: arrays: the inputs; watch: called now and then by the calling thread while others run, with the number of
            rounds done. Ctrl-C then ends the run after the round it is in.
        Raises: Interrupted: Ctrl-C; it holds what was computed by then.
        """
        operands = [np.asarray(a) for a in arrays]
        found = tuple(type_of(a) for a in operands)
        if found != self._types:
            raise ProgramError(f"program {self.program.name!r} takes {self._types}; got {found}.")
        operands = [a if a.flags.c_contiguous and a.flags.aligned else np.array(a, order="C") for a in operands]
        threads = config.threads() if self.is_shared and self.seconds > _WAKING else 1
        if self.bytes(threads) > _HUGE:
            check_memory(self.program, self.bytes(threads))
        results = [np.empty(t.shape, t.dtype) for t in self.program.output_types]
        everything = (*operands, *results, *self._constants)
        pointers = (ctypes.c_void_p * len(everything))(*[a.ctypes.data for a in everything])
        size = self._arena + threads * self._workspace + self._control + 64
        arena = self._take(size)
        try:
            self._enter(pointers, arena, threads, watch if self.seconds > _LONG else None, results)
        finally:
            self._arenas.append(arena)
        return results

    def _take(self, size: int) -> np.ndarray:
        arena = self._arenas.pop() if self._arenas else None
        return np.empty(size, np.uint8) if arena is None or len(arena) < size else arena

    def _enter(
        self, pointers: ctypes.Array, arena: np.ndarray, threads: int, watch: Watch | None, results: list[np.ndarray]
    ) -> None:
        """Control block, arena and workspaces, in this order, and through them."""
        control = (arena.ctypes.data + 63) // 64 * 64
        block = np.frombuffer(arena, np.int64, self._control // 8, control - arena.ctypes.data)
        block[:] = 0
        base = control + self._control
        space, run = base + self._arena, self._run

        def task(thread: int, of: int = threads) -> int:
            return int(run(pointers, base, space + thread * self._workspace, control, thread, of))

        start = time.perf_counter()
        if watch is not None:
            self._watched(task, threads, watch, block, results)
            failed = bool(block[layout.FAILED // 8])
        else:
            codes = crew().run(task, threads) if threads > 1 else None
            failed = any(codes) if codes else bool(task(0, 1))
        if self._clocks:
            self._clocks.add(block[layout.TICKS // 8 :], time.perf_counter() - start)
        if failed:
            place = layout.FAULT // 8
            number, *rest = (int(n) for n in block[place : place + 4])
            raise fault_error(self._faults[number], *rest)

    def kernels(self) -> list[Kernel]:
        """What the kernels did so far, of an executable that was made with `profile`."""
        return self._clocks.kernels() if self._clocks else []

    def total_seconds(self) -> float:
        """The time of all runs of an executable that was made with `profile`."""
        return self._clocks.seconds if self._clocks else 0.0

    def _watched(
        self, task: Callable[[int], int], threads: int, watch: Watch, block: np.ndarray, results: list[np.ndarray]
    ) -> None:
        def stop() -> None:
            block[layout.STOP // 8] = 1

        try:
            crew().watch(task, threads, lambda: watch(int(block[layout.ROUNDS // 8])), stop)
        except KeyboardInterrupt:
            if block[layout.FAILED // 8]:
                raise
            raise Interrupted(results) from None


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
