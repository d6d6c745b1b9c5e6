"""Samples of the movement family."""

from __future__ import annotations

import numpy as np

from chainrule.errors import DTypeError, IndexRangeError
from chainrule.ir import DTYPES

from .entry import Entry, bad, numbers, sample, smooth

_X = np.arange(6, dtype="float32").reshape(2, 3)


def _each(**params: object) -> list:
    """A (2, 3) operand of every dtype, and one for the gradient."""
    return [sample(numbers((2, 3), d), **params) for d in DTYPES] + [sample(*smooth((2, 3)), **params, smooth=True)]


def _start(*numbers_: int, dtype: str = "int32") -> np.ndarray:
    return np.array(numbers_, dtype)


SAMPLES: dict[str, Entry] = {
    "reshape": Entry(
        [
            *_each(shape=(3, 2)), *_each(shape=(1, 6, 1)),
            sample(np.float32(3), shape=()), sample(np.float32(3), shape=(1, 1)), sample(np.ones((1, 1)), shape=()),
            sample(np.ones((0, 3)), shape=(5, 0)), sample(np.ones((2, 0)), shape=(0,)),
            sample(*smooth((0, 3)), shape=(3, 0), smooth=True),
        ],
        [bad("reshape C1", _X, shape=(4,)), bad("reshape C1", _X, shape=()), bad("reshape C1", _X[:0], shape=(1,))],
    ),
    "broadcast": Entry(
        [
            *_each(shape=(4, 2, 3), axes=(1, 2)), *_each(shape=(2, 1, 3), axes=(0, 2)),
            sample(np.float32(2), shape=(2, 2), axes=()), sample(np.float32(2), shape=(), axes=()),
            sample(np.ones((2, 1)), shape=(2, 3), axes=(0, 1)), sample(np.ones((2, 1)), shape=(2, 0), axes=(0, 1)),
            sample(np.ones((1, 2)), shape=(3, 2, 2), axes=(0, 1)), sample(np.ones((0,)), shape=(0, 4), axes=(0,)),
            sample(*smooth((2, 1, 3)), shape=(2, 4, 5, 3), axes=(0, 1, 3), smooth=True),
            sample(*smooth((1, 3)), shape=(0, 3), axes=(0, 1), smooth=True),
            sample(*smooth(()), shape=(2, 3), axes=(), smooth=True),
        ],
        [
            bad("broadcast C1", _X, shape=(2, 3), axes=(0,)),
            bad("broadcast C2", _X, shape=(2, 3), axes=(0, 2)),
            bad("broadcast C2", _X, shape=(2, 3, 4), axes=(1, 0)),
            bad("broadcast C2", _X, shape=(2, 3), axes=(0, 0)),
            bad("broadcast C3", _X, shape=(2, 4), axes=(0, 1)),
        ],
    ),
    "transpose": Entry(
        [
            *_each(axes=(1, 0)), *_each(axes=(0, 1)), sample(np.float32(1), axes=()), sample(np.ones(3), axes=(0,)),
            sample(numbers((2, 0, 3)), axes=(2, 0, 1)), sample(numbers((2, 3, 4)), axes=(1, 2, 0)),
            sample(*smooth((2, 3, 4)), axes=(2, 0, 1), smooth=True),
        ],
        [
            bad("transpose C1", _X, axes=(0,)), bad("transpose C1", _X, axes=(0, 0)),
            bad("transpose C1", _X, axes=(0, 2)), bad("transpose C1", _X, axes=(-1, 0)),
        ],
    ),
    "slice": Entry(
        [
            *_each(start=(0, 1), stop=(2, 3)), *_each(start=(1, 0), stop=(2, 3), strides=(1, 2)),
            sample(np.float32(1), start=(), stop=()), sample(np.arange(7), start=(1,), stop=(7,), strides=(3,)),
            sample(np.arange(7), start=(3,), stop=(3,)), sample(np.arange(0), start=(0,), stop=(0,)),
            sample(np.arange(2), start=(2,), stop=(2,), strides=(4,)),
            sample(*smooth((7, 3)), start=(1, 0), stop=(6, 3), strides=(2, 2), smooth=True),
            sample(*smooth((4,)), start=(2,), stop=(2,), smooth=True),
        ],
        [
            bad("slice C1", _X, start=(0,), stop=(2,)), bad("slice C1", _X, start=(0, 0), stop=(2,)),
            bad("slice C2", _X, start=(0, 0), stop=(3, 3)), bad("slice C2", _X, start=(-1, 0), stop=(2, 3)),
            bad("slice C2", _X, start=(1, 0), stop=(0, 3)),
            bad("slice C3", _X, start=(0, 0), stop=(2, 3), strides=(0, 1)),
        ],
    ),
    "pad": Entry(
        [
            *_each(low=(1, 0), high=(0, 2)), *_each(low=(-1, 2), high=(1, -2), interior=(2, 1), value=1),
            sample(np.float32(1), low=(), high=()), sample(np.arange(0), low=(2,), high=(1,), interior=(3,), value=7),
            sample(np.ones(2), low=(1,), high=(1,), value=-np.inf), sample(np.arange(3), low=(-3,), high=(0,)),
            sample(np.arange(4), low=(-5,), high=(-5,), interior=(3,)),
            sample(np.arange(1), low=(0,), high=(0,), interior=(9,)),
            sample(np.ones(2), low=(1,), high=(0,), value=np.float32(0.5)),
            sample(*smooth((4, 3)), low=(-1, 2), high=(2, -1), interior=(2, 0), smooth=True),
            sample(*smooth((3,)), low=(-2,), high=(4,), smooth=True),
            sample(*smooth((0, 2)), low=(1, 0), high=(1, 0), smooth=True),
        ],
        [
            bad("pad C1", _X, low=(1,), high=(1,)), bad("pad C1", _X, low=(1, 0), high=(1, 0), interior=(0,)),
            bad("pad C2", _X, low=(0, 0), high=(0, 0), interior=(-1, 0)), bad("pad C3", _X, low=(-3, 0), high=(0, 0)),
        ],
    ),
    "concatenate": Entry(
        [
            *(sample(numbers((2, 3), d), numbers((1, 3), d, 1), axis=0) for d in DTYPES),
            sample(numbers((2, 3)), axis=1), sample(numbers((2, 0)), numbers((2, 3)), numbers((2, 1)), axis=1),
            sample(numbers((0,)), numbers((0,)), axis=0), sample(*[np.array([n]) for n in range(5)], axis=0),
            sample(*smooth((2, 1, 2), (2, 3, 2), (2, 0, 2)), axis=1, smooth=True),
        ],
        [
            bad("concatenate C1", axis=0), bad("concatenate C2", _X, _X, axis=2), bad("concatenate C2", _X, axis=-1),
            bad("concatenate C3", _X, _X.astype("float64"), axis=0, error=DTypeError),
            bad("concatenate C4", _X, _X[:, :2], axis=0), bad("concatenate C4", _X, _X[0], axis=0),
        ],
    ),
    "reverse": Entry(
        [
            *_each(axes=(0,)), *_each(axes=(1, 0)), sample(_X, axes=()), sample(np.float32(1), axes=()),
            sample(np.ones((0, 2)), axes=(0, 1)),
        ],
        [bad("reverse C1", _X, axes=(2,)), bad("reverse C1", _X, axes=(0, 0)), bad("reverse C1", _X, axes=(-1,))],
    ),
    "dynamic_slice": Entry(
        [
            *(sample(numbers((2, 3), d), _start(1, 0), sizes=(1, 2)) for d in DTYPES),
            sample(np.float32(1), _start(), sizes=()), sample(np.arange(5), _start(2, dtype="int64"), sizes=(3,)),
            sample(np.arange(5), _start(5), sizes=(0,)), sample(np.arange(0), _start(0), sizes=(0,)),
            sample(*smooth((3, 4)), _start(1, 2), sizes=(2, 2), smooth=True),
        ],
        [
            bad("dynamic_slice C1", _X, np.zeros(2, "float32"), sizes=(1, 1), error=DTypeError),
            bad("dynamic_slice C1", _X, np.zeros(2, "int8"), sizes=(1, 1), error=DTypeError),
            bad("dynamic_slice C2", _X, _start(0), sizes=(1, 1)),
            bad("dynamic_slice C3", _X, _start(0, 0), sizes=(3, 1)),
            bad("dynamic_slice C3", _X, _start(0, 0), sizes=(1,)),
            bad("dynamic_slice C4", _X, _start(1, 1), sizes=(2, 2), error=IndexRangeError, when_run=True),
            bad("dynamic_slice C4", _X, _start(-1, 0), sizes=(1, 1), error=IndexRangeError, when_run=True),
        ],
    ),
    "dynamic_update_slice": Entry(
        [
            *(sample(numbers((2, 3), d), numbers((1, 2), d, 1), _start(1, 0)) for d in DTYPES),
            sample(np.float32(1), np.float32(2), _start()), sample(np.arange(5), np.arange(0), _start(5)),
            sample(np.arange(3), np.array([7, 8]), _start(1, dtype="int64")),
            sample(*smooth((3, 4), (2, 2)), _start(1, 2), smooth=True),
        ],
        [
            bad("dynamic_update_slice C1", _X, _X, np.zeros(2), error=DTypeError),
            bad("dynamic_update_slice C2", _X, _X, _start(0, 0, 0)),
            bad("dynamic_update_slice C3", _X, np.ones((3, 3), "float32"), _start(0, 0)),
            bad("dynamic_update_slice C3", _X, _X.astype("float64"), _start(0, 0)),
            bad("dynamic_update_slice C3", _X, _X[0], _start(0, 0)),
            bad("dynamic_update_slice C4", _X, _X, _start(0, 1), error=IndexRangeError, when_run=True),
        ],
    ),
}  # fmt: skip
