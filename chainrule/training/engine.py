"""Compiled epochs: which Programs exist, how they are run, how long an epoch may stay inside one call."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .. import config
from ..errors import ArgumentError
from ..executors import compile_program, first_nonfinite
from ..ir import Program, Tensor, verify
from ..ir.tree import flatten, map_structure, structure, unflatten
from ..passes import optimize
from ..variables import StateScope, Variable, structure_version
from . import step as steps
from .cost import estimate_seconds

STEPS: dict[str, Callable[..., Any]] = {
    "train": steps.train_step, "test": steps.test_step, "predict": steps.predict_step,
}  # fmt: skip
_MANY = 8  # so many sizes of data get a Program of their own for the whole pass
_MOST = 128  # Programs that are kept
_LONG = 2.0  # an epoch estimated to take more seconds than this is run in pieces, so that it can be watched and stopped


class Compiled:
    """A Program over a model's state: reads the Variables, runs, assigns them. Compiled at the first call."""

    def __init__(self, program: Program, state: Sequence[Variable], result: Any) -> None:
        self.program = optimize(verify(program) if config.check_level() else program)
        self.state = list(state)
        self.result = result
        self._executor = config.executor()
        self._run: Callable[[Sequence[np.ndarray]], list[np.ndarray]] | None = None

    def __call__(self, data: Sequence[np.ndarray]) -> Any:
        """Run once; the state is assigned only when the whole call has succeeded."""
        if self._run is None:
            self._run = compile_program(self.program, self._executor)
        outputs = self._run(self.inputs(data))
        commit(self.state, [Tensor(a) for a in outputs[: len(self.state)]])
        if self.result is None:
            return None
        source = iter(outputs[len(self.state) :])
        return unflatten(self.result, [None if t is None else next(source) for t in flatten(self.result)])

    def inputs(self, data: Sequence[np.ndarray]) -> list[np.ndarray]:
        """What the Program takes: the state as it is now, then the data."""
        return [v._value.numpy() for v in self.state] + list(data)

    @cached_property
    def seconds(self) -> float:
        """A guess at how long a call takes."""
        return estimate_seconds(self.program)

    def blame(self, arrays: Sequence[np.ndarray]) -> str:
        """Which equation first made NaN or infinity on these inputs, in words."""
        return first_nonfinite(self.program, arrays)


def commit(state: Sequence[Variable], values: Sequence[Tensor]) -> None:
    """Give Variables their new values: all of them, even if Ctrl-C comes in the middle."""
    done, interrupt = 0, None
    while done < len(state):
        try:
            while done < len(state):
                state[done]._value = values[done]
                done += 1
        except KeyboardInterrupt as error:
            interrupt = error
    if interrupt is not None:
        raise interrupt


class Engine:
    """The compiled Programs of one model, by kind, shapes and batch size.

    Programs of training and evaluation hand out the values of loss and metrics, those of prediction the outputs.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self._cache: dict[Any, Compiled] = {}
        self._found: dict[str, list[Variable]] = {kind: [] for kind in STEPS}  # state that the model does not hold
        self._surrounded: dict[str, tuple[Any, list[Variable], Any]] = {}

    def state(self, kind: str) -> list[Variable]:
        """The Variables that a kind of step reads and assigns."""
        return self._surroundings(kind)[0]

    def _surroundings(self, kind: str) -> tuple[list[Variable], Any]:
        """The state of a kind of step, and a key of all that the step depends on besides the data."""
        slots = self.model.optimizer.variables if kind == "train" else []
        now = (structure_version(), config.executor(), tuple(map(id, slots)), len(self._found[kind]))
        if kind not in self._surrounded or self._surrounded[kind][0] != now:
            known = self.model.variables if kind == "predict" else self.model._test_state()
            state = list(dict.fromkeys([*known, *slots, *self._found[kind]]))
            flags = () if self.model.compiled else tuple(layer._trainable for layer in self.model._flatten_layers())
            self._surrounded[kind] = (now, state, (config.executor(), tuple(map(id, state)), flags))
        return self._surrounded[kind][1:]

    def epoch(self, kind: str, data: Any, batch: int, shuffle: bool) -> Compiled:
        """A whole epoch."""

        def make(state: list[Variable]) -> tuple[Program, Any]:
            name, report = f"{kind}_epoch", self._report(kind)
            return steps.record_epoch(STEPS[kind], self.model, state, data, batch, shuffle, name, report)

        return self._get((kind, "epoch", _signature(data), batch, shuffle), kind, make)

    def piece(self, kind: str, data: Any, shape: tuple[int, int]) -> Compiled:
        """`shape[0]` batches of `shape[1]` rows."""

        def make(state: list[Variable]) -> tuple[Program, Any]:
            name, report = f"{kind}_steps", self._report(kind)
            return steps.record_piece(STEPS[kind], self.model, state, data, shape, name, report)

        return self._get((kind, "piece", _signature(data), shape), kind, make)

    def _report(self, kind: str) -> steps.Report | None:
        return None if kind == "predict" else self.model._report

    def _get(self, key: Any, kind: str, make: Callable[[list[Variable]], tuple[Program, Any]]) -> Compiled:
        full = (*key, self._surroundings(kind)[1])
        if full not in self._cache:
            with self.model._as_compiled():
                program, result = self._record(kind, make)
            state, surroundings = self._surroundings(kind)
            full = (*key, surroundings)
            self._cache[full] = Compiled(program, state, result)
            if len(self._cache) > _MOST:
                del self._cache[next(iter(self._cache))]
        return self._cache[full]

    def is_crowded(self, kind: str, data: Any, batch: int) -> bool:
        """Whether there are many Programs already for data of other sizes, and none for these.

        Then another one should be for single batches, whose sizes come again.
        """
        known = [key[2] for key in self._cache if key[:2] == (kind, "epoch")]
        return len(known) >= _MANY and _signature(data) not in known

    def __deepcopy__(self, memo: dict[int, Any]) -> Engine:
        return Engine(memo.get(id(self.model), self.model))  # Programs are made again

    def _record(self, kind: str, make: Callable[[list[Variable]], tuple[Program, Any]]) -> tuple[Program, Any]:
        """Record a step; Variables from outside the model that it uses become part of the state."""
        try:
            return make(self.state(kind))
        except steps.UnknownStateError as error:
            self._found[kind] += error.variables
        try:
            return make(self.state(kind))
        except steps.UnknownStateError as error:
            names = ", ".join(v.path for v in error.variables)
            raise ArgumentError(
                f"the variables {names} are made anew whenever the model is called. Make layers and variables in "
                "__init__ or build, and keep them as attributes."
            ) from None

    def run_whole(self, kind: str, data: Any, batch: int, key: np.ndarray | None) -> Any:
        """One epoch in one call; `key` shuffles."""
        arrays = [a for a in flatten(data) if a is not None]
        compiled = self.epoch(kind, data, batch, key is not None)
        return compiled([*arrays, key] if key is not None else arrays)

    def run_pieces(self, kind: str, data: Any, order: np.ndarray, batch: int, length: int) -> Iterator[tuple[int, Any]]:
        """The epoch cut into pieces of `length` batches: yields (batches done, results) after each."""
        if self.model.run_eagerly:
            yield from self._run_eagerly(kind, data, order, batch)
            return
        arrays = [a for a in flatten(data) if a is not None]
        whole, rest = divmod(len(order), batch)
        for done in range(0, whole, length):
            n = min(length, whole - done)
            index = order[done * batch : (done + n) * batch].reshape(n, batch)
            result = self.piece(kind, data, (n, batch))([*arrays, index.astype(np.int32)])
            yield done + n, result
        if rest:
            index = order[whole * batch :].reshape(1, rest)
            result = self.piece(kind, data, (1, rest))([*arrays, index.astype(np.int32)])
            yield whole + 1, result

    def _run_eagerly(self, kind: str, data: Any, order: np.ndarray, batch: int) -> Iterator[tuple[int, Any]]:
        """Batch by batch, operation by operation: tensors inside `call` can be printed and looked at."""
        for number, start in enumerate(range(0, len(order), batch)):
            index = order[start : start + batch]
            rows = map_structure(lambda a, index=index: None if a is None else Tensor(a[index]), data)
            with StateScope() as scope, self.model._as_compiled():  # a step that fails half-way changes nothing
                result = STEPS[kind](self.model, *rows)
            commit(list(scope.values), [Tensor(np.array(t.numpy())) for t in scope.values.values()])
            yield number + 1, None if result is None else map_structure(lambda t: t.numpy()[None], result)

    def piece_length(self, kind: str, data: Any, batch: int, count: int, shuffle: bool) -> int | None:
        """How many batches a piece should have; None when the epoch is short enough for one call."""
        if self.model.run_eagerly:
            return 1
        total = math.ceil(count / batch)
        if total <= 1:
            return None
        seconds = self.epoch(kind, data, batch, shuffle).seconds
        return None if seconds <= _LONG else max(1, min(total, round(_LONG / 4 * total / seconds)))


def _signature(data: Any) -> Any:
    shapes = tuple(None if a is None else (a.shape, a.dtype.name) for a in flatten(data))
    return structure(data), shapes
