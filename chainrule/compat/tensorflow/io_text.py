"""`tf.io`: pictures written, tables of text read, and names of files."""

from __future__ import annotations

import base64
import csv
import glob
import io
from typing import Any

import numpy as np

from ... import ops
from ...errors import ArgumentError, DataError
from ...layers.preprocessing.strings import text_array
from ...utils.images import pillow


def _encoded(what: str, image: Any, form: str, **options: Any) -> bytes:
    pixels = np.asarray(image)
    if pixels.dtype != np.uint8 or pixels.ndim != 3:
        raise ArgumentError(f"{what}: expected uint8 of shape (rows, columns, channels); got {pixels.dtype} of shape "
                            f"{pixels.shape}.")  # fmt: skip
    kept = io.BytesIO()
    pillow(what).fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(kept, form, **options)
    return kept.getvalue()


def encode_png(image: Any, compression: int = -1, name: Any = None) -> bytes:
    """A picture of whole numbers as the bytes of a PNG file."""
    return _encoded("tf.io.encode_png", image, "PNG")


def encode_jpeg(image: Any, format: str = "", quality: int = 95, **kwargs: Any) -> bytes:
    """A picture of whole numbers as the bytes of a JPEG file."""
    return _encoded("tf.io.encode_jpeg", image, "JPEG", quality=int(quality))


def is_jpeg(contents: Any, name: Any = None) -> bool:
    """Whether bytes begin as those of a JPEG file do."""
    raw = contents if isinstance(contents, bytes) else text_array(contents).item().encode("utf-8", "surrogateescape")
    return raw[:3] == b"\xff\xd8\xff"


def matching_files(pattern: Any, name: Any = None) -> Any:
    """The names of files that match a pattern, in order."""
    return text_array(sorted(glob.glob(str(text_array(pattern).item()))))


def decode_base64(input: Any, name: Any = None) -> Any:
    """Text for web addresses, decoded."""
    raw = text_array(input)
    found = [base64.urlsafe_b64decode(s + "=" * (-len(s) % 4)) for s in raw.ravel()]
    return text_array(np.array(found, object).reshape(raw.shape))


def encode_base64(input: Any, pad: bool = False, name: Any = None) -> Any:
    """Bytes as text for web addresses."""
    raw = text_array(input).numpy()
    found = [base64.urlsafe_b64encode(b).decode() for b in np.ravel(np.asarray(raw, object))]
    return text_array(np.array([s if pad else s.rstrip("=") for s in found], object).reshape(np.shape(raw)))


def decode_csv(
    records: Any, record_defaults: Any, field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "",
    select_cols: Any = None, name: Any = None,
) -> list[Any]:  # fmt: skip
    """The columns of lines of a table, one tensor each.

    Args: records: lines; record_defaults: one a column: its dtype, or a list with the number or text for empty cells.
    Raises: DataError: a line has another number of columns, or an empty cell where there is no default.
    """
    lines = text_array(records)
    rows = list(csv.reader(lines.ravel().tolist(), delimiter=field_delim))
    if select_cols is not None:
        rows = [[row[k] for k in select_cols] for row in rows]
    wrong = next((row for row in rows if len(row) != len(record_defaults)), None)
    if wrong is not None:
        raise DataError(f"decode_csv: expected {len(record_defaults)} columns; got {len(wrong)}: {wrong}.")
    columns = zip(*rows, strict=True) if rows else [()] * len(record_defaults)
    return [_column(k, cells, default, na_value, lines.shape)
            for k, (cells, default) in enumerate(zip(columns, record_defaults, strict=True))]  # fmt: skip


def _column(k: int, cells: Any, default: Any, na_value: str, shape: Any) -> Any:
    kind, filler = _default(default)
    if filler is None and any(cell == na_value for cell in cells):
        raise DataError(f"decode_csv: column {k} has an empty cell, and no default: give [0.0] in record_defaults.")
    values = [filler if cell == na_value else cell for cell in cells]
    if kind == "string":
        return text_array(np.array(values, object).reshape(shape))
    try:
        return ops.convert_to_tensor(np.array(values).astype(kind).reshape(shape))
    except ValueError as error:
        raise DataError(f"decode_csv: column {k}: {error}.") from None


def _default(default: Any) -> tuple[str, Any]:
    """The dtype of a column, and what is put into its empty cells (None: nothing)."""
    if isinstance(default, str) and type(default) is not str:
        return str(default), None  # one of tf's dtypes
    values = np.ravel(np.asarray(default))
    kind = "string" if values.dtype.kind in "USO" else {"f": "float32", "i": "int32"}.get(values.dtype.kind, "float32")
    return kind, values[0].item() if len(values) else None


__all__ = [
    "decode_base64", "decode_csv", "encode_base64", "encode_jpeg", "encode_png", "is_jpeg", "matching_files",
]  # fmt: skip
