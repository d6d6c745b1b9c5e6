"""Samples of reductions and of the positions of extremes."""

from __future__ import annotations

import numpy as np

from chainrule.errors import DTypeError
from chainrule.ir import BOOL, DTYPES, FLOAT, NUMBER

from .entry import Entry, Sample, bad, numbers, sample, smooth, special

_X = np.ones((2, 3), "float32")


def _shapes(empty: bool) -> list[Sample]:
    good = [
        sample(numbers((2, 3, 4)), axes=(0, 2)), sample(numbers((2, 3)), axes=()), sample(np.float32(4), axes=()),
        sample(numbers((2, 1)), axes=(1,)), sample(numbers((0, 3)), axes=(1,)), sample(numbers((2, 3)), axes=(1, 0)),
    ]  # fmt: skip
    empties = [sample(numbers((0, 3)), axes=(0,)), sample(numbers((2, 0)), axes=(0, 1)), sample(numbers(0), axes=(0,))]
    return good + empties if empty else good


def _reduction(name: str, dtypes: tuple[str, ...], ulps: int, *gradients: Sample) -> Entry:
    extreme = name in ("reduce_max", "reduce_min")
    good = [sample(numbers((2, 3), d), axes=(1,)) for d in dtypes]
    good += [sample(special(d)[:, None], axes=(1,)) for d in dtypes]
    good += [sample(special(d), axes=(0,)) for d in dtypes if extreme or d not in FLOAT]
    good += [*_shapes(not extreme), *gradients]
    wrong = [bad(f"{name} C2", _X, axes=(2,)), bad(f"{name} C2", _X, axes=(0, 0)), bad(f"{name} C2", _X, axes=(-1,))]
    if extreme:
        wrong.append(bad(f"{name} C3", np.ones((0, 3)), axes=(0,)))
    else:
        wrong.append(bad(f"{name} C1", np.ones(2, bool), axes=(0,), error=DTypeError))
    return Entry(good, wrong, ulps)


def _position(name: str) -> Entry:
    good = [sample(numbers((3, 5), d), axis=a) for d in DTYPES for a in (0, 1)]
    good += [sample(special(d), axis=0) for d in DTYPES]
    good += [sample(np.ones((2, 1)), axis=1), sample(np.ones((0, 2)), axis=1), sample(np.ones(4), axis=0)]
    wrong = [
        bad(f"{name} C2", _X, axis=2), bad(f"{name} C2", np.float32(1), axis=0),
        bad(f"{name} C3", np.ones((2, 0)), axis=1),
    ]  # fmt: skip
    return Entry(good, wrong)


_GRADIENTS = [sample(*smooth((2, 4, 3)), axes=a, smooth=True) for a in ((0, 2), (1,), ())]
_ZEROS = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 5.0], [1.5, 2.5, -1.0]])

SAMPLES: dict[str, Entry] = {
    "reduce_sum": _reduction(
        "reduce_sum", NUMBER, 4, *_GRADIENTS, sample(*smooth((0, 2)), axes=(0,), smooth=True),
    ),
    "reduce_prod": _reduction(
        "reduce_prod", NUMBER, 4, *_GRADIENTS, sample(_ZEROS, axes=(1,), smooth=True),
        sample(_ZEROS, axes=(0, 1), smooth=True), sample(*smooth((0, 2)), axes=(0,), smooth=True),
    ),
    "reduce_max": _reduction("reduce_max", BOOL + NUMBER, 0, *_GRADIENTS),
    "reduce_min": _reduction("reduce_min", BOOL + NUMBER, 0, *_GRADIENTS),
    "argmax": _position("argmax"),
    "argmin": _position("argmin"),
}  # fmt: skip
