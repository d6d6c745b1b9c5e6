"""The machine that code is made for, and LLVM's part: text in, an address out."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import itertools
import os
from typing import Any, NamedTuple

SYMBOLS = {"fmod": 2, "pow": 2, "atan2": 2, "sin": 1, "cos": 1, "erf": 1}  # of the C library: how many operands


class Machine(NamedTuple):
    """What kernels need to know of the processor."""

    vector_bytes: int
    registers: int  # vector registers


@functools.cache
def machine() -> Machine:
    """The host: AVX-512, AVX2, or 128-bit vectors (NEON, SSE)."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    if features.get("avx512f") and features.get("avx512vl"):
        return Machine(64, 32)
    if features.get("avx2") and features.get("fma"):
        return Machine(32, 16)
    return Machine(16, 32 if "aarch64" in llvm.get_process_triple() else 16)


def attributes() -> str:
    """The attributes of every kernel."""
    bits = 8 * machine().vector_bytes
    return f'attributes #0 = {{ nounwind "prefer-vector-width"="{bits}" "min-legal-vector-width"="{bits}" }}'


@functools.cache
def target() -> Any:
    """LLVM's description of the host."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    host = llvm.Target.from_triple(llvm.get_process_triple())
    features = llvm.get_host_cpu_features().flatten()
    return host.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=3, reloc="pic", jit=True)


@functools.cache
def _linker() -> Any:
    """What makes object code callable; one for the process."""
    import llvmlite.binding as llvm

    target()
    return llvm.create_lljit_compiler()


@functools.cache
def _symbols() -> dict[str, int]:
    """The addresses of the functions that code may call."""
    library = ctypes.CDLL(ctypes.util.find_library("m") or ctypes.util.find_library("msvcrt"))
    found = {name: getattr(library, name) for name in (*SYMBOLS, "memcpy", "memset", "memmove")}
    if os.name == "nt":
        found["sched_yield"] = ctypes.WinDLL("kernel32").SwitchToThread  # type: ignore[attr-defined]
    else:
        found["sched_yield"] = ctypes.CDLL(None).sched_yield
    return {name: ctypes.cast(function, ctypes.c_void_p).value or 0 for name, function in found.items()}


_numbers = itertools.count()


class Code:
    """Compiled text; `address` is where its entry `run` lies. Lives as long as somebody holds it."""

    def __init__(self, text: str, keep_text: bool = False) -> None:
        import llvmlite.binding as llvm

        host = target()
        module = llvm.parse_assembly(text)
        with llvm.create_pipeline_tuning_options(speed_level=1) as options:
            options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = True
            options.loop_interleaving = True
            with llvm.create_pass_builder(host, options) as builder:
                builder.getModulePassManager().run(module, builder)
        self.optimized = str(module) if keep_text else ""
        self.assembly = host.emit_assembly(module) if keep_text else ""
        self.object = host.emit_object(module)
        library = llvm.JITLibraryBuilder().add_object_img(self.object).export_symbol("run")
        for name, address in _symbols().items():
            library.import_symbol(name, address)
        self._held = library.link(_linker(), f"chainrule{next(_numbers)}")
        self.address = int(self._held["run"])
