"""What is slow: computing, or the data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...ir.tree import map_structure
from ...training.data import ArrayData, array_data
from ...training.stream import StreamData
from ..finding import Finding, Picture, Remedy, Series
from .changes import changed_model, changed_optimizer

Clock = Callable[[], float]
_BATCHES = 20  # fetched and computed to see what takes the time
_SLOW = 0.5  # seconds an epoch below which nobody waits
_LONG = 30.0  # seconds of computing an epoch that deserve a word


def gather(stream: StreamData, rows: int, clock: Clock = time.perf_counter) -> tuple[ArrayData, float, int]:
    """Rows of a stream, the seconds that a batch of it took to come, and how many batches an epoch has.

    Args:
        stream: StreamData, of `training.stream`.
        rows: int. At least so many rows are gathered, if there are as many.
        clock: for tests.
    """
    batches: list[ArrayData] = []
    started, seconds = clock(), []
    for batch in _endless(stream):
        seconds.append(clock() - started)
        batches.append(batch)
        if sum(b.rows for b in batches) >= rows:
            break
        started = clock()
    return array_data(*_joined(batches)), float(np.median(seconds)), len(stream) or len(batches)


def _joined(batches: list[ArrayData]) -> list[Any]:
    """Inputs, targets and weights of all batches."""
    join = lambda *arrays: np.concatenate(arrays)  # noqa: E731
    columns = zip(*(batch.parts for batch in batches), strict=True)
    return [None if parts[0] is None else map_structure(join, *parts) for parts in columns]


def _endless(stream: StreamData) -> Iterator[ArrayData]:
    while (batch := stream._next()) is not None:
        yield batch


def seconds_of_a_step(model: Any, batch: ArrayData, clock: Clock = time.perf_counter) -> float:
    """How long a copy of a compiled model computes on a batch, once it is compiled."""
    copy = changed_model(model, {})
    copy.compile(optimizer=changed_optimizer(model.optimizer, {}), loss=model._compile_arguments["loss"])
    copy.train_on_batch(batch.x, batch.y)
    found = []
    for _ in range(_BATCHES):
        started = clock()
        copy.train_on_batch(batch.x, batch.y)
        found.append(clock() - started)
    return float(np.median(found))


def slowness(fetch: float, compute: float, batches: int, weights: int) -> list[Finding]:
    """The finding for what an epoch spends its time on.

    Args:
        fetch, compute: float. Seconds a batch.
        batches: int, an epoch.
        weights: int, of the network.

    >>> slowness(0.09, 0.01, 100, 1000)[0].sentence()
    'Training waits for the data: 90% of 10 s an epoch goes into fetching them.'
    >>> slowness(0.0, 0.0001, 100, 1000)
    []
    """
    seconds = (fetch + compute) * batches
    share = fetch / max(fetch + compute, 1e-12)
    picture = Picture("bars", "seconds", "seconds", [Series("seconds", ["data", "compute"], [fetch, compute])])
    evidence = {"seconds to fetch a batch": fetch, "seconds to compute it": compute}
    if seconds > _SLOW and share > 0.5:
        return [Finding("slow-data", "warning", {"share": share, "seconds": float(seconds)}, evidence=evidence,
                        picture=picture, remedies=[Remedy("prefetch")])]  # fmt: skip
    if seconds > _LONG:
        values = {"share": 1 - share, "seconds": float(seconds), "weights": weights}
        return [Finding("slow-compute", "info", values, evidence=evidence, picture=picture)]
    return []
