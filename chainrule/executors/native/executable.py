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
from .building import build
from .clocks import Clocks
from .emit import aligned
from .frame import Frame, Sizes
from .living import living
from .memory import check_memory
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
        built = build(self.program, watched, profile)
        self._code, facts = built.code, built.facts
        self._run = _ENTRY(self._code.address)
        equations = list(self.program.walk())
        self._faults = [equations[i] for i in facts.faults]
        self._constants = [np.ascontiguousarray(equations[i].params.value) for i in facts.constants]
        self._types = self.program.input_types
        self._frames: list[Frame] = []  # those that no call has just now
        self.is_shared, self.seconds = facts.is_shared, facts.seconds
        control = aligned(layout.TICKS + (16 * (1 + len(built.timed)) if profile else 0))
        self._sizes = Sizes(control, facts.arena, -(-facts.workspace // 4096) * 4096)
        self._may_wake = self.is_shared and self.seconds > _WAKING
        self._clocks = Clocks(built.timed) if profile else None
        self._results = sum(t.size * np.dtype(t.dtype).itemsize for t in self.program.output_types)

    def bytes(self, threads: int = 1) -> int:
        """The memory of a call beside its inputs: results, arena, workspaces."""
        return self._results + self._sizes.arena + threads * self._sizes.workspace

    def __call__(self, arrays: Sequence[np.ndarray], watch: Watch | None = None) -> list[np.ndarray]:
        """Run once.

        Args: arrays: the inputs; watch: called now and then by the calling thread while others run, with the number of
            rounds done. Ctrl-C then ends the run after the round it is in.
        Raises: Interrupted: Ctrl-C; it holds what was computed by then.
        """
        threads = config.threads() if self._may_wake and crew().is_welcome else 1
        if self.bytes(threads) > _HUGE:
            check_memory(self.program, self.bytes(threads))
        frame = self._frames.pop() if self._frames else self._frame()
        try:
            frame.reserve(threads)
            if not frame.fill(arrays):
                found = tuple(type_of(np.asarray(a)) for a in arrays)
                raise ProgramError(f"program {self.program.name!r} takes {self._types}; got {found}.")
            self._enter(frame, threads, watch if self.seconds > _LONG else None)
            return frame.results()
        finally:
            frame.clear()
            self._frames.append(frame)

    def _frame(self) -> Frame:
        return Frame(self._types, self.program.output_types, self._constants, self._sizes)

    def _enter(self, frame: Frame, threads: int, watch: Watch | None) -> None:
        block = frame.block
        block[:] = 0
        if self._clocks:
            frame.touch()
        start = time.perf_counter()
        if watch is None and threads == 1:
            failed = bool(self._run(frame.pointers, frame.arena, frame.workspaces, frame.control, 0, 1))
        else:
            failed = self._together(frame, threads, watch)
        if self._clocks:
            self._clocks.add(block[layout.TICKS // 8 :], time.perf_counter() - start)
        if failed:
            place = layout.FAULT // 8
            number, *rest = (int(n) for n in block[place : place + 4])
            raise fault_error(self._faults[number], *rest)

    def _together(self, frame: Frame, threads: int, watch: Watch | None) -> bool:
        """All threads at once, or only this one if the others are busy. Returns: whether there was a fault."""
        run, step = self._run, self._sizes.workspace
        pointers, arena, workspaces, control = frame.pointers, frame.arena, frame.workspaces, frame.control

        def task(thread: int, of: int = threads) -> int:
            return int(run(pointers, arena, workspaces + thread * step, control, thread, of))

        if watch is not None:
            self._watched(task, threads, watch, frame)
            return bool(frame.block[layout.FAILED // 8])
        codes = crew().run(task, threads)
        return any(codes) if codes else bool(task(0, 1))

    def kernels(self) -> list[Kernel]:
        """What the kernels did so far, of an executable that was made with `profile`."""
        return self._clocks.kernels() if self._clocks else []

    def total_seconds(self) -> float:
        """The time of all runs of an executable that was made with `profile`."""
        return self._clocks.seconds if self._clocks else 0.0

    def _watched(self, task: Callable[..., int], threads: int, watch: Watch, frame: Frame) -> None:
        block = frame.block

        def look() -> None:
            watch(int(block[layout.ROUNDS // 8]))

        def stop() -> None:
            block[layout.STOP // 8] = 1

        try:
            if threads == 1 or crew().watch(task, threads, look, stop) is None:
                crew().watch_alone(lambda number: task(number, 1), look, stop)
        except KeyboardInterrupt:
            if block[layout.FAILED // 8]:
                raise
            raise Interrupted(frame.results()) from None


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
