"""Object code as one image that runs wherever it lies: what a linker does, for the little that our code needs.

An image is machine code and its constants, with all distances inside it filled in, and a table of slots: where the
addresses of functions of the C library go. Loading one is a copy and a few addresses, without LLVM. Only ELF for x86-64
is understood; where there is something else, `linking.py` lets LLVM do the work.

Sources: System V Application Binary Interface (ELF: headers, sections, symbols, relocations), and its AMD64 supplement,
table 4.9 (the kinds of relocations).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .machine import symbols

_ALLOCATED, _WRITABLE, _TLS = 2, 1, 0x400  # flags of sections
_PROGBITS, _SYMBOLS, _RELOCATIONS = 1, 2, 4  # types of sections
_NEAR = {2: "<i", 4: "<i", 24: "<q"}  # relocations that hold a distance: PC32, PLT32, PC64
_THROUGH_SLOT = (9, 41, 42)  # those that hold the distance to a slot: GOTPCREL, GOTPCRELX, REX_GOTPCRELX
_JUMP = b"\xff\x25"  # jmp *distance(%rip)


class Image(NamedTuple):
    """Code that needs only its slots filled in; `entry` is where `run` begins. `slots`: (place, name of a function)."""

    code: bytes
    entry: int
    slots: Sequence[tuple[int, str]]


class _UnknownError(Exception):
    """Something in the object code is not understood."""


class _Section(NamedTuple):
    number: int
    type: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    align: int


class _Object:
    """An ELF file: its sections and symbols."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        if data[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<HH", data, 16) != (1, 62):
            raise _UnknownError("no object code for x86-64")
        (start,), (size, count) = struct.unpack_from("<Q", data, 40), struct.unpack_from("<HH", data, 58)
        self.sections = [self._section(i, start + i * size) for i in range(count)]
        table = next(s for s in self.sections if s.type == _SYMBOLS)
        strings = self.sections[table.link].offset
        self.symbols = [self._symbol(strings, at) for at in range(table.offset, table.offset + table.size, 24)]

    def _section(self, number: int, at: int) -> _Section:
        _, kind, flags, _, offset, size, link, info, align, _ = struct.unpack_from("<IIQQQQIIQQ", self.data, at)
        if flags & _ALLOCATED and (kind != _PROGBITS or flags & (_WRITABLE | _TLS)):
            raise _UnknownError(f"section {number} of type {kind}")
        return _Section(number, kind, flags, offset, size, link, info, max(1, align))

    def _symbol(self, strings: int, at: int) -> tuple[str, int, int]:
        """(name, number of the section, value)"""
        name, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", self.data, at)
        begin = strings + name
        return self.data[begin : self.data.index(b"\0", begin)].decode(), section, value

    def relocations(self) -> Iterator[tuple[int, int, int, int, int]]:
        """(section, place in it, kind, symbol, addend)"""
        for s in self.sections:
            if s.type == _RELOCATIONS and self.sections[s.info].flags & _ALLOCATED:
                for at in range(s.offset, s.offset + s.size, 24):
                    place, info, addend = struct.unpack_from("<QQq", self.data, at)
                    yield s.info, place, info & 0xFFFFFFFF, info >> 32, addend


class _Layout:
    """Sections one behind the other, then slots and jumps through them."""

    def __init__(self, objects: Sequence[_Object]) -> None:
        self.code = bytearray()
        self.places: dict[tuple[int, int], int] = {}  # (object, section) -> offset
        self.defined: dict[str, int] = {}
        for i, o in enumerate(objects):
            for s in o.sections:
                if s.flags & _ALLOCATED and s.size:
                    self.places[i, s.number] = self._append(o.data[s.offset : s.offset + s.size], s.align)
            here = [(name, self.places.get((i, section)), value) for name, section, value in o.symbols]
            self.defined.update({name: at + value for name, at, value in here if name and at is not None})
        self.slots: dict[str, int] = {}
        self.jumps: dict[str, int] = {}
        for i, o in enumerate(objects):
            for section, place, kind, symbol, addend in o.relocations():
                self._relocate(i, self.places[i, section] + place, kind, o.symbols[symbol], addend)

    def _append(self, data: bytes, align: int) -> int:
        self.code += bytes(-len(self.code) % align)
        self.code += data
        return len(self.code) - len(data)

    def _relocate(self, i: int, place: int, kind: int, symbol: tuple[str, int, int], addend: int) -> None:
        name, section, value = symbol
        inside = self.places[i, section] + value if (i, section) in self.places else self.defined.get(name)
        if kind in _THROUGH_SLOT and inside is None:
            form, there = "<i", self._slot(name)
        elif kind in _NEAR:
            form, there = _NEAR[kind], self._jump(name) if inside is None else inside
        else:
            raise _UnknownError(f"relocation {kind} of {name!r}")
        struct.pack_into(form, self.code, place, there + addend - place)

    def _slot(self, name: str) -> int:
        if name not in symbols():
            raise _UnknownError(f"the function {name!r}")
        if name not in self.slots:
            self.slots[name] = self._append(bytes(8), 8)
        return self.slots[name]

    def _jump(self, name: str) -> int:
        if name not in self.jumps:
            slot = self._slot(name)
            at = self._append(bytes(6), 8)
            self.code[at : at + 6] = _JUMP + struct.pack("<i", slot - at - 6)
            self.jumps[name] = at
        return self.jumps[name]


def lay_out(objects: Sequence[bytes]) -> Image | None:
    """The image of object code whose entry is `run`; None where that is more than this file knows."""
    try:
        layout = _Layout([_Object(data) for data in objects])
    except (_UnknownError, struct.error, StopIteration):
        return None
    slots = [(place, name) for name, place in layout.slots.items()]
    return Image(bytes(layout.code), layout.defined["run"], slots)
