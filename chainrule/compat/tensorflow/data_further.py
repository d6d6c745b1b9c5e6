"""Further methods of data sets."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError
from ...files import read_bytes, write_atomically
from ...ir.tree import flatten, map_structure, unflatten
from ...layers.preprocessing.strings import is_text, text_array
from ...variables import SeedGenerator
from .data_batches import as_arrays, as_tensors, called, numbers_of, padded, stacked
from .data_spec import INFINITE_CARDINALITY
from .ragged import RaggedTensor, stack

_LIMIT = 2**31


class Further:
    """What `Dataset` can do beside the usual: parts of it that use nothing but its elements."""

    _elements: Callable[[], Iterator[Any]]
    _count: int

    def _made(self, elements: Callable[[], Iterator[Any]], count: int = -2) -> Any:
        """A data set of other elements."""
        raise NotImplementedError

    @classmethod
    def counter(cls, start: int = 0, step: int = 1, dtype: Any = "int64", name: Any = None) -> Any:
        """The numbers start, start + step, ... without end."""
        kind = np.dtype(str(getattr(dtype, "name", dtype))).type
        return cls(lambda: (kind(k) for k in itertools.count(int(start), int(step))), INFINITE_CARDINALITY)  # type: ignore[call-arg]

    @classmethod
    def random(cls, seed: Any = None, rerandomize_each_iteration: Any = None, name: Any = None) -> Any:
        """Random whole numbers from 0 to 2^32 - 1, int64, without end; the same in each pass."""
        keys = SeedGenerator(None if seed is None else int(seed), name="random")
        key = tuple(int(n) for n in keys.next().numpy())

        def elements() -> Iterator[Any]:
            chance = np.random.Generator(np.random.Philox(key=key[0] << 32 | key[1]))
            while True:
                yield np.int64(chance.integers(1 << 32))

        return cls(elements, INFINITE_CARDINALITY)  # type: ignore[call-arg]

    def rejection_resample(
        self, class_func: Callable[..., Any], target_dist: Any, initial_dist: Any = None, seed: Any = None,
        name: Any = None,
    ) -> Any:  # fmt: skip
        """Elements left out at random, so that classes come in the shares `target_dist`; pairs (class, element).

        Args: class_func: the number of an element's class; initial_dist: the shares that they have (default: counted
            as they come).
        """
        target = np.asarray(target_dist, np.float64)
        keys = SeedGenerator(None if seed is None else int(seed), name="rejection_resample")

        def elements() -> Iterator[Any]:
            chance, seen = numbers_of(keys), np.ones(len(target))
            for element in self._elements():
                k = int(called(class_func, element))
                seen[k] += 1
                ratio = target / np.asarray(seen / seen.sum() if initial_dist is None else initial_dist, np.float64)
                if chance.random() < ratio[k] / ratio.max():
                    yield np.int32(k), element

        return self._made(elements)

    def scan(self, initial_state: Any, scan_func: Callable[..., Any], name: Any = None) -> Any:
        """`state, output = scan_func(state, element)` for each element; the outputs."""

        def elements() -> Iterator[Any]:
            state = as_tensors(as_arrays(initial_state))
            for element in self._elements():
                state, output = scan_func(state, as_tensors(element))
                yield as_arrays(output)

        return self._made(elements, self._count)

    def take_while(self, predicate: Callable[..., Any], name: Any = None) -> Any:
        """The elements up to the first for which `predicate` is false."""
        return self._made(lambda: itertools.takewhile(lambda e: bool(called(predicate, e)), self._elements()))

    def unique(self, name: Any = None) -> Any:
        """Each different element once."""

        def elements() -> Iterator[Any]:
            seen = set()
            for element in self._elements():
                key = tuple(np.asarray(part).tobytes() if not is_text(part) else str(part) for part in flatten(element))
                if key not in seen:
                    seen.add(key)
                    yield element

        return self._made(elements)

    def ignore_errors(self, log_warning: bool = False, name: Any = None) -> Any:
        """The elements that can be made: those that `map` fails for are left out."""

        def elements() -> Iterator[Any]:
            source = self._retrying()
            yield from source

        return self._made(elements)

    def _retrying(self) -> Iterator[Any]:
        before, function = getattr(self, "_mapped", (self, None))
        for element in before._elements():
            try:
                yield as_arrays(called(function, element)) if function else element
            except Exception:
                continue

    def get_single_element(self, name: Any = None) -> Any:
        """The one element. Raises: DataError: there is none, or more than one."""
        found = list(itertools.islice(self._elements(), 2))
        if len(found) != 1:
            raise DataError(f"get_single_element: expected one element; got {'more' if found else 'none'}.")
        return as_tensors(found[0])

    def options(self) -> Any:
        """Accepted: options are without effect."""
        from .older import Options

        return Options()

    def snapshot(self, path: Any, *args: Any, **kwargs: Any) -> Any:
        """The same elements: nothing is kept on disk."""
        return self

    def rebatch(self, batch_size: int, drop_remainder: bool = False, name: Any = None) -> Any:
        """The rows of the elements in batches of another size."""
        return self.unbatch().batch(batch_size, drop_remainder)  # type: ignore[attr-defined]

    def group_by_window(
        self, key_func: Callable[..., Any], reduce_func: Callable[..., Any], window_size: Any = None,
        window_size_func: Any = None, name: Any = None,
    ) -> Any:  # fmt: skip
        """Elements of one key together, `window_size` at a time: the data sets that `reduce_func(key, them)` gives."""

        def elements() -> Iterator[Any]:
            groups: dict[int, list[Any]] = {}
            for element in self._elements():
                key = int(called(key_func, element))
                groups.setdefault(key, []).append(element)
                size = int(window_size if window_size_func is None else window_size_func(key))
                if len(groups[key]) == size:
                    yield from self._reduced(reduce_func, key, groups.pop(key))
            for key, group in groups.items():
                yield from self._reduced(reduce_func, key, group)

        return self._made(elements)

    def _reduced(self, reduce_func: Callable[..., Any], key: int, group: list[Any]) -> Iterator[Any]:
        return reduce_func(np.int64(key), self._made(lambda: iter(group), len(group)))._elements()  # type: ignore[no-any-return]

    def bucket_by_sequence_length(
        self, element_length_func: Callable[..., Any], bucket_boundaries: Sequence[int],
        bucket_batch_sizes: Sequence[int], padded_shapes: Any = None, padding_values: Any = None,
        pad_to_bucket_boundary: bool = False, no_padding: bool = False, drop_remainder: bool = False, name: Any = None,
    ) -> Any:  # fmt: skip
        """Batches of elements of similar length, padded to the longest of each."""

        def place(*parts: Any) -> int:
            return int(np.searchsorted(bucket_boundaries, int(element_length_func(*parts)), side="right"))

        def elements() -> Iterator[Any]:
            groups: dict[int, list[Any]] = {}
            for element in self._elements():
                key = int(called(place, element))
                groups.setdefault(key, []).append(element)
                if len(groups[key]) == bucket_batch_sizes[key]:
                    group = groups.pop(key)
                    yield stacked(group) if no_padding else padded(group, padded_shapes, padding_values)
            for group in groups.values() if not drop_remainder else ():
                yield stacked(group) if no_padding else padded(group, padded_shapes, padding_values)

        return self._made(elements)

    def ragged_batch(self, batch_size: int, drop_remainder: bool = False, row_splits_dtype: Any = None,
                     name: Any = None) -> Any:  # fmt: skip
        """As `batch`; elements of different lengths become ragged tensors."""

        def elements() -> Iterator[Any]:
            source = self._elements()
            while group := list(itertools.islice(source, batch_size)):
                if len(group) == batch_size or not drop_remainder:
                    columns = zip(*(flatten(e) for e in group), strict=True)
                    yield unflatten(group[0], [_ragged(list(column)) for column in columns])

        return self._made(elements)

    def save(self, path: Any, compression: Any = None, shard_func: Any = None, checkpoint_args: Any = None) -> None:
        """Write all elements of numbers into a folder, for `load`."""
        folder = Path(str(path))
        folder.mkdir(parents=True, exist_ok=True)
        rows = list(self._elements())
        shape = map_structure(lambda part: 0, rows[0]) if rows else None
        for k, row in enumerate(rows):
            for place, part in enumerate(flatten(row)):
                _write_array(folder / f"{k}.{place}.npy", part)
        write_atomically(folder / "elements.json", json.dumps({"count": len(rows), "like": _listed(shape)}).encode())


def _listed(tree: Any) -> Any:
    """The nesting of an element for JSON, which has no tuples."""
    if isinstance(tree, dict):
        return {"dict": {key: _listed(value) for key, value in tree.items()}}
    return {"tuple": [_listed(item) for item in tree]} if isinstance(tree, (tuple, list)) else 0


def _unlisted(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return 0
    if "dict" in tree:
        return {key: _unlisted(value) for key, value in tree["dict"].items()}
    return tuple(_unlisted(item) for item in tree["tuple"])


def _write_array(file: Path, part: Any) -> None:
    import io

    array = np.asarray(part)
    if array.dtype.kind == "O":
        array = np.char.encode(array.astype(str), "utf-8")
    kept = io.BytesIO()
    np.save(kept, array, allow_pickle=False)
    write_atomically(file, kept.getvalue())


def load_elements(path: Any) -> tuple[Callable[[], Iterator[Any]], int]:
    """The elements of a folder that `save` wrote, and their number. Raises: FileError: it is not one."""
    folder = Path(str(path))
    about = json.loads(read_bytes(folder / "elements.json"))
    like = _unlisted(about["like"])
    places = range(len(flatten(like)))

    def elements() -> Iterator[Any]:
        for k in range(about["count"]):
            parts = [np.load(folder / f"{k}.{place}.npy", allow_pickle=False) for place in places]
            yield unflatten(like, [text_array(p) if p.dtype.kind == "S" else p for p in parts])

    return elements, int(about["count"])


def _ragged(column: list[Any]) -> Any:
    arrays: list[Any] = [part if isinstance(part, RaggedTensor) else np.asarray(part) for part in column]
    if arrays[0].ndim == 0 or (len({a.shape for a in arrays}) == 1 and arrays[0].ndim != 1):
        return np.stack(arrays)
    return stack([text_array(a) if is_text(a) else a for a in arrays])
