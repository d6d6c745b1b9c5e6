"""All passes, again and again until nothing changes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

from .. import config
from ..errors import FileError, ProgramError
from ..ir import Program, verify
from .cse import cse
from .dce import dce
from .fold import fold
from .loops import loops
from .simplify import simplify

PASSES: tuple[Callable[[Program], Program], ...] = (simplify, fold, cse, loops, dce)
_ROUNDS = 20  # each round makes the Program smaller, so few are needed
_numbers = itertools.count()


def optimize(program: Program) -> Program:
    """A Program with the same inputs, the same outputs (to the bit) and no more equations, constants and the zeros of
    `pads` aside.

    Every equation keeps its place of origin; random bits stay what they were. `CHAINRULE_CHECK=2` verifies the
    Program after each pass; `CHAINRULE_DUMP` names a folder into which every stage is written as text.

    Raises: ProgramError: with `CHAINRULE_CHECK=2`, a pass made a Program that is not well formed.

    >>> from chainrule.ir import parse_program
    >>> p = parse_program('program f(%0: float32[2]) -> (float32[2]) {'
    ...                   '%1: float32[] = constant() {value=float32[]<0.5>} %2: float32[] = add(%1, %1)'
    ...                   '%3: float32[2] = broadcast(%2) {axes=(), shape=(2,)} %4: float32[2] = mul(%0, %3)'
    ...                   'return %4 }')
    >>> print(optimize(p))
    program f(%0: float32[2]) -> (float32[2]) {
      return %0
    }
    """
    dump = _dumper(program)
    dump("input", program)
    still = 0  # passes in a row that found nothing to do
    for step in PASSES * _ROUNDS:
        before, program = program, _checked(step, program, dump)
        still = still + 1 if program is before else 0
        if still == len(PASSES):
            break
    return program


def _checked(step: Callable[[Program], Program], program: Program, dump: Callable[[str, Program], None]) -> Program:
    after = step(program)
    if after is not program:
        dump(step.__name__, after)
        if config.check_level() >= 2:
            try:
                verify(after)
            except ProgramError as error:
                raise ProgramError(f"after the pass {step.__name__!r}: {error}") from None
    return after


def _dumper(program: Program) -> Callable[[str, Program], None]:
    """A function that writes a stage into the folder of `CHAINRULE_DUMP`, or does nothing."""
    if not config.dump_folder():
        return lambda stage, program: None
    folder, stages = Path(config.dump_folder()), itertools.count()
    name = f"{next(_numbers):04d}_" + re.sub(r"\W+", "_", program.name)

    def dump(stage: str, program: Program) -> None:
        path = folder / f"{name}.{next(stages):02d}_{stage}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{program}\n", encoding="utf-8")
        except OSError as error:
            raise FileError(f"CHAINRULE_DUMP: expected a folder to write to; got {path} ({error.strerror}).") from None

    return dump
