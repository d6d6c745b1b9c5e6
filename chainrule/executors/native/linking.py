"""Object code, or an image of it, to an address."""

from __future__ import annotations

import ctypes
import functools
import itertools
import mmap
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from .image import Image, lay_out
from .machine import symbols, target


class Loaded:
    """An image in memory; `address` is where its entry lies. Lives as long as somebody holds it."""

    def __init__(self, image: Image) -> None:
        """Raises: OSError: the system allows no memory that can be executed."""
        self._memory = mmap.mmap(-1, len(image.code), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._memory[: len(image.code)] = image.code
        for place, name in image.slots:
            self._memory[place : place + 8] = symbols()[name].to_bytes(8, "little")
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        _make_executable(start, len(image.code))
        self.address = start + image.entry


def _make_executable(start: int, size: int) -> None:
    """From here on the memory can be read and executed, and no longer be written."""
    process = ctypes.CDLL(None, use_errno=True)
    if process.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(size), mmap.PROT_READ | mmap.PROT_EXEC):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@functools.cache
def _linker() -> Any:
    """What makes object code callable; one for the process."""
    import llvmlite.binding as llvm

    target()
    return llvm.create_lljit_compiler(use_jit_link=os.name != "nt")


_numbers = itertools.count()


class Linked:
    """Object code in memory, linked by LLVM."""

    def __init__(self, objects: Sequence[bytes]) -> None:
        import llvmlite.binding as llvm

        library = llvm.JITLibraryBuilder().export_symbol("run")
        for code in objects:
            library.add_object_img(code)
        for name, address in symbols().items():
            library.import_symbol(name, address)
        self._held = library.link(_linker(), f"chainrule{next(_numbers)}")
        self.address = int(self._held["run"])


Code = Loaded | Linked


def link(objects: Sequence[bytes]) -> tuple[Code, Image | None]:
    """Object code whose entry is `run`, in memory; and its image, if there is one that may be loaded again."""
    image = lay_out(objects) if os.name == "posix" else None
    if image is not None:
        with suppress(OSError):
            return Loaded(image), image
    return Linked(objects), None
