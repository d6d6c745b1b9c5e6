from __future__ import annotations

import datetime
import decimal
import sys

import numpy as np
import pytest

from chainrule.data import NumberColumn, TextColumn, inspect_columns, read_table
from chainrule.errors import DataError, DependencyError, FileError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def write(tmp_path):
    def to_file(columns, name="t.parquet"):
        path = tmp_path / name
        pq.write_table(pa.table(columns), path)
        return path

    return to_file


def test_every_usual_type(write):
    day = datetime.date(2024, 5, 31)
    columns = {
        "i": pa.array([1, None, 3], pa.int16()),
        "f": pa.array([0.5, float("nan"), float("inf")], pa.float32()),
        "d": pa.array([decimal.Decimal("1.5"), decimal.Decimal(2), None]),
        "s": pa.array(["a ", None, "a"]),
        "c": pa.array(["x", "y", "x"]).dictionary_encode(),
        "b": pa.array([True, False, None]),
        "t": pa.array([day, None, day]),
        "n": pa.array([None, None, None]),
    }
    table = read_table(write(columns))
    assert (len(table), table.names, table.lines) == (3, list(columns), None)
    np.testing.assert_array_equal(table.column("i").numbers(), [1, np.nan, 3])
    assert table.column("f").odd_rows().tolist() == [2]
    assert isinstance(table.column("d"), NumberColumn)
    assert table.column("s").factor()[0].tolist() == [0, -1, 0]
    assert [table.column("c").text(i) for i in range(3)] == ["x", "y", "x"]
    assert [table.column("b").text(i) for i in range(3)] == ["True", "False", ""]
    assert table.column("t").text(0) == "2024-05-31"
    assert isinstance(table.column("n"), TextColumn)
    assert table.place(1, "i").endswith("row 2, column 'i'")


def test_times_are_dates_as_in_text_files(write):
    times = [datetime.datetime(2024, 1, 1 + i, 12, 30) for i in range(20)]
    table = read_table(write({"t": times, "x": range(0, 40, 2)}))
    assert inspect_columns(table)[0].kind == "date"


def test_the_first_bytes_tell_not_the_name(write):
    assert len(read_table(write({"a": [1, 2]}, "t.csv"))) == 2


def test_what_is_nested_is_spread_written_out_or_left_empty_and_said(write):
    table = read_table(write({
        "place": [{"lat": 1.5, "at": {"floor": 2}}, None, {"lat": 2.5, "at": {"floor": 3}}],
        "vector": pa.array([[1.0, 2.0], [3.0, 4.0], None], pa.list_(pa.float32(), 2)),
        "tags": [["a", "b"], [], None],
        "photo": [b"1", b"2", None],
        "y": [1, 2, 3],
    }))  # fmt: skip
    assert table.names == ["place.lat", "place.at.floor", "vector.0", "vector.1", "tags", "photo", "y"]
    np.testing.assert_array_equal(table.column("place.at.floor").numbers(), [2, np.nan, 3])
    np.testing.assert_array_equal(table.column("vector.1").numbers(), [2, 4, np.nan])
    assert [table.column("tags").text(i) for i in range(3)] == ['["a", "b"]', "[]", ""]
    assert (table.column("photo").factor()[0] == -1).all()
    assert table.notes[1:] == ("column 'photo' holds binary, which cannot be learnt from: read as empty",)


def test_errors(write, tmp_path, monkeypatch):
    with pytest.raises(DataError, match="2 columns and no rows"):
        read_table(write({"a": pa.array([], pa.int8()), "b": pa.array([], pa.int8())}))
    path = tmp_path / "twice.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    with pytest.raises(DataError, match="'a' occurs twice"):
        read_table(path)
    (tmp_path / "broken.parquet").write_bytes(write({"a": [1]}).read_bytes()[:-20])
    with pytest.raises(FileError, match="damaged"):
        read_table(tmp_path / "broken.parquet")
    path = write({"a": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DependencyError, match=r"pip install chainrule\[parquet\]"):
        read_table(path)
