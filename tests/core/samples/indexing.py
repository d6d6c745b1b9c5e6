"""Samples of gather and scatter: repeated indices, no indices, whole rows, single elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import DTypeError, IndexRangeError
from chainrule.ir import DTYPES, INTEGER, NUMBER

from .entry import Bad, Entry, Sample, bad, numbers, sample, smooth

_X = np.ones((4, 3), "float32")


def _ids(*rows: Any, dtype: str = "int32") -> np.ndarray:
    return np.array(rows, dtype)


_ROWS = _ids([1], [1], [3])  # two of them equal
_POINTS = _ids([[0, 2], [3, 0]], [[0, 2], [1, 1]])
_NONE = np.zeros((0, 1), "int32")
_WHOLE = np.zeros((2, 0), "int32")  # index of length 0: the operand itself, twice


def _wrong(name: str, *updates: np.ndarray) -> list[Bad]:
    return [
        bad(f"{name} C1", _X, np.zeros((3, 1)), *updates, error=DTypeError),
        bad(f"{name} C2", _X, np.zeros((3, 3), "int32"), *updates),
        bad(f"{name} C2", _X, np.array(1, "int32"), *updates),
        bad(f"{name} C3", _X, _ids([0], [4], [0]), *updates, error=IndexRangeError, when_run=True),
        bad(f"{name} C3", _X, _ids([0], [-1], [0]), *updates, error=IndexRangeError, when_run=True),
    ]


def _scatter(name: str, dtypes: tuple[str, ...], linear: bool) -> Entry:
    u = numbers((3, 3), seed=1)
    good: list[Sample] = [sample(numbers((4, 3), d), _ROWS, numbers((3, 3), d, 1)) for d in dtypes]
    good += [sample(numbers((4, 3)), _ROWS.astype(i), u) for i in INTEGER]
    good += [
        sample(numbers((4, 3)), _POINTS, numbers((2, 2), seed=1)),
        sample(numbers((4, 3)), _NONE, np.zeros((0, 3), "float32")),
        sample(numbers((4, 3)), _WHOLE, numbers((2, 4, 3), seed=1)),
        sample(numbers((4, 3)), np.zeros((0, 0), "int32"), np.zeros((0, 4, 3), "float32")),
        sample(np.float32(1), np.zeros((0,), "int32"), np.float32(2)),
        sample(np.zeros((0, 3), "float32"), _NONE, np.zeros((0, 3), "float32")),
        sample(np.zeros((2, 0), "float32"), _ids([1]), np.zeros((1, 0), "float32")),
        sample(np.zeros((0, 3), "float32"), _WHOLE, np.zeros((2, 0, 3), "float32")),
        sample(numbers((4,)), _ids(2), np.float32(9)),
    ]
    x, rows, points, whole = smooth((4, 3), (3, 3), (2, 2), (2, 4, 3))
    good += [
        sample(x, _ROWS, rows, smooth=True), sample(x, _POINTS, points, smooth=True),
        sample(x, _WHOLE, whole, smooth=True), sample(x, _NONE, rows[:0], smooth=True),
        sample(x[:0], _NONE, rows[:0], smooth=True), sample(x[:, :0], _ids([1]), x[:1, :0], smooth=True),
    ]  # fmt: skip
    wrong = _wrong(name, u)
    wrong += [bad(f"{name} C4", _X, _ROWS, u[:2]), bad(f"{name} C5", _X, _ROWS, u.astype("float64"), error=DTypeError)]
    if name == "scatter_add":
        wrong.append(bad("scatter_add C6", _X > 0, _ROWS, u > 0, error=DTypeError))
    return Entry(good, wrong, ulps=4 if linear else 0)


SAMPLES: dict[str, Entry] = {
    "gather": Entry(
        [
            *(sample(numbers((4, 3), d), _ROWS) for d in DTYPES),
            *(sample(numbers((4, 3)), _POINTS.astype(i)) for i in INTEGER),
            sample(numbers((4, 3)), _NONE), sample(numbers((4, 3)), _WHOLE), sample(numbers((4,)), _ids(2)),
            sample(np.float32(1), np.zeros((0,), "int32")), sample(np.zeros((0, 3)), _NONE),
            sample(np.zeros((2, 0)), _ids([1], [0])),
            sample(*smooth((4, 3)), _ROWS, smooth=True), sample(*smooth((4, 3)), _POINTS, smooth=True),
            sample(*smooth((4, 3)), _WHOLE, smooth=True), sample(*smooth((4, 3)), _NONE, smooth=True),
            sample(*smooth((0, 3)), _NONE, smooth=True),
        ],
        _wrong("gather"),
    ),
    "scatter": _scatter("scatter", DTYPES, linear=False),
    "scatter_add": _scatter("scatter_add", NUMBER, linear=True),
}  # fmt: skip
