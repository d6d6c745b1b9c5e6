"""Kernels touch no byte outside their buffers, and read none that they have not written.

A process of its own calls the code with fences around every buffer, first behind its end and then before its beginning:
whoever goes too far ends that process, whose last line says where it was.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest

from chainrule.executors.native import compile_program
from chainrule.ir import PRIMITIVES, Program, TensorType

from ..core.compare import program_of, types_of
from ..core.maker import LARGE, SMALL
from ..core.random_programs import EXAMPLES, arrays_for, program_from
from .enlarge import AS_THEY_ARE, enlarged
from .fence import Fence, run_fenced
from .sharing import everything_shared

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs mprotect")
_ROOT = Path(__file__).parents[2]
_KINDS = ("samples", "small", "large")


def check(name: str, program: Program, arrays: list[np.ndarray], threads: int) -> None:
    """The same bits with fences as without."""
    print(name, flush=True)
    with everything_shared():
        run = compile_program(program)
    expected = [a.tobytes() for a in run(arrays)]
    for at_end in (True, False):
        assert [a.tobytes() for a in run_fenced(run, arrays, at_end, threads)] == expected, name


def main(kind: str) -> None:
    """What the process does."""
    from .test_samples import some_of

    if kind == "samples":
        for name in sorted(PRIMITIVES):
            for i, s in enumerate(some_of(name)[: None if EXAMPLES else 1]):
                larger = None if name in AS_THEY_ARE else enlarged(name, s, 300)
                s = larger or s
                program = program_of(name, s.canonical(name), types_of(s.operands))
                check(f"{name} {i}", program, list(s.operands), 1 + len(name) % 3)
        return
    for seed in range(EXAMPLES or 20):
        program = program_from(Random(seed), 8, scale=LARGE if kind == "large" else SMALL)
        check(f"{kind} {seed}", program, arrays_for(program, seed), 1 + seed % 3)


def start(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=600 + EXAMPLES, check=False)


@pytest.mark.parametrize("kind", _KINDS)
def test_nothing_outside_is_touched(kind: str) -> None:
    done = start(f"from tests.native.test_fence import main; main({kind!r})")
    last = done.stdout.rsplit("\n", 2)[-2:]
    assert done.returncode == 0, f"{last}, exit {done.returncode}: {done.stderr[-2000:]}"
    assert done.stdout.count("\n") >= 20


@pytest.mark.parametrize("at_end", [True, False])
def test_the_fence_holds(at_end: bool) -> None:
    """One element too far ends the process; all of them together do not."""
    room = Fence(at_end).array(TensorType("float32", (10,)))
    assert np.isnan(room).all() and room.size == 10
    place = "+ 40" if at_end else "- 4"
    done = start(
        "import ctypes; from tests.native.fence import Fence; from chainrule.ir import TensorType\n"
        f"room = Fence({at_end}).array(TensorType('float32', (10,))); room[:] = 1; print('inside', flush=True)\n"
        f"ctypes.c_float.from_address(room.ctypes.data {place}).value; print('outside')"
    )
    assert done.stdout == "inside\n" and done.returncode < 0
