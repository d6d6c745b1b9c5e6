"""What `fit`, `evaluate` and `predict` are given, as batches the training Program can take.

Two kinds: `ArrayData` stays where it is and is indexed inside the Program; `StreamData` (generators, `PyDataset`,
any iterable of batches) hands over one batch at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import config
from ..errors import ArgumentError, DataError, DTypeError
from ..ir.tree import flatten, map_structure


@dataclass(frozen=True)
class ArrayData:
    """Inputs, targets and sample weights: trees of arrays with one row a sample; None where absent."""

    x: Any
    y: Any = None
    weight: Any = None

    @property
    def rows(self) -> int:
        return len(flatten(self.x)[0])

    @property
    def parts(self) -> tuple[Any, Any, Any]:
        return self.x, self.y, self.weight

    def take(self, rows: Any) -> ArrayData:
        """The rows of a slice or an index array."""
        pick = lambda a: None if a is None else a[rows]  # noqa: E731
        return ArrayData(*(map_structure(pick, part) for part in self.parts))

    def split(self, fraction: float) -> tuple[ArrayData, ArrayData]:
        """The first rows for training, the last `fraction` of them for validation, as Keras does."""
        if not 0 < fraction < 1:
            raise ArgumentError(f"fit: expected validation_split between 0 and 1; got {fraction}.")
        at = int(np.floor(self.rows * (1.0 - fraction)))
        if at == 0 or at == self.rows:
            raise ArgumentError(
                f"fit: validation_split={fraction} of {self.rows} rows leaves {at} for training and "
                f"{self.rows - at} for validation. Give more rows or another fraction."
            )
        return self.take(slice(0, at)), self.take(slice(at, None))


def array_data(x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> ArrayData:
    """Check and convert arrays, lists, data frames: floats become `floatx`, all have one number of rows."""
    data = ArrayData(_arrays(x, "x"), _arrays(y, "y"), _arrays(sample_weight, "sample_weight"))
    for name, part in zip(("x", "y", "sample_weight"), data.parts, strict=True):
        for array in flatten(part):
            if array is not None and len(array) != data.rows:
                raise DataError(
                    f"expected as many rows in {name} as in x, {data.rows}; got {len(array)} (shape {array.shape})."
                )
    if data.rows == 0:
        raise DataError("expected at least one row; x is empty.")
    return with_class_weight(data, class_weight)


def with_class_weight(data: ArrayData, class_weight: Mapping[int, float] | None) -> ArrayData:
    """Sample weights multiplied by the weight of each sample's class."""
    if class_weight is None:
        return data
    targets = [a for a in flatten(data.y) if a is not None]
    if len(targets) != 1:
        raise ArgumentError("fit: class_weight needs a model with one target.")
    y = targets[0]
    classes = y.argmax(-1) if y.ndim > 1 and y.shape[-1] > 1 else np.round(y.reshape(len(y))).astype(np.int64)
    by_class = {int(k): float(v) for k, v in class_weight.items()}
    weights = np.array([by_class.get(int(c), 1.0) for c in classes], config.floatx())
    return replace(data, weight=weights if data.weight is None else data.weight * weights)


def _arrays(tree: Any, name: str) -> Any:
    if tree is None:
        return None
    if isinstance(tree, Mapping):
        return {str(key): _arrays(value, f"{name}[{key!r}]") for key, value in tree.items()}
    if isinstance(tree, (list, tuple)) and tree and not _is_number_list(tree):
        return type(tree)(_arrays(item, f"{name}[{i}]") for i, item in enumerate(tree))
    return as_array(tree, name)


def _is_number_list(value: Any) -> bool:
    """Whether a list holds numbers (one array) rather than several arrays."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return not hasattr(value, "__array__") or np.ndim(value) == 0


def as_array(value: Any, name: str) -> np.ndarray:
    """A NumPy array of numbers with at least one axis, floats in `floatx`."""
    array = np.asarray(value.to_numpy() if hasattr(value, "to_numpy") else value)
    if array.dtype.kind == "O":
        array = _from_objects(array, name)
    if array.dtype.kind in "SUmMc":
        raise DTypeError(
            f"{name}: expected numbers; got dtype {array.dtype}, for example {array.ravel()[0]!r}. Turn text into "
            "numbers first (a category into one-hot columns; pandas.get_dummies does it), or use `chainrule fit`."
        )
    if array.ndim == 0:
        raise DataError(f"{name}: expected an array with one row a sample; got the single value {array}.")
    return array.astype(config.floatx()) if array.dtype.kind == "f" else array


def _from_objects(array: np.ndarray, name: str) -> np.ndarray:
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        bad = next(v for v in array.ravel() if isinstance(v, str) or not np.isscalar(v))
        raise DTypeError(
            f"{name}: expected numbers; got a column of objects, for example {bad!r}. Turn text into numbers first, or "
            "use `chainrule fit`, which does it."
        ) from None


class StreamData:
    """Batches that come one at a time: `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Args: source: a generator or iterator (consumed across epochs), or a re-iterable / `PyDataset` (one pass an epoch).
    """

    def __init__(self, source: Any, class_weight: Any = None) -> None:
        self.source, self.class_weight = source, class_weight
        self.endless = isinstance(source, Iterator)
        self._pending: list[ArrayData] = []

    def __len__(self) -> int:
        try:
            return len(self.source)
        except TypeError:
            return 0

    def batches(self, steps: int | None) -> Iterator[ArrayData]:
        """The batches of one epoch, at most `steps` of them."""
        taken = 0
        while self._pending and (steps is None or taken < steps):
            taken += 1
            yield self._pending.pop(0)
        while steps is None or taken < steps:
            item = next(self._iterator(taken), None)
            if item is None:
                break
            taken += 1
            yield self._batch(item)
        self._current: Iterator[Any] | None = None
        if hasattr(self.source, "on_epoch_end"):
            self.source.on_epoch_end()

    def _iterator(self, taken: int) -> Iterator[Any]:
        if self.endless:
            return self.source
        if getattr(self, "_current", None) is None:
            self._current = self._items()
        return self._current

    def _items(self) -> Iterator[Any]:
        if hasattr(self.source, "__getitem__") and hasattr(self.source, "__len__"):
            return (self.source[i] for i in range(len(self.source)))
        return iter(self.source)

    def peek(self) -> ArrayData:
        """The first batch, which is not lost."""
        if not self._pending:
            item = next(self._iterator(0), None)
            if item is None:
                raise DataError("expected at least one batch; the data has none.")
            self._pending.append(self._batch(item))
        return self._pending[0]

    def _batch(self, item: Any) -> ArrayData:
        parts = tuple(item) if isinstance(item, (tuple, list)) and not hasattr(item, "dtype") else (item,)
        if not 1 <= len(parts) <= 3:
            raise DataError(f"expected batches (x,), (x, y) or (x, y, sample_weight); got {len(parts)} parts.")
        return array_data(*parts, class_weight=self.class_weight)


def make_data(x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None) -> ArrayData | StreamData:
    """Arrays as `ArrayData`, anything that yields batches as `StreamData`."""
    holds_numbers = isinstance(x, (list, tuple, Mapping)) or hasattr(x, "__array__")
    is_stream = hasattr(x, "on_epoch_end") or (isinstance(x, Iterable) and not holds_numbers)
    if not is_stream:
        return array_data(x, y, sample_weight, class_weight)
    if y is not None or sample_weight is not None:
        raise ArgumentError("y and sample_weight come with the batches of x when x is a generator or dataset.")
    return StreamData(x, class_weight)


def unpack_validation(data: Any) -> tuple[Any, Any, Any]:
    """`validation_data` as (x, y, sample_weight)."""
    if isinstance(data, (tuple, list)) and 2 <= len(data) <= 3:
        return data[0], data[1], data[2] if len(data) == 3 else None
    return data, None, None
