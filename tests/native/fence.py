"""Buffers with nothing behind them, or nothing before them: whoever touches what is there ends the process."""

from __future__ import annotations

import ctypes
import mmap
import threading
from collections.abc import Sequence

import numpy as np

from chainrule.executors.native.executable import Executable
from chainrule.ir import TensorType

_PAGE = mmap.PAGESIZE
_PROT_NONE = 0


class Fence:
    """Memory between two pages that nobody may touch. `at_end`: arrays end where it ends, else begin where it begins.

    Whatever was not written yet is a NaN.
    """

    def __init__(self, at_end: bool) -> None:
        self.at_end, self._held = at_end, list[mmap.mmap]()
        self._protect = ctypes.CDLL(None, use_errno=True).mprotect
        self._protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

    def array(self, t: TensorType) -> np.ndarray:
        """Room for a value."""
        dtype = np.dtype(t.dtype)
        return self.bytes(t.size * dtype.itemsize).view(dtype).reshape(t.shape)

    def bytes(self, size: int) -> np.ndarray:
        """So many bytes, all of them 255."""
        pages = -(-max(size, 1) // _PAGE) * _PAGE
        memory = mmap.mmap(-1, pages + 2 * _PAGE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        for page in (start, start + _PAGE + pages):
            assert self._protect(page, _PAGE, _PROT_NONE) == 0
        self._held.append(memory)
        begin = _PAGE + (pages - size) * self.at_end
        found = np.frombuffer(memory, np.uint8, size, begin)
        found[:] = 255
        return found


def run_fenced(executable: Executable, arrays: Sequence[np.ndarray], at_end: bool, threads: int) -> list[np.ndarray]:
    """The results of the machine code, called with a fence around every buffer."""
    fence, program, sizes = Fence(at_end), executable.program, executable._sizes
    operands = [fence.array(t) for t in program.input_types]
    for place, array in zip(operands, arrays, strict=True):
        place[...] = array
    results = [fence.array(t) for t in program.output_types]
    constants = [fence.array(TensorType(c.dtype.name, c.shape)) for c in executable._constants]
    for place, array in zip(constants, executable._constants, strict=True):
        place[...] = array
    places = [*operands, *results, *constants]
    table = (ctypes.c_void_p * max(1, len(places)))(*(a.ctypes.data for a in places))
    control, arena = fence.bytes(sizes.control), fence.bytes(sizes.arena)
    control[:] = 0
    workspaces = [fence.bytes(sizes.workspace) for _ in range(threads)]

    def enter(thread: int) -> None:
        pointers = (ctypes.addressof(table), arena.ctypes.data, workspaces[thread].ctypes.data, control.ctypes.data)
        executable._run(*pointers, thread, threads)

    together = [threading.Thread(target=enter, args=(i,)) for i in range(1, threads)]
    for t in together:
        t.start()
    enter(0)
    for t in together:
        t.join()
    return [a.copy() for a in results]
