"""TensorBoard's files of events: records in a frame of lengths and checksums, each a message in protocol-buffer form.

A record is: its length (8 bytes, little-endian), the masked CRC-32C of these bytes (4), the bytes of the message, the
masked CRC-32C of those (4). A message `Event` has the fields 1 wall time (double), 2 step (varint), 3 file version
(text), 5 summary; a summary is a list (field 1) of values with 1 tag, 2 number (float), 5 histogram, 8 tensor,
9 metadata.

Source: the formats of TFRecord files and of event.proto, summary.proto, tensor.proto in TensorFlow's documentation;
CRC-32C: RFC 3720, appendix B.4.
"""

from __future__ import annotations

import functools
import os
import socket
import struct
import time
from collections.abc import Sequence

import numpy as np

_POLYNOMIAL = 0x82F63B78  # CRC-32C, bits reversed


def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


_CRC = _table()


def crc32c(data: bytes) -> int:
    """The CRC-32C of bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    return _step(0xFFFFFFFF, data) ^ 0xFFFFFFFF if len(data) < _LONG else _of_rows(data)


def _step(crc: int, data: bytes) -> int:
    """The register after these bytes."""
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc


_LONG = 1024  # bytes that are worth taking apart


def _of_rows(data: bytes) -> int:
    """The same for many bytes: as rows of equal length, whose registers are made side by side and put together.

    The register is linear in the bits that go in: that of two parts, one after the other, is that of the second (begun
    at 0) xor that of the first moved on by as many zeros as the second has bytes.
    """
    width = 1 << (len(data).bit_length() // 2)
    count = len(data) // width
    rows = np.frombuffer(data, np.uint8, width * count).reshape(count, width)
    table, registers = np.array(_CRC, np.uint32), np.zeros(count, np.uint32)
    for column in rows.T:
        registers = table[(registers ^ column) & 0xFF] ^ registers >> 8
    moved = _moved(width)
    crc = 0xFFFFFFFF
    for register in registers.tolist():
        low = moved[0][crc & 0xFF] ^ moved[1][crc >> 8 & 0xFF]
        crc = low ^ moved[2][crc >> 16 & 0xFF] ^ moved[3][crc >> 24] ^ register
    return _step(crc, data[width * count :]) ^ 0xFFFFFFFF


@functools.lru_cache(64)
def _moved(zeros: int) -> list[list[int]]:
    """What becomes of each of the four bytes of a register after so many zeros: tables of its 256 values."""
    table = np.array(_CRC, np.uint32)
    registers = np.array([value << 8 * place for place in range(4) for value in range(256)], np.uint32)
    for _ in range(zeros):
        registers = table[registers & 0xFF] ^ registers >> 8
    found: list[list[int]] = registers.reshape(4, 256).tolist()
    return found


def masked_crc(data: bytes) -> int:
    """The checksum as records hold it: turned by 15 bits, plus a constant, so that it differs from that of itself."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(message: bytes) -> bytes:
    """A message in its frame."""
    length = struct.pack("<Q", len(message))
    frame = (length, struct.pack("<I", masked_crc(length)), message, struct.pack("<I", masked_crc(message)))
    return b"".join(frame)


# fields of protocol-buffer messages


def varint(value: int) -> bytes:
    """A whole number, seven bits a byte, the last byte below 128.

    >>> varint(300).hex()
    'ac02'
    """
    value &= (1 << 64) - 1
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def number_field(place: int, value: int) -> bytes:
    """A whole number as a field."""
    return varint(place << 3) + varint(value)


def double_field(place: int, value: float) -> bytes:
    """A float64 as a field."""
    return varint(place << 3 | 1) + struct.pack("<d", value)


def float_field(place: int, value: float) -> bytes:
    """A float32 as a field."""
    return varint(place << 3 | 5) + np.float32(value).tobytes()


def bytes_field(place: int, value: bytes | str) -> bytes:
    """Text, bytes or another message as a field."""
    raw = value.encode() if isinstance(value, str) else value
    return varint(place << 3 | 2) + varint(len(raw)) + raw


# the messages


def event(step: int, wall_time: float, *fields: bytes) -> bytes:
    """An event."""
    return b"".join((double_field(1, wall_time), number_field(2, step), *fields))


def scalar_summary(tag: str, value: float) -> bytes:
    """A number as TensorFlow 2 writes it: a tensor without axes, and the plugin that shows it."""
    tensor = number_field(1, 1) + bytes_field(2, b"") + bytes_field(4, np.float32(value).tobytes())  # DT_FLOAT
    return _value(tag, bytes_field(8, tensor), "scalars")


def text_summary(tag: str, text: str) -> bytes:
    """A text."""
    tensor = number_field(1, 7) + bytes_field(2, b"") + bytes_field(8, text)  # DT_STRING
    return _value(tag, bytes_field(8, tensor), "text")


def histogram_summary(tag: str, values: np.ndarray, buckets: int = 30) -> bytes:
    """How many values lie in which range: a tensor (buckets, 3) of left edge, right edge, count."""
    finite = values[np.isfinite(values)].astype(np.float64).ravel()
    counts, edges = np.histogram(finite, buckets) if finite.size else (np.zeros(0), np.zeros(1))
    rows = np.stack([edges[:-1], edges[1:], counts], 1).astype(np.float64)
    shape = b"".join(bytes_field(2, number_field(1, size)) for size in rows.shape)
    tensor = number_field(1, 2) + bytes_field(2, shape) + bytes_field(4, rows.tobytes())  # DT_DOUBLE
    return _value(tag, bytes_field(8, tensor), "histograms")


def image_summary(tag: str, size: Sequence[int], pictures: Sequence[bytes]) -> bytes:
    """Pictures of (rows, columns) as PNG files: a tensor of strings, the width and height in front."""
    strings = [str(size[1]).encode(), str(size[0]).encode(), *pictures]
    shape = bytes_field(2, number_field(1, len(strings)))
    tensor = number_field(1, 7) + bytes_field(2, shape) + b"".join(bytes_field(8, s) for s in strings)  # DT_STRING
    return _value(tag, bytes_field(8, tensor), "images")


def _value(tag: str, content: bytes, plugin: str) -> bytes:
    metadata = bytes_field(9, bytes_field(1, bytes_field(1, plugin)))
    return bytes_field(1, bytes_field(1, tag) + content + metadata)


class EventWriter:
    """Writes a file of events into a folder, `events.out.tfevents.TIME.HOST.PROCESS.0.v2`.

    Args: folder: made if it does not exist.
    """

    def __init__(self, folder: str) -> None:
        os.makedirs(folder, exist_ok=True)
        now = time.time()
        name = f"events.out.tfevents.{int(now)}.{socket.gethostname()}.{os.getpid()}.{time.perf_counter_ns()}.v2"
        self.path = os.path.join(folder, name)
        self._file = open(self.path, "ab")  # noqa: SIM115 - closed by `close`
        self._file.write(record(double_field(1, now) + bytes_field(3, "brain.Event:2")))

    def write(self, step: int, summaries: Sequence[bytes]) -> None:
        """An event with these summaries."""
        if summaries:
            self._file.write(record(event(step, time.time(), bytes_field(5, b"".join(summaries)))))

    def flush(self) -> None:
        """Let readers see what was written."""
        self._file.flush()

    def close(self) -> None:
        """No more events."""
        self._file.close()
