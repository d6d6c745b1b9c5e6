"""Samples of convolution and pooling: strides, padding on both sides and negative, dilation, spread, groups."""

from __future__ import annotations

import numpy as np

from chainrule.errors import DTypeError
from chainrule.ir import FLOAT, NUMBER

from .entry import Entry, Sample, bad, numbers, sample, smooth

_X, _W = np.ones((1, 2, 5, 3), "float32"), np.ones((1, 2, 3, 4), "float32")
_PLAIN = {"strides": (1,), "padding": ((0, 0),)}
_CONVS = [  # shapes of x and w, and how the window moves
    ((1, 2, 5, 3), (1, 2, 3, 4), _PLAIN),
    ((1, 2, 5, 3), (1, 3, 3, 1), {"strides": (2,), "padding": ((1, 2),)}),
    ((2, 1, 4, 4, 2), (2, 2, 3, 2, 1), {"strides": (1, 2), "padding": ((0, 1), (1, 0))}),
    ((2, 2, 5, 4, 3), (2, 3, 2, 3, 2),
     {"strides": (2, 1), "padding": ((1, 2), (0, 1)), "dilation": (1, 2), "spread": (1, 3)}),
    ((1, 1, 6, 2), (1, 2, 2, 2), {"strides": (1,), "padding": ((-1, -2),)}),
    ((1, 1, 6, 1), (1, 2, 1, 1), {"strides": (3,), "padding": ((-1, 2),), "spread": (2,)}),
    ((1, 1, 1, 2), (1, 1, 2, 2), _PLAIN),
    ((1, 2, 3), (1, 3, 2), {"strides": (), "padding": ()}),
    ((1, 2, 4, 2, 3, 1), (1, 2, 1, 2, 1, 2), {"strides": (1, 1, 1), "padding": ((0, 0), (0, 0), (1, 0))}),
    # a kernel of its own for every channel, as in a depthwise layer, and its gradients
    ((9, 2, 5, 4, 1), (9, 3, 2, 1, 1), {"strides": (2, 1), "padding": ((1, 2), (-1, 1)), "dilation": (2, 1)}),
    ((9, 2, 3, 2, 1), (9, 2, 3, 1, 1), {"strides": (1, 2), "padding": ((0, 1), (2, 1)), "spread": (2, 3)}),
    ((9, 1, 6, 4, 3), (9, 2, 3, 3, 1), {"strides": (1, 2), "padding": ((1, 0), (0, 1)), "dilation": (3, 1)}),
    ((8, 1, 3, 2), (8, 60, 2, 1), {"strides": (2,), "padding": ((30, 31),), "spread": (2,)}),
    ((8, 2, 3, 1), (8, 1, 1, 1), {"strides": (1,), "padding": ((-4, 3),)}),  # nothing is left but zeros
    ((8, 2, 1), (8, 1, 1), {"strides": (), "padding": ()}),
]  # fmt: skip
_EMPTY_CONVS = [
    ((1, 2, 1, 3), (1, 2, 3, 4), _PLAIN),  # the window does not fit
    ((1, 2, 1, 3), (1, 2, 3, 4), {"strides": (1,), "padding": ((-2, 0),)}),  # less than nothing is left
    ((1, 0, 5, 3), (1, 2, 3, 4), _PLAIN),
    ((1, 2, 5, 0), (1, 2, 0, 4), _PLAIN),
    ((1, 2, 5, 3), (1, 2, 3, 0), _PLAIN),
    ((0, 2, 5, 3), (0, 2, 3, 4), _PLAIN),
    ((1, 2, 0, 3), (1, 2, 3, 4), {"strides": (1,), "padding": ((2, 2),)}),
    ((1, 2, 5, 3), (1, 0, 3, 4), _PLAIN),
]


def _conv() -> Entry:
    good = [sample(numbers((1, 2, 5, 3), d), numbers((1, 2, 3, 4), d, 1), **_PLAIN) for d in FLOAT]
    good += [sample(numbers(x), numbers(w, seed=1), **p) for x, w, p in _CONVS + _EMPTY_CONVS]
    good += [sample(*smooth(x, w), **p, smooth=True) for x, w, p in _CONVS + _EMPTY_CONVS]
    ints = _X.astype("int32"), _W.astype("int32")
    wrong = [
        bad("conv C1", *ints, **_PLAIN, error=DTypeError), bad("conv C1", _X, _W.astype("float64"), **_PLAIN),
        bad("conv C2", _X, _W, strides=(1, 1), padding=((0, 0), (0, 0))), bad("conv C2", _X, _W[0], **_PLAIN),
        bad("conv C3", _X, np.ones((2, 2, 3, 4), "float32"), **_PLAIN),
        bad("conv C4", _X, np.ones((1, 2, 2, 4), "float32"), **_PLAIN),
        bad("conv C5", _X, _W, strides=(1,), padding=()), bad("conv C5", _X, _W, **_PLAIN, dilation=(1, 1)),
        bad("conv C6", _X, _W, strides=(0,), padding=((0, 0),)), bad("conv C6", _X, _W, **_PLAIN, dilation=(0,)),
        bad("conv C6", _X, _W, **_PLAIN, spread=(-1,)),
    ]  # fmt: skip
    return Entry(good, wrong, ulps=8)


_POOLS = [
    ((7,), {"window": (3,), "strides": (2,), "padding": ((0, 0),)}),
    ((2, 7, 5), {"window": (1, 3, 2), "strides": (1, 2, 1), "padding": ((0, 0), (1, 1), (0, 0))}),
    ((6,), {"window": (2,), "strides": (1,), "padding": ((0, 2),), "dilation": (3,)}),
    ((6, 2), {"window": (2, 1), "strides": (1, 1), "padding": ((-1, -2), (0, 0))}),
    ((6,), {"window": (2,), "strides": (2,), "padding": ((-2, 1),)}),
    ((5,), {"window": (2,), "strides": (3,), "padding": ((3, 3),)}),  # some windows see only padding
    ((3, 2), {"window": (1, 1), "strides": (1, 1), "padding": ((0, 0), (0, 0))}),
    ((), {"window": (), "strides": (), "padding": ()}),
]
_EMPTY_POOLS = [
    ((2,), {"window": (3,), "strides": (1,), "padding": ((0, 0),)}),
    ((1,), {"window": (1,), "strides": (1,), "padding": ((-2, 0),)}),
    ((0, 2), {"window": (1, 2), "strides": (1, 1), "padding": ((0, 0), (0, 0))}),
    ((0,), {"window": (2,), "strides": (1,), "padding": ((2, 1),)}),
    ((3,), {"window": (0,), "strides": (1,), "padding": ((0, 0),)}),
]


def _pool(name: str, ulps: int) -> Entry:
    x, plain = np.ones((2, 5), "float32"), {"window": (1, 2), "strides": (1, 1), "padding": ((0, 0), (0, 0))}
    good: list[Sample] = [sample(numbers((2, 5), d), **plain) for d in NUMBER]
    good += [sample(numbers(shape), **p) for shape, p in _POOLS + _EMPTY_POOLS]
    good += [sample(numbers((5,), "int8"), **_POOLS[5][1]), sample(np.array([1, np.nan, 3, -np.inf]), **_POOLS[0][1])]
    # the maximum of a window that sees only padding is -inf, where finite differences mean nothing
    finite = [
        pool for pool in _POOLS + _EMPTY_POOLS if name == "window_sum" or pool not in (_POOLS[5], _EMPTY_POOLS[3])
    ]
    good += [sample(*smooth(shape), **p, smooth=True) for shape, p in finite]
    wrong = [
        bad(f"{name} C1", x > 0, **plain, error=DTypeError), bad(f"{name} C2", x[0], **plain),
        bad(f"{name} C2", x, window=(1, 2), strides=(1,), padding=((0, 0), (0, 0))),
        bad(f"{name} C3", x, window=(1, 2), strides=(1, 0), padding=((0, 0), (0, 0))),
        bad(f"{name} C3", x, window=(1, -2), strides=(1, 1), padding=((0, 0), (0, 0))),
        bad(f"{name} C3", x, **plain, dilation=(1, 0)),
    ]  # fmt: skip
    return Entry(good, wrong, ulps)


SAMPLES: dict[str, Entry] = {
    "conv": _conv(),
    "window_sum": _pool("window_sum", 4),
    "window_max": _pool("window_max", 0),
}
