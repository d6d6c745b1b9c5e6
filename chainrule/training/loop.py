"""The loop over epochs: run, validate, report, stop. Nothing here computes; it decides what runs next."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import ops
from ..callbacks import CallbackList, History
from ..errors import DataError
from ..ir.tree import flatten, map_structure
from ..variables import SeedGenerator
from .data import ArrayData, StreamData


def run_train(
    model: Any, data: ArrayData | StreamData, validation: ArrayData | StreamData | None, batch: int, epochs: int,
    initial_epoch: int, callbacks: CallbackList, shuffle: bool, steps: int | None, validation_steps: int | None,
    validation_batch: int, validation_freq: Any,
) -> History:  # fmt: skip
    """Train from `initial_epoch` to `epochs`; what was reached is kept whatever ends it."""
    order = _Order(model, shuffle)
    callbacks.on_train_begin()
    try:
        for epoch in range(initial_epoch, epochs):
            callbacks.on_epoch_begin(epoch)
            before = _snapshot(model) if epoch == initial_epoch or callbacks.watches_numbers else None
            model.reset_metrics()
            key = order.next_key()
            run_steps(model, "train", data, batch, callbacks, steps, key)
            logs = model._logs()
            _say_nonfinite(model, logs, data, batch, key, before, epoch)
            if validation is not None and _validates(validation_freq, epoch):
                callbacks.on_test_begin()
                model.reset_metrics()
                model._prepare_validation(validation)
                run_steps(model, "test", validation, validation_batch, callbacks.silent(), validation_steps, None)
                logs |= {f"val_{name}": value for name, value in model._logs().items()}
                callbacks.on_test_end(logs)
            callbacks.on_epoch_end(epoch, dict(sorted(logs.items())))
            if model.stop_training:
                break
        _finalize(model)
    finally:
        callbacks.on_train_end()
    return callbacks.history


def run_test(
    model: Any, data: ArrayData | StreamData, batch: int, callbacks: CallbackList, steps: int | None
) -> dict[str, Any]:
    """Loss and metrics over all batches."""
    model.reset_metrics()
    callbacks.on_test_begin()
    run_steps(model, "test", data, batch, callbacks, steps, None)
    logs = model._logs()
    callbacks.on_test_end(logs)
    return logs


def run_predict(
    model: Any, data: ArrayData | StreamData, batch: int, callbacks: CallbackList, steps: int | None
) -> Any:
    """The outputs of all batches, one after another."""
    callbacks.on_predict_begin()
    parts: list[Any] = []
    run_steps(model, "predict", data, batch, callbacks, steps, None, parts)
    callbacks.on_predict_end()
    if not parts:
        raise DataError("predict: expected at least one batch; the data has none.")
    return map_structure(lambda *arrays: np.concatenate(arrays), *parts)


def run_steps(
    model: Any, kind: str, data: ArrayData | StreamData, batch: int, callbacks: CallbackList, steps: int | None,
    key: np.ndarray | None, results: list[Any] | None = None,
) -> None:  # fmt: skip
    """One pass over the data: in one compiled call where nobody watches, in pieces where somebody does."""
    if isinstance(data, StreamData):
        _run_stream(model, kind, data, callbacks, steps, results)
        return
    parts = (data.x, None, None) if kind == "predict" else data.parts
    engine = model._engine
    length = 1 if callbacks.wants_batches(kind) else None
    if length is None:
        length = data.rows if steps else engine.piece_length(kind, parts, batch, data.rows)
    if length is None:
        _collect(results, engine.run_whole(kind, parts, batch, key), 0)
        callbacks.progress(kind, -(-data.rows // batch), model)
        return
    order = np.arange(data.rows) if key is None else ops.random.permutation(key, data.rows).numpy()
    runs = engine.run_pieces(kind, parts, order, batch, length, steps)
    _watch(model, kind, runs, callbacks, results, batches=length == 1)


def _watch(
    model: Any, kind: str, runs: Iterator[tuple[int, Any]], callbacks: CallbackList, results: list[Any] | None,
    batches: bool,
) -> None:  # fmt: skip
    number = 0
    while True:
        if batches:
            callbacks.on_batch_begin(kind, number)
        done = next(runs, None)
        if done is None:
            return
        number, result = done
        _collect(results, result, 1)
        if batches:
            callbacks.on_batch_end(kind, number - 1, None if kind == "predict" else model._logs())
        callbacks.progress(kind, number, model)
        if model.stop_training and kind == "train":
            return


def _collect(results: list[Any] | None, result: Any, stacked: int) -> None:
    """Keep the outputs of a call; those of a piece come as (batches, rows, ...)."""
    if results is not None:
        flat = (lambda a: a.reshape(-1, *a.shape[2:])) if stacked else np.asarray
        results.append(map_structure(flat, result))


def _run_stream(
    model: Any, kind: str, data: StreamData, callbacks: CallbackList, steps: int | None, results: list[Any] | None
) -> None:
    number = 0
    for number, item in enumerate(data.batches(steps), start=1):
        callbacks.on_batch_begin(kind, number - 1)
        parts = (item.x, None, None) if kind == "predict" else item.parts
        for _, result in model._engine.run_pieces(kind, parts, np.arange(item.rows), item.rows, 1):
            _collect(results, result, 1)
        callbacks.on_batch_end(kind, number - 1, None if kind == "predict" else model._logs())
        callbacks.progress(kind, number, model)
        if model.stop_training and kind == "train":
            break
    if number == 0 or (steps is not None and number < steps):
        warnings.warn(
            f"the data ended after {number} batches; expected {steps or 'at least one'}. A generator must yield "
            "steps_per_epoch * epochs batches.", stacklevel=2,
        )  # fmt: skip


class _Order:
    """A key for each epoch's order of the rows; the same model and seed give the same orders."""

    def __init__(self, model: Any, shuffle: bool) -> None:
        if shuffle and not hasattr(model, "_shuffle_seed"):
            object.__setattr__(model, "_shuffle_seed", SeedGenerator(name="shuffle"))
        self.seed: SeedGenerator | None = model._shuffle_seed if shuffle else None

    def next_key(self) -> np.ndarray | None:
        return None if self.seed is None else self.seed.next().numpy()


def _snapshot(model: Any) -> list[np.ndarray]:
    return [v._value.numpy() for v in model._engine.state("train")]


def _validates(validation_freq: Any, epoch: int) -> bool:
    if isinstance(validation_freq, int):
        return (epoch + 1) % validation_freq == 0
    return epoch + 1 in validation_freq


def _say_nonfinite(
    model: Any, logs: dict[str, Any], data: Any, batch: int, key: Any, before: list[np.ndarray] | None, epoch: int
) -> None:
    """If the loss is NaN or infinite, say once which equation of which layer made it so."""
    if np.isfinite(logs["loss"]) or model.__dict__.get("_nonfinite_said"):
        return
    object.__setattr__(model, "_nonfinite_said", True)
    cause = ""
    if before is not None and isinstance(data, ArrayData):
        order = np.arange(data.rows) if key is None else ops.random.permutation(key, data.rows).numpy()
        cause = model._engine.explain_nonfinite("train", data.parts, order, batch, before)
    bad = [i for i, a in enumerate(flatten(data.x)) if a is not None and not np.isfinite(a).all()] if isinstance(
        data, ArrayData
    ) else []  # fmt: skip
    if bad:
        cause = "the inputs x hold NaN or infinity: clean the data first"
    warnings.warn(
        f"the loss became {logs['loss']} in epoch {epoch + 1}" + (f": {cause}." if cause else ".")
        + " A smaller learning rate, scaled inputs, or callbacks.TerminateOnNaN() may help.",
        stacklevel=4,
    )  # fmt: skip


def _finalize(model: Any) -> None:
    """Let the optimizer put its final values (moving averages) into the weights."""
    if getattr(model.optimizer, "use_ema", False):
        model.optimizer.finalize_variable_values(model.trainable_variables)


__all__ = ["run_predict", "run_steps", "run_test", "run_train"]
