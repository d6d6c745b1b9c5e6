"""The loop over epochs: run, validate, report, stop. Nothing here computes; it decides what runs next."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import ops
from ..callbacks import CallbackList
from ..callbacks.callback import plain_logs
from ..errors import ArgumentError, DataError
from ..ir import Tensor
from ..ir.tree import map_structure
from ..variables import SeedGenerator
from .data import ArrayData
from .nonfinite import Guard
from .stateful import Compiled, Watch
from .stream import StreamData

Data = ArrayData | StreamData


@dataclass(frozen=True)
class Plan:
    """What one call of `fit` is to do."""

    data: Data
    validation: Data | None
    batch: int
    epochs: int
    initial_epoch: int
    shuffle: bool | SeedGenerator  # whether, or from which keys
    steps: int | None  # batches an epoch; None: all of them
    validation_steps: int | None
    validation_batch: int
    validation_freq: Any


@dataclass(frozen=True)
class Pass:
    """Batches of one pass over arrays, from number `first` up to `last`, the rows in the order that `key` gives."""

    data: ArrayData
    batch: int
    key: np.ndarray | None = None
    first: int = 0
    last: int | None = None

    @property
    def total(self) -> int:
        """The number of batches of the whole pass."""
        return -(-self.data.rows // self.batch)

    @property
    def is_whole(self) -> bool:
        """Whether these are all batches."""
        return self.first == 0 and self.last in (None, self.total)

    def order(self) -> np.ndarray:
        """The numbers of the rows."""
        rows = self.data.rows
        whole = np.arange(rows) if self.key is None else ops.random.permutation(self.key, rows).numpy()
        return whole[self.first * self.batch : None if self.last is None else self.last * self.batch]


class Passes:
    """The batches of each epoch: all of a pass, or `steps` of it, the next epoch going on where the last one ended."""

    def __init__(self, model: Any, plan: Plan) -> None:
        self.data, self.batch, self.steps = plan.data, plan.batch, plan.steps
        self.seed = plan.shuffle if isinstance(plan.shuffle, SeedGenerator) else None
        if plan.shuffle is True:
            self.seed = model._shuffling()
        self.current: Pass | None = None

    def next(self) -> Pass:
        """The batches of the next epoch."""
        assert isinstance(self.data, ArrayData)
        if self.steps is None:
            return Pass(self.data, self.batch, self._key())
        begun = self.current
        if begun is None or begun.last == begun.total:
            begun = Pass(self.data, self.batch, self._key(), last=0)
        first = begun.last or 0
        last = min(begun.total, first + self.steps)
        if last - first < self.steps:
            warn_short(last - first, self.steps)
        self.current = Pass(self.data, self.batch, begun.key, first, last)
        return self.current

    def _key(self) -> np.ndarray | None:
        return None if self.seed is None else draw(self.seed)


_ONE_DRAW = np.array([0, 1], np.uint32)


def draw(seed: SeedGenerator) -> np.ndarray:
    """`seed.next()` as an array, without the way through tensors.

    >>> draw(SeedGenerator(5)).tolist()
    [5, 0]
    """
    key = seed.state._value.numpy()
    seed.state._value = Tensor(key + _ONE_DRAW)
    return key


def run_train(model: Any, plan: Plan, callbacks: CallbackList) -> None:
    """Train from `initial_epoch` to `epochs`. What was reached is kept whatever ends it."""
    epochs = _Epochs(model, plan, callbacks)
    logs: dict[str, Any] | None = None
    callbacks.on_train_begin()
    restored = model.__dict__.pop("_initial_epoch", None)  # a callback has taken over a training that was broken off
    try:
        for epoch in range(plan.initial_epoch if restored is None else restored, plan.epochs):
            model.reset_metrics()
            callbacks.on_epoch_begin(epoch)
            if not epochs.train(epoch):
                break  # a generator that is exhausted
            logs = epochs.logs(epoch)
            callbacks.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        _finalize(model)
    except KeyboardInterrupt:
        callbacks.on_train_end(logs)
        raise
    callbacks.on_train_end(logs)


class _Epochs:
    """The epochs of one call of `fit`."""

    def __init__(self, model: Any, plan: Plan, callbacks: CallbackList) -> None:
        self.model, self.plan, self.callbacks = model, plan, callbacks
        self.passes, self.guard = Passes(model, plan), Guard(model, callbacks)
        self.runner, self.tester = Runner(model, "train", callbacks), Runner(model, "test", callbacks)

    def train(self, epoch: int) -> int:
        """One epoch; returns how many batches were trained on."""
        runner, guard = self.runner, self.guard
        if isinstance(self.plan.data, StreamData):
            return runner.over_stream(self.plan.data, self.plan.steps, guard, epoch)
        chosen = self.passes.next()
        guard.begin()
        done = runner.over_pass(chosen)
        if not guard.is_content():
            rows = chosen.order()[: done * chosen.batch]
            if guard.check(chosen.data, rows, chosen.batch, epoch, told=runner.watched):
                runner.reported = None  # the model is no longer as the run left it
        return done

    def logs(self, epoch: int) -> dict[str, Any]:
        """The numbers of the epoch, with those of a validation if one is due."""
        logs, plan = self.runner.logs(), self.plan
        if plan.validation is not None and is_due(plan.validation_freq, epoch):
            if isinstance(plan.validation, StreamData):
                plan.validation.restart()
            found = run_test(self.tester, plan.validation, plan.validation_batch, plan.validation_steps)
            logs |= {f"val_{name}": value for name, value in found.items()}
        return logs


def run_test(runner: Runner, data: Data, batch: int, steps: int | None) -> dict[str, Any]:
    """Loss and metrics over all batches; nothing if there are none."""
    runner.model.stop_evaluating = False
    runner.callbacks.on_test_begin()
    runner.model.reset_metrics()
    logs = runner.logs() if runner.over(data, batch, steps) else {}
    runner.callbacks.on_test_end(logs)
    return logs


def run_predict(runner: Runner, data: Data, batch: int, steps: int | None) -> Any:
    """The outputs of all batches, one after another."""
    runner.model.stop_predicting = False
    runner.callbacks.on_predict_begin()
    runner.over(data, batch, steps)
    runner.callbacks.on_predict_end()
    if not runner.results:
        raise DataError("predict: expected at least one batch; the data has none.")
    return map_structure(lambda *arrays: np.concatenate(arrays), *runner.results)


class Runner:
    """Runs batches of one kind ("train", "test", "predict"), calls the callbacks, keeps the outputs of predictions."""

    def __init__(self, model: Any, kind: str, callbacks: CallbackList) -> None:
        self.model, self.kind, self.callbacks = model, kind, callbacks
        self.watched = callbacks._watches_batches(kind)
        self.results: list[Any] = []
        self._begun = 0  # of these belong to what was done before the batches that callbacks wait for
        self.whole: Compiled | None = None  # what was chosen for a pass, on these grounds:
        self._grounds: tuple[Any, ...] = (None, None)
        self.reported: dict[str, Any] | None = None  # loss and metrics, as the last Program said them

    def over(self, data: Data, batch: int, steps: int | None) -> int:
        """One pass over the data, or its first `steps` batches. Returns: how many batches there were."""
        if isinstance(data, StreamData):
            return self.over_stream(data, steps)
        return self.over_pass(Pass(data, batch, last=steps))

    def over_pass(self, chosen: Pass) -> int:
        """Batches of arrays: in one compiled call where nobody watches batches, in pieces where somebody does.

        Returns: how many batches were done.
        """
        compiled = self._in_one_call(chosen)
        if compiled is not None:
            key = [] if chosen.key is None else [chosen.key]
            self._keep(compiled([*chosen.data.arrays, *key], self._watch(compiled)), stacked=False)
            self.callbacks._on_progress(self.kind, chosen.total)
            return chosen.total
        data, batch, engine = chosen.data, chosen.batch, self.model._engine
        if self._is_crowded(chosen):
            return self._over_single(chosen)
        length = self.model.steps_per_execution if self.watched else None
        if length is None:
            length = engine.piece_length(self.kind, data.parts, batch, data.rows, chosen.key is not None)
        order = chosen.order()
        runs = engine.run_pieces(self.kind, data.parts, order, batch, length or chosen.total, self._watch)
        return self._ended(self._over(runs, -(-len(order) // batch)))

    def _in_one_call(self, chosen: Pass) -> Compiled | None:
        """The Program of the whole pass; None if it has to be cut. The choice holds while its grounds are the same."""
        if self.watched or not chosen.is_whole:
            return None
        engine, data, known = self.model._engine, chosen.data, self._grounds
        others = (chosen.batch, chosen.key is None, self.model.run_eagerly)
        if known[0] is engine.surroundings(self.kind) and known[1] is data and known[2:] == others:
            return self.whole
        self.whole = engine.whole(self.kind, data.parts, chosen.batch, chosen.key is not None)
        self._grounds = (engine.surroundings(self.kind), data, *others)  # as they are now that it is recorded
        return self.whole

    def _is_crowded(self, chosen: Pass) -> bool:
        is_candidate = self.kind != "train" and chosen.is_whole
        return is_candidate and self.model._engine.is_crowded(self.kind, chosen.data.parts, chosen.batch)

    def _watch(self, compiled: Compiled, before: int = 0) -> Watch | None:
        """What shows the progress of a call; `before` batches of the pass were done before it."""
        if not compiled.is_watchable:
            return None
        return lambda done: self.callbacks._on_progress(self.kind, before + done, inside=True)

    def _over_single(self, chosen: Pass) -> int:
        """Batches cut out of the arrays one by one: for data whose size is another one each time."""
        starts = range(0, chosen.data.rows, chosen.batch)
        for number, start in enumerate(starts):
            item = chosen.data.take(slice(start, start + chosen.batch))
            runs = self.model._engine.run_batch(self.kind, item.parts)
            if not self._over(runs, 1, number):
                return self._ended(number)
        return self._ended(len(starts))

    def over_stream(self, data: StreamData, steps: int | None, guard: Guard | None = None, epoch: int = 0) -> int:
        """Batches as they come. Returns: how many there were."""
        done = 0
        for item in data.epoch(steps):
            if guard is not None:
                guard.begin()
            self._over(self._runs(item), 1, done)
            rows, is_bad = np.arange(item.rows), guard is not None and not guard.is_content()
            if is_bad and guard.check(item, rows, item.rows, epoch, done, self.watched):  # type: ignore[union-attr]
                self.reported = None
            done += 1
            if self._stopped():
                return self._ended(done)
        if done == 0 or (steps is not None and done < steps):
            warn_short(done, steps)
        return self._ended(done)

    def _runs(self, item: ArrayData) -> Iterator[tuple[int, Any]]:
        if item.is_whole:
            return self.model._engine.run_element(self.kind, item.parts)
        inputs = ArrayData(item.x) if self.kind == "predict" else item
        return self.model._engine.run_batch(self.kind, inputs.parts)

    def _over(self, runs: Iterator[tuple[int, Any]], total: int, offset: int = 0) -> int:
        """Go through `total` batches; `offset` of the epoch came before them. Callbacks see every piece of them."""
        done, piece = 0, self.model.steps_per_execution
        while done < total and not self._stopped():
            if self.watched and (offset + done) % piece == 0:
                self._begun = len(self.results)
                getattr(self.callbacks, f"on_{self.kind}_batch_begin")(offset + done)
            done, result = next(runs)
            self._keep(result, stacked=True)
            if self.watched and (offset + done) % piece == 0:
                self._tell_end(offset + done)
            self.callbacks._on_progress(self.kind, offset + done)
        return done

    def _ended(self, done: int) -> int:
        """Tell callbacks of a piece that is shorter than the others. Returns: how many batches there were."""
        piece = self.model.steps_per_execution
        if self.watched and done % piece:
            self._tell_end(-(-done // piece) * piece)  # as if it were as long as the others, as in Keras
        return done

    def _tell_end(self, end: int) -> None:
        getattr(self.callbacks, f"on_{self.kind}_batch_end")(end - 1, self._batch_logs())

    def _stopped(self) -> bool:
        flags = {"train": "stop_training", "test": "stop_evaluating", "predict": "stop_predicting"}
        return bool(getattr(self.model, flags[self.kind]))

    def logs(self) -> dict[str, Any]:
        """Loss and metrics since they were reset."""
        return self.model._logs() if self.reported is None else dict(self.reported)

    def _batch_logs(self) -> dict[str, Any]:
        if self.kind != "predict":
            return self.logs()
        found = self.results[self._begun :]
        return {"outputs": found[0] if len(found) == 1 else map_structure(lambda *a: np.concatenate(a), *found)}

    def _keep(self, result: Any, stacked: bool) -> None:
        if self.kind != "predict":
            self.reported = None if result is None else plain_logs(result)
        else:
            self.results.append(map_structure(_joined if stacked else np.asarray, result))


def _joined(a: np.ndarray) -> np.ndarray:
    """The outputs of a piece, which come as (batches, rows, ...), as rows."""
    return a.reshape(-1, *a.shape[2:])


def warn_short(found: int, wanted: int | None) -> None:
    """There were fewer batches than asked for."""
    warnings.warn(
        f"the data ended after {found} batches; expected {wanted or 'at least one'}. A generator must yield "
        "steps_per_epoch * epochs batches; arrays begin again in the next epoch.", stacklevel=5,
    )  # fmt: skip


def is_due(validation_freq: Any, epoch: int) -> bool:
    """Whether the validation data are looked at after this epoch."""
    if isinstance(validation_freq, int) and validation_freq > 0:
        return (epoch + 1) % validation_freq == 0
    if isinstance(validation_freq, (list, tuple, set, range)):
        return epoch + 1 in validation_freq
    raise ArgumentError(
        f"fit: expected validation_freq as a positive integer or a list of epochs; got {validation_freq!r}."
    )


def _finalize(model: Any) -> None:
    """Let the optimizer put its final values (moving averages) into the weights."""
    if getattr(model.optimizer, "use_ema", False):
        model.optimizer.finalize_variable_values(model.trainable_variables)
