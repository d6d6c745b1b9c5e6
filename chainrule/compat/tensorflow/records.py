"""TFRecord files: records in a frame of lengths and checksums, most often `tf.train.Example` messages.

Source: the format is described in `chainrule.callbacks.events`, which writes it for TensorBoard.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from ... import ops
from ...callbacks.events import masked_crc, record
from ...errors import ArgumentError, DataError
from ...files import write_atomically
from ...ir.tree import map_structure
from ...layers.preprocessing.strings import is_text, text_array
from .data import Dataset
from .data_batches import as_arrays
from .packed import PACK, kind_of, unpacked
from .protobuf import Example
from .ragged import RaggedTensor
from .ragged import stack as ragged_rows
from .sparse import SparseTensor
from .sparse import stack as sparse_rows


class TFRecordOptions(NamedTuple):
    """How a file is packed: compression_type None, 'GZIP' or 'ZLIB'."""

    compression_type: str | None = None


class TFRecordWriter:
    """Writes a file of records; the file is there when it is closed.

    Args: path; options: TFRecordOptions or the name of a compression (default None).
    """

    def __init__(self, path: Any, options: Any = None) -> None:
        self._path, self._records = Path(str(path)), bytearray()
        self._compression = kind_of("TFRecord", getattr(options, "compression_type", options))
        self._is_open = True

    def write(self, record_bytes: Any) -> None:
        """Add a record."""
        if hasattr(record_bytes, "numpy"):
            record_bytes = record_bytes.numpy()
        self._records += record(record_bytes.encode() if isinstance(record_bytes, str) else bytes(record_bytes))

    def flush(self) -> None:
        """Accepted: the file is written as a whole."""

    def close(self) -> None:
        """Write the file."""
        if self._is_open:
            write_atomically(self._path, PACK[self._compression](bytes(self._records)))
            self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if exception[0] is None:
            self.close()


def records_of(path: str, compression: str = "") -> Iterator[bytes]:
    """The records of a file. Raises: DataError: a checksum is wrong, or the file is cut off."""
    data = unpacked(path, compression)
    at = 0
    while at < len(data):
        if len(data) < at + 12 or masked_crc(data[at : at + 8]) != struct.unpack_from("<I", data, at + 8)[0]:
            raise DataError(f"{path}: at byte {at}: no TFRecord, or a damaged one (is it compressed?).")
        size = struct.unpack_from("<Q", data, at)[0]
        body, at = data[at + 12 : at + 12 + size], at + 16 + size
        if at > len(data) or masked_crc(body) != struct.unpack_from("<I", data, at - 4)[0]:
            raise DataError(f"{path}: the record that ends at byte {at} is damaged or cut off.")
        yield body


class TFRecordDataset(Dataset):
    """The records of files, as texts that hold bytes.

    Args: filenames: a name, several, or a data set of names; compression_type: None, 'GZIP' or 'ZLIB'; the others are
        without effect.
    """

    def __init__(
        self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        given = as_arrays([str(f) for f in filenames] if isinstance(filenames, list) else
                          str(filenames) if isinstance(filenames, Path) else filenames)  # fmt: skip
        names = list(given._elements()) if isinstance(given, Dataset) else given
        paths, packed = [str(f) for f in text_array(names).ravel()], kind_of("TFRecord", compression_type)

        def elements() -> Iterator[Any]:
            for path in paths:
                yield from (text_array(one) for one in records_of(path, packed))

        super().__init__(elements)


class FixedLenFeature(NamedTuple):
    """A feature with as many values as its shape says. Args: shape, dtype, default_value."""

    shape: Any
    dtype: Any
    default_value: Any = None


class FixedLenSequenceFeature(NamedTuple):
    """A feature with any number of pieces of a shape. Args: shape, dtype, allow_missing, default_value."""

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


class VarLenFeature(NamedTuple):
    """A feature with any number of values. Args: dtype."""

    dtype: Any


class RowSplits(NamedTuple):
    """A feature that holds where rows begin and end."""

    key: str


class RowLengths(NamedTuple):
    """A feature that holds how long rows are."""

    key: str


@dataclass(frozen=True)
class RaggedFeature:
    """A feature with any number of values.

    Args: dtype; value_key: the name in the record (default: that in the dict of features); partitions: up to one
        `RaggedFeature.RowSplits(key)` or `RaggedFeature.RowLengths(key)`: the feature that says how they are rows.
    """

    dtype: Any
    value_key: str | None = None
    partitions: Any = ()
    row_splits_dtype: Any = "int32"
    validate: bool = False

    RowSplits: ClassVar[Any] = RowSplits
    RowLengths: ClassVar[Any] = RowLengths


def parse_single_example(
    serialized: Any, features: Mapping[str, Any], example_names: Any = None, name: Any = None
) -> Any:
    """The features of a `tf.train.Example`, as tensors (text for strings).

    Args: serialized: a message; features: what to take, by name.
    Raises: DataError: a feature is missing, of another dtype, or of another length.
    """
    row = Example.FromString(serialized if isinstance(serialized, bytes) else text_array(serialized)).features.feature
    return {key: _value(key, row, wanted) for key, wanted in features.items()}


def _value(key: str, row: Mapping[str, Any], wanted: Any) -> Any:
    feature = row.get(getattr(wanted, "value_key", None) or key)
    values, dtype = ([] if feature is None else feature.values), str(wanted.dtype)
    if isinstance(wanted, FixedLenFeature) and not values:
        if wanted.default_value is None:
            raise DataError(f"parse_single_example: feature {key!r} is missing, and has no default_value.")
        values = np.asarray(wanted.default_value).ravel().tolist()
    array = text_array(values) if dtype == "string" and values else np.asarray(values, None if values else dtype)
    if (array.dtype.kind == "O") != (dtype == "string") and values:
        raise DataError(f"parse_single_example: expected {dtype} for {key!r}; the record holds {values[:3]}.")
    if isinstance(wanted, RaggedFeature):
        return _ragged(array if dtype == "string" else array.astype(dtype), row, wanted.partitions)
    if not isinstance(wanted, (FixedLenFeature, FixedLenSequenceFeature)):
        return _sparse(array, dtype)
    shape = tuple(int(n) for n in wanted.shape)
    shape = shape if isinstance(wanted, FixedLenFeature) else (-1, *shape)
    if isinstance(wanted, FixedLenFeature) and array.size != int(np.prod(shape)):
        raise DataError(
            f"parse_single_example: expected {key!r} of shape {shape}; the record holds {array.size} values."
        )
    array = array.reshape(shape)
    return array if dtype == "string" else ops.convert_to_tensor(array.astype(dtype))


def _ragged(array: np.ndarray, row: Mapping[str, Any], partitions: Sequence[Any]) -> Any:
    """The values, in rows if the record says in which."""
    if not partitions:
        return text_array(array) if is_text(array) else ops.convert_to_tensor(array)
    if len(partitions) > 1:
        raise ArgumentError(f"RaggedFeature: expected up to one partition; got {len(partitions)}.")
    numbers = row[partitions[0].key].values
    splits = [0, *np.cumsum(numbers)] if isinstance(partitions[0], RowLengths) else numbers
    return RaggedTensor(array, splits)


def _sparse(array: np.ndarray, dtype: str) -> Any:
    values = array if dtype == "string" else array.astype(dtype)
    return SparseTensor(np.arange(len(array))[:, None], values, (len(array),))


def parse_example(serialized: Any, features: Mapping[str, Any], example_names: Any = None, name: Any = None) -> Any:
    """The features of several messages, stacked."""
    rows = [parse_single_example(one, features) for one in text_array(serialized).ravel()]
    return {key: _stacked([row[key] for row in rows], wanted) for key, wanted in features.items()}


def _stacked(parts: list[Any], wanted: Any) -> Any:
    if isinstance(wanted, RaggedFeature):
        if isinstance(parts[0], RaggedTensor):
            return ragged_rows(parts)
        lengths = [len(part) for part in parts]
        return RaggedTensor.from_row_lengths(np.concatenate([np.asarray(part) for part in parts]), lengths)
    if isinstance(parts[0], SparseTensor):
        return sparse_rows(parts)
    return text_array(parts) if is_text(parts[0]) else ops.stack(parts)


def serialize_tensor(tensor: Any, name: str | None = None) -> Any:
    """A tensor as a message: field 1 the dtype, 2 the shape, 4 the bytes."""
    from ...callbacks.events import bytes_field, number_field

    array = np.asarray(tensor)
    if array.dtype.name not in _KINDS:
        raise ArgumentError(f"serialize_tensor: expected numbers; got {array.dtype}.")
    shape = b"".join(bytes_field(2, number_field(1, size)) for size in array.shape)
    message = number_field(1, _KINDS[array.dtype.name]) + bytes_field(2, shape) + bytes_field(4, array.tobytes())
    return text_array(message)


def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> Any:
    """The tensor of a message of `serialize_tensor`.

    >>> parse_tensor(serialize_tensor([[1.0, 2.0]]), "float64").tolist()
    [[1.0, 2.0]]
    """
    from .protobuf import _bytes, fields

    raw = serialized if isinstance(serialized, bytes) else _bytes(text_array(serialized))
    parts = {place: value for place, _, value in fields(raw)}
    names = {number: kind for kind, number in _KINDS.items()}
    if names.get(parts.get(1, 0)) != str(out_type):
        raise DataError(f"parse_tensor: expected {out_type!s}; the message holds {names.get(parts.get(1, 0))}.")
    shape = [next((v for _, _, v in fields(size)), 0) for _, _, size in fields(parts.get(2, b""))]
    return ops.convert_to_tensor(np.frombuffer(parts.get(4, b""), str(out_type)).reshape(shape).copy())


_KINDS = {"float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "int64": 9, "bool": 10,
          "uint16": 17, "float16": 19, "uint32": 22, "uint64": 23}  # fmt: skip


def decode_raw(input_bytes: Any, out_type: Any, little_endian: bool = True, **kwargs: Any) -> Any:
    """Bytes as numbers.

    >>> decode_raw(b"\\x01\\x02", "uint8").tolist()
    [1, 2]
    """
    from .protobuf import _bytes

    dtype = np.dtype(str(out_type)).newbyteorder("<" if little_endian else ">")

    def one(raw: Any) -> np.ndarray:
        return np.frombuffer(raw if isinstance(raw, bytes) else _bytes(raw), dtype).astype(str(out_type))

    text = None if isinstance(input_bytes, bytes) else text_array(input_bytes)
    if text is None or not text.ndim:
        return ops.convert_to_tensor(one(input_bytes if text is None else text.item()))
    return map_structure(ops.convert_to_tensor, np.stack([one(s) for s in text.ravel()]).reshape((*text.shape, -1)))


__all__ = [
    "FixedLenFeature", "FixedLenSequenceFeature", "RaggedFeature", "TFRecordDataset", "TFRecordOptions",
    "TFRecordWriter", "VarLenFeature", "decode_raw", "parse_example", "parse_single_example", "parse_tensor",
    "serialize_tensor",
]  # fmt: skip
