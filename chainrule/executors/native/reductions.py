"""What the reductions do with two numbers, and with none."""

from __future__ import annotations

import numpy as np

from ...ir import FLOAT, NARROW
from .emit import Value


def wide_of(dtype: str) -> str:
    """The dtype in which elements are put together."""
    return "float32" if dtype in NARROW else dtype


def start_of(name: str, dtype: str) -> object:
    """The value of a reduction over nothing."""
    if name in ("reduce_sum", "reduce_prod"):
        return int(name == "reduce_prod")
    largest = name == "reduce_max"
    if dtype == "bool":
        return not largest
    if dtype in FLOAT:
        return -np.inf if largest else np.inf
    return np.iinfo(dtype).min if largest else np.iinfo(dtype).max


def combine(name: str, x: Value, w: Value) -> Value:
    """Two parts of a reduction. Float sums may be put in another order (a fixed one: that of the vector's lanes)."""
    if name in ("reduce_sum", "reduce_prod"):
        verb = "add" if name == "reduce_sum" else "mul"
        return x.binary(f"f{verb} reassoc", verb, w)
    largest = name == "reduce_max"
    if x.dtype == "bool":
        return x | w if largest else x & w
    if x.is_float:
        return x.intrinsic("maximum" if largest else "minimum", w)
    return x.intrinsic(("s" if x.signed else "u") + ("max" if largest else "min"), w)
