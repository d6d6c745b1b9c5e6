"""Messages in protocol-buffer form, read; and `tf.train.Example`, which holds named lists of numbers or bytes.

Source: the encoding of Protocol Buffers; example.proto and feature.proto of TensorFlow.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...callbacks.events import bytes_field, varint
from ...errors import DataError


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """A whole number, seven bits a byte, and where it ends.

    >>> read_varint(b"\\xac\\x02", 0)
    (300, 2)
    """
    value = shift = 0
    while at < len(data):
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    raise DataError("a message ends in the middle of a number.")


def fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """(field, kind, value) one after the other; the value is an int (kinds 0, 1, 5: bits) or bytes (kind 2)."""
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = read_varint(data, at)
            yield tag >> 3, kind, value
            continue
        size, at = read_varint(data, at) if kind == 2 else ({1: 8, 5: 4}.get(kind, -1), at)
        if size < 0 or at + size > len(data):
            raise DataError("the message is not one in protocol-buffer form, or it is cut off.")
        yield tag >> 3, kind, data[at : at + size]
        at += size


class BytesList:
    """A list of bytes. Args: value."""

    place = 1

    def __init__(self, value: Sequence[Any] = ()) -> None:
        self.value = [_bytes(v) for v in value]

    def encode(self) -> bytes:
        """The message."""
        return b"".join(bytes_field(1, v) for v in self.value)


class FloatList:
    """A list of float32 numbers. Args: value."""

    place = 2

    def __init__(self, value: Any = ()) -> None:
        self.value = np.asarray(value, np.float32).ravel().tolist()

    def encode(self) -> bytes:
        """The message."""
        return bytes_field(1, np.asarray(self.value, "<f4").tobytes()) if self.value else b""


class Int64List:
    """A list of int64 numbers. Args: value."""

    place = 3

    def __init__(self, value: Any = ()) -> None:
        self.value = [int(v) for v in np.asarray(value).ravel()]

    def encode(self) -> bytes:
        """The message."""
        return bytes_field(1, b"".join(varint(v) for v in self.value)) if self.value else b""


def _bytes(value: Any) -> bytes:
    if hasattr(value, "numpy"):
        value = value.numpy()
    if isinstance(value, np.ndarray):
        value = value.item()
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)


class Feature:
    """One of three lists. Args: bytes_list, float_list, int64_list."""

    def __init__(
        self, bytes_list: BytesList | None = None, float_list: FloatList | None = None,
        int64_list: Int64List | None = None,
    ) -> None:  # fmt: skip
        self.bytes_list, self.float_list, self.int64_list = bytes_list, float_list, int64_list

    @property
    def values(self) -> list[Any]:
        """What is in the list."""
        chosen = self.bytes_list or self.float_list or self.int64_list
        return [] if chosen is None else chosen.value

    def encode(self) -> bytes:
        """The message."""
        chosen = [x for x in (self.bytes_list, self.float_list, self.int64_list) if x is not None]
        return b"".join(bytes_field(x.place, x.encode()) for x in chosen)


class Features:
    """Features by name. Args: feature: a dict."""

    def __init__(self, feature: Mapping[str, Feature] | None = None) -> None:
        self.feature = dict(feature or {})


class Example:
    """A row of a data set, as TFRecord files hold it. Args: features.

    >>> row = Example(Features({"a": Feature(int64_list=Int64List([1, -2]))}))
    >>> Example.FromString(row.SerializeToString()).features.feature["a"].int64_list.value
    [1, -2]
    """

    def __init__(self, features: Features | None = None) -> None:
        self.features = features or Features()

    def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's name
        """The message."""
        items = sorted(self.features.feature.items())
        entries = (bytes_field(1, name) + bytes_field(2, feature.encode()) for name, feature in items)
        return bytes_field(1, b"".join(bytes_field(1, entry) for entry in entries))

    @staticmethod
    def FromString(data: Any) -> Example:  # noqa: N802 - protobuf's name
        """The row of a message. Raises: DataError: it is none."""
        found: dict[str, Feature] = {}
        for place, _, features in fields(_bytes(data)):
            for _, _, entry in fields(features) if place == 1 else ():
                parts = {place: value for place, _, value in fields(entry)}
                found[parts.get(1, b"").decode("utf-8")] = _feature(parts.get(2, b""))
        return Example(Features(found))

    def ParseFromString(self, data: Any) -> int:  # noqa: N802 - protobuf's name
        """Take over the row of a message; its length comes back."""
        self.features = Example.FromString(data).features
        return len(_bytes(data))


def _feature(message: bytes) -> Feature:
    for place, _, content in fields(message):
        if place == 1:
            return Feature(bytes_list=BytesList([value for _, _, value in fields(content)]))
        if place == 2:
            return Feature(float_list=FloatList(_floats(content)))
        if place == 3:
            return Feature(int64_list=Int64List(_integers(content)))
    return Feature()


def _floats(content: bytes) -> np.ndarray:
    """Numbers in one piece, or one by one."""
    return np.frombuffer(b"".join(value for _, _, value in fields(content)), "<f4")


def _integers(content: bytes) -> list[int]:
    found: list[int] = []
    for _, kind, value in fields(content):
        packed, at = (varint(value), 0) if kind == 0 else (value, 0)
        while at < len(packed):
            number, at = read_varint(packed, at)
            found.append(struct.unpack("<q", struct.pack("<Q", number))[0])
    return found


__all__ = ["BytesList", "Example", "Feature", "Features", "FloatList", "Int64List"]
