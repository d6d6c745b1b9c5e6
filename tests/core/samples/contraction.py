"""Samples of dot_general: batch axes, several contracted axes, none, sizes 0 and 1, axes in any order."""

from __future__ import annotations

import numpy as np

from chainrule.errors import DTypeError
from chainrule.ir import NUMBER

from .entry import Entry, bad, numbers, sample, smooth

_X, _W = np.ones((2, 3), "float32"), np.ones((3, 4), "float32")
_MATRIX = {"contract": ((1,), (0,))}

SAMPLES: dict[str, Entry] = {
    "dot_general": Entry(
        [
            *(sample(numbers((2, 3), d), numbers((3, 4), d, 1), **_MATRIX) for d in NUMBER),
            sample(numbers((3,)), numbers((3,), seed=1), contract=((0,), (0,))),
            sample(numbers((2, 3)), numbers((4,), seed=1), contract=((), ())),
            sample(np.float32(2), np.float32(3), contract=((), ())),
            sample(numbers((2, 3)), numbers((2, 3), seed=1), contract=((0, 1), (0, 1))),
            sample(numbers((2, 3)), numbers((3, 2), seed=1), contract=((0, 1), (1, 0))),
            sample(numbers((5, 2, 3)), numbers((5, 3, 1), seed=1), contract=((2,), (1,)), batch=((0,), (0,))),
            sample(numbers((2, 3)), numbers((2, 3), seed=1), contract=((), ()), batch=((0, 1), (0, 1))),
            sample(numbers((3, 5, 4, 2)), numbers((2, 4, 6, 3), seed=1), contract=((0, 2), (3, 1)), batch=((3,), (0,))),
            sample(numbers((2, 0)), numbers((0, 3)), **_MATRIX), sample(numbers((0, 2)), numbers((2, 3)), **_MATRIX),
            sample(numbers((0, 2, 3)), numbers((0, 3, 4)), contract=((2,), (1,)), batch=((0,), (0,))),
            sample(*smooth((2, 3), (3, 4)), **_MATRIX, smooth=True),
            sample(*smooth((2, 0), (0, 4)), **_MATRIX, smooth=True),
            sample(*smooth((2, 3), (3, 2)), contract=((0, 1), (1, 0)), smooth=True),
            sample(*smooth((3, 2, 4, 2), (2, 4, 2, 3)), contract=((0, 2), (3, 1)), batch=((3,), (0,)), smooth=True),
            sample(*smooth((2, 3), (4,)), contract=((), ()), smooth=True),
            sample(*smooth((3, 2), (2, 3)), contract=((), ()), batch=((0, 1), (1, 0)), smooth=True),
        ],
        [
            bad("dot_general C1", _X > 0, _W > 0, **_MATRIX, error=DTypeError),
            bad("dot_general C1", _X, _W.astype("float64"), **_MATRIX, error=DTypeError),
            bad("dot_general C2", _X, _W, contract=((2,), (0,))),
            bad("dot_general C2", _X, _X, contract=((0,), (0,)), batch=((0,), (1,))),
            bad("dot_general C3", _X, _W, contract=((0,), (0,))),
            bad("dot_general C3", _X, _W, contract=((1,), ())),
            bad("dot_general C4", _X, _W, contract=((), ()), batch=((0,), (0,))),
        ],
        ulps=8,
    ),
}  # fmt: skip
