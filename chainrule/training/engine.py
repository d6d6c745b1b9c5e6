"""Compiled epochs: which Programs exist, how they are run, how long an epoch may stay inside one call."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .. import config
from ..errors import ArgumentError
from ..ir import Program, Tensor
from ..ir.tree import flatten, map_structure, structure
from ..variables import StateScope, Variable, structure_version
from . import custom
from . import step as steps
from .again import Again
from .stateful import Compiled, Watch, commit

_MANY = 8  # so many sizes of data get a Program of their own for the whole pass
_MOST = 128  # Programs that are kept
_LONG = 2.0  # an epoch estimated to take more seconds than this is run in pieces, where a call cannot be watched

Watcher = Callable[[Compiled, int], Watch | None]  # (the Program that runs next, batches done before)


class Engine:
    """The compiled Programs of one model, by kind, shapes and batch size.

    Programs of training and evaluation hand out the values of loss and metrics, those of prediction the outputs.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.again = Again(model)
        self.readings: dict[Any, Any] = {}  # what the model makes of text among its inputs
        self._cache: dict[Any, Compiled] = {}
        self._uses = itertools.count(1)
        self._found: dict[str, list[Variable]] = {kind: [] for kind in custom.METHODS}  # state that others hold
        self._surrounded: dict[str, tuple[Any, tuple[list[Variable], Any]]] = {}

    def state(self, kind: str) -> list[Variable]:
        """The Variables that a kind of step reads and assigns."""
        return self.surroundings(kind)[0]

    def surroundings(self, kind: str) -> tuple[list[Variable], Any]:
        """The state of a kind of step, and a key of all that the step depends on besides the data.

        The very same object as long as nothing has changed.
        """
        slots = self.model.optimizer.variables if kind == "train" else []
        now = (structure_version(), config.compilation(), tuple(map(id, slots)), len(self._found[kind]))
        known = self._surrounded.get(kind)
        if known is None or known[0] != now:
            held = self.model.variables if kind == "predict" else self.model._test_state()
            state = list(dict.fromkeys([*held, *slots, *self._found[kind]]))
            layers = self.model._flatten_layers()
            flags = () if self.model.compiled else tuple(layer._trainable for layer in layers)
            key = (config.compilation(), tuple(map(id, state)), tuple(layers), flags)
            known = self._surrounded[kind] = (now, (state, key))
        return known[1]

    def epoch(self, kind: str, data: Any, batch: int, shuffle: bool) -> Compiled:
        """A whole epoch."""

        def make(state: list[Variable]) -> tuple[Program, Any]:
            name, report = f"{kind}_epoch", custom.report_of(self.model, kind)
            step = custom.step_of(self.model, kind)
            return steps.record_epoch(step, self.model, state, data, batch, shuffle, name, report)

        return self._get(_epoch_key(kind, data, batch, shuffle), kind, make)

    def piece(self, kind: str, data: Any, shape: tuple[int, int]) -> Compiled:
        """`shape[0]` batches of `shape[1]` rows."""

        def make(state: list[Variable]) -> tuple[Program, Any]:
            name, report = f"{kind}_steps", custom.report_of(self.model, kind)
            step = custom.step_of(self.model, kind)
            return steps.record_piece(step, self.model, state, data, shape, name, report)

        return self._get((kind, "piece", _signature(data), shape), kind, make)

    def element(self, kind: str, data: Any) -> Compiled:
        """One step of the user's on what a data set yields."""

        def make(state: list[Variable]) -> tuple[Program, Any]:
            name, report = f"{kind}_element", custom.report_of(self.model, kind)
            step = custom.step_of(self.model, kind, whole=True)
            return custom.record_element(step, self.model, state, data, name, report)

        return self._get((kind, "element", _signature(data)), kind, make)

    def _get(self, key: Any, kind: str, make: Callable[[list[Variable]], tuple[Program, Any]]) -> Compiled:
        compiled = self._cache.get((*key, self.surroundings(kind)[1]))
        if compiled is None:
            with self.model._as_compiled():
                program, result = self._record(kind, make)
            state, surroundings = self.surroundings(kind)
            compiled = self._cache[*key, surroundings] = Compiled(program, state, result)
        compiled.last_use = next(self._uses)
        if len(self._cache) > _MOST:
            self._forget()
        return compiled

    def _forget(self) -> None:
        """Drop the Program that has not been used for the longest time."""
        oldest = min(self._cache, key=lambda key: self._cache[key].last_use)
        self.again.forget(self._cache.pop(oldest))

    def is_crowded(self, kind: str, data: Any, batch: int) -> bool:
        """Whether there are many Programs already for data of other sizes, and none for these.

        Then another one should be for single batches, whose sizes come again.
        """
        key = _epoch_key(kind, data, batch, False)
        known = {other[:4] for other in self._cache if other[:2] == key[:2]}
        return key[1] == "epoch" and len(known) >= _MANY and key[:4] not in known

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

    def run_batch(self, kind: str, data: Any, watcher: Watcher | None = None) -> Iterator[tuple[int, Any]]:
        """All rows as one batch; yields as `run_pieces` does, once."""
        count = _rows(data)
        if self.model.run_eagerly:
            yield from self._run_eagerly(kind, data, np.arange(count), count)
            return
        compiled = self.epoch(kind, data, count, False)
        result = compiled([a for a in flatten(data) if a is not None], watcher and watcher(compiled, 0))
        yield 1, result if kind != "predict" else map_structure(lambda a: a[None], result)

    def run_element(self, kind: str, data: Any) -> Iterator[tuple[int, Any]]:
        """What a data set yields, to a step of the user's; yields as `run_pieces` does, once."""
        if self.model.run_eagerly:
            tensors = map_structure(lambda a: None if a is None else Tensor(a), data)
            yield 1, self._eagerly(kind, custom.step_of(self.model, kind, whole=True), tensors)
            return
        result = self.element(kind, data)([a for a in flatten(data) if a is not None])
        yield 1, result if kind != "predict" else map_structure(lambda a: a[None], result)

    def run_pieces(
        self, kind: str, data: Any, order: np.ndarray, batch: int, length: int, watcher: Watcher | None = None
    ) -> Iterator[tuple[int, Any]]:
        """The epoch cut into pieces of `length` batches: yields (batches done, results) after each."""
        if self.model.run_eagerly:
            yield from self._run_eagerly(kind, data, order, batch)
            return
        arrays = [a for a in flatten(data) if a is not None]
        whole, rest = divmod(len(order), batch)
        shapes = [(done, min(length, whole - done), batch) for done in range(0, whole, length)]
        for done, n, rows in [*shapes, (whole, 1, rest)] if rest else shapes:
            index = order[done * batch :][: n * rows].reshape(n, rows).astype(np.int32)
            compiled = self.piece(kind, data, (n, rows))
            yield done + n, compiled([*arrays, index], watcher and watcher(compiled, done))

    def _run_eagerly(self, kind: str, data: Any, order: np.ndarray, batch: int) -> Iterator[tuple[int, Any]]:
        """Batch by batch, operation by operation: tensors inside `call` can be printed and looked at."""
        for number, start in enumerate(range(0, len(order), batch)):
            index = order[start : start + batch]
            rows = map_structure(lambda a, index=index: None if a is None else Tensor(a[index]), data)
            yield number + 1, self._eagerly(kind, custom.step_of(self.model, kind), rows)

    def _eagerly(self, kind: str, step: steps.Step, batch: Any) -> Any:
        """One step, operation by operation; returns what a piece of one batch does."""
        with StateScope() as scope, self.model._as_compiled():  # a step that fails half-way changes nothing
            result = step(self.model, *batch)
        commit(list(scope.values), [Tensor(np.array(t.numpy())) for t in scope.values.values()])
        if kind == "predict":
            return map_structure(lambda t: t.numpy()[None], result)
        return custom.eager_logs(self.model, kind, result)

    def whole(self, kind: str, data: Any, batch: int, shuffle: bool) -> Compiled | None:
        """The Program of a whole epoch; None if it is better run in pieces or batches."""
        if self.model.run_eagerly or (kind != "train" and self.is_crowded(kind, data, batch)):
            return None
        compiled = self.epoch(kind, data, batch, shuffle)
        return compiled if _length(compiled, math.ceil(_rows(data) / batch)) is None else None

    def piece_length(self, kind: str, data: Any, batch: int, count: int, shuffle: bool) -> int | None:
        """How many batches a piece should have; None when the epoch may be one call: it is short, or can be watched."""
        if self.model.run_eagerly:
            return 1
        return _length(self.epoch(kind, data, batch, shuffle), math.ceil(count / batch))


def _length(compiled: Compiled, total: int) -> int | None:
    if total <= 1 or compiled.is_watchable or compiled.seconds <= _LONG:
        return None
    return max(1, min(total, round(_LONG / 4 * total / compiled.seconds)))


def _epoch_key(kind: str, data: Any, batch: int, shuffle: bool) -> tuple[Any, ...]:
    """What a whole epoch is known by; with one batch its size makes no difference."""
    rows = _rows(data)
    return kind, "epoch" if batch < rows else "batch", _signature(data), min(batch, rows), shuffle


def _rows(data: Any) -> int:
    return len(next(a for a in flatten(data) if a is not None))


def _signature(data: Any) -> Any:
    leaves = flatten(data)
    shapes = tuple([None if a is None else (a.shape, a.dtype) for a in leaves])
    return shapes if len(leaves) == len(data) == 3 else (structure(data), shapes)  # x, y and weight: nothing nested
