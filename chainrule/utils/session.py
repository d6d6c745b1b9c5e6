"""What holds for the whole process: seeds and names."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from .. import config
from ..errors import ArgumentError
from ..ir import dtype_name
from ..ops import KerasTensor
from ..variables import reset_names, set_default_seed


def set_random_seed(seed: int) -> None:
    """Seed Python's `random`, NumPy and everything in chainrule that has no seed of its own.

    Args:
        seed: an integer from 0 to 2**32 - 1.

    Raises:
        ArgumentError: for anything else.

    Example:
    >>> set_random_seed(7); first = np.random.rand()
    >>> set_random_seed(7); bool(np.random.rand() == first)
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
        raise ArgumentError(f"set_random_seed: expected an integer from 0 to 2**32 - 1; got {seed!r}.")
    random.seed(int(seed))
    np.random.seed(int(seed))
    set_default_seed(int(seed))


def clear_session(free_memory: bool = True) -> None:
    """Count the names of layers from the beginning again (`dense`, `dense_1`, ...).

    Nothing else needs clearing: a model that is no longer referred to is freed with its weights and its Programs.

    Args:
        free_memory: accepted for Keras scripts (default True).
    """
    reset_names()


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor, as `Input()` makes them.

    >>> is_keras_tensor(KerasTensor((None, 2))), is_keras_tensor(np.zeros(2))
    (True, False)
    """
    return isinstance(x, KerasTensor)


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype, 'string' for text; None gives `floatx`.

    >>> standardize_dtype(np.int64), standardize_dtype(None)
    ('int64', 'float32')
    """
    if dtype == "string" or getattr(dtype, "kind", "") in ("O", "U", "S"):
        return "string"  # how arrays of text are held
    return config.floatx() if dtype is None else dtype_name(dtype)
