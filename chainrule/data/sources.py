"""Files as decoded lines: found, decompressed, decoded strictly, with errors that name the line and the byte."""

from __future__ import annotations

import bz2
import codecs
import contextlib
import gzip
import io
import itertools
import lzma
import os
import zipfile
import zlib
from collections.abc import Generator
from typing import BinaryIO

from ..errors import ArgumentError, DataError, FileError, did_you_mean, listed

_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"PK\x03\x04": "zip"}
_NOT_A_TABLE = {
    b"\x28\xb5\x2f\xfd": "compressed with zstd; unpack it first (zstd -d)",
    b"\xd0\xcf\x11\xe0": "an old Excel or Office file; save the sheet as CSV",
    b"\x89HDF": "an HDF5 file; save the table as CSV or Parquet",
    b"%PDF": "a PDF; a table in CSV or Parquet is needed",
}
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, OSError, zipfile.BadZipFile, RuntimeError)
_SAMPLE_LINES, _SAMPLE_CHARACTERS = 1000, 1 << 18


def check_file(path: str) -> None:
    """The path names a readable file.

    Raises:
        FileError: it does not exist (the message names the closest one in the folder), is a folder, or is unreadable.
    """
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        inside = [n for n in sorted(os.listdir(path)) if os.path.isfile(os.path.join(path, n))]
        choice = f"Name one of its files: {listed(inside)}." if inside else "It holds no files."
        raise FileError(f"{path}: expected a file, got a folder. {choice}")
    if not os.path.exists(path):
        if not os.path.isdir(folder):
            raise FileError(f"{path}: no such file; the folder {folder!r} does not exist either. Check the path.")
        hint = did_you_mean(os.path.basename(path), sorted(os.listdir(folder)))
        raise FileError(f"{path}: no such file.{hint or ' Check the path.'}")
    try:
        open(path, "rb").close()
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}). Check its permissions.") from error


def magic(path: str) -> bytes:
    """The first 16 bytes of a file."""
    with open(path, "rb") as file:
        return file.read(16)


def is_packed(path: str) -> bool:
    """Whether a file is compressed, by its first bytes."""
    start = magic(path)
    return any(start.startswith(sign) for sign in _PACKED)


def open_unpacked(path: str) -> BinaryIO:
    """The bytes of a file, decompressed where its first bytes (not its name) say that it is compressed.

    Args:
        path: str. A plain, gzip, bzip2 or xz file, or a zip archive with one member.

    Raises:
        DataError: the file is of another known kind, or a zip archive without exactly one member.
    """
    start = magic(path)
    for sign, what in _NOT_A_TABLE.items():
        if start.startswith(sign):
            raise DataError(f"{path}: this is {what}.")
    packing = next((kind for sign, kind in _PACKED.items() if start.startswith(sign)), "")
    if packing == "zip":
        return _only_member(path)
    opener = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}.get(packing, open)
    return opener(path, "rb")  # type: ignore[return-value, operator]


def _only_member(path: str) -> BinaryIO:
    archive = zipfile.ZipFile(path)
    names = [n for n in archive.namelist() if not n.endswith("/") and not n.startswith("__MACOSX/")]
    if "[Content_Types].xml" in names:
        raise DataError(f"{path}: this is an Excel (or other Office) file; save the sheet as CSV.")
    if len(names) != 1:
        raise DataError(f"{path}: expected a zip archive with one file; got {len(names)}: {listed(names)}. Unpack it.")
    return archive.open(names[0])  # type: ignore[return-value]


class TextSource:
    """The decoded lines of a file; can be read more than once.

    Args:
        path: str. The file.
        encoding: str, default "utf-8". With "utf-8" a byte-order mark is skipped and one of UTF-16 is obeyed; nothing
            else is guessed.

    Raises:
        ArgumentError: the encoding has no codec.
        DataError: while reading: a byte is not of the encoding, a NUL byte, a file that is no table.
        FileError: while reading: the file or its compression is damaged.
    """

    def __init__(self, path: str, encoding: str = "utf-8") -> None:
        check_file(path)
        self.path = path
        self.finished = False
        try:
            self.encoding = codecs.lookup(encoding).name
        except LookupError as error:
            known = ["utf-8", "utf-16", "latin-1", "cp1252", "gb18030", "big5", "shift_jis", "euc_kr"]
            hint = did_you_mean(encoding, known) or f" Common ones: {listed(known)}."
            raise ArgumentError(f"encoding: {encoding!r} is not known.{hint}") from error

    def lines(self) -> Generator[str, None, None]:
        """Every line with its ending, from the beginning; `finished` turns True when the last one was handed out."""
        self.finished = False
        try:
            with open_unpacked(self.path) as binary, io.TextIOWrapper(binary, self._codec(binary), newline="") as text:
                for position, line in enumerate(text, 1):
                    if "\0" in line:
                        raise self._nul(position, line)
                    yield line
        except UnicodeDecodeError as error:
            raise self._undecodable(error) from None
        except (DataError, FileError):
            raise
        except DAMAGE as error:
            reason = str(error) or type(error).__name__
            raise FileError(f"{self.path}: the file is damaged or incomplete ({reason}). Fetch it again.") from error
        self.finished = True

    def sample(self) -> tuple[list[str], bool]:
        """The first lines, and whether they are the whole file."""
        taken: list[str] = []
        size = 0
        with contextlib.closing(self.lines()) as lines:
            for line in itertools.islice(lines, _SAMPLE_LINES):
                taken.append(line)
                size += len(line)
                if size > _SAMPLE_CHARACTERS:
                    break
        return taken, len(taken) < _SAMPLE_LINES and size <= _SAMPLE_CHARACTERS

    def _codec(self, binary: BinaryIO) -> str:
        if self.encoding != "utf-8":
            return self.encoding
        start = binary.read(2)
        binary.seek(0)
        return "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"

    def _nul(self, position: int, line: str) -> DataError:
        return DataError(
            f"{self.path}, line {position}: a NUL byte at character {line.index(chr(0)) + 1}. This is not a text "
            "table, or it is one in UTF-16 without a mark (then say --encoding utf-16-le), or it was damaged."
        )

    def _undecodable(self, error: UnicodeDecodeError) -> DataError:
        if b"\0" in error.object and self.encoding == "utf-8":
            with open_unpacked(self.path) as binary:
                return next(self._nul(i, x.decode("latin-1")) for i, x in enumerate(binary, 1) if b"\0" in x)
        where, byte = self._first_bad_byte(error)
        name = self.encoding.upper()
        return DataError(
            f"{self.path}, {where}: the byte 0x{byte:02x} is not {name}. Save the file as UTF-8, or name its encoding: "
            "--encoding latin-1 (Western Europe), cp1252 (Windows), gb18030 (Chinese), shift_jis (Japanese)."
        )

    def _first_bad_byte(self, error: UnicodeDecodeError) -> tuple[str, int]:
        """`('line 5, byte 12', 0xe9)`: a second pass over the bytes, since the decoder works on blocks."""
        with open_unpacked(self.path) as binary:
            if self._codec(binary) == "utf-8-sig":
                for position, line in enumerate(binary, 1):
                    try:
                        line.decode("utf-8")
                    except UnicodeDecodeError as found:
                        return f"line {position}, byte {found.start + 1}", line[found.start]
        return "somewhere", error.object[error.start]
