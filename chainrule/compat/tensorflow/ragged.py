"""`tf.RaggedTensor`: rows of different lengths. It is held outside of Programs; `to_tensor` makes a tensor of it."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ... import ops
from ...errors import ArgumentError
from ...ir import Tensor
from ...layers.preprocessing.strings import is_text, text_array


class RaggedTensor:
    """Rows of different lengths: all values one after the other, and where each row begins.

    Args: values: array, text or RaggedTensor; row_splits: n + 1 places. Use `from_row_lengths` and its kin, or
        `tf.ragged.constant`.

    >>> rows = RaggedTensor.from_row_lengths([1, 2, 3], [1, 2])
    >>> rows.to_list(), rows.to_tensor().tolist()
    ([[1], [2, 3]], [[1, 0], [2, 3]])
    """

    def __init__(self, values: Any, row_splits: Any) -> None:
        self.values = values if isinstance(values, RaggedTensor) else _values(values)
        self._splits = np.asarray(row_splits, np.int64)

    # how one is made

    @classmethod
    def from_row_splits(cls, values: Any, row_splits: Any, name: Any = None, validate: bool = True) -> RaggedTensor:
        """From the places where rows begin, and the end."""
        return cls(values, row_splits)

    @classmethod
    def from_row_lengths(cls, values: Any, row_lengths: Any, name: Any = None, validate: bool = True) -> RaggedTensor:
        """From the lengths of the rows. Raises: ArgumentError: they do not add up to the number of values."""
        splits = np.concatenate([[0], np.cumsum(np.asarray(row_lengths))])
        made = cls(values, splits)
        if len(made.values) != splits[-1]:
            raise ArgumentError(f"from_row_lengths: {len(made.values)} values, and lengths that sum to {splits[-1]}.")
        return made

    @classmethod
    def from_value_rowids(
        cls, values: Any, value_rowids: Any, nrows: Any = None, name: Any = None, validate: bool = True
    ) -> RaggedTensor:
        """From the row of each value, ascending."""
        rows = np.asarray(value_rowids)
        count = int(nrows) if nrows is not None else (int(rows[-1]) + 1 if len(rows) else 0)
        return cls.from_row_lengths(values, np.bincount(rows, minlength=count))

    @classmethod
    def from_tensor(cls, tensor: Any, lengths: Any = None, padding: Any = None, name: Any = None, **kwargs: Any) -> Any:
        """From rows of one length: cut to `lengths`, or without `padding` at their ends."""
        array = text_array(tensor) if is_text(tensor) else np.asarray(tensor)
        count = np.full(len(array), array.shape[1]) if lengths is None else np.asarray(lengths)
        if padding is not None:
            filled = array != padding
            count = array.shape[1] - np.argmax(filled[:, ::-1], 1)
            count[~filled.any(1)] = 0
        return cls.from_row_lengths(array[np.arange(array.shape[1]) < count[:, None]], count)

    # what it is

    @property
    def row_splits(self) -> Tensor:
        """Where each row begins, and the end."""
        return Tensor(self._splits)

    @property
    def flat_values(self) -> Any:
        """The innermost values."""
        return self.values.flat_values if isinstance(self.values, RaggedTensor) else self.values

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The sizes, None where they differ."""
        return (len(self), None, *self.values.shape[1:])

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def ragged_rank(self) -> int:
        """How many axes have sizes that differ."""
        return 1 + getattr(self.values, "ragged_rank", 0)

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return self.flat_values.dtype

    def row_lengths(self, axis: int = 1, name: Any = None) -> Tensor:
        """The length of each row."""
        return Tensor(np.diff(self._splits))

    def nrows(self, out_type: Any = None, name: Any = None) -> int:
        """How many rows there are."""
        return len(self)

    def value_rowids(self, name: Any = None) -> Tensor:
        """The row of each value."""
        return Tensor(np.repeat(np.arange(len(self)), np.diff(self._splits)))

    def bounding_shape(self, axis: Any = None, name: Any = None, out_type: Any = None) -> Tensor:
        """The sizes of the smallest tensor that holds it."""
        longest = int(np.diff(self._splits).max(initial=0))
        inner = self.values.bounding_shape().tolist()[1:] if isinstance(self.values, RaggedTensor) else (
            list(self.values.shape[1:]))  # fmt: skip
        sizes = np.asarray([len(self), longest, *inner], np.int64)
        return Tensor(sizes if axis is None else sizes[axis])

    # what is done with it

    def __len__(self) -> int:
        return len(self._splits) - 1

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in builtins.range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            rest = key[1:] if len(key) > 2 else key[1]
            chosen = self[key[0]]
            if not isinstance(chosen, RaggedTensor):
                return chosen[rest]
            return stack([row[rest] for row in chosen])
        if isinstance(key, slice):
            key = np.arange(len(self))[key]
        if np.ndim(key):
            chosen = np.flatnonzero(key) if np.asarray(key).dtype == bool else np.asarray(key)
            return stack([self[int(k)] for k in chosen], self)
        k = builtins.range(len(self))[int(key)]
        return self.values[int(self._splits[k]) : int(self._splits[k + 1])]

    def to_list(self) -> list[Any]:
        """Nested lists."""
        return [row.to_list() if isinstance(row, RaggedTensor) else row.tolist() for row in self]

    def numpy(self) -> np.ndarray:
        """An array of arrays."""
        found = np.empty(len(self), object)
        for k, row in enumerate(self):
            found[k] = row.numpy()
        return found

    def to_tensor(self, default_value: Any = None, name: Any = None, shape: Any = None) -> Any:
        """Rows filled up at their ends, with 0 or '' unless `default_value` is given, or cut, to one length."""
        sizes = self.bounding_shape().tolist()
        for axis, n in enumerate(shape or ()):
            sizes[axis] = sizes[axis] if n is None or n < 0 else int(n)
        text = is_text(self.flat_values)
        nothing = ("" if text else 0) if default_value is None else np.asarray(default_value).item()
        if isinstance(self.values, RaggedTensor):
            inner = self.values.to_tensor(default_value, shape=[None, *sizes[2:]])
            return RaggedTensor(inner, self._splits).to_tensor(default_value, shape=sizes)
        if isinstance(self.values, Tensor):
            return self._gathered(sizes, nothing)
        found = np.full(sizes, nothing, object)
        for k, row in enumerate(self):
            found[k, : min(len(row), sizes[1])] = row[: sizes[1]]
        return found.view(type(self.values))

    def _gathered(self, sizes: list[int], nothing: Any) -> Tensor:
        """The rows as one tensor, made by gathering, so that gradients flow to the values."""
        lengths = np.diff(self._splits)
        place = self._splits[:-1, None] + np.arange(sizes[1])
        filled = np.arange(sizes[1]) < lengths[:, None]
        values = self.values
        if not len(values):
            return ops.full(sizes, nothing, values.dtype)  # type: ignore[no-any-return]
        taken = ops.take(values, np.where(filled, place, 0), 0)
        mask = filled.reshape(*filled.shape, *[1] * (values.ndim - 1))
        return ops.where(mask, taken, ops.cast(nothing, values.dtype))  # type: ignore[no-any-return]

    def with_values(self, new_values: Any) -> RaggedTensor:
        """The same rows of other values."""
        return RaggedTensor(new_values, self._splits)

    def merge_dims(self, outer_axis: int, inner_axis: int) -> Any:
        """Two axes as one: (0, 1) gives all values, (1, 2) the rows of rows, joined."""
        if (outer_axis, inner_axis) == (0, 1):
            return self.values
        if not isinstance(self.values, RaggedTensor):
            raise ArgumentError("merge_dims: expected axes 0 and 1, or 1 and 2 of a ragged tensor of rank 3.")
        return RaggedTensor(self.values.values, self.values._splits[self._splits])

    def _mapped(self, function: Any, other: Any) -> RaggedTensor:
        value = other.flat_values if isinstance(other, RaggedTensor) else other
        return self.with_values(function(self.values, value))

    def __add__(self, other: Any) -> RaggedTensor:
        return self._mapped(ops.add, other)

    def __sub__(self, other: Any) -> RaggedTensor:
        return self._mapped(ops.subtract, other)

    def __mul__(self, other: Any) -> RaggedTensor:
        return self._mapped(ops.multiply, other)

    def __truediv__(self, other: Any) -> RaggedTensor:
        return self._mapped(ops.divide, other)

    def __repr__(self) -> str:
        return f"<tf.RaggedTensor {self.to_list()}>"


def _values(values: Any) -> Any:
    if is_text(values):
        return text_array(values)
    return values if isinstance(values, Tensor) else ops.convert_to_tensor(values)


def constant(pylist: Any, dtype: Any = None, ragged_rank: Any = None, inner_shape: Any = None, **kwargs: Any) -> Any:
    """A ragged tensor from nested lists.

    >>> constant([[1, 2], [3]]).row_lengths().tolist()
    [2, 1]
    """
    rows = [row.tolist() if hasattr(row, "tolist") else list(row) for row in pylist]
    flat = [value for row in rows for value in row]
    deeper = bool(flat) and isinstance(flat[0], (list, tuple)) and ragged_rank != 1
    values = constant(flat, dtype) if deeper else _flat(flat, dtype)
    return RaggedTensor.from_row_lengths(values, [len(row) for row in rows])


def _flat(values: list[Any], dtype: Any) -> Any:
    if is_text(values) or str(dtype) == "string":
        return text_array(values)
    return ops.convert_to_tensor(values, "float32" if dtype is None and not values else dtype)


def stack(rows: Sequence[Any], like: RaggedTensor | None = None) -> RaggedTensor:
    """Tensors of different lengths as rows."""
    lengths = [len(row) for row in rows]
    if rows and isinstance(rows[0], RaggedTensor):
        splits = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(row._splits) for row in rows]))])
        return RaggedTensor.from_row_lengths(RaggedTensor(_joined([r.values for r in rows]), splits), lengths)
    if not rows:
        assert like is not None
        return like.with_values(like.values[:0]) if not len(like) else RaggedTensor(like.values[:0], [0])
    return RaggedTensor.from_row_lengths(_joined(rows), lengths)


def _joined(parts: Sequence[Any]) -> Any:
    if any(isinstance(p, np.ndarray) and p.dtype == object for p in parts):
        return text_array(np.concatenate([np.asarray(p, object) for p in parts]))
    return ops.concatenate(list(parts), 0)


def range(starts: Any, limits: Any = None, deltas: Any = 1, dtype: Any = None, **kwargs: Any) -> RaggedTensor:
    """Rows of numbers from starts up to limits."""
    low, high = (np.zeros_like(starts), starts) if limits is None else (starts, limits)
    pairs = np.broadcast_arrays(np.asarray(low), np.asarray(high), np.asarray(deltas))
    return constant(
        [np.arange(*[int(v) for v in row]).tolist() for row in zip(*map(np.atleast_1d, pairs), strict=True)]
    )


__all__ = ["RaggedTensor", "constant", "range", "stack"]
