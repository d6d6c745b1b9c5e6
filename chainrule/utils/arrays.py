"""Arrays made ready for a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, DTypeError, ShapeError
from ..ir import Tensor


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Whole numbers as one-hot rows: what `categorical_crossentropy` takes as targets.

    Args:
        x: classes 0, 1, ..., num_classes - 1, any shape; a last axis of size 1 is dropped.
        num_classes: length of a row (default None: the largest class + 1).

    Shapes: (...) or (..., 1) -> (..., num_classes). An array gives a float64 array, a tensor a tensor.

    Raises:
        ArgumentError: for a class below 0 or not below `num_classes`.
        DTypeError: for anything but whole numbers.

    Example:
    >>> to_categorical([0, 2, 1])
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]])
    """
    if isinstance(x, Tensor):
        kept = x.shape[:-1] if x.ndim > 1 and x.shape[-1] == 1 else x.shape
        return ops.one_hot(ops.reshape(x, kept), num_classes or int(ops.max(x)) + 1)
    classes = _classes(x)
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    count = int(num_classes or classes.max(initial=-1) + 1)
    low, high = classes.min(initial=0), classes.max(initial=-1)
    if low < 0 or high >= count:
        raise ArgumentError(
            f"to_categorical: expected classes from 0 to {count - 1}; got {int(low if low < 0 else high)}. Number the "
            "classes from 0 (sklearn.preprocessing.LabelEncoder does it), or give the right num_classes."
        )
    return np.eye(count)[classes]


def _classes(x: Any) -> np.ndarray:
    array = np.asarray(x)
    if array.dtype.kind == "O":
        array = np.array(array.tolist())
    whole = array.dtype.kind in "biu" or (array.dtype.kind == "f" and bool(np.all(array == np.floor(array))))
    if not whole:
        raise DTypeError(
            f"to_categorical: expected whole numbers; got dtype {array.dtype}, for example {array.ravel()[0]!r}. Turn "
            "labels into numbers first: sklearn.preprocessing.LabelEncoder, or np.unique(y, return_inverse=True)[1]."
        )
    return array.astype(np.int64)


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """`x` divided by its norm along an axis; vectors of norm 0 stay 0.

    Args:
        x: an array or a tensor.
        axis: the axis that the vectors lie on (default -1).
        order: which norm (default 2, the Euclidean length; 1 is the sum of absolute values).

    Example:
    >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if isinstance(x, Tensor):
        return ops.normalize(x, axis=axis, order=order)
    array = np.asarray(x)
    norm = np.asarray(np.linalg.norm(array, order, axis, keepdims=True))
    return array / np.where(norm == 0, 1, norm)


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Sequences of different lengths as one array: short ones filled up, long ones cut.

    Args:
        sequences: a list of lists or arrays.
        maxlen: the length of all (default None: the longest).
        dtype: of the result (default 'int32').
        padding: 'pre' (default) fills up in front, 'post' behind.
        truncating: 'pre' (default) cuts off the beginning, 'post' the end.
        value: what to fill up with (default 0).

    Shapes: (n, maxlen, ...).

    Raises:
        ArgumentError: for another word than 'pre' and 'post', or something that is not a sequence.
        ShapeError: if the elements of the sequences differ in shape.

    Example:
    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2)
    array([[0, 1],
           [3, 4]], dtype=int32)
    """
    for name, word in (("padding", padding), ("truncating", truncating)):
        if word not in ("pre", "post"):
            raise ArgumentError(f"pad_sequences: expected {name} 'pre' or 'post'; got {word!r}.")
    rows = [_row(row, index, dtype) for index, row in enumerate(sequences)]
    length = max((len(row) for row in rows), default=0) if maxlen is None else maxlen
    shape = next((row.shape[1:] for row in rows if len(row)), ())
    result = np.full((len(rows), length, *shape), value, dtype)
    for index, row in enumerate(rows):
        kept = row[max(0, len(row) - length) :] if truncating == "pre" else row[:length]
        if len(kept) and kept.shape[1:] != shape:
            raise ShapeError(
                f"pad_sequences: expected elements of shape {shape}; sequence {index} has {row.shape[1:]}."
            )
        place = slice(0, len(kept)) if padding == "post" else slice(length - len(kept), length)
        if len(kept):
            result[index, place] = kept
    return result


def _row(row: Any, index: int, dtype: Any) -> np.ndarray:
    if not hasattr(row, "__len__"):
        raise ArgumentError(f"pad_sequences: expected a list of sequences; item {index} is {row!r}.")
    return np.asarray(row, dtype)
