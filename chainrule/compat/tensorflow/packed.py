"""Files that may be compressed: the kinds that `tf.data` knows."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Any

from ...errors import ArgumentError, DataError
from ...files import read_bytes

PACK: dict[str, Callable[..., bytes]] = {"": bytes, "GZIP": gzip.compress, "ZLIB": zlib.compress}
_UNPACK: dict[str, Callable[..., bytes]] = {"": bytes, "GZIP": gzip.decompress, "ZLIB": zlib.decompress}


def kind_of(what: str, name: Any) -> str:
    """The name of a compression, '' for none. Raises: ArgumentError: there is no such one.

    >>> kind_of("TextLineDataset", None), kind_of("TextLineDataset", "GZIP")
    ('', 'GZIP')
    """
    if (name or "") not in PACK:
        raise ArgumentError(f"{what}: expected compression None, 'GZIP' or 'ZLIB'; got {name!r}.")
    return name or ""


def unpacked(path: Any, kind: str) -> bytes:
    """What a file holds. Raises: DataError: it is not compressed in this way."""
    raw = read_bytes(path)
    try:
        return _UNPACK[kind](raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: expected a file packed as {kind}; it is damaged or another kind ({error}).") from None
