"""What a call of an Executable needs beside its operands, kept for the next call: pointers, small arrays, the arena."""

from __future__ import annotations

import ctypes
import sys
import weakref
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...ir import TensorType

_SMALL = 1 << 13  # bytes: to copy so few takes less time than to find out where they lie


class Sizes(NamedTuple):
    """In bytes: the control block, the arena, the workspace of each thread."""

    control: int
    arena: int
    workspace: int


class Recycling:
    """Memory of results that came back as operands, as a model's weights do from call to call.

    The system gives new memory a page at a time, with zeros: for large results that takes longer than writing them. So
    what one call reads, a later one writes its results to, once nobody else has it any more.
    """

    def __init__(self) -> None:
        self._given: dict[int, weakref.ref[np.ndarray]] = {}  # number of a result -> what the last call gave
        self._old: dict[int, np.ndarray] = {}  # number of a result -> an earlier one that was an operand since

    def room(self, number: int, shape: tuple[int, ...], dtype: np.dtype, operands: Sequence[np.ndarray]) -> np.ndarray:
        """Where a result may lie, in a call with these operands."""
        old = self._old.pop(number, None)
        is_free = old is not None and sys.getrefcount(old) == 2  # `old`, and the argument
        array = old if old is not None and is_free else np.empty(shape, dtype)
        given = self._given.get(number)
        last = None if given is None else given()
        if last is not None and any(last is operand for operand in operands):
            self._old[number] = last
        self._given[number] = weakref.ref(array)
        return array


class Frame:
    """Of one call at a time.

    Small operands are copied into places of the frame and small results out of them, so that their pointers never
    change; larger ones are read and written where they lie. `pointers`, `control`, `arena`, `workspaces` are addresses;
    `block` is the control block as an array.
    """

    def __init__(
        self, operands: Sequence[TensorType], results: Sequence[TensorType], constants: Sequence[np.ndarray],
        sizes: Sizes,
    ) -> None:  # fmt: skip
        self._operands = [(t.shape, np.dtype(t.dtype), _place(t)) for t in operands]
        self._results = [_place(t) for t in results]
        self._outside = [
            (i, t.shape, np.dtype(t.dtype))
            for i, (t, place) in enumerate(zip(results, self._results, strict=True), len(operands)) if place is None
        ]  # fmt: skip
        places = [*(place for _, _, place in self._operands), *self._results, *constants]
        self._table = (ctypes.c_void_p * len(places))(*[0 if a is None else address(a) for a in places])
        self._held: list[np.ndarray] = []  # copies of large operands, for this call
        self._large: list[np.ndarray] = []  # large results of this call
        self._recycling = Recycling()
        self._sizes, self._threads = sizes, 0
        self.pointers = ctypes.addressof(self._table)
        self.control = self.arena = self.workspaces = 0
        self.block = self._space = np.empty(0, np.int64)

    def reserve(self, threads: int) -> None:
        """Make room for a call by so many threads."""
        if threads <= self._threads:
            return
        control, arena, workspace = self._sizes
        self._space = np.empty(control + arena + threads * workspace + 64, np.uint8)
        start = address(self._space)
        self.control = (start + 63) // 64 * 64
        self.block = self._space[self.control - start :][:control].view(np.int64)
        self.arena = self.control + control
        self.workspaces = self.arena + arena
        self._threads = threads

    def touch(self) -> None:
        """Have the system give the memory now, not when a kernel comes to it."""
        self._space[::4096] = 0

    def fill(self, arrays: Sequence[np.ndarray]) -> bool:
        """Take operands in; False if they are not of the right types."""
        if len(arrays) != len(self._operands):
            return False
        for i, array in enumerate(arrays):
            shape, dtype, place = self._operands[i]
            if type(array) is not np.ndarray:
                array = np.asarray(array)
            if array.shape != shape or array.dtype != dtype:
                return False
            if place is not None:
                place[...] = array
            else:
                self._table[i] = address(self._contiguous(array))
        for i, shape, dtype in self._outside:
            array = self._recycling.room(i, shape, dtype, arrays)
            self._large.append(array)
            self._table[i] = address(array)
        return True

    def _contiguous(self, array: np.ndarray) -> np.ndarray:
        """An operand itself, or a copy in C's order that lives as long as the call."""
        if array.flags.c_contiguous and array.flags.aligned:
            return array
        self._held.append(np.array(array, order="C"))
        return self._held[-1]

    def results(self) -> list[np.ndarray]:
        """The results of the call, new arrays."""
        if not self._large:
            return [place.copy() for place in self._results if place is not None]
        large = iter(self._large)
        return [next(large) if place is None else place.copy() for place in self._results]

    def clear(self) -> None:
        """Let go of the arrays of the call."""
        if self._held or self._large:
            self._held.clear()
            self._large.clear()


def _place(t: TensorType) -> np.ndarray | None:
    """Room for a small value."""
    dtype = np.dtype(t.dtype)
    return np.empty(t.shape, dtype) if t.size * dtype.itemsize <= _SMALL else None


def address(array: np.ndarray) -> int:
    """Where the numbers of a contiguous array lie.

    >>> a = np.zeros(3)
    >>> address(a) == a.ctypes.data
    True
    """
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # a third of the time that `ctypes.data` takes
    except (TypeError, ValueError):  # read-only, or empty
        return int(array.ctypes.data)
