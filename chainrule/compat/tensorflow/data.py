"""`tf.data.Dataset`: elements one after another, made anew for each pass.

An element is a tensor, or a tuple or dict of them. Inside here they are NumPy arrays; functions of the user's, and
loops over a data set, are given tensors. Rows that lie in memory are known as such (`Rows`): they are shuffled and
batched by their numbers, and `fit` compiles whole epochs over them.
"""

from __future__ import annotations

import builtins
import glob
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...errors import ArgumentError, DataError, TracedValueError
from ...ir import Tensor, is_tracing
from ...ir.tree import flatten, map_structure, structure, unflatten
from ...variables import SeedGenerator
from .data_batches import Batches, Rows, as_arrays, as_tensors, called, numbers_of, padded, stacked
from .data_further import Further, load_elements
from .data_spec import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, TensorSpec, fitted, spec_of
from .packed import kind_of, unpacked

INFINITE, UNKNOWN = INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
Elements = Callable[[], Iterator[Any]]


class Dataset(Further):
    """A data set; make one with `Dataset.from_tensor_slices`, `from_tensors`, `from_generator`, `range` or `zip`.

    Args: elements: a function that begins a pass over the elements; count: how many there are, INFINITE or UNKNOWN;
        rows: where they lie, if they are rows in memory; batches: likewise, if they are batches of such rows; spec:
        what an element is, if that is known.

    Example:
    >>> data = Dataset.range(5).map(lambda x: x * x).batch(2)
    >>> [batch.tolist() for batch in data]
    [[0, 1], [4, 9], [16]]
    """

    def __init__(
        self, elements: Elements, count: int = UNKNOWN, rows: Rows | None = None, batches: Batches | None = None,
        spec: Any = None,
    ) -> None:  # fmt: skip
        self._elements, self._count, self._rows, self._batches, self._spec = elements, count, rows, batches, spec
        self._mapped: tuple[Dataset, Any] = (self, None)  # what `map` was given: ignore_errors goes on after a failure

    @staticmethod
    def _of(rows: Rows) -> Dataset:
        return Dataset(rows.elements, rows.count, rows)

    def _made(self, elements: Elements, count: int = UNKNOWN) -> Dataset:
        return Dataset(elements, count)

    # where elements come from

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """The rows of arrays: a list, an array, a data frame, or a tuple or dict of them.

        Raises: DataError: they differ in their numbers of rows.
        """
        arrays = as_arrays(tensors)
        counts = {len(a) if np.ndim(a) else -1 for a in flatten(arrays)}
        if len(counts) != 1 or -1 in counts:
            raise DataError(f"from_tensor_slices: expected arrays of one number of rows; got {sorted(counts)}.")
        return Dataset._of(Rows(arrays))

    @staticmethod
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """One element."""
        arrays = as_arrays(tensors)
        return Dataset(lambda: iter([arrays]), 1)

    @staticmethod
    def from_generator(
        generator: Callable[..., Any], output_types: Any = None, output_shapes: Any = None, args: Any = (),
        output_signature: Any = None, name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """What a Python generator yields.

        Args: generator: a function that makes an iterable; output_signature: a `TensorSpec` for each part, or the
            older output_types and output_shapes; args: what the function is called with.
        """
        if output_signature is None and output_types is not None:
            output_signature = map_structure(lambda dtype: TensorSpec(None, dtype), output_types)

        def elements() -> Iterator[Any]:
            for item in generator(*args):
                yield fitted(item, output_signature)

        return Dataset(elements, spec=output_signature)

    @staticmethod
    def range(*args: int, output_type: Any = "int64", name: str | None = None) -> Dataset:
        """The numbers of Python's `range`, int64 unless `output_type` says otherwise."""
        dtype = getattr(output_type, "as_numpy_dtype", output_type)
        return Dataset._of(Rows(np.arange(*[int(a) for a in args], dtype=dtype)))

    @staticmethod
    def zip(*datasets: Any, name: str | None = None) -> Dataset:
        """Data sets side by side, as long as the shortest; a tuple or dict of them gives elements like it."""
        tree = datasets[0] if len(datasets) == 1 and isinstance(datasets[0], (tuple, dict, list)) else datasets
        parts = flatten(tree)
        known = [part._rows for part in parts]
        if all(r is not None and r.is_plain for r in known) and len({r.count for r in known if r}) == 1:
            return Dataset._of(Rows(unflatten(tree, [r.arrays for r in known if r])))
        finite = [part._count for part in parts if part._count != INFINITE]
        count = INFINITE if not finite else UNKNOWN if UNKNOWN in finite else min(finite)

        def together() -> Iterator[Any]:
            for row in builtins.zip(*(part._elements() for part in parts), strict=False):
                yield unflatten(tree, list(row))

        return Dataset(together, count)

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool | None = None, seed: Any = None, name: Any = None) -> Dataset:
        """The names of the files that match a pattern (or several), shuffled unless `shuffle` is False."""
        patterns = [file_pattern] if isinstance(file_pattern, str) else list(file_pattern)
        found = sorted(file for pattern in patterns for file in glob.glob(str(pattern)))
        if not found:
            raise DataError(f"list_files: no file matches {file_pattern!r}.")
        files = Dataset.from_tensor_slices(np.array(found))
        return files if shuffle is False else files.shuffle(len(found), seed)

    @staticmethod
    def load(path: Any, element_spec: Any = None, compression: Any = None, reader_func: Any = None) -> Dataset:
        """The elements of a folder that `save` wrote."""
        return Dataset(*load_elements(path))

    @staticmethod
    def sample_from_datasets(datasets: Any, weights: Any = None, seed: Any = None, stop_on_empty_dataset: bool = False,
                             rerandomize_each_iteration: Any = None) -> Dataset:  # fmt: skip
        """Elements of several data sets, each time from one that is drawn by its weight."""
        from .data_more import sample_from_datasets

        return sample_from_datasets(datasets, weights, seed, stop_on_empty_dataset)

    @staticmethod
    def choose_from_datasets(datasets: Any, choice_dataset: Dataset, stop_on_empty_dataset: bool = True) -> Dataset:
        """Elements of several data sets, each time from the one whose number `choice_dataset` gives."""
        from .data_more import choose_from_datasets

        return choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset)

    # one by one

    def map(
        self, map_func: Callable[..., Any], num_parallel_calls: Any = None, deterministic: Any = None,
        name: str | None = None, **kwargs: Any,
    ) -> Dataset:  # fmt: skip
        """`map_func` of each element; the parts of a tuple are its arguments. The calls come one after the other."""
        made = Dataset(lambda: (as_arrays(called(map_func, e)) for e in self._elements()), self._count)
        made._mapped = (self, map_func)
        return made

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which `predicate` is true."""
        return Dataset(lambda: (e for e in self._elements() if bool(called(predicate, e))), _unknown(self._count))

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the data sets that `map_func` makes of each element."""
        return Dataset(lambda: (inner for e in self._elements() for inner in called(map_func, e)._elements()))

    def interleave(
        self, map_func: Callable[..., Any], cycle_length: int | None = None, block_length: int = 1, **kwargs: Any
    ) -> Dataset:
        """As `flat_map`, from `cycle_length` data sets in turn, `block_length` elements at a time."""
        width = len(self) if cycle_length in (None, AUTOTUNE) and self._count >= 0 else cycle_length or 1

        def elements() -> Iterator[Any]:
            outer = self._elements()
            open_sets = [called(map_func, e)._elements() for e in itertools.islice(outer, width)]
            while open_sets:
                for k, inner in enumerate(list(open_sets)):
                    block = list(itertools.islice(inner, block_length))
                    yield from block
                    if len(block) < block_length:
                        following = next(outer, None)
                        open_sets[k] = iter(()) if following is None else called(map_func, following)._elements()
                        if following is None:
                            open_sets[k] = None  # type: ignore[call-overload]
                open_sets = [inner for inner in open_sets if inner is not None]

        return Dataset(elements)

    def enumerate(self, start: int = 0, name: str | None = None) -> Dataset:
        """Pairs (number, element)."""
        return Dataset(
            lambda: ((np.int64(k), e) for k, e in builtins.enumerate(self._elements(), int(start))), self._count
        )

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """`state = reduce_func(state, element)` for all elements, from `initial_state`."""
        state = as_tensors(as_arrays(initial_state))
        for element in self:
            state = reduce_func(state, element)
        return as_tensors(as_arrays(state))

    # how many

    def take(self, count: int, name: str | None = None) -> Dataset:
        """The first `count` elements; all for -1."""
        if self._rows is not None and self._rows.keys is None:
            return Dataset._of(self._rows.cut(slice(0, count if count >= 0 else None)))
        most = count if count >= 0 else None
        known = self._count if most is None else min(self._count, most) if self._count >= 0 else most
        return Dataset(lambda: itertools.islice(self._elements(), most), known if self._count != UNKNOWN else UNKNOWN)

    def skip(self, count: int, name: str | None = None) -> Dataset:
        """All but the first `count` elements."""
        if self._rows is not None and self._rows.keys is None:
            return Dataset._of(self._rows.cut(slice(count, None)))
        known = max(0, self._count - count) if self._count >= 0 else self._count
        return Dataset(lambda: itertools.islice(self._elements(), count, None), known)

    def shard(self, num_shards: int, index: int, name: str | None = None) -> Dataset:
        """Every `num_shards`-th element, from `index`."""
        known = len(builtins.range(index, self._count, num_shards)) if self._count >= 0 else self._count
        return Dataset(lambda: itertools.islice(self._elements(), index, None, num_shards), known)

    def repeat(self, count: int | None = None, name: str | None = None) -> Dataset:
        """All elements `count` times, without end unless given."""
        if count is None or count < 0:
            return Dataset(lambda: (e for _ in itertools.count() for e in self._elements()), INFINITE, spec=self._spec)
        known = self._count * count if self._count >= 0 else self._count
        return Dataset(lambda: (e for _ in builtins.range(count) for e in self._elements()), known, spec=self._spec)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements of this one, then those of another."""
        counts = (self._count, dataset._count)
        known = INFINITE if INFINITE in counts else UNKNOWN if UNKNOWN in counts else sum(counts)
        return Dataset(lambda: itertools.chain(self._elements(), dataset._elements()), known)

    # in which order, and how they are kept

    def shuffle(
        self, buffer_size: int, seed: Any = None, reshuffle_each_iteration: bool | None = None, name: str | None = None
    ) -> Dataset:
        """Another order for each pass, or the same one for all if `reshuffle_each_iteration` is False.

        Rows in memory are shuffled as a whole. Other elements are drawn from a buffer of `buffer_size`.
        """
        if buffer_size == 1:
            return self
        keys = SeedGenerator(None if seed is None else int(seed), name="dataset_shuffle")
        again = reshuffle_each_iteration is not False
        if self._rows is not None and self._rows.keys is None:
            return Dataset._of(self._rows.shuffled(keys, again))
        start = None if again else numbers_of(keys).bit_generator.state

        def elements() -> Iterator[Any]:
            random = numbers_of(keys)
            if start is not None:
                random.bit_generator.state = start
            source = self._elements()
            buffer = list(itertools.islice(source, max(1, buffer_size if buffer_size > 0 else 2**31)))
            for element in source:
                k = int(random.integers(len(buffer)))
                yield buffer[k]
                buffer[k] = element
            random.shuffle(buffer)  # type: ignore[arg-type]
            yield from buffer

        return Dataset(elements, self._count)

    def cache(self, filename: str = "", name: str | None = None) -> Dataset:
        """Keep the elements of the first whole pass in memory, whatever `filename` says."""
        kept: list[Any] = []
        is_whole: list[bool] = []

        def elements() -> Iterator[Any]:
            if is_whole:
                yield from kept
                return
            seen = []
            for element in self._elements():
                seen.append(element)
                yield element
            kept[:], is_whole[:] = seen, [True]

        fixed = self._rows is not None and self._rows.keys is None
        still = self._batches is not None and self._batches.rows.keys is None
        return self if fixed or still else Dataset(elements, self._count, spec=self._spec)

    def prefetch(self, buffer_size: Any = None, name: str | None = None) -> Dataset:
        """The same elements: nothing is fetched ahead."""
        return self

    def with_options(self, options: Any, name: str | None = None) -> Dataset:
        """The same elements: options are without effect."""
        return self

    def apply(self, transformation_func: Callable[[Dataset], Any]) -> Any:
        """`transformation_func` of this data set."""
        return transformation_func(self)

    # together

    def batch(
        self, batch_size: int, drop_remainder: bool = False, num_parallel_calls: Any = None, deterministic: Any = None,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Elements together, `batch_size` at a time, along a new first axis; the last batch may be smaller."""
        size = int(batch_size)
        if size < 1:
            raise ArgumentError(f"batch: expected a positive batch_size; got {batch_size}.")
        known = _batches(self._count, size, drop_remainder)
        if self._rows is not None:
            batches = Batches(self._rows, size, bool(drop_remainder))
            return Dataset(batches.elements, known, batches=batches)

        def elements() -> Iterator[Any]:
            source = self._elements()
            while group := list(itertools.islice(source, size)):
                if len(group) == size or not drop_remainder:
                    yield stacked(group)

        first = size if drop_remainder else None
        return Dataset(elements, known, spec=lambda: spec_of(stacked([self._first()]), first))

    def padded_batch(
        self, batch_size: int, padded_shapes: Any = None, padding_values: Any = None, drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """As `batch`, elements of different sizes made alike.

        Args: padded_shapes: a shape for each part, None or -1 where the largest of the batch counts (default: all);
            padding_values: what is filled in (default 0, '' for text).
        """

        def elements() -> Iterator[Any]:
            source = self._elements()
            while group := list(itertools.islice(source, batch_size)):
                if len(group) == batch_size or not drop_remainder:
                    yield padded(group, padded_shapes, padding_values)

        return Dataset(elements, _batches(self._count, batch_size, drop_remainder))

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of each element."""
        if self._batches is not None and not self._batches.drops:
            return Dataset(self._batches.rows.elements, UNKNOWN, self._batches.rows)

        def elements() -> Iterator[Any]:
            for element in self._elements():
                for k in builtins.range(len(flatten(element)[0])):
                    yield map_structure(lambda a, k=k: a[k], element)

        return Dataset(elements)

    def window(
        self, size: int, shift: int | None = None, stride: int = 1, drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Data sets of `size` elements, the next one `shift` elements further on (default `size`)."""
        step = size if shift is None else shift

        def elements() -> Iterator[Any]:
            whole = list(self._elements())
            for start in builtins.range(0, len(whole), step):
                group = whole[start : start + (size - 1) * stride + 1 : stride]
                if len(group) == size or not drop_remainder:
                    columns = builtins.zip(*(flatten(e) for e in group), strict=True)
                    yield unflatten(group[0], [_listed(list(column)) for column in columns])

        return Dataset(elements)

    # what comes out

    def __iter__(self) -> Iterator[Any]:
        if is_tracing():
            raise TracedValueError(
                "a loop over a data set cannot be recorded: its elements would all become part of the Program. Loop "
                "outside of tf.function, and call it for each batch."
            )
        return (as_tensors(element) for element in self._elements())

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements as NumPy arrays."""
        as_scalar = lambda a: a[()] if isinstance(a, np.ndarray) and not a.ndim else a  # noqa: E731
        return (map_structure(as_scalar, element) for element in self._elements())

    def _first(self) -> Any:
        element = next(self._elements(), None)
        if element is None:
            raise DataError("the data set has no elements.")
        return element

    @property
    def element_spec(self) -> Any:
        """A `TensorSpec` for each part of an element; sizes as in the first one, None along the axis of batches."""
        if callable(self._spec):
            self._spec = self._spec()
        if self._spec is None:
            drops = self._batches is not None and self._batches.drops
            self._spec = spec_of(self._first(), ... if self._batches is None or drops else None)
        return self._spec

    def cardinality(self, name: str | None = None) -> Tensor:
        """The number of elements, an int64; INFINITE_CARDINALITY (-1) or UNKNOWN_CARDINALITY (-2)."""
        return Tensor(np.int64(self._count))

    def __len__(self) -> int:
        if self._count < 0:
            raise TypeError(f"the length of the data set is {'infinite' if self._count == INFINITE else 'unknown'}.")
        return self._count

    def __bool__(self) -> bool:
        return True

    @property
    def is_infinite(self) -> bool:
        """Whether a pass has no end."""
        return self._count == INFINITE

    def in_memory(self) -> tuple[Any, int, SeedGenerator | None] | None:
        """Arrays, batch size and the source of their order, if a pass is all rows of arrays in batches; else None."""
        return None if self._batches is None else self._batches.in_memory()

    def __repr__(self) -> str:
        return f"<Dataset of {self._count if self._count >= 0 else 'unknown many'} elements {structure(self._spec)}>"


class TextLineDataset(Dataset):
    """The lines of text files, without their ends.

    Args: filenames: a name or several; compression_type: None, 'GZIP' or 'ZLIB'; buffer_size, num_parallel_reads:
        without effect.
    """

    def __init__(
        self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        kind = kind_of("TextLineDataset", compression_type)
        given = as_arrays(filenames)
        names = [str(file) for file in np.atleast_1d(np.asarray(list(given._elements()) if isinstance(given, Dataset)
                                                                else given))]  # fmt: skip

        def lines() -> Iterator[Any]:
            for file in names:
                yield from (np.asarray(line) for line in unpacked(file, kind).decode("utf-8").splitlines())

        super().__init__(lines)


def _unknown(count: int) -> int:
    return INFINITE if count == INFINITE else UNKNOWN


def _batches(count: int, size: int, drop_remainder: bool) -> int:
    if count < 0:
        return count
    return count // size if drop_remainder else -(-count // size)


def _listed(elements: list[Any]) -> Dataset:
    return Dataset(lambda: iter(elements), len(elements))


def cardinality(dataset: Dataset) -> Tensor:
    """The number of elements; `dataset.cardinality()`.

    >>> int(cardinality(Dataset.range(3)))
    3
    """
    return dataset.cardinality()


__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "Dataset", "TextLineDataset", "cardinality"]
