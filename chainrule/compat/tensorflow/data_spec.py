"""`tf.TensorSpec`: what an element of a data set is, before it is there."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import DataError
from ...ir.tree import flatten, map_structure, unflatten

AUTOTUNE = -1
INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -2


class TensorSpec:
    """A shape and a dtype.

    Args: shape: sizes, None where unknown; None if even their number is; dtype: default 'float32'; name.

    >>> TensorSpec([None, 3], "int64")
    TensorSpec(shape=(None, 3), dtype=int64)
    """

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None) -> None:
        self.shape = None if shape is None else tuple(None if n is None else int(n) for n in shape)
        self.dtype = "string" if _is_text(dtype) else str(getattr(dtype, "name", None) or np.dtype(dtype).name)
        self.name = name

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and (self.shape, self.dtype) == (other.shape, other.dtype)

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype))


def _is_text(dtype: Any) -> bool:
    return dtype is str or str(dtype) == "string" or getattr(dtype, "kind", "") in ("U", "S")


def fitted(item: Any, signature: Any) -> Any:
    """What a generator yielded, as arrays of the dtypes of a signature.

    Raises: DataError: it has another number of parts, or other sizes.
    """
    if signature is None:
        return map_structure(np.asarray, item)
    specs = flatten(signature)
    parts = [item] if isinstance(signature, TensorSpec) else flatten(_like(item, signature))
    if len(parts) != len(specs):
        raise DataError(f"from_generator: expected {len(specs)} parts, {specs}; the generator yielded {len(parts)}.")
    return unflatten(signature, [_checked(part, spec) for part, spec in zip(parts, specs, strict=True)])


def _like(item: Any, signature: Any) -> Any:
    """The parts of an item, each of which may itself be a list of numbers."""
    if isinstance(signature, dict):
        return {key: np.asarray(item[key]) if isinstance(s, TensorSpec) else _like(item[key], s)
                for key, s in signature.items()}  # fmt: skip
    if len(item) != len(signature):
        raise DataError(f"from_generator: expected {len(signature)} parts; the generator yielded {len(item)}.")
    return [np.asarray(part) if isinstance(s, TensorSpec) else _like(part, s)
            for part, s in zip(item, signature, strict=True)]  # fmt: skip


def _checked(part: Any, spec: TensorSpec) -> np.ndarray:
    array = np.asarray(part) if spec.dtype == "string" else np.asarray(part, dtype=spec.dtype)
    fits = spec.shape is None or (
        len(spec.shape) == array.ndim and all(n in (None, m) for n, m in zip(spec.shape, array.shape, strict=True))
    )
    if not fits:
        raise DataError(f"from_generator: expected a part of shape {spec.shape}; the generator yielded {array.shape}.")
    return array


def spec_of(element: Any, first: Any = ...) -> Any:
    """The `TensorSpec` of each part of an element; `first` in place of the size of the first axis, unless it is `...`.

    >>> spec_of(np.zeros((4, 2)), None)
    TensorSpec(shape=(None, 2), dtype=float64)
    """

    def one(array: Any) -> TensorSpec:
        array = np.asarray(array)
        shape = array.shape if first is ... or not array.ndim else (first, *array.shape[1:])
        return TensorSpec(shape, array.dtype)

    return map_structure(one, element)


__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "TensorSpec", "fitted", "spec_of"]
