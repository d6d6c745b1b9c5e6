"""The same tape again: what it recorded and the gradient as one compiled Program.

A training loop written by hand records the same equations in every step. From the fourth time on (later, if there are
many) they are not computed one by one: a compiled Program gives the values that somebody still holds, and the gradient.
How often, and not how long, decides: two runs of a script give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import config
from ...autodiff import pull_back
from ...executors import compile_program
from ...ir import Program, Tensor, Var, dtype_of, trace
from ...passes import optimize
from ...passes.cse import exact
from .recorder import Recorder

_PATIENCE = 3  # times that a tape is computed equation by equation
_MANY = 100  # equations that make it wait once more
_MOST = 64  # tapes that are kept


class _Met:
    """A tape that was met before."""

    def __init__(self) -> None:
        self.times = 0
        self.reached: list[int] = []  # which of the wanted gradients exist
        self.numbers: list[Any] = []  # of its constants, when it was met first
        self.varying: set[int] = set()  # those that had other numbers since
        self.run: Callable[..., list[np.ndarray]] | None = None

    def note_constants(self, numbers: list[Any]) -> None:
        """A constant that changes from step to step becomes an input of the compiled Program."""
        self.numbers = self.numbers or numbers
        changed = {k for k, n in enumerate(numbers) if n != self.numbers[k]}
        if not changed <= self.varying:
            self.varying |= changed
            self.run = None


class Repeated:
    """One question to a tape: the gradient of the sum of `targets` by `wanted`, all of them values of the recording.

    `find` gives the gradients, if the same was asked before often enough; else `note` is told what was found.
    """

    def __init__(self, recorder: Recorder, targets: Sequence[Var], wanted: Sequence[Var]) -> None:
        self.recorder, self.targets, self.wanted = recorder, list(targets), list(wanted)
        self.shown = [*targets, *recorder.waiting()]
        self.inputs = list(recorder.inputs_read)
        self.constants = [e for e in recorder.equations if e.primitive.name == "constant"]
        places = {v: k for k, v in enumerate(self.inputs)}
        self.places = [places.get(v, -1) for v in self.wanted]
        recorded = outline(Program("tape", tuple(self.inputs), tuple(recorder.equations), tuple(self.shown)), True)
        key = (recorded, len(self.targets), tuple(self.places), config.compilation())
        if len(_known) >= _MOST and key not in _known:
            _known.clear()
        self.met = _known.setdefault(key, _Met())
        self.met.note_constants([exact(e.params.value) for e in self.constants])

    def find(self) -> dict[Var, Tensor] | None:
        """The gradients that exist; None: they have to be computed one operation after the other."""
        met, recorder = self.met, self.recorder
        met.times += 1
        if -1 in self.places or met.times <= _PATIENCE + len(recorder.equations) // _MANY:
            return None
        if met.run is None:
            met.run = self._compiled()
        varying = [self.constants[k].params.value for k in sorted(met.varying)]
        outputs = met.run([*(recorder.arrays[v] for v in self.inputs), *varying])
        recorder.arrays.update(zip(self.shown, outputs, strict=False))
        return {self.wanted[i]: Tensor(a) for i, a in zip(met.reached, outputs[len(self.shown) :], strict=True)}

    def note(self, found: dict[Var, Tensor]) -> None:
        """Which gradients exist is the same next time."""
        self.met.reached = [i for i, v in enumerate(self.wanted) if v in found]

    def _compiled(self) -> Callable[..., list[np.ndarray]]:
        varying = [self.constants[k] for k in sorted(self.met.varying)]
        inputs = (*self.inputs, *(e.outputs[0] for e in varying))
        equations = tuple([e for e in self.recorder.equations if e not in varying])
        program = Program("tape", inputs, equations, tuple(self.shown))
        seeds = [Tensor(np.ones(v.type.shape, dtype_of(v.type.dtype))) for v in self.targets]
        padding = [None] * (len(self.shown) - len(seeds))
        places = [self.places[i] for i in self.met.reached]

        def both(*tensors: Tensor) -> list[Tensor]:
            outputs, gradients = pull_back(program, tensors, [*seeds, *padding], places)
            return [*outputs, *gradients]

        traced, captured = trace(both, program.input_types, "tape")
        run = compile_program(optimize(traced), config.executor())
        fixed = [t.numpy() for t in captured]  # the seeds of large targets
        return lambda arrays: run([*arrays, *fixed])


_known: dict[Any, _Met] = {}


def outline(program: Program, masked: bool = False) -> tuple[Any, ...]:
    """What two recordings of the same computation have in common: all but where the equations come from.

    Args: masked: the numbers of constants do not count, those of sub-programs aside.
    """
    numbers = {v: k for k, v in enumerate(program.inputs)}
    rows: list[Any] = []
    for e in program.equations:
        is_masked = masked and e.primitive.name == "constant"
        params = e.outputs[0].type if is_masked else _value(e.params)
        rows.append((e.primitive.name, params, tuple([numbers[v] for v in e.inputs])))
        for v in e.outputs:
            numbers[v] = len(numbers)
    return program.input_types, tuple(rows), tuple([numbers[v] for v in program.outputs])


def _value(value: Any) -> Any:
    if isinstance(value, Program):
        return outline(value)
    if isinstance(value, tuple):
        return tuple([_value(item) for item in value])
    return tuple([(key, _value(value[key])) for key in sorted(value)]) if isinstance(value, dict) else exact(value)


__all__ = ["Repeated", "outline"]
