"""The network of the playground, trained a little at a time in a thread of its own.

Everything that records or computes happens in that thread: recording is not made for several at once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from ... import initializers, layers, losses, optimizers
from ...errors import ArgumentError, ChainruleError, did_you_mean
from ...models import Sequential
from ...transforms import compile as compiled
from ...transforms import value_and_grad
from .points import Points

ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu", "elu", "softsign", "linear")
OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adagrad", "adam", "adamw")
GRID = 44  # cells of the picture along each side
REACH = 3.0  # the picture goes so many deviations to each side of the mean
PAUSE = 0.04  # seconds between two pictures
MOST_LAYERS, MOST_UNITS = 6, 64
_GRADIENT_ROWS = 256


@dataclass(frozen=True)
class Settings:
    """What a person can change.

    Args:
        columns: two names of columns.
        units: the units of each hidden layer.
        activation: str. Of the hidden layers, among `ACTIVATIONS`.
        optimizer: str. Among `OPTIMIZERS`.
        learning_rate: float from 1e-5 to 10.
        batch_size: int from 1 to 1024.
        seed: int. Where the weights start.
    """

    columns: tuple[str, str]
    units: tuple[int, ...] = (8, 8)
    activation: str = "tanh"
    optimizer: str = "adam"
    learning_rate: float = 0.01
    batch_size: int = 32
    seed: int = 0

    def changed(self, values: Mapping[str, Any], axes: list[str]) -> Settings:
        """The settings with some of them replaced by what a page sent.

        Raises: ArgumentError: a name or a value is not allowed.
        """
        known = [f.name for f in fields(self)]
        for name in values:
            if name not in known:
                raise ArgumentError(f"play: unknown setting {name!r}.{did_you_mean(str(name), known)}")
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        found = replace(self, **plain)
        _check(found, axes)
        return found


def _check(s: Settings, axes: list[str]) -> None:
    whole = lambda v, low, high: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high  # noqa: E731
    rate = s.learning_rate
    checks = [
        ("columns", isinstance(s.columns, tuple) and len(s.columns) == 2 and all(c in axes for c in s.columns),
         f"two of {axes}"),
        ("units", isinstance(s.units, tuple) and len(s.units) <= MOST_LAYERS
         and all(whole(u, 1, MOST_UNITS) for u in s.units), f"up to {MOST_LAYERS} numbers from 1 to {MOST_UNITS}"),
        ("activation", s.activation in ACTIVATIONS, f"one of {', '.join(ACTIVATIONS)}"),
        ("optimizer", s.optimizer in OPTIMIZERS, f"one of {', '.join(OPTIMIZERS)}"),
        ("learning_rate", isinstance(rate, (int, float)) and 1e-5 <= rate <= 10, "a number from 0.00001 to 10"),
        ("batch_size", whole(s.batch_size, 1, 1024), "a whole number from 1 to 1024"),
        ("seed", whole(s.seed, 0, 2**31), "a whole number from 0"),
    ]  # fmt: skip
    for name, right, expected in checks:
        if not right:
            raise ArgumentError(f"play: {name}: expected {expected}; got {getattr(s, name)!r}.")


class Session:
    """A network that learns `points`.

    Args:
        points: Points.
        settings: Settings or None (default: the first two columns).
    """

    def __init__(self, points: Points, settings: Settings | None = None) -> None:
        self.points = points
        self.settings = settings or Settings((points.axes[0], points.axes[1]))
        self.running = self.single = False
        self.version, self.latest = 0, dict[str, Any]()
        self.news = threading.Condition()
        self._jobs: queue.Queue[tuple[Callable[[], Any], Future[Any]]] = queue.Queue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="playground", daemon=True)

    def start(self) -> None:
        """Begin: builds the network; it trains once `running` is set."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        with self.news:
            self.news.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    @property
    def is_stopped(self) -> bool:
        """Whether it was told to end."""
        return self._stopped.is_set()

    def newer_than(self, version: int, seconds: float) -> tuple[dict[str, Any], int]:
        """Wait at most so long for a picture after this version; returns the latest one and its version."""
        with self.news:
            self.news.wait_for(lambda: self.version != version or self.is_stopped, timeout=seconds)
            return self.latest, self.version

    def ask(self, job: Callable[[], Any]) -> Any:
        """Run something in the thread of the network and return what it returns, or raise what it raises."""
        future: Future[Any] = Future()
        self._jobs.put((job, future))
        return future.result(timeout=60)

    def change(self, values: Mapping[str, Any]) -> Settings:
        """Change settings. A learning rate is taken over as it is; anything else starts the network anew."""
        new = self.settings.changed(values, self.points.axes)

        def apply() -> None:
            only_rate = replace(self.settings, learning_rate=new.learning_rate) == new and new != self.settings
            self.settings = new
            if only_rate:
                self.model.optimizer.learning_rate = new.learning_rate
            else:
                self._build()
            self._publish()

        self.ask(apply)
        return new

    def describe(self) -> dict[str, Any]:
        """What the page needs once: columns, classes, points, settings."""
        target = self.points.target
        return {
            "axes": self.points.axes, "target": target.name, "labels": list(target.labels),
            "classification": self.points.is_classification, "settings": asdict(self.settings),
            "activations": ACTIVATIONS, "optimizers": OPTIMIZERS, "grid": GRID, "reach": REACH,
            "running": self.running, "notes": self.points.notes, "ends": self._ends(),
        }  # fmt: skip

    def _ends(self) -> list[list[str] | None]:
        """What stands at the ends of both axes; None for an axis of texts."""
        found: list[list[str] | None] = []
        for name, mean, deviation in zip(self.settings.columns, self.mean, self.deviation, strict=True):
            is_number = np.isfinite(self.points.table.column(name).numbers()).mean() > 0.5
            found.append([f"{mean + side * deviation:.4g}" for side in (-REACH, REACH)] if is_number else None)
        return found

    def _run(self) -> None:
        self._build()
        self._publish()
        while not self.is_stopped:
            self._do_jobs()
            if self.running or self.single:
                begun = time.perf_counter()
                self._train()
                self._publish()
                self.single = False
                time.sleep(max(0.0, PAUSE - (time.perf_counter() - begun)))

    def _do_jobs(self) -> None:
        """What others asked for; without training, wait for it."""
        try:
            job, future = self._jobs.get(timeout=0.001 if self.running or self.single else 0.05)
        except queue.Empty:
            return
        try:
            future.set_result(job())
        except Exception as error:
            future.set_exception(error)

    def _build(self) -> None:
        """A new network with new weights, for the two columns."""
        s, target = self.settings, self.points.target
        plane, self.mean, self.deviation = self.points.plane(*s.columns)
        usable = np.isfinite(plane).all(1)
        self.x, self.rows = plane[usable].astype(np.float32), np.flatnonzero(usable)
        values = self.points.values[usable]
        self.is_held = self.points.held[usable]
        if self.points.is_classification:
            self.y = values.astype(np.int32)[:, None]
            self.classes = len(target.labels)
        else:
            self.centre, self.spread = float(values.mean()), float(values.std()) or 1.0
            self.y, self.classes = ((values - self.centre) / self.spread).astype(np.float32)[:, None], 0
        head, self._loss_object = _head(self.classes)
        start = [initializers.GlorotUniform(seed=100 * s.seed + k) for k in range(len(s.units) + 1)]
        hidden = [layers.Dense(u, s.activation, kernel_initializer=start[k], name=f"hidden_{k + 1}")
                  for k, u in enumerate(s.units)]  # fmt: skip
        output = layers.Dense(*head, kernel_initializer=start[-1], name="output")
        self.model = Sequential([layers.Input((2,)), *hidden, output], name="playground")
        self.model.compile(optimizer=_optimizer(s), loss=self._loss_object)
        self.epoch, self.history, self.problem = 0, list[tuple[int, float, float]](), ""
        self._gradients = compiled(value_and_grad(self._loss))
        self._measure()

    def _loss(self, variables: Any, x: Any, y: Any) -> Any:
        del variables  # they are read from the model; naming them here asks for the gradient by them
        return self._loss_object(y, self.model(x))

    def _train(self) -> None:
        """A pass over the training rows, or several where they are few."""
        x, y = self.x[~self.is_held], self.y[~self.is_held]
        passes = max(1, round(400 / max(len(x), 1)))
        try:
            self.model.fit(x, y, batch_size=self.settings.batch_size, epochs=passes, verbose=0)
        except ChainruleError as error:
            self.problem, self.running = str(error), False
            return
        self.epoch += passes
        self._measure()
        if not np.isfinite(self.history[-1][1]):
            self.problem, self.running = "diverged", False

    def _measure(self) -> None:
        held = self.is_held if self.is_held.any() else ~self.is_held
        train, other = (
            float(self.model.evaluate(self.x[part], self.y[part], batch_size=1024, verbose=0))
            for part in (~self.is_held, held)
        )
        self.history = [*self.history, (self.epoch, train, other)][-2000:]

    def _publish(self) -> None:
        found = self._picture()
        with self.news:
            self.latest, self.version = found, self.version + 1
            self.news.notify_all()

    def _picture(self) -> dict[str, Any]:
        """What the page draws after each piece of training."""
        x, y = self.x[~self.is_held][:_GRADIENT_ROWS], self.y[~self.is_held][:_GRADIENT_ROWS]
        _, gradients = self._gradients(self.model.trainable_variables, x, y)
        weights = [np.asarray(v.numpy()) for v in self.model.trainable_variables]
        return {
            "epoch": self.epoch, "history": _finite(self.history[-400:]), "cells": self._cells(),
            "weights": [_finite(w.tolist()) for w in weights],
            "gradients": [_finite(np.asarray(g).tolist()) for g in gradients], "running": self.running,
            "problem": self.problem, "score": self._score(), "settings": asdict(self.settings),
        }  # fmt: skip

    def _cells(self) -> list[list[float]]:
        """The network's answer for each cell of the picture: a probability a class, or a value from 0 to 1."""
        side = np.linspace(-REACH, REACH, GRID, dtype=np.float32)
        grid = np.stack(np.meshgrid(side, side[::-1]), axis=-1).reshape(-1, 2)
        raw = np.asarray(self.model.predict(grid, batch_size=len(grid), verbose=0), np.float64)
        if self.classes == 2:
            raw = np.concatenate([1 - raw, raw], axis=1)
        if not self.classes:
            raw = np.clip((raw + 2) / 4, 0, 1)
        return np.round(np.nan_to_num(raw), 3).tolist()  # type: ignore[no-any-return]

    def _score(self) -> float | None:
        """Of the validation rows: the share that is right, or the share of the variance that is explained."""
        x, y = self.x[self.is_held], self.y[self.is_held]
        if not len(x):
            return None
        raw = np.asarray(self.model.predict(x, batch_size=1024, verbose=0))
        if self.classes:
            answer = raw.argmax(1) if self.classes > 2 else (raw[:, 0] > 0.5).astype(int)
            return float((answer == y[:, 0]).mean())
        return float(1 - ((raw - y) ** 2).mean() / max(float(y.var()), 1e-12))

    def scatter(self) -> list[list[float]]:
        """The points of the picture: x, y, target (a class number, or from 0 to 1), whether it is held out."""
        value = self.y[:, 0] if self.classes else np.clip((self.y[:, 0] + 2) / 4, 0, 1)
        columns = (self.x[:, 0], self.x[:, 1], value, self.is_held)
        return np.round(np.stack(columns, axis=1).astype(np.float64), 3)[:800].tolist()  # type: ignore[no-any-return]

    def mathematics(self, lang: str = "en") -> str:
        """The page of `chainrule derive` for the network as it is now and one row."""
        from ..derive import derive

        return derive(self.model, self.x[:1], self.y[:1], lang=lang).html()


def _head(classes: int) -> tuple[tuple[int, str | None], Any]:
    if classes == 2:
        return (1, "sigmoid"), losses.BinaryCrossentropy()
    if classes > 2:
        return (classes, "softmax"), losses.SparseCategoricalCrossentropy()
    return (1, None), losses.MeanSquaredError()


def _optimizer(s: Settings) -> Any:
    if s.optimizer == "momentum":
        return optimizers.SGD(s.learning_rate, momentum=0.9)
    found: Any = optimizers.get(s.optimizer)
    found.learning_rate = s.learning_rate
    return found


def _finite(value: Any) -> Any:
    """Nested lists with None for what JSON has no number for."""
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value if np.isfinite(value) else None
