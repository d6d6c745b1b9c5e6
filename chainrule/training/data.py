"""What `fit`, `evaluate` and `predict` are given, as batches the training Program can take.

Two kinds: `ArrayData` stays where it is and is indexed inside the Program; `StreamData` (generators, `PyDataset`,
any iterable of batches) hands over one batch at a time.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .. import config
from ..errors import ArgumentError, DataError, DTypeError
from ..ir import kind_of
from ..ir.tree import flatten, map_structure, remade
from ..utils import unpack_x_y_sample_weight


@dataclass(frozen=True)
class ArrayData:
    """Inputs, targets and sample weights: trees of arrays with one row a sample; None where absent."""

    x: Any
    y: Any = None
    weight: Any = None
    parts: tuple[Any, Any, Any] = field(init=False, repr=False, compare=False)  # the three
    arrays: list[np.ndarray] = field(init=False, repr=False, compare=False)  # all that there are in them
    is_whole = False  # whether x is all that a data set yields for a batch, targets and weights included

    def __post_init__(self) -> None:
        parts = (self.x, self.y, self.weight)
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "arrays", [a for a in flatten(parts) if a is not None])

    @property
    def rows(self) -> int:
        """The number of samples."""
        return len(self.arrays[0])

    def named(self) -> list[tuple[str, np.ndarray]]:
        """Every array with a name for messages."""
        names = ("x", "y", "sample_weight")
        return [
            (name if len(flatten(part)) == 1 else f"{name}[{i}]", array)
            for name, part in zip(names, self.parts, strict=True)
            for i, array in enumerate(flatten(part))
            if array is not None
        ]

    def apart(self) -> ArrayData:
        """The same with inputs, targets and weights apart from one another."""
        return self

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


@dataclass(frozen=True)
class BatchedData(ArrayData):
    """The rows of a data set that lies in memory: in batches of `batch`, in the orders that `order` gives."""

    batch: int = 32
    order: Any = False  # a SeedGenerator, or False for the order in which they lie


class Element(ArrayData):
    """A batch as a data set yields it, for a step of the user's: x is all of it, in any structure and of any sizes."""

    is_whole = True

    @property
    def rows(self) -> int:
        """The number of samples in the first array."""
        return len(self.arrays[0]) if self.arrays[0].ndim else 1

    def apart(self) -> ArrayData:
        """The same with inputs, targets and weights apart from one another."""
        return ArrayData(*unpack_x_y_sample_weight(self.x)) if isinstance(self.x, (tuple, list)) else ArrayData(self.x)


def element_data(item: Any) -> Element:
    """Convert the arrays of a batch: floats become `floatx`."""

    def converted(value: Any) -> Any:
        array = None if value is None else np.asarray(value)
        return array if array is None or array.ndim else array.astype(_kept(array.dtype))

    return Element(map_structure(lambda v: as_array(v, "batch") if np.ndim(v) else converted(v), item))


def _kept(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(config.floatx()) if kind_of(dtype) == "f" else dtype.newbyteorder("=")


def batch_data(x: Any, y: Any, sample_weight: Any, class_weight: Any) -> ArrayData:
    """A batch of a data set. Its inputs may be several of which not all have one row a sample, as those of graphs."""
    inputs, targets = ([a for a in flatten(part) if a is not None] for part in (x, y))
    if len(inputs) < 2 or len({np.shape(a)[:1] for a in (*inputs, *targets)}) == 1:
        return array_data(x, y, sample_weight, class_weight)
    data = ArrayData(_arrays(x, "x"), _arrays(y, "y"), _arrays(sample_weight, "sample_weight"))
    return element_data(with_class_weight(data, class_weight).parts)


def array_data(x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> ArrayData:
    """Check and convert arrays, lists, data frames: floats become `floatx`, all have one number of rows."""
    data = ArrayData(_arrays(x, "x"), _arrays(y, "y"), _arrays(sample_weight, "sample_weight"))
    if all(a is None for a in flatten(data.x)):
        raise DataError("expected inputs x; got none.")
    for name, array in data.named() if any(len(a) != data.rows for a in data.arrays) else ():
        if len(array) != data.rows:
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
    if len(targets) != 1 or len(flatten(data.weight)) != 1:
        raise ArgumentError(f"fit: class_weight needs a model with one target; got {len(targets)} targets.")
    try:
        by_class = {int(k): float(v) for k, v in class_weight.items()}
    except (AttributeError, TypeError, ValueError):
        raise ArgumentError(f"fit: expected class_weight as {{class number: weight}}; got {class_weight!r}.") from None
    weights = np.array([by_class.get(int(c), 1.0) for c in class_numbers(targets[0])], config.floatx())
    given = flatten(data.weight)[0]
    return replace(data, weight=weights if given is None else given.reshape(len(given), -1)[:, 0] * weights)


def class_numbers(y: np.ndarray) -> np.ndarray:
    """The class of each row: from one-hot rows, or from a column of numbers."""
    return y.argmax(-1) if y.ndim > 1 and y.shape[-1] > 1 else np.round(y.reshape(len(y))).astype(np.int64)


def warn_missing_classes(train: ArrayData, validation: ArrayData) -> None:
    """validation_split takes the last rows: say so when a class is missing in one part."""
    parts = [flatten(data.y) for data in (train, validation)]
    if any(len(part) != 1 or part[0] is None or not _holds_classes(part[0]) for part in parts):
        return
    classes, held = (set(class_numbers(part[0]).tolist()) for part in parts)
    if len(classes | held) <= 20 and classes != held:
        warnings.warn(
            f"validation_split takes the last rows: classes {sorted(held)} there, {sorted(classes)} in the rest. "
            "Shuffle the rows before, or pass validation_data.", stacklevel=4,
        )  # fmt: skip


def _holds_classes(y: np.ndarray) -> bool:
    """Whether targets are whole numbers, one a row, or one-hot rows."""
    if y[0].size == 1:
        return y.dtype.kind != "f" or not (y % 1).any()
    return y.ndim == 2 and bool(np.isin(y, (0, 1)).all() and (y.sum(-1) == 1).all())


def _arrays(tree: Any, name: str) -> Any:
    if tree is None:
        return None
    if isinstance(tree, Mapping):
        return {str(key): _arrays(value, f"{name}[{key!r}]") for key, value in tree.items()}
    if isinstance(tree, (list, tuple)) and tree and not _is_number_list(tree):
        return remade(tree, [_arrays(item, f"{name}[{i}]") for i, item in enumerate(tree)])
    return as_array(tree, name)


def _is_number_list(value: Any) -> bool:
    """Whether a list holds numbers (one array) rather than several arrays."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return value is not None and (not hasattr(value, "__array__") or np.ndim(value) == 0)


def as_array(value: Any, name: str) -> np.ndarray:
    """A NumPy array of numbers with at least one axis, floats in `floatx`; the very array, if it is one like that."""
    if hasattr(value, "toarray"):  # a sparse matrix
        value = value.toarray()
    try:
        array = np.asarray(value.to_numpy() if hasattr(value, "to_numpy") else value)
    except ValueError:
        raise DataError(f"{name}: expected rows of equal length; got lists of different lengths.") from None
    if array.dtype.kind == "O":
        array = _from_objects(array, name)
    if array.dtype.kind in "SUmMc":
        example = f", for example {array.ravel()[0]!r}" if array.size else ""
        raise DTypeError(
            f"{name}: expected numbers; got dtype {array.dtype}{example}. Turn text into numbers first (a category "
            "into one-hot columns; pandas.get_dummies does it), or use `chainrule fit`."
        )
    if array.ndim == 0:
        raise DataError(f"{name}: expected an array with one row a sample; got the single value {array}.")
    return array.astype(_kept(array.dtype), order="C", copy=False)  # read where it lies if it can be


def _from_objects(array: np.ndarray, name: str) -> np.ndarray:
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        bad = next((v for v in array.ravel() if isinstance(v, str) or not np.isscalar(v)), None)
        raise DTypeError(
            f"{name}: expected numbers; got a column of objects, for example {bad!r}. Turn text into numbers first, or "
            "use `chainrule fit`, which does it."
        ) from None


def is_stream(x: Any) -> bool:
    """Whether x yields batches, rather than being the data itself."""
    holds_numbers = isinstance(x, (list, tuple, Mapping)) or hasattr(x, "__array__") or hasattr(x, "toarray")
    return hasattr(x, "on_epoch_end") or (isinstance(x, Iterable) and not holds_numbers)


def refuse_parts_beside_stream(y: Any, sample_weight: Any) -> None:
    """A generator yields the targets and weights too."""
    if y is not None or sample_weight is not None:
        raise ArgumentError("y and sample_weight come with the batches of x when x is a generator or dataset.")


def unpack_validation(data: Any) -> tuple[Any, Any, Any]:
    """`validation_data` as (x, y, sample_weight)."""
    if isinstance(data, tuple) and len(data) == 1:
        return data[0], None, None
    if isinstance(data, (tuple, list)) and 2 <= len(data) <= 3:
        return data[0], data[1], data[2] if len(data) == 3 else None
    if isinstance(data, (tuple, list)):
        raise ArgumentError(f"fit: expected validation_data as (x, y) or (x, y, sample_weight); got {len(data)} parts.")
    return data, None, None
