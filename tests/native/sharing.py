"""Small Programs as if they were large: every kernel that threads can share is shared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from unittest.mock import patch

import numpy as np

from chainrule import config
from chainrule.executors.native import compile_program, executable, nests, work
from chainrule.executors.native.threads import Crew
from chainrule.ir import Program

COUNTS = (1, 2, 3)


@contextmanager
def everything_shared() -> Iterator[None]:
    """What is compiled inside is worth several threads, whatever its size."""
    with (
        patch.object(work, "_SHARE", 0.0), patch.object(work, "_MOSTLY", -1.0), patch.object(nests, "_SMALL", 1),
        patch.object(executable, "_WAKING", -1.0), patch.dict("os.environ", CHAINRULE_CACHE="off"),
    ):  # fmt: skip
        yield


def run_with_threads(program: Program, arrays: Sequence[np.ndarray], forced: bool) -> list[np.ndarray]:
    """The results of 1, 2 and 3 threads, which must be the same to the bit. `forced`: with all sharing there can be."""
    with everything_shared() if forced else nullcontext():
        run = compile_program(program)
    results = []
    try:
        for count in COUNTS:
            config.set_threads(count)
            with patch.object(Crew, "is_welcome", True):  # even on a crowded machine
                results.append(run(arrays))
    finally:
        config.set_threads(None)
    for count, other in zip(COUNTS[1:], results[1:], strict=True):
        same = [a.tobytes() == b.tobytes() for a, b in zip(results[0], other, strict=True)]
        assert all(same), f"results {[i for i, s in enumerate(same) if not s]} differ between 1 and {count} threads"
    return results[0]


def is_shared(program: Program) -> bool:
    """Whether threads do some of a Program together without being told to."""
    return compile_program(program).is_shared
