"""Rows whose unit is a whole process: wall time from start to end and the most memory it held."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from .peers import ROOT, Contender
from .results import Measured, environment
from .rows import Row
from .worker import busy

SCRIPTS = ROOT / "bench" / "scripts"


def measure(row: Row, rounds: int, say: Callable[[str], None]) -> list[Measured]:
    """Everybody once to warm the files, then the rounds go around."""
    found = [Measured(c, absent=c.missing()) for c in row.contenders()]
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(-1, rounds):
            for m in found:
                once(m, row, folder, turn)
                if turn < 0:
                    say(f"{row.name}: {m.contender.name} {m.absent or 'ready'}")
    return found


def once(m: Measured, row: Row, folder: str, turn: int) -> None:
    """One process; in turn -1 only its failure counts."""
    if m.absent:
        return
    with tempfile.TemporaryDirectory() as fresh:
        cache = fresh if m.contender.cache == "empty" else os.path.join(folder, m.contender.name.replace(" ", "_"))
        ended = run(m.contender, row.work["commands"][m.contender.name], cache)
    m.absent = ended.error
    if turn >= 0 and not ended.error:
        m.seconds.append(ended.seconds)
        m.others.append(ended.others)
        m.work.append(ended.work)
        m.memory = max(m.memory or 0, ended.memory)


@dataclass(frozen=True)
class Ended:
    """A process that has ended: its wall time, the time of all cores that it used, the most bytes it held, the share of
    the machine that others used meanwhile; the last line it wrote if it failed, or ''.
    """

    seconds: float
    work: float
    memory: int
    others: float
    error: str


def run(contender: Contender, command: list[str], cache: str) -> Ended:
    """Run one process to its end."""
    variables = {**environment(contender), "CHAINRULE_CACHE": cache}
    line = [str(contender.python()), *[part.format(scripts=SCRIPTS, root=ROOT) for part in command]]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as written:
        before, started = busy(), time.perf_counter()
        process = subprocess.Popen(
            line, env=variables, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=written
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        written.seek(0)
        said = written.read().strip()
    used = usage.ru_utime + usage.ru_stime
    others = max(0.0, (busy() - before - used) / (seconds * (os.cpu_count() or 1)))
    error = f"ended with {process.returncode}: {said.rpartition(chr(10))[2][:200]}" if process.returncode else ""
    return Ended(seconds, used, usage.ru_maxrss * 1024, others, error)
