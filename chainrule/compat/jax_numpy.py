"""What `jax.numpy` has beyond `chainrule.ops`: dtypes, constants, the kind of arrays."""

from __future__ import annotations

import numpy as np

from ..ir import Tensor as ndarray  # noqa: N813  as it is called there
from ..ops import convert_to_tensor as asarray

bfloat16, float16, float32, float64 = "bfloat16", "float16", "float32", "float64"
int8, int16, int32, int64, uint8, uint32, bool_ = "int8", "int16", "int32", "int64", "uint8", "uint32", "bool"
pi, e, inf, nan, newaxis = np.pi, np.e, np.inf, np.nan, None

__all__ = [
    "asarray", "bfloat16", "bool_", "e", "float16", "float32", "float64", "inf", "int8", "int16", "int32",
    "int64", "nan", "ndarray", "newaxis", "pi", "uint8", "uint32",
]  # fmt: skip
