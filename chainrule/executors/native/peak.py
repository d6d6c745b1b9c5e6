"""What the machine can do at most: multiplications and additions a second, measured."""

from __future__ import annotations

import ctypes
import functools
import time

from .linking import link
from .machine import attributes, machine
from .threads import crew
from .units import Unit, compile_units

_CHAINS = 12  # independent sums: enough to keep two units busy for the four or five cycles that one takes
_ROUNDS = 400_000


def _unit() -> Unit:
    """A function that does nothing but fused multiplications, on registers: no `run` of a Program, which is compiled
    in a hurry."""
    lanes = machine().vector_bytes // 4
    kind, name = f"<{lanes} x float>", f"@llvm.fma.v{lanes}f32"
    names = [f"%s{i}" for i in range(_CHAINS)]
    starts = [f"  {n}.first = fadd {kind} %start, splat (float {i}.0)" for i, n in enumerate(names)]  # no two alike
    phis = [f"  {n} = phi {kind} [{n}.first, %entry], [{n}.next, %round]" for n in names]
    sums = [f"  {n}.next = call {kind} {name}({kind} {n}, {kind} %start, {kind} %start)" for n in names]
    total = [f"  %t{i} = fadd {kind} {f'%t{i - 1}' if i else 'zeroinitializer'}, {n}" for i, n in enumerate(names)]
    return Unit("\n".join([
        "define i32 @run(ptr %target, i64 %rounds) #0 {", "entry:", f"  %start = load {kind}, ptr %target, align 4",
        *starts, "  br label %round", "round:", "  %i = phi i64 [0, %entry], [%next, %round]", *phis, *sums,
        "  %next = add i64 %i, 1", "  %more = icmp ult i64 %next, %rounds", "  br i1 %more, label %round, label %done",
        "done:", *total, f"  store {kind} %t{_CHAINS - 1}, ptr %target, align 4", "  ret i32 0", "}",
        f"declare {kind} {name}({kind}, {kind}, {kind})", attributes(),
    ]), "registers")  # fmt: skip


@functools.cache
def peak_flops(threads: int = 1) -> float:
    """Multiplications and additions in float32 that so many cores do together in a second: the best of a few tries."""
    code, _ = link(compile_units([_unit()]))
    run = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64)(code.address)
    numbers = [(ctypes.c_float * 64)() for _ in range(threads)]
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        done = crew().run(lambda n: int(run(numbers[n], _ROUNDS)), threads)
        if done is None:  # somebody else has the workers
            run(numbers[0], _ROUNDS)
        best = min(best, (time.perf_counter() - start) / (1 if done else threads))
    return 2.0 * threads * _CHAINS * (machine().vector_bytes // 4) * _ROUNDS / best
