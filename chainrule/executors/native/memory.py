"""Whether there is room for a run, before it begins."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import MemoryLimitError
from ...ir import Program, Var
from .emit import bytes_of


def available() -> int | None:
    """Bytes of memory that this process may still take; None where the system does not say."""
    found = [n for n in (_of_machine(), _of_group()) if n is not None]
    return min(found, default=None)


def _of_machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _of_group() -> int | None:
    """What the control group of a container leaves (Linux, version 2)."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = int((folder / "memory.current").read_text(encoding="ascii"))
        return None if limit == "max" else max(0, int(limit) - used)
    except (OSError, ValueError):
        return None


def check_memory(program: Program, needed: int) -> None:
    """Raise MemoryLimitError if a run that needs so many bytes cannot have them."""
    free = available()
    if free is None or needed <= free:
        return
    largest = max(_values(program), key=lambda pair: bytes_of(pair[0]), default=None)
    text = ""
    if largest:
        v, where = largest
        text = f" The largest value is {v.type} ({_gigabytes(bytes_of(v))}){f' in {where}' if where else ''}."
    raise MemoryLimitError(
        f"program {program.name!r} needs {_gigabytes(needed)} of memory beside its inputs; "
        f"{_gigabytes(free)} are free.{text} A smaller batch_size needs less."
    )


def _values(program: Program) -> list[tuple[Var, str]]:
    found = []
    for equation in program.equations:
        found += [(v, str(equation.where)) for v in equation.outputs]
        for sub in equation.params.programs():
            found += _values(sub)
    return found


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
