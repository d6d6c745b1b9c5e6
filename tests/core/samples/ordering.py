"""Samples of sorting and of running sums, products and extremes: ties, NaN, sizes 0 and 1, both directions."""

from __future__ import annotations

import numpy as np

from chainrule.errors import DTypeError
from chainrule.ir import DTYPES, NUMBER

from .entry import Entry, Sample, bad, numbers, sample, smooth, special

_X = np.ones((2, 3), "float32")
_ZEROS = np.array([[2.0, 0.0, 3.0, 4.0], [0.0, 0.0, 5.0, 1.0], [1.5, 2.5, -1.0, 0.0]])


def _order(name: str, differentiable: bool) -> Entry:
    good: list[Sample] = []
    for descending in (False, True):
        good += [sample(numbers((3, 5), d), axis=a, descending=descending) for d in DTYPES for a in (0, 1)]
        good += [sample(special(d)[::-1], axis=0, descending=descending) for d in DTYPES]
        good += [sample(numbers((2, 0)), axis=1, descending=descending), sample(np.ones((0, 2)), axis=1)]
        good += [sample(np.ones((3, 1)), axis=1, descending=descending)]
        if differentiable:
            good += [sample(*smooth((2, 4, 3)), axis=1, descending=descending, smooth=True)]
            good += [sample(*smooth((2, 0)), axis=1, descending=descending, smooth=True)]
    return Entry(good, [bad(f"{name} C1", _X, axis=2), bad(f"{name} C1", np.float32(1), axis=0)])


def _cumulative(name: str, ulps: int, *gradients: Sample) -> Entry:
    good: list[Sample] = []
    for reverse in (False, True):
        good += [sample(numbers((2, 3), d), axis=1, reverse=reverse) for d in NUMBER]
        good += [sample(numbers((3, 2)), axis=0, reverse=reverse), sample(numbers((2, 0)), axis=1, reverse=reverse)]
        good += [sample(np.array([1, np.nan, 3, np.inf]), axis=0, reverse=reverse), sample(numbers((2, 1)), axis=1)]
        good += [sample(np.array([100, 100, 100], "int8"), axis=0, reverse=reverse)]
        good += [sample(*smooth((2, 4, 2)), axis=1, reverse=reverse, smooth=True)]
        good += [sample(*smooth((2, 0)), axis=1, reverse=reverse, smooth=True)]
        good += [sample(*smooth((0, 2)), axis=1, reverse=reverse, smooth=True)]
    wrong = [bad(f"{name} C1", _X > 0, axis=0, error=DTypeError), bad(f"{name} C2", _X, axis=2)]
    return Entry([*good, *gradients], wrong, ulps)


SAMPLES: dict[str, Entry] = {
    "argsort": _order("argsort", False),
    "sort": _order("sort", True),
    "top_k": Entry(
        [
            *(sample(numbers((2, 5), d), k=3) for d in DTYPES), *(sample(special(d), k=2) for d in DTYPES),
            *(sample(special(d), k=len(special(d))) for d in DTYPES), sample(np.ones(3), k=0),
            sample(np.ones((2, 0)), k=0), sample(np.ones((0, 3)), k=2), sample(np.ones(1), k=1),
            sample(*smooth((2, 4)), k=2, smooth=True), sample(*smooth((3, 2, 4)), k=4, smooth=True),
            sample(*smooth((2, 3)), k=0, smooth=True),
        ],
        [bad("top_k C1", np.float32(1), k=1), bad("top_k C2", _X, k=4), bad("top_k C2", _X, k=-1)],
    ),
    "cumsum": _cumulative("cumsum", 4),
    "cumprod": _cumulative(
        "cumprod", 4, *(sample(_ZEROS, axis=1, reverse=r, smooth=True) for r in (False, True)),
    ),
    "cummax": _cumulative("cummax", 0),
    "cummin": _cumulative("cummin", 0),
}  # fmt: skip
