"""What compiled code depends on, as keys: the Program, the options, this compiler, LLVM and the processor."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

from ... import config
from ...ir import Program, Var

_PARTS = ("executors/native", "primitives")  # folders whose files decide what code is made
_PROCESSOR = (  # lines of /proc/cpuinfo that say what a processor is, not what it is doing
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags", "CPU implementer", "CPU architecture",
    "CPU variant", "CPU part", "CPU revision", "Features",
)  # fmt: skip


def key_of(program: Program, *options: str) -> str:
    """40 hexadecimal digits that stand for the code of a Program on this machine. Where equations come from, and the
    names of layers, are no part of it.

    >>> from chainrule.ir import parse_program
    >>> text = 'program f(%0: float32[]) -> (float32[]) { %1: float32[] = neg(%0) @ "a" "b.py:1" return %1 }'
    >>> key_of(parse_program(text)) == key_of(parse_program(text.replace("b.py:1", "c.py:2")))
    True
    >>> key_of(parse_program(text)) == key_of(parse_program(text.replace("neg", "exp")))
    False
    """
    made = hashlib.blake2b(digest_size=20)
    for piece in (*surroundings(), f"minimal filters: {config.filters_minimally()}", *options, *_words(program)):
        made.update(piece if isinstance(piece, bytes) else piece.encode() + b"\0")
    return made.hexdigest()


def surroundings() -> tuple[str, str, str]:
    """The processor, LLVM and this compiler: code is of use only where they are the same."""
    return host(), _llvm(), _compiler()


@functools.cache
def host() -> str:
    """The processor: its name and what it can do."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = file.read().split("\n\n", 1)[0].split("\n")
        found = [line for line in lines if line.split("\t", 1)[0].strip(" :") in _PROCESSOR]
    except OSError:
        found = []
    if not any(line.startswith(("flags", "Features")) for line in found):
        found = _host_of_llvm()
    return "\n".join([platform.system(), platform.machine(), *found])


def _host_of_llvm() -> list[str]:
    import llvmlite.binding as llvm

    return [llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]


@functools.cache
def _llvm() -> str:
    """The version of llvmlite, which holds LLVM; read without loading it."""
    found = find_spec("llvmlite")
    folder = os.path.dirname(found.origin) if found and found.origin else ""
    try:
        with open(os.path.join(folder, "_version.py"), encoding="utf-8") as file:
            return file.read()
    except OSError:
        import llvmlite

        return str(llvmlite.__version__)


@functools.cache
def _compiler() -> str:
    """A digest of the files that make the code, so that a change of any of them is a change of the key."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    made = hashlib.blake2b(digest_size=20)
    for part in _PARTS:
        folder = os.path.join(package, part)
        for name in sorted(os.listdir(folder)):
            if name.endswith(".py"):
                with open(os.path.join(folder, name), "rb") as file:
                    made.update(name.encode() + b"\0" + file.read())
    return made.hexdigest()


def _words(program: Program) -> Iterator[str | bytes]:
    """All of a Program, in pieces. The types of results follow from the rest."""
    numbers: dict[Var, int] = {v: i for i, v in enumerate(program.inputs)}
    yield f"program {program.name!r} {[str(v.type) for v in program.inputs]}"
    for e in program.equations:
        yield f"{e.primitive.name} {[numbers[v] for v in e.inputs]} {sorted(e.params)}"
        for key in sorted(e.params):
            yield from _value(e.params[key])
        for v in e.outputs:
            numbers[v] = len(numbers)
    yield f"return {[numbers[v] for v in program.outputs]}"


def _value(value: Any) -> Iterator[str | bytes]:
    if isinstance(value, Program):
        yield from _words(value)
    elif isinstance(value, (np.ndarray, np.generic)):
        yield f"array {value.dtype} {value.shape}"
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, tuple):
        yield f"tuple {len(value)}"
        for item in value:
            yield from _value(item)
    else:
        yield f"{type(value).__name__} {value!r}"
