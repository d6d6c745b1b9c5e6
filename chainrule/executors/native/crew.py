"""How threads run one function together: the control block, the barrier and what only one of them does, as LLVM IR.

All threads enter `run` and go through the same steps. A step is shared (each thread does its part of it) or done by the
first thread alone. Between steps of which one writes what another one touches there is a barrier; `Phases` knows where.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable
from typing import NamedTuple

LINE = 64  # bytes: what different threads write lies in different lines of the cache

STOP, ROUNDS, FAILED, FAULT, ARRIVED, GENERATION, STOPPING = (LINE * i for i in range(7))
TICKS = LINE * 7  # of a profile: a counter for each step
"""Where things lie in the control block: `STOP` is set from outside to end the watched loop after the round it is in;
`ROUNDS` counts its rounds; `FAILED` says that a thread has found a fault, which `FAULT` describes in four numbers:
equation, axis, value, position."""

_ARM = platform.machine().lower() in ("aarch64", "arm64")
_PAUSE = "yield" if _ARM else "pause"
TICK = 'call i64 asm sideeffect "mrs $0, cntvct_el0", "=r"()' if _ARM else "call i64 @llvm.readcyclecounter()"
_SPINS = 4000  # looks at the barrier before other processes are let in

BARRIER = f"""
define internal i1 @barrier(ptr %control, i64 %threads) noinline {{
  %failed.at = getelementptr inbounds i8, ptr %control, i64 {FAILED}
  %arrived.at = getelementptr inbounds i8, ptr %control, i64 {ARRIVED}
  %generation.at = getelementptr inbounds i8, ptr %control, i64 {GENERATION}
  %alone = icmp eq i64 %threads, 1
  br i1 %alone, label %through, label %meet
meet:
  %generation = load atomic i64, ptr %generation.at monotonic, align 8
  %before = atomicrmw add ptr %arrived.at, i64 1 acq_rel
  %here = add i64 %before, 1
  %last = icmp eq i64 %here, %threads
  br i1 %last, label %open, label %wait
open:
  store atomic i64 0, ptr %arrived.at monotonic, align 8
  %following = add i64 %generation, 1
  store atomic i64 %following, ptr %generation.at release, align 8
  br label %through
wait:
  %spins = phi i64 [0, %meet], [%more, %rest], [0, %yield]
  %now = load atomic i64, ptr %generation.at acquire, align 8
  %opened = icmp ne i64 %now, %generation
  br i1 %opened, label %through, label %again
again:
  %ended = load atomic i64, ptr %failed.at monotonic, align 8
  %over = icmp ne i64 %ended, 0
  br i1 %over, label %through, label %patience
patience:
  %more = add i64 %spins, 1
  %tired = icmp ugt i64 %more, {_SPINS}
  br i1 %tired, label %yield, label %rest
rest:
  call void asm sideeffect "{_PAUSE}", ""()
  br label %wait
yield:
  call i32 @sched_yield()
  br label %wait
through:
  %failed = load atomic i64, ptr %failed.at monotonic, align 8
  %bad = icmp ne i64 %failed, 0
  ret i1 %bad
}}
declare i32 @sched_yield()
"""

FLUSHING = "" if _ARM else "declare void @llvm.x86.sse.stmxcsr(ptr)\ndeclare void @llvm.x86.sse.ldmxcsr(ptr)"

COPY = """
define internal void @copy(ptr %to, ptr %from, i64 %bytes, i64 %thread, i64 %threads) noinline {
  %lines = lshr i64 %bytes, 6
  %next = add i64 %thread, 1
  %a = mul i64 %lines, %thread
  %b = mul i64 %lines, %next
  %c = udiv i64 %a, %threads
  %d = udiv i64 %b, %threads
  %begin = shl i64 %c, 6
  %end = shl i64 %d, 6
  %is_last = icmp eq i64 %next, %threads
  %stop = select i1 %is_last, i64 %bytes, i64 %end
  %size = sub i64 %stop, %begin
  %source = getelementptr inbounds i8, ptr %from, i64 %begin
  %target = getelementptr inbounds i8, ptr %to, i64 %begin
  call void @llvm.memcpy.p0.p0.i64(ptr %target, ptr %source, i64 %size, i1 false)
  ret void
}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
"""


def flushing() -> tuple[list[str], list[str]]:
    """The first and the last lines of a function in which numbers too small for full precision count as zero.

    A processor takes a hundred cycles for an operation with such a number, below 1.2e-38 in float32. A network that has
    learnt its data is full of them: gradients of saturated outputs, squared, averaged over and over.
    """
    if _ARM:  # bit 24 of FPCR
        write = 'call void asm sideeffect "msr fpcr, $0", "r"(i64 {})'
        begin = ['%mode = call i64 asm sideeffect "mrs $0, fpcr", "=r"()', f"%mode.new = or i64 %mode, {1 << 24}",
                 write.format("%mode.new")]  # fmt: skip
        end = [write.format("%mode")]
    else:  # the bits FTZ and DAZ of MXCSR
        write = "call void @llvm.x86.sse.ldmxcsr(ptr %mode)"
        begin = ["%mode = alloca i32", "call void @llvm.x86.sse.stmxcsr(ptr %mode)", "%before = load i32, ptr %mode",
                 "%mode.new = or i32 %before, 32832", "store i32 %mode.new, ptr %mode", write]  # fmt: skip
        end = ["store i32 %before, ptr %mode", write]
    return [f"  {line}" for line in begin], [f"  {line}" for line in end]


class Bytes(NamedTuple):
    """Bytes `first` .. `last` - 1 of a buffer: of the arena (""), or of one that came in from outside."""

    buffer: str
    first: int
    last: int

    def meets(self, other: Bytes) -> bool:
        """Whether some byte is in both."""
        return self.buffer == other.buffer and self.first < other.last and other.first < self.last


class Access(NamedTuple):
    """What a step touches, and whether all threads do it together."""

    shared: bool
    reads: tuple[Bytes, ...]
    writes: tuple[Bytes, ...]

    def must_wait_for(self, earlier: Access) -> bool:
        """Whether a barrier must lie between an earlier step and this one."""
        if not (self.shared or earlier.shared):
            return False  # both by the first thread, in order
        return (
            _any_meet(self.writes, (*earlier.reads, *earlier.writes)) or _any_meet(self.reads, earlier.writes)
        )  # fmt: skip


def _any_meet(some: Iterable[Bytes], others: tuple[Bytes, ...]) -> bool:
    return any(a.meets(b) for a in some for b in others)


class Phases:
    """The steps since the last barrier."""

    def __init__(self) -> None:
        self._since: list[Access] = []

    def is_barrier_before(self, step: Access) -> bool:
        """Whether a step has to wait for those before it. The step is noted."""
        waits = any(map(step.must_wait_for, self._since))
        if waits:
            self._since.clear()
        self._since.append(step)
        return waits

    def clear(self) -> None:
        """A barrier was put here."""
        self._since.clear()
