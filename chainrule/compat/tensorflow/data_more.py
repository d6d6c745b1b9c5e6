"""`tf.data`: data sets from tables in files, and several data sets mixed."""

from __future__ import annotations

import csv
import glob
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ArgumentError, DataError
from ...layers.preprocessing.strings import text_array
from ...variables import SeedGenerator
from .data import UNKNOWN, Dataset
from .data_batches import numbers_of
from .io_text import decode_csv
from .packed import kind_of, unpacked


def sample_from_datasets(
    datasets: Sequence[Dataset], weights: Any = None, seed: Any = None, stop_on_empty_dataset: bool = False,
    rerandomize_each_iteration: Any = None,
) -> Dataset:  # fmt: skip
    """Elements of several data sets, each time from one that is drawn by its weight."""
    share = np.full(len(datasets), 1 / len(datasets)) if weights is None else np.asarray(weights, np.float64)
    keys = SeedGenerator(None if seed is None else int(seed), name="sample_from_datasets")

    def elements() -> Iterator[Any]:
        random, sources, left = numbers_of(keys), [d._elements() for d in datasets], np.array(share)
        while left.sum() > 0:
            k = int(random.choice(len(sources), p=left / left.sum()))
            element = next(sources[k], _END)
            if element is not _END:
                yield element
            elif stop_on_empty_dataset:
                return
            else:
                left[k] = 0

    return Dataset(elements, UNKNOWN)


_END = object()


def choose_from_datasets(
    datasets: Sequence[Dataset], choice_dataset: Dataset, stop_on_empty_dataset: bool = True
) -> Dataset:
    """Elements of several data sets, each time from the one whose number `choice_dataset` gives."""

    def elements() -> Iterator[Any]:
        sources = [d._elements() for d in datasets]
        for choice in choice_dataset._elements():
            element = next(sources[int(choice)], _END)
            if element is not _END:
                yield element
            elif stop_on_empty_dataset:
                return

    return Dataset(elements, UNKNOWN)


def assert_cardinality(expected_cardinality: int) -> Callable[[Dataset], Dataset]:
    """For `apply`: the number of elements is known to be this one."""
    return lambda data: Dataset(data._elements, int(expected_cardinality), spec=data._spec)


def _names(file_pattern: Any) -> list[str]:
    patterns = [file_pattern] if isinstance(file_pattern, (str, Path)) else list(file_pattern)
    found = sorted(name for one in patterns for name in glob.glob(str(one)))
    if not found:
        raise DataError(f"no file matches {file_pattern!r}.")
    return found


class CsvDataset(Dataset):
    """The rows of tables in files, a tuple each.

    Args: filenames; record_defaults: the dtype of each column, or a list with what empty cells hold; compression_type:
        None, 'GZIP' or 'ZLIB'; header: whether the first line is left out (default False); field_delim, na_value,
        select_cols.
    """

    def __init__(
        self, filenames: Any, record_defaults: Any, compression_type: Any = None, buffer_size: Any = None,
        header: bool = False, field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "",
        select_cols: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        kind = kind_of("CsvDataset", compression_type)

        def elements() -> Iterator[Any]:
            for name in _names(filenames):
                lines = unpacked(name, kind).decode("utf-8").splitlines()[1 if header else 0 :]
                for line in lines:
                    cells = decode_csv(line, record_defaults, field_delim, True, na_value, select_cols)
                    yield tuple(np.asarray(cell).reshape(()) for cell in cells)

        super().__init__(elements)


def make_csv_dataset(
    file_pattern: Any, batch_size: int, column_names: Any = None, column_defaults: Any = None, label_name: Any = None,
    select_columns: Any = None, field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "",
    header: bool = True, num_epochs: int | None = None, shuffle: bool = True, shuffle_buffer_size: int = 10000,
    shuffle_seed: Any = None, **kwargs: Any,
) -> Dataset:  # fmt: skip
    """Batches of tables in files: dicts of columns, with the column `label_name` apart if one is given.

    Args: file_pattern; batch_size; column_names: default: the first line; column_defaults: what empty cells hold, one a
        column; num_epochs: None (default): without end; shuffle: default True.
    """
    columns = _columns(_names(file_pattern), column_names, field_delim, header, na_value, column_defaults)
    if select_columns is not None:
        columns = {name: columns[name] for name in select_columns}
    if label_name is not None and label_name not in columns:
        raise DataError(f"make_csv_dataset: expected label_name among {', '.join(columns)}; got {label_name!r}.")
    label = columns.pop(label_name) if label_name is not None else None
    data = Dataset.from_tensor_slices(columns if label is None else (columns, label))
    data = data.shuffle(shuffle_buffer_size, shuffle_seed) if shuffle else data
    return data.repeat(num_epochs).batch(batch_size, drop_remainder=num_epochs is None)


def _columns(
    files: list[str], names: Any, delimiter: str, header: bool, na_value: str, defaults: Any
) -> dict[str, Any]:
    rows: list[list[str]] = []
    for file in files:
        with open(file, newline="", encoding="utf-8") as handle:
            table = list(csv.reader(handle, delimiter=delimiter))
        names = names or (table[0] if header else None)
        rows += [row for row in table[1 if header else 0 :] if row]
    if names is None:
        raise ArgumentError("make_csv_dataset: expected column_names, as header is False.")
    columns = zip(*rows, strict=True)
    return {name: _typed(cells, na_value) for name, cells in zip(names, columns, strict=True)}


def _typed(cells: Any, na_value: str) -> np.ndarray:
    """A column as int32 if all cells are whole numbers, float32 if they are numbers, else text."""
    for kind, nothing in (("int32", "0"), ("float32", "0")):
        try:
            return np.array([nothing if cell == na_value else cell for cell in cells]).astype(kind)
        except ValueError:
            continue
    return text_array(list(cells))


def get_single_element(dataset: Dataset) -> Any:
    """The one element of a data set. Raises: DataError: it has none, or more."""
    return dataset.get_single_element()


__all__ = [
    "CsvDataset", "assert_cardinality", "choose_from_datasets", "get_single_element", "make_csv_dataset",
    "sample_from_datasets",
]  # fmt: skip
