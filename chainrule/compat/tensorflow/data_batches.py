"""Rows in memory and batches of them, and what is done with single elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ... import ops
from ...errors import DataError
from ...ir import Tensor
from ...ir.tree import flatten, map_structure, unflatten
from ...layers.preprocessing.strings import is_text, text_array
from ...variables import SeedGenerator, Variable
from .complex_numbers import as_complex
from .ragged import RaggedTensor
from .ragged import stack as ragged_rows
from .sparse import SparseTensor
from .sparse import stack as sparse_rows


@dataclass(frozen=True)
class Rows:
    """Rows of arrays, in an order.

    `order`: the numbers of the rows (None: all, as they lie); `keys`: where a new order for each pass comes from.
    """

    arrays: Any
    order: np.ndarray | None = None
    keys: SeedGenerator | None = None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(flatten(self.arrays)[0]) if self.order is None else len(self.order)

    @property
    def is_plain(self) -> bool:
        """Whether they are all rows, as they lie."""
        return self.order is None and self.keys is None

    def cut(self, part: slice) -> Rows:
        """Some of them."""
        return replace(self, order=(np.arange(self.count) if self.order is None else self.order)[part])

    def shuffled(self, keys: SeedGenerator, again: bool) -> Rows:
        """In another order for each pass, or in one other order."""
        return replace(self, keys=keys) if again else replace(self, order=self._permuted(keys))

    def _permuted(self, keys: SeedGenerator) -> np.ndarray:
        chosen = ops.random.permutation(keys.next(), self.count).numpy()
        return chosen if self.order is None else self.order[chosen]

    def numbers(self) -> np.ndarray:
        """The numbers of the rows in the order of a pass that begins now."""
        if self.keys is not None:
            return self._permuted(self.keys)
        return np.arange(self.count) if self.order is None else self.order

    def elements(self) -> Iterator[Any]:
        """The rows one by one."""
        for k in self.numbers():
            yield map_structure(lambda a, k=k: a[k], self.arrays)

    def taken(self, numbers: np.ndarray) -> Any:
        """Several rows together."""
        return map_structure(lambda a: a[numbers], self.arrays)


@dataclass(frozen=True)
class Batches:
    """Rows in memory, `size` at a time; `drops`: without a last batch that is smaller."""

    rows: Rows
    size: int
    drops: bool

    def elements(self) -> Iterator[Any]:
        """The batches one by one."""
        numbers = self.rows.numbers()
        count = len(numbers) // self.size * self.size if self.drops else len(numbers)
        for start in range(0, count, self.size):
            yield self.rows.taken(numbers[start : min(start + self.size, count)])

    def in_memory(self) -> tuple[Any, int, SeedGenerator | None] | None:
        """Arrays, batch size and keys of the order, if each pass goes through the very same rows; else None."""
        rows, rest = self.rows, self.rows.count % self.size if self.drops else 0
        if rest and rows.keys is not None:
            return None  # other rows are left out each time
        if rest:
            rows = rows.cut(slice(0, rows.count - rest))
        if rows.count == 0 or any(a.dtype.kind not in "fiub" for a in flatten(rows.arrays)):
            return None
        arrays = rows.arrays if rows.order is None else rows.taken(rows.order)
        return arrays, self.size, rows.keys


def as_arrays(value: Any) -> Any:
    """Tensors, Variables, numbers and lists of them as arrays; tuples and dicts, and data sets in them, as they are."""
    if isinstance(value, dict):
        return {key: as_arrays(item) for key, item in value.items()}
    if isinstance(value, tuple):
        items = [as_arrays(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if hasattr(value, "_elements") or value is None or isinstance(value, (RaggedTensor, SparseTensor)):
        return value
    if isinstance(value, Variable):
        return value.numpy()
    if hasattr(value, "columns") and hasattr(value, "to_numpy"):
        return value.to_numpy()
    if isinstance(value, list) and value and isinstance(value[0], (Tensor, np.ndarray)):
        value = [np.asarray(item) for item in value]
    array = np.asarray(value)
    is_python = isinstance(value, (list, float, int)) and not isinstance(value, bool)
    return array.astype(_PYTHON[array.dtype.kind]) if is_python and array.dtype.kind in _PYTHON else array


_PYTHON = {"f": np.float32, "i": np.int32}  # what TensorFlow makes of Python's numbers


def as_tensors(element: Any) -> Any:
    """The arrays of an element as tensors; data sets in it as they are."""
    return map_structure(_given, element)


def _given(part: Any) -> Any:
    if part is None or hasattr(part, "_elements"):
        return part
    if isinstance(part, (RaggedTensor, SparseTensor)):
        return part
    if isinstance(part, np.ndarray) and part.dtype.kind == "c":
        return as_complex(part)
    return text_array(part) if is_text(part) else Tensor(part)  # tensors hold numbers only


def called(function: Callable[..., Any], element: Any) -> Any:
    """A function of the user's on an element: the parts of a tuple are its arguments."""
    tensors = as_tensors(element)
    return function(*tensors) if isinstance(tensors, tuple) else function(tensors)


def numbers_of(keys: SeedGenerator) -> np.random.Generator:
    """NumPy's generator for the next key."""
    low, high = (int(n) for n in keys.next().numpy())
    return np.random.Generator(np.random.Philox(key=low << 32 | high))


def stacked(group: Sequence[Any]) -> Any:
    """Elements of one structure and of the same sizes, along a new first axis."""
    columns = list(zip(*(flatten(element) for element in group), strict=True))
    for column in columns:
        if isinstance(column[0], (RaggedTensor, SparseTensor)):
            continue
        shapes = {np.shape(part) for part in column}
        if len(shapes) > 1:
            raise DataError(
                f"batch: expected elements of one shape; got {sorted(shapes)}. padded_batch makes them alike."
            )
    return unflatten(group[0], [_together(column) for column in columns])


def _together(column: Sequence[Any]) -> Any:
    if isinstance(column[0], RaggedTensor):
        return ragged_rows(column)
    return sparse_rows(column) if isinstance(column[0], SparseTensor) else np.stack(column)


def padded(group: Sequence[Any], shapes: Any, values: Any) -> Any:
    """Elements of one structure, made as large as the largest (or as `shapes` says), along a new first axis."""
    columns = list(zip(*(flatten(element) for element in group), strict=True))
    wanted = [None] * len(columns) if shapes is None else _shapes(shapes, group[0])
    fills = flatten(values) if values is not None else [None]
    fills = fills * len(columns) if len(fills) == 1 else fills
    return unflatten(group[0], [_pad(*one) for one in zip(columns, wanted, fills, strict=True)])


def _shapes(shapes: Any, like: Any) -> list[Any]:
    """One shape for each part of an element."""
    if isinstance(like, dict):
        return [s for key in sorted(like) for s in _shapes(shapes[key], like[key])]
    if isinstance(like, tuple):
        return [s for shape, part in zip(shapes, like, strict=True) for s in _shapes(shape, part)]
    return [shapes]


def _pad(column: Sequence[Any], shape: Any, fill: Any) -> np.ndarray:
    arrays = [np.asarray(part) for part in column]
    largest = [max(sizes) for sizes in zip(*(a.shape for a in arrays), strict=True)]
    sizes = [n if n is not None and n >= 0 else m for n, m in zip(shape or [None] * len(largest), largest, strict=True)]
    if any(n < m for n, m in zip(sizes, largest, strict=True)):
        raise DataError(f"padded_batch: an element of shape {tuple(largest)} is larger than {tuple(sizes)}.")
    nothing = np.zeros((), arrays[0].dtype)[()] if fill is None else np.asarray(fill)
    out = np.full((len(arrays), *sizes), nothing, arrays[0].dtype)
    for k, array in enumerate(arrays):
        place: Any = (k, *(slice(n) for n in array.shape))
        out[place] = array
    return out
