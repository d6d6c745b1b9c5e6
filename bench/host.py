"""What the machine is and the most it can compute."""

from __future__ import annotations

import ctypes
import datetime
import os
import platform
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .building import built
from .peers import ROOT


def describe() -> dict[str, Any]:
    """Processor, cores that may be used, memory, peak of a core, load when asked."""
    peak, how = measure_peak()
    return {
        "processor": processor(),
        "cores": cores(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.system(),
        "python": platform.python_version(),
        "peak": peak,
        "peak_by": how,
        "load": os.getloadavg()[0],
    }


def processor() -> str:
    """The model in the words of the system."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def measure_peak() -> tuple[float, str]:
    """(float32 operations a second of one core, how it was found): the best of several short runs."""
    try:
        library = built("peak", "-ffp-contract=fast")
    except OSError:
        return _product_peak(), "a product of matrices by NumPy on one core: a lower bound"
    library.operations.restype, library.work.restype = ctypes.c_double, ctypes.c_float
    library.operations.argtypes = library.work.argtypes = [ctypes.c_long]
    rounds = 1_000_000
    return library.operations(rounds) / best_of(20, lambda: library.work(rounds)), "fused multiplications and additions"


def _product_peak() -> float:
    """Without a C compiler: what NumPy's BLAS reaches, divided by the cores that it may use."""
    size = 1024
    a = np.ones((size, size), np.float32)
    return 2 * size**3 / best_of(20, lambda: a @ a) / cores()


def best_of(count: int, call: Callable[[], Any]) -> float:
    """The least seconds of so many calls."""
    found = []
    for _ in range(count):
        started = time.perf_counter()
        call()
        found.append(time.perf_counter() - started)
    return min(found)


def commit() -> str:
    """The commit that is measured, with `+` if files differ from it; '' where there is no repository."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def now() -> str:
    """The moment, in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
