"""The machine that code is made for: how wide its vectors are, and what LLVM knows about it."""

from __future__ import annotations

import ctypes
import functools
import os
import threading
from typing import Any, NamedTuple

SYMBOLS = {"fmod": 2, "pow": 2, "atan2": 2, "sin": 1, "cos": 1, "erf": 1}  # of the C library: how many operands


class Machine(NamedTuple):
    """What kernels need to know of the processor."""

    vector_bytes: int
    registers: int  # vector registers
    adds_pairs: bool = False  # whether one instruction adds two products of bfloat16 to a float32


@functools.cache
def machine() -> Machine:
    """The host: AVX-512, AVX2, or 128-bit vectors (NEON, SSE)."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    if features.get("avx512f") and features.get("avx512vl"):
        return Machine(64, 32, bool(features.get("avx512bf16")))
    if features.get("avx2") and features.get("fma"):
        return Machine(32, 16)
    return Machine(16, 32 if "aarch64" in llvm.get_process_triple() else 16)


def attributes() -> str:
    """The attributes of every kernel."""
    bits = 8 * machine().vector_bytes
    return f'attributes #0 = {{ nounwind "prefer-vector-width"="{bits}" "min-legal-vector-width"="{bits}" }}'


@functools.cache
def repeated(number: str, lanes: int) -> str:
    """A vector of one number, written with its type, as LLVM reads it fastest: since version 19 it is written once."""
    import llvmlite.binding as llvm

    return f"splat ({number})" if llvm.llvm_version_info[0] >= 19 else f"<{', '.join([number] * lanes)}>"


class _Targets(threading.local):
    def __init__(self) -> None:
        self.made: dict[int, Any] = {}


_targets = _Targets()


def target(level: int = 3) -> Any:
    """LLVM's description of the host, one for each thread. At `level` 0 it chooses instructions in a hurry."""
    if level not in _targets.made:
        _targets.made[level] = _create_target(level)
    return _targets.made[level]


@functools.cache
def _initialize() -> None:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()  # for inline assembly


def _create_target(level: int) -> Any:
    import llvmlite.binding as llvm

    _initialize()
    host = llvm.Target.from_triple(llvm.get_process_triple())
    features = llvm.get_host_cpu_features().flatten()
    model = "jitdefault" if os.name == "nt" else "small"  # constants are read relative to the instruction
    return host.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=level, reloc="pic", codemodel=model, jit=True
    )


@functools.cache
def symbols() -> dict[str, int]:
    """The addresses of the functions that code may call: it finds no others."""
    names = (*SYMBOLS, "memcpy", "memset", "memmove")
    if os.name == "nt":
        library = ctypes.CDLL("msvcrt")
        found = {"sched_yield": ctypes.WinDLL("kernel32").SwitchToThread}  # type: ignore[attr-defined]
    else:
        library = process = ctypes.CDLL(None)  # Python needs the C library and its mathematics too
        if not hasattr(process, "erf"):
            from ctypes.util import find_library  # seldom, and it imports much

            library = ctypes.CDLL(find_library("m"))
        found = {"sched_yield": process.sched_yield}
    found.update((name, getattr(library, name)) for name in names)
    return {name: ctypes.cast(function, ctypes.c_void_p).value or 0 for name, function in found.items()}
