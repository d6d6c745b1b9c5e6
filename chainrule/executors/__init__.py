"""Who runs a Program. `reference` defines what is right; each executor is a folder with a `compile_program`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from .. import config
from ..errors import ArgumentError, DependencyError, did_you_mean
from ..ir import Program
from .profile import Profile, note, profile

EXECUTORS = ("reference", "native")
WATCHED = ("native",)  # those whose runs can be watched

Executable = Callable[..., list[np.ndarray]]


def compile_program(program: Program, executor: str, watched: str = "") -> Executable:
    """A function from input arrays to output arrays that computes `program` on the executor of that name.

    Args:
        watched: the name of the body of a loop at the top of the Program (a training loop). On an executor in `WATCHED`
            the function takes a second argument, `watch`: it is called about ten times a second with the number of
            rounds done, and Ctrl-C ends the run after the round it is in and raises `Interrupted` with the results.
            The rest of the Program is still computed. Elsewhere Ctrl-C leaves the call without results.
    """
    if executor not in EXECUTORS:
        raise ArgumentError(
            f"executor: expected one of {', '.join(EXECUTORS)}; got {executor!r}.{did_you_mean(executor, EXECUTORS)}"
        )
    if executor == "native" and find_spec("llvmlite") is None:
        raise DependencyError(
            "executor 'native' needs llvmlite: pip install llvmlite. Without it CHAINRULE_EXECUTOR=reference (or "
            "chainrule.config.set_executor('reference')) computes the same, slowly."
        )
    module = import_module(f"{__name__}.{executor}")
    if executor not in WATCHED:
        return module.compile_program(program)  # type: ignore[no-any-return]
    executable = module.compile_program(program, watched, profile=bool(config.profiling()))
    if config.profiling():
        note(executable)
    return executable  # type: ignore[no-any-return]


def first_nonfinite(program: Program, arrays: Sequence[np.ndarray]) -> str:
    """Which equation first makes a NaN (or else an infinity) out of numbers that are finite, in words; "" if none.

    The Program is replayed on the reference executor, whatever executor ran it before.
    """
    from .reference.watch import first_nonfinite as replay

    return replay(program, arrays)


__all__ = ["EXECUTORS", "WATCHED", "Executable", "Profile", "compile_program", "first_nonfinite", "profile"]
