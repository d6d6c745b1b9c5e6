"""Columns of Arrow: Parquet and Feather files, and data frames, through pyarrow (an optional package)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import DataError, DependencyError, FileError
from .sources import magic
from .table import Column, NumberColumn, Table, TextColumn, check_names, column_of, opaque_note

_SIGNS = {b"PAR1": "Parquet", b"ARROW1": "Arrow"}


def arrow_kind(path: str) -> str:
    """ "Parquet", "Arrow" (Feather), or "" for a file that begins otherwise."""
    start = magic(path)
    return next((kind for sign, kind in _SIGNS.items() if start.startswith(sign)), "")


def read_arrow(path: str, kind: str) -> Table:
    """Read a Parquet or Feather file. Structs become columns `outer.inner`, lists their text, as in JSON.

    Args:
        path: str.
        kind: str, from `arrow_kind`.

    Raises:
        DependencyError: pyarrow is not installed.
        DataError: no rows, or duplicate names.
        FileError: the file is damaged.
    """
    pyarrow = import_pyarrow(path, kind)
    try:
        if kind == "Parquet":
            content = pyarrow.parquet.ParquetFile(path).read()
        else:
            with pyarrow.memory_map(path) as file:
                content = pyarrow.ipc.open_file(file).read_all()
    except (pyarrow.ArrowException, OSError) as error:
        raise FileError(f"{path}: the {kind} file is damaged or incomplete ({error}). Fetch it again.") from error
    return table_of_arrow(content, path, kind)


def arrow_chunks(path: str, kind: str, rows: int) -> Iterator[Table]:
    """The same piece by piece.

    Args:
        path, kind: as in `read_arrow`.
        rows: int. Rows of a piece, at most.

    Raises: as `read_arrow`.
    """
    pyarrow = import_pyarrow(path, kind)
    try:
        if kind == "Parquet":
            for batch in pyarrow.parquet.ParquetFile(path).iter_batches(rows):
                yield table_of_arrow(pyarrow.Table.from_batches([batch]), path, kind)
            return
        with pyarrow.memory_map(path) as file:
            content = pyarrow.ipc.open_file(file)
            for i in range(content.num_record_batches):
                whole = pyarrow.Table.from_batches([content.get_batch(i)])
                for start in range(0, whole.num_rows, rows):
                    yield table_of_arrow(whole.slice(start, rows), path, kind)
    except (pyarrow.ArrowException, OSError) as error:
        raise FileError(f"{path}: the {kind} file is damaged or incomplete ({error}). Fetch it again.") from error


def import_pyarrow(path: str, kind: str) -> Any:
    """pyarrow with what is read through it.

    Raises:
        DependencyError: it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError as error:
        raise DependencyError(
            f"{path}: reading {kind} needs pyarrow, which is not installed: pip install chainrule[parquet]."
        ) from error
    return pyarrow


def table_of_arrow(content: Any, source: str, note: str) -> Table:
    """A table of Arrow columns.

    Args:
        content: pyarrow.Table.
        source: str. A name for messages.
        note: str. How it was read.

    Raises:
        DataError: no rows, or duplicate names.
    """
    import pyarrow

    check_names(content.column_names, source)
    content = _flat(content, pyarrow)
    check_names(content.column_names, source)
    if content.num_rows == 0:
        raise DataError(f"{source}: the table has {content.num_columns} columns and no rows.")
    names = content.column_names
    columns = tuple(_column(name, content.column(i).combine_chunks(), pyarrow) for i, name in enumerate(names))
    kinds = [field.type for field in content.schema]
    notes = [opaque_note(n, str(kind)) for n, kind in zip(names, kinds, strict=True) if _is_opaque(kind, pyarrow)]
    return Table(columns, source, True, None, (note, *notes))


def _flat(content: Any, pa: Any) -> Any:
    """Structs as columns `outer.inner`, vectors of numbers as columns `outer.0`, `outer.1`, ..."""
    while any(pa.types.is_struct(field.type) for field in content.schema):
        content = content.flatten()
    for i in reversed([i for i, field in enumerate(content.schema) if _is_vector(field.type, pa)]):
        name, cells, size = content.column_names[i], content.column(i), content.schema.field(i).type.list_size
        content = content.remove_column(i)
        for place in reversed(range(size)):
            content = content.add_column(i, f"{name}.{place}", pa.compute.list_element(cells, place))
    return content


def _is_vector(kind: Any, pa: Any) -> bool:
    """Lists of one length, of numbers."""
    if not pa.types.is_fixed_size_list(kind):
        return False
    return bool(pa.types.is_integer(kind.value_type) or pa.types.is_floating(kind.value_type))


def _is_opaque(kind: Any, pa: Any) -> bool:
    """Bytes and whatever else has no meaning that a table could show."""
    is_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    return bool(is_bytes or pa.types.is_union(kind) or str(kind).startswith("extension<"))


def _column(name: str, cells: Any, pa: Any) -> Column:
    kind = cells.type
    if _is_opaque(kind, pa):
        return column_of(name, [None] * len(cells))
    if pa.types.is_boolean(kind):
        return column_of(name, cells.to_pylist())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _number_column(name, cells.cast(pa.float64(), safe=False))
    if pa.types.is_nested(kind):
        return column_of(name, [None if c is None else json.dumps(c, default=str) for c in cells.to_pylist()])
    return _text_column(name, cells, pa)


def _number_column(name: str, cells: Any) -> Column:
    values = np.array(cells.to_numpy(zero_copy_only=False), np.float64)
    odd = {int(row): str(values[row]) for row in np.flatnonzero(np.isinf(values))}
    values[np.isinf(values)] = np.nan
    return NumberColumn(name, values, odd)


def _text_column(name: str, cells: Any, pa: Any) -> Column:
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        cells = cells.cast(pa.string())  # dates and times in ISO form
    encoded = cells.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return _stripped(name, codes, encoded.dictionary.to_pylist())


def _stripped(name: str, codes: np.ndarray, texts: list[str]) -> TextColumn:
    """Texts that differ only in the spaces around them are one level, as in text files."""
    index: dict[str, int] = {}
    merged = np.array([index.setdefault(text.strip(), len(index)) for text in texts] + [-1], np.int32)
    return TextColumn(name, merged[codes], list(index))
