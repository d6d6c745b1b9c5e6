"""Hand-written C for one network: the limit that one thread can reach."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from .. import work as works
from ..building import built
from ..work import Work

# What -ffast-math means for the compiler. That flag itself would link a start-up file into the library, which makes
# subnormal numbers zero for the whole process; `train` in C does so for as long as it runs, as chainrule does.
FAST_MATH = (
    "-fno-math-errno", "-ffinite-math-only", "-fno-signed-zeros", "-fno-trapping-math", "-fassociative-math",
    "-freciprocal-math",
)  # fmt: skip
FLOATS = ctypes.POINTER(ctypes.c_float)


def train(work: Work, options: dict[str, Any]) -> Callable[[int], float]:
    """`c/dense_20_64_32_1.c`: other sizes there are not."""
    if (work["network"], work["units"], work["batch"], work["loss"]) != ("dense", [20, 64, 32, 1], 32, "bce"):
        raise ValueError("written by hand for 20-64-32-1, batch 32 only")
    library = built("dense_20_64_32_1", *FAST_MATH)
    library.train.restype, library.train.argtypes = ctypes.c_float, [ctypes.c_long]
    x, y = works.data(work)
    library.prepare.argtypes = [FLOATS, FLOATS, ctypes.c_long]
    library.prepare(x.ctypes.data_as(FLOATS), y.ctypes.data_as(FLOATS), work["rows"])
    kept = (x, y)  # the library reads them

    def run(times: int) -> float:
        return float(library.train(times)) if kept else 0.0

    return run
