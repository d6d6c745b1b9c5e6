"""Compiled epochs: which Programs exist, how they are run, how long an epoch may stay inside one call."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import config
from ..errors import NonFiniteError
from ..executors import compile_program, first_nonfinite
from ..ir import Program, Tensor, verify
from ..ir.tree import flatten, map_structure, structure, unflatten
from ..passes import optimize
from ..variables import Variable, ambient_generator
from . import step as steps

STEPS: dict[str, Callable[..., Any]] = {
    "train": steps.train_step, "test": steps.test_step, "predict": steps.predict_step,
}  # fmt: skip
_LONG = 2.0  # an epoch estimated to take more seconds than this is run in pieces, so that it can be watched and stopped


class Compiled:
    """A Program over a model's state, ready to run: reads the Variables, runs, assigns them."""

    def __init__(self, program: Program, state: Sequence[Variable], result: Any) -> None:
        checked = verify(program) if config.check_level() else program
        self.program = optimize(checked)
        self.state = list(state)
        self.result = result
        self._run = compile_program(self.program, config.executor())

    def __call__(self, data: Sequence[np.ndarray]) -> Any:
        """Run once; the state is assigned only when the whole call has succeeded."""
        arrays = self.inputs(data)
        outputs = self._run(arrays)
        for variable, array in zip(self.state, outputs, strict=False):
            variable._value = Tensor(array)
        if self.result is None:
            return None
        source = iter(outputs[len(self.state) :])
        return unflatten(self.result, [None if t is None else next(source) for t in flatten(self.result)])

    def inputs(self, data: Sequence[np.ndarray]) -> list[np.ndarray]:
        return [v._value.numpy() for v in self.state] + list(data)

    def blame(self, arrays: Sequence[np.ndarray]) -> str:
        """Which equation first made NaN or infinity on these inputs, in words."""
        return first_nonfinite(self.program, arrays)


class Engine:
    """The compiled Programs of one model, by kind, shapes and batch size."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._cache: dict[Any, Compiled] = {}

    def state(self, kind: str) -> list[Variable]:
        """The Variables that a kind of step reads and assigns."""
        ambient = ambient_generator().state  # a layer may draw random numbers without a seed
        if kind == "predict":
            return [*self.model.variables, ambient]
        if kind == "test":
            return [*self.model.variables, *self.model._metric_state(), ambient]
        return [*self.model._all_state(), ambient]

    def epoch(self, kind: str, data: Any, batch: int, shuffle: bool) -> Compiled:
        """A whole epoch."""
        make = lambda state: steps.record_epoch(STEPS[kind], self.model, state, data, batch, shuffle, f"{kind}_epoch")  # noqa: E731
        return self._get((kind, "epoch", _signature(data), batch, shuffle), kind, make)

    def piece(self, kind: str, data: Any, shape: tuple[int, int]) -> Compiled:
        """`shape[0]` batches of `shape[1]` rows."""
        make = lambda state: steps.record_piece(STEPS[kind], self.model, state, data, shape, f"{kind}_steps")  # noqa: E731
        return self._get((kind, "piece", _signature(data), shape), kind, make)

    def _get(self, key: Any, kind: str, make: Callable[[list[Variable]], tuple[Program, Any]]) -> Compiled:
        state = self.state(kind)
        key = (*key, config.executor(), tuple(map(id, state)), self._flags())
        if key not in self._cache:
            program, result = make(state)
            self._cache[key] = Compiled(program, state, result)
        return self._cache[key]

    def _flags(self) -> Any:
        """What else a recorded step depends on: which layers are trainable."""
        return tuple(layer._trainable for layer in self.model._flatten_layers())

    def run_whole(self, kind: str, data: Any, batch: int, key: np.ndarray | None) -> Any:
        """One epoch in one call; `key` shuffles."""
        arrays = [a for a in flatten(data) if a is not None]
        compiled = self.epoch(kind, data, batch, key is not None)
        return compiled([*arrays, key] if key is not None else arrays)

    def run_pieces(
        self, kind: str, data: Any, order: np.ndarray, batch: int, length: int, most: int | None = None
    ) -> Iterator[tuple[int, Any]]:
        """The epoch cut into pieces of `length` batches: yields (batches done, results) after each."""
        if getattr(self.model, "run_eagerly", False):
            yield from self._run_eagerly(kind, data, order, batch, most)
            return
        arrays = [a for a in flatten(data) if a is not None]
        whole, rest = divmod(len(order), batch)
        total = whole + bool(rest) if most is None else min(most, whole + bool(rest))
        done = 0
        while done < min(whole, total):
            n = min(length, whole - done, total - done)
            index = order[done * batch : (done + n) * batch].reshape(n, batch)
            result = self.piece(kind, data, (n, batch))([*arrays, index.astype(np.int32)])
            done += n
            yield done, result
        if done < total and rest:
            index = order[whole * batch :].reshape(1, rest)
            result = self.piece(kind, data, (1, rest))([*arrays, index.astype(np.int32)])
            yield done + 1, result

    def _run_eagerly(
        self, kind: str, data: Any, order: np.ndarray, batch: int, most: int | None
    ) -> Iterator[tuple[int, Any]]:
        """Batch by batch, operation by operation: tensors inside `call` can be printed and looked at."""
        for number, start in enumerate(range(0, len(order), batch)):
            if most is not None and number >= most:
                return
            index = order[start : start + batch]
            rows = map_structure(lambda a, index=index: None if a is None else Tensor(a[index]), data)
            result = STEPS[kind](self.model, *rows)
            yield number + 1, None if result is None else map_structure(lambda t: t.numpy()[None], result)

    def piece_length(self, kind: str, data: Any, batch: int, count: int) -> int | None:
        """How many batches a piece should have; None when the epoch is short enough for one call."""
        if getattr(self.model, "run_eagerly", False):
            return 1
        total = math.ceil(count / batch)
        if total <= 1:
            return None
        one = estimate_seconds(self.piece(kind, data, (1, min(batch, count))).program)
        return None if one * total <= _LONG else max(1, min(total, round(_LONG / 4 / one)))

    def explain_nonfinite(self, kind: str, data: Any, order: np.ndarray, batch: int, before: list[np.ndarray]) -> str:
        """Replay from the state `before` until the loss is not finite; name the equation that did it."""
        arrays = [a for a in flatten(data) if a is not None]
        state = self.state(kind)
        after = [v._value for v in state]
        try:
            for variable, array in zip(state, before, strict=True):
                variable._value = Tensor(array)
            for number, start in enumerate(range(0, len(order), batch)):
                index = order[start : start + batch].astype(np.int32)[None, :]
                compiled = self.piece(kind, data, index.shape)
                inputs = compiled.inputs([*arrays, index])
                compiled([*arrays, index])
                if not all(np.isfinite(v._value.numpy()).all() for v in state):
                    return f"in batch {number + 1}: {compiled.blame(inputs)}"
            return ""
        except NonFiniteError as error:
            return str(error)
        finally:
            for variable, tensor in zip(state, after, strict=True):
                variable._value = tensor


def _signature(data: Any) -> Any:
    shapes = tuple(None if a is None else (a.shape, a.dtype.name) for a in flatten(data))
    return structure(data), shapes


def estimate_seconds(program: Program) -> float:
    """A rough guess at the time of a Program on one core: overhead, bytes moved, multiplications."""
    total = 0.0
    for equation in program.equations:
        moved = sum(v.type.size for v in (*equation.inputs, *equation.outputs)) * 4
        work = 0.0
        if equation.primitive.name in ("dot_general", "conv"):
            work = 2.0 * equation.outputs[0].type.size * equation.inputs[1].type.size / max(
                1, equation.inputs[1].type.shape[-1] if equation.inputs[1].type.shape else 1
            )  # fmt: skip
        inner = [estimate_seconds(sub) for sub in equation.params.programs()]
        if equation.primitive.name == "loop":
            total += equation.params.length * sum(inner)
            moved = 0
        elif inner:
            total += max(inner)
        is_gather_source = equation.primitive.name == "gather"
        moved = equation.outputs[0].type.size * 8 if is_gather_source else moved
        total += 4e-6 + moved / 4e9 + work / 3e10
    return total
