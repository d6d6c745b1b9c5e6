"""Samples of constants, iota and random bits."""

from __future__ import annotations

import numpy as np

from chainrule.errors import DTypeError
from chainrule.ir import DTYPES, NUMBER

from .entry import Entry, bad, sample, special

_KEYS = ([0, 0], [2**32 - 1, 2**32 - 1], [0xA4093822, 0x299F31D0], [1, 0])

SAMPLES: dict[str, Entry] = {
    "constant": Entry([
        *(sample(value=special(d)) for d in DTYPES),
        *(sample(value=np.zeros(s, "int32")) for s in ((), (0,), (1, 1), (3, 7))),
    ]),
    "iota": Entry(
        [
            *(sample(shape=(5,), dtype=d) for d in NUMBER),
            *(sample(shape=(2, 3, 1), axis=a) for a in range(3)),
            sample(shape=(0,)), sample(shape=(2, 0), axis=1), sample(shape=(2, 0), axis=0),
            sample(shape=(300,), dtype="uint8"), sample(shape=(300,), dtype="int8"),
        ],
        [
            bad("iota C1", shape=(2,), dtype="bool", error=DTypeError),
            bad("iota C2", shape=(2,), axis=1),
            bad("iota C2", shape=(), axis=0),
            bad("iota C2", shape=(2,), axis=-1),
            bad("non-negative", shape=(-2,)),
        ],
    ),
    "random_bits": Entry(
        [
            sample(np.array(key, "uint32"), shape=shape)
            for key in _KEYS
            for shape in ((), (0,), (1,), (4,), (5,), (2, 3), (3, 0, 2), (2, 2, 3))
        ],
        [
            bad("random_bits C1", np.zeros(2, "int32"), shape=(1,)),
            bad("random_bits C1", np.zeros(3, "uint32"), shape=(1,)),
            bad("random_bits C1", np.zeros((1, 2), "uint32"), shape=(1,)),
        ],
    ),
}  # fmt: skip
